// links: andon_quality
//
// A table of very many columns, with a check on each, of which hundreds fail: what their bad rows
// cost beside the checks themselves. The same checks on the same file, alternated: all passing (the
// format shows no values), and with the samples and values of those that fail.
//
//   bench_quality_columns [COLUMNS] [FAILING] [ROUNDS]     default 10000, 500 and 3; goal: at most
//   2

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/text.h"
#include "measure.h"
#include "quality/run.h"
#include "sql/engine.h"
#include "sql/quote.h"

namespace andon {
namespace {

constexpr int64_t kRows = 2'000;

// The last row of each column is below nothing.
std::string MakeSql(int columns, const std::string& file) {
  std::vector<std::string> items = {"i AS id"};
  for (int c = 1; c < columns; c++)
    items.push_back(fmt::format(
        "(CASE WHEN i = {0} THEN -1 ELSE (i * {1}) % 1000 END)::INTEGER AS c{1}", kRows - 1, c));
  return fmt::format("COPY (SELECT {} FROM range({}) t(i)) TO {} (FORMAT parquet)",
                     Join(items, ", "), kRows, sql::QuoteLiteral(file));
}

std::vector<quality::CheckSpec> Checks(int columns, int failing) {
  std::vector<quality::CheckSpec> checks;
  Diagnostics mistakes;
  for (int c = 1; c < columns; c++) {
    Json kwargs = Json::Object({{"column", fmt::format("c{}", c)},
                                {"min_value", c <= failing ? 0 : -1},
                                {"max_value", 1000}});
    checks.push_back(quality::ReadCheck(std::to_string(c), "expect_column_values_to_be_between",
                                        std::move(kwargs), {}, &mistakes));
  }
  if (mistakes.has_errors()) Fail(mistakes.begin()->detail);
  return checks;
}

int Compare(int columns, int failing, int rounds) {
  const std::string file = (std::filesystem::temp_directory_path() /
                            ("quality_columns_" + std::to_string(columns) + ".parquet"))
                               .string();
  sql::Engine engine = Must(sql::Engine::Open({.threads = 2}));
  sql::Connection connection = Must(engine.Connect());
  auto done = connection.Execute(MakeSql(columns, file));
  if (!done.ok()) Fail(done.error().message);
  const std::string relation = "read_parquet(" + sql::QuoteLiteral(file) + ")";
  auto run = [&](int wanted) {
    const std::vector<quality::CheckSpec> checks = Checks(columns, wanted);
    const double before = CpuSeconds();
    auto results =
        Must(quality::RunChecks(connection, relation, {}, checks, {.key_columns = {"id"}}));
    const double took = CpuSeconds() - before;
    int failed = 0;
    for (const quality::CheckResult& result : results) {
      if (result.state == quality::CheckState::kError) Fail(result.message);
      if (result.success()) continue;
      failed++;
      const bool is_shown = result.sample.rows.size() == 1 &&
                            result.sample.rows[0][0].AsInteger() == kRows - 1 &&
                            result.partial_unexpected_list.size() == 1 &&
                            result.partial_unexpected_list[0].AsInteger() == -1;
      if (!is_shown) Fail(result.name + " does not show its bad row");
    }
    if (failed != wanted) Fail(std::to_string(failed) + " checks fail");
    return took;
  };
  std::vector<double> passing, with_bad_rows;
  for (int round = 0; round < rounds; round++) {
    passing.push_back(run(0));
    with_bad_rows.push_back(run(failing));
    std::printf("round %d: all pass in %.2f CPU s, %d fail in %.2f\n", round + 1, passing.back(),
                failing, with_bad_rows.back());
  }
  std::filesystem::remove(file);
  const double ratio = Median(with_bad_rows) / Median(passing);
  std::printf(
      "quality_columns: %d columns, a check on each: with %d that fail %.2f of all passing "
      "(goal 2)\n",
      columns, failing, ratio);
  return ratio <= 2 ? 0 : 1;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  int columns = argc > 1 ? std::atoi(argv[1]) : 10'000;
  int failing = argc > 2 ? std::atoi(argv[2]) : 500;
  int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
  if (columns < 2 || failing < 1 || failing >= columns || rounds < 1)
    andon::Fail("usage: quality_columns [COLUMNS] [FAILING] [ROUNDS]");
  return andon::Compare(columns, failing, rounds);
}
