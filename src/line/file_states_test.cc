// Histories at random: after each step the checks by kept states say, bit for bit, what a full
// check says, and what the checks over all rows at once say.
#include "line/file_states.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <stdexcept>

#include "base/text.h"
#include "io/local_file_system.h"
#include "lake/load.h"
#include "line/task.h"
#include "sql/engine.h"

namespace andon::line {
namespace {

template <typename T>
T OK(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
void OK(Result<void> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
}

// {text} is the column that is renamed on the way.
constexpr const char* kChecks = R"json([
["expect_table_row_count_to_be_between", {"min_value": 5, "max_value": 100}],
["expect_column_values_to_not_be_null", {"column": "id"}],
["expect_column_values_to_not_be_null", {"column": "price", "mostly": 0.5}],
["expect_column_values_to_be_null", {"column": "{text}"}],
["expect_column_values_to_be_unique", {"column": "id"}],
["expect_column_values_to_be_unique", {"column": "{text}"}],
["expect_column_values_to_be_unique", {"column": "day"}],
["expect_column_values_to_be_unique", {"column": "price"}],
["expect_compound_columns_to_be_unique", {"column_list": ["id", "day"]}],
["expect_compound_columns_to_be_unique", {"column_list": ["staff", "{text}"]}],
["expect_column_values_to_be_between", {"column": "amount", "min_value": 0, "max_value": 11.99}],
["expect_column_values_to_be_between", {"column": "id", "min_value": 0, "max_value": 1000000}],
["expect_column_values_to_be_between", {"column": "price", "min_value": -5}],
["expect_column_values_to_be_between", {"column": "day", "min_value": "2005-01-10"}],
["expect_column_values_to_be_in_set", {"column": "staff", "value_set": [1, 2]}],
["expect_column_values_to_match_regex", {"column": "{text}", "regex": "^[A-Z]"}],
["expect_column_value_lengths_to_be_between", {"column": "{text}", "max_value": 4}],
["expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "id", "column_B": "staff"}],
["expect_column_distinct_values_to_be_in_set", {"column": "{text}", "value_set": ["Rome", "Oslo"]}],
["expect_column_distinct_values_to_contain_set", {"column": "staff", "value_set": [1, 9]}],
["expect_column_unique_value_count_to_be_between", {"column": "{text}", "min_value": 2}],
["expect_column_unique_value_count_to_be_between", {"column": "price", "max_value": 20}],
["expect_column_proportion_of_unique_values_to_be_between", {"column": "staff", "max_value": 0.5}],
["expect_column_most_common_value_to_be_in_set", {"column": "staff", "value_set": [1]}],
["expect_column_min_to_be_between", {"column": "amount", "min_value": 0}],
["expect_column_max_to_be_between", {"column": "price", "max_value": 100}],
["expect_column_min_to_be_between", {"column": "day", "min_value": "2005-01-01"}],
["expect_column_max_to_be_between", {"column": "{text}", "max_value": "S"}],
["expect_column_sum_to_be_between", {"column": "amount", "min_value": 0, "max_value": 500}],
["expect_column_sum_to_be_between", {"column": "id", "min_value": 0}],
["expect_column_sum_to_be_between", {"column": "price", "min_value": 0}],
["expect_column_mean_to_be_between", {"column": "amount", "min_value": 3, "max_value": 6}],
["expect_column_mean_to_be_between", {"column": "price", "min_value": 3, "max_value": 6}],
["expect_column_mean_to_be_between", {"column": "ratio", "min_value": 0, "max_value": 1}],
["expect_column_stdev_to_be_between", {"column": "amount", "max_value": 3}],
["expect_column_stdev_to_be_between", {"column": "ratio", "max_value": 3}],
["expect_column_stdev_to_be_between", {"column": "price", "max_value": 3}],
["expect_column_median_to_be_between", {"column": "amount", "max_value": 5}],
["expect_column_median_to_be_between", {"column": "ratio", "max_value": 5}],
["expect_column_quantile_values_to_be_between", {"column": "amount",
  "quantile_ranges": {"quantiles": [0.1, 0.5, 0.9], "value_ranges": [[0, 2], [2, 8], [8, 12]]}}],
["expect_column_quantile_values_to_be_between", {"column": "day", "allow_relative_error": "lower",
  "quantile_ranges": {"quantiles": [0.5], "value_ranges": [["2005-01-01", "2005-01-20"]]}}],
["expect_column_quantile_values_to_be_between", {"column": "id", "allow_relative_error": "linear",
  "quantile_ranges": {"quantiles": [0.25], "value_ranges": [[0, 20]]}}],
["expect_column_values_to_be_between", {"column": "price", "min_value": 0,
  "row_condition": "amount > 3 and \"{text}\" is not null"}],
["expect_column_values_to_not_be_null", {"column": "{text}", "row_condition": "staff in (1, 2)"}],
["expect_column_values_to_be_unique", {"column": "id",
  "row_condition": "day >= date '2005-01-10'"}],
["expect_column_mean_to_be_between", {"column": "price", "min_value": 3,
  "row_condition": "staff = 1"}],
["expect_column_unique_value_count_to_be_between", {"column": "{text}", "max_value": 2,
  "row_condition": "amount < 5 or amount is null"}],
["expect_table_row_count_to_be_between", {"max_value": 40, "row_condition": "id % 2 = 0"}],
["expect_column_value_z_scores_to_be_less_than", {"column": "amount", "threshold": 2}],
["expect_aggregate_to_be_between", {"expression": "sum(amount) / count(*)", "min_value": 1}],
["expect_column_values_to_be_between", {"column": "amount", "min_value": 0,
  "row_condition": "id > (select 50)"}]
])json";

// Those that are run over all rows each time.
bool IsInFull(const quality::CheckSpec& check) {
  return check.type == "expect_column_most_common_value_to_be_in_set" ||
         check.type == "expect_column_value_z_scores_to_be_less_than" ||
         check.type == "expect_aggregate_to_be_between" ||
         check.kwargs["row_condition"].AsString().find("select") != std::string::npos;
}

std::vector<quality::CheckSpec> Checks(const std::string& text) {
  std::string json = kChecks;
  for (size_t at; (at = json.find("{text}")) != std::string::npos;) json.replace(at, 6, text);
  std::vector<quality::CheckSpec> checks;
  const Json all = OK(Json::Parse(json));
  for (const Json& item : all.items()) {
    checks.push_back({.name = fmt::format("c{}", checks.size()),
                      .type = item.items()[0].AsString(),
                      .kwargs = item.items()[1]});
  }
  return checks;
}

// Without what differs between any two runs.
Json Told(const quality::CheckResult& result) {
  Json json = quality::ToJson(result);
  json.Remove("duration_us");
  return json;
}

// And without the texts that say the numbers to their last digit.
Json Numbers(const quality::CheckResult& result) {
  Json json = Told(result);
  json.Remove("message");
  json.Remove("bad_rows_sql");
  return json;
}

// To 1e-12, as sums of doubles may differ in their order.
bool AreAlike(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.AsDouble(), y = b.AsDouble();
    return x == y || std::abs(x - y) <= 1e-12 * std::max({1.0, std::abs(x), std::abs(y)});
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (size_t i = 0; i < a.size(); i++) {
      if (!AreAlike(a.items()[i], b.items()[i])) return false;
    }
    return true;
  }
  if (a.is_object() && b.is_object() && a.size() == b.size()) {
    for (const auto& [key, value] : a.members()) {
      if (!AreAlike(value, b[key])) return false;
    }
    return true;
  }
  return a == b;
}

class History : public testing::TestWithParam<unsigned> {
 protected:
  History()
      : random_(GetParam()),
        dir_(std::filesystem::temp_directory_path() / ("andon-states-" + RandomUuid())),
        clock_(OK(ParseTimestamp("2026-11-20T08:00:00Z"))) {
    std::filesystem::create_directories(dir_);
    database_ = OK(store::OpenSqlite((dir_ / "andon.db").string(), {.create = true}));
    world_.emplace(World{*database_,
                         project_,
                         {(dir_ / "lake").string(), "rental", &files_, &clock_},
                         files_,
                         clock_,
                         dir_.string(),
                         "",
                         "",
                         "test"});
    engine_.emplace(OK(sql::Engine::Open({.memory_limit_bytes = 512 << 20,
                                          .threads = 2,
                                          .temp_directory = (dir_ / "tmp").string()})));
    connection_.emplace(OK(engine_->Connect()));
    lake::TableDefinition definition;
    definition.columns = Fields();
    OK(lake::OpenOrCreateTable(*database_, world_->lake, "paid", definition));
  }
  ~History() override { std::filesystem::remove_all(dir_); }

  int Any(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::vector<iceberg::Field> Fields() const {
    std::vector<iceberg::Field> fields;
    for (const auto& [name, type] : columns_) {
      iceberg::Field field;
      field.name = name;
      field.type = OK(iceberg::ParseType(type));
      fields.push_back(std::move(field));
    }
    return fields;
  }

  std::string Cell(const std::string& name, const std::string& type) {
    if (Any(8) == 0) return "NULL";
    if (name == "id") return std::to_string(Any(400));
    if (type == "int") return std::to_string(1 + Any(3));
    if (type == "date") return fmt::format("DATE '2005-01-{:02}'", 1 + Any(28));
    if (type == "string") {
      const char* const cities[] = {"Rome", "Oslo", "bonn", "", "Łódź"};
      return fmt::format("'{}'", cities[Any(5)]);
    }
    if (type == "double") {
      // Of one in three files: what is no number, and zeros of both signs.
      const char* const odd[] = {"'nan'::DOUBLE", "'inf'::DOUBLE", "-0.0::DOUBLE", "0.0::DOUBLE"};
      if (name == "price" && is_odd_ && Any(6) == 0) return odd[Any(4)];
      return fmt::format("{}::DOUBLE", 0.1 * Any(1000) + 1e-7 * Any(1000));
    }
    return fmt::format("{}.{:02}", Any(14) - 1, Any(100));
  }

  // One in five is empty.
  std::string Rows() {
    const int rows = Any(5) == 0 ? 0 : 1 + Any(60);
    is_odd_ = Any(3) == 0;
    std::string names, values;
    for (const auto& [name, type] : columns_)
      names += (names.empty() ? "" : ", ") + sql::QuoteIdentifier(name);
    for (int row = 0; row <= rows; row++) {
      std::string cells;
      for (const auto& [name, type] : columns_)
        cells += (cells.empty() ? "" : ", ") +
                 fmt::format("CAST({} AS {})", Cell(name, type), OK(sql::ToDuckDbType(type)));
      values += (row > 0 ? ", (" : "(") + cells + ")";
    }
    return fmt::format("SELECT * FROM (VALUES {}) t({}) LIMIT {}", values, names, rows);
  }

  // One step; returns the snapshot.
  lake::LoadResult Step(int step) {
    lake::LoadRequest request{.branch = "run-1", .from_main = false};
    const int what = step < 2 ? 0 : Any(10);
    if (what == 6) {
      request.mode = lake::LoadMode::kMerge;
      request.key = {"id"};
    } else if (what == 7 && step > 6) {
      request.mode = lake::LoadMode::kReplace;
    } else if (what >= 8) {
      request.mode = lake::LoadMode::kReplaceInterval;
      request.by = "day";
      request.intervals = {{"2005-01-05", "2005-01-12"}};
    }
    if (step == 5) {
      request.renames = {{"city", "town"}};
      for (auto& [name, type] : columns_) {
        if (name == "city") name = "town";
      }
      text_ = "town";
    }
    // The old name comes again, as another column.
    if (step == 9) {
      columns_.emplace_back("city", "string");
      text_ = "city";
    }
    request.columns = Fields();
    request.query = Rows();
    if (request.mode == lake::LoadMode::kReplaceInterval)
      request.query = "SELECT * FROM (" + request.query +
                      ") WHERE day >= DATE '2005-01-05' AND day < DATE '2005-01-12'";
    clock_.Advance(std::chrono::minutes(1));
    return OK(lake::Load(*database_, *connection_, world_->lake, "paid", request));
  }

  struct Checked {
    std::vector<quality::CheckResult> results;
    quality::Reading reading;
  };
  Checked Check(const lake::LoadResult& loaded, bool full) {
    const auto checks = Checks(text_);
    auto scan = OK(lake::PlanScan(world_->lake, loaded.table.metadata, loaded.snapshot_id));
    // Over the pipe, as a worker has it.
    auto given = OK(FileStatesOf(*world_, dataset_, scan, checks, full));
    auto states = quality::FileStatesFromJson(OK(Json::Parse(quality::ToJson(given).Dump())));
    Checked out;
    out.results = OK(quality::RunIncrementally(*connection_, "(" + scan.sql + ")", {}, checks,
                                               Options(), &states, &out.reading));
    if (full) return out;
    std::vector<std::pair<int64_t, Json>> made;
    for (size_t i = 0; i < states.files.size(); i++) {
      if (states.files[i].is_changed)
        made.emplace_back(static_cast<int64_t>(i), states.files[i].states);
    }
    if (states.is_shared_changed) made.emplace_back(-1, states.shared);
    OK(KeepFileStates(*world_, "dataset.paid", given, made));
    return out;
  }
  void ExpectFull(const Checked& some, const Checked& all) {
    EXPECT_EQ(some.reading.files_read, all.reading.files_read);
    const auto checks = Checks(text_);
    for (size_t i = 0; i < checks.size(); i++) {
      if (IsInFull(checks[i])) continue;
      EXPECT_EQ(Told(some.results[i]).Dump(), Told(all.results[i]).Dump());
    }
  }
  std::vector<quality::CheckResult> CheckAtOnce(const lake::LoadResult& loaded) {
    auto scan = OK(lake::PlanScan(world_->lake, loaded.table.metadata, loaded.snapshot_id));
    return OK(quality::RunChecks(*connection_, "(" + scan.sql + ")", {}, Checks(text_), Options()));
  }
  static quality::RunOptions Options() { return {.table_name = "paid", .sample_rows = 3}; }

  std::mt19937 random_;
  std::filesystem::path dir_;
  io::LocalFileSystem files_;
  ManualClock clock_;
  definition::Project project_;
  definition::Dataset dataset_{.address = "dataset.paid", .name = "paid"};
  std::unique_ptr<store::Database> database_;
  std::optional<World> world_;
  std::optional<sql::Engine> engine_;
  std::optional<sql::Connection> connection_;
  std::vector<std::pair<std::string, std::string>> columns_ = {
      {"id", "long"},  {"staff", "int"},   {"amount", "decimal(5,2)"}, {"price", "double"},
      {"day", "date"}, {"city", "string"}, {"ratio", "double"}};
  std::string text_ = "city";
  bool is_odd_ = false;
};

TEST_P(History, IncrementalIsFull) {
  for (int step = 0; step < 12; step++) {
    SCOPED_TRACE(fmt::format("step {}", step));
    const lake::LoadResult loaded = Step(step);
    const Checked some = Check(loaded, false), all = Check(loaded, true);
    const auto at_once = CheckAtOnce(loaded);
    const auto checks = Checks(text_);
    ASSERT_EQ(some.results.size(), checks.size());
    for (size_t i = 0; i < checks.size(); i++) {
      SCOPED_TRACE(checks[i].type + " " + checks[i].kwargs.Dump());
      EXPECT_NE(some.results[i].state, quality::CheckState::kError) << some.results[i].message;
      if (!IsInFull(checks[i])) {
        EXPECT_EQ(Told(some.results[i]).Dump(), Told(all.results[i]).Dump());
      }
      EXPECT_TRUE(AreAlike(Numbers(some.results[i]), Numbers(at_once[i])))
          << Told(some.results[i]).Dump() << "\n"
          << Told(at_once[i]).Dump();
    }
    EXPECT_EQ(some.reading.checks_in_full, std::count_if(checks.begin(), checks.end(), IsInFull));
    EXPECT_LE(some.reading.files_read, all.reading.files_read);
    // Nothing came since: nothing is read.
    EXPECT_EQ(Check(loaded, false).reading.files_read, 0);
  }
}

// Cut off, emptied, and with another digit in each number: none of it is believed.
TEST_P(History, DamagedStatesAreMadeAnew) {
  lake::LoadResult loaded = Step(0);
  loaded = Step(1);
  for (const char* damage :
       {"'{\"half'", "''", "substr(body, 1, length(body) / 2)", "replace(body, '1', '7')"}) {
    SCOPED_TRACE(damage);
    (void)Check(loaded, false);
    EXPECT_EQ(Check(loaded, false).reading.files_read, 0);
    OK(database_->Write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.Execute(fmt::format("UPDATE check_states SET body = {}", damage)));
      return {};
    }));
    ExpectFull(Check(loaded, false), Check(loaded, true));
  }
}

TEST_P(History, DamagedRunsOfKeysAreMadeAnew) {
  lake::LoadResult loaded = Step(0);
  loaded = Step(1);
  for (int round = 0; round < 3; round++) {
    (void)Check(loaded, false);
    int runs = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / ".andon/keys")) {
      if (!entry.is_regular_file()) continue;
      runs++;
      const std::string path = entry.path().string();
      std::string bytes = OK(files_.Read(path));
      if (round == 0) bytes.resize(bytes.size() / 2);
      if (round == 1) bytes.back() = static_cast<char>(bytes.back() ^ 1);
      if (round == 2) std::filesystem::remove(path);
      if (round < 2) OK(files_.WriteAtomically(path, bytes));
    }
    EXPECT_GT(runs, 0);
    // As if another file had come: the runs are compared anew.
    OK(database_->Write([](store::Transaction& tx) -> Result<void> {
      TRY(tx.Execute("DELETE FROM check_states WHERE file = ''"));
      return {};
    }));
    const Checked some = Check(loaded, false), all = Check(loaded, true);
    EXPECT_EQ(some.reading.files_read, 0);  // Only their keys, for the runs.
    for (size_t i = 0; i < all.results.size(); i++) {
      if (IsInFull(Checks(text_)[i])) continue;
      EXPECT_EQ(Told(some.results[i]).Dump(), Told(all.results[i]).Dump());
    }
  }
}

TEST_P(History, NoValueOfAPersonIsKept) {
  lake::LoadResult loaded = Step(0);
  loaded = Step(1);
  dataset_.columns = {{.name = "city", .type = "string", .pii = true}};
  const Checked some = Check(loaded, false), all = Check(loaded, true);
  for (size_t i = 0; i < all.results.size(); i++)
    EXPECT_EQ(some.results[i].state, all.results[i].state);
  auto rows = OK(database_->Query("SELECT body FROM check_states"));
  ASSERT_FALSE(rows.empty());
  for (const store::Row& row : rows) {
    for (const char* city : {"Rome", "Oslo", "bonn"})
      EXPECT_EQ(row.Text("body").find(city), std::string::npos) << row.Text("body");
  }
}

TEST_P(History, StatesGoWithTheirFiles) {
  lake::LoadResult loaded = Step(0);
  loaded = Step(1);
  (void)Check(loaded, false);
  auto rows = OK(database_->Query("SELECT file FROM check_states"));
  ASSERT_FALSE(rows.empty());
  std::vector<std::string> gone;
  for (const store::Row& row : rows) gone.push_back(row.Text("file"));
  OK(ForgetFileStates(*world_, gone));
  EXPECT_TRUE(OK(database_->Query("SELECT file FROM check_states WHERE file <> ''")).empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, History, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace andon::line
