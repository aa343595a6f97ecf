#include "config/reference.h"

namespace andon::config {
namespace {

using value::Value;

// The text of an attribute, where the value is an object that has it.
const std::string* TextOf(const Value& value, std::string_view name) {
  if (!value.is_known_not_null() || !value.type().is_object()) return nullptr;
  const Value* found = value.Find(name);
  if (found == nullptr || !found->is_known_not_null() || !found->type().is_string()) return nullptr;
  return &found->string();
}

}  // namespace

Value ObjectReference(std::string_view address, Value::Members attributes) {
  attributes.emplace_back(std::string(kAddress), Value::String(address));
  attributes.emplace_back("name", Value::String(NameOf(address)));
  return Value::Object(std::move(attributes));
}

Value TableReference(std::string_view source, std::string_view table) {
  return Value::Object({{"source", Value::String(source)}, {"table", Value::String(table)}});
}

Value ColumnReference(std::string_view dataset, std::string_view column) {
  return Value::Object({{"dataset", Value::String(dataset)}, {"column", Value::String(column)}});
}

std::optional<std::string> AddressOf(const Value& value) {
  const std::string* address = TextOf(value, kAddress);
  if (address == nullptr) return std::nullopt;
  return *address;
}

bool IsTableReference(const Value& value) {
  return TextOf(value, "source") != nullptr && TextOf(value, "table") != nullptr &&
         value.size() == 2;
}

bool IsColumnReference(const Value& value) {
  return TextOf(value, "dataset") != nullptr && TextOf(value, "column") != nullptr &&
         value.size() == 2;
}

bool IsSecret(const Value& value) {
  return TextOf(value, "secret") != nullptr && value.size() == 1;
}

std::string NameOf(std::string_view address) {
  size_t bracket = std::string_view::npos;
  if (address.ends_with(']')) {
    // The key is the last bracket that does not stand in quotes.
    bool quoted = false;
    for (size_t i = 0; i < address.size(); ++i) {
      if (address[i] == '"' && (i == 0 || address[i - 1] != '\\')) quoted = !quoted;
      if (address[i] == '[' && !quoted) bracket = i;
    }
  }
  std::string_view plain = address.substr(0, bracket);
  size_t dot = plain.rfind('.');
  std::string name(plain.substr(dot == std::string_view::npos ? 0 : dot + 1));
  if (bracket == std::string_view::npos) return name;
  name += '_';
  for (char c : address.substr(bracket)) {
    if (c != '[' && c != ']' && c != '"') name += c;
  }
  return name;
}

}  // namespace andon::config
