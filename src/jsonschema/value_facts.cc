#include "jsonschema/value_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/text.h"

namespace andon::jsonschema {
namespace {

constexpr size_t kPairwiseMax = 16;  // Lists up to here are compared each with each.

// One text for all values that are equal.
void Canonical(const Json& value, std::string& out) {
  if (value.is_array()) {
    out += '[';
    for (const Json& item : value.items()) {
      Canonical(item, out);
      out += ',';
    }
    out += ']';
  } else if (value.is_object()) {
    std::vector<const Json::Member*> members;
    for (const auto& member : value.members()) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    out += '{';
    for (const auto* member : members) {
      out += Json(member->first).Dump() + ":";
      Canonical(member->second, out);
      out += ',';
    }
    out += '}';
  } else if (value.is_number() && !value.is_integer() &&
             value.AsDouble() == std::floor(value.AsDouble()) &&
             std::fabs(value.AsDouble()) < 9e18) {
    out += std::to_string(static_cast<int64_t>(value.AsDouble()));
  } else {
    out += value.Dump();
  }
}

}  // namespace

int CompareNumbers(const Json& a, const Json& b) {
  if (a.is_integer() && b.is_integer()) {
    int64_t x = a.AsInteger(), y = b.AsInteger();
    return x < y ? -1 : x > y ? 1 : 0;
  }
  // Wider than a double, so that no integer of 64 bits is rounded.
  auto wide = [](const Json& number) {
    return number.is_integer() ? static_cast<long double>(number.AsInteger())
                               : static_cast<long double>(number.AsDouble());
  };
  long double x = wide(a), y = wide(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

// Depth: no deeper than the shallower of two documents.
bool AreEqual(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b) == 0;
  if (a.is_array() && b.is_array()) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(),
                      AreEqual);
  }
  if (a.is_object() && b.is_object()) {
    if (a.members().size() != b.members().size()) return false;
    return std::all_of(a.members().begin(), a.members().end(), [&](const Json::Member& member) {
      const Json* other = b.Find(member.first);
      return other && AreEqual(member.second, *other);
    });
  }
  return a == b;
}

unsigned TypesOf(const Json& value, Draft draft) {
  if (value.is_null()) return kNull;
  if (value.is_bool()) return kBoolean;
  if (value.is_string()) return kString;
  if (value.is_array()) return kArray;
  if (value.is_object()) return kObject;
  if (value.is_integer()) return kInteger | kNumber;
  double d = value.AsDouble();
  bool whole = draft > Draft::k4 && std::isfinite(d) && d == std::floor(d);
  return whole ? kInteger | kNumber : kNumber;
}

std::string TypeNames(unsigned types) {
  static const std::pair<unsigned, const char*> kNames[] = {
      {kNull, "null"},     {kBoolean, "a boolean"}, {kInteger, "an integer"}, {kNumber, "a number"},
      {kString, "a text"}, {kArray, "a list"},      {kObject, "an object"}};
  std::vector<std::string> names;
  for (const auto& [bit, name] : kNames) {
    if (types & bit) names.emplace_back(name);
  }
  return Join(names, " or ");
}

std::string Short(const Json& value) {
  constexpr size_t kLongest = 60;
  if (value.is_object()) return "the object";
  if (value.is_array()) return "the list";
  std::string text = value.Dump();
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

int64_t CodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

bool IsMultiple(const Json& value, const Json& of) {
  if (value.is_integer() && of.is_integer()) return value.AsInteger() % of.AsInteger() == 0;
  double x = value.AsDouble(), step = of.AsDouble();
  if (std::fmod(x, step) == 0) return true;
  // 0.0075 is a multiple of 0.0001 though neither is a binary fraction, and so is every integer.
  auto is_whole = [](double q) {
    return std::fabs(q) < 1e12 &&
           std::fabs(q - std::round(q)) <= 1e-12 * std::max(1.0, std::fabs(q));
  };
  return is_whole(x / step) || (value.is_integer() && is_whole(1 / step));
}

bool HasTwins(const Json::Array& items) {
  if (items.size() <= kPairwiseMax) {
    for (size_t i = 0; i < items.size(); ++i) {
      for (size_t j = i + 1; j < items.size(); ++j) {
        if (AreEqual(items[i], items[j])) return true;
      }
    }
    return false;
  }
  std::unordered_set<std::string> seen;
  for (const Json& item : items) {
    std::string text;
    Canonical(item, text);
    if (!seen.insert(std::move(text)).second) return true;
  }
  return false;
}

}  // namespace andon::jsonschema
