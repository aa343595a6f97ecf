// The base's promises that text tests cannot show.
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "base/json.h"
#include "base/json_places.h"
#include "base/text.h"

namespace andon {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Error::Invalid("{} is odd", n);
  return n / 2;
}

Result<int> Quarter(int n) {
  int half = TRY(Half(n));
  return Half(half);
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).error().message, "3 is odd");
  EXPECT_EQ(Quarter(5).error().message, "5 is odd");
}

TEST(Json, ReadsAndWritesPythonsNumbersWhereAsked) {
  Result<Json> json = Json::ParsePython(R"([NaN, -Infinity, Infinity, "NaN\"Inf", 1])");
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->DumpPython(), R"([NaN,-Infinity,Infinity,"NaN\"Inf",1])");
  EXPECT_EQ(json->Dump(), R"([null,null,null,"NaN\"Inf",1])");
  EXPECT_FALSE(Json::Parse("[NaN]").ok());
  for (std::string_view text : {"[-InfinityE0]", "[Infinity.5]", "[NaN1]", "[Inf]", "[Infinit]",
                                "[-Inf]", "[Infinity", "NaNa", "Infinity5"}) {
    size_t at = 99;
    EXPECT_FALSE(Json::ParsePython(text, &at).ok()) << text;
    EXPECT_LE(at, text.size());
  }
}

TEST(JsonPlaces, FindsKeysAndValues) {
  const std::string text = "{\n  \"a\": [1, {\"é\\n\": \"x\"}],\n  \"b\": {}\n}";
  JsonPlaces places(text, "f.json");
  auto at = [](const SourceRange& range) {
    return fmt::format("{}:{}-{}", range.start.line, range.start.column, range.end.column);
  };
  EXPECT_EQ(at(places.Value({"a", 0})), "2:9-10");
  EXPECT_EQ(at(places.Value({"a", 1, "é\n"})), "2:20-23");
  EXPECT_EQ(at(places.Key({"a", 1, "é\n"})), "2:13-18");
  EXPECT_EQ(at(places.Key({"b"})), "3:3-6");
  EXPECT_EQ(at(places.Value({"b", "nowhere", 3})), "3:8-10");
  EXPECT_EQ(at(places.Value({})), "1:1-2");
  for (std::string_view broken :
       {"", "{", "{\"a\"", "{\"a\": [", "[1,", "{\"a\": \"", "[[[[[[[[[[[["}) {
    JsonPlaces(broken, "f.json").Value({"a", 0});
  }
}

TEST(Json, KeepsOrderAndExactIntegers) {
  std::string text = R"({"b":9223372036854775807,"a":[1,2.5,"x",null,true],"c":{"d":""}})";
  EXPECT_EQ(Json::Parse(text)->Dump(), text);
}

TEST(Json, DoublesHaveTheShortestDigits) {
  EXPECT_EQ(Json(100.0 / 3).Dump(), "33.333333333333336");
  EXPECT_EQ(Json(0.1).Dump(), "0.1");
  EXPECT_EQ(Json(2.0).Dump(), "2.0");
  EXPECT_EQ(Json(1e300).Dump(), "1e+300");
  EXPECT_TRUE(Json::Parse(Json(1e300).Dump()).ok());
}

TEST(Json, NumbersAreReadExactly) {
  const struct {
    const char* text;
    const char* printed;  // Empty: refused.
  } cases[] = {
      {"-0", "0"},
      {"-0.0", "-0.0"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", "9.223372036854776e+18"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"0.1", "0.1"},
      {"123456789012345678901234567890.5", "1.2345678901234568e+29"},
      {"5e-324", "5e-324"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"1e-999", "0.0"},
      {"-0.001e-99999999999999999999", "0.0"},
      {"1e309", ""},
      {"1e99999999999999999999", ""},
      {"0.000001e400", ""},
      {"10000000e-400", "0.0"},
  };
  for (const auto& c : cases) {
    auto json = Json::Parse(c.text);
    ASSERT_EQ(json.ok(), *c.printed != '\0') << c.text;
    if (json.ok()) {
      EXPECT_EQ(json->Dump(), c.printed) << c.text;
    }
  }
  // Digits without end, which rapidjson's own reading did not survive.
  EXPECT_FALSE(Json::Parse("-1e" + std::string(300, '9')).ok());
  EXPECT_TRUE(Json::Parse("1" + std::string(300, '0') + ".5").ok());
  EXPECT_FALSE(Json::Parse("1" + std::string(400, '0')).ok());
  EXPECT_EQ(Json::Parse("0." + std::string(400, '0') + "1")->Dump(), "0.0");
}

TEST(Json, ObjectsAreEqualInAnyOrder) {
  EXPECT_EQ(*Json::Parse(R"({"a":1,"b":2})"), *Json::Parse(R"({"b":2.0,"a":1})"));
  EXPECT_FALSE(*Json::Parse(R"({"a":1})") == *Json::Parse(R"({"a":1,"b":null})"));
}

TEST(Json, RefusesWhatIsNone) {
  for (std::string bad :
       {"", "{", "[1,]", "{\"a\":1}x", "\"\xff\"", "nul", "01", "\"\\ude00\"", "{\"\\ud83d\":1}"}) {
    EXPECT_FALSE(Json::Parse(bad).ok()) << bad;
  }
  EXPECT_FALSE(Json::Parse(std::string(100'000, '[')).ok());
  EXPECT_EQ(Json::Parse("\"\\ud83d\\ude00\"")->AsString(), "😀");
  EXPECT_EQ(Json::Parse("{\n \"a\": x}").error().message,
            "not a JSON document: Invalid value. (line 2, column 7)");
}

TEST(Clock, TimestampsReadBack) {
  struct {
    std::string_view text, printed;
  } cases[] = {
      {"2026-11-20", "2026-11-20T00:00:00Z"},
      {"2026-11-20 08:42:52.5", "2026-11-20T08:42:52.5Z"},
      {"2026-11-20T08:42:52.123456Z", "2026-11-20T08:42:52.123456Z"},
      {"2026-11-20T08:42+02:00", "2026-11-20T06:42:00Z"},
      {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
  };
  for (const auto& c : cases) EXPECT_EQ(ToRfc3339(*ParseTimestamp(c.text)), c.printed);
  for (std::string bad :
       {"", "2026", "2026-13-01", "2026-02-30", "2026-11-20T25:00", "2026-11-20x"}) {
    EXPECT_FALSE(ParseTimestamp(bad).ok()) << bad;
  }
}

TEST(Clock, Durations) {
  EXPECT_EQ(*ParseDuration("1h30m"), std::chrono::minutes(90));
  EXPECT_EQ(*ParseDuration("0.5s"), std::chrono::milliseconds(500));
  EXPECT_EQ(*ParseDuration("35d"), std::chrono::hours(35 * 24));
  for (std::string bad : {"", "5", "h", "1x", "-1h", "1h 30m", "99999999999999y"}) {
    EXPECT_FALSE(ParseDuration(bad).ok()) << bad;
  }
  EXPECT_EQ(HumanDuration(std::chrono::minutes(90)), "1h 30m");
  EXPECT_EQ(HumanDuration(std::chrono::milliseconds(12'345)), "12.3 s");
}

TEST(Text, DidYouMean) {
  std::vector<std::string> columns = {"payment_id", "amount", "payment_date"};
  EXPECT_EQ(DidYouMean("ammount", columns), "amount");
  EXPECT_EQ(DidYouMean("AMOUNT", columns), "amount");
  EXPECT_EQ(DidYouMean("payment_dtae", columns), "payment_date");
  EXPECT_EQ(DidYouMean("colour", columns), "");
}

TEST(Text, Unicode) {
  EXPECT_EQ(GraphemeCount("e\xCC\x81"), 1);   // e and a combining acute accent
  EXPECT_EQ(ToNfc("e\xCC\x81"), "\xC3\xA9");  // é
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_TRUE(IsUtf8("naïve"));
  size_t at = 0;
  EXPECT_FALSE(IsUtf8("ab\xff", &at));
  EXPECT_EQ(at, 2u);
}

TEST(Text, Encodings) {
  std::string bytes;
  EXPECT_EQ(Base64Encode("Hello"), "SGVsbG8=");
  EXPECT_TRUE(Base64Decode("SGVsbG8=", &bytes));
  EXPECT_EQ(bytes, "Hello");
  EXPECT_FALSE(Base64Decode("SGVsbG8", &bytes));
  EXPECT_FALSE(Base64Decode("SG=sbG8=", &bytes));
  EXPECT_EQ(Sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(WithThousands(-1234567), "-1,234,567");
  EXPECT_EQ(Count(1, "row"), "1 row");
  EXPECT_EQ(Count(16049, "row"), "16,049 rows");
}

TEST(Diagnostics, TheCaretStandsUnderTheMistake) {
  Sources sources;
  std::string text = "a = 1\nb = expect(\"ammount\")\n";
  sources.Add("x.andon.hcl", text);
  Diagnostic d{.code = "AN1042",
               .summary = "Unknown column",
               .detail = "The dataset \"payment\" has no column \"ammount\".",
               .subject = {"x.andon.hcl", {2, 12, 17}, {2, 21, 26}},
               .at_caret = "did you mean \"amount\"?"};
  EXPECT_EQ(Render(d, sources, false),
            "error[AN1042]: Unknown column\n"
            "   --> x.andon.hcl:2:12\n"
            "   2 | b = expect(\"ammount\")\n"
            "     |            ^^^^^^^^^ did you mean \"amount\"?\n"
            "The dataset \"payment\" has no column \"ammount\".\n");
}

TEST(Diagnostics, RangesBeyondTheTextDoNotCrash) {
  Sources sources;
  sources.Add("x", "ab");
  for (int32_t at : {-5, 0, 2, 3, 1'000'000}) {
    Diagnostic d{.summary = "S", .subject = {"x", {1, 1, at}, {1, 1, at + 9}}};
    EXPECT_NE(Render(d, sources, false), "");
  }
}

}  // namespace
}  // namespace andon
