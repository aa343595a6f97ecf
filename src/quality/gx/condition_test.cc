#include "quality/gx/condition.h"

#include <gtest/gtest.h>

namespace andon::quality::gx {
namespace {

const std::vector<sql::TableColumn> kColumns = {
    {"i", "long", "BIGINT"},     {"a", "double", "DOUBLE"}, {"s", "string", "VARCHAR"},
    {"b", "boolean", "BOOLEAN"}, {"d", "date", "DATE"},     {"two words", "long", "BIGINT"}};

std::string Sql(std::string_view text, std::string_view parser = "pandas",
                Nulls nulls = Nulls::kSql, sql::Dialect dialect = sql::Dialect::kDuckDb) {
  Result<Condition> read = ReadRowCondition(Json(text), parser);
  if (!read.ok()) return "error: " + read.error().message;
  Result<std::string> sql = ToSql(*read, {.dialect = dialect, .nulls = nulls, .columns = kColumns});
  return sql.ok() ? *sql : "error: " + sql.error().message;
}

TEST(Condition, ReadsWhatPandasReads) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"i > 3", R"("i" > 3)"},
      {"i == 1 and s == \"x\"", R"(("i" = 1 AND "s" = 'x'))"},
      {"(i == 5) & (s == 'e') | b", R"((("i" = 5 AND "s" = 'e') OR "b"))"},
      {"not (i > 3 or i < 1)", R"((NOT ("i" > 3) AND NOT ("i" < 1)))"},
      {"~b", R"(NOT ("b"))"},
      {"0 < i <= 5", R"((0 < "i" AND "i" <= 5))"},
      {"s in ['a', 'b'] and i not in (1, 2)", R"(("s" IN ('a', 'b') AND NOT ("i" IN (1, 2))))"},
      {"s == ['a', 'b']", R"("s" IN ('a', 'b'))"},
      {"i in []", "1 = 0"},
      {"i.notnull()", R"("i" IS NOT NULL)"},
      {"i.isna() or s.isnull()", R"(("i" IS NULL OR "s" IS NULL))"},
      {"i.isin([1, 2])", R"("i" IN (1, 2))"},
      {"i.between(1, 2)", R"(("i" >= 1 AND "i" <= 2))"},
      {"s.str.startswith('ab')", R"(substr("s", 1, 2) = 'ab')"},
      {"s.str.endswith('é')", R"(substr("s", length("s") - 0) = 'é')"},
      {"s.str.len() > 3", R"(length("s") > 3)"},
      {"s.str.lower() == 'x'", R"(lower("s") = 'x')"},
      {"`two words` + 1 == i * -2", R"(("two words" + 1) = ("i" * -2))"},
      {"i / 2 > 1.5", R"((("i") * 1.0 / nullif(2, 0)) > 1.5)"},
      {"b == True", R"("b" = TRUE)"},
      {"b == 1", R"("b" = TRUE)"},
      {"s == None", "1 = 0"},
      {"d >= \"2026-01-01\"", R"("d" >= '2026-01-01')"},
      {R"(s == 'it\'s "quoted"')", R"("s" = 'it''s "quoted"')"},
      {"True", "1 = 1"},
  };
  for (const auto& [text, sql] : kCases) {
    EXPECT_EQ(Sql(text), sql) << text;
  }
  EXPECT_TRUE(Sql("s == 'x'' or 1 = 1'").starts_with("error: ")) << "two texts side by side";
}

TEST(Condition, ANullIsUnequalToPandasAndNothingToSql) {
  EXPECT_EQ(Sql("i != 1"), R"("i" <> 1)");
  EXPECT_EQ(Sql("i != 1", "pandas", Nulls::kPandas), R"(("i" <> 1 OR "i" IS NULL))");
  EXPECT_EQ(Sql("not i == 1", "pandas", Nulls::kPandas), R"((NOT ("i" = 1) OR "i" IS NULL))");
  EXPECT_EQ(Sql("not i != 1", "pandas", Nulls::kPandas), R"("i" = 1)");
  EXPECT_EQ(Sql("not (i in [1])", "pandas", Nulls::kPandas),
            R"((NOT ("i" IN (1)) OR "i" IS NULL))");
  // A NaN is a null to pandas.
  EXPECT_EQ(Sql("a > 1", "pandas", Nulls::kPandas), R"(nullif("a", 'NaN') > 1)");
  EXPECT_EQ(Sql("a > 1", "pandas", Nulls::kSql, sql::Dialect::kPostgres), R"("a" > 1)");
}

TEST(Condition, TextsAndNumbersAreNeverEqualToPandas) {
  EXPECT_EQ(Sql("i == \"1\"", "pandas", Nulls::kPandas), "1 = 0");
  EXPECT_EQ(Sql("i != \"1\"", "pandas", Nulls::kPandas), "1 = 1");
  EXPECT_EQ(Sql("i in ['1', 2]", "pandas", Nulls::kPandas), R"("i" IN (2))");
  EXPECT_EQ(Sql("s < 5", "pandas", Nulls::kPandas),
            "error: a text and a number are compared: s < 5");
}

TEST(Condition, SaysWhatIsNotUnderstood) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"i >", "it ends too early"},
      {"i = 1", "\"=\" at character 3 is not understood"},
      {"i > 3)", "\")\" at character 6 is not expected there"},
      {"(i > 3", "it ends too early"},
      {"s == 'x", "the text that begins at character 6 does not end"},
      {"ii > 3", "there is no column \"ii\"; did you mean \"i\"?"},
      {"i.mean() > 3", ".mean() is not known, or does not take such arguments"},
      {"Timestamp('x') > d", "Timestamp() is not known"},
      {"i == @limit", "\"@\" at character 6 is not understood"},
      {"i + 1", "a value stands where a condition is wanted"},
      {"5", "5 is no condition"},
      {"", "it ends too early"},
  };
  for (const auto& [text, message] : kCases) EXPECT_EQ(Sql(text), "error: " + std::string(message));
}

TEST(Condition, HostileTextsAreRefusedNotFollowed) {
  std::string deep(100'000, '(');
  EXPECT_TRUE(Sql(deep).starts_with("error: ")) << Sql(deep);
  EXPECT_TRUE(Sql(std::string(50'000, '~') + "b").starts_with("error: "));
  std::string sum = "i";
  for (int i = 0; i < 20'000; i++) sum += "+i";
  EXPECT_TRUE(Sql(sum + " > 1").starts_with("error: "));
  std::string nots;
  for (int i = 0; i < 20'000; i++) nots += "not ";
  EXPECT_TRUE(Sql(nots + "b").starts_with("error: "));
  EXPECT_TRUE(Sql(std::string(200'000, ' ')).starts_with("error: "));
}

TEST(Condition, ReadsTheReferencesOwnParser) {
  const char* kParser = "great_expectations";
  EXPECT_EQ(Sql("col(\"i\") == 5", kParser), R"("i" = 5)");
  EXPECT_EQ(Sql("col(\"i\") >= -5.5", kParser), R"("i" >= -5.5)");
  EXPECT_EQ(Sql("col(\"s\") != 'it is'", kParser), R"("s" <> 'it is')");
  EXPECT_EQ(Sql("col(\"s\").notnull()", kParser), R"("s" IS NOT NULL)");
  EXPECT_EQ(Sql("col(\"s\").notNull()", kParser), R"("s" IS NOT NULL)");
  EXPECT_EQ(Sql("col(\"d\") < date(\"2026-01-01\")", "great_expectations__experimental__"),
            R"("d" < '2026-01-01')");
  EXPECT_TRUE(Sql("col(\"i\") == five", kParser).starts_with("error: "));
  EXPECT_TRUE(Sql("col(\"i\") = 5", kParser).starts_with("error: "));
  EXPECT_TRUE(Sql("i == 5", kParser).starts_with("error: "));
}

TEST(Condition, ReadsSql) {
  EXPECT_EQ(Sql("i = 1 AND s LIKE 'a;%'", "spark"), "(i = 1 AND s LIKE 'a;%')");
  EXPECT_EQ(Sql("i = 1", ""), "(i = 1)") << "what pandas does not read is SQL";
  EXPECT_EQ(Sql("i == 1", ""), R"("i" = 1)");
  EXPECT_EQ(Sql("`two; words` = 1", "spark"), R"(("two; words" = 1))");
  for (std::string_view text : {"1 = 1; drop table x", "1 = 1) or (1 = 1", "(1 = 1", "1 = 1 -- x",
                                "1 = 1 /* x", "s = 'x"}) {
    EXPECT_TRUE(Sql(text, "spark").starts_with("error: ")) << text;
  }
  EXPECT_EQ(Sql("i == 1", "panda"),
            "error: there is no condition_parser \"panda\"; did you mean \"pandas\"?");
}

std::string TreeSql(std::string_view json) {
  Result<Condition> read = ReadConditionTree(*Json::Parse(json));
  if (!read.ok()) return "error: " + read.error().message;
  Result<std::string> sql = ToSql(*read, {.columns = kColumns});
  return sql.ok() ? *sql : "error: " + sql.error().message;
}

TEST(Condition, ReadsTheTypedTree) {
  EXPECT_EQ(TreeSql(R"({"type":"comparison","column":{"name":"i"},"operator":">=","parameter":5})"),
            R"("i" >= 5)");
  EXPECT_EQ(TreeSql(R"({"type":"nullity","column":{"name":"i"},"is_null":false})"),
            R"("i" IS NOT NULL)");
  EXPECT_EQ(TreeSql(R"({"type":"and","conditions":[
      {"type":"comparison","column":{"name":"s"},"operator":"NOT_IN","parameter":["a"]},
      {"type":"nullity","column":{"name":"i"},"is_null":true}]})"),
            R"((NOT ("s" IN ('a')) AND "i" IS NULL))");
  EXPECT_EQ(TreeSql(R"({"type":"pass_through","pass_through_filter":"i > 1"})"), R"("i" > 1)");
  EXPECT_EQ(TreeSql(R"({"type":"comparsion"})"),
            "error: there is no type of condition \"comparsion\"; did you mean \"comparison\"?");
  EXPECT_EQ(TreeSql(R"({"type":"and","conditions":[{"type":"or","conditions":[
      {"type":"nullity","column":{"name":"i"},"is_null":true}]}]})"),
            "error: an \"or\" must not stand within an \"and\" or another \"or\"");
  EXPECT_EQ(
      TreeSql(R"({"type":"comparison","column":{"name":"i"},"operator":"==","parameter":null})"),
      "error: == compares with a value, not with null; for nulls there is the type nullity");
  std::string deep, end;
  for (int i = 0; i < 200; i++) {
    deep += R"({"type":"and","conditions":[)";
    end += "]}";
  }
  EXPECT_EQ(TreeSql(deep + R"({"type":"nullity","column":{"name":"i"},"is_null":true})" + end),
            "error: it has more than 100 conditions");
}

}  // namespace
}  // namespace andon::quality::gx
