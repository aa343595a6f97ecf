// links: andon_quality
//
// The twenty expectations of a payment table in PostgreSQL, as Andon runs them there, against one
// statement written by hand that gives the same verdicts. A server of this program's own, on
// loopback; both on one connection each, alternated. What is printed is the ratio of the time from
// question to answer: the client only waits, so it is the server's time, its parallel workers' too.
//
//   bench_quality_postgres [ROWS] [ROUNDS]    default $ROWS or 1000000, and 5; goal: at most 1.1
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "io/process.h"
#include "io/test_server.h"
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

constexpr const char* kByHand = R"sql(
SELECT count(*), count(DISTINCT payment_id), count(payment_id), count(customer_id),
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

[[noreturn]] void Fail(const std::string& message) {
  std::fprintf(stderr, "quality_postgres: %s\n", message.c_str());
  std::exit(1);
}

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) Fail(result.error().message);
  return std::move(result).value();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double Seconds(const std::function<void()>& work) {
  auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// A session of Andon's only reads.
void Load(const std::string& url, const std::string& statements) {
  io::Finished done =
      Must(io::Run({.argv = {"psql", "-q", "-v", "ON_ERROR_STOP=1", url}, .input = statements}));
  if (!done.status.ok()) Fail("the table could not be made: " + done.err);
}

int Compare(int64_t rows, int rounds) {
  io::TestServer server("postgres");
  if (!server.missing().empty()) Fail("skipped: needs " + server.missing());
  const std::string url = server["url"].AsString();
  Load(url, Replace(kTable, "$ROWS", std::to_string(rows)) + ";\nVACUUM ANALYZE payment;\n");
  sql::Target target = Must(sql::OpenTarget(url, {.table = "payment"}));
  const std::vector<quality::CheckSpec> checks = TwentyChecks();
  std::vector<double> ours, by_hand;
  for (int round = 0; round < rounds; round++) {
    by_hand.push_back(Seconds([&] { Must(target.session->Query(kByHand)); }));
    ours.push_back(Seconds([&] {
      auto results = Must(quality::RunChecks(*target.session, target.relation, {}, checks,
                                             {.table_name = "payment", .sample_rows = 3}));
      for (const quality::CheckResult& r : results) {
        if (!r.success()) Fail(r.type + ": " + r.message);
      }
    }));
    std::printf("round %d: by hand %.2f s, andon %.2f s\n", round + 1, by_hand.back(), ours.back());
  }
  const double ratio = Median(ours) / Median(by_hand);
  std::printf("quality_postgres: %lld rows, 20 expectations: %.2f of the statement (goal 1.1)\n",
              static_cast<long long>(rows), ratio);
  return ratio <= 1.1 ? 0 : 1;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  const char* rows_wanted = std::getenv("ROWS");
  std::string first = argc > 1 ? argv[1] : rows_wanted ? rows_wanted : "1000000";
  int64_t rows = std::strtoll(first.c_str(), nullptr, 10);
  int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (rows <= 0 || rounds <= 0) andon::Fail("usage: quality_postgres [ROWS] [ROUNDS]");
  return andon::Compare(rows, rounds);
}
