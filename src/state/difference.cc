#include "state/difference.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "value/json.h"

namespace andon::state {
namespace {

// The instance, and the key of a deposed object of it; empty: the current one.
using ObjectName = std::pair<address::Address, std::string>;

std::map<ObjectName, ObjectPtr> ObjectsOf(const State& state) {
  std::map<ObjectName, ObjectPtr> out;
  for (const auto& [address, resource] : state.resources) {
    for (const auto& [key, instance] : resource.instances) {
      if (instance.current) out[{address.WithKey(key), ""}] = instance.current;
      for (const auto& [deposed, object] : instance.deposed)
        out[{address.WithKey(key), deposed}] = object;
    }
  }
  return out;
}

std::string NameText(const ObjectName& name) {
  std::string text = address::ToString(name.first);
  return name.second.empty() ? text : text + " (deposed " + name.second + ")";
}
std::string NameText(const std::string& output) { return "output." + output; }

// As paths of differences are written. Members whose names need quotes are no paths of schemas.
std::string PathText(const value::Path& path) {
  std::string text = value::ToString(path);
  return text.starts_with('.') ? text.substr(1) : text;
}

// Whether the path lies at or below one of the sensitive ones, or above one.
bool IsSensitive(const std::string& path, const std::set<std::string>& sensitive) {
  auto is_below = [](std::string_view inner, std::string_view outer) {
    return inner.starts_with(outer) && (inner.size() == outer.size() ||
                                        inner[outer.size()] == '.' || inner[outer.size()] == '[');
  };
  return std::ranges::any_of(sensitive, [&](const std::string& one) {
    return is_below(path, one) || is_below(one, path);
  });
}

// Attributes of dynamic type are written as {"type": …, "value": …}; paths do not see that.
const Json* WithoutType(const Json* json) {
  bool is_typed = json != nullptr && json->is_object() && json->size() == 2 && json->Has("type") &&
                  json->Has("value");
  return is_typed ? json->Find("value") : json;
}

class AttributeComparison {
 public:
  explicit AttributeComparison(std::set<std::string> sensitive)
      : sensitive_(std::move(sensitive)) {}

  // The depth is bounded by the JSON parser's.
  void Compare(const std::string& path, const Json* before, const Json* after) {
    before = WithoutType(before);
    after = WithoutType(after);
    if (before != nullptr && after != nullptr) {
      if (*before == *after) return;
      if (before->is_object() && after->is_object()) return CompareMembers(path, *before, *after);
      if (before->is_array() && after->is_array()) return CompareItems(path, *before, *after);
    }
    out.push_back({.path = path,
                   .before = before == nullptr ? "" : before->Dump(),
                   .after = after == nullptr ? "" : after->Dump(),
                   .is_sensitive = IsSensitive(path, sensitive_)});
  }

  std::vector<AttributeDifference> out;

 private:
  void CompareMembers(const std::string& path, const Json& before, const Json& after) {
    std::set<std::string> names;
    for (const auto& [name, value] : before.members()) names.insert(name);
    for (const auto& [name, value] : after.members()) names.insert(name);
    for (const std::string& name : names)
      Compare(path.empty() ? name : path + "." + name, before.Find(name), after.Find(name));
  }

  void CompareItems(const std::string& path, const Json& before, const Json& after) {
    size_t count = std::max(before.size(), after.size());
    auto item = [](const Json& list, size_t i) {
      return i < list.size() ? &list.items()[i] : nullptr;
    };
    for (size_t i = 0; i < count; ++i)
      Compare(path + "[" + std::to_string(i) + "]", item(before, i), item(after, i));
  }

  std::set<std::string> sensitive_;
};

std::vector<AttributeDifference> CompareObjects(const Object& before, const Object& after) {
  std::set<std::string> sensitive;
  for (const Object* object : {&before, &after}) {
    for (const value::Path& path : object->sensitive_paths) sensitive.insert(PathText(path));
  }
  AttributeComparison comparison(std::move(sensitive));
  auto a = Json::Parse(before.attributes), b = Json::Parse(after.attributes);
  if (a.ok() && b.ok()) comparison.Compare("", &*a, &*b);
  if (before.status != after.status) {
    auto word = [](ObjectStatus status) {
      return status == ObjectStatus::kTainted ? "\"tainted\"" : "\"ready\"";
    };
    comparison.out.push_back(
        {.path = "(status)", .before = word(before.status), .after = word(after.status)});
  }
  return std::move(comparison.out);
}

std::string TextOf(const Output& output) {
  return value::ToJsonText(output.value).value_or("null");
}

}  // namespace

std::vector<Difference> Compare(const State& before, const State& after) {
  std::vector<Difference> out;
  auto compare = [&](const auto& olds, const auto& news, const auto& difference) {
    std::set<typename std::decay_t<decltype(olds)>::key_type> names;
    for (const auto& [name, one] : olds) names.insert(name);
    for (const auto& [name, one] : news) names.insert(name);
    for (const auto& name : names) {
      auto a = olds.find(name);
      auto b = news.find(name);
      if (a == olds.end()) {
        out.push_back({.kind = Difference::kAdded, .address = NameText(name)});
      } else if (b == news.end()) {
        out.push_back({.kind = Difference::kRemoved, .address = NameText(name)});
      } else if (auto found = difference(a->second, b->second)) {
        out.push_back(
            {.kind = Difference::kChanged, .address = NameText(name), .attributes = *found});
      }
    }
  };
  using Found = std::optional<std::vector<AttributeDifference>>;
  compare(ObjectsOf(before), ObjectsOf(after), [](const ObjectPtr& a, const ObjectPtr& b) -> Found {
    if (a == b || *a == *b) return std::nullopt;
    return CompareObjects(*a, *b);
  });
  compare(before.outputs, after.outputs, [](const Output& a, const Output& b) -> Found {
    std::string old = TextOf(a), now = TextOf(b);
    if (old == now && a.sensitive == b.sensitive) return std::nullopt;
    return std::vector<AttributeDifference>{
        {.path = "value", .before = old, .after = now, .is_sensitive = a.sensitive || b.sensitive}};
  });
  return out;
}

}  // namespace andon::state
