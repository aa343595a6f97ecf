#include "incident/incident.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "store/database.h"
#include "store/journal.h"
#include "store/meta.h"
#include "store/outbox.h"

namespace andon::incident {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Timestamp T0() { return *ParseTimestamp("2026-11-20T08:00:00Z"); }

definition::Dataset Dataset(const std::string& name, std::vector<std::string> inputs = {}) {
  definition::Dataset d;
  d.address = "dataset." + name;
  d.name = name;
  d.owner = "team.payments";
  if (inputs.empty())
    d.source = "source.deliveries", d.source_table = name;
  else
    d.sql = "select 1";
  d.inputs = std::move(inputs);
  return d;
}

class IncidentTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("andon-incident-{}-{}", info->name(), static_cast<int>(getpid()));
    std::filesystem::create_directories(folder_);
    auto db = store::OpenSqlite((folder_ / "andon.db").string(), {.create = true});
    ASSERT_TRUE(db.ok()) << db.error().message;
    db_ = std::move(*db);
    project_.name = "rental";
    project_.datasets = {Dataset("payment"), Dataset("store"), Dataset("staff"),
                         Dataset("fact_payment", {"dataset.payment"}),
                         Dataset("daily_revenue", {"dataset.fact_payment"})};
    project_.teams = {{"team.payments", "payments", {}, {"channel.alerts"}}};
    graph_ = lineage::Graph::Build(project_);
  }
  void TearDown() override {
    db_.reset();
    std::filesystem::remove_all(folder_);
  }

  Context Now(const std::string& actor = "run 1") { return {project_, graph_, 1, actor}; }

  // Must succeed. The value, where there is one, is returned, and may be ignored.
  template <typename Body>
  auto Write(Body body) {
    auto result = db_->Write(body);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    if constexpr (!std::is_same_v<decltype(result), Result<void>>) return *result;
  }

  static Failure RedPayment(const std::string& run = "run-1",
                            const std::string& period = "2005-08") {
    Failure f;
    f.datasets = {"dataset.payment"};
    f.run_id = run;
    f.delivery = DeliveryReference{7, "deliveries/payment-" + period + ".csv", period, T0()};
    f.checks = {{.dataset = "dataset.payment",
                 .name = "amount_in_range",
                 .severity = "critical",
                 .scope = "delivery",
                 .message = "37 of 1,157 values are unexpected",
                 .unexpected_count = 37,
                 .sample = Json::Object({{"columns", Json::List({"amount"})},
                                         {"rows", Json::List({Json::List({-4.99})})}})},
                {.dataset = "dataset.payment",
                 .name = "unique",
                 .severity = "critical",
                 .scope = "delivery"}};
    return f;
  }

  int64_t Fail(const Failure& failure, Duration at) {
    return Write(
        [&](store::Transaction& tx) { return RecordFailure(tx, Now(), failure, T0() + at); });
  }
  std::vector<int64_t> Publish(const std::string& name, int64_t version, Duration at,
                               std::optional<std::vector<std::string>> keys = std::nullopt) {
    return Write([&](store::Transaction& tx) {
      return RecordPublished(tx, Now(), {"dataset." + name, version, "run-2", keys}, T0() + at);
    });
  }
  Incident Get(int64_t n) {
    auto in = db_->Read([&](store::Transaction& tx) { return Load(tx, n); });
    EXPECT_TRUE(in.ok());
    return in.ok() ? *in : Incident{};
  }
  std::string Timeline(int64_t n) {
    auto events = db_->Read([&](store::Transaction& tx) { return Events(tx, n); });
    std::string out;
    for (const Event& e : *events) out += (out.empty() ? "" : " ") + e.kind;
    return out;
  }
  std::vector<store::OutboxMessage> Outbox() {
    auto list =
        db_->Read([&](store::Transaction& tx) { return store::ListOutbox(tx, std::nullopt, 100); });
    return list.ok() ? *list : std::vector<store::OutboxMessage>{};
  }

  std::filesystem::path folder_;
  std::unique_ptr<store::Database> db_;
  definition::Project project_;
  lineage::Graph graph_;
};

TEST_F(IncidentTest, ABadDeliveryIsOneIncidentAndEndsWithTheCorrectedOne) {
  EXPECT_EQ(Fail(RedPayment(), minutes(4)), 1);
  Write([&](store::Transaction& tx) {
    return RecordHeld(tx, Now(), "dataset.fact_payment", {"dataset.payment"}, "run-1",
                      T0() + minutes(4));
  });
  auto held = Write([&](store::Transaction& tx) {
    return RecordHeld(tx, Now(), "dataset.daily_revenue", {"dataset.fact_payment"}, "run-1",
                      T0() + minutes(4));
  });
  EXPECT_EQ(held.value_or(0), 1);
  Incident in = Get(1);
  EXPECT_EQ(in.title, "payment: 2 checks failed on deliveries/payment-2005-08.csv");
  EXPECT_EQ(in.held.size(), 2u);
  EXPECT_EQ(in.impact.ToText(), "2 datasets (fact_payment, daily_revenue)");
  EXPECT_EQ(in.causes[0].kind, CauseKind::kData);

  EXPECT_TRUE(Publish("payment", 4, hours(1), {{"2005-09"}}).empty()) << "August is still missing";
  EXPECT_EQ(Publish("payment", 5, hours(2), {{"2005-08"}}), std::vector<int64_t>{1});
  in = Get(1);
  EXPECT_EQ(in.state, State::kResolved);
  Times times = TimesOf(in, T0() + hours(9));
  EXPECT_EQ(times.to_detection, Duration(minutes(4)));
  EXPECT_EQ(times.to_resolution, Duration(minutes(116)));
  EXPECT_EQ(times.downtime, Duration(hours(2)));
  EXPECT_EQ(times.served_bad, Duration(0));
  EXPECT_EQ(Timeline(1), "opened held held published resolved");
  EXPECT_EQ(Fail(RedPayment("run-9"), hours(10)), 2) << "what is over stays over";
}

TEST_F(IncidentTest, TheSameRunTellsNothingTwice) {
  EXPECT_EQ(Fail(RedPayment(), minutes(4)), 1);
  EXPECT_EQ(Fail(RedPayment(), minutes(5)), 1);
  EXPECT_EQ(Timeline(1), "opened");
  EXPECT_EQ(Outbox().size(), 1u);
  EXPECT_EQ(Fail(RedPayment("run-2"), minutes(9)), 1);
  EXPECT_EQ(Timeline(1), "opened failed_again");
  EXPECT_EQ(Outbox().size(), 2u);
}

TEST_F(IncidentTest, AnotherPeriodIsAnotherCause) {
  EXPECT_EQ(Fail(RedPayment("run-1", "2005-08"), minutes(4)), 1);
  EXPECT_EQ(Fail(RedPayment("run-2", "2005-09"), minutes(8)), 2);
}

TEST_F(IncidentTest, AUnitEndsWhenAllOfItsRedDatasetsArePublished) {
  Failure f;
  f.datasets = {"dataset.store", "dataset.staff"};
  f.kind = FailureKind::kTask;
  f.run_id = "run-1";
  f.message = "The query ran out of memory.";
  EXPECT_EQ(Fail(f, minutes(1)), 1);
  EXPECT_TRUE(Publish("store", 2, minutes(5)).empty());
  EXPECT_EQ(Publish("staff", 2, minutes(5)), std::vector<int64_t>{1});
}

TEST_F(IncidentTest, NotificationsGoToTheOwnersChannelsOncePerTransition) {
  Fail(RedPayment(), minutes(4));
  Publish("payment", 4, hours(1));
  auto messages = Outbox();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[1].channel, "channel.alerts");
  EXPECT_EQ(messages[1].key, "rental/incident/1/1");
  EXPECT_EQ(messages[1].body["kind"].AsString(), "incident_opened");
  EXPECT_EQ(messages[0].body["kind"].AsString(), "incident_resolved");
  EXPECT_EQ(messages[1].body.Dump().find("-4.99,"), std::string::npos)
      << "no sample rows leave the house";
  EXPECT_NE(messages[1].body["text"].AsString().find("Likely cause: This delivery's file"),
            std::string::npos);
  project_.teams.clear();
  project_.channels_default = {"channel.all", "channel.all"};
  EXPECT_EQ(ChannelsOf(project_, {"dataset.payment"}), std::vector<std::string>{"channel.all"});
}

TEST_F(IncidentTest, LateDatasetsJoinWhatHoldsThem) {
  Fail(RedPayment(), minutes(4));
  Write([&](store::Transaction& tx) {
    return RecordHeld(tx, Now(), "dataset.fact_payment", {"dataset.payment"}, "run-1",
                      T0() + minutes(4));
  });
  Failure late;
  late.kind = FailureKind::kFreshness;
  late.datasets = {"dataset.fact_payment"};
  late.message = "fact_payment is late: no new version for 2h; at most 1h is allowed.";
  EXPECT_EQ(Fail(late, hours(2)), 1);
  EXPECT_EQ(Fail(late, hours(3)), 1);
  EXPECT_EQ(Timeline(1), "opened held late");
  late.datasets = {"dataset.store"};
  late.message = "store is late.";
  late.since = T0() + hours(1);
  EXPECT_EQ(Fail(late, hours(2)), 2);
  EXPECT_EQ(Fail(late, hours(3)), 2);
  EXPECT_EQ(Timeline(2), "opened");
  EXPECT_EQ(TimesOf(Get(2), T0() + hours(3)).to_detection, Duration(hours(1)));
  EXPECT_EQ(Publish("store", 2, hours(4), {{"2026-11"}}), std::vector<int64_t>{2});
}

TEST_F(IncidentTest, PeopleAcknowledgeAssignNoteAndResolve) {
  Fail(RedPayment(), minutes(4));
  Write([&](store::Transaction& tx) -> Result<void> {
    TRY(Acknowledge(tx, Now("ana"), 1, T0() + minutes(6)));
    TRY(Acknowledge(tx, Now("ana"), 1, T0() + minutes(7)));
    TRY(Assign(tx, Now("ana"), 1, "person.ben", T0() + minutes(8)));
    TRY(AddNote(tx, Now("ben"), 1, "Called the shop.", T0() + minutes(9)));
    TRY(Resolve(tx, Now("ben"), 1, "The shop closed.", T0() + minutes(10)));
    return {};
  });
  EXPECT_EQ(Timeline(1), "opened acknowledged assigned note resolved");
  Incident in = Get(1);
  EXPECT_EQ(in.acknowledged_by, "ana");
  EXPECT_EQ(in.assignee, "person.ben");
  EXPECT_EQ(in.resolution, "The shop closed.");
  auto again =
      db_->Write([&](store::Transaction& tx) { return Acknowledge(tx, Now("ana"), 1, T0()); });
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().message, "Incident 1 is over since 2026-11-20T08:10:00Z (ben)");
  auto unknown =
      db_->Write([&](store::Transaction& tx) { return Resolve(tx, Now("ana"), 5, "", T0()); });
  EXPECT_EQ(unknown.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(unknown.error().message, "There is no incident 5; the last one is 1");
}

TEST_F(IncidentTest, AcceptedDataAreServedBadUntilAGreenPublish) {
  Fail(RedPayment(), minutes(4));
  auto accept = [&](const std::string& reason, std::optional<Timestamp> until) {
    return db_->Write([&](store::Transaction& tx) {
      return Accept(tx, Now("ana"), 1, reason, until, T0() + minutes(30));
    });
  };
  EXPECT_FALSE(accept("  ", std::nullopt).ok());
  EXPECT_FALSE(accept("month end", T0()).ok());
  EXPECT_TRUE(accept("month end", T0() + hours(3)).ok());
  EXPECT_EQ(Get(1).state, State::kAccepted);
  auto next =
      Write([&](store::Transaction& tx) { return ExpireAcceptances(tx, Now(), T0() + hours(1)); });
  EXPECT_EQ(next, T0() + hours(3));
  Write([&](store::Transaction& tx) { return ExpireAcceptances(tx, Now(), T0() + hours(3)); });
  EXPECT_EQ(Get(1).state, State::kOpen);
  EXPECT_EQ(Publish("payment", 6, hours(4), {{"2005-08"}}).size(), 1u);
  EXPECT_EQ(TimesOf(Get(1), T0() + hours(5)).served_bad, Duration(minutes(210)));
  EXPECT_EQ(Timeline(1), "opened accepted acceptance_ended published resolved");
}

TEST_F(IncidentTest, TheLastGoodVersionIsWhatReadersGoOnWith) {
  Write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.Execute(
        "INSERT INTO dataset_versions (dataset, version, snapshot_id, state, published_at, run_id, "
        "release_id, body) VALUES ('dataset.payment', 2, 12, 'published', ?, 'r', 1, '{}'), "
        "('dataset.payment', 3, 13, 'published', ?, 'r', 1, '{\"accepted\":\"x\"}')",
        {T0() - hours(2), T0() - hours(1)}));
    TRY(
        tx.Execute("INSERT INTO runs (run_id, state, started_at, body) VALUES ('r', 'done', 1, "
                   "'{\"andon_version\":\"0.1.0\"}')"));
    return {};
  });
  Fail(RedPayment(), minutes(4));
  Incident in = Get(1);
  EXPECT_EQ(in.last_good_version, 2);
  EXPECT_EQ(TimesOf(in, T0() + hours(1)).served_stale, Duration(hours(1)));
}

TEST_F(IncidentTest, HistoryFindsTheLineOfTheChangedSql) {
  auto object = [](const std::string& sql) {
    return Json::Object({{"kind", "dataset"},
                         {"attributes", Json::Object({{"sql", sql}, {"description", sql}})}})
        .Dump();
  };
  project_.datasets.back().positions =
      Json::Object({{"", "m.andon.hcl:3"}, {"sql", "models/daily_revenue.sql:1"}});
  Write([&](store::Transaction& tx) -> Result<void> {
    std::string one = TRY(store::PutBlob(tx, object("select 1\nfrom a\nwhere x")));
    std::string two = TRY(store::PutBlob(tx, object("select 1\nfrom a join b\nwhere x")));
    TRY(tx.Execute(
        "INSERT INTO releases (release_id, state, opened_at, closed_at, actor) VALUES "
        "(1, 'closed', 1, 2, 'ana'), (2, 'closed', 3, 4, 'ben'), (3, 'closed', 5, 6, 'ana')"));
    TRY(
        tx.Execute("INSERT INTO release_objects (release_id, address, hash) VALUES "
                   "(1, 'dataset.daily_revenue', ?), (2, 'dataset.daily_revenue', ?), (3, "
                   "'dataset.daily_revenue', ?)",
                   {one, two, two}));
    TRY(
        tx.Execute("INSERT INTO dataset_versions (dataset, version, snapshot_id, state, "
                   "published_at, release_id) "
                   "VALUES ('dataset.daily_revenue', 1, 1, 'published', 2, 1)"));
    return {};
  });
  Symptom s;
  s.dataset = "dataset.daily_revenue";
  s.unit = {s.dataset};
  s.upstream = {{"dataset.fact_payment", 1, ""}};
  s.release_id = 3;
  auto history = db_->Read([&](store::Transaction& tx) { return ReadHistory(tx, project_, s); });
  ASSERT_TRUE(history.ok()) << history.error().message;
  ASSERT_EQ(history->changes.size(), 2u);
  EXPECT_EQ(history->changes[0].part, "sql");
  EXPECT_EQ(history->changes[0].position, "models/daily_revenue.sql:2");
  EXPECT_EQ(history->changes[0].release_id, 2);
  EXPECT_EQ(history->changes[0].actor, "ben");
  EXPECT_EQ(RankCauses(s, *history)[0].title,
            "Release 2 changed the SQL of daily_revenue: models/daily_revenue.sql:2");
}

}  // namespace
}  // namespace andon::incident
