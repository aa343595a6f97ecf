#include "infra/generated_config.h"

#include <fmt/format.h>

#include "hcl/format.h"
#include "hcl/parser.h"
#include "value/display.h"
#include "value/json.h"

namespace andon::infra {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using provider::Nesting;
using value::Value;

bool IsSensitive(const Value& value) { return value.contains_marked(); }

std::string Name(const std::string& name) {
  return hcl::IsIdentifier(name) ? name : value::QuoteHcl(name);
}

std::string Text(const Value& value) {
  // Where the world has not said it, nothing is written down.
  if (!value.is_known_not_null()) return "null";
  const value::Type& type = value.type();
  if (type.is_string()) return value::QuoteHcl(value.string());
  if (type.is_primitive()) return value::Format(value);
  std::string out;
  if (type.is_map() || type.is_object()) {
    for (const auto& [name, member] : value.members())
      out += fmt::format("{} = {}\n", Name(name), Text(member));
    return out.empty() ? "{}" : "{\n" + out + "}";
  }
  for (const Value& item : value.items()) out += (out.empty() ? "" : ", ") + Text(item);
  return "[" + out + "]";
}

// A document of JSON is written as what it says.
std::string TextOrJson(const Value& value) {
  bool is_text = value.is_known_not_null() && value.type().is_string();
  size_t first = is_text ? value.string().find_first_not_of(" \t\r\n") : std::string::npos;
  bool may_be_json =
      first != std::string::npos && (value.string()[first] == '{' || value.string()[first] == '[');
  if (may_be_json) {
    auto document = value::FromJsonText(value.string());
    if (document.ok()) return fmt::format("jsonencode({})", Text(*document));
  }
  return Text(value);
}

Value MemberOf(const Value& object, const std::string& name) {
  if (!object.is_known_not_null() || !object.type().is_object()) return Value::Null();
  const Value* member = object.Find(name);
  return member != nullptr ? *member : Value::Null();
}

class Writer {
 public:
  std::string Take() { return std::move(out_); }

  void Body(const BlockSchema& schema, const Value& object) {
    Attributes(schema.attributes, object);
    for (const provider::NestedBlock& nested : schema.blocks) {
      if (!nested.block.deprecated) Blocks(nested, MemberOf(object, nested.name));
    }
  }

  void Line(const std::string& text) { out_ += text + "\n"; }

 private:
  static std::string Comment(const AttributeSchema& attribute, bool is_sensitive) {
    if (is_sensitive) return attribute.write_only ? " # sensitive write-only" : " # sensitive";
    return attribute.write_only ? " # write-only" : "";
  }

  void Attributes(const std::vector<AttributeSchema>& attributes, const Value& object) {
    for (const AttributeSchema& attribute : attributes) {
      bool is_set_by_provider = !attribute.required && !attribute.optional;
      // Providers of the older kit have an id that must not be written.
      bool is_id = attribute.name == "id" && attribute.computed && attribute.optional;
      if (is_set_by_provider || attribute.deprecated || is_id) continue;
      Attribute(attribute, MemberOf(object, attribute.name));
    }
  }

  void Attribute(const AttributeSchema& attribute, const Value& value) {
    if (attribute.nesting) return Nested(attribute, value);
    bool is_sensitive = attribute.sensitive || IsSensitive(value);
    // The older kit says "" where nothing is set.
    bool is_absent = attribute.optional && value.is_known_not_null() && value.type().is_string() &&
                     value.string().empty();
    Line(fmt::format("{} = {}{}", Name(attribute.name),
                     is_sensitive || is_absent ? "null" : TextOrJson(value),
                     Comment(attribute, is_sensitive)));
  }

  void Nested(const AttributeSchema& attribute, const Value& value) {
    std::string name = Name(attribute.name);
    bool is_list = attribute.nesting == Nesting::kList || attribute.nesting == Nesting::kSet;
    if (attribute.sensitive || value.is_marked())
      return Line(fmt::format("{} = {}{}", name, is_list ? "[]" : "{}", Comment(attribute, true)));
    if (!value.is_known_not_null())
      return Line(fmt::format("{} = null{}", name, Comment(attribute, false)));
    Line(fmt::format("{} = {}", name, is_list ? "[" : "{"));
    if (is_list) {
      for (const Value& item : value.items()) {
        if (item.is_marked()) {
          Line("{}, # sensitive");
          continue;
        }
        Line("{");
        Attributes(attribute.attributes, item);
        Line("},");
      }
    } else if (attribute.nesting == Nesting::kMap) {
      for (const auto& [key, item] : value.members()) {
        if (item.is_marked()) {
          Line(Name(key) + " = {} # sensitive");
          continue;
        }
        Line(Name(key) + " = {");
        Attributes(attribute.attributes, item);
        Line("}");
      }
    } else {
      Attributes(attribute.attributes, value);
    }
    Line(is_list ? "]" : "}");
  }

  void Blocks(const provider::NestedBlock& nested, const Value& value) {
    if (value.is_marked()) return Line(nested.name + " {} # sensitive");
    if (!value.is_known_not_null()) return;
    if (nested.nesting == Nesting::kMap) {
      for (const auto& [key, item] : value.members())
        Block(nested, fmt::format("{} {}", nested.name, value::QuoteHcl(key)), item);
    } else if (nested.nesting == Nesting::kList || nested.nesting == Nesting::kSet) {
      for (const Value& item : value.items()) Block(nested, nested.name, item);
    } else {
      Block(nested, nested.name, value);
    }
  }

  void Block(const provider::NestedBlock& nested, const std::string& head, const Value& value) {
    if (value.is_marked()) return Line(head + " {} # sensitive");
    Line(head + " {");
    Body(nested.block, value);
    Line("}");
  }

  std::string out_;
};

}  // namespace

std::string GenerateResource(const address::Address& address, const BlockSchema& schema,
                             const config::LocalProvider& provider, const Value& object) {
  Writer writer;
  writer.Line(fmt::format("resource {} {} {{", value::QuoteHcl(address.kind),
                          value::QuoteHcl(address.name)));
  if (provider.name != config::ImpliedLocalName(address.kind) || !provider.alias.empty())
    writer.Line("provider = " + ToString(provider));
  writer.Body(schema, object);
  writer.Line("}");
  return hcl::Format(writer.Take());
}

}  // namespace andon::infra
