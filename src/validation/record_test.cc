#include "validation/record.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "io/local_file_system.h"
#include "validation/history.h"
#include "validation/retention.h"
#include "validation/test_validation.h"

namespace andon::validation {
namespace {

using std::chrono::hours;

class RecordTest : public testing::Test {
 protected:
  RecordTest() {
    auto opened = store::OpenSqlite(dir_ + "/andon.db", {.create = true});
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    if (opened.ok()) db_ = std::move(*opened);
  }
  ~RecordTest() override {
    db_.reset();
    (void)io::LocalFileSystem().RemoveAll(dir_);
  }

  int64_t Keep(const Validation& v) {
    auto number = db_->Write([&](store::Transaction& tx) { return Record(tx, v); });
    EXPECT_TRUE(number.ok()) << number.error().message;
    return number.ok() ? *number : 0;
  }
  template <typename Body>
  auto Read(Body body) {
    auto done = db_->Read(body);
    EXPECT_TRUE(done.ok()) << done.error().message;
    return std::move(*done);
  }
  int64_t CountOf(const char* table) {
    auto rows = db_->Query(fmt::format("SELECT count(*) AS n FROM {}", table));
    EXPECT_TRUE(rows.ok());
    return (*rows)[0].Integer("n");
  }

  std::string dir_ = testing::TempDir() + "andon-validation-" + RandomUuid();
  std::unique_ptr<store::Database> db_;
};

TEST_F(RecordTest, WhatIsKeptIsFoundAgain) {
  Validation v = Payment({Made("amount_in_range", "amount", 37), Made("id_in_range", "payment_id"),
                          Broken("gone", "tax", "no column tax")});
  v.batch_identifiers = Json::Object({{"month", "08"}});
  v.results[0].scope = "delivery";
  v.results[0].delivery_id = 7;
  const int64_t number = Keep(v);
  const Validation found = Read([&](store::Transaction& tx) { return Find(tx, number); });
  EXPECT_EQ(found.number, number);
  EXPECT_EQ(found.id.size(), 36u);
  EXPECT_EQ(found.name, "payment");
  EXPECT_EQ(found.dataset, "dataset.payment");
  EXPECT_EQ(found.title(), "payment 2005-08 @3");
  EXPECT_EQ(found.batch_identifiers, v.batch_identifiers);
  EXPECT_EQ(found.rows, 1157);
  EXPECT_EQ(found.started, v.started);
  EXPECT_EQ(found.duration, v.duration);
  ASSERT_EQ(found.results.size(), 3u);
  EXPECT_EQ(found.results[0].check.kwargs, v.results[0].check.kwargs);
  EXPECT_EQ(PositionOf(found.results[0].check), "payment.andon.hcl:12");
  EXPECT_EQ(found.results[0].scope, "delivery");
  EXPECT_EQ(found.results[0].delivery_id, 7);
  EXPECT_EQ(found.results[0].result.message, v.results[0].result.message);
  EXPECT_EQ(found.results[0].result.sample.rows, v.results[0].result.sample.rows);
  EXPECT_EQ(found.results[0].result.partial_unexpected_list,
            v.results[0].result.partial_unexpected_list);
  EXPECT_EQ(found.results[2].result.state, quality::CheckState::kError);
  const Validation last =
      Read([&](store::Transaction& tx) { return Find(tx, std::string_view("last")); });
  EXPECT_EQ(last.number, number);
  const Validation by_id =
      Read([&](store::Transaction& tx) { return Find(tx, std::string_view(found.id)); });
  EXPECT_EQ(by_id.number, number);
  for (const char* unknown : {"99", "nonsense"}) {
    auto none =
        db_->Read([&](store::Transaction& tx) { return Find(tx, std::string_view(unknown)); });
    EXPECT_FALSE(none.ok()) << unknown;
  }
}

TEST_F(RecordTest, ASuiteIsKeptOnce) {
  for (int i = 0; i < 5; ++i) Keep(Payment({Made("amount_in_range", "amount", i)}));
  EXPECT_EQ(CountOf("suites"), 1);
  Keep(Payment({Made("amount_in_range", "amount"), Made("id_in_range", "payment_id")}));
  EXPECT_EQ(CountOf("suites"), 2);
}

TEST_F(RecordTest, ListsAreNewestFirstAndBounded) {
  for (int i = 0; i < 5; ++i) {
    Validation v = Payment({Made("a", "amount", i % 2)});
    v.started = T0() + hours(i);
    if (i == 3) v.name = "rental", v.dataset = "dataset.rental";
    Keep(v);
  }
  auto all = Read([&](store::Transaction& tx) { return List(tx, {.limit = 2}); });
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].about.number, 5);
  auto older = Read([&](store::Transaction& tx) {
    return List(tx, {.dataset = "dataset.payment", .before = 5});
  });
  ASSERT_EQ(older.size(), 3u);
  EXPECT_EQ(older[0].about.number, 3) << "the fourth is of another dataset";
  EXPECT_EQ(older[0].state, "passed");
  EXPECT_EQ(older[1].state, "failed");
  auto datasets = Read([&](store::Transaction& tx) { return Datasets(tx); });
  ASSERT_EQ(datasets.size(), 2u);
  EXPECT_EQ(datasets[0].dataset, "dataset.payment");
  EXPECT_EQ(datasets[0].validations, 4);
  EXPECT_EQ(datasets[0].last.about.number, 5);
  const Validation fifth = Read([&](store::Transaction& tx) { return Find(tx, int64_t{5}); });
  EXPECT_EQ(Read([&](store::Transaction& tx) { return PreviousOf(tx, fifth); }),
            std::optional<int64_t>(3));
}

TEST_F(RecordTest, TheGridHasChecksByValidations) {
  Keep(Payment({Made("old", "amount"), Made("a", "amount", 3)}));
  Keep(Payment({Made("a", "amount", 0), Made("w", "amount", 1, quality::CheckSeverity::kWarning)}));
  Keep(Payment({Broken("a", "amount", "x"), Made("w", "amount")}));
  const Grid grid =
      Read([&](store::Transaction& tx) { return ReadGrid(tx, "dataset.payment", 30); });
  ASSERT_EQ(grid.columns.size(), 3u);
  ASSERT_EQ(grid.rows.size(), 3u);
  std::map<std::string, std::string> states;
  for (const GridRow& row : grid.rows) {
    for (const GridCell& cell : row.cells) states[row.check] += static_cast<char>(cell.state);
  }
  EXPECT_EQ(grid.rows[0].check, "a") << "the newest suite's order";
  EXPECT_EQ(states["a"], "FPE");
  EXPECT_EQ(states["w"], " WP");
  EXPECT_EQ(states["old"], "P  ");
  EXPECT_NEAR(*grid.rows[0].cells[0].unexpected_percent, 100.0 * 3 / 1157, 1e-9);
  const Grid part =
      Read([&](store::Transaction& tx) { return ReadGridRange(tx, "dataset.payment", 2, 3); });
  ASSERT_EQ(part.columns.size(), 1u);
  EXPECT_EQ(part.columns[0].about.number, 2);
  auto history =
      Read([&](store::Transaction& tx) { return HistoryOf(tx, "dataset.payment", "a", 2); });
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].validation, 2);
  EXPECT_EQ(history[1].state, "error");
}

TEST_F(RecordTest, WhatIsOldGoes) {
  for (int i = 0; i < 6; ++i) {
    Validation v = Payment({Made("a", "amount", 1)});
    v.started = T0() + hours(24 * i);
    Keep(v);
  }
  const Timestamp now = T0() + hours(24 * 6);
  auto pruned = Prune(*db_, {.validations = "4d", .samples = "2d"}, now);
  ASSERT_TRUE(pruned.ok()) << pruned.error().message;
  EXPECT_EQ(pruned->samples, 4);
  EXPECT_EQ(pruned->validations, 2);
  EXPECT_FALSE(pruned->has_more);
  EXPECT_EQ(CountOf("validations"), 4);
  EXPECT_EQ(CountOf("check_results"), 4);
  EXPECT_EQ(CountOf("check_samples"), 2);
  EXPECT_EQ(CountOf("suites"), 1);
  const Validation third = Read([&](store::Transaction& tx) { return Find(tx, int64_t{3}); });
  EXPECT_TRUE(third.results[0].result.sample.rows.empty());
  EXPECT_EQ(third.results[0].result.message, "1 of 1,157 values of amount are unexpected (3.2 %)")
      << "the values that it quoted went with the rows";
  pruned = Prune(*db_, {.validations = "1d", .samples = "1d"}, now + hours(1000));
  ASSERT_TRUE(pruned.ok());
  EXPECT_EQ(CountOf("validations"), 1) << "the newest one stays";
  EXPECT_FALSE(Prune(*db_, {.validations = "soon"}, now).ok());
}

TEST_F(RecordTest, DifferencesAreToldByKind) {
  const Validation before =
      Payment({Made("a", "amount", 0), Made("b", "amount", 3), Made("c", "amount", 0),
               Made("gone", "amount", 0), Made("same", "amount", 0), Made("moved", "amount", 4)});
  const Validation after =
      Payment({Made("a", "amount", 2), Made("b", "amount", 0), Made("c", "tax", 0),
               Made("new", "amount", 0), Made("same", "amount", 0), Made("moved", "amount", 5)});
  std::string told;
  for (const Change& c : Compare(before, after)) {
    told += fmt::format("{} {}{}: {} -> {}\n", c.check, ToString(c.kind), c.is_redefined ? "*" : "",
                        c.before, c.after);
  }
  EXPECT_EQ(
      told,
      "a broke: passed: 0 of 1,157 values unexpected -> failed: 2 of 1,157 values unexpected (0.17 "
      "%)\n"
      "b mended: failed: 3 of 1,157 values unexpected (0.26 %) -> passed: 0 of 1,157 values "
      "unexpected\n"
      "c moved*: passed: 0 of 1,157 values unexpected -> passed: 0 of 1,157 values unexpected\n"
      "new added:  -> passed: 0 of 1,157 values unexpected\n"
      "moved moved: failed: 4 of 1,157 values unexpected (0.35 %) -> failed: 5 of 1,157 values "
      "unexpected (0.43 %)\n"
      "gone removed: passed: 0 of 1,157 values unexpected -> \n");
}

}  // namespace
}  // namespace andon::validation
