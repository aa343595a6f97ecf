// links: andon_quality
//
// The twenty expectations of a payment table in PostgreSQL, as Andon runs them there, against one
// statement written by hand that gives the same verdicts: once where all pass, and once where five
// more fail or pass by `mostly`, so that bad rows are shown. A server of this program's own, on
// loopback; both on one connection, alternated. What is printed is the ratio of their CPU times:
// the client's, the server's process for the connection, and its parallel workers'.
//
//   bench_quality_postgres [ROWS] [ROUNDS]    default $ROWS or 1000000, and 5; goal: at most 1.1
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "io/process.h"
#include "io/test_server.h"
#include "measure.h"
#include "payments.h"
#include "quality/run.h"
#include "sql/target.h"

namespace andon {
namespace {

// The table, loaded by the server itself; the same values as payments.h writes to files.
constexpr const char* kTable = R"sql(
CREATE UNLOGGED TABLE payment AS
SELECT (i + 1)::bigint AS payment_id, (1 + abs(hashint8(i)) % 599)::int AS customer_id,
       (1 + abs(hashint8(i * 7 + 1)) % 2)::int AS staff_id,
       (i + 1 + abs(hashint8(i * 13)) % 3)::bigint AS rental_id,
       (abs(hashint8(i * 31 + 5)) % 12 + 0.99)::double precision AS amount,
       timestamp '2026-01-01' + interval '1 second' * ((i * 31536000.0 / $ROWS)::bigint) AS payment_date,
       'PAY-' || lpad((i + 1)::text, 9, '0') AS payment_ref,
       CASE WHEN abs(hashint8(i * 17)) % 100 = 0 THEN NULL
            ELSE (ARRAY['cash', 'card', 'voucher', 'wire'])[1 + abs(hashint8(i * 3)) % 4] END AS method
FROM generate_series(0, $ROWS - 1) AS t(i))sql";

// Besides the twenty: rows that are seldom bad, in one of a million, of a hundred, often.
constexpr const char* kWithBadRows = R"json([
{"type":"expect_column_values_to_be_between","kwargs":{"column":"payment_id","max_value":999999}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"method"}},
{"type":"expect_column_values_to_be_between","kwargs":{"column":"amount","max_value":11,"mostly":0.5}},
{"type":"expect_column_values_to_be_in_set","kwargs":{"column":"staff_id","value_set":[1]}},
{"type":"expect_column_values_to_not_match_regex","kwargs":{"column":"payment_ref","regex":"0000500$"}}
])json";

// $MORE: what the checks with bad rows count, in the statement that has them.
constexpr const char* kMoreByHand = R"sql(
       count(*) FILTER (WHERE payment_id > 999999), count(*) FILTER (WHERE amount > 11),
       count(*) FILTER (WHERE staff_id NOT IN (1)),
       count(*) FILTER (WHERE payment_ref ~ '0000500$'),)sql";

constexpr const char* kByHand = R"sql(
SELECT$MORE count(*), count(DISTINCT payment_id), count(payment_id), count(customer_id),
       count(*) FILTER (WHERE amount < 0 OR amount > 20),
       count(*) FILTER (WHERE staff_id NOT IN (1, 2)),
       count(*) FILTER (WHERE payment_ref !~ '^PAY-[0-9]{9}$'), avg(amount),
       percentile_disc(ARRAY[0.05, 0.5, 0.95]) WITHIN GROUP (ORDER BY amount),
       count(DISTINCT (payment_id, rental_id)), count(rental_id), count(method),
       count(*) FILTER (WHERE method NOT IN ('cash', 'card', 'voucher', 'wire')),
       count(*) FILTER (WHERE customer_id < 1 OR customer_id > 599),
       count(*) FILTER (WHERE length(payment_ref) <> 13), min(amount), max(amount),
       count(DISTINCT customer_id),
       (SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'payment'::regclass AND attnum > 0)
FROM payment)sql";

// CPU seconds from the fields of /proc/PID/stat behind the command: user and system time of the
// process (11, 12), and of its children that ended (13, 14).
double CpuOf(int64_t pid, std::initializer_list<int> fields, int64_t* parent = nullptr) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.rfind(") ") == std::string::npos) Fail("/proc does not tell the server's CPU time");
  std::istringstream rest(text.substr(text.rfind(") ") + 2));
  std::vector<std::string> all{std::istream_iterator<std::string>(rest), {}};
  if (all.size() < 15) Fail("/proc does not tell the server's CPU time");
  if (parent) *parent = std::strtoll(all[1].c_str(), nullptr, 10);
  double ticks = 0;
  for (int field : fields) ticks += std::strtod(all[static_cast<size_t>(field)].c_str(), nullptr);
  return ticks / double(sysconf(_SC_CLK_TCK));
}

class Clock {
 public:
  explicit Clock(sql::Session& session) {
    backend_ = Must(session.Query("SELECT pg_backend_pid()")).Integer(0, 0);
    CpuOf(backend_, {}, &server_);
  }

  double Seconds(const std::function<void()>& work) const {
    const double before = Now();
    work();
    // The server counts a worker when it has taken note of its end.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return Now() - before;
  }

 private:
  double Now() const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime) + CpuOf(backend_, {11, 12}) +
           CpuOf(server_, {13, 14});
  }

  int64_t backend_ = 0;
  int64_t server_ = 0;
};

// A session of Andon's only reads.
void Load(const std::string& url, const std::string& statements) {
  io::Finished done =
      Must(io::Run({.argv = {"psql", "-q", "-v", "ON_ERROR_STOP=1", url}, .input = statements}));
  if (!done.status.ok()) Fail("the table could not be made: " + done.err);
}

// The ratio, where `failed` of the checks fail.
double Compare(sql::Target& target, const std::vector<quality::CheckSpec>& checks, int failed,
               const std::string& more, int rounds) {
  const std::string statement = Replace(kByHand, "$MORE", more);
  const Clock clock(*target.session);
  std::vector<double> ours, by_hand;
  for (int round = 0; round < rounds; round++) {
    by_hand.push_back(clock.Seconds([&] { Must(target.session->Query(statement)); }));
    ours.push_back(clock.Seconds([&] {
      auto results = Must(quality::RunChecks(*target.session, target.relation, {}, checks,
                                             {.table_name = "payment", .sample_rows = 3}));
      int found = 0;
      for (const quality::CheckResult& r : results) {
        if (r.state == quality::CheckState::kError) Fail(r.type + ": " + r.message);
        found += !r.success();
      }
      if (found != failed) Fail(std::to_string(found) + " checks fail");
    }));
    std::printf("round %d: by hand %.2f CPU s, andon %.2f CPU s\n", round + 1, by_hand.back(),
                ours.back());
  }
  return Median(ours) / Median(by_hand);
}

int Run(int64_t rows, int rounds) {
  io::TestServer server("postgres");
  if (!server.missing().empty()) Fail("skipped: needs " + server.missing());
  const std::string url = server["url"].AsString();
  Load(url, Replace(kTable, "$ROWS", std::to_string(rows)) + ";\nVACUUM ANALYZE payment;\n");
  sql::Target target = Must(sql::OpenTarget(url, {.table = "payment"}));
  std::vector<quality::CheckSpec> passing = TwentyChecks(), failing = passing;
  AddChecks(kWithBadRows, &failing);
  const double all_pass = Compare(target, passing, 0, "", rounds);
  const double some_fail = Compare(target, failing, 4, kMoreByHand, rounds);
  std::printf(
      "quality_postgres: %lld rows, 20 expectations: %.2f of the statement, with bad rows of 5 "
      "more "
      "%.2f (goal 1.1)\n",
      static_cast<long long>(rows), all_pass, some_fail);
  return all_pass <= 1.1 && some_fail <= 1.1 ? 0 : 1;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  const char* rows_wanted = std::getenv("ROWS");
  std::string first = argc > 1 ? argv[1] : rows_wanted ? rows_wanted : "1000000";
  int64_t rows = std::strtoll(first.c_str(), nullptr, 10);
  int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (rows <= 0 || rounds <= 0) andon::Fail("usage: quality_postgres [ROWS] [ROUNDS]");
  return andon::Run(rows, rounds);
}
