#include <fmt/format.h>

#include <charconv>

#include "config/decode.h"

namespace andon::config {

using value::Value;

namespace {

// Where a check's call stands, as the hidden attribute of its value.
constexpr std::string_view kCallAt = "at";

std::string Serialize(const SourceRange& r) {
  return fmt::format("{}:{}:{}:{}:{}:{}:{}", r.start.line, r.start.column, r.start.byte, r.end.line,
                     r.end.column, r.end.byte, r.filename);
}

SourceRange Deserialize(std::string_view text) {
  SourceRange range;
  int32_t* fields[] = {&range.start.line, &range.start.column, &range.start.byte,
                       &range.end.line,   &range.end.column,   &range.end.byte};
  for (int32_t* field : fields) {
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), *field);
    if (failed != std::errc() || end == text.data() + text.size()) return {};
    text.remove_prefix(end - text.data() + 1);
  }
  range.filename = text;
  return range;
}

}  // namespace

Value CheckValue(std::string_view type, Value::Members kwargs, const SourceRange& call) {
  return Value::Object({{"type", Value::String(type)},
                        {"kwargs", Value::Object(std::move(kwargs))},
                        {std::string(kCallAt), Value::String(Serialize(call))}});
}

SourceRange CallOf(const Value& check) {
  if (!check.is_known_not_null() || !check.type().is_object()) return {};
  const Value* at = check.Find(kCallAt);
  bool is_check = at != nullptr && check.Find("kwargs") != nullptr &&
                  check.Find("type") != nullptr && at->is_known_not_null() &&
                  at->type().is_string();
  return is_check ? Deserialize(at->string()) : SourceRange{};
}

}  // namespace andon::config
