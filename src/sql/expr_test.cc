#include "sql/expr.h"

#include <gtest/gtest.h>

#include <tuple>

#include "sql/aggregate.h"
#include "sql/engine.h"
#include "sql/regex.h"

namespace andon::sql {
namespace {

TEST(Expr, PrintedForEachDialect) {
  Expr a = Expr::Column("a \"b\""), x = Expr::Column("x"), y = Expr::Column("y");
  struct Case {
    Expr expr;
    const char* duckdb;
    const char* postgres;  // Null: the same.
    const char* sqlite;    // Null: the same as DuckDB's.
  };
  const Case kCases[] = {
      {Compare(a, Comparison::kLess, Expr::Literal(Json("x'; DROP TABLE t"))),
       R"("a ""b""" < 'x''; DROP TABLE t')", nullptr, nullptr},
      {Not(In(a, {Expr::Literal(1), Expr::Literal(2.5)})), R"(NOT ("a ""b""" IN (1, 2.5)))",
       nullptr, nullptr},
      {And({IsNull(a), IsNotNull(a)}), R"(("a ""b""" IS NULL AND "a ""b""" IS NOT NULL))", nullptr,
       nullptr},
      {Matches(x, "^x$"), R"(regexp_matches("x", '^x$'))", R"("x" ~ '^x$')",
       R"(andon_regexp("x", '^x$'))"},
      {Like(x, "a|%%", "|"), R"("x" LIKE 'a|%%' ESCAPE '|')", nullptr, nullptr},
      {NotTrue(Compare(x, Comparison::kGreater, y)), R"(("x" > "y") IS NOT TRUE)",
       R"(NOT ("x" > "y"))", R"(NOT ("x" > "y"))"},
      {NotDistinct(x, y), R"("x" IS NOT DISTINCT FROM "y")", nullptr, R"("x" IS "y")"},
      {Compare(Compute(x, Arithmetic::kAdd, y), Comparison::kEqual, Expr::Literal(3)),
       R"(("x" + "y") = 3)", nullptr, nullptr},
      {Length(AsText(x)), R"(length(CAST("x" AS VARCHAR)))", R"(length(CAST("x" AS TEXT)))",
       R"(length(CAST("x" AS TEXT)))"},
      {AsDouble(x), R"(CAST("x" AS DOUBLE))", R"(CAST("x" AS DOUBLE PRECISION))",
       R"(CAST("x" AS REAL))"},
      {Expr::Literal(Json("2020-01-01"), "date"), "CAST('2020-01-01' AS DATE)", nullptr,
       "'2020-01-01'"},
      {Compare(x, Comparison::kLess, Expr::Literal(Json("2020-01-01T10:00:00.5Z"), "timestamp")),
       "\"x\" < CAST('2020-01-01T10:00:00.5Z' AS TIMESTAMP)", nullptr,
       "CASE WHEN typeof(\"x\") = 'text' THEN coalesce(strftime('%Y-%m-%d %H:%M:%f', \"x\"), "
       "\"x\") ELSE \"x\" END < '2020-01-01 10:00:00.500'"},
      {Expr::Literal(Json("nan"), "double"), "CAST('nan' AS DOUBLE)",
       "CAST('nan' AS DOUBLE PRECISION)", "NULL"},
      {Expr::Literal(Json(0.5), "int"), "0.5", nullptr, nullptr},
      {Expr::Literal(Json(true)), "TRUE", nullptr, nullptr},
      {Expr::Written("x > 1 -- so"), "(x > 1 -- so\n)", nullptr, nullptr},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(c.expr.Print(Dialect::kDuckDb), c.duckdb);
    EXPECT_EQ(c.expr.Print(Dialect::kPostgres), c.postgres ? c.postgres : c.duckdb);
    EXPECT_EQ(c.expr.Print(Dialect::kSqlite), c.sqlite ? c.sqlite : c.duckdb);
  }
  EXPECT_EQ(And({IsNull(a), Not(IsNull(Expr::Column("c")))}).Columns(),
            (std::set<std::string>{"a \"b\"", "c"}));
  EXPECT_TRUE(Expr::Written("x").has_written());
}

TEST(Aggregate, PrintedForEachDialect) {
  Expr x = Expr::Column("x"), y = Expr::Column("y");
  Aggregate some = Aggregate::Sum(x).Where(IsNull(y));
  EXPECT_EQ(some.Print(Dialect::kPostgres), R"(sum("x") FILTER (WHERE "y" IS NULL))");
  EXPECT_EQ(some.Print(Dialect::kRedshift), R"(sum(CASE WHEN "y" IS NULL THEN "x" END))");
  EXPECT_EQ(Aggregate::CountIf(IsNull(x)).Print(Dialect::kRedshift),
            R"(count(CASE WHEN "x" IS NULL THEN 1 END))");
  EXPECT_EQ(Aggregate::CountDistinct({x}).Where(IsNull(y)).Print(Dialect::kRedshift),
            R"(count(DISTINCT CASE WHEN "y" IS NULL THEN "x" END))");
  EXPECT_EQ(Aggregate::Median(x).Print(Dialect::kPostgres),
            R"(percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST("x" AS DOUBLE PRECISION)))");
  EXPECT_EQ(Aggregate::StdDev(x).Print(Dialect::kSqlite), R"(andon_stddev(CAST("x" AS REAL)))");
  Aggregate quantiles = Aggregate::Quantiles(x, {0.25, 0.5});
  EXPECT_FALSE(quantiles.NeedsCount(Dialect::kPostgres));
  EXPECT_EQ(quantiles.Print(Dialect::kPostgres),
            "to_json(percentile_disc(ARRAY[0.25, 0.5]::double precision[]) WITHIN GROUP (ORDER BY "
            "\"x\"))");
  EXPECT_EQ(quantiles.Print(Dialect::kSqlite),
            R"(json_array(andon_quantile_disc("x", 0.25), andon_quantile_disc("x", 0.5)))");
  Aggregate pairs = Aggregate::CountDistinct({x, y}).Where(IsNotNull(x));
  EXPECT_TRUE(pairs.FitsScan(Dialect::kDuckDb));
  EXPECT_FALSE(pairs.FitsScan(Dialect::kSqlite));
  EXPECT_EQ(pairs.PrintAlone("t", Dialect::kSqlite),
            "SELECT count(*) FROM (SELECT DISTINCT \"x\", \"y\" FROM t AS checked WHERE \"x\" IS "
            "NOT NULL) AS different");
}

// The ranks that pandas takes: the nearest one, of two the even one.
TEST(Aggregate, QuantilesByRank) {
  Engine engine = *Engine::Open({.threads = 1});
  Connection connection = *engine.Connect();
  ASSERT_TRUE(connection.Execute("CREATE TABLE t AS SELECT i AS x FROM range(1, 7) r(i)").ok());
  auto values = [&](Interpolation interpolation) {
    Aggregate aggregate =
        Aggregate::Quantiles(Expr::Column("x"), {0, 0.25, 0.5, 0.7, 1}, interpolation);
    if (aggregate.NeedsCount(Dialect::kDuckDb)) aggregate = aggregate.WithCount(6);
    auto rows = connection.Query("SELECT " + aggregate.Print() + " FROM t");
    return rows.ok() ? rows->ToJson(0, 0).Dump() : rows.error().message;
  };
  EXPECT_EQ(values(Interpolation::kNearest), "[1,2,3,5,6]");
  EXPECT_EQ(values(Interpolation::kLower), "[1,2,3,4,6]");
  EXPECT_EQ(values(Interpolation::kHigher), "[1,3,4,5,6]");
  EXPECT_EQ(values(Interpolation::kLinear), "[1.0,2.25,3.5,4.5,6.0]");
}

TEST(Regex, ClassesAreThoseOfUnicode) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"(^\w+$)", R"(^[\pL\pN_]+$)"},
      {R"(\W\D)", R"([^\pL\pN_][^\p{Nd}])"},
      {R"([\w-])", R"([\pL\pN_-])"},
      {R"([^]\d])", R"([^]\p{Nd}])"},
      {R"([[:alpha:]\d]\\w)", R"([[:alpha:]\p{Nd}]\\w)"},
      {R"(\Q\w[\E\d)", R"(\Q\w[\E[\p{Nd}])"},
      {R"(a[)", R"(a[)"},
      {R"(\)", R"(\)"},
  };
  for (const auto& [written, expected] : kCases)
    EXPECT_EQ(WithUnicodeClasses(written), expected) << written;
  Engine engine = *Engine::Open({.threads = 1});
  Connection connection = *engine.Connect();
  for (const auto& [regex, text, matches] :
       {std::tuple(R"(^\w+$)", "zoë", true), std::tuple(R"(^\W$)", "ë", false),
        std::tuple(R"(^[\s\d]+$)", "\xC2\xA0 7", true), std::tuple(R"(\S)", "\xC2\xA0", false)}) {
    auto rows = connection.Query("SELECT " +
                                 Matches(Expr::Literal(Json(text)), regex).Print(Dialect::kDuckDb));
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    EXPECT_EQ(rows->Bool(0, 0), matches) << regex << " " << text;
  }
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
          Aggregate::Median(x),
          Aggregate::StdDev(x),
          Aggregate::Sum(x, /*compensated=*/true),
          Aggregate::Quantiles(x, fractions),
          Aggregate::Quantiles(x, fractions, Interpolation::kLower),
          Aggregate::Quantiles(x, fractions, Interpolation::kLinear),
          Aggregate::CountIf(Compare(x, Comparison::kGreater, Expr::Literal(3)))};
      for (Aggregate aggregate : kAll) {
        ASSERT_TRUE(aggregate.CanWeigh());
        if (aggregate.NeedsCount(Dialect::kDuckDb)) {
          auto count = connection.Query("SELECT " + aggregate.CountOfValues().Print() + " FROM t");
          ASSERT_TRUE(count.ok());
          aggregate = aggregate.WithCount(count->Integer(0, 0));
        }
        std::string counts =
            "(SELECT *, sum(n) OVER (ORDER BY x NULLS LAST) AS upto, sum(n) FILTER (WHERE x IS NOT "
            "NULL) OVER () AS total, sum(x::DOUBLE * n) FILTER (WHERE x IS NOT NULL) OVER () / "
            "sum(n) FILTER (WHERE x IS NOT NULL) OVER () AS mean "
            "FROM (SELECT x, count(*) AS n FROM t GROUP BY x))";
        auto plain = connection.Query("SELECT " + aggregate.Print() + " FROM t");
        auto weighted =
            connection.Query("SELECT " + aggregate.PrintWeighted({"n", "upto", "total", "mean"}) +
                             " FROM " + counts);
        ASSERT_TRUE(plain.ok() && weighted.ok()) << aggregate.Print();
        bool is_rounded = aggregate.kind() == Aggregate::Kind::kMean ||
                          aggregate.kind() == Aggregate::Kind::kStdDev ||
                          aggregate.kind() == Aggregate::Kind::kSum;
        if (is_rounded) {
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
