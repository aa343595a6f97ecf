#include "infratext/difference.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "infratext/sequence.h"

namespace andon::infratext {
namespace {

using infra::Action;
using provider::AttributeSchema;
using provider::BlockSchema;
using provider::Nesting;
using value::Path;
using value::Type;
using value::Value;

// The paths that ask for a replacement, as far as they lead through the value at hand.
class Paths {
 public:
  Paths() = default;
  explicit Paths(const std::vector<Path>& all) {
    for (const Path& path : all) ahead_.push_back(&path);
  }
  bool EndHere() const {
    return std::any_of(ahead_.begin(), ahead_.end(),
                       [&](const Path* path) { return path->steps().size() == depth_; });
  }
  template <typename F>
  Paths Where(const F& is_step) const {
    Paths out;
    out.depth_ = depth_ + 1;
    for (const Path* path : ahead_) {
      if (path->steps().size() > depth_ && is_step(path->steps()[depth_])) {
        out.ahead_.push_back(path);
      }
    }
    return out;
  }
  Paths Name(std::string_view name) const {
    if (ahead_.empty()) return {};
    return Where([&](const value::Step& step) {
      if (auto* attribute = std::get_if<value::AttributeStep>(&step))
        return attribute->name == name;
      const Value& key = std::get<value::IndexStep>(step).key;
      return key.type().is_string() && key.is_known_not_null() && key.string() == name;
    });
  }
  Paths Element(size_t index, const Value* element) const {
    if (ahead_.empty()) return {};
    return Where([&](const value::Step& step) {
      auto* at = std::get_if<value::IndexStep>(&step);
      if (at == nullptr || !at->key.is_known_not_null()) return false;
      if (at->key.type().is_number() && at->key.number() == value::Number(index)) return true;
      return element != nullptr && IsSameJson(at->key, *element);
    });
  }

 private:
  std::vector<const Path*> ahead_;
  size_t depth_ = 0;
};

// One value on both sides. A null pointer says that there is none, which is not the same as
// a null that somebody wrote: an element that is taken out of a list, or one set to null.
struct Change {
  const Value* before = nullptr;
  const Value* after = nullptr;
  bool is_open = false;        // What is marked sensitive is compared after all.
  bool parts_unknown = false;  // Each attribute will be unknown.
  Paths replace;
};

bool IsNil(const Value* value) { return value == nullptr || value->is_null(); }
bool IsUnknown(const Value* value) { return value != nullptr && !value->is_known(); }
// What may not be stored may not be shown either.
bool IsMarked(const Value* value) {
  return value != nullptr &&
         (value->Has(value::Mark::kSensitive) || value->Has(value::Mark::kEphemeral));
}

const Value::Members& MembersOf(const Value* value) {
  static const Value::Members kEmpty;
  bool has = value != nullptr && value->is_known_not_null() &&
             (value->type().is_map() || value->type().is_object());
  return has ? value->members() : kEmpty;
}

const std::vector<Value>& ItemsOf(const Value* value) {
  static const std::vector<Value> kEmpty;
  bool has = value != nullptr && value->is_known_not_null() &&
             (value->type().is_list() || value->type().is_set() || value->type().is_tuple());
  return has ? value->items() : kEmpty;
}

const Value* FindMember(const Value* value, std::string_view name) {
  const auto& members = MembersOf(value);
  auto at =
      std::lower_bound(members.begin(), members.end(), name,
                       [](const auto& member, std::string_view n) { return member.first < n; });
  return at != members.end() && at->first == name ? &at->second : nullptr;
}

const Value* UnknownPart() {
  static const Value kUnknown = Value::Dynamic();
  return &kUnknown;
}

Change MemberOf(const Change& change, std::string_view name) {
  return {.before = FindMember(change.before, name),
          .after = change.parts_unknown ? UnknownPart() : FindMember(change.after, name),
          .replace = change.replace.Name(name)};
}

Change ElementOf(const Change& change, size_t before, size_t after) {
  const auto& before_items = ItemsOf(change.before);
  const auto& after_items = ItemsOf(change.after);
  const Value* b = before < before_items.size() ? &before_items[before] : nullptr;
  const Value* a = after < after_items.size() ? &after_items[after] : nullptr;
  return {.before = b,
          .after = a,
          .replace = change.replace.Element(b != nullptr ? before : after, b != nullptr ? b : a)};
}

// Attributes of objects and blocks are always there, so a null is none.
Change WithoutNulls(Change change) {
  if (change.before != nullptr && change.before->is_null()) change.before = nullptr;
  if (change.after != nullptr && change.after->is_null()) change.after = nullptr;
  return change;
}

Action ActionOf(const Change& change) {
  if (change.before == nullptr) return change.after == nullptr ? Action::kNoOp : Action::kCreate;
  if (change.after == nullptr) return Action::kDelete;
  bool same = IsSameJson(*change.before, *change.after) &&
              (change.is_open || IsMarked(change.before) == IsMarked(change.after));
  return same ? Action::kNoOp : Action::kUpdate;
}

// Where nothing in something changes, it is this.
Action StartOf(const Change& change) {
  if (IsNil(change.before) == IsNil(change.after)) return Action::kNoOp;
  return IsNil(change.before) ? Action::kCreate : Action::kDelete;
}

void Include(Action part, Action& whole) {
  if (part != Action::kNoOp && part != whole) whole = Action::kUpdate;
}

Difference Node(Shape shape, const Change& change) {
  return {
      .shape = shape, .action = StartOf(change), .forces_replacement = change.replace.EndHere()};
}

void AddPart(Difference part, Difference& whole) {
  Include(part.action, whole.action);
  whole.parts.push_back(std::move(part));
}

void AddPart(std::string name, Difference part, Difference& whole) {
  whole.names.push_back(std::move(name));
  AddPart(std::move(part), whole);
}

using Compute = std::function<Difference(const Change&)>;

std::optional<Difference> Hidden(const Change& change, Shape shape, const Compute& compute) {
  bool was = !change.is_open && IsMarked(change.before);
  bool is = !change.is_open && IsMarked(change.after);
  if (!was && !is) return std::nullopt;
  Change open = change;
  open.is_open = true;
  Difference inner = compute(open);
  Difference out = Node(shape, change);
  out.action = inner.action;
  if (out.action == Action::kNoOp && was != is) out.action = Action::kUpdate;
  out.was_sensitive = was;
  out.is_sensitive = is;
  out.parts.push_back(std::move(inner));
  return out;
}

// `parts_unknown`: what is there now is shown attribute by attribute.
std::optional<Difference> Unknown(const Change& change, bool parts_unknown,
                                  const Compute& compute) {
  if (!IsUnknown(change.after)) return std::nullopt;
  Difference out = Node(Shape::kUnknown, change);
  out.action = Action::kCreate;
  if (IsNil(change.before)) return out;
  out.action = Action::kUpdate;
  Change before = change;
  before.after = nullptr;
  before.parts_unknown = parts_unknown;
  out.parts.push_back(compute(before));
  return out;
}

Difference Primitive(const Change& change) {
  Difference out = Node(Shape::kPrimitive, change);
  out.action = ActionOf(change);
  if (change.before != nullptr) out.before = change.before->Unmark();
  if (change.after != nullptr) out.after = change.after->Unmark();
  return out;
}

// The names of both sides, each once, in order.
std::vector<std::string> NamesOf(const Change& change) {
  std::vector<std::string> names;
  for (const auto& [name, member] : MembersOf(change.before)) names.push_back(name);
  for (const auto& [name, member] : MembersOf(change.after)) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Difference ByKey(const Change& change, Shape shape, const Compute& compute) {
  Difference out = Node(shape, change);
  for (std::string& name : NamesOf(change)) {
    Difference part = compute(MemberOf(change, name));
    AddPart(std::move(name), std::move(part), out);
  }
  return out;
}

Difference ByIndex(const Change& change, Shape shape, const Compute& compute) {
  Difference out = Node(shape, change);
  size_t size = std::max(ItemsOf(change.before).size(), ItemsOf(change.after).size());
  for (size_t i = 0; i < size; ++i) AddPart(compute(ElementOf(change, i, i)), out);
  return out;
}

bool IsText(const Value& value) { return value.is_known_not_null() && value.type().is_string(); }

// Texts of several lines that have one in common are two versions of one text.
bool ShareLines(const Value& a, const Value& b) {
  if (!IsText(a) || !IsText(b)) return false;
  if (a.string().find('\n') == std::string::npos && b.string().find('\n') == std::string::npos) {
    return false;
  }
  auto lines = Split(a.string(), '\n');
  std::sort(lines.begin(), lines.end());
  auto others = Split(b.string(), '\n');
  return std::any_of(others.begin(), others.end(), [&](const std::string& line) {
    return std::binary_search(lines.begin(), lines.end(), line);
  });
}

size_t HashJson(const Value& value) {
  if (!value.is_known()) return 1;
  if (value.is_null()) return 2;
  size_t hash = 0;
  auto mix = [&](size_t part) { hash = (hash ^ part) * 1099511628211u + 7; };
  if (value.type().is_primitive()) return value.Unmark().Hash();
  for (const auto& [name, member] : MembersOf(&value)) {
    mix(std::hash<std::string>()(name));
    mix(HashJson(member));
  }
  for (const Value& item : ItemsOf(&value)) mix(HashJson(item));
  return hash;
}

std::vector<size_t> HashesOf(const std::vector<Value>& items) {
  std::vector<size_t> out;
  for (const Value& item : items) out.push_back(HashJson(item));
  return out;
}

Difference BySequence(const Change& change, const PairTest& similar, const Compute& compute) {
  Difference out = Node(Shape::kList, change);
  const auto& before = ItemsOf(change.before);
  const auto& after = ItemsOf(change.after);
  auto before_hashes = HashesOf(before);
  auto after_hashes = HashesOf(after);
  auto equal = [&](size_t b, size_t a) {
    return before_hashes[b] == after_hashes[a] && IsSameJson(before[b], after[a]);
  };
  for (auto [b, a] : Align(before.size(), after.size(), equal, similar)) {
    AddPart(compute(ElementOf(change, b, a)), out);
  }
  return out;
}

Difference ByMembership(const Change& change, Shape shape, const Compute& compute) {
  Difference out = Node(shape, change);
  const auto& before = ItemsOf(change.before);
  const auto& after = ItemsOf(change.after);
  std::unordered_multimap<size_t, size_t> after_by_hash;
  auto after_hashes = HashesOf(after);
  for (size_t a = 0; a < after.size(); ++a) after_by_hash.emplace(after_hashes[a], a);
  std::vector<bool> is_matched(after.size());
  for (size_t b = 0; b < before.size(); ++b) {
    size_t match = kNone;
    auto [begin, end] = after_by_hash.equal_range(HashJson(before[b]));
    for (auto at = begin; at != end && match == kNone; ++at) {
      if (!is_matched[at->second] && IsSameJson(before[b], after[at->second])) match = at->second;
    }
    if (match != kNone) is_matched[match] = true;
    AddPart(compute(ElementOf(change, b, match)), out);
  }
  for (size_t a = 0; a < after.size(); ++a) {
    if (!is_matched[a]) AddPart(compute(ElementOf(change, kNone, a)), out);
  }
  return out;
}

// Without a type: as JSON.

enum class JsonKind { kNull, kPrimitive, kArray, kObject };

JsonKind KindOf(const Value* value) {
  if (IsNil(value)) return JsonKind::kNull;
  if (value->type().is_map() || value->type().is_object()) return JsonKind::kObject;
  return value->type().is_primitive() ? JsonKind::kPrimitive : JsonKind::kArray;
}

bool HaveOneKind(const Value* a, const Value* b) {
  if (KindOf(a) != KindOf(b)) return false;
  return KindOf(a) != JsonKind::kPrimitive || a->type() == b->type();
}

Difference OfJson(const Change& change);

Difference OfJsonKind(const Change& change, JsonKind kind) {
  switch (kind) {
    case JsonKind::kArray:
      return BySequence(
          change,
          [&](size_t b, size_t a) {
            const Value& before = ItemsOf(change.before)[b];
            const Value& after = ItemsOf(change.after)[a];
            bool objects =
                KindOf(&before) == JsonKind::kObject && KindOf(&after) == JsonKind::kObject;
            return objects || ShareLines(before, after);
          },
          OfJson);
    case JsonKind::kObject:
      return ByKey(change, Shape::kObject, OfJson);
    default:
      return Primitive(change);
  }
}

Difference OfJson(const Change& change) {
  if (auto hidden = Hidden(change, Shape::kSensitive, OfJson)) return *hidden;
  if (auto unknown = Unknown(change, false, OfJson)) return *unknown;
  if (change.before == nullptr || change.after == nullptr ||
      HaveOneKind(change.before, change.after)) {
    const Value* shown = IsNil(change.before) ? change.after : change.before;
    return OfJsonKind(change, KindOf(shown));
  }
  Change removed = change, added = change;
  removed.after = nullptr;
  added.before = nullptr;
  Difference out = Node(Shape::kTypeChange, change);
  out.action = Action::kUpdate;
  out.parts.push_back(OfJsonKind(removed, KindOf(change.before)));
  out.parts.push_back(OfJsonKind(added, KindOf(change.after)));
  return out;
}

// With a type.

Difference OfType(const Change& change, const Type& type);

Difference OfObject(const Change& change, const std::vector<Type::Attribute>& attributes) {
  Difference out = Node(Shape::kObject, change);
  for (const Type::Attribute& attribute : attributes) {
    Change member = WithoutNulls(MemberOf(change, attribute.name));
    if (member.before == nullptr && member.after == nullptr) continue;
    AddPart(attribute.name, OfType(member, attribute.type), out);
  }
  return out;
}

Difference OfTuple(const Change& change, const std::vector<Type>& types) {
  Difference out = Node(Shape::kList, change);
  for (size_t i = 0; i < types.size(); ++i) {
    AddPart(OfType(ElementOf(change, i, i), types[i]), out);
  }
  return out;
}

Difference OfType(const Change& change, const Type& type) {
  Compute again = [&](const Change& inner) { return OfType(inner, type); };
  if (auto hidden = Hidden(change, Shape::kSensitive, again)) return *hidden;
  if (auto unknown = Unknown(change, false, again)) return *unknown;
  switch (type.kind()) {
    case Type::Kind::kDynamic:
      return OfJson(change);
    case Type::Kind::kObject:
      return OfObject(change, type.attributes());
    case Type::Kind::kTuple:
      return OfTuple(change, type.elements());
    case Type::Kind::kMap:
      return ByKey(change, Shape::kMap,
                   [&](const Change& member) { return OfType(member, type.element()); });
    case Type::Kind::kSet:
      return ByMembership(change, Shape::kSet,
                          [&](const Change& item) { return OfType(item, type.element()); });
    case Type::Kind::kList:
      return BySequence(
          change,
          [&](size_t b, size_t a) {
            return type.element().is_object() ||
                   ShareLines(ItemsOf(change.before)[b], ItemsOf(change.after)[a]);
          },
          [&](const Change& item) { return OfType(item, type.element()); });
    default:
      return Primitive(change);
  }
}

// With a schema.

Difference OfAttribute(const Change& change, const AttributeSchema& attribute, Action parent);

// Attributes of a block or of a nested object. What is only written is not stored, so
// whether it changes nobody knows: it does as what is around it does, and so comes last.
void AddAttributes(const Change& change, const std::vector<AttributeSchema>& attributes,
                   bool in_block, Difference& out) {
  std::vector<std::pair<std::string, Difference>> found;
  auto add = [&](const AttributeSchema& attribute) {
    Change member = WithoutNulls(MemberOf(change, attribute.name));
    if (in_block) {
      // Older providers cannot tell an empty text from none.
      if (member.before != nullptr && IsText(*member.before) && member.before->string().empty()) {
        member.before = nullptr;
      }
      if (member.after != nullptr && IsText(*member.after) && member.after->string().empty()) {
        member.after = nullptr;
      }
    }
    Difference part = OfAttribute(member, attribute, out.action);
    bool is_nothing = part.action == Action::kNoOp && member.before == nullptr &&
                      member.after == nullptr && !(attribute.write_only && in_block);
    if (is_nothing) return;
    Include(part.action, out.action);
    found.emplace_back(attribute.name, std::move(part));
  };
  for (const auto& attribute : attributes) {
    if (!attribute.write_only) add(attribute);
  }
  for (const auto& attribute : attributes) {
    if (attribute.write_only) add(attribute);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [name, part] : found) {
    out.names.push_back(std::move(name));
    out.parts.push_back(std::move(part));
  }
}

Difference OfNested(const Change& change, Nesting nesting,
                    const std::vector<AttributeSchema>& attributes) {
  Compute again = [&](const Change& inner) { return OfNested(inner, nesting, attributes); };
  if (auto hidden = Hidden(change, Shape::kSensitive, again)) return *hidden;
  if (auto unknown = Unknown(change, true, again)) return *unknown;
  Compute single = [&](const Change& inner) {
    return OfNested(inner, Nesting::kSingle, attributes);
  };
  switch (nesting) {
    case Nesting::kMap:
      return ByKey(change, Shape::kNestedMap, single);
    case Nesting::kList:
      return ByIndex(change, Shape::kNestedList, single);
    case Nesting::kSet:
      return ByMembership(change, Shape::kNestedSet, single);
    default:
      Difference out = Node(Shape::kNestedObject, change);
      AddAttributes(change, attributes, false, out);
      return out;
  }
}

Difference OfAttribute(const Change& change, const AttributeSchema& attribute, Action parent) {
  if (attribute.write_only) {
    Difference out = Node(Shape::kWriteOnly, change);
    out.action = parent == Action::kNoOp && out.forces_replacement ? Action::kUpdate : parent;
    return out;
  }
  if (attribute.nesting) return OfNested(change, *attribute.nesting, attribute.attributes);
  Difference out = OfType(change, attribute.type);
  if (attribute.type.is_dynamic()) out.forces_replacement = change.replace.EndHere();
  return out;
}

Difference OfBlock(const Change& change, const BlockSchema& schema);

// Nothing where there is no such block on either side.
std::optional<BlockGroup> GroupOf(const Change& change, const provider::NestedBlock& nested,
                                  Action& whole) {
  if (IsNil(change.before) && IsNil(change.after)) return std::nullopt;
  BlockGroup group{.name = nested.name,
                   .nesting = nested.nesting,
                   .forces_replacement = change.replace.EndHere(),
                   .was_sensitive = IsMarked(change.before),
                   .is_sensitive = IsMarked(change.after)};
  bool is_one = nested.nesting == Nesting::kSingle || nested.nesting == Nesting::kGroup;
  Compute block = [&](const Change& inner) { return OfBlock(inner, nested.block); };
  Difference blocks;
  if (IsUnknown(change.after)) {
    // How many there will be is not known, so there is nothing to pair the present ones with.
    group.nesting = Nesting::kSingle;
    Difference unknown =
        is_one ? *Unknown(change, true, block)
               : Difference{.shape = Shape::kUnknown,
                            .action = IsNil(change.before) ? Action::kCreate : Action::kUpdate};
    AddPart(std::move(unknown), blocks);
  } else if (is_one) {
    AddPart(block(change), blocks);
  } else if (nested.nesting == Nesting::kList) {
    blocks = ByIndex(change, Shape::kNestedList, block);
  } else if (nested.nesting == Nesting::kSet) {
    blocks = ByMembership(change, Shape::kNestedSet, block);
  } else {
    blocks = ByKey(change, Shape::kNestedMap, block);
  }
  for (const Difference& part : blocks.parts) Include(part.action, whole);
  // Blocks that are hidden all together change together.
  if (group.was_sensitive != group.is_sensitive) Include(Action::kUpdate, whole);
  group.blocks = std::move(blocks.parts);
  group.labels = std::move(blocks.names);
  return group;
}

Difference OfBlock(const Change& change, const BlockSchema& schema) {
  Compute again = [&](const Change& inner) { return OfBlock(inner, schema); };
  if (auto hidden = Hidden(change, Shape::kSensitiveBlock, again)) return *hidden;
  if (auto unknown = Unknown(change, true, again)) return *unknown;
  Difference out = Node(Shape::kBlock, change);
  AddAttributes(change, schema.attributes, true, out);
  if (change.parts_unknown) return out;
  for (const provider::NestedBlock& nested : schema.blocks) {
    auto group = GroupOf(MemberOf(change, nested.name), nested, out.action);
    if (group) out.groups.push_back(std::move(*group));
  }
  return out;
}

Change RootOf(const Value& before, const Value& after, const std::vector<Path>& replace_paths) {
  return WithoutNulls({.before = &before, .after = &after, .replace = Paths(replace_paths)});
}

}  // namespace

bool IsSameJson(const Value& a, const Value& b) {
  if (a.is_known() != b.is_known()) return false;
  if (!a.is_known()) return true;
  if (KindOf(&a) != KindOf(&b)) return false;
  switch (KindOf(&a)) {
    case JsonKind::kNull:
      return true;
    case JsonKind::kPrimitive:
      return a.Unmark().RawEquals(b.Unmark());
    case JsonKind::kArray:
      return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(),
                        IsSameJson);
    case JsonKind::kObject:
      return std::equal(a.members().begin(), a.members().end(), b.members().begin(),
                        b.members().end(), [](const auto& x, const auto& y) {
                          return x.first == y.first && IsSameJson(x.second, y.second);
                        });
  }
  return false;
}

Difference Differ(const Value& before, const Value& after, const BlockSchema& schema,
                  const std::vector<Path>& replace_paths) {
  return OfBlock(RootOf(before, after, replace_paths), schema);
}

Difference Differ(const Value& before, const Value& after) {
  return OfJson(RootOf(before, after, {}));
}

Difference Differ(const Value& before, const Value& after, const Type& type) {
  return OfType(RootOf(before, after, {}), type);
}

}  // namespace andon::infratext
