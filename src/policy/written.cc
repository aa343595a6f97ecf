#include "policy/written.h"

#include <algorithm>

#include "hcl/eval.h"
#include "hcl/static_form.h"
#include "value/json.h"

namespace andon::policy {

using value::Value;

namespace {

// Deeper than anybody nests, and no danger for the stack.
constexpr int kDepthMax = 40;

Field FromValue(const Value& value, const SourceRange& range, int depth);

bool IsObject(const Value& value) {
  return value.is_known_not_null() && (value.type().is_object() || value.type().is_map());
}

bool IsList(const Value& value) {
  return value.is_known_not_null() &&
         (value.type().is_list() || value.type().is_set() || value.type().is_tuple());
}

Item ItemFromValue(const Value& object, const SourceRange& range, int depth) {
  Item item{.range = range};
  for (const auto& [name, member] : object.members())
    item.fields[name] = FromValue(member, range, depth + 1);
  return item;
}

Field FromValue(const Value& value, const SourceRange& range, int depth) {
  Field field{.range = range, .value = value};
  if (depth > kDepthMax) return field;
  if (IsObject(value)) field.items.push_back(ItemFromValue(value, range, depth));
  if (IsList(value)) {
    for (const Value& element : value.items()) {
      if (IsObject(element)) field.items.push_back(ItemFromValue(element, range, depth));
    }
  }
  return field;
}

std::string KeyOf(const hcl::StaticItem& item, KnownScope& scope) {
  std::string_view word = item.parenthesized ? "" : hcl::AsKeyword(item.key);
  if (!word.empty()) return std::string(word);
  Value key = scope.Evaluate(item.key);
  return key.is_known_not_null() && key.type().is_string() ? key.string() : std::string();
}

Field ReadExpression(hcl::Expression expression, const SourceRange& range, KnownScope& scope,
                     int depth);

std::optional<Item> ReadObject(hcl::Expression expression, KnownScope& scope, int depth) {
  auto members = hcl::AsMap(expression);
  if (!members) return std::nullopt;
  Item item{.range = expression.range()};
  for (const hcl::StaticItem& member : *members) {
    std::string name = KeyOf(member, scope);
    if (name.empty()) continue;
    SourceRange from = member.key.range();
    from.end = member.value.range().end;
    item.fields[name] = ReadExpression(member.value, from, scope, depth + 1);
  }
  return item;
}

Field ReadExpression(hcl::Expression expression, const SourceRange& range, KnownScope& scope,
                     int depth) {
  if (depth > kDepthMax) return {.range = range, .value = Value::Dynamic()};
  if (auto call = hcl::AsCall(expression);
      call && call->name == "jsonencode" && call->arguments.size() == 1) {
    Field document = ReadExpression(call->arguments[0], range, scope, depth + 1);
    document.value = scope.Evaluate(expression);
    return document;
  }
  Field field{.range = range, .value = scope.Evaluate(expression)};
  if (auto item = ReadObject(expression, scope, depth)) {
    field.items.push_back(std::move(*item));
    return field;
  }
  if (auto elements = hcl::AsList(expression)) {
    for (hcl::Expression element : *elements) {
      if (auto item = ReadObject(element, scope, depth)) field.items.push_back(std::move(*item));
    }
    return field;
  }
  return FromValue(field.value, range, depth);
}

void ReadInto(const hcl::Body& body, KnownScope& scope, int depth, Item* item) {
  if (depth > kDepthMax) return;
  for (const hcl::Attribute& attribute : body.attributes)
    item->fields[std::string(attribute.name)] =
        ReadExpression(attribute.expression(), attribute.range(), scope, depth + 1);
  for (const hcl::Block& block : body.blocks) {
    const hcl::Body* inner = &block.body;
    std::string type(block.type);
    if (type == "dynamic" && block.labels.size() == 1) {
      type = block.labels[0].text;
      for (const hcl::Block& content : block.body.blocks) {
        if (content.type == "content") inner = &content.body;
      }
    }
    Item one{.range = block.header_range()};
    ReadInto(*inner, scope, depth + 1, &one);
    Field& field = item->fields[type];
    if (field.items.empty()) field.range = one.range;
    field.items.push_back(std::move(one));
  }
}

// How many attributes of the two are known and equal; -1 where one differs.
int Likeness(const Value& object, const Item& written) {
  int alike = 0;
  for (const auto& [name, member] : object.members()) {
    const Field* field = written.Find(name);
    if (field == nullptr || !field->value.is_wholly_known() || !member.is_wholly_known()) continue;
    if (IsObject(member) || !field->items.empty()) continue;
    auto a = value::ToJsonText(member);
    auto b = value::ToJsonText(field->value);
    if (!a.ok() || !b.ok()) continue;
    if (*a != *b) return -1;
    ++alike;
  }
  return alike;
}

const Item* Nearest(const Value& object, const std::vector<Item>& written) {
  const Item* nearest = nullptr;
  int best = -1;
  for (const Item& item : written) {
    int likeness = Likeness(object, item);
    if (likeness > best) {
      best = likeness;
      nearest = &item;
    }
  }
  // Of one alone it must come.
  return nearest == nullptr && written.size() == 1 ? &written[0] : nearest;
}

Item Planned(const Value& object, const Item& written, int depth) {
  Item item{.range = written.range};
  for (const auto& [name, value] : object.members()) {
    const Field* field = written.Find(name);
    const SourceRange& range = field != nullptr ? field->range : written.range;
    bool is_told = value.is_wholly_known() || (IsList(value) && value.size() > 0) ||
                   (value.is_known_not_null() && value.type().is_object());
    if (!is_told && field != nullptr) {
      item.fields[name] = *field;
      continue;
    }
    Field out{.range = range, .value = value.UnmarkDeep()};
    // A text made by jsonencode() keeps the places inside of it.
    if (field != nullptr && value.type().is_string()) out.items = field->items;
    std::vector<Value> elements;
    if (IsObject(value)) elements.push_back(value);
    if (IsList(value)) elements = value.items();
    for (const Value& element : elements) {
      if (!IsObject(element) || depth > kDepthMax) continue;
      const Item* from = field != nullptr ? Nearest(element, field->items) : nullptr;
      Item nowhere{.range = range};
      out.items.push_back(Planned(element, from != nullptr ? *from : nowhere, depth + 1));
    }
    item.fields[name] = std::move(out);
  }
  return item;
}

}  // namespace

const Field* Item::Find(std::string_view name) const {
  auto it = fields.find(name);
  return it == fields.end() ? nullptr : &it->second;
}

std::string Item::Text(std::string_view name) const {
  const Field* field = Find(name);
  if (field == nullptr || !field->value.is_known_not_null() || !field->value.type().is_string())
    return {};
  return field->value.string();
}

bool Item::Is(std::string_view name, bool wanted) const {
  const Field* field = Find(name);
  if (field == nullptr || !field->value.is_known_not_null()) return false;
  if (field->value.type().is_string()) return field->value.string() == (wanted ? "true" : "false");
  return field->value.type().is_bool() && field->value.boolean() == wanted;
}

bool Item::IsOff(std::string_view name) const {
  const Field* field = Find(name);
  return field == nullptr || field->value.is_null() || Is(name, false);
}

const std::vector<Item>& Item::Items(std::string_view name) const {
  static const std::vector<Item> kNone;
  const Field* field = Find(name);
  return field == nullptr ? kNone : field->items;
}

const SourceRange& Item::RangeOf(std::string_view name) const {
  const Field* field = Find(name);
  return field == nullptr || !field->range.exists() ? range : field->range;
}

Item ReadBody(const hcl::Body& body, const SourceRange& head, KnownScope& scope) {
  Item item{.range = head};
  ReadInto(body, scope, 0, &item);
  return item;
}

Item ReadPlanned(const Value& object, const Item& written) {
  if (!IsObject(object)) return written;
  return Planned(object.UnmarkDeep(), written, 0);
}

std::vector<std::string> TextsOf(const Field* field) {
  std::vector<std::string> out;
  if (field == nullptr) return out;
  auto add = [&](const Value& value) {
    if (value.is_known_not_null() && value.type().is_string()) out.push_back(value.string());
  };
  add(field->value);
  if (IsList(field->value)) {
    for (const Value& element : field->value.items()) add(element);
  }
  return out;
}

std::vector<Item> DocumentOf(const Field& field) {
  if (!field.items.empty()) return field.items;
  if (!field.value.is_known_not_null() || !field.value.type().is_string()) return {};
  auto json = value::FromJsonText(field.value.string());
  if (!json.ok()) return {};
  return FromValue(*json, field.range, 0).items;
}

}  // namespace andon::policy
