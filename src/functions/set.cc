// Sets.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "functions/row.h"

namespace andon::functions {
namespace {

using value::Convert;
using value::Marks;
using value::Unify;

const Type kAnySet = Type::Set(Type::Dynamic());

hcl::TypeResult CommonSetType(std::span<const Value> args) {
  std::vector<Type> elements;
  for (const auto& arg : args) {
    if (!arg.type().is_set()) return Type::Dynamic();
    const Type& element = arg.type().element();
    // An empty set of no type fits to any.
    if (arg.is_known() && element.is_dynamic() && arg.size() == 0) continue;
    elements.push_back(element);
  }
  if (elements.empty()) return kAnySet;
  auto unified = Unify(elements, true);
  if (!unified) return Fail("given sets must all have compatible element types");
  return Type::Set(*unified);
}

enum class Operation { kUnion, kIntersection, kDifference };

std::vector<Value> Combine(Operation operation, const std::vector<Value>& a,
                           const std::vector<Value>& b) {
  std::vector<Value> result;
  if (operation == Operation::kUnion) {
    result = a;
    result.insert(result.end(), b.begin(), b.end());
    return result;
  }
  // Both are in the canonical order, but equal places in it need not be equal values:
  // so look by hash.
  std::vector<std::pair<size_t, size_t>> hashes;
  for (size_t i = 0; i < b.size(); ++i) hashes.emplace_back(b[i].Hash(), i);
  std::sort(hashes.begin(), hashes.end());
  for (const auto& value : a) {
    size_t hash = value.Hash();
    auto it = std::lower_bound(hashes.begin(), hashes.end(), std::pair<size_t, size_t>(hash, 0));
    bool found = false;
    for (; it != hashes.end() && it->first == hash && !found; ++it) found = b[it->second] == value;
    if (found == (operation == Operation::kIntersection)) result.push_back(value);
  }
  return result;
}

Outcome Combined(Args args, Operation operation) {
  auto type = CommonSetType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  const Type& result = std::get<Type>(type);
  std::optional<std::vector<Value>> items;
  for (size_t i = 0; i < args.size(); ++i) {
    auto set = Convert(args[i], result);
    if (!set.ok()) return BadArgument(static_cast<int>(i), set.error().message);
    if (operation != Operation::kUnion && !set->is_wholly_known()) return Value::Unknown(result);
    items = items ? Combine(operation, *items, set->items()) : set->items();
  }
  return Value::Set(result.element(), *std::move(items));
}

Outcome Union(Args args) { return Combined(args, Operation::kUnion); }
Outcome Intersection(Args args) { return Combined(args, Operation::kIntersection); }
Outcome Subtract(Args args) { return Combined(args, Operation::kDifference); }

// The type of all of them; what is dynamic takes that of the others.
std::optional<Type> OneType(const std::vector<Type>& types) {
  auto unified = Unify(types, true);
  if (!unified || !unified->is_dynamic()) return unified;
  for (const auto& type : types) {
    if (type.is_dynamic()) continue;
    if (!unified->is_dynamic() && *unified != type) return std::nullopt;
    unified = type;
  }
  return unified;
}

hcl::TypeResult ProductType(std::span<const Value> args) {
  if (args.size() < 2) return Fail("at least two arguments are required");
  bool ordered = true;
  std::vector<Type> elements;
  for (size_t i = 0; i < args.size(); ++i) {
    const Type& type = args[i].type();
    if (!IsSequence(type)) return BadArgument(static_cast<int>(i), "a set or a list is required");
    ordered &= !type.is_set();
    if (!type.is_tuple()) {
      elements.push_back(type.element());
    } else if (type.elements().empty()) {
      elements.push_back(Type::Dynamic());
    } else if (auto unified = OneType(type.elements())) {
      elements.push_back(*unified);
    } else {
      return BadArgument(static_cast<int>(i), "all elements must be of the same type");
    }
  }
  Type tuple = Type::Tuple(std::move(elements));
  return ordered ? Type::List(std::move(tuple)) : Type::Set(std::move(tuple));
}

Outcome Product(Args args) {
  // A product grows fast; beyond this it is a mistake.
  constexpr size_t kTuplesMax = 1'000'000;
  auto found = ProductType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&found)) return *error;
  const Type& type = std::get<Type>(found);
  Marks marks;
  size_t total = 1;
  bool known = true;
  for (const auto& arg : args.all()) {
    marks |= arg.marks();
    known &= arg.is_known() && arg.Length().is_known();
    if (!known) continue;
    total *= static_cast<size_t>(arg.size());
    if (total > kTuplesMax) return Fail(fmt::format("more than {} combinations", kTuplesMax));
  }
  if (!known) return Value::Unknown(type, {.not_null = true}).WithMarks(marks);
  std::vector<Value> tuples;
  std::vector<size_t> at(args.size(), 0);
  for (size_t n = 0; n < total; ++n) {
    std::vector<Value> tuple;
    for (size_t i = 0; i < args.size(); ++i) {
      Value item = TRY(Convert(args[i].items()[at[i]], type.element().elements()[i]));
      tuple.push_back(std::move(item));
    }
    tuples.push_back(Value::Tuple(std::move(tuple)));
    for (size_t i = args.size(); i-- > 0;) {
      if (++at[i] < static_cast<size_t>(args[i].size())) break;
      at[i] = 0;
    }
  }
  Value product = type.is_list() ? Value::List(type.element(), std::move(tuples))
                                 : Value::Set(type.element(), std::move(tuples));
  return product.WithMarks(marks);
}

}  // namespace

std::vector<Row> SetFunctions() {
  const auto set = [](const char* name) { return Param(name, kAnySet); };
  // clang-format off
  return {
    {"setunion",        {set("first_set")}, set("other_sets"), CommonSetType, "The elements that are in any of the sets.", Union},
    {"setintersection", {set("first_set")}, set("other_sets"), CommonSetType, "The elements that are in all the sets.", Intersection},
    {"setsubtract",     {set("a"), set("b")}, {}, CommonSetType, "The elements of the first set that are not in the second.", Subtract},
    {"setproduct",      {}, Any("sets", kUnknown | kMarked), ProductType, "All combinations of one element of each set; ordered where all are lists.", Product},
  };
  // clang-format on
}

}  // namespace andon::functions
