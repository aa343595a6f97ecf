// links: andon_quality
//
// The twenty, and the fifty, expectations of a payment table over N rows of Parquet, as Andon runs
// them, against one DuckDB statement written by hand that gives the verdicts of the twenty. All as
// processes of their own, from start to exit, alternated; what is printed is the ratio of their CPU
// times, and the most memory of ours.
//
//   bench_quality_suite [ROWS] [ROUNDS]      default $ROWS or 10000000, and 5
//
// Goals: the twenty 0.45 of the statement in 300 MB, the fifty 0.5 of it in 600 MB.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "measure.h"
#include "payments.h"
#include "quality/run.h"
#include "sql/engine.h"

namespace andon {
namespace {

// What a person would write who knows DuckDB well and wants one statement: each verdict in the
// order of the suite.
constexpr const char* kByHand = R"sql(
WITH a AS (
  SELECT count(*) AS n, count(DISTINCT payment_id) AS ids, count(payment_id) AS id, count(customer_id) AS customer,
         count(*) FILTER (amount < 0 OR amount > 20) AS amounts, count(*) FILTER (staff_id NOT IN (1, 2)) AS staff,
         count(*) FILTER (NOT regexp_matches(payment_ref, '^PAY-[0-9]{9}$')) AS refs, avg(amount) AS mean,
         quantile_disc(amount, [0.05, 0.5, 0.95]) AS q, count(DISTINCT (payment_id, rental_id)) AS pairs,
         count(rental_id) AS rental, count(method) AS method,
         count(*) FILTER (method NOT IN ('cash', 'card', 'voucher', 'wire')) AS methods,
         count(*) FILTER (customer_id < 1 OR customer_id > 599) AS customers,
         count(*) FILTER (length(payment_ref) <> 13) AS lengths, min(amount) AS least, max(amount) AS most,
         count(DISTINCT customer_id) AS different, typeof(any_value(payment_id)) AS type
  FROM read_parquet($FILE))
SELECT ids = id, customer = n, amounts = 0, staff = 0, refs = 0, n BETWEEN 1 AND 1000000000, mean BETWEEN 5 AND 8,
       q[1] BETWEEN 0 AND 2 AND q[2] BETWEEN 5 AND 8 AND q[3] BETWEEN 10 AND 12, type = 'BIGINT', pairs = n, id = n, rental = n,
       method >= 0.95 * n, methods = 0, customers = 0, lengths = 0, least BETWEEN 0 AND 1, most BETWEEN 11 AND 12,
       (SELECT list(column_name) FROM (DESCRIBE SELECT * FROM read_parquet($FILE))) =
         ['payment_id', 'customer_id', 'staff_id', 'rental_id', 'amount', 'payment_date', 'payment_ref', 'method'],
       different = 599
FROM a)sql";

struct Goal {
  const char* mode;
  double ratio;
  double peak_mb;
};
constexpr Goal kTwenty = {"--twenty", 0.45, 300};
constexpr Goal kFifty = {"--fifty", 0.5, 600};

// Prints a 1 or 0 for each expectation.
void RunOurs(const std::string& file, const std::vector<quality::CheckSpec>& checks) {
  sql::Engine engine = Must(sql::Engine::Open({.threads = 2}));
  sql::Connection connection = Must(engine.Connect());
  std::string relation = "read_parquet(" + sql::QuoteLiteral(file) + ")";
  std::vector<sql::ColumnInfo> columns;
  for (const auto& column : Must(connection.Describe("SELECT * FROM " + relation))) {
    columns.push_back({column.name, Must(sql::FromDuckDbType(column.type))});
  }
  for (const auto& result :
       Must(quality::RunChecks(connection, relation, columns, checks, {.table_name = "payment"}))) {
    if (result.state == quality::CheckState::kError) Fail(result.message);
    std::putchar(result.success() ? '1' : '0');
  }
  std::putchar('\n');
}

void RunByHand(const std::string& file) {
  sql::Engine engine = Must(sql::Engine::Open({.threads = 2}));
  sql::Connection connection = Must(engine.Connect());
  sql::ResultSet row = Must(connection.Query(Replace(kByHand, "$FILE", sql::QuoteLiteral(file))));
  for (size_t i = 0; i < row.columns().size(); i++) std::putchar(row.Bool(0, i) ? '1' : '0');
  std::putchar('\n');
}

struct Measured {
  double cpu_s = 0;
  double peak_mb = 0;
  std::string verdicts;
};

// This program again, as a process of its own.
Measured RunProcess(const std::string& mode, const std::string& file) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) Fail("no pipe");
  pid_t child = fork();
  if (child == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    close(pipe_ends[0]);
    execl("/proc/self/exe", "quality_suite", mode.c_str(), file.c_str(), nullptr);
    _exit(127);
  }
  close(pipe_ends[1]);
  Measured measured;
  char buffer[256];
  for (ssize_t n; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
    measured.verdicts.append(buffer, static_cast<size_t>(n));
  close(pipe_ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) Fail(mode + " failed");
  auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  measured.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  measured.peak_mb = double(usage.ru_maxrss) / 1024;
  return measured;
}

double MedianOf(const std::vector<Measured>& all, double Measured::* what) {
  std::vector<double> values;
  for (const Measured& one : all) values.push_back(one.*what);
  return Median(std::move(values));
}

bool Tell(int64_t rows, const char* checks, const std::vector<Measured>& ours,
          const std::vector<Measured>& by_hand, const Goal& goal) {
  const double cpu_s = MedianOf(ours, &Measured::cpu_s),
               peak_mb = MedianOf(ours, &Measured::peak_mb),
               hand_s = MedianOf(by_hand, &Measured::cpu_s), ratio = cpu_s / hand_s;
  std::printf(
      "quality_suite: %lld rows, %s expectations: %.2f / %.2f CPU s, ratio %.2f (goal %.2f); %.0f "
      "MB "
      "(goal %.0f)\n",
      static_cast<long long>(rows), checks, cpu_s, hand_s, ratio, goal.ratio, peak_mb,
      goal.peak_mb);
  return ratio <= goal.ratio && peak_mb <= goal.peak_mb;
}

int Compare(int64_t rows, int rounds) {
  std::string file = (std::filesystem::temp_directory_path() /
                      ("quality_suite_" + std::to_string(rows) + ".parquet"))
                         .string();
  {
    sql::Engine engine = Must(sql::Engine::Open({.threads = 2}));
    sql::Connection connection = Must(engine.Connect());
    auto done = connection.Execute(GenerateSql(rows, file));
    if (!done.ok()) Fail(done.error().message);
  }
  std::vector<Measured> twenty, fifty, by_hand;
  for (int round = 0; round < rounds; round++) {
    twenty.push_back(RunProcess(kTwenty.mode, file));
    fifty.push_back(RunProcess(kFifty.mode, file));
    by_hand.push_back(RunProcess("--by-hand", file));
    const Measured &a = twenty.back(), &b = fifty.back(), &c = by_hand.back();
    if (a.verdicts != c.verdicts)
      Fail("the verdicts differ:\n  andon   " + a.verdicts + "  by hand " + c.verdicts);
    if (b.verdicts != std::string(50, '1') + "\n") Fail("of the fifty some fail: " + b.verdicts);
    std::printf(
        "round %d: 20 in %.2f CPU s, %.0f MB; 50 in %.2f CPU s, %.0f MB; by hand %.2f CPU "
        "s, %.0f MB\n",
        round + 1, a.cpu_s, a.peak_mb, b.cpu_s, b.peak_mb, c.cpu_s, c.peak_mb);
  }
  std::filesystem::remove(file);
  bool is_twenty = Tell(rows, "20", twenty, by_hand, kTwenty);
  bool is_fifty = Tell(rows, "50", fifty, by_hand, kFifty);
  return is_twenty && is_fifty ? 0 : 1;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  const char* rows_wanted = std::getenv("ROWS");
  std::string first = argc > 1 ? argv[1] : rows_wanted ? rows_wanted : "10000000";
  if (first == andon::kTwenty.mode && argc > 2)
    return andon::RunOurs(argv[2], andon::TwentyChecks()), 0;
  if (first == andon::kFifty.mode && argc > 2)
    return andon::RunOurs(argv[2], andon::FiftyChecks()), 0;
  if (first == "--by-hand" && argc > 2) return andon::RunByHand(argv[2]), 0;
  int64_t rows = std::strtoll(first.c_str(), nullptr, 10);
  int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (rows <= 0 || rounds <= 0) andon::Fail("usage: quality_suite [ROWS] [ROUNDS]");
  return andon::Compare(rows, rounds);
}
