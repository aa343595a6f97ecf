#include "release/release.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"
#include "store/journal.h"

namespace andon::release {
namespace {

using definition::Object;

class ReleaseTest : public testing::Test {
 protected:
  ReleaseTest() {
    dir_ = std::filesystem::temp_directory_path() / ("andon-release-" + RandomUuid());
    auto opened = store::OpenSqlite((dir_ / "andon.db").string(), {.create = true});
    EXPECT_TRUE(opened.ok());
    if (opened.ok()) db_ = std::move(*opened);
  }
  ~ReleaseTest() override {
    db_.reset();
    std::filesystem::remove_all(dir_);
  }

  static Object Model(const std::string& name, const std::string& sql) {
    return {
        .address = "dataset." + name,
        .kind = "dataset",
        .attributes = Json::Object({{"sql", sql}, {"load", Json::Object({{"mode", "replace"}})}}),
        .positions = Json::Object({{"", "m.andon.hcl:1"}, {"sql", name + ".sql:1"}}),
        .derived = Json::Object({{"inputs", Json::List({"dataset.payment"})}})};
  }

  int64_t Apply(std::vector<Change> changes, int64_t base) {
    auto id =
        Open(*db_, clock_,
             {.actor = "ana", .message = "apply", .base = base, .changes = std::move(changes)});
    EXPECT_TRUE(id.ok()) << id.error().message;
    EXPECT_TRUE(Close(*db_, clock_, *id).ok());
    return *id;
  }

  std::vector<store::Fact> Changes(int64_t release) {
    auto facts = db_->Read([&](store::Transaction& tx) {
      return store::ReadFacts(tx, {.kinds = {store::fact::kObjectChanged}, .release_id = release});
    });
    return facts.ok() ? *facts : std::vector<store::Fact>{};
  }

  std::filesystem::path dir_;
  ManualClock clock_{*ParseTimestamp("2026-01-01T00:00:00Z")};
  std::unique_ptr<store::Database> db_;
};

TEST_F(ReleaseTest, KeepsWhatItDeclares) {
  EXPECT_EQ(CurrentProject(*db_).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(
      Apply({{"dataset.a", Model("a", "select 1")}, {"dataset.b", Model("b", "select 2")}}, 0), 1);
  EXPECT_EQ(Apply({{"dataset.a", Model("a", "select 3")}, {"dataset.b", std::nullopt}}, 1), 2);
  auto project = CurrentProject(*db_);
  ASSERT_TRUE(project.ok());
  ASSERT_EQ(project->datasets.size(), 1u);
  EXPECT_EQ(project->datasets[0].sql, "select 3");
  EXPECT_EQ(project->datasets[0].sql_file, "a.sql");
  EXPECT_EQ(project->datasets[0].inputs, std::vector<std::string>{"dataset.payment"});
  EXPECT_EQ(Objects(*db_, 1)->size(), 2u);
  auto second = Find(*db_, 2);
  EXPECT_EQ(second->counts.changed, 1);
  EXPECT_EQ(second->counts.removed, 1);
  EXPECT_EQ(Find(*db_, 7).error().kind, ErrorKind::kNotFound);
}

TEST_F(ReleaseTest, SaysWhichLineOfTheSqlChanged) {
  Apply({{"dataset.a", Model("a", "select x\nfrom t\nwhere y")}}, 0);
  int64_t id = Apply({{"dataset.a", Model("a", "select x\nfrom t join u\nwhere y")}}, 1);
  auto facts = Changes(id);
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].address, "dataset.a");
  EXPECT_EQ(facts[0].body["sql"]["file"].AsString(), "a.sql");
  EXPECT_EQ(facts[0].body["sql"]["line"].AsInteger(), 2);
  EXPECT_EQ(facts[0].body["position"].AsString(), "a.sql:2");
  EXPECT_NE(facts[0].body["before"].AsString(), facts[0].body["after"].AsString());
}

TEST_F(ReleaseTest, RefusesAStalePlan) {
  Apply({{"dataset.a", Model("a", "select 1")}}, 0);
  auto stale = Open(*db_, clock_, {.base = 0, .changes = {{"dataset.b", Model("b", "select 1")}}});
  ASSERT_FALSE(stale.ok());
  EXPECT_EQ(stale.error().kind, ErrorKind::kConflict);
}

TEST_F(ReleaseTest, FinishesWhatACrashLeftOpen) {
  ASSERT_TRUE(
      Open(*db_, clock_, {.message = "apply", .changes = {{"dataset.a", Model("a", "select 1")}}})
          .ok());
  EXPECT_EQ(*CurrentId(*db_), 0);
  EXPECT_EQ(Open(*db_, clock_, {}).error().kind, ErrorKind::kHeld);
  auto recovered = Reconcile(*db_, clock_);
  ASSERT_TRUE(recovered.ok() && recovered->has_value());
  EXPECT_TRUE((*recovered)->is_recovered);
  EXPECT_EQ(*CurrentId(*db_), 1);
  EXPECT_EQ(Changes(1).size(), 1u);
  EXPECT_FALSE(Reconcile(*db_, clock_)->has_value());
}

TEST_F(ReleaseTest, OrderIsNoDifference) {
  Object a = Model("a", "select 1"), b = a;
  b.attributes = Json::Object({{"load", a.attributes["load"]}, {"sql", a.attributes["sql"]}});
  EXPECT_EQ(HashOf(a), HashOf(b));
  EXPECT_TRUE(Diff({a}, {b}).empty());
}

TEST(FirstChangedLineTest, Finds) {
  EXPECT_EQ(FirstChangedLine("a\nb", "a\nb"), -1);
  EXPECT_EQ(FirstChangedLine("a\nb", "a\nc"), 1);
  EXPECT_EQ(FirstChangedLine("", "a"), 0);
  EXPECT_EQ(FirstChangedLine("a\nb\n", "a\nb\nc\n"), 2);
}

}  // namespace
}  // namespace andon::release
