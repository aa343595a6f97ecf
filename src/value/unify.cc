// The one type of several: the most general of them that all the others convert to,
// or one that is built from their parts.
#include <algorithm>
#include <array>

#include "value/convert.h"

namespace andon::value {
namespace {

using Types = std::vector<Type>;

// Below 0 where a is more general than b, above 0 where b is, else 0.
int CompareGenerality(const Type& a, const Type& b);

// The direction in which all parts agree; 0 where they do not.
template <typename Range, typename F>
int AgreedDirection(const Range& a, const Range& b, F compare) {
  bool first = false;
  bool second = false;
  for (size_t i = 0; i < a.size(); ++i) {
    int order = compare(a[i], b[i]);
    first |= order < 0;
    second |= order > 0;
  }
  if (first == second) return 0;
  return first ? -1 : 1;
}

int CompareObjects(const Type& a, const Type& b) {
  const auto& x = a.attributes();
  const auto& y = b.attributes();
  auto same_name = [](const Type::Attribute& p, const Type::Attribute& q) {
    return p.name == q.name;
  };
  if (!std::equal(x.begin(), x.end(), y.begin(), y.end(), same_name)) return 0;
  return AgreedDirection(x, y, [](const Type::Attribute& p, const Type::Attribute& q) {
    return CompareGenerality(p.type, q.type);
  });
}

int CompareGenerality(const Type& a, const Type& b) {
  // What is dynamic is the last choice: any other type says more.
  if (a.is_dynamic() || b.is_dynamic()) {
    return a.is_dynamic() ? (b.is_dynamic() ? 0 : 1) : -1;
  }
  if (a.is_primitive() && b.is_primitive()) {
    if (a.is_string() == b.is_string()) return 0;
    return a.is_string() ? -1 : 1;
  }
  if (a.is_collection() && a.kind() == b.kind()) return CompareGenerality(a.element(), b.element());
  auto more_general = [](const Type& x, const Type& y) {
    if (x.is_list() || x.is_tuple()) return y.is_set() || (x.is_list() && y.is_tuple());
    return x.is_map() && y.is_object();
  };
  if (more_general(a, b)) return -1;
  if (more_general(b, a)) return 1;
  if (a.is_object() && b.is_object()) return CompareObjects(a, b);
  if (a.is_tuple() && b.is_tuple() && a.elements().size() == b.elements().size()) {
    return AgreedDirection(a.elements(), b.elements(), CompareGenerality);
  }
  return 0;
}

// Indices into `types`, the more general before the less general ones.
std::vector<size_t> ByGenerality(const Types& types) {
  std::vector<std::vector<size_t>> below(types.size());
  std::vector<int> above(types.size(), 0);
  for (size_t i = 0; i < types.size(); ++i) {
    for (size_t j = i + 1; j < types.size(); ++j) {
      int order = CompareGenerality(types[i], types[j]);
      if (order == 0) continue;
      below[order < 0 ? i : j].push_back(order < 0 ? j : i);
      ++above[order < 0 ? j : i];
    }
  }
  std::vector<size_t> sorted;
  for (size_t i = 0; i < types.size(); ++i) {
    if (above[i] == 0) sorted.push_back(i);
  }
  for (size_t next = 0; next < sorted.size(); ++next) {
    for (size_t i : below[sorted[next]]) {
      if (--above[i] == 0) sorted.push_back(i);
    }
  }
  return sorted;
}

bool AllConvert(const Types& types, const Type& to, bool unsafe) {
  return std::all_of(types.begin(), types.end(), [&](const Type& type) {
    return type == to || (unsafe ? CanConvert(type, to) : CanConvertSafely(type, to));
  });
}

std::optional<Type> IfAllConvert(const Types& types, Type to, bool unsafe) {
  if (!AllConvert(types, to, unsafe)) return std::nullopt;
  return to;
}

std::optional<Type> ObjectsToMap(const Types& types, bool unsafe) {
  Types parts;
  for (const auto& type : types) {
    for (const auto& attribute : type.attributes()) parts.push_back(attribute.type);
  }
  auto element = Unify(parts, unsafe);
  if (!element) return std::nullopt;
  return IfAllConvert(types, Type::Map(*element), unsafe);
}

std::optional<Type> TuplesToList(const Types& types, bool unsafe) {
  Types parts;
  for (const auto& type : types) {
    parts.insert(parts.end(), type.elements().begin(), type.elements().end());
  }
  auto element = Unify(parts, unsafe);
  if (!element) return std::nullopt;
  return IfAllConvert(types, Type::List(*element), unsafe);
}

std::optional<Type> UnifyObjects(const Types& types, bool unsafe) {
  const auto& first = types[0].attributes();
  for (const auto& type : types) {
    const auto& all = type.attributes();
    bool same = std::equal(all.begin(), all.end(), first.begin(), first.end(),
                           [](const auto& a, const auto& b) { return a.name == b.name; });
    if (!same) return ObjectsToMap(types, unsafe);
  }
  std::vector<Type::Attribute> unified;
  for (size_t i = 0; i < first.size(); ++i) {
    Types across;
    for (const auto& type : types) across.push_back(type.attributes()[i].type);
    auto part = Unify(across, unsafe);
    if (!part) return std::nullopt;
    unified.push_back({first[i].name, *part});
  }
  Type to = Type::Object(std::move(unified));
  return AllConvert(types, to, unsafe) ? to : ObjectsToMap(types, unsafe);
}

std::optional<Type> UnifyTuples(const Types& types, bool unsafe) {
  size_t size = types[0].elements().size();
  for (const auto& type : types) {
    if (type.elements().size() != size) return TuplesToList(types, unsafe);
  }
  Types unified;
  for (size_t i = 0; i < size; ++i) {
    Types across;
    for (const auto& type : types) across.push_back(type.elements()[i]);
    auto part = Unify(across, unsafe);
    if (!part) return std::nullopt;
    unified.push_back(*part);
  }
  Type to = Type::Tuple(std::move(unified));
  return AllConvert(types, to, unsafe) ? to : TuplesToList(types, unsafe);
}

std::optional<Type> UnifyCollections(const Types& types, bool unsafe) {
  Types parts;
  for (const auto& type : types) parts.push_back(type.element());
  auto element = Unify(parts, unsafe);
  if (!element) return std::nullopt;
  Type to = types[0].is_list()  ? Type::List(*element)
            : types[0].is_set() ? Type::Set(*element)
                                : Type::Map(*element);
  return IfAllConvert(types, std::move(to), unsafe);
}

// Objects are often maps in disguise, and tuples lists: first the structural ones
// among themselves, then with the collections.
std::optional<Type> UnifyAsCollections(const Types& types, bool unsafe) {
  Types structural;
  Types rest;
  for (const auto& type : types) (type.is_structural() ? structural : rest).push_back(type);
  auto collection = structural[0].is_object() ? ObjectsToMap(structural, unsafe)
                                              : TuplesToList(structural, unsafe);
  if (!collection) return std::nullopt;
  rest.push_back(*collection);
  auto unified = Unify(rest, unsafe);
  if (!unified || unified->kind() != collection->kind()) return std::nullopt;
  return unified;
}

Types Distinct(const Types& types) {
  Types distinct;
  for (const auto& type : types) {
    // Neighbours are mostly equal, so look at the last one first.
    if (std::find(distinct.rbegin(), distinct.rend(), type) == distinct.rend()) {
      distinct.push_back(type);
    }
  }
  return distinct;
}

std::optional<Type> UnifyByPreference(const Types& types, bool unsafe) {
  for (size_t i : ByGenerality(types)) {
    if (AllConvert(types, types[i], unsafe)) return types[i];
  }
  return std::nullopt;
}

}  // namespace

std::optional<Type> Unify(const std::vector<Type>& all, bool unsafe) {
  if (all.empty()) return std::nullopt;
  Types types = Distinct(all);
  std::array<size_t, 9> count{};
  for (const auto& type : types) ++count[static_cast<size_t>(type.kind())];
  auto of = [&](Type::Kind kind) { return count[static_cast<size_t>(kind)]; };
  size_t dynamics = of(Type::Kind::kDynamic);
  auto only = [&](Type::Kind a) { return of(a) > 0 && of(a) + dynamics == types.size(); };
  auto both = [&](Type::Kind a, Type::Kind b) {
    return of(a) > 0 && of(b) > 0 && of(a) + of(b) + dynamics == types.size();
  };
  bool collections = only(Type::Kind::kList) || only(Type::Kind::kSet) || only(Type::Kind::kMap);
  bool objects = only(Type::Kind::kObject);
  bool tuples = only(Type::Kind::kTuple);
  // What the dynamic one turns out to be decides which way it goes.
  if (dynamics > 0 && (collections || objects || tuples)) return Type::Dynamic();
  if (types.size() == 1) return types[0];
  if (collections) return UnifyCollections(types, unsafe);
  if (objects) return UnifyObjects(types, unsafe);
  if (tuples) return UnifyTuples(types, unsafe);
  if (both(Type::Kind::kMap, Type::Kind::kObject) || both(Type::Kind::kList, Type::Kind::kTuple)) {
    auto unified = UnifyAsCollections(types, unsafe);
    if (unified) return unified;
  } else if (of(Type::Kind::kObject) > 0 && of(Type::Kind::kTuple) > 0) {
    return std::nullopt;
  }
  return UnifyByPreference(types, unsafe);
}

}  // namespace andon::value
