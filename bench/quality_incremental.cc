// links: andon_line
//
// What checks cost where little is new, in one process:
//
//  1. A table of the lake of N rows, to which 1 % is appended: the check after that, with what was
//     kept before, against a full check. Printed: the ratio of their times, and the bytes kept; and
//     what the full check, which makes the states of all files, costs over one without states.
//  2. D small datasets with ten checks each, of which nothing is new: the checks, against only
//     opening each dataset and reading which files it has.
//  3. A suite that footers answer, on a Parquet file of N rows.
//
//   bench_quality_incremental [ROWS] [DATASETS] [ROUNDS]
//   default $ROWS or 1000000, 1000, 3; goals: 1. at most 5 %, 2. at most 1 s for 1,000, 3. at most
//   50 ms
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/text.h"
#include "io/local_file_system.h"
#include "lake/load.h"
#include "line/file_states.h"
#include "line/work.h"
#include "measure.h"
#include "quality/statistics.h"
#include "sql/engine.h"
#include "sql/target.h"

namespace andon {
namespace {

template <typename T>
T OK(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}
void OK(Result<void> result) {
  if (result.ok()) return;
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

// Of several rounds: the time, and what the processors worked, which others on the machine disturb
// less.
struct Times {
  std::vector<double> wall_ms, cpu_ms;

  void Take(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    work();
    cpu_ms.push_back(1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
    wall_ms.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  double wall() const { return Median(wall_ms); }
  double cpu() const { return Median(cpu_ms); }
};

constexpr const char* kSuite = R"json([
["expect_column_values_to_be_unique", {"column": "payment_id"}],
["expect_column_values_to_be_unique", {"column": "reference"}],
["expect_column_values_to_not_be_null", {"column": "customer_id"}],
["expect_column_values_to_be_between", {"column": "amount", "min_value": 0, "max_value": 11.99}],
["expect_column_values_to_be_in_set", {"column": "staff_id", "value_set": [1, 2]}],
["expect_column_values_to_match_regex", {"column": "reference", "regex": "^PAY-[0-9]+$"}],
["expect_column_mean_to_be_between", {"column": "amount", "min_value": 3, "max_value": 9}],
["expect_column_sum_to_be_between", {"column": "amount", "min_value": 0}],
["expect_column_stdev_to_be_between", {"column": "amount", "max_value": 9}],
["expect_column_max_to_be_between", {"column": "paid_on", "max_value": "2030-01-01"}],
["expect_column_min_to_be_between", {"column": "payment_id", "min_value": 0}],
["expect_column_unique_value_count_to_be_between", {"column": "customer_id", "max_value": 700}],
["expect_table_row_count_to_be_between", {"min_value": 1}]
])json";

constexpr const char* kTenChecks = R"json([
["expect_column_values_to_be_unique", {"column": "payment_id"}],
["expect_column_values_to_not_be_null", {"column": "payment_id"}],
["expect_column_values_to_not_be_null", {"column": "customer_id"}],
["expect_column_values_to_be_between", {"column": "amount", "min_value": 0, "max_value": 11.99}],
["expect_column_values_to_be_in_set", {"column": "staff_id", "value_set": [1, 2]}],
["expect_column_values_to_match_regex", {"column": "reference", "regex": "^PAY-[0-9]+$"}],
["expect_column_mean_to_be_between", {"column": "amount", "min_value": 3, "max_value": 9}],
["expect_column_median_to_be_between", {"column": "amount", "min_value": 3, "max_value": 9}],
["expect_column_max_to_be_between", {"column": "paid_on", "max_value": "2030-01-01"}],
["expect_table_row_count_to_be_between", {"min_value": 1}]
])json";

constexpr const char* kFooterSuite = R"json([
["expect_table_row_count_to_be_between", {"min_value": 1}],
["expect_column_values_to_not_be_null", {"column": "payment_id"}],
["expect_column_values_to_not_be_null", {"column": "reference"}],
["expect_column_min_to_be_between", {"column": "payment_id", "min_value": 0}],
["expect_column_max_to_be_between", {"column": "paid_on", "max_value": "2030-01-01"}],
["expect_column_values_to_be_between", {"column": "staff_id", "min_value": 1, "max_value": 2}]
])json";

std::vector<quality::CheckSpec> Checks(const char* json) {
  std::vector<quality::CheckSpec> checks;
  const Json all = OK(Json::Parse(json));
  for (const Json& item : all.items())
    checks.push_back({.name = fmt::format("c{}", checks.size()),
                      .type = item.items()[0].AsString(),
                      .kwargs = item.items()[1]});
  return checks;
}

constexpr std::pair<const char*, const char*> kColumns[] = {
    {"payment_id", "long"},     {"customer_id", "int"}, {"staff_id", "int"},
    {"amount", "decimal(5,2)"}, {"paid_on", "date"},    {"reference", "string"}};

std::string Rows(int64_t first, int64_t count) {
  return fmt::format(
      "SELECT i AS payment_id, CAST(1 + i % 599 AS INTEGER) AS customer_id, CAST(1 + i % 2 AS "
      "INTEGER) AS staff_id, CAST((i * 7919 % 1200) / 100.0 AS DECIMAL(5,2)) AS amount, DATE "
      "'2005-01-01' + CAST(i // 4000 AS INTEGER) AS paid_on, 'PAY-' || (i * 104729) AS reference "
      "FROM range({}, {}) t(i)",
      first, first + count);
}

class Bench {
 public:
  Bench() : dir_(std::filesystem::temp_directory_path() / ("andon-bench-" + RandomUuid())) {
    std::filesystem::create_directories(dir_);
    database_ = OK(store::OpenSqlite((dir_ / "andon.db").string(), {.create = true}));
    world_.emplace(line::World{*database_,
                               project_,
                               {(dir_ / "lake").string(), "rental", &files_, &clock_},
                               files_,
                               clock_,
                               dir_.string(),
                               "",
                               "",
                               "bench"});
    engine_.emplace(OK(sql::Engine::Open({.threads = 2})));
    connection_.emplace(OK(engine_->Connect()));
  }
  ~Bench() { std::filesystem::remove_all(dir_); }

  std::string dir() const { return dir_.string(); }
  sql::Connection& connection() { return *connection_; }

  lake::LoadResult Append(const std::string& table, const std::string& query) {
    lake::TableDefinition definition;
    for (const auto& [name, type] : kColumns) {
      iceberg::Field field;
      field.name = name;
      field.type = OK(iceberg::ParseType(type));
      definition.columns.push_back(std::move(field));
    }
    OK(lake::OpenOrCreateTable(*database_, world_->lake, table, definition));
    lake::LoadRequest request{.query = query, .branch = "run-1", .from_main = false};
    return OK(lake::Load(*database_, *connection_, world_->lake, table, request));
  }

  // As `andon check` does it, from the table's name on.
  line::CheckOutcome Check(const std::string& table, const std::vector<quality::CheckSpec>& checks,
                           bool full) {
    definition::Dataset dataset{.address = "dataset." + table, .name = table};
    auto opened = OK(lake::OpenTable(*database_, world_->lake, table));
    auto scan = OK(lake::PlanScan(world_->lake, opened.metadata,
                                  opened.metadata.refs.at("run-1").snapshot_id));
    line::CheckTask task{
        .table = table, .relation = scan.sql, .checks = checks, .with_slices = false};
    task.files = OK(line::FileStatesOf(*world_, dataset, scan, checks, full));
    auto outcome = OK(line::DoCheck(task, {.threads = 2}, [](const Json&) {}));
    OK(line::KeepFileStates(*world_, dataset.address, *task.files, outcome.states));
    for (const quality::CheckResult& result : outcome.dataset) {
      if (!result.success()) std::fprintf(stderr, "%s\n", result.message.c_str());
    }
    return outcome;
  }
  // One scan over all rows; nothing is kept.
  void CheckPlainly(const std::string& table, const std::vector<quality::CheckSpec>& checks) {
    auto opened = OK(lake::OpenTable(*database_, world_->lake, table));
    auto scan = OK(lake::PlanScan(world_->lake, opened.metadata,
                                  opened.metadata.refs.at("run-1").snapshot_id));
    line::CheckTask task{
        .table = table, .relation = scan.sql, .checks = checks, .with_slices = false};
    (void)OK(line::DoCheck(task, {.threads = 2}, [](const Json&) {}));
  }
  void OpenOnly(const std::string& table) {
    auto opened = OK(lake::OpenTable(*database_, world_->lake, table));
    OK(lake::PlanScan(world_->lake, opened.metadata, opened.metadata.refs.at("run-1").snapshot_id));
  }

  // As if the newest file had never been seen.
  void ForgetNewest(const lake::LoadResult& loaded) {
    for (const iceberg::DataFile& file : loaded.files) {
      (void)OK(database_->Execute("DELETE FROM check_states WHERE file = ?",
                                  {iceberg::LocationPath(file.path)}));
    }
    (void)OK(database_->Execute("UPDATE check_states SET body = ? WHERE file = ''", {shared_}));
  }
  void RememberShared() {
    auto rows = OK(database_->Query("SELECT body FROM check_states WHERE file = ''"));
    shared_ = rows.empty() ? "{}" : rows[0].Text("body");
  }

  int64_t BytesKept() {
    auto rows = OK(database_->Query("SELECT sum(length(body)) AS n FROM check_states"));
    int64_t bytes = rows[0].Integer("n");
    std::error_code error;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(dir_ / ".andon/keys", error)) {
      if (entry.is_regular_file()) bytes += static_cast<int64_t>(entry.file_size());
    }
    return bytes;
  }

 private:
  std::filesystem::path dir_;
  io::LocalFileSystem files_;
  SystemClock clock_;
  definition::Project project_;
  std::unique_ptr<store::Database> database_;
  std::optional<line::World> world_;
  std::optional<sql::Engine> engine_;
  std::optional<sql::Connection> connection_;
  std::string shared_ = "{}";
};

void AfterAnAppend(Bench& bench, int64_t rows, int rounds) {
  const auto checks = Checks(kSuite);
  bench.Append("payment", Rows(0, rows));
  (void)bench.Check("payment", checks, false);
  bench.RememberShared();
  const auto appended = bench.Append("payment", Rows(rows, rows / 100));
  Times full, some, plain;
  line::CheckOutcome outcome;
  for (int i = 0; i < rounds; i++) {
    full.Take([&] { (void)bench.Check("payment", checks, true); });
    plain.Take([&] { bench.CheckPlainly("payment", checks); });
    bench.ForgetNewest(appended);
    some.Take([&] { outcome = bench.Check("payment", checks, false); });
  }
  std::printf(
      "after an append of 1 %% to %s rows: %.0f ms (CPU %.0f), in full %.0f ms (CPU %.0f): %.1f %% "
      "(CPU %.1f %%; goal 5 %%)\n",
      WithThousands(rows).c_str(), some.wall(), some.cpu(), full.wall(), full.cpu(),
      100 * some.wall() / full.wall(), 100 * some.cpu() / full.cpu());
  std::printf(
      "  without states: %.0f ms (CPU %.0f); making them costs %.2f times that (CPU %.2f)\n",
      plain.wall(), plain.cpu(), full.wall() / plain.wall(), full.cpu() / plain.cpu());
  std::printf("  read %lld of %lld files, %lld rows; kept %s bytes, %.1f for each row\n",
              static_cast<long long>(outcome.reading.files_read),
              static_cast<long long>(outcome.reading.files),
              static_cast<long long>(outcome.reading.rows_read),
              WithThousands(bench.BytesKept()).c_str(),
              static_cast<double>(bench.BytesKept()) / static_cast<double>(rows));
}

void NothingNew(Bench& bench, int datasets, int rounds) {
  const auto checks = Checks(kTenChecks);
  for (int i = 0; i < datasets; i++) {
    const std::string table = fmt::format("small_{}", i);
    bench.Append(table, Rows(0, 100));
    (void)bench.Check(table, checks, false);
  }
  Times check, open;
  for (int round = 0; round < rounds; round++) {
    open.Take([&] {
      for (int i = 0; i < datasets; i++) bench.OpenOnly(fmt::format("small_{}", i));
    });
    check.Take([&] {
      for (int i = 0; i < datasets; i++)
        (void)bench.Check(fmt::format("small_{}", i), checks, false);
    });
  }
  std::printf(
      "%d datasets × 10 checks, nothing new: %.0f ms, %.2f ms each (CPU %.2f; goal 1 ms); %.1f "
      "times opening them\n",
      datasets, check.wall(), check.wall() / datasets, check.cpu() / datasets,
      check.wall() / open.wall());
}

void ByFooters(Bench& bench, int64_t rows, int rounds) {
  const std::string path = bench.dir() + "/payment.parquet";
  OK(bench.connection().Execute(
      fmt::format("COPY ({}) TO {} (FORMAT parquet)", Rows(0, rows), sql::QuoteLiteral(path))));
  const auto checks = Checks(kFooterSuite);
  Times times;
  for (int round = 0; round < rounds; round++) {
    times.Take([&] {
      sql::Target target = OK(sql::OpenTarget(path));
      const auto columns = OK(target.session->Columns(target.relation));
      quality::RunOptions options;
      quality::ReadFooters(*target.session, target.files, columns, checks, &options);
      (void)OK(quality::RunChecks(*target.session, target.relation, {}, checks, options));
    });
  }
  std::printf("%zu checks that footers answer, %s rows: %.0f ms (CPU %.0f; goal 50 ms)\n",
              checks.size(), WithThousands(rows).c_str(), times.wall(), times.cpu());
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  using namespace andon;
  const char* from_environment = std::getenv("ROWS");
  const int64_t rows = argc > 1           ? std::atoll(argv[1])
                       : from_environment ? std::atoll(from_environment)
                                          : 1'000'000;
  const int datasets = argc > 2 ? std::atoi(argv[2]) : 1'000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
  {
    Bench bench;
    AfterAnAppend(bench, rows, rounds);
    ByFooters(bench, rows, rounds);
  }
  Bench bench;
  NothingNew(bench, datasets, rounds);
  return 0;
}
