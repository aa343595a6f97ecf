// For tests: a type of resource with every kind of attribute and block, and its values.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "infra/plan.h"
#include "value/convert.h"
#include "value/json.h"

namespace andon::infratext {

inline constexpr std::string_view kTestProvider =
    "module.m.provider[\"registry.opentofu.org/acme/cloud\"].west";

inline provider::AttributeSchema Nested(std::string name, provider::Nesting nesting,
                                        std::vector<provider::AttributeSchema> attributes) {
  return {.name = std::move(name),
          .nesting = nesting,
          .attributes = std::move(attributes),
          .optional = true};
}

inline const provider::Schema& ServerSchema() {
  using provider::Nesting;
  using value::Type;
  auto block = [](std::string name, Nesting nesting) {
    return provider::NestedBlock{
        .name = std::move(name),
        .nesting = nesting,
        .block = {.attributes = {{.name = "key", .type = Type::String(), .sensitive = true},
                                 {.name = "port", .type = Type::Number()}}}};
  };
  static const provider::Schema kSchema = {
      .version = 3,
      .block = {
          .attributes = {Nested("disks", Nesting::kList,
                                {{.name = "path", .type = Type::String()},
                                 {.name = "size", .type = Type::Number()}}),
                         {.name = "id", .type = Type::String(), .computed = true},
                         Nested("network", Nesting::kSingle,
                                {{.name = "cidr", .type = Type::String()},
                                 {.name = "psk", .type = Type::String(), .sensitive = true}}),
                         {.name = "password", .type = Type::String(), .sensitive = true},
                         {.name = "ports", .type = Type::List(Type::Number())},
                         Nested("rules", Nesting::kSet, {{.name = "from", .type = Type::String()}}),
                         {.name = "size", .type = Type::String()},
                         {.name = "tags", .type = Type::Map(Type::String())},
                         {.name = "token", .type = Type::String(), .write_only = true},
                         Nested("users", Nesting::kMap,
                                {{.name = "shell", .type = Type::String()}}),
                         {.name = "zones", .type = Type::Set(Type::String())}},
          .blocks = {block("egress", Nesting::kList), block("endpoint", Nesting::kMap),
                     block("ingress", Nesting::kSet), block("root", Nesting::kGroup),
                     block("timeouts", Nesting::kSingle)}}};
  return kSchema;
}

// The object that the JSON says; what it does not say is null, or empty for blocks in a list, set
// or map.
inline value::Value Server(std::string_view json) {
  value::Type type = provider::ImpliedType(ServerSchema().block);
  auto given = value::FromJsonText(json);
  EXPECT_TRUE(given.ok()) << given.error().message;
  value::Value::Members members;
  for (const auto& attribute : type.attributes()) {
    const value::Value* part = given->Find(attribute.name);
    bool is_block = ServerSchema().block.FindBlock(attribute.name) != nullptr;
    value::Value member = part != nullptr ? *part : value::Value::Null(attribute.type);
    if (part == nullptr && is_block) {
      if (attribute.type.is_list() || attribute.type.is_set()) member = value::Value::EmptyTuple();
      if (attribute.type.is_map()) member = value::Value::EmptyObject();
    }
    // What is nested may leave attributes out.
    auto fill = [](const value::Value& object, const value::Type& wanted) {
      value::Value::Members all;
      for (const auto& inner : wanted.attributes()) {
        const value::Value* found = object.Find(inner.name);
        all.emplace_back(inner.name, found != nullptr ? *found : value::Value::Null(inner.type));
      }
      return value::Value::Object(std::move(all));
    };
    const value::Type& wanted = attribute.type;
    if (!member.is_null() && wanted.is_object()) member = fill(member, wanted);
    if (!member.is_null() && wanted.is_collection() && wanted.element().is_object()) {
      if (wanted.is_map()) {
        value::Value::Members filled = member.members();
        for (auto& [key, one] : filled) one = fill(one, wanted.element());
        member = value::Value::Object(std::move(filled));
      } else {
        std::vector<value::Value> filled = member.items();
        for (auto& one : filled) one = fill(one, wanted.element());
        member = value::Value::Tuple(std::move(filled));
      }
    }
    auto converted = value::Convert(member, wanted);
    EXPECT_TRUE(converted.ok()) << attribute.name;
    members.emplace_back(attribute.name, *converted);
  }
  return value::Value::Object(std::move(members));
}

// The object with another value of one attribute.
inline value::Value With(const value::Value& object, std::string_view name, value::Value part) {
  value::Value::Members members = object.members();
  for (auto& [member_name, member] : members) {
    if (member_name == name) member = part;
  }
  return value::Value::Object(std::move(members));
}

inline infra::ResourceChange ServerChange(infra::Action action, value::Value before,
                                          value::Value after) {
  infra::ResourceChange change;
  change.address = *address::Parse("cloud_server.web");
  change.provider = kTestProvider;
  change.action = action;
  change.before = std::move(before);
  change.after = std::move(after);
  change.schema = &ServerSchema();
  return change;
}

}  // namespace andon::infratext
