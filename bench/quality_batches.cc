// links: andon_quality
//
// The twenty expectations of a payment table over N rows of Parquet: the whole table, 12 batches
// (by month) and about 120 (by value) in one call each, in one process and alternated. What is
// printed is the ratio of their CPU times to that of the whole table.
//
//   bench_quality_batches [ROWS] [ROUNDS]    default $ROWS or 10000000, and 5; goals: 1.3 and 1.5

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "measure.h"
#include "payments.h"
#include "quality/run_batches.h"
#include "sql/engine.h"

namespace andon {
namespace {

int Compare(int64_t rows, int rounds) {
  const std::string file = (std::filesystem::temp_directory_path() /
                            ("quality_batches_" + std::to_string(rows) + ".parquet"))
                               .string();
  sql::Engine engine = Must(sql::Engine::Open({.threads = 2}));
  sql::Connection connection = Must(engine.Connect());
  auto done = connection.Execute(GenerateSql(rows, file));
  if (!done.ok()) Fail(done.error().message);
  const std::string spans = file + ".spans.parquet";
  auto spanned = connection.Execute(
      "COPY (SELECT *, ((dayofyear(payment_date) - 1) * 120 // 365)::INTEGER AS span FROM "
      "read_parquet(" +
      sql::QuoteLiteral(file) + ")) TO " + sql::QuoteLiteral(spans) +
      " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)");
  if (!spanned.ok()) Fail(spanned.error().message);
  const std::string plain = "read_parquet(" + sql::QuoteLiteral(file) + ")",
                    with_span = "read_parquet(" + sql::QuoteLiteral(spans) + ")";
  const std::vector<quality::CheckSpec> checks = TwentyChecks();
  auto run = [&](const std::string& relation, const char* batches, size_t wanted) {
    quality::BatchChoice choice{.definition = Must(quality::ParseBatches(batches)), .all = true};
    double before = CpuSeconds();
    auto results = Must(quality::RunChosen(connection, relation, {}, checks, choice,
                                           {.table_name = "payment", .sample_rows = 0}));
    if (results.size() != wanted) Fail("there are " + std::to_string(results.size()) + " batches");
    return CpuSeconds() - before;
  };
  std::vector<double> whole, monthly, many;
  for (int round = 0; round < rounds; round++) {
    whole.push_back(run(plain, "whole", 1));
    monthly.push_back(run(plain, "month(payment_date)", 12));
    many.push_back(run(with_span, "span", 120));
    std::printf("round %d: whole %.2f CPU s, 12 batches %.2f, 120 batches %.2f\n", round + 1,
                whole.back(), monthly.back(), many.back());
  }
  std::filesystem::remove(file);
  std::filesystem::remove(spans);
  double twelve = Median(monthly) / Median(whole), hundred = Median(many) / Median(whole);
  std::printf(
      "quality_batches: %lld rows, 20 expectations: 12 batches %.2f of the whole (goal 1.3), 120 "
      "batches %.2f (goal 1.5)\n",
      static_cast<long long>(rows), twelve, hundred);
  return twelve <= 1.3 && hundred <= 1.5 ? 0 : 1;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  const char* rows_wanted = std::getenv("ROWS");
  std::string first = argc > 1 ? argv[1] : rows_wanted ? rows_wanted : "10000000";
  int64_t rows = std::strtoll(first.c_str(), nullptr, 10);
  int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (rows <= 0 || rounds <= 0) andon::Fail("usage: quality_batches [ROWS] [ROUNDS]");
  return andon::Compare(rows, rounds);
}
