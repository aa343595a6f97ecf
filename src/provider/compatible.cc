#include "provider/compatible.h"

#include <fmt/format.h>

#include <functional>

#include "provider/schema_values.h"
#include "value/convert.h"
#include "value/display.h"

namespace andon::provider {

using value::Mark;
using value::Path;
using value::Type;
using value::Value;

namespace {

using AreAlike = std::function<bool(const Value& planned, const Value& actual)>;

// Long: the readers are the provider's authors, and have nothing else.
constexpr int kShownWidth = 400;

std::string Shown(const Value& value) { return value::FormatShort(value, kShownWidth); }

Problem At(const Path& path, std::string text) { return {path, std::move(text)}; }

void Append(Problems* to, Problems more) {
  to->insert(to->end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Problems CheckValue(const Value& planned, const Value& actual, const Path& path);

// Each element of one side must be alike to some of the other: sets have nothing else to
// tell which belong together. Elements that become known may turn out to be equal, so that
// there may be fewer than planned, never more.
Problems CheckSets(const Value& planned, const Value& actual, const Path& path,
                   const AreAlike& are_alike, std::string_view count_of,
                   bool is_sensitive = false) {
  auto shown = [is_sensitive](const Value& element) {
    return is_sensitive ? "with sensitive values" : Shown(element);
  };
  Problems problems;
  if (planned.RawEquals(actual)) return problems;
  std::vector<bool> found(actual.items().size());
  for (const Value& before : planned.items()) {
    bool is_found = false;
    for (size_t i = 0; i < actual.items().size(); ++i) {
      if (!are_alike(before, actual.items()[i])) continue;
      is_found = true;
      found[i] = true;
    }
    if (!is_found) {
      problems.push_back(At(path, fmt::format("planned set element {} does not correlate with any "
                                              "element in actual",
                                              shown(before))));
    }
  }
  if (problems.empty()) {
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i]) continue;
      problems.push_back(At(path, fmt::format("actual set element {} does not correlate with any "
                                              "element in plan",
                                              shown(actual.items()[i]))));
    }
  }
  if (planned.items().size() < actual.items().size()) {
    problems.push_back(At(path, fmt::format("{}length changed from {} to {}", count_of,
                                            planned.items().size(), actual.items().size())));
  }
  return problems;
}

Problems CheckMembers(const Value& planned, const Value& actual, const Path& path) {
  Problems problems;
  bool is_object = planned.type().is_object();
  for (const auto& [key, before] : planned.members()) {
    Path inner = is_object ? path.Attribute(key) : path.Index(Value::String(key));
    if (const Value* now = actual.Find(key)) {
      Append(&problems, CheckValue(before, *now, inner));
    } else {
      problems.push_back(At(path, fmt::format("element {} has vanished", value::Quote(key))));
    }
  }
  for (const auto& [key, now] : actual.members()) {
    if (planned.Find(key) == nullptr)
      problems.push_back(At(path, fmt::format("new element {} has appeared", value::Quote(key))));
  }
  return problems;
}

Problems CheckItems(const Value& planned, const Value& actual, const Path& path) {
  Problems problems;
  size_t before = planned.items().size();
  size_t now = actual.items().size();
  for (size_t i = 0; i < before; ++i) {
    if (i < now) {
      Append(&problems, CheckValue(planned.items()[i], actual.items()[i],
                                   path.Index(Value::Number(static_cast<int64_t>(i)))));
    } else {
      problems.push_back(At(path, fmt::format("element {} has vanished", i)));
    }
  }
  for (size_t i = before; i < now; ++i)
    problems.push_back(At(path, fmt::format("new element {} has appeared", i)));
  return problems;
}

// Both without marks.
Problems CheckValue(const Value& planned, const Value& actual, const Path& path) {
  if (planned.RawEquals(actual)) return {};
  const Type& type = planned.type();
  if (type.is_dynamic()) return {};
  if (!ConformsTo(actual.type(), type)) {
    return {At(path, "wrong final value type: " + value::MismatchMessage(actual.type(), type))};
  }
  if (!planned.is_known()) {
    if (planned.refinement().not_null && actual.is_null())
      return {At(path, "was unknown but not null, but now null")};
    if (!planned.MayBe(actual)) {
      return {At(path, fmt::format("final value {} does not conform to what was planned of it: {}",
                                   Shown(actual), Shown(planned)))};
    }
    return {};
  }
  if (actual.is_null()) {
    if (planned.is_null()) return {};
    return {At(path, fmt::format("was {}, but now null", Shown(planned)))};
  }
  if (planned.is_null()) return {At(path, fmt::format("was null, but now {}", Shown(actual)))};
  if (!actual.is_known()) return {At(path, "was known, but now unknown")};
  if (type.is_primitive())
    return {At(path, fmt::format("was {}, but now {}", Shown(planned), Shown(actual)))};
  if (type.is_map() || type.is_object()) return CheckMembers(planned, actual, path);
  if (!type.is_set()) return CheckItems(planned, actual, path);
  return CheckSets(
      planned, actual, path,
      [&path](const Value& before, const Value& now) {
        return CheckValue(before, now, path).empty();
      },
      "");
}

Problems CheckAttribute(const AttributeSchema& attribute, const Value& planned, const Value& actual,
                        const Path& path) {
  if (planned.RawEquals(actual)) return {};
  bool is_sensitive = HasSensitive(attribute) || planned.deep_marks().Has(Mark::kSensitive) ||
                      actual.deep_marks().Has(Mark::kSensitive);
  Problems problems = CheckValue(planned.UnmarkDeep(), actual.UnmarkDeep(), path);
  if (is_sensitive && !problems.empty())
    return {At(path, "inconsistent values for sensitive attribute")};
  return problems;
}

Problems CheckBlock(const BlockSchema& schema, const Value& planned, const Value& actual,
                    const Path& path);

Problems CheckBlockList(const NestedBlock& nested, const Value& planned, const Value& actual,
                        const Path& path) {
  size_t before = planned.items().size();
  size_t now = actual.items().size();
  if (before != now)
    return {At(path, fmt::format("block count changed from {} to {}", before, now))};
  Problems problems;
  for (size_t i = 0; i < now; ++i) {
    Append(&problems, CheckBlock(nested.block, planned.items()[i], actual.items()[i],
                                 path.Index(Value::Number(static_cast<int64_t>(i)))));
  }
  return problems;
}

Problems CheckBlockMap(const NestedBlock& nested, const Value& planned, const Value& actual,
                       const Path& path) {
  bool is_object = planned.type().is_object();
  if (!is_object && planned.size() != actual.size()) {
    return {
        At(path, fmt::format("block count changed from {} to {}", planned.size(), actual.size()))};
  }
  Problems problems;
  for (const auto& [key, before] : planned.members()) {
    const Value* now = actual.Find(key);
    Path inner = is_object ? path.Attribute(key) : path.Index(Value::String(key));
    if (now == nullptr) {
      problems.push_back(At(path, fmt::format("block key {} has vanished", value::Quote(key))));
    } else {
      Append(&problems, CheckBlock(nested.block, before, *now, inner));
    }
  }
  for (const auto& [key, now] : actual.members()) {
    if (planned.Find(key) == nullptr)
      problems.push_back(At(path, fmt::format("new block key {} has appeared", value::Quote(key))));
  }
  return problems;
}

Problems CheckNestedBlocks(const NestedBlock& nested, const Value& marked_planned,
                           const Value& marked_actual, const Path& path) {
  // The marks of a set are those of its elements.
  bool is_sensitive = HasSensitive(nested.block) ||
                      marked_planned.deep_marks().Has(Mark::kSensitive) ||
                      marked_actual.deep_marks().Has(Mark::kSensitive);
  Value planned = marked_planned.Unmark();
  Value actual = marked_actual.Unmark();
  if (nested.nesting == Nesting::kSingle || nested.nesting == Nesting::kGroup) {
    // An unknown dynamic block may come to no block.
    if (!planned.is_known() && actual.is_null()) return {};
    return CheckBlock(nested.block, planned, actual, path);
  }
  // How many there would be was not known, or old providers say "none" in two ways.
  if (!planned.is_known() || !actual.is_known() || planned.is_null() || actual.is_null()) return {};
  switch (nested.nesting) {
    case Nesting::kList:
      return CheckBlockList(nested, planned, actual, path);
    case Nesting::kMap:
      return CheckBlockMap(nested, planned, actual, path);
    default:
      return CheckSets(
          planned, actual, path,
          [&](const Value& before, const Value& now) {
            return CheckBlock(nested.block, before, now, path).empty();
          },
          "block set ", is_sensitive);
  }
}

Problems CheckBlock(const BlockSchema& schema, const Value& marked_planned,
                    const Value& marked_actual, const Path& path) {
  if (marked_planned.RawEquals(marked_actual)) return {};
  Value planned = marked_planned.Unmark();
  Value actual = marked_actual.Unmark();
  std::string_view root = path.empty() ? "root object " : "";
  if (planned.is_null() && !actual.is_null())
    return {At(path, fmt::format("{}was absent, but now present", root))};
  if (actual.is_null() && !planned.is_null())
    return {At(path, fmt::format("{}was present, but now absent", root))};
  if (planned.is_null()) return {};
  if (!planned.is_known()) return {};
  if (!actual.is_known()) return {At(path, fmt::format("{}was known, but now unknown", root))};
  Problems problems;
  for (const AttributeSchema& attribute : schema.attributes) {
    const Value* before = planned.Find(attribute.name);
    const Value* now = actual.Find(attribute.name);
    if (before == nullptr || now == nullptr) continue;
    if (before->RawEquals(*now)) continue;
    Append(&problems, CheckAttribute(attribute, *before, *now, path.Attribute(attribute.name)));
  }
  for (const NestedBlock& nested : schema.blocks) {
    if (schema.FindAttribute(nested.name) != nullptr) continue;
    const Value* before = planned.Find(nested.name);
    const Value* now = actual.Find(nested.name);
    if (before == nullptr || now == nullptr) continue;
    if (before->RawEquals(*now)) continue;
    Append(&problems, CheckNestedBlocks(nested, *before, *now, path.Attribute(nested.name)));
  }
  return problems;
}

}  // namespace

Problems CheckApplied(const BlockSchema& schema, const Value& planned, const Value& actual) {
  return CheckBlock(schema, planned, actual, {});
}

}  // namespace andon::provider
