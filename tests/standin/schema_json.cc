#include "schema_json.h"

#include <algorithm>

#include "value/type.h"

namespace andon::standin {

using namespace provider;
using plugin::Writer;

namespace {

value::Type ReadType(const Json& json) {
  auto type = value::TypeFromJson(json);
  return type.ok() ? *type : value::Type::Dynamic();
}

Nesting ReadNesting(const Json& json) {
  std::string text = json.AsString("single");
  if (text == "group") return Nesting::kGroup;
  if (text == "list") return Nesting::kList;
  if (text == "set") return Nesting::kSet;
  return text == "map" ? Nesting::kMap : Nesting::kSingle;
}

Description ReadDescription(const Json& json) {
  bool is_markdown = json["description_kind"].AsString() == "markdown";
  return {json["description"].AsString(), is_markdown ? TextKind::kMarkdown : TextKind::kPlain};
}

std::vector<AttributeSchema> ReadAttributes(const Json& json) {
  std::vector<AttributeSchema> attributes;
  for (const auto& [name, a] : json.members()) {
    AttributeSchema& to = attributes.emplace_back();
    to.name = name;
    to.required = a["required"].AsBool();
    to.optional = a["optional"].AsBool();
    to.computed = a["computed"].AsBool();
    to.sensitive = a["sensitive"].AsBool();
    to.write_only = a["write_only"].AsBool();
    to.deprecated = a["deprecated"].AsBool();
    to.deprecation_message = a["deprecation_message"].AsString();
    to.description = ReadDescription(a);
    if (const Json* nested = a.Find("nested_type")) {
      to.nesting = ReadNesting((*nested)["nesting_mode"]);
      to.attributes = ReadAttributes((*nested)["attributes"]);
    } else {
      to.type = ReadType(a["type"]);
    }
  }
  std::sort(attributes.begin(), attributes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return attributes;
}

BlockSchema ReadBlock(const Json& json) {
  BlockSchema block{.attributes = ReadAttributes(json["attributes"])};
  block.deprecated = json["deprecated"].AsBool();
  block.description = ReadDescription(json);
  for (const auto& [name, nested] : json["block_types"].members()) {
    NestedBlock& to = block.blocks.emplace_back();
    to.name = name;
    to.nesting = ReadNesting(nested["nesting_mode"]);
    to.block = ReadBlock(nested["block"]);
    to.min_items = nested["min_items"].AsInteger();
    to.max_items = nested["max_items"].AsInteger();
  }
  std::sort(block.blocks.begin(), block.blocks.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return block;
}

FunctionParameter ReadParameter(const Json& json) {
  return {.name = json["name"].AsString(),
          .type = ReadType(json["type"]),
          .allow_null = json["is_nullable"].AsBool(),
          .allow_unknown = json["allow_unknown"].AsBool(),
          .description = ReadDescription(json)};
}

// The numbers of the protocol's enumerations.
int NumberOf(Nesting nesting, bool is_block) {
  switch (nesting) {
    case Nesting::kList:
      return 2;
    case Nesting::kSet:
      return 3;
    case Nesting::kMap:
      return 4;
    case Nesting::kGroup:
      return is_block ? 5 : 1;
    default:
      return 1;
  }
}

void WriteDescription(Writer* to, int text, int kind, const Description& description) {
  to->Text(text, description.text);
  to->Bool(kind, description.kind == TextKind::kMarkdown);
}

void WriteAttribute(Writer* to, int number, const AttributeSchema& a, bool is_v5) {
  to->Message(number, [&](Writer& m) {
    m.Text(1, a.name);
    if (!a.nesting) m.Text(2, value::ToJson(a.type).Dump());
    WriteDescription(&m, 3, 8, a.description);
    m.Bool(4, a.required);
    m.Bool(5, a.optional);
    m.Bool(6, a.computed);
    m.Bool(7, a.sensitive);
    m.Bool(9, a.deprecated);
    m.Bool(is_v5 ? 10 : 11, a.write_only);
    m.Text(is_v5 ? 11 : 12, a.deprecation_message);
    if (!a.nesting || is_v5) return;
    m.Message(10, [&](Writer& nested) {
      for (const AttributeSchema& inner : a.attributes) WriteAttribute(&nested, 1, inner, is_v5);
      nested.Integer(3, NumberOf(*a.nesting, false));
    });
  });
}

void WriteBlock(Writer* to, int number, const BlockSchema& block, bool is_v5) {
  to->Message(number, [&](Writer& m) {
    for (const AttributeSchema& a : block.attributes) WriteAttribute(&m, 2, a, is_v5);
    for (const NestedBlock& nested : block.blocks) {
      m.Message(3, [&](Writer& n) {
        n.Text(1, nested.name);
        WriteBlock(&n, 2, nested.block, is_v5);
        n.Integer(3, NumberOf(nested.nesting, true));
        n.Integer(4, nested.min_items);
        n.Integer(5, nested.max_items);
      });
    }
    WriteDescription(&m, 4, 5, block.description);
    m.Bool(6, block.deprecated);
    m.Text(7, block.deprecation_message);
  });
}

void WriteParameter(Writer* to, int number, const FunctionParameter& p) {
  to->Message(number, [&](Writer& m) {
    m.Text(1, p.name);
    m.Text(2, value::ToJson(p.type).Dump());
    m.Bool(3, p.allow_null);
    m.Bool(4, p.allow_unknown);
    WriteDescription(&m, 5, 6, p.description);
  });
}

}  // namespace

Schema ReadSchema(const Json& json) {
  return {.version = json["version"].AsInteger(), .block = ReadBlock(json["block"])};
}

FunctionSchema ReadFunction(const Json& json) {
  FunctionSchema function{.return_type = ReadType(json["return_type"]),
                          .summary = json["summary"].AsString(),
                          .description = ReadDescription(json),
                          .deprecation_message = json["deprecation_message"].AsString()};
  for (const Json& p : json["parameters"].items()) function.parameters.push_back(ReadParameter(p));
  if (const Json* p = json.Find("variadic_parameter"))
    function.variadic_parameter = ReadParameter(*p);
  return function;
}

IdentitySchema ReadIdentity(const Json& json) {
  IdentitySchema identity{.version = json["version"].AsInteger()};
  for (const auto& [name, a] : json["attributes"].members()) {
    identity.attributes.push_back({.name = name,
                                   .type = ReadType(a["type"]),
                                   .required_for_import = a["required_for_import"].AsBool(),
                                   .optional_for_import = a["optional_for_import"].AsBool(),
                                   .description = a["description"].AsString()});
  }
  std::sort(identity.attributes.begin(), identity.attributes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return identity;
}

void WriteSchema(Writer* to, int number, const Schema& schema, plugin::Protocol protocol) {
  to->Message(number, [&](Writer& m) {
    m.Integer(1, schema.version);
    WriteBlock(&m, 2, schema.block, protocol == plugin::Protocol::kV5);
  });
}

void WriteFunction(Writer* to, int number, const FunctionSchema& function) {
  to->Message(number, [&](Writer& m) {
    for (const FunctionParameter& p : function.parameters) WriteParameter(&m, 1, p);
    if (function.variadic_parameter) WriteParameter(&m, 2, *function.variadic_parameter);
    m.Message(3, [&](Writer& r) { r.Text(1, value::ToJson(function.return_type).Dump()); });
    m.Text(4, function.summary);
    WriteDescription(&m, 5, 6, function.description);
    m.Text(7, function.deprecation_message);
  });
}

void WriteIdentity(Writer* to, int number, const IdentitySchema& identity) {
  to->Message(number, [&](Writer& m) {
    m.Integer(1, identity.version);
    for (const IdentityAttribute& a : identity.attributes) {
      m.Message(2, [&](Writer& n) {
        n.Text(1, a.name);
        n.Text(2, value::ToJson(a.type).Dump());
        n.Bool(3, a.required_for_import);
        n.Bool(4, a.optional_for_import);
        n.Text(5, a.description);
      });
    }
  });
}

}  // namespace andon::standin
