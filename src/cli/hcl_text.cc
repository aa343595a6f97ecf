#include "cli/hcl_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hcl/parser.h"
#include "value/display.h"

namespace andon::cli {
namespace {

// Json::Parse takes no deeper document; what a program made is flat.
constexpr int kDepthMax = 512;

std::string Write(const Json& json, int depth) {
  if (depth > kDepthMax || json.is_null()) return "null";
  if (json.is_string()) return value::QuoteHcl(json.AsString());
  if (json.is_array()) {
    std::vector<std::string> items;
    for (const Json& item : json.items()) items.push_back(Write(item, depth + 1));
    return "[" + Join(items, ", ") + "]";
  }
  if (!json.is_object()) return json.Dump();
  std::vector<std::string> members;
  for (const auto& [name, member] : json.members())
    members.push_back(HclKey(name) + " = " + Write(member, depth + 1));
  return members.empty() ? "{}" : "{ " + Join(members, ", ") + " }";
}

bool NamesTable(std::string_view parameter) { return parameter == "other_table_name"; }

}  // namespace

std::string HclValue(const Json& json) { return Write(json, 0); }

std::string HclKey(std::string_view name) {
  bool is_word = name == "null" || name == "true" || name == "false" || name == "for";
  return hcl::IsIdentifier(name) && !is_word ? std::string(name) : value::QuoteHcl(name);
}

std::string HclName(std::string_view text) {
  std::string name;
  for (char c : AsciiLower(text)) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (is_plain) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  bool is_name = !name.empty() && (name[0] < '0' || name[0] > '9');
  return is_name ? name : "x_" + name;
}

std::string CheckCall(const quality::CheckSpec& check, const std::set<std::string>& datasets) {
  std::string positional;
  for (const quality::ExpectationInfo& info : quality::Expectations()) {
    if (info.name == check.type) positional = info.positional;
  }
  std::vector<std::string> arguments, named;
  if (const Json* first = positional.empty() ? nullptr : check.kwargs.Find(positional);
      first != nullptr && !first->is_object() && !first->is_null()) {
    arguments.push_back(HclValue(*first));
  } else {
    positional.clear();
  }
  for (const auto& [name, value] : check.kwargs.members()) {
    if (name == positional || value.is_null()) continue;
    bool is_reference = NamesTable(name) && value.is_string() &&
                        datasets.contains(value.AsString()) && hcl::IsIdentifier(value.AsString());
    named.push_back(HclKey(name) + " = " +
                    (is_reference ? "dataset." + value.AsString() : HclValue(value)));
  }
  if (check.severity != quality::CheckSeverity::kCritical)
    named.push_back(fmt::format("severity = \"{}\"", quality::ToString(check.severity)));
  if (check.quarantine_max != quality::kQuarantineMax)
    named.push_back(fmt::format("quarantine_max = {}", check.quarantine_max));
  if (!named.empty()) arguments.push_back("{ " + Join(named, ", ") + " }");
  return fmt::format("{}({})", check.type, Join(arguments, ", "));
}

}  // namespace andon::cli
