#include "sql/expr.h"

#include <gtest/gtest.h>

#include "sql/aggregate.h"
#include "sql/engine.h"

namespace andon::sql {
namespace {

TEST(Expr, PrintedForEachDialect) {
  Expr a = Expr::Column("a \"b\"");
  struct Case {
    Expr expr;
    const char* duckdb;
    const char* postgres;  // Null: the same.
  };
  const Case kCases[] = {
      {Compare(a, Comparison::kLess, Expr::Literal(Json("x'; DROP TABLE t"))),
       R"("a ""b""" < 'x''; DROP TABLE t')", nullptr},
      {Not(In(a, {Expr::Literal(1), Expr::Literal(2.5)})), R"(NOT ("a ""b""" IN (1, 2.5)))",
       nullptr},
      {And({IsNull(a), IsNotNull(a)}), R"(("a ""b""" IS NULL AND "a ""b""" IS NOT NULL))", nullptr},
      {Matches(a, "^x$"), R"(regexp_matches("a ""b""", '^x$'))", R"("a ""b""" ~ '^x$')"},
      {Expr::Literal(Json("2020-01-01"), "date"), "CAST('2020-01-01' AS DATE)", nullptr},
      {Expr::Literal(Json("nan"), "double"), "CAST('nan' AS DOUBLE)",
       "CAST('nan' AS DOUBLE PRECISION)"},
      {Expr::Literal(Json(0.5), "int"), "0.5", nullptr},
      {Expr::Literal(Json(true)), "TRUE", nullptr},
      {Expr::Written("x > 1 -- so"), "(x > 1 -- so\n)", nullptr},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(c.expr.Print(Dialect::kDuckDb), c.duckdb);
    EXPECT_EQ(c.expr.Print(Dialect::kPostgres), c.postgres ? c.postgres : c.duckdb);
  }
  EXPECT_EQ(And({IsNull(a), Not(IsNull(Expr::Column("c")))}).Columns(),
            (std::set<std::string>{"a \"b\"", "c"}));
  EXPECT_TRUE(Expr::Written("x").has_written());
}

TEST(Expr, AnEmptySetHoldsNothingButKeepsNulls) {
  Engine engine = *Engine::Open({.threads = 1});
  Connection connection = *engine.Connect();
  std::string sql =
      "SELECT " + In(Expr::Column("x"), {}).Print() + " FROM (VALUES (1), (NULL)) t(x)";
  auto rows = connection.Query(sql);
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->Text(0, 0), "false");
  EXPECT_EQ(rows->Text(1, 0), "NULL");
}

// What a table of value counts gives is what the rows give.
TEST(Aggregate, WeightedIsTheSameNumber) {
  Engine engine = *Engine::Open({.threads = 1});
  Connection connection = *engine.Connect();
  for (const char* type : {"INTEGER", "DECIMAL(7,2)", "DOUBLE"}) {
    for (const char* rows : {"SELECT CASE WHEN i % 13 = 0 THEN NULL ELSE i % 7 END", "SELECT i",
                             "SELECT NULL", "SELECT i LIMIT 0"}) {
      ASSERT_TRUE(connection
                      .Execute(std::string("CREATE OR REPLACE TABLE t AS SELECT x::") + type +
                               " AS x FROM (" + rows + " AS x FROM range(1, 1001) r(i))")
                      .ok() ||
                  connection
                      .Execute(std::string("CREATE OR REPLACE TABLE t AS SELECT i::") + type +
                               " AS x FROM range(0) r(i)")
                      .ok());
      Expr x = Expr::Column("x");
      std::vector<double> fractions = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
      const Aggregate kAll[] = {
          Aggregate::CountRows(),
          Aggregate::Count(x),
          Aggregate::Mean(x),
          Aggregate::Min(x),
          Aggregate::Max(x),
          Aggregate::CountDistinct({x}),
          Aggregate::Quantiles(x, fractions),
          Aggregate::CountIf(Compare(x, Comparison::kGreater, Expr::Literal(3)))};
      for (const Aggregate& aggregate : kAll) {
        ASSERT_TRUE(aggregate.CanWeigh());
        std::string counts =
            "(SELECT *, sum(n) OVER (ORDER BY x NULLS LAST) AS upto, sum(n) FILTER (WHERE x IS NOT "
            "NULL) OVER () AS total "
            "FROM (SELECT x, count(*) AS n FROM t GROUP BY x))";
        auto plain = connection.Query("SELECT " + aggregate.Print() + " FROM t");
        auto weighted = connection.Query(
            "SELECT " + aggregate.PrintWeighted({"n", "upto", "total"}) + " FROM " + counts);
        ASSERT_TRUE(plain.ok() && weighted.ok()) << aggregate.Print();
        if (aggregate.kind() == Aggregate::Kind::kMean) {
          EXPECT_NEAR(plain->Double(0, 0), weighted->Double(0, 0),
                      1e-12 * std::abs(plain->Double(0, 0)));
        } else if (aggregate.kind() == Aggregate::Kind::kQuantiles && plain->IsNull(0, 0)) {
          Json values = weighted->ToJson(0, 0);
          for (const Json& value : values.items()) EXPECT_TRUE(value.is_null());
        } else {
          EXPECT_EQ(plain->ToJson(0, 0), weighted->ToJson(0, 0))
              << aggregate.Print() << " " << type << " " << rows;
        }
      }
    }
  }
  EXPECT_FALSE(Aggregate::Sum(Expr::Column("x")).CanWeigh());
  EXPECT_FALSE(Aggregate::Count(Expr::Column("x")).Where(Expr::Written("y > 1")).CanWeigh());
}

TEST(Aggregate, ABitmapCountsDifferentIntegers) {
  Engine engine = *Engine::Open({.threads = 2});
  Connection connection = *engine.Connect();
  Aggregate bitmap = Aggregate::BitmapDistinct(Expr::Column("x"), -5, 1000);
  EXPECT_EQ(connection
                .Query("SELECT " + bitmap.Print() +
                       " FROM (SELECT i % 600 - 5 AS x FROM range(1000) r(i))")
                ->Integer(0, 0),
            600);
  EXPECT_EQ(connection.Query("SELECT " + bitmap.Print() + " FROM (SELECT NULL::BIGINT AS x)")
                ->Integer(0, 0),
            0);
  EXPECT_EQ(bitmap.WithoutBounds().Print(), "count(DISTINCT \"x\")");
}

}  // namespace
}  // namespace andon::sql
