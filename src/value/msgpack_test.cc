#include "value/msgpack.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/text.h"

namespace andon::value {
namespace {

Number Parsed(std::string_view text) { return *Number::Parse(text); }
Value Num(std::string_view text) { return Value::Number(Parsed(text)); }

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    if (hex[i] == ' ') {
      --i;
      continue;
    }
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

struct Row {
  const char* name;
  Value value;
  Type type;
  std::string hex;
};

std::vector<Row> Rows() {
  Type object = Type::Object({{"name", Type::String()}, {"age", Type::Number()}});
  return {
      {"null", Value::Null(Type::String()), Type::String(), "c0"},
      {"unknown", Value::Unknown(Type::String()), Type::String(), "d40000"},
      {"unknown, not null", Value::Unknown(Type::String(), {.not_null = true}), Type::String(),
       "c7030c8101c2"},
      {"unknown of unknown type", Value::Dynamic(), Type::Dynamic(), "d40000"},
      {"true", Value::True(), Type::Bool(), "c3"},
      {"false", Value::False(), Type::Bool(), "c2"},
      {"empty string", Value::String(""), Type::String(), "a0"},
      {"string", Value::String("hello"), Type::String(), "a568656c6c6f"},
      {"string of 32", Value::String(std::string(32, 'a')), Type::String(),
       "d920" + HexEncode(std::string(32, 'a'))},
      {"string of 256", Value::String(std::string(256, 'a')), Type::String(),
       "da0100" + HexEncode(std::string(256, 'a'))},
      {"string of 65536", Value::String(std::string(65536, 'a')), Type::String(),
       "db00010000" + HexEncode(std::string(65536, 'a'))},
      {"0", Num("0"), Type::Number(), "00"},
      {"127", Num("127"), Type::Number(), "7f"},
      {"128", Num("128"), Type::Number(), "cc80"},
      {"256", Num("256"), Type::Number(), "cd0100"},
      {"65536", Num("65536"), Type::Number(), "ce00010000"},
      {"2^32", Num("4294967296"), Type::Number(), "cf0000000100000000"},
      {"-1", Num("-1"), Type::Number(), "ff"},
      {"-32", Num("-32"), Type::Number(), "e0"},
      {"-33", Num("-33"), Type::Number(), "d0df"},
      {"-129", Num("-129"), Type::Number(), "d1ff7f"},
      {"-32769", Num("-32769"), Type::Number(), "d2ffff7fff"},
      {"least int64", Num("-9223372036854775808"), Type::Number(), "d38000000000000000"},
      {"1.5 is exact", Num("1.5"), Type::Number(), "cb3ff8000000000000"},
      {"0.1 is not", Num("0.1"), Type::Number(), "a3302e31"},
      {"2^63", Num("9223372036854775808"), Type::Number(), "b3" + HexEncode("9223372036854775808")},
      {"a whole double, with all digits", Value::Number(Number::FromDouble(1e23)), Type::Number(),
       "b7" + HexEncode("99999999999999991611392")},
      {"infinity", Value::Number(Number::FromDouble(std::numeric_limits<double>::infinity())),
       Type::Number(), "cb7ff0000000000000"},
      {"list", Value::List({Value::String("a"), Value::String("b")}), Type::List(Type::String()),
       "92a161a162"},
      {"empty list", Value::List(Type::String(), {}), Type::List(Type::String()), "90"},
      {"set in order", Value::Set({Value::String("b"), Value::String("a")}),
       Type::Set(Type::String()), "92a161a162"},
      {"map", Value::Map({{"b", Value::True()}, {"a", Value::False()}}), Type::Map(Type::Bool()),
       "82a161c2a162c3"},
      {"object in order of names", Value::Object({{"name", Value::String("x")}, {"age", Num("1")}}),
       object, "82a361676501a46e616d65a178"},
      {"null object", Value::Null(object), object, "c0"},
      {"tuple", Value::Tuple({Value::True(), Num("1")}),
       Type::Tuple({Type::Bool(), Type::Number()}), "92c301"},
      {"dynamic", Value::String("a"), Type::Dynamic(), "92c408" + HexEncode("\"string\"") + "a161"},
      {"dynamic null", Value::Null(), Type::Dynamic(), "c0"},
      {"dynamic null of a type", Value::Null(Type::Bool()), Type::Dynamic(),
       "92c406" + HexEncode("\"bool\"") + "c0"},
      {"dynamic unknown of a type", Value::Unknown(Type::Bool()), Type::Dynamic(),
       "92c406" + HexEncode("\"bool\"") + "d40000"},
  };
}

TEST(Msgpack, WritesTheBytesThatPluginsExpectAndReadsThem) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    Result<std::string> bytes = ToMsgpack(row.value, row.type);
    ASSERT_TRUE(bytes.ok()) << bytes.error().message;
    EXPECT_EQ(HexEncode(*bytes), row.hex);
    Result<Value> again = FromMsgpack(*bytes, row.type);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_TRUE(again->RawEquals(row.value)) << again->DebugString();
  }
}

TEST(Msgpack, ReadsFormsThatOthersWrite) {
  struct Other {
    const char* hex;
    Type type;
    Value value;
  };
  Type object = Type::Object({{"a", Type::Number()}, {"b", Type::Number()}});
  const std::vector<Other> others = {
      {"d300000000000000 01", Type::Number(), Num("1")},
      {"cfffffffffffffffff", Type::Number(), Num("18446744073709551615")},
      {"ca3fc00000", Type::Number(), Num("1.5")},
      {"a131", Type::Number(), Num("1")},
      {"c40161", Type::String(), Value::String("a")},
      {"dc0001c3", Type::List(Type::Bool()), Value::List({Value::True()})},
      {"dd00000001c3", Type::Set(Type::Bool()), Value::Set({Value::True()})},
      {"de0001a161c3", Type::Map(Type::Bool()), Value::Map({{"a", Value::True()}})},
      {"82a16202a16101", object, Value::Object({{"a", Num("1")}, {"b", Num("2")}})},
      {"c7000c", Type::Bool(), Value::Unknown(Type::Bool())},
      {"d40c00", Type::Bool(), Value::Unknown(Type::Bool())},
      {"c7060c8201c202a161", Type::String(),
       Value::Unknown(Type::String(), {.not_null = true, .prefix = "a"})},
      {"c7050c81039201c3", Type::Number(),
       Value::Unknown(Type::Number(), {.min = Bound{Num("1").number()}})},
      {"c7050c82050106 02", Type::List(Type::Bool()),
       Value::Unknown(Type::List(Type::Bool()), {.length_min = 1, .length_max = 2})},
      {"c7030c8101c2", Type::Dynamic(), Value::Dynamic()},
      // A key from the future.
      {"c7030c8163c2", Type::Bool(), Value::Unknown(Type::Bool())},
      // What follows is not looked at.
      {"c3c3", Type::Bool(), Value::True()},
  };
  for (const Other& other : others) {
    SCOPED_TRACE(other.hex);
    Result<Value> read = FromMsgpack(Unhex(other.hex), other.type);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_TRUE(read->RawEquals(other.value)) << read->DebugString();
  }
}

TEST(Msgpack, WhatIsKnownOfUnknownValuesComesBack) {
  const std::vector<Value> values = {
      Value::Unknown(Type::String(), {.not_null = true, .prefix = "arn:aws:s3:::"}),
      Value::Unknown(Type::Number(), {.min = Bound{Num("-1.5").number(), false},
                                      .max = Bound{Num("1e40").number()}}),
      Value::Unknown(Type::Set(Type::String()), {.length_min = 3}),
      Value::Unknown(Type::Map(Type::String()), {.not_null = true, .length_max = 70'000}),
  };
  for (const Value& value : values) {
    Result<std::string> bytes = ToMsgpack(value, value.type());
    ASSERT_TRUE(bytes.ok()) << bytes.error().message;
    Result<Value> again = FromMsgpack(*bytes, value.type());
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_TRUE(again->RawEquals(value)) << HexEncode(*bytes);
  }
  // Of a long beginning as much is sent as a plugin reads.
  Value longer =
      Value::Unknown(Type::String(), {.not_null = true, .prefix = std::string(5'000, '-')});
  Result<Value> cut = FromMsgpack(*ToMsgpack(longer, Type::String()), Type::String());
  ASSERT_TRUE(cut.ok()) << cut.error().message;
  EXPECT_EQ(cut->refinement().prefix, std::string(256, '-'));
  for (const char* bad : {"c7050c81039201c1", "c7030c8105ff", "c7040c8102a1ff"})
    EXPECT_FALSE(FromMsgpack(Unhex(bad), Type::Number()).ok()) << bad;
}

TEST(Msgpack, RefusesBytesThatAreNoValueOfTheTypeWithTheirPlace) {
  struct Bad {
    std::string hex;
    Type type;
    const char* message;
  };
  Type list = Type::List(Type::Object({{"a", Type::Number()}}));
  const std::vector<Bad> bads = {
      {"", Type::Bool(), "the value ends too early"},
      {"a161", Type::Bool(), "a bool is required"},
      {"01", Type::String(), "a string is required"},
      {"a1ff", Type::String(), "a string that is UTF-8 is required"},
      {"a5", Type::String(), "a string is required"},
      {"a178", Type::Number(), "a number is required"},
      {"cb7ff8000000000000", Type::Number(), "a number is required"},
      {"9281a1610181a161c3", list, "[1].a: a number is required"},
      {"9181a16201", list, "[0]: unsupported attribute \"b\""},
      {"9180", list, "[0]: an object with 1 attribute is required (0 given)"},
      {"82a16101a16101", Type::Object({{"a", Type::Number()}, {"b", Type::Number()}}),
       "attribute \"a\" comes twice"},
      {"ddffffffff", list, "list of object is required"},
      {"c3", list, "list of object is required"},
      {"8101c3", Type::Map(Type::Bool()), "a key that is a string is required"},
      {"91c3", Type::Tuple({}), "a tuple of 0 elements is required (1 given)"},
      {"91c3", Type::Dynamic(), "a type and a value of it are required"},
      {"92a178c3", Type::Dynamic(),
       "no type: not a JSON document: Invalid value. (line 1, column 1)"},
      {"c8ffff0c", Type::Bool(), "an unknown value ends too early"},
      {"d60700000000", Type::Bool(), "there is no extension of kind 7"},
      {"c7030c810102", Type::Bool(), "what is said of an unknown value cannot be read"},
      {"c7030c810501", Type::Bool(), "what is said of an unknown value cannot be read"},
      {"92" + ("92c406" + HexEncode("\"bool\"")) + "c3" + ("92c408" + HexEncode("\"string\"")) +
           "a161",
       Type::List(Type::Dynamic()), "elements of one type are required"},
  };
  for (const Bad& bad : bads) {
    SCOPED_TRACE(bad.hex);
    Result<Value> read = FromMsgpack(Unhex(bad.hex), bad.type);
    ASSERT_FALSE(read.ok()) << read->DebugString();
    EXPECT_EQ(read.error().message, bad.message);
  }
}

TEST(Msgpack, TellsTheSizeOfAnOversizeRefinement) {
  std::string bytes = Unhex("c80401 0c") + std::string(1025, '\0');
  Result<Value> read = FromMsgpack(bytes, Type::Bool());
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message,
            "what is said of an unknown value takes 1025 bytes, and at most 1024 are allowed");
}

TEST(Msgpack, RefusesValuesThatDoNotFitOrAreMarked) {
  Type object = Type::Object({{"a", Type::Number()}});
  Result<std::string> wrong = ToMsgpack(Value::Object({{"a", Value::True()}}), object);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().message, ".a: number is required");
  Result<std::string> missing = ToMsgpack(Value::Object({{"b", Num("1")}}), object);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, "attribute \"a\" is required");
  Value secret = Value::Object({{"a", Num("1").WithMarks(Mark::kSensitive)}});
  Result<std::string> marked = ToMsgpack(secret, object);
  ASSERT_FALSE(marked.ok());
  EXPECT_EQ(marked.error().message,
            ".a: the value is sensitive or ephemeral and must be unmarked first");
}

TEST(Msgpack, KeepsNumbersOf512Bits) {
  for (const char* digits :
       {"3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803",
        "123456789012345678901234567890123456789012345678901234567890",
        "-0.000000000000000000000000000000000000000000000000000000000000123456789123456789"}) {
    Value number = Num(digits);
    Result<std::string> bytes = ToMsgpack(number, Type::Number());
    ASSERT_TRUE(bytes.ok());
    Result<Value> again = FromMsgpack(*bytes, Type::Number());
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->RawEquals(number));
    EXPECT_EQ(again->number().ToString(), digits);
  }
}

TEST(Msgpack, DynamicInsideOfDynamicHasAnEnd) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += Unhex("92c409") + "\"dynamic\"";
  Result<Value> read = FromMsgpack(bytes + "\xc3", Type::Dynamic());
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "the value is nested too deeply");
}

}  // namespace
}  // namespace andon::value
