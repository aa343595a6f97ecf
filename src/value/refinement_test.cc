#include "value/refinement.h"

#include <gtest/gtest.h>

#include "value/value.h"

namespace andon::value {
namespace {

Refinement From(int64_t min, bool inclusive = true) {
  return {.min = Bound{Number(min), inclusive}};
}
Refinement UpTo(int64_t max, bool inclusive = true) {
  return {.max = Bound{Number(max), inclusive}};
}

TEST(Refinement, RangesThatDoNotMeetAreInOrder) {
  EXPECT_EQ(IsLess(UpTo(1), From(2)), true);
  EXPECT_EQ(IsLess(UpTo(2), From(2)), std::nullopt);
  EXPECT_EQ(IsLess(UpTo(2, false), From(2)), true);
  EXPECT_EQ(IsLessOrEqual(UpTo(2), From(2)), true);
  EXPECT_EQ(IsLess(From(2), UpTo(2)), false);
  EXPECT_EQ(IsLessOrEqual(From(2), UpTo(2)), std::nullopt);
  EXPECT_EQ(IsLessOrEqual(From(2, false), UpTo(2)), false);
  EXPECT_EQ(IsLess({}, From(2)), std::nullopt);
  EXPECT_TRUE(Includes(From(2), Number(2)));
  EXPECT_FALSE(Includes(From(2, false), Number(2)));
  EXPECT_FALSE(Includes(UpTo(2), Number(3)));
}

TEST(Refinement, ABeginningLeavesOutWhatMayStillChange) {
  EXPECT_EQ(SafePrefix("arn:aws:"), "arn:aws:");
  EXPECT_EQ(SafePrefix("name"), "nam");  // An accent would join the "e".
  EXPECT_EQ(SafePrefix("caf\u00e9"), "ca");
  EXPECT_EQ(SafePrefix("\u00e9"), "");
}

TEST(Refinement, WhatIsKnownDecidesEquality) {
  Value arn = Value::Unknown(Type::String(), {.not_null = true, .prefix = "arn:"});
  EXPECT_EQ(arn.Equals(Value::String("id")).DebugString(), "false");
  EXPECT_FALSE(arn.Equals(Value::String("arn:x")).is_known());
  EXPECT_EQ(arn.Equals(Value::Null(Type::String())).DebugString(), "false");
  Value many = Value::Unknown(Type::List(Type::String()), {.not_null = true, .length_min = 2});
  EXPECT_EQ(many.Equals(Value::List({Value::String("a")})).DebugString(), "false");
  EXPECT_TRUE(many.MayBe(Value::List({Value::String("a"), Value::String("b")})));
  EXPECT_FALSE(many.Length().is_known());
  Value two = Value::Unknown(Type::List(Type::String()), {.length_min = 2, .length_max = 2});
  EXPECT_EQ(two.Length().DebugString(), "2");
  Value port = Value::Unknown(Type::Number(), {.min = Bound{Number(1)}, .max = Bound{Number(9)}});
  EXPECT_FALSE(port.MayBe(Value::Number(Number(10))));
  EXPECT_TRUE(port.MayBe(Value::Null(Type::Number())));
  EXPECT_TRUE(port.RefineNotNull().RawEquals(Value::Unknown(
      Type::Number(), {.not_null = true, .min = Bound{Number(1)}, .max = Bound{Number(9)}})));
}

}  // namespace
}  // namespace andon::value
