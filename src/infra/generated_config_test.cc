// Blocks written from objects: what is written, what is left out, what is hidden.
#include "infra/generated_config.h"

#include <gtest/gtest.h>

namespace andon::infra {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using provider::NestedBlock;
using provider::Nesting;
using value::Type;
using value::Value;

AttributeSchema Attribute(std::string name, Type type) {
  AttributeSchema out;
  out.name = std::move(name);
  out.type = std::move(type);
  out.optional = true;
  return out;
}

AttributeSchema NestedAttribute(std::string name, Nesting nesting) {
  AttributeSchema out = Attribute(std::move(name), Type::Dynamic());
  out.nesting = nesting;
  out.attributes = {Attribute("a", Type::String())};
  return out;
}

Value Object(Value::Members members) { return Value::Object(std::move(members)); }
Value Secret(std::string_view text) {
  return Value::String(text).WithMarks(value::Mark::kSensitive);
}

std::string Generate(const BlockSchema& schema, const Value& object,
                     config::LocalProvider provider = {"fake", {}}) {
  return GenerateResource({.kind = "fake_thing", .name = "x"}, schema, provider, object);
}

TEST(GeneratedConfig, WritesWhatCanBeSetAndNothingElse) {
  AttributeSchema id = Attribute("id", Type::String());
  id.computed = true;
  AttributeSchema only_computed = Attribute("arn", Type::String());
  only_computed.optional = false;
  only_computed.computed = true;
  AttributeSchema old = Attribute("old", Type::String());
  old.deprecated = true;
  AttributeSchema hidden = Attribute("hidden", Type::String());
  hidden.sensitive = true;
  AttributeSchema write_only = Attribute("write_only", Type::String());
  write_only.write_only = true;
  BlockSchema schema;
  schema.attributes = {only_computed,
                       Attribute("empty", Type::String()),
                       hidden,
                       id,
                       Attribute("list", Type::List(Type::Number())),
                       Attribute("marked", Type::String()),
                       Attribute("name", Type::String()),
                       old,
                       Attribute("policy", Type::String()),
                       Attribute("tags", Type::Map(Type::String())),
                       Attribute("unset", Type::Bool()),
                       write_only};
  Value object = Object(
      {{"arn", Value::String("arn:1")},
       {"empty", Value::String("")},
       {"hidden", Value::String("h")},
       {"id", Value::String("i-1")},
       {"list", Value::List({Value::Number(1), Value::Number(2)})},
       {"marked", Secret("s")},
       {"name", Value::String("a ${b} \"c\"\n")},
       {"old", Value::String("o")},
       {"policy", Value::String(R"({"a":[1,{"b c":null}]})")},
       {"tags", Value::Map({{"Name", Value::String("n")}, {"with space", Value::String("w")}})},
       {"unset", Value::Null(Type::Bool())},
       {"write_only", Value::Null(Type::String())}});
  EXPECT_EQ(Generate(schema, object), R"(resource "fake_thing" "x" {
  empty  = null
  hidden = null # sensitive
  list   = [1, 2]
  marked = null # sensitive
  name   = "a $${b} \"c\"\n"
  policy = jsonencode({
    a = [1, {
      "b c" = null
    }]
  })
  tags = {
    Name         = "n"
    "with space" = "w"
  }
  unset      = null
  write_only = null # write-only
}
)");
}

TEST(GeneratedConfig, NamesAProviderThatTheTypeDoesNotImply) {
  EXPECT_EQ(Generate({}, Value::EmptyObject(), {"fake", "west"}),
            "resource \"fake_thing\" \"x\" {\n  provider = fake.west\n}\n");
  EXPECT_EQ(Generate({}, Value::EmptyObject(), {"other", ""}),
            "resource \"fake_thing\" \"x\" {\n  provider = other\n}\n");
}

TEST(GeneratedConfig, WritesNestedAttributesInTheirForms) {
  BlockSchema schema;
  schema.attributes = {
      NestedAttribute("gone", Nesting::kList), NestedAttribute("list", Nesting::kList),
      NestedAttribute("map", Nesting::kMap), NestedAttribute("secret", Nesting::kSet),
      NestedAttribute("single", Nesting::kSingle)};
  schema.attributes[3].sensitive = true;
  Value one = Object({{"a", Value::String("1")}});
  Value object = Object({{"gone", Value::Null()},
                         {"list", Value::Tuple({one, one.WithMarks(value::Mark::kSensitive)})},
                         {"map", Object({{"k", one}})},
                         {"secret", Value::Tuple({one})},
                         {"single", one}});
  EXPECT_EQ(Generate(schema, object), R"(resource "fake_thing" "x" {
  gone = null
  list = [
    {
      a = "1"
    },
    {}, # sensitive
  ]
  map = {
    k = {
      a = "1"
    }
  }
  secret = [] # sensitive
  single = {
    a = "1"
  }
}
)");
}

TEST(GeneratedConfig, WritesBlocksAsOftenAsTheyStand) {
  auto block = [](std::string name, Nesting nesting) {
    NestedBlock out{.name = std::move(name), .nesting = nesting};
    out.block.attributes = {Attribute("a", Type::String())};
    return out;
  };
  BlockSchema schema;
  schema.blocks = {block("absent", Nesting::kSingle), block("hidden", Nesting::kSet),
                   block("labelled", Nesting::kMap), block("list", Nesting::kList),
                   block("single", Nesting::kSingle)};
  Value one = Object({{"a", Value::String("1")}});
  Value object = Object({{"absent", Value::Null()},
                         {"hidden", Value::Tuple({one}).WithMarks(value::Mark::kSensitive)},
                         {"labelled", Object({{"k", one}})},
                         {"list", Value::Tuple({one, Object({{"a", Secret("s")}})})},
                         {"single", one}});
  EXPECT_EQ(Generate(schema, object), R"(resource "fake_thing" "x" {
  hidden {} # sensitive
  labelled "k" {
    a = "1"
  }
  list {
    a = "1"
  }
  list {
    a = null # sensitive
  }
  single {
    a = "1"
  }
}
)");
}

}  // namespace
}  // namespace andon::infra
