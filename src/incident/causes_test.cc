#include "incident/causes.h"

#include <gtest/gtest.h>

namespace andon::incident {
namespace {

Timestamp At(std::string_view text) { return *ParseTimestamp(text); }

// The August delivery of payment, as in the example's story.
Symptom BadDelivery() {
  Symptom s;
  s.dataset = "dataset.payment";
  s.unit = {"dataset.payment"};
  s.upstream = {{"source.deliveries.table.payment", 1, "dataset.payment"}};
  s.failed_checks = {"amount_in_range", "payment_id_unique"};
  s.delivery = "deliveries/payment-2005-08.csv";
  s.delivered_at = At("2026-11-20T08:00:00Z");
  s.fails_on_delivery = 1;
  s.slices = {
      {"amount_in_range",
       "37 of the 37 failing rows have staff_id = 2 and payment_date ≥ 2005-08-20; they are "
       "3 % of that slice's 1,250 rows",
       1.0, 0.03}};
  s.release_id = 1;
  return s;
}

Symptom FanOut() {
  Symptom s;
  s.dataset = "dataset.daily_revenue";
  s.unit = {"dataset.daily_revenue"};
  s.upstream = {{"dataset.fact_payment", 1, ""}, {"dataset.payment", 2, ""}};
  s.failed_checks = {"revenue_matches"};
  s.release_id = 2;
  return s;
}

History Good(int64_t release) {
  History h;
  h.last_good = History::Good{At("2026-11-20T07:00:00Z"), 3, 1, "0.1.0"};
  h.release_id = release;
  return h;
}

Change Sql(const std::string& dataset, const std::string& position) {
  return {2, At("2026-11-20T09:00:00Z"), "ana@example.org", dataset, "sql", position};
}

// "data 0.83, code 0 cleared": the ranking in a line.
std::string Ranked(const Symptom& s, const History& h) {
  std::string out;
  for (const Cause& c : RankCauses(s, h)) {
    if (!out.empty()) out += ", ";
    out += c.is_cleared() ? fmt::format("{} cleared", ToString(c.kind))
                          : fmt::format("{} {:.2f}", ToString(c.kind), c.score);
  }
  return out;
}

struct Case {
  const char* says;
  Symptom symptom;
  History history;
  const char* ranked;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  History clean = Good(1);
  clean.deliveries_passed = 3;
  cases.push_back(
      {"a bad delivery, nothing else changed", BadDelivery(), clean, "data 0.85, code cleared"});

  History stricter = clean;
  stricter.changes = {{2, At("2026-11-20T07:30:00Z"), "ben", "dataset.payment",
                       "checks.amount_in_range", "p.andon.hcl:9"}};
  cases.push_back({"the failing check was made stricter between", BadDelivery(), stricter,
                   "code 0.49, data 0.40"});

  History other_check = clean;
  other_check.changes = {
      {2, At("2026-11-20T07:30:00Z"), "ben", "dataset.payment", "checks.another", "p.andon.hcl:9"},
      {2, At("2026-11-20T07:30:00Z"), "ben", "dataset.payment", "description", "p.andon.hcl:4"}};
  cases.push_back({"changes that cannot matter clear code all the same", BadDelivery(), other_check,
                   "data 0.85, code cleared"});

  History second = clean;
  second.deliveries_passed = 0;
  second.deliveries_failed = 1;
  cases.push_back(
      {"another delivery failed too", BadDelivery(), second, "data 0.60, code cleared"});

  History edited = Good(2);
  edited.changes = {Sql("dataset.daily_revenue", "models/daily_revenue.sql:7")};
  cases.push_back({"the model's SQL changed, its inputs did not", FanOut(), edited,
                   "code 0.88, upstream cleared"});

  History both = edited;
  both.upstream = {{"dataset.payment", 2, 4, At("2026-11-20T08:30:00Z"), false, false}};
  cases.push_back({"SQL and an input changed", FanOut(), both, "code 0.49, upstream 0.13"});

  History upstream = Good(1);
  upstream.upstream = {{"dataset.fact_payment", 1, 4, At("2026-11-20T08:30:00Z"), false, false},
                       {"dataset.payment", 2, 5, At("2026-11-20T08:20:00Z"), true, false}};
  cases.push_back({"accepted red data came from above", FanOut(), upstream,
                   "upstream 0.69, upstream 0.45, code cleared"});

  History upstream_code = Good(2);
  upstream_code.changes = {Sql("dataset.fact_payment", "models/fact_payment.sql:3")};
  upstream_code.upstream = {
      {"dataset.fact_payment", 1, 4, At("2026-11-20T08:30:00Z"), false, false}};
  cases.push_back(
      {"an upstream's SQL changed", FanOut(), upstream_code, "code 0.42, upstream 0.27"});

  Symptom killed = FanOut();
  killed.kind = Symptom::Kind::kTask;
  killed.was_killed = true;
  killed.task_end = "was killed by signal 9 (Killed)";
  cases.push_back(
      {"a worker was killed", killed, Good(1), "environment 0.60, code cleared, upstream cleared"});

  History moved = Good(1);
  moved.systems = {{.address = "aws_db_instance.rental",
                    .what = "update",
                    .detail = "port: 5432 -> 5433",
                    .reader = "source.rental",
                    .actor = "ana",
                    .at = At("2026-11-20T08:40:00Z")}};
  Symptom away = FanOut();
  away.kind = Symptom::Kind::kTask;
  away.message = "Nothing answers at rental:5432.";
  cases.push_back({"what it is read from was changed, and does not answer", away, moved,
                   "environment 0.65, environment 0.30, code cleared, upstream cleared"});
  History beside = clean;
  beside.systems = moved.systems;
  beside.systems[0].is_drift = true;
  cases.push_back({"it was changed, and still the delivery is bad", BadDelivery(), beside,
                   "data 0.85, environment 0.40, code cleared"});
  moved.systems[0].depth = 3;
  cases.push_back({"it was changed far away", FanOut(), moved,
                   "environment 0.13, code cleared, upstream cleared"});

  Symptom newer = FanOut();
  newer.andon_version = "0.2.0";
  cases.push_back(
      {"Andon was updated", newer, Good(1), "environment 0.35, code cleared, upstream cleared"});

  cases.push_back(
      {"nothing is known", FanOut(), Good(1), "data 0.10, code cleared, upstream cleared"});

  Symptom renamed = BadDelivery();
  renamed.kind = Symptom::Kind::kContract;
  renamed.slices.clear();
  renamed.message = "Column \"amount\" is missing; \"payment_amount\" came instead: renamed?";
  cases.push_back({"the columns are others", renamed, clean, "data 0.87, code cleared"});

  Symptom first = BadDelivery();
  first.slices.clear();
  History never;
  never.release_id = 1;
  never.changes = {{1, At("2026-11-20T07:00:00Z"), "ana", "dataset.payment", "", "p.andon.hcl:3"}};
  cases.push_back({"the first delivery of a new dataset", first, never, "data 0.50, code 0.30"});

  Symptom late = BadDelivery();
  late.kind = Symptom::Kind::kFreshness;
  late.delivery.clear();
  late.slices.clear();
  late.message = "payment is late: no delivery for 2h; at most 1h is allowed.";
  History looked = Good(1);
  looked.last_run_at = At("2026-11-20T09:00:00Z");
  cases.push_back({"late, though runs looked", late, looked, "data 0.79, code cleared"});
  cases.push_back(
      {"late, and nobody looked", late, Good(1), "environment 0.60, data 0.49, code cleared"});
  return cases;
}

TEST(Causes, AreRankedByTheirEvidence) {
  for (const Case& c : Cases()) EXPECT_EQ(Ranked(c.symptom, c.history), c.ranked) << c.says;
}

TEST(Causes, TellTheirEvidenceInSentences) {
  History clean = Good(1);
  clean.deliveries_passed = 3;
  auto causes = RankCauses(BadDelivery(), clean);
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(causes[0].title, "This delivery's file: deliveries/payment-2005-08.csv");
  std::string told;
  for (const Evidence& e : causes[0].evidence)
    told += (e.supports ? "+ " : "- ") + e.sentence + "\n";
  EXPECT_EQ(
      told,
      "+ 1 of the 2 failing checks fail on the file itself, the others once its rows are loaded, "
      "which arrived at 2026-11-20T08:00:00Z; version @3, without them, passed.\n"
      "+ The 3 deliveries before it passed the same checks.\n"
      "+ 37 of the 37 failing rows have staff_id = 2 and payment_date ≥ 2005-08-20; they are 3 % "
      "of that slice's 1,250 rows.\n"
      "+ Nothing changed in code or definitions since the last good run (release 1).\n");
  EXPECT_EQ(causes[1].evidence[0].sentence,
            "Nothing changed in code or definitions since the last good run (release 1).");
  EXPECT_FALSE(causes[1].evidence[0].supports);
}

TEST(Causes, CodeNamesReleaseFileAndLine) {
  History edited = Good(2);
  edited.changes = {Sql("dataset.daily_revenue", "models/daily_revenue.sql:7")};
  Cause first = RankCauses(FanOut(), edited).front();
  EXPECT_EQ(first.title, "Release 2 changed the SQL of daily_revenue: models/daily_revenue.sql:7");
  EXPECT_EQ(first.position, "models/daily_revenue.sql:7");
  EXPECT_EQ(first.release_id, 2);
  EXPECT_EQ(
      first.evidence[0].sentence,
      "The SQL of daily_revenue changed in release 2 by ana@example.org at 2026-11-20T09:00:00Z: "
      "models/daily_revenue.sql:7.");
}

TEST(Causes, SurviveTheirJson) {
  History edited = Good(2);
  edited.changes = {Sql("dataset.daily_revenue", "models/daily_revenue.sql:7")};
  for (const Cause& cause : RankCauses(FanOut(), edited)) {
    EXPECT_EQ(ToJson(CauseFromJson(ToJson(cause))).Dump(), ToJson(cause).Dump());
  }
}

TEST(Causes, FirstChangedLine) {
  EXPECT_EQ(FirstChangedLine("a\nb\nc", "a\nb\nc"), 3);
  EXPECT_EQ(FirstChangedLine("a\nb\nc", "a\nx\nc"), 2);
  EXPECT_EQ(FirstChangedLine("", "a"), 1);
  EXPECT_EQ(FirstChangedLine("a\nb", "a\nb\nc"), 2);
}

}  // namespace
}  // namespace andon::incident
