#include "functions/yaml_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "functions/yaml_scalar.h"
#include "yaml/tree.h"

namespace andon::functions {

using value::Type;
using value::Value;

namespace {

Error Wrong(const yaml::Node& node, std::string_view what) {
  return Error::Invalid("on line {}, column {}: {}", node.start.line, node.start.column, what);
}

// On what is in quotes these tags change nothing.
bool IsCoreTag(std::string_view tag) {
  for (std::string_view core : {"!!map", "!!seq", "!!timestamp", "!!int", "!!float", "!!bool"}) {
    if (tag == core) return true;
  }
  return false;
}

Result<Value> Tagged(const yaml::Node& node, Value value) {
  bool plain = node.is_scalar() && node.style == yaml::Style::kPlain;
  const std::string& tag = node.tag;
  if (tag == "!!str" || tag == "!") return plain ? Value::String(node.text) : value;
  if (plain && (tag == "!!int" || tag == "!!float")) {
    auto number = YamlNumber(node.text);
    if (!number) return Wrong(node, fmt::format("cannot parse \"{}\" as {}", node.text, tag));
    return *number;
  }
  if (plain && tag == "!!bool") {
    auto flag = YamlBool(node.text);
    if (!flag) return Wrong(node, fmt::format("cannot parse \"{}\" as {}", node.text, tag));
    return *flag;
  }
  if (tag == "!!null") return Value::Null();
  if (tag == "!!binary") return Value::String(node.text);
  if (!IsCoreTag(tag)) return Wrong(node, fmt::format("unsupported tag \"{}\"", tag));
  return plain ? Value::String(node.text) : value;
}

Value ScalarValue(const yaml::Node& node) {
  switch (node.style) {
    case yaml::Style::kPlain:
      return YamlPlain(node.text);
    case yaml::Style::kBlock:
      // Terraform takes one without a line for a null string.
      if (node.text.empty()) return Value::Null(Type::String());
      break;
    case yaml::Style::kQuoted:
      break;
  }
  return Value::String(node.text);
}

Result<std::string> KeyName(const yaml::Node& node) {
  Value key = ScalarValue(node);
  if (!node.tag.empty()) key = TRY(Tagged(node, std::move(key)));
  if (key.is_null()) return Wrong(node, "a key must be a scalar");
  if (key.type().is_number()) return key.number().ToString();
  if (key.type().is_bool()) return std::string(key.boolean() ? "true" : "false");
  return key.string();
}

// Depth: that of the tree, which the parser bounds.
Result<Value> ValueOf(const yaml::Node& node) {
  Value value;
  if (node.is_scalar()) {
    value = ScalarValue(node);
  } else if (node.is_sequence()) {
    std::vector<Value> items;
    for (const yaml::Node& item : node.items()) {
      Value element = TRY(ValueOf(item));
      items.push_back(std::move(element));
    }
    value = Value::Tuple(std::move(items));
  } else {
    Value::Members members;
    for (const yaml::Entry& entry : node.entries()) {
      std::string name = TRY(KeyName(entry.key));
      Value member = TRY(ValueOf(entry.value));
      members.emplace_back(std::move(name), std::move(member));
    }
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    value = Value::Object(std::move(members));
  }
  if (node.tag.empty()) return value;
  return Tagged(node, std::move(value));
}

}  // namespace

Result<Value> ParseYaml(std::string_view text) {
  yaml::Node node = TRY(yaml::Parse(text));
  return ValueOf(node);
}

}  // namespace andon::functions
