#include "quality/gx/suite_parameter.h"

#include <gtest/gtest.h>

namespace andon::quality::gx {
namespace {

ParameterScope Scope() {
  return {.values = {{"lo", 5},
                     {"share", 0.5},
                     {"names", Json::List({"a", "b"})},
                     {"text", "abc"},
                     {"number_as_text", "7"},
                     {"last", "2026-01-31"}},
          .now = *ParseTimestamp("2026-11-20T08:42:52Z")};
}

std::string Value(std::string_view expression) {
  Result<Json> value = EvaluateParameter(expression, Scope());
  return value.ok() ? value->Dump() : "error: " + value.error().message;
}

TEST(SuiteParameter, ANameIsAnyValue) {
  EXPECT_EQ(Value("lo"), "5");
  EXPECT_EQ(Value(" names "), R"(["a","b"])");
  EXPECT_EQ(Value("text"), R"("abc")");
  Result<Json> missing = EvaluateParameter("low", Scope());
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(missing.error().message, "low");
}

TEST(SuiteParameter, CalculatesAsPythonDoes) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"lo + 1", "6"},
      {"lo * share", "2.5"},
      {"lo / 2", "2.5"},
      {"4 / 2", "2.0"},
      {"2 ^ 3 ^ 2", "512"},
      {"-2 ^ 2", "4"},  // The sign belongs to the number.
      {"-(lo - 7) * 2", "4"},
      {"round(2.5)", "2"},
      {"round(3.5)", "4"},
      {"round(2.345, 1)", "2.3"},
      {"trunc(-2.7)", "-2"},
      {"abs(-3) + sgn(-5)", "2"},
      {"exp(0) + PI * 0", "1.0"},
      {"1.5e2 + .5", "150.5"},
      {"number_as_text + 1", "8"},
      {"9223372036854775807 + 1", "9.223372036854776e+18"},
  };
  for (const auto& [expression, value] : kCases) EXPECT_EQ(Value(expression), value) << expression;
}

TEST(SuiteParameter, CalculatesWithTimes) {
  EXPECT_EQ(Value("now()"), R"("2026-11-20T08:42:52")");
  EXPECT_EQ(Value("now() - timedelta(weeks=52*100)"), R"("1927-03-25T08:42:52")");
  EXPECT_EQ(Value("now() - timedelta(1)"), R"("2026-11-19T08:42:52")");
  EXPECT_EQ(Value("datetime(2003, 1, 1)"), R"("2003-01-01T00:00:00")");
  EXPECT_EQ(Value("datetime(year=2003, month=2, day=3, hour=4)"), R"("2003-02-03T04:00:00")");
  EXPECT_EQ(Value("last + timedelta(days=1, hours=-1) * 2"), R"("2026-02-01T22:00:00")");
  EXPECT_EQ(Value("now() + datetime(2003, 1, 1)"), "error: a time + a time has no meaning");
  EXPECT_EQ(Value("timedelta(days=1)"), "error: it gives a length of time, not a time");
  EXPECT_EQ(Value("datetime(2003, 2, 30)"), "error: datetime() has no such day");
  EXPECT_EQ(Value("datetime(2003, 13, 1)"), "error: datetime() has no month 13");
  EXPECT_EQ(Value("now() - timedelta(days=1e18)"), "error: a length of time is too long");
}

TEST(SuiteParameter, SaysWhatIsNotUnderstood) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"lo +", "error: a number or a name is missing at position 5"},
      {"(lo", "error: a closing ) is missing"},
      {"lo lo", "error: \"lo\" at position 4 is not understood"},
      {"rond(2.5)", "error: there is no function rond(); did you mean round()?"},
      {"lo / 0", "error: it divides by zero"},
      {"2 ^ 9999", "error: the result is no finite number"},
      {"text + 1", "error: \"text\" is \"abc\": neither a number nor a time"},
      {"1.2.3", "error: \"1.2.3\" is no number"},
      {"", "error: a number or a name is missing at position 1"},
  };
  for (const auto& [expression, value] : kCases) EXPECT_EQ(Value(expression), value) << expression;
  EXPECT_TRUE(Value(std::string(100'000, '(')).starts_with("error: it is nested deeper"));
  std::string calls;
  for (int i = 0; i < 10'000; i++) calls += "abs(";
  EXPECT_TRUE(Value(calls).starts_with("error: it is nested deeper"));
}

TEST(SuiteParameter, ReadsTheCommandLine) {
  auto read = [](std::string_view text) {
    auto parameter = ReadParameter(text);
    return parameter.ok() ? parameter->first + " = " + parameter->second.Dump()
                          : parameter.error().message;
  };
  EXPECT_EQ(read("lo=5"), "lo = 5");
  EXPECT_EQ(read("lo=5.5"), "lo = 5.5");
  EXPECT_EQ(read("lo=abc"), "lo = \"abc\"");
  EXPECT_EQ(read("lo=a=b"), "lo = \"a=b\"");
  EXPECT_EQ(read("lo=\"007\""), "lo = \"007\"");
  EXPECT_EQ(read("lo=[1, 2]"), "lo = [1,2]");
  EXPECT_EQ(read("lo="), "lo = \"\"");
  EXPECT_EQ(read("lo"), "A parameter is name=value, not \"lo\".");
}

}  // namespace
}  // namespace andon::quality::gx
