#include "quality/slice.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"
#include "quality/run.h"

namespace andon::quality {
namespace {

class SliceTest : public testing::Test {
 protected:
  // The slice's text, or "none".
  std::string Find(const std::string& relation, const std::string& bad, SliceOptions options = {}) {
    std::vector<sql::ColumnInfo> columns;
    auto described = connection_.Describe("SELECT * FROM " + relation);
    if (!described.ok()) return described.error().message;
    for (const auto& column : *described) {
      columns.push_back({column.name, *sql::FromDuckDbType(column.type)});
    }
    auto slice = FindSlice(connection_, relation, columns, bad, options);
    if (!slice.ok()) return slice.error().message;
    return *slice ? (*slice)->ToText() : "none";
  }

  void Make(const std::string& sql) {
    auto made = connection_.Execute(sql);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  sql::Engine engine_ = *sql::Engine::Open({.threads = 1});
  sql::Connection connection_ = *engine_.Connect();
};

TEST_F(SliceTest, FindsTheDefectOfTheDvdRentalDelivery) {
  std::string file =
      ANDON_SHARED_DIR "/data/dvd-rental/payment-defective/payment-2005-08-values.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "there is no " << file;
  EXPECT_EQ(Find("read_csv(" + sql::QuoteLiteral(file) + ")", "amount < 0",
                 {.ignored_columns = {"payment_id", "amount"}}),
            "37 of the 37 failing rows have staff_id = 2 and payment_date ≥ 2005-08-20; "
            "they are 3 % of that slice's 1,250 rows");
}

TEST_F(SliceTest, OneEqualityIsEnoughWhereItExplainsAll) {
  Make(
      "CREATE TABLE t AS SELECT i AS id, i % 7 AS shop, i % 5 AS till, i % 7 = 3 AND i % 2 = 0 AS "
      "bad FROM range(1000) r(i)");
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad"}}),
            "71 of the 71 failing rows have shop = 3; they are 50 % of that slice's 143 rows");
}

TEST_F(SliceTest, BadRowsSpreadByChanceHaveNone) {
  Make(
      "CREATE TABLE t AS SELECT i AS id, hash(i * 3) % 4 AS shop, DATE '2020-01-01' + (hash(i * 5) "
      "% 300)::INT AS day, "
      "hash(i) % 50 = 0 AS bad FROM range(2000) r(i)");
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad"}}), "none");
}

TEST_F(SliceTest, OneBadRowProvesNothing) {
  Make("CREATE TABLE t AS SELECT i AS id, i % 10 AS shop, i = 77 AS bad FROM range(200) r(i)");
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad"}}), "none");
}

TEST_F(SliceTest, AKeyIsNeverTheReason) {
  Make("CREATE TABLE t AS SELECT i AS id, i % 2 AS half, i >= 900 AS bad FROM range(1000) r(i)");
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad"}}), "none");
}

TEST_F(SliceTest, ADayEndsARange) {
  Make(
      "CREATE TABLE t AS SELECT TIMESTAMP '2020-01-01' + INTERVAL 1 HOUR * i AS at, i < 300 AND i "
      "% 3 = 0 AS bad FROM range(3000) r(i)");
  EXPECT_EQ(
      Find("t", "bad", {.ignored_columns = {"bad"}}),
      "100 of the 100 failing rows have at < 2020-01-14; they are 32 % of that slice's 312 rows");
}

TEST_F(SliceTest, PartialCoverageIsToldAsSuch) {
  Make(
      "CREATE TABLE t AS SELECT 's' || i % 10 AS shop, (i % 10 = 4 AND i % 3 = 0) OR i = 5 AS bad "
      "FROM range(3000) r(i)");
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad"}}),
            "100 of the 101 failing rows have shop = s4; they are 33 % of that slice's 300 rows");
}

TEST_F(SliceTest, ABrokenPredicateIsAnError) {
  Make("CREATE TABLE t AS SELECT 1 AS a");
  EXPECT_NE(Find("t", "nothing_here > 1").find("nothing_here"), std::string::npos);
}

}  // namespace
}  // namespace andon::quality
