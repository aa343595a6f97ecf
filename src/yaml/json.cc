#include "yaml/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "yaml/core_schema.h"

namespace andon::yaml {
namespace {

constexpr std::string_view kDigits = "0123456789";

Error Wrong(const Node& node, std::string_view what) {
  return Error::Invalid("on line {}, column {}: {}", node.start.line, node.start.column, what);
}

std::optional<Json> Whole(std::string_view digits, int base, bool negative) {
  std::string text = negative ? "-" : "";
  text += digits;
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc()) return Json(number);
  if (base != 10) return std::nullopt;
  return Json(std::strtod(text.c_str(), nullptr));
}

Result<Json> Scalar(const Node& node) {
  if (node.is_null() || node.tag == "!!null") return Json();
  bool plain = node.style == Style::kPlain;
  if (node.tag == "!!str" || node.tag == "!" || node.tag == "!!binary" ||
      node.tag == "!!timestamp" || (!plain && node.tag.empty()))
    return Json(node.text);
  std::optional<Json> flag = CoreBool(node.text), number = CoreNumber(node.text);
  if (node.tag.empty()) return flag ? *flag : number ? *number : Json(node.text);
  if (node.tag == "!!bool" && flag) return *flag;
  if ((node.tag == "!!int" || node.tag == "!!float") && number) return *number;
  bool known = node.tag == "!!bool" || node.tag == "!!int" || node.tag == "!!float";
  return Wrong(node, known ? fmt::format("cannot parse \"{}\" as {}", node.text, node.tag)
                           : fmt::format("unsupported tag \"{}\"", node.tag));
}

}  // namespace

std::optional<Json> CoreBool(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return Json(true);
  if (text == "false" || text == "False" || text == "FALSE") return Json(false);
  return std::nullopt;
}

std::optional<Json> CoreNumber(std::string_view text) {
  std::string_view rest = text;
  bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty()) return std::nullopt;
  if (rest.find_first_not_of(kDigits) == std::string_view::npos) return Whole(rest, 10, negative);
  if (rest == text && rest.size() > 2 && (rest.starts_with("0x") || rest.starts_with("0o"))) {
    std::string_view digits = rest.substr(2);
    if (digits.starts_with('-')) return std::nullopt;
    return Whole(digits, rest[1] == 'x' ? 16 : 8, false);
  }
  // [0-9]* [. [0-9]*] [e [+-] [0-9]+] with a digit before the exponent.
  size_t before = std::min(rest.find_first_not_of(kDigits), rest.size());
  size_t at = before, behind = 0;
  if (at < rest.size() && rest[at] == '.') {
    size_t end = std::min(rest.find_first_not_of(kDigits, at + 1), rest.size());
    behind = end - at - 1;
    at = end;
  }
  if (before + behind == 0) return std::nullopt;
  if (at < rest.size() && (rest[at] == 'e' || rest[at] == 'E')) {
    ++at;
    if (at < rest.size() && (rest[at] == '+' || rest[at] == '-')) ++at;
    size_t end = std::min(rest.find_first_not_of(kDigits, at), rest.size());
    if (end == at) return std::nullopt;
    at = end;
  }
  if (at != rest.size()) return std::nullopt;
  std::string number(text);
  return Json(std::strtod(number.c_str(), nullptr));
}

// Depth: that of the tree, which the parser bounds.
Result<Json> ToJson(const Node& node) {
  if (!node.tag.empty() && !node.is_scalar()) {
    if (node.tag == "!!null") return Json();
    if (node.tag != "!!map" && node.tag != "!!seq")
      return Wrong(node, fmt::format("unsupported tag \"{}\"", node.tag));
  }
  if (node.is_scalar()) return Scalar(node);
  if (node.is_sequence()) {
    Json::Array items;
    items.reserve(node.items().size());
    for (const Node& item : node.items()) {
      Json json = TRY(ToJson(item));
      items.push_back(std::move(json));
    }
    return Json::List(std::move(items));
  }
  Json::Members members;
  members.reserve(node.entries().size());
  for (const Entry& entry : node.entries()) {
    Json json = TRY(ToJson(entry.value));
    members.emplace_back(entry.key.text, std::move(json));
  }
  return Json::Object(std::move(members));
}

Result<Json> ParseJson(std::string_view text) {
  Node node = TRY(Parse(text));
  return ToJson(node);
}

}  // namespace andon::yaml
