#include "value/convert.h"

#include <gtest/gtest.h>

#include "value/json.h"

namespace andon::value {
namespace {

Type T(const char* json) { return *TypeFromJson(*Json::Parse(json)); }
Value S(const char* text) { return Value::String(text); }
Value N(int64_t n) { return Value::Number(n); }

struct Case {
  Value value;
  const char* type;
  const char* result;  // DebugString, or the error where it begins with "!".
};

TEST(Convert, FollowsTheRulesOfTheLanguage) {
  Value object = Value::Object({{"b", N(1)}, {"a", S("x")}});
  const Case kCases[] = {
      {N(5), R"("string")", R"("5")"},
      {Value::True(), R"("string")", R"("true")"},
      {S("5"), R"("number")", "5"},
      {S("x"), R"("number")", "!a number is required"},
      {S("1"), R"("bool")", "true"},
      {S("True"), R"("bool")",
       "!a bool is required; to convert from string, use lowercase \"true\""},
      {N(1), R"("bool")", "!bool required, but have number"},
      {Value::EmptyTuple(), R"("string")", "!string required, but have tuple"},
      {Value::Null(), R"("string")", "tostring(null)"},
      {Value::Dynamic(), R"("string")", "unknown(string)"},
      {S("a").WithMarks(Mark::kSensitive), R"("number")", "!a number is required"},
      {N(1).WithMarks(Mark::kSensitive), R"("string")", R"(sensitive("1"))"},
      {Value::Tuple({N(1), S("a")}), R"(["list","string"])", R"(tolist(["1", "a"]))"},
      {Value::Tuple({N(1), S("a")}), R"(["list","number"])", "![1]: a number is required"},
      {Value::Tuple({N(1), Value::Null()}), R"(["list","dynamic"])", "tolist([1, tonumber(null)])"},
      {Value::Tuple({N(1), Value::EmptyTuple()}), R"(["list","dynamic"])",
       "!all list elements must have the same type"},
      {Value::Tuple({S("b"), S("a"), S("b")}), R"(["set","string"])", R"(toset(["a", "b"]))"},
      {Value::EmptyTuple(), R"(["list",["object",{"a":"string"},["a"]]])", "tolist([])"},
      {Value::List({N(1), N(1)}), R"(["set","string"])", R"(toset(["1"]))"},
      {Value::Set({S("2"), S("1")}), R"(["list","number"])", "tolist([1, 2])"},
      {Value::Set({Value::Unknown(Type::String()), S("a")}), R"(["list","string"])",
       "unknown(list of string)"},
      {object, R"(["map","string"])", R"(tomap({"a" = "x", "b" = "1"}))"},
      {object, R"(["map","number"])", "![\"a\"]: a number is required"},
      {object, R"(["object",{"a":"string"}])", R"({"a" = "x"})"},
      {object, R"(["object",{"a":"string","c":"bool"}])", R"(!attribute "c" is required)"},
      {object, R"(["object",{"a":"string","c":"bool","d":"bool"}])",
       R"(!attributes "c" and "d" are required)"},
      {object, R"(["object",{"a":"string","c":"bool"},["c"]])",
       R"({"a" = "x", "c" = tobool(null)})"},
      {object, R"(["object",{"a":"string","b":"bool"}])",
       R"(!attribute "b": bool required, but have number)"},
      {object, R"(["object",{"a":"number"}])", "!a: a number is required"},
      {Value::Map({{"a", S("1")}}), R"(["object",{"a":"number"}])", R"({"a" = 1})"},
      {Value::Map({{"a", S("1")}}), R"(["object",{"b":"number"}])",
       R"(!map has no element for required attribute "b")"},
      {Value::Tuple({N(1)}), R"(["tuple",["string"]])", R"(["1"])"},
      {Value::Tuple({N(1)}), R"(["tuple",["string","string"]])", "!tuple required"},
      {Value::Unknown(Type::EmptyObject()), R"(["map","string"])", "unknown(map of string)"},
      {Value::Null(T(R"(["tuple",["string"]])")), R"(["list","dynamic"])",
       "tolist(null) /* of string */"},
      {object, R"("dynamic")", R"({"a" = "x", "b" = 1})"},
      {S("a"), R"(["list","string"])", "!list of string required, but have string"},
      {Value::List({S("a")}), R"(["map","string"])", "!map of string required"},
      {Value::List({Value::EmptyTuple()}), R"(["list","string"])",
       "!incorrect list element type: string required, but have tuple"},
  };
  for (const auto& c : kCases) {
    auto result = Convert(c.value, T(c.type));
    std::string text = result.ok() ? result->DebugString() : "!" + result.error().message;
    EXPECT_EQ(text, c.result) << c.value.DebugString() << " to " << c.type;
  }
}

TEST(Convert, TellsWhere) {
  Value value = Value::Object({{"list", Value::Tuple({Value::Object({{"n", S("x")}})})}});
  ConversionError why;
  ASSERT_FALSE(
      Convert(value, T(R"(["object",{"list":["list",["object",{"n":"number"}]]}])"), &why).ok());
  EXPECT_EQ(ToString(why.path), ".list[0].n");
  EXPECT_EQ(why.message, "a number is required");
  ASSERT_FALSE(
      Convert(value, T(R"(["object",{"list":["list",["object",{"m":"number"}]]}])"), &why).ok());
  EXPECT_EQ(ToString(why), R"(list[0]: attribute "m" is required)");
}

TEST(Convert, KeepsTheOrderOfTheSource) {
  Value value = Value::Object({{"b", N(1)}, {"a", N(2)}});
  auto converted = Convert(value, T(R"(["object",{"a":"string","b":"string"}])"));
  ASSERT_TRUE(converted.ok());
  EXPECT_EQ(converted->attribute_order(), (std::vector<std::string>{"b", "a"}));
}

TEST(Unify, FindsTheOneTypeOfSeveral) {
  const std::pair<std::vector<const char*>, const char*> kCases[] = {
      {{R"("string")", R"("number")"}, R"("string")"},
      {{R"("bool")", R"("number")"}, ""},
      {{R"("bool")", R"("number")", R"("string")"}, R"("string")"},
      {{R"("string")", R"("dynamic")"}, R"("dynamic")"},
      {{R"(["list","number"])", R"(["list","string"])"}, R"(["list","string"])"},
      {{R"(["list","number"])", R"(["list","dynamic"])"}, R"(["list","dynamic"])"},
      {{R"(["list","number"])", R"("dynamic")"}, R"("dynamic")"},
      {{R"(["tuple",["number"]])", R"(["tuple",["string"]])"}, R"(["tuple",["string"]])"},
      {{R"(["tuple",["number"]])", R"(["tuple",["string","bool"]])"}, R"(["list","string"])"},
      {{R"(["tuple",["number"]])", R"(["list","string"])"}, R"(["list","string"])"},
      {{R"(["object",{"a":"number"}])", R"(["object",{"a":"string"}])"},
       R"(["object",{"a":"string"}])"},
      {{R"(["object",{"a":"number"}])", R"(["object",{"b":"string"}])"}, R"(["map","string"])"},
      {{R"(["object",{"a":"number"}])", R"(["map","string"])"}, R"(["map","string"])"},
      {{R"(["object",{"a":"number"}])", R"(["tuple",["string"]])"}, ""},
      {{R"(["set","number"])", R"(["list","string"])"}, R"(["list","string"])"},
      {{R"(["set","number"])", R"(["tuple",["string"]])"}, ""},
      {{}, ""},
  };
  for (const auto& [types, wanted] : kCases) {
    std::vector<Type> given;
    for (const char* type : types) given.push_back(T(type));
    auto unified = Unify(given);
    EXPECT_EQ(unified ? ToJson(*unified).Dump() : "", wanted) << testing::PrintToString(types);
  }
  EXPECT_EQ(Unify({Type::String(), Type::Dynamic()}, true), Type::String());
}

TEST(Json, ReadsAndWritesValues) {
  for (const char* text :
       {"null", "true", "\"a\"", "1.5", "[]", "{}", R"({"a":[1,"x",null],"b":{"c":false}})",
        "123456789012345678901234567890.123456789", R"("\u003c\u003e\u0026\u2028\t\"\\")"}) {
    auto value = FromJsonText(text);
    ASSERT_TRUE(value.ok()) << text << ": " << value.error().message;
    EXPECT_EQ(*ToJsonText(*value), text);
  }
  EXPECT_EQ(*ToJsonText(*FromJsonText("1e3")), "1000");
  EXPECT_EQ(FromJsonText(R"({"a":1,"a":"x"})")->DebugString(), R"({"a" = "x"})");
}

TEST(Json, RefusesWhatIsNone) {
  for (const char* text :
       {"", "{", "[1,]", "nul", "1 2", "\"\xff\"", "{\"a\"}", "01", "1e999999"}) {
    EXPECT_FALSE(FromJsonText(text).ok()) << text;
  }
  EXPECT_EQ(FromJsonText("[1,\n x]").error().message.substr(0, 16), "line 2, column 2");
  EXPECT_FALSE(FromJsonText(std::string(100'000, '[')).ok());
}

TEST(Json, KeepsTypes) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"(["object",{"a":["set","number"],"b":["map","bool"]}])", R"({"a":[1,2],"b":{"x":true}})"},
      {R"(["tuple",["string","dynamic"]])", R"(["a",{"value":[1],"type":["tuple",["number"]]}])"},
      {R"(["list","dynamic"])", "[]"},
  };
  for (const auto& [type, text] : kCases) {
    auto value = FromJsonText(text, T(type));
    ASSERT_TRUE(value.ok()) << text << ": " << value.error().message;
    EXPECT_EQ(*ToJsonText(*value, T(type)), text);
  }
  EXPECT_EQ(FromJsonText("{}", T(R"(["object",{"a":"string"}])"))->DebugString(),
            R"({"a" = tostring(null)})");
  EXPECT_EQ(FromJsonText(R"(["1",true])", T(R"(["tuple",["number","string"]])"))->DebugString(),
            R"([1, "true"])");
  auto wrong = FromJsonText(R"({"a":[1,"x"]})", T(R"(["map",["list","number"]])"));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().message, R"(["a"][1]: a number is required)");
  EXPECT_FALSE(FromJsonText(R"({"z":1})", T(R"(["object",{"a":"string"}])")).ok());
  auto unknown = ToJsonText(Value::Tuple({N(1), Value::Object({{"a", Value::Dynamic()}})}));
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message, "The value at [1].a is not known yet.");
}

}  // namespace
}  // namespace andon::value
