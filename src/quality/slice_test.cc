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
                 {.key = {"payment_id"},
                  .ignored_columns = {"amount"},
                  .name_columns = {"customer_id", "staff_id", "rental_id"}}),
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

TEST_F(SliceTest, ChanceAloneTellsNothing) {
  // Bad rows at random, few and many, beside columns of every kind: hardly ever a slice.
  constexpr int kSeeds = 200;
  int told = 0;
  std::string example;
  for (int seed = 0; seed < kSeeds; seed++) {
    Make(fmt::format("SELECT setseed({})", seed / 1000.0));
    Make(fmt::format(
        "CREATE OR REPLACE TABLE t AS SELECT (random() * 3)::INT AS shop, "
        "'c' || (random() * 40)::INT AS city, (random() * 600)::INT AS points, random() AS share, "
        "DATE '2020-01-01' + (random() * 365)::INT AS day, "
        "TIMESTAMP '2020-01-01' + INTERVAL 1 MINUTE * (random() * 500000)::INT AS at, "
        "random() < 0.5 AS is_new, random() < 1.0 / {} AS bad FROM range(1000) r(i)",
        seed % 2 ? 20 : 150));
    std::string text = Find("t", "bad", {.ignored_columns = {"bad"}});
    if (text == "none") continue;
    told++;
    example = text;
  }
  EXPECT_LE(told, kSeeds / 100) << example;
}

TEST_F(SliceTest, TheCommonestOfManyValuesMayBeChance) {
  // Four bad rows of four in one of 500 towns are no chance; in one of two halves they may be.
  Make(
      "CREATE TABLE t AS SELECT i % 2 AS half, i % 500 AS town, i IN (100, 600, 1100, 1600) AS bad "
      "FROM range(5000) r(i)");
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad"}, .name_columns = {"town"}}),
            "4 of the 4 failing rows have town = 100; they are 40 % of that slice's 10 rows");
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad", "town"}}), "none");
}

TEST_F(SliceTest, RowsOfOneKeyProveAsMuchAsOne) {
  // Four things came ten times each, all of them early.
  Make(
      "CREATE TABLE t AS SELECT i AS id, i AS place FROM range(1000) r(i) UNION ALL "
      "SELECT 30 * i AS id, 30 * i AS place FROM range(1, 5) r(i), range(9)");
  const std::string bad = "id IN (SELECT id FROM t GROUP BY id HAVING count(*) > 1)";
  Make("CREATE TABLE u AS SELECT id, place / 1.5 AS place FROM t");
  EXPECT_NE(Find("u", bad, {.ignored_columns = {"id"}}), "none");
  EXPECT_EQ(Find("u", bad, {.key = {"id"}}), "none");
}

TEST_F(SliceTest, ARangeOfNamesIsNoSlice) {
  Make(
      "CREATE TABLE t AS SELECT i % 300 AS customer_id, i % 300 <= 20 AND i % 2 = 0 AS bad "
      "FROM range(3000) r(i)");
  EXPECT_NE(Find("t", "bad", {.ignored_columns = {"bad"}}).find("customer_id ≤ 20"),
            std::string::npos);
  EXPECT_EQ(Find("t", "bad", {.ignored_columns = {"bad"}, .name_columns = {"customer_id"}}),
            "none");
}

TEST_F(SliceTest, TheDuplicatesOfTheDvdRentalDeliveryHaveNoSlice) {
  std::string file =
      ANDON_SHARED_DIR "/data/dvd-rental/payment-defective/payment-2005-08-values.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "there is no " << file;
  Make("CREATE TABLE payment AS FROM read_csv(" + sql::QuoteLiteral(file) + ")");
  EXPECT_EQ(Find("payment",
                 "payment_id IN (SELECT payment_id FROM payment GROUP BY 1 HAVING count(*) > 1)",
                 {.key = {"payment_id"}, .name_columns = {"customer_id", "staff_id", "rental_id"}}),
            "none");
}

TEST_F(SliceTest, ABrokenPredicateIsAnError) {
  Make("CREATE TABLE t AS SELECT 1 AS a");
  EXPECT_NE(Find("t", "nothing_here > 1").find("nothing_here"), std::string::npos);
}

}  // namespace
}  // namespace andon::quality
