#include "value/value.h"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "base/text.h"
#include "value/display.h"

namespace andon::value {

enum class State : uint8_t { kKnown, kNull, kUnknown };

struct Value::Node {
  Type type;
  State state = State::kKnown;
  bool wholly_known = true;
  Marks marks;
  Marks deep_marks;
  bool not_null = false;  // Of an unknown value; what else is known of it stands in `data`.
  std::variant<std::monostate, bool, value::Number, std::string, std::vector<Value>, Members,
               std::shared_ptr<const Refinement>>
      data;
  // The attributes of an object as written, where that is not the order by name.
  std::shared_ptr<const std::vector<std::string>> order;
};

Value Value::Make(Node node) {
  node.deep_marks = node.marks;
  node.wholly_known = node.state != State::kUnknown;
  if (auto* items = std::get_if<std::vector<Value>>(&node.data)) {
    for (const auto& item : *items) {
      node.deep_marks |= item.deep_marks();
      node.wholly_known &= item.is_wholly_known();
    }
  } else if (auto* members = std::get_if<Members>(&node.data)) {
    for (const auto& [name, member] : *members) {
      node.deep_marks |= member.deep_marks();
      node.wholly_known &= member.is_wholly_known();
    }
  }
  return Value(std::make_shared<const Node>(std::move(node)));
}

Value::Value() : Value(Null()) {}

Value Value::Null(Type type) {
  static const Value kNull = Make({.type = Type::Dynamic(), .state = State::kNull});
  if (type.is_dynamic()) return kNull;
  return Make({.type = type.WithoutOptionalAttributes(), .state = State::kNull});
}

Value Value::Unknown(Type type, Refinement refinement) {
  static const Value kDynamic = Make({.type = Type::Dynamic(), .state = State::kUnknown});
  if (type.is_dynamic()) return kDynamic;
  Node node{.type = type.WithoutOptionalAttributes(),
            .state = State::kUnknown,
            .not_null = refinement.not_null};
  if (refinement.has_range()) node.data = std::make_shared<const Refinement>(std::move(refinement));
  return Make(std::move(node));
}

Value Value::Bool(bool b) {
  static const Value kTrue = Make({.type = Type::Bool(), .data = true});
  static const Value kFalse = Make({.type = Type::Bool(), .data = false});
  return b ? kTrue : kFalse;
}

Value Value::Number(value::Number number) {
  return Make({.type = Type::Number(), .data = std::move(number)});
}

Value Value::String(std::string_view text) {
  return Make({.type = Type::String(), .data = IsAscii(text) ? std::string(text) : ToNfc(text)});
}

namespace {

// What the items say where `element` leaves a part of the type open; `element` where
// they do not agree.
Type SettledType(Type element, const std::vector<Value>& items) {
  if (!element.has_dynamic()) return element;
  const Type* found = nullptr;
  for (const auto& item : items) {
    if (item.type().is_dynamic()) continue;
    if (found && *found != item.type()) return element;
    found = &item.type();
  }
  return found ? *found : element;
}

// The element takes the collection's type where its own is not known yet.
Value WithElementType(Value item, const Type& element) {
  if (item.type() == element || (element.has_dynamic() && !item.type().is_dynamic())) return item;
  if (element.is_dynamic()) return item;
  ASSERT(item.type().is_dynamic());
  Value typed = item.is_null() ? Value::Null(element) : Value::Unknown(element, item.refinement());
  return typed.WithMarks(item.marks());
}

Type ElementType(const std::vector<Value>& items) {
  ASSERT(!items.empty());
  for (const auto& item : items) {
    if (!item.type().is_dynamic()) return item.type();
  }
  return Type::Dynamic();
}

void NormalizeKeys(Value::Members& members) {
  for (auto& [name, member] : members) {
    if (!IsAscii(name)) name = ToNfc(name);
  }
}

// Sorts by name; of equal names the last stays.
void SortMembers(Value::Members& members) {
  auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(members.begin(), members.end(), less)) {
    std::stable_sort(members.begin(), members.end(), less);
  }
  size_t kept = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if (kept > 0 && members[kept - 1].first == members[i].first) --kept;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.resize(kept);
}

// The text by which sets order elements that are no primitives: the same as
// Terraform's, so that the console prints them in the same order.
void AppendSetKey(const Value& value, std::string& out) {
  if (!value.is_known()) {
    out += '?';
  } else if (value.is_null()) {
    out += '~';
  } else if (value.type().is_number()) {
    // Go's (*big.Float).String: %.10g.
    out += value.number().Format('g', 10);
  } else if (value.type().is_bool()) {
    out += value.boolean() ? 'T' : 'F';
  } else if (value.type().is_string()) {
    out += Quote(value.string());
  } else if (value.type().is_map()) {
    out += '{';
    for (const auto& [name, member] : value.members()) {
      out += Quote(name) + ":";
      AppendSetKey(member, out);
      out += ';';
    }
    out += '}';
  } else if (value.type().is_object()) {
    out += '<';
    for (const auto& [name, member] : value.members()) {
      AppendSetKey(member, out);
      out += ';';
    }
    out += '>';
  } else {
    bool tuple = value.type().is_tuple();
    out += tuple ? '<' : '[';
    for (const auto& item : value.items()) {
      AppendSetKey(item, out);
      out += ';';
    }
    out += tuple ? '>' : ']';
  }
}

// Null after the others, unknown last.
int SetRank(const Value& value) {
  if (!value.is_known()) return 2;
  return value.is_null() ? 1 : 0;
}

struct SetElement {
  Value value;
  std::string key;  // Empty for primitives.
};

bool SetLess(const SetElement& a, const SetElement& b) {
  int rank_a = SetRank(a.value);
  int rank_b = SetRank(b.value);
  if (rank_a != rank_b || rank_a != 0) return rank_a < rank_b;
  const Type& type = a.value.type();
  if (type.is_string() && b.value.type().is_string()) return a.value.string() < b.value.string();
  if (type.is_number() && b.value.type().is_number()) return a.value.number() < b.value.number();
  if (type.is_bool() && b.value.type().is_bool()) return a.value.boolean() < b.value.boolean();
  return a.key < b.key;
}

// Keys are not unique: equal elements are among those of one key.
std::vector<Value> Distinct(const std::vector<SetElement>& sorted) {
  std::vector<Value> result;
  size_t run = 0;  // The first element in `result` that has the same place in the order.
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0 && SetLess(sorted[i - 1], sorted[i])) run = result.size();
    const Value& value = sorted[i].value;
    bool seen = false;
    for (size_t j = run; j < result.size() && value.is_wholly_known() && !seen; ++j) {
      seen = result[j].is_wholly_known() && result[j].RawEquals(value);
    }
    if (!seen) result.push_back(value);
  }
  return result;
}

}  // namespace

Value Value::List(Type element, std::vector<Value> items) {
  element = SettledType(std::move(element), items);
  for (auto& item : items) item = WithElementType(std::move(item), element);
  return Make({.type = Type::List(std::move(element)), .data = std::move(items)});
}

Value Value::List(std::vector<Value> items) {
  Type element = ElementType(items);
  return List(std::move(element), std::move(items));
}

Value Value::Set(Type element, std::vector<Value> items) {
  element = SettledType(std::move(element), items);
  Marks marks;
  std::vector<SetElement> elements;
  elements.reserve(items.size());
  for (auto& item : items) {
    marks |= item.deep_marks();
    Value value = WithElementType(item.UnmarkDeep(), element);
    SetElement next{std::move(value), {}};
    if (!next.value.type().is_primitive()) AppendSetKey(next.value, next.key);
    elements.push_back(std::move(next));
  }
  std::stable_sort(elements.begin(), elements.end(), SetLess);
  return Make({.type = Type::Set(std::move(element)), .marks = marks, .data = Distinct(elements)});
}

Value Value::Set(std::vector<Value> items) {
  Type element = ElementType(items);
  return Set(std::move(element), std::move(items));
}

Value Value::Map(Type element, Members members) {
  NormalizeKeys(members);
  SortMembers(members);
  if (element.has_dynamic()) {
    std::vector<Value> items;
    for (const auto& [name, member] : members) items.push_back(member);
    element = SettledType(std::move(element), items);
  }
  for (auto& [name, member] : members) member = WithElementType(std::move(member), element);
  return Make({.type = Type::Map(std::move(element)), .data = std::move(members)});
}

Value Value::Map(Members members) {
  ASSERT(!members.empty());
  Type element;
  for (const auto& [name, member] : members) {
    if (element.is_dynamic()) element = member.type();
  }
  return Map(std::move(element), std::move(members));
}

Value Value::Tuple(std::vector<Value> items) {
  std::vector<Type> types;
  types.reserve(items.size());
  for (const auto& item : items) types.push_back(item.type());
  return Make({.type = Type::Tuple(std::move(types)), .data = std::move(items)});
}

Value Value::Object(Members members) {
  NormalizeKeys(members);
  std::shared_ptr<std::vector<std::string>> order;
  auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(members.begin(), members.end(), less)) {
    order = std::make_shared<std::vector<std::string>>();
    std::unordered_set<std::string_view> seen;
    for (const auto& [name, member] : members) {
      if (seen.insert(name).second) order->push_back(name);
    }
  }
  SortMembers(members);
  std::vector<Type::Attribute> attributes;
  attributes.reserve(members.size());
  for (const auto& [name, member] : members) attributes.push_back({name, member.type()});
  return Make({.type = Type::Object(std::move(attributes)),
               .data = std::move(members),
               .order = std::move(order)});
}

Value Value::Object(const Type& type, Members members) {
  bool has_type =
      type.is_object() &&
      std::equal(members.begin(), members.end(), type.attributes().begin(), type.attributes().end(),
                 [](const auto& member, const auto& a) {
                   return !a.optional && member.first == a.name && member.second.type() == a.type;
                 });
  if (!has_type) return Object(std::move(members));
  return Make({.type = type, .data = std::move(members)});
}

const Type& Value::type() const { return node_->type; }
bool Value::is_null() const { return node_->state == State::kNull; }
bool Value::is_known() const { return node_->state != State::kUnknown; }
bool Value::is_wholly_known() const { return node_->wholly_known; }

bool Value::is_definitely_not_null() const { return is_known() ? !is_null() : node_->not_null; }

Refinement Value::refinement() const {
  const auto* range = std::get_if<std::shared_ptr<const Refinement>>(&node_->data);
  return range != nullptr ? **range : Refinement{.not_null = node_->not_null};
}

bool Value::MayBe(const Value& known) const {
  if (is_known()) return RawEquals(known);
  const Refinement refinement = this->refinement();
  if (known.is_null()) return !refinement.not_null;
  if (!known.is_known() || !refinement.has_range() || known.type().kind() != type().kind())
    return true;
  if (type().is_string()) return known.string().starts_with(refinement.prefix);
  if (type().is_number()) return Includes(refinement, known.number());
  if (type().is_set() && !known.is_wholly_known()) return true;
  const auto length = static_cast<int64_t>(known.size());
  return length >= refinement.length_min && length <= refinement.length_max.value_or(length);
}

Value Value::RefineNotNull() const {
  if (is_known() || type().is_dynamic() || node_->not_null) return *this;
  Refinement refinement = this->refinement();
  refinement.not_null = true;
  return Unknown(type(), std::move(refinement)).WithMarks(marks());
}

bool Value::boolean() const {
  const bool* b = std::get_if<bool>(&node_->data);
  ASSERT(b != nullptr);
  return *b;
}

const value::Number& Value::number() const {
  const auto* number = std::get_if<value::Number>(&node_->data);
  ASSERT(number != nullptr);
  return *number;
}

const std::string& Value::string() const {
  const auto* text = std::get_if<std::string>(&node_->data);
  ASSERT(text != nullptr);
  return *text;
}

const std::vector<Value>& Value::items() const {
  const auto* items = std::get_if<std::vector<Value>>(&node_->data);
  ASSERT(items != nullptr);
  return *items;
}

const Value::Members& Value::members() const {
  const auto* members = std::get_if<Members>(&node_->data);
  ASSERT(members != nullptr);
  return *members;
}

std::vector<std::string> Value::attribute_order() const {
  if (node_->order) return *node_->order;
  std::vector<std::string> names;
  for (const auto& attribute : type().attributes()) names.push_back(attribute.name);
  return names;
}

int64_t Value::size() const {
  if (const auto* members = std::get_if<Members>(&node_->data)) {
    return static_cast<int64_t>(members->size());
  }
  return static_cast<int64_t>(items().size());
}

const Value* Value::Find(std::string_view name) const {
  const auto& all = members();
  auto it =
      std::lower_bound(all.begin(), all.end(), name,
                       [](const auto& member, std::string_view n) { return member.first < n; });
  return it != all.end() && it->first == name ? &it->second : nullptr;
}

bool Value::CanIterate() const {
  return is_known_not_null() && (type().is_collection() || type().is_structural());
}

std::vector<std::pair<Value, Value>> Value::Elements() const {
  ASSERT(CanIterate());
  std::vector<std::pair<Value, Value>> elements;
  elements.reserve(static_cast<size_t>(size()));
  if (type().is_map() || type().is_object()) {
    for (const auto& [name, member] : members()) elements.emplace_back(String(name), member);
  } else if (type().is_set()) {
    for (const auto& item : items()) elements.emplace_back(item, item);
  } else {
    int64_t i = 0;
    for (const auto& item : items()) elements.emplace_back(Number(i++), item);
  }
  return elements;
}

Marks Value::marks() const { return node_->marks; }
Marks Value::deep_marks() const { return node_->deep_marks; }

Value Value::WithMarks(Marks marks) const {
  if (node_->marks.With(marks) == node_->marks) return *this;
  auto node = std::make_shared<Node>(*node_);
  node->marks |= marks;
  node->deep_marks |= marks;
  return Value(std::move(node));
}

Value Value::Unmark() const {
  if (!is_marked()) return *this;
  Node node = *node_;
  node.marks = {};
  return Make(std::move(node));
}

Value Value::WithoutMark(Mark mark) const {
  if (!Has(mark)) return *this;
  Node node = *node_;
  node.marks = node.marks.Without(mark);
  return Make(std::move(node));
}

// The same value with every element replaced by member(element).
template <typename F>
Value Value::Rebuild(Type type, F member) const {
  Node node = *node_;
  node.type = std::move(type);
  if (auto* items = std::get_if<std::vector<Value>>(&node.data)) {
    for (auto& item : *items) item = member(item);
  } else if (auto* members = std::get_if<Members>(&node.data)) {
    for (auto& [name, value] : *members) value = member(value);
  }
  return Make(std::move(node));
}

Value Value::UnmarkDeep() const {
  if (!contains_marked()) return *this;
  return Unmark().Rebuild(type(), [](const Value& v) { return v.UnmarkDeep(); });
}

Value Value::WithoutMarkDeep(Mark mark) const {
  if (!deep_marks().Has(mark)) return *this;
  return WithoutMark(mark).Rebuild(type(),
                                   [mark](const Value& v) { return v.WithoutMarkDeep(mark); });
}

Value Value::Attribute(std::string_view name) const {
  ASSERT(!is_null());
  if (type().is_dynamic()) return Dynamic().WithMarks(marks());
  const auto* attribute = type().FindAttribute(name);
  ASSERT(attribute != nullptr);
  if (!is_known()) return Unknown(attribute->type).WithMarks(marks());
  return Find(name)->WithMarks(marks());
}

namespace {

// The number as an index into `size` items; -1 where it is none.
int64_t ItemIndex(const Value& key, size_t size) {
  auto index = key.number().ToInt64();
  return index && *index >= 0 && *index < static_cast<int64_t>(size) ? *index : -1;
}

Value UnknownBool() { return Value::Unknown(Type::Bool(), {.not_null = true}); }

}  // namespace

Value Value::HasIndex(const Value& key) const {
  Marks all = marks().With(key.marks());
  if (type().is_dynamic() && !is_known()) return UnknownBool().WithMarks(all);
  bool by_number = type().is_list() || type().is_tuple();
  if ((!by_number && !type().is_map()) || is_null() || key.is_null()) return False().WithMarks(all);
  const Type wanted = by_number ? Type::Number() : Type::String();
  if (!key.type().is_dynamic() && key.type() != wanted) return False().WithMarks(all);
  if (!key.is_known()) return UnknownBool().WithMarks(all);
  if (type().is_tuple()) {
    return Bool(ItemIndex(key, type().elements().size()) >= 0).WithMarks(all);
  }
  if (!is_known()) {
    bool possible = !by_number || (key.number().is_integer() && key.number().sign() >= 0);
    return possible ? UnknownBool().WithMarks(all) : False().WithMarks(all);
  }
  if (by_number) return Bool(ItemIndex(key, items().size()) >= 0).WithMarks(all);
  return Bool(Find(key.string()) != nullptr).WithMarks(all);
}

Value Value::Index(const Value& key) const {
  Marks all = marks().With(key.marks());
  if (type().is_dynamic()) return Dynamic().WithMarks(all);
  if (type().is_tuple()) {
    if (!key.is_known()) return Dynamic().WithMarks(all);
    int64_t index = ItemIndex(key, type().elements().size());
    ASSERT(index >= 0);
    auto at = static_cast<size_t>(index);
    if (!is_known()) return Unknown(type().elements()[at]).WithMarks(all);
    return items()[at].WithMarks(all);
  }
  if (!is_known() || !key.is_known()) return Unknown(type().element()).WithMarks(all);
  if (type().is_list()) {
    int64_t index = ItemIndex(key, items().size());
    ASSERT(index >= 0);
    return items()[static_cast<size_t>(index)].WithMarks(all);
  }
  const Value* member = Find(key.string());
  ASSERT(member != nullptr);
  return member->WithMarks(all);
}

Value Value::Length() const {
  auto count = [](size_t n) {
    return Number(value::Number(static_cast<int64_t>(n)).WithPrecision(64));
  };
  if (type().is_tuple()) return count(type().elements().size()).WithMarks(marks());
  if (type().is_object()) return count(type().attributes().size()).WithMarks(marks());
  auto between = [&](int64_t min, std::optional<int64_t> max) {
    if (min == max) return count(static_cast<size_t>(min)).WithMarks(marks());
    Refinement range{.not_null = true, .min = Bound{value::Number(min)}};
    if (max) range.max = Bound{value::Number(*max)};
    return Unknown(Type::Number(), std::move(range)).WithMarks(marks());
  };
  if (!is_known()) {
    if (!type().is_collection())
      return Unknown(Type::Number(), {.not_null = true}).WithMarks(marks());
    return between(refinement().length_min, refinement().length_max);
  }
  // Unknown elements may turn out to be equal to others.
  if (type().is_set() && size() > 1 && !is_wholly_known()) return between(1, size());
  return count(static_cast<size_t>(size())).WithMarks(marks());
}

namespace {

enum class Verdict { kEqual, kDifferent, kUnknown };

Verdict Compare(const Value& a, const Value& b);

Verdict CompareSets(const Value& a, const Value& b) {
  if (!a.is_wholly_known() || !b.is_wholly_known()) return Verdict::kUnknown;
  return a.items() == b.items() ? Verdict::kEqual : Verdict::kDifferent;
}

Verdict CompareItems(const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return Verdict::kDifferent;
  for (size_t i = 0; i < a.size(); ++i) {
    Verdict verdict = Compare(a[i], b[i]);
    if (verdict != Verdict::kEqual) return verdict;
  }
  return Verdict::kEqual;
}

Verdict CompareMembers(const Value::Members& a, const Value::Members& b) {
  if (a.size() != b.size()) return Verdict::kDifferent;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].first != b[i].first) return Verdict::kDifferent;
  }
  for (size_t i = 0; i < a.size(); ++i) {
    Verdict verdict = Compare(a[i].second, b[i].second);
    if (verdict != Verdict::kEqual) return verdict;
  }
  return Verdict::kEqual;
}

Verdict CompareWithUnknown(const Value& a, const Value& b) {
  if (a.is_null() && b.is_definitely_not_null()) return Verdict::kDifferent;
  if (b.is_null() && a.is_definitely_not_null()) return Verdict::kDifferent;
  if (!a.is_known() && !b.is_known()) return Verdict::kUnknown;
  const Value& known = a.is_known() ? a : b;
  const Value& unknown = a.is_known() ? b : a;
  if (known.is_null() || unknown.type().has_dynamic()) return Verdict::kUnknown;
  if (known.type() != unknown.type()) return Verdict::kDifferent;
  return unknown.MayBe(known) ? Verdict::kUnknown : Verdict::kDifferent;
}

Verdict Compare(const Value& a, const Value& b) {
  if (!a.is_known() || !b.is_known()) return CompareWithUnknown(a, b);
  if (a.is_null() || b.is_null()) {
    return a.is_null() && b.is_null() ? Verdict::kEqual : Verdict::kDifferent;
  }
  if (a.type().kind() != b.type().kind()) return Verdict::kDifferent;
  bool unknown_type = (a.type().has_dynamic() && !a.is_wholly_known()) ||
                      (b.type().has_dynamic() && !b.is_wholly_known());
  if (a.type() != b.type()) return unknown_type ? Verdict::kUnknown : Verdict::kDifferent;
  switch (a.type().kind()) {
    case Type::Kind::kString:
      return a.string() == b.string() ? Verdict::kEqual : Verdict::kDifferent;
    case Type::Kind::kNumber:
      return a.number() == b.number() ? Verdict::kEqual : Verdict::kDifferent;
    case Type::Kind::kBool:
      return a.boolean() == b.boolean() ? Verdict::kEqual : Verdict::kDifferent;
    case Type::Kind::kSet:
      return CompareSets(a, b);
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      return CompareMembers(a.members(), b.members());
    case Type::Kind::kList:
    case Type::Kind::kTuple:
      return CompareItems(a.items(), b.items());
    case Type::Kind::kDynamic:
      break;
  }
  return Verdict::kUnknown;
}

}  // namespace

Value Value::Equals(const Value& other) const {
  // That one side is null tells nothing of what is inside the other.
  bool only_one_null = is_null() != other.is_null();
  Marks all = only_one_null ? marks().With(other.marks()) : deep_marks().With(other.deep_marks());
  switch (Compare(*this, other)) {
    case Verdict::kEqual:
      return True().WithMarks(all);
    case Verdict::kDifferent:
      return False().WithMarks(all);
    case Verdict::kUnknown:
      break;
  }
  return UnknownBool().WithMarks(all);
}

bool Value::RawEquals(const Value& other) const {
  if (node_ == other.node_) return true;
  const Node& a = *node_;
  const Node& b = *other.node_;
  if (a.state != b.state || a.marks != b.marks || a.type != b.type) return false;
  return a.state == State::kUnknown ? refinement() == other.refinement() : a.data == b.data;
}

size_t Value::Hash() const {
  size_t hash = static_cast<size_t>(type().kind()) * 31 + static_cast<size_t>(node_->state);
  auto mix = [&hash](size_t part) { hash = hash * 1099511628211u ^ part; };
  if (!is_known_not_null()) return hash;
  switch (type().kind()) {
    case Type::Kind::kString:
      mix(std::hash<std::string>()(string()));
      break;
    case Type::Kind::kNumber:
      mix(number().Hash());
      break;
    case Type::Kind::kBool:
      mix(boolean() ? 2 : 1);
      break;
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      for (const auto& [name, member] : members()) {
        mix(std::hash<std::string>()(name));
        mix(member.Hash());
      }
      break;
    default:
      for (const auto& item : items()) mix(item.Hash());
  }
  return hash;
}

}  // namespace andon::value
