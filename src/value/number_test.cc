#include "value/number.h"

#include <gtest/gtest.h>

#include <limits>

namespace andon::value {
namespace {

Number N(const std::string& text) {
  auto number = Number::Parse(text);
  EXPECT_TRUE(number.ok()) << text;
  return number.ok() ? *number : Number();
}

TEST(Number, PrintsAsFewDigitsAsReadBack) {
  const std::pair<const char*, std::string> kCases[] = {
      {"0", "0"},
      {"-0", "-0"},
      {"007", "7"},
      {"+5", "5"},
      {".5", "0.5"},
      {"5.", "5"},
      {"1.50", "1.5"},
      {"1e3", "1000"},
      {"1E-7", "0.0000001"},
      {"0.1", "0.1"},
      {"-12.4", "-12.4"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9223372036854775808"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"1e100", "1" + std::string(100, '0')},
      {"1e400", "1" + std::string(400, '0')},
      {"0.1000000000000000055511151231257827021181583404541015625",
       "0.1000000000000000055511151231257827021181583404541015625"},
  };
  for (const auto& [text, printed] : kCases) EXPECT_EQ(N(text).ToString(), printed) << text;
}

TEST(Number, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", ".", "e5", "1e", "1e+", "0x10", "1_000", "1 ", " 1", "inf",
                           "nan", "1.2.3", "1e999999999999", "1e-200000", "--1"}) {
    EXPECT_FALSE(Number::Parse(text).ok()) << text;
  }
}

// What Terraform's console prints for the same.
TEST(Number, CalculatesWith512Bits) {
  EXPECT_EQ((N("0.1") + N("0.2")).ToString(), "0.3");
  EXPECT_EQ((N("1") / N("3")).ToString(),
            "0.333333333333333333333333333333333333333333333333333333333333333333333333333333333333"
            "33333333333333333333333333333333333333333333333333333333333333333333335");
  EXPECT_EQ((Number(1).WithPrecision(64) / Number(3).WithPrecision(64)).ToString(),
            "0.33333333333333333334");
  EXPECT_EQ((Number(0) * Number(-5)).ToString(), "-0");
  EXPECT_EQ((-Number(0)).ToString(), "-0");
  EXPECT_EQ((-Number(0)), Number(0));
  EXPECT_EQ((Number::FromDouble(1.6989700043360185) + Number(1)).ToString(),
            "2.6989700043360185244267768212012015283107757568359375");
  Number max(std::numeric_limits<int64_t>::max());
  EXPECT_EQ((max + Number(1)).ToString(), "9223372036854775808");
  EXPECT_EQ((max + Number(1) - Number(1)), max);
  EXPECT_EQ((max * max).ToString(), "85070591730234615847396907784232501249");
  Number min(std::numeric_limits<int64_t>::min());
  EXPECT_EQ((-min).ToString(), "9223372036854775808");
  EXPECT_EQ(-(-min), min);
  EXPECT_EQ((min / Number(-1)).ToString(), "9223372036854775808");
}

TEST(Number, KeepsThePrecisionOfDoubles) {
  EXPECT_EQ(Number::FromDouble(1.6989700043360185).ToString(), "1.6989700043360185");
  EXPECT_EQ(Number::FromDouble(0x1p60).ToString(), "1152921504606847000");
  EXPECT_EQ(Number::FromDouble(0x1p70).ToString(), "1180591620717411300000");
  EXPECT_EQ(Number::FromDouble(3).ToString(), "3");
  EXPECT_EQ(Number::FromDouble(1e22).ToString(), "10000000000000000000000");
  EXPECT_EQ(Number::FromDouble(std::numeric_limits<double>::infinity()).ToString(), "+Inf");
}

TEST(Number, LeavesTheRemainderOfTheTruncatedQuotient) {
  EXPECT_EQ(Number(5) % Number(3), Number(2));
  EXPECT_EQ(Number(-5) % Number(3), Number(-2));
  EXPECT_EQ(N("5.5") % Number(-2), N("1.5"));
  EXPECT_EQ(Number(5) % Number(0), Number(5));
  EXPECT_EQ(Number(std::numeric_limits<int64_t>::min()) % Number(-1), Number(0));
}

TEST(Number, Rounds) {
  EXPECT_EQ(N("4.9").Floor(), Number(4));
  EXPECT_EQ(N("-4.1").Floor(), Number(-5));
  EXPECT_EQ(N("5.1").Ceil(), Number(6));
  EXPECT_EQ(N("-5.9").Truncate(), Number(-5));
  EXPECT_EQ(N("1e30").Floor(), N("1e30"));
}

TEST(Number, ComparesAcrossItsForms) {
  EXPECT_LT(N("0.1"), N("0.5"));
  EXPECT_LT(Number(1), N("1.5"));
  EXPECT_GT(N("1e30"), Number(std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(N("2.0"), Number(2));
  EXPECT_EQ(N("2.0").Hash(), Number(2).Hash());
  EXPECT_EQ(N("0.5"), Number::FromDouble(0.5));
  EXPECT_NE(N("0.1"), Number::FromDouble(0.1));
  EXPECT_FALSE(N("0.5").is_integer());
  EXPECT_TRUE(N("1e50").is_integer());
  EXPECT_EQ(N("1e50").ToInt64(), std::nullopt);
  EXPECT_EQ(N("12").ToInt64(), 12);
}

TEST(Number, ReadsIntegersInAnyBase) {
  EXPECT_EQ(*Number::ParseInteger("FF", 16), Number(255));
  EXPECT_EQ(*Number::ParseInteger("ff", 16), Number(255));
  EXPECT_EQ(*Number::ParseInteger("-10", 16), Number(-16));
  EXPECT_EQ(*Number::ParseInteger("aA", 62), Number(656));
  EXPECT_FALSE(Number::ParseInteger("12", 2).ok());
  EXPECT_FALSE(Number::ParseInteger("", 10).ok());
  EXPECT_FALSE(Number::ParseInteger("- 1", 10).ok());
  EXPECT_EQ(Number(255).IntegerText(16), "ff");
  EXPECT_EQ(Number(-5).IntegerText(2), "-101");
}

TEST(Number, FormatsAsC) {
  EXPECT_EQ(N("3.14159").Format('f', 2), "3.14");
  EXPECT_EQ(N("0.5").Format('f', 0), "0");
  EXPECT_EQ(N("1234.5").Format('e', 3), "1.234e+03");
  EXPECT_EQ(N("100000").Format('g', -1), "100000");
  EXPECT_EQ(N("0.00001").Format('g', -1), "1e-05");
}

TEST(Number, IntegersInTheShortestForm) {
  for (const char* digits : {"0", "-1", "999999999", "-999999999", "1000000000", "9999999999"})
    EXPECT_EQ(Number::Parse(digits)->Format('g', 10), digits);
  EXPECT_EQ(Number::Parse("10000000000")->Format('g', 10), "1e+10");
  EXPECT_EQ(Number(123).Format('g', 2), "1.2e+02");
}

}  // namespace
}  // namespace andon::value
