#include "board/board.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "board/outbox.h"
#include "board/watch.h"
#include "definition/secret.h"
#include "store/database.h"

namespace andon::board {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Timestamp T0() { return *ParseTimestamp("2026-11-20T08:00:00Z"); }

class BoardTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("andon-board-{}-{}", info->name(), static_cast<int>(getpid()));
    std::filesystem::create_directories(folder_);
    auto db = store::OpenSqlite((folder_ / "andon.db").string(), {.create = true});
    ASSERT_TRUE(db.ok()) << db.error().message;
    db_ = std::move(*db);
    project_.name = "rental";
    for (const char* name : {"customer", "payment", "fact_payment"}) {
      definition::Dataset d;
      d.address = std::string("dataset.") + name;
      d.name = name;
      d.source = "source.deliveries";
      d.columns = {{.name = "amount", .type = "decimal(5,2)"}};
      project_.datasets.push_back(d);
    }
    project_.datasets[2].source.clear();
    project_.datasets[2].sql = "select * from payment";
    project_.datasets[2].inputs = {"dataset.payment"};
    graph_ = lineage::Graph::Build(project_);
  }
  void TearDown() override {
    db_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Sql(const std::string& sql, const store::Params& params = {}) {
    auto done = db_->Execute(sql, params);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void Version(const std::string& name, int64_t version, Timestamp at, int64_t rows) {
    Sql("INSERT INTO dataset_versions (dataset, version, snapshot_id, state, published_at, run_id, "
        "release_id, body) "
        "VALUES (?, ?, ?, 'published', ?, 'run1', 1, ?)",
        {"dataset." + name, version, version * 10, at, Json::Object({{"rows", rows}})});
  }
  Board Read(Timestamp now) {
    auto board = db_->Read([&](store::Transaction& tx) { return ReadBoard(tx, project_, now); });
    EXPECT_TRUE(board.ok()) << (board.ok() ? "" : board.error().message);
    return board.ok() ? *board : Board{};
  }
  // "payment red, fact_payment yellow, …".
  std::string Lights(Timestamp now) {
    std::string out;
    for (const auto& row : Read(now).rows)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", row.name, ToString(row.light));
    return out;
  }
  incident::Context Context(const std::string& actor = "run") {
    return {project_, graph_, 1, actor};
  }
  void FailPayment() {
    incident::Failure failure;
    failure.datasets = {"dataset.payment"};
    failure.run_id = "run2";
    failure.delivery =
        incident::DeliveryReference{1, "deliveries/payment-2005-08.csv", "2005-08", T0()};
    failure.checks = {
        {.dataset = "dataset.payment", .name = "amount_in_range", .severity = "critical"}};
    auto n = db_->Write([&](store::Transaction& tx) -> Result<int64_t> {
      int64_t number = TRY(incident::RecordFailure(tx, Context(), failure, T0() + minutes(1)));
      TRY(incident::RecordHeld(tx, Context(), "dataset.fact_payment", {"dataset.payment"}, "run2",
                               T0() + minutes(1)));
      return number;
    });
    ASSERT_TRUE(n.ok()) << n.error().message;
  }

  std::filesystem::path folder_;
  std::unique_ptr<store::Database> db_;
  definition::Project project_;
  lineage::Graph graph_;
};

TEST_F(BoardTest, ADatasetWithoutAVersionIsGrey) {
  EXPECT_EQ(Lights(T0()), "customer grey, fact_payment grey, payment grey");
}

TEST_F(BoardTest, LightsFollowIncidentsHoldsAndAcceptance) {
  for (const char* name : {"customer", "payment", "fact_payment"})
    Version(name, 1, T0() - hours(1), 100);
  EXPECT_EQ(Lights(T0()), "customer green, fact_payment green, payment green");
  FailPayment();
  EXPECT_EQ(Lights(T0() + hours(1)), "payment red, fact_payment yellow, customer green");
  Board board = Read(T0() + hours(1));
  EXPECT_EQ(board.rows[0].why, "payment: 1 check failed on deliveries/payment-2005-08.csv.");
  EXPECT_EQ(board.rows[0].since, T0() + minutes(1));
  EXPECT_EQ(board.rows[0].rows, 100);
  EXPECT_EQ(board.rows[1].why, "Held: payment is red (incident 1).");
  EXPECT_EQ(board.red, 1);
  EXPECT_EQ(board.downtime_30d, Duration(hours(1)));
  auto accepted = db_->Write([&](store::Transaction& tx) {
    return incident::Accept(tx, Context("ana"), 1, "month end", std::nullopt, T0() + hours(2));
  });
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(Lights(T0() + hours(3)), "fact_payment yellow, payment yellow, customer green");
  EXPECT_NE(Read(T0() + hours(3)).rows[1].why.find("Published red, accepted by ana: month end"),
            std::string::npos);
  auto published = db_->Write([&](store::Transaction& tx) {
    return incident::RecordPublished(tx, Context(), {.dataset = "dataset.payment", .version = 2},
                                     T0() + hours(4));
  });
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(Lights(T0() + hours(5)), "customer green, fact_payment green, payment green");
  EXPECT_EQ(Read(T0() + hours(5)).rows[2].since, T0() + hours(4));
}

TEST_F(BoardTest, AHoldByHandIsYellowAndSaysWhy) {
  Version("customer", 1, T0(), 10);
  Sql("INSERT INTO holds (dataset, kind, state, since, actor, body) VALUES ('dataset.customer', "
      "'manual', 'active', ?, 'ana', ?)",
      {T0() + hours(1), Json::Object({{"reason", "wrong rates"}})});
  Board board = Read(T0() + hours(2));
  EXPECT_EQ(board.rows[0].light, Light::kYellow);
  EXPECT_EQ(board.rows[0].why, "Held by ana: wrong rates.");
}

TEST_F(BoardTest, FreshnessOpensAndEndsAnIncident) {
  project_.datasets[0].freshness = definition::Freshness{"1h", "", ""};
  Version("customer", 1, T0(), 10);
  Sql("INSERT INTO deliveries (dataset, path, state, arrived_at, updated_at) VALUES "
      "('dataset.customer', 'c.csv', 'loaded', ?, ?)",
      {T0(), T0()});
  auto watch = [&](Timestamp now) {
    auto result = WatchFreshness(*db_, Context("serve"), now);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? *result : WatchResult{};
  };
  EXPECT_EQ(watch(T0() + minutes(30)).transitions.size(), 1u);  // INSUFFICIENT_DATA -> OK
  EXPECT_TRUE(watch(T0() + minutes(31)).transitions.empty());
  WatchResult late = watch(T0() + minutes(90));
  EXPECT_EQ(late.incidents, std::vector<int64_t>{1});
  EXPECT_TRUE(watch(T0() + minutes(91)).incidents.empty());
  EXPECT_EQ(Read(T0() + minutes(92)).rows[0].light, Light::kRed);
  Sql("INSERT INTO deliveries (dataset, path, state, arrived_at, updated_at) VALUES "
      "('dataset.customer', 'd.csv', 'loaded', ?, ?)",
      {T0() + minutes(95), T0() + minutes(95)});
  WatchResult fresh = watch(T0() + minutes(96));
  ASSERT_EQ(fresh.transitions.size(), 1u);
  EXPECT_EQ(fresh.next_due, T0() + minutes(155) + std::chrono::microseconds(1));
  auto in = db_->Read([](store::Transaction& tx) { return incident::Load(tx, 1); });
  EXPECT_EQ(in->state, incident::State::kResolved);
  incident::Times times = incident::TimesOf(*in, T0() + hours(9));
  EXPECT_EQ(times.to_detection, Duration(minutes(30))) << "it was due after an hour";
}

TEST_F(BoardTest, ADatasetsPageHasItsHistory) {
  Version("payment", 1, T0() - hours(2), 100);
  Version("payment", 2, T0() - hours(1), 120);
  for (auto [run, scope, state, at] : {std::tuple{"run1", "delivery", "passed", 1},
                                       {"run1", "dataset", "failed", 1},
                                       {"run2", "delivery", "passed", 2}}) {
    Sql("INSERT INTO check_results (dataset, check_key, scope, state, severity, time, run_id, "
        "body) VALUES "
        "('dataset.payment', 'amount_in_range', ?, ?, 'critical', ?, ?, ?)",
        {scope, state, T0() + hours(at), run,
         Json::Object({{"message", "37 of 1,157"}, {"type", "expect_x"}})});
  }
  FailPayment();
  auto detail = db_->Read([&](store::Transaction& tx) {
    return ReadDataset(tx, project_, graph_, "payment", T0() + hours(3));
  });
  ASSERT_TRUE(detail.ok()) << detail.error().message;
  ASSERT_EQ(detail->versions.size(), 2u);
  EXPECT_EQ(detail->versions[0].version, 2);
  ASSERT_EQ(detail->grid.rows.size(), 1u);
  EXPECT_EQ(detail->grid.runs, (std::vector<std::string>{"run1", "run2"}));
  EXPECT_EQ(detail->grid.rows[0].cells[0].state, "failed") << "the worse of two scopes";
  EXPECT_EQ(detail->grid.rows[0].cells[1].state, "passed");
  EXPECT_EQ(detail->downstream.size(), 1u);
  EXPECT_EQ(detail->incidents.size(), 1u);
  EXPECT_EQ(ToJson(*detail)["definition"]["columns"].size(), 1u);
  auto unknown = db_->Read(
      [&](store::Transaction& tx) { return ReadDataset(tx, project_, graph_, "paymant", T0()); });
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message, "There is no dataset \"paymant\"; did you mean \"payment\"?");
}

TEST_F(BoardTest, SecretsAreResolvedFromTheEnvironmentAndFiles) {
  setenv("ANDON_BOARD_TEST_SECRET", "hush", 1);
  std::ofstream(folder_ / "key.txt") << "file secret\n";
  Json settings = Json::Object(
      {{"url", Json::Object({{"secret", "env://ANDON_BOARD_TEST_SECRET"}})},
       {"headers", Json::Object({{"X", Json::Object({{"secret", "file://key.txt"}})}})},
       {"list", Json::List({1, "two"})}});
  auto resolved = definition::ResolveSecrets(settings, folder_.string());
  ASSERT_TRUE(resolved.ok()) << resolved.error().message;
  EXPECT_EQ(resolved->Dump(), R"({"url":"hush","headers":{"X":"file secret"},"list":[1,"two"]})");
  auto absent =
      definition::ResolveSecrets(Json::Object({{"secret", "env://ANDON_BOARD_TEST_ABSENT"}}), "");
  EXPECT_EQ(absent.error().message,
            "The environment variable ANDON_BOARD_TEST_ABSENT of a secret is not set");
  EXPECT_EQ(definition::ResolveSecrets(Json::Object({{"secret", "vault://x#y"}}), "").error().kind,
            ErrorKind::kInvalid);
}

}  // namespace
}  // namespace andon::board
