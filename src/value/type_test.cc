#include "value/type.h"

#include <gtest/gtest.h>

namespace andon::value {
namespace {

Type Parse(const char* text) { return *TypeFromJson(*Json::Parse(text)); }

struct Case {
  const char* json;
  const char* name;
  const char* expression;
};

class Types : public testing::TestWithParam<Case> {};

TEST_P(Types, AreReadWrittenAndNamed) {
  Type type = Parse(GetParam().json);
  EXPECT_EQ(ToJson(type).Dump(), GetParam().json);
  EXPECT_EQ(type.FriendlyName(), GetParam().name);
  EXPECT_EQ(TypeExpression(type), GetParam().expression);
  EXPECT_EQ(type, Parse(GetParam().json));
}

INSTANTIATE_TEST_SUITE_P(
    All, Types,
    testing::Values(
        Case{R"("string")", "string", "string"}, Case{R"("number")", "number", "number"},
        Case{R"("bool")", "bool", "bool"}, Case{R"("dynamic")", "dynamic", "dynamic"},
        Case{R"(["list","string"])", "list of string", "list(string)"},
        Case{R"(["set",["list","dynamic"]])", "set of list of dynamic", "set(list(dynamic))"},
        Case{R"(["map",["tuple",["string"]]])", "map of tuple",
             "map(\n    tuple([\n        string,\n    ]),\n)"},
        Case{R"(["object",{}])", "object", "object({})"},
        Case{R"(["tuple",[]])", "tuple", "tuple([])"},
        Case{R"(["object",{"a":["list",["object",{"b":"number"}]]}])", "object",
             "object({\n    a: list(\n        object({\n            b: number,\n        }),\n"
             "    ),\n})"},
        Case{R"(["object",{"a":"string","b":"bool"},["b"]])", "object",
             "object({\n    a: string,\n    b: bool,\n})"}));

TEST(Type, RefusesWhatIsNoType) {
  for (const char* text :
       {R"("text")", R"(["list"])", R"(["list","text"])", R"([])", R"(5)", R"(["tree","string"])",
        R"(["object","string"])", R"(["list","string","a"])", "null"}) {
    EXPECT_FALSE(TypeFromJson(*Json::Parse(text)).ok()) << text;
  }
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += R"(["list",)";
  deep += R"("string")" + std::string(300, ']');
  EXPECT_FALSE(TypeFromJson(*Json::Parse(deep)).ok());
}

TEST(Type, ComparesByStructure) {
  EXPECT_EQ(Type::Object({{"a", Type::String()}, {"b", Type::Bool()}}),
            Type::Object({{"b", Type::Bool()}, {"a", Type::String()}}));
  EXPECT_NE(Type::Object({{"a", Type::String()}}), Type::Object({{"a", Type::String(), true}}));
  EXPECT_NE(Type::List(Type::String()), Type::Set(Type::String()));
  EXPECT_NE(Type::Tuple({Type::String()}), Type::Tuple({}));
  Type optional = Type::List(Type::Object({{"a", Type::String(), true}}));
  EXPECT_EQ(optional.WithoutOptionalAttributes(),
            Type::List(Type::Object({{"a", Type::String()}})));
  EXPECT_TRUE(Type::Map(Type::Tuple({Type::Dynamic()})).has_dynamic());
  EXPECT_FALSE(Type::Map(Type::Tuple({Type::Bool()})).has_dynamic());
  EXPECT_EQ(Type::List(Type::Dynamic()).FriendlyNameForConstraint(), "list of any single type");
}

}  // namespace
}  // namespace andon::value
