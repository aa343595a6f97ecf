// Lists, tuples and what is computed from any collection.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "functions/row.h"

namespace andon::functions {
namespace {

using value::Convert;
using value::Marks;
using value::Number;
using value::Unify;

const Type kAnyList = Type::List(Type::Dynamic());

Value UnknownBool() { return Value::Unknown(Type::Bool(), {.not_null = true}); }
Value UnknownNumber() { return Value::Unknown(Type::Number(), {.not_null = true}); }

Outcome Length(Args args) {
  const Value& value = args[0];
  const Type& type = value.type();
  if (type.is_string()) {
    if (!value.is_known()) return UnknownNumber().WithMarks(value.marks());
    return Value::Number(Number(GraphemeCount(value.string())).WithPrecision(64))
        .WithMarks(value.marks());
  }
  if (type.is_dynamic()) return UnknownNumber().WithMarks(value.marks());
  if (type.is_collection() || type.is_structural()) return value.Length();
  return Fail("argument must be a string, a collection type, or a structural type");
}

Outcome AllTrue(Args args) {
  for (const auto& item : args[0].items()) {
    if (!item.is_known()) return UnknownBool();
    if (item.is_null() || !item.boolean()) return Value::False();
  }
  return Value::True();
}

Outcome AnyTrue(Args args) {
  bool unknown = false;
  for (const auto& item : args[0].items()) {
    unknown |= !item.is_known();
    if (item.is_known_not_null() && item.boolean()) return Value::True();
  }
  return unknown ? UnknownBool() : Value::False();
}

std::vector<Type> TypesOf(std::span<const Value> values) {
  std::vector<Type> types;
  for (const auto& value : values) types.push_back(value.type());
  return types;
}

hcl::TypeResult CoalesceType(std::span<const Value> args) {
  auto type = Unify(TypesOf(args), true);
  if (!type) return Fail("all arguments must have the same type");
  return *type;
}

Outcome Coalesce(Args args) {
  auto type = Unify(TypesOf(args.all()), true);
  if (!type) return Fail("all arguments must have the same type");
  for (const auto& arg : args.all()) {
    Value value = TRY(Convert(arg, *type));
    if (!value.is_known()) return Value::Unknown(*type);
    if (value.is_null()) continue;
    if (type->is_string() && value.string().empty()) continue;
    return value;
  }
  return Fail("no non-null, non-empty-string arguments");
}

hcl::TypeResult CoalesceListType(std::span<const Value> args) {
  if (args.empty()) return Fail("at least one argument is required");
  for (const auto& arg : args) {
    if (!arg.is_known()) return Type::Dynamic();
    if (!arg.type().is_list() && !arg.type().is_tuple()) {
      return Fail("coalescelist arguments must be lists or tuples");
    }
  }
  for (const auto& arg : args) {
    if (arg.type() != args[0].type()) return Type::Dynamic();
  }
  return args[0].type();
}

Outcome CoalesceList(Args args) {
  auto type = CoalesceListType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  for (const auto& arg : args.all()) {
    if (!arg.is_known()) return Value::Unknown(std::get<Type>(type));
    if (!arg.is_null() && arg.size() > 0) return arg;
  }
  return Fail("no non-null arguments");
}

Outcome Compact(Args args) {
  if (!args[0].is_wholly_known()) return Value::Unknown(Type::List(Type::String()));
  std::vector<Value> kept;
  for (const auto& item : args[0].items()) {
    if (!item.is_null() && !item.string().empty()) kept.push_back(item);
  }
  return Value::List(Type::String(), std::move(kept));
}

Outcome Contains(Args args) {
  if (!IsSequence(args[0].type())) return Fail("argument must be list, tuple, or set");
  bool unknown = false;
  for (const auto& item : args[0].items()) {
    Value equal = args[1].Equals(item);
    unknown |= !equal.is_known();
    if (equal.is_known() && equal.boolean()) return Value::True();
  }
  return unknown ? UnknownBool() : Value::False();
}

// The first of equal values, by a table of hashes: long lists are common.
std::vector<Value> WithoutRepetition(const std::vector<Value>& items) {
  std::vector<Value> kept;
  std::vector<std::pair<size_t, size_t>> hashes;  // Hash, index: sorted.
  for (size_t i = 0; i < items.size(); ++i) hashes.emplace_back(items[i].Hash(), i);
  std::sort(hashes.begin(), hashes.end());
  std::vector<bool> repeated(items.size(), false);
  for (size_t i = 0; i < hashes.size(); ++i) {
    if (repeated[hashes[i].second]) continue;
    for (size_t j = i + 1; j < hashes.size() && hashes[j].first == hashes[i].first; ++j) {
      if (items[hashes[i].second] == items[hashes[j].second]) repeated[hashes[j].second] = true;
    }
  }
  for (size_t i = 0; i < items.size(); ++i) {
    if (!repeated[i]) kept.push_back(items[i]);
  }
  return kept;
}

Outcome Distinct(Args args) {
  if (!args[0].is_wholly_known()) return Value::Unknown(args[0].type());
  return Value::List(args[0].type().element(), WithoutRepetition(args[0].items()));
}

hcl::TypeResult ListOfFirst(std::span<const Value> args) { return Type::List(args[0].type()); }

Outcome ChunkList(Args args) {
  Marks marks = args[0].marks().With(args[1].marks());
  int64_t size = TRY(args.integer(1));
  if (size < 0) return Fail("the size argument must be positive");
  const Type& type = args[0].type();
  std::vector<Value> chunks;
  if (size == 0 && args[0].size() > 0) {
    chunks.push_back(args[0].Unmark());
  } else {
    const auto& items = args[0].items();
    auto step = static_cast<size_t>(size);
    for (size_t i = 0; i < items.size(); i += step) {
      auto first = items.begin() + static_cast<long>(i);
      auto last = items.begin() + static_cast<long>(std::min(items.size(), i + step));
      chunks.push_back(Value::List(type.element(), std::vector<Value>(first, last)));
    }
  }
  return Value::List(type, std::move(chunks)).WithMarks(marks);
}

hcl::TypeResult ElementType(std::span<const Value> args) {
  const Type& type = args[0].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (type.is_list()) return type.element();
  if (!type.is_tuple()) return Fail("cannot read elements from " + type.FriendlyName());
  const auto& elements = type.elements();
  if (!args[1].is_known()) return Type::Dynamic();
  auto index = args[1].number().ToInt64();
  if (!index) return Fail("invalid index: value must be a whole number");
  if (elements.empty()) return Fail("cannot use element function with an empty list");
  auto size = static_cast<int64_t>(elements.size());
  return elements[static_cast<size_t>(((*index % size) + size) % size)];
}

Outcome Element(Args args) {
  auto type = ElementType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  auto index = args[1].number().ToInt64();
  if (!index) return Fail("invalid index: value must be a whole number");
  int64_t size = args[0].size();
  if (size == 0) return Fail("cannot use element function with an empty list");
  auto at = static_cast<size_t>(((*index % size) + size) % size);
  return args[0].items()[at].WithMarks(args[0].marks());
}

struct Flat {
  std::vector<Value> items;
  Marks marks;
  bool known = true;
};

void Flatten(const Value& list, Flat& flat) {
  flat.marks |= list.marks();
  if (!list.is_known() || !list.Length().is_known()) {
    flat.known = false;
    return;
  }
  for (const auto& item : list.items()) {
    if (item.type().is_dynamic() && !item.is_known()) flat.known = false;
    if (!item.is_null() && IsSequence(item.type())) {
      Flatten(item, flat);
    } else {
      flat.items.push_back(item);
    }
  }
}

Outcome FlattenFunction(Args args) {
  if (!IsSequence(args[0].type())) return Fail("can only flatten lists, sets and tuples");
  Flat flat;
  Flatten(args[0], flat);
  if (!flat.known) return Value::Dynamic().WithMarks(flat.marks);
  return Value::Tuple(std::move(flat.items)).WithMarks(flat.marks);
}

Outcome Index(Args args) {
  if (!args[0].type().is_list() && !args[0].type().is_tuple()) {
    return Fail("argument must be a list or tuple");
  }
  if (args[0].size() == 0) return Fail("cannot search an empty list");
  int64_t i = 0;
  for (const auto& item : args[0].items()) {
    Value equal = item.Equals(args[1]);
    if (!equal.is_known()) return UnknownNumber();
    if (equal.boolean()) return Value::Number(i);
    ++i;
  }
  return Fail("item not found");
}

hcl::TypeResult OneType(std::span<const Value> args) {
  const Type& type = args[0].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (type.is_list() || type.is_set()) return type.element();
  if (type.is_tuple() && type.elements().empty()) return Type::Dynamic();
  if (type.is_tuple() && type.elements().size() == 1) return type.elements()[0];
  return BadArgument(0, "must be a list, set, or tuple value with either zero or one elements");
}

Outcome One(Args args) {
  auto type = OneType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  if (!args[0].Length().is_known()) return Value::Unknown(std::get<Type>(type));
  if (args[0].size() == 0) return Value::Null(std::get<Type>(type));
  if (args[0].size() == 1) return args[0].items()[0];
  return BadArgument(0, "must be a list, set, or tuple value with either zero or one elements");
}

Outcome Sum(Args args) {
  const Type& type = args[0].type();
  if (!IsSequence(type)) {
    if (!args[0].CanIterate()) return BadArgument(0, "cannot sum noniterable");
    return BadArgument(0, "argument must be list, set, or tuple. Received " + type.FriendlyName());
  }
  if (args[0].size() == 0) return BadArgument(0, "cannot sum an empty list");
  if (!args[0].is_wholly_known()) return UnknownNumber();
  std::optional<Number> sum;
  for (const auto& item : args[0].items()) {
    auto number =
        item.is_null() ? Result<Value>(Error::Invalid("null")) : Convert(item, Type::Number());
    if (!number.ok()) {
      return BadArgument(0, "argument must be list, set, or tuple of number values");
    }
    sum = sum ? *sum + number->number() : number->number();
  }
  return Value::Number(*sum);
}

hcl::TypeResult ReverseType(std::span<const Value> args) {
  const Type& type = args[0].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (type.is_tuple()) {
    auto elements = type.elements();
    std::reverse(elements.begin(), elements.end());
    return Type::Tuple(std::move(elements));
  }
  if (type.is_list() || type.is_set()) return Type::List(type.element());
  return BadArgument(0, "can only reverse list or tuple values, not " + type.FriendlyName());
}

Outcome Reverse(Args args) {
  auto type = ReverseType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  auto items = args[0].items();
  std::reverse(items.begin(), items.end());
  const Type& result = std::get<Type>(type);
  Value reversed = result.is_tuple() ? Value::Tuple(std::move(items))
                                     : Value::List(result.element(), std::move(items));
  return reversed.WithMarks(args[0].marks());
}

// The bounds, checked against each other and the length where they are known.
std::optional<hcl::CallError> BadBounds(std::span<const Value> args) {
  std::optional<int64_t> length;
  if (args[0].is_known() || args[0].type().is_tuple()) {
    Value known = args[0].Length().Unmark();
    if (known.is_known()) length = known.number().ToInt64();
  }
  const std::string_view names[] = {"", "start", "end"};
  std::optional<int64_t> bounds[3];
  for (int i = 1; i <= 2; ++i) {
    const Value& arg = args[static_cast<size_t>(i)];
    if (!arg.is_known()) continue;
    bounds[i] = arg.number().ToInt64();
    if (!bounds[i])
      return BadArgument(i,
                         fmt::format("invalid {} index: value must be a whole number", names[i]));
    if (*bounds[i] < 0) {
      return BadArgument(i, fmt::format("{} index must not be less than zero", names[i]));
    }
    if (length && *bounds[i] > *length) {
      return BadArgument(
          i, fmt::format("{} index must not be greater than the length of the list", names[i]));
    }
  }
  if (bounds[1] && bounds[2] && *bounds[1] > *bounds[2]) {
    return BadArgument(1, "start index must not be greater than end index");
  }
  return std::nullopt;
}

hcl::TypeResult SliceType(std::span<const Value> args) {
  const Type& type = args[0].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (type.is_set()) {
    return BadArgument(0,
                       "cannot slice a set, because its elements do not have indices; explicitly "
                       "convert to a list if the ordering of the result is not important");
  }
  if (!type.is_list() && !type.is_tuple()) return BadArgument(0, "must be a list or tuple value");
  if (auto error = BadBounds(args)) return *error;
  if (type.is_list()) return type;
  if (!args[1].is_known() || !args[2].is_known()) return Type::Dynamic();
  const auto& elements = type.elements();
  return Type::Tuple(std::vector<Type>(elements.begin() + *args[1].number().ToInt64(),
                                       elements.begin() + *args[2].number().ToInt64()));
}

Outcome Slice(Args args) {
  auto type = SliceType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  const auto& items = args[0].items();
  int64_t start = TRY(args.integer(1));
  int64_t end = TRY(args.integer(2));
  std::vector<Value> part(items.begin() + start, items.begin() + end);
  const Type& result = std::get<Type>(type);
  Value slice = result.is_tuple() ? Value::Tuple(std::move(part))
                                  : Value::List(result.element(), std::move(part));
  return slice.WithMarks(args[0].marks());
}

// The list type that all the arguments have in common, where all are lists.
std::optional<Type> CommonListType(std::span<const Value> args) {
  for (const auto& arg : args) {
    if (!arg.type().is_list()) return std::nullopt;
  }
  return Unify(TypesOf(args), true);
}

hcl::TypeResult ConcatType(std::span<const Value> args) {
  if (args.empty()) return Fail("at least one argument is required");
  if (auto common = CommonListType(args)) return *common;
  std::vector<Type> elements;
  for (size_t i = 0; i < args.size(); ++i) {
    const Type& type = args[i].type();
    if (type.is_dynamic()) return Type::Dynamic();
    if (type.is_tuple()) {
      elements.insert(elements.end(), type.elements().begin(), type.elements().end());
    } else if (type.is_list()) {
      if (!args[i].is_known()) return Type::Dynamic();
      elements.insert(elements.end(), static_cast<size_t>(args[i].size()), type.element());
    } else {
      return BadArgument(static_cast<int>(i),
                         "all arguments must be lists or tuples; got " + type.FriendlyName());
    }
  }
  return Type::Tuple(std::move(elements));
}

Outcome Concat(Args args) {
  auto type = ConcatType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  const Type& result = std::get<Type>(type);
  Marks marks;
  std::vector<Value> items;
  for (size_t i = 0; i < args.size(); ++i) {
    marks |= args[i].marks();
    Value list = args[i];
    if (result.is_list()) {
      auto converted = Convert(list, result);
      if (!converted.ok()) {
        return BadArgument(static_cast<int>(i), converted.error().message);
      }
      list = *converted;
    }
    items.insert(items.end(), list.items().begin(), list.items().end());
  }
  Value all = result.is_list() ? Value::List(result.element(), std::move(items))
                               : Value::Tuple(std::move(items));
  return all.WithMarks(marks);
}

Outcome Range(Args args) {
  // As in Terraform: more is mostly a mistake.
  constexpr size_t kValuesMax = 1024;
  if (args.size() < 1 || args.size() > 3) return Fail("must have one, two, or three arguments");
  Number start = args.size() == 1 ? Number(0) : args[0].number();
  Number end = args[args.size() == 1 ? 0 : 1].number();
  Number step = args.size() == 3 ? args[2].number() : Number(end < start ? -1 : 1);
  if (step.is_zero()) return BadArgument(2, "step must not be zero");
  bool down = step.sign() < 0;
  if (down && end > start) {
    return BadArgument(1, "end must be less than start when step is negative");
  }
  if (!down && end < start) {
    return BadArgument(1, "end must be greater than start when step is positive");
  }
  std::vector<Value> values;
  for (Number n = start; down ? n > end : n < end; n = n + step) {
    if (values.size() >= kValuesMax) {
      return Fail(
          "more than 1024 values were generated; either decrease the difference between "
          "start and end or use a smaller step");
    }
    values.push_back(Value::Number(n));
  }
  return Value::List(Type::Number(), std::move(values));
}

hcl::TypeResult MatchKeysType(std::span<const Value> args) {
  if (!Unify({args[1].type(), args[2].type()}, true)) {
    return Fail("keys and searchset must be of the same type");
  }
  return args[0].type();
}

Outcome MatchKeys(Args args) {
  auto common = Unify({args[1].type(), args[2].type()}, true);
  if (!common) return Fail("keys and searchset must be of the same type");
  const Type& type = args[0].type();
  if (args[0].size() != args[1].size()) return Fail("length of keys and values should be equal");
  Value keys = TRY(Convert(args[1], *common));
  Value searchset = TRY(Convert(args[2], *common));
  if (searchset.size() == 0) return Value::List(type.element(), {});
  if (!args[0].is_wholly_known() || !keys.is_wholly_known()) return Value::Unknown(type);
  std::vector<Value> found;
  for (size_t i = 0; i < keys.items().size(); ++i) {
    for (const auto& wanted : searchset.items()) {
      Value equal = keys.items()[i].Equals(wanted);
      if (!equal.is_known()) return Value::Unknown(type);
      if (!equal.boolean()) continue;
      found.push_back(args[0].items()[i]);
      break;
    }
  }
  return Value::List(type.element(), std::move(found));
}

}  // namespace

std::vector<Row> CollectionFunctions() {
  // clang-format off
  return {
    {"length",       {Any("value", kUnknown | kMarked)}, {}, GivesNumber(), "The number of elements of a collection, attributes of an object or characters of a string.", Length},
    {"alltrue",      {Param("list", Type::List(Type::Bool()))}, {}, GivesBool(), "Whether all elements are true; so for an empty list.", AllTrue},
    {"anytrue",      {Param("list", Type::List(Type::Bool()))}, {}, GivesBool(), "Whether any element is true; not so for an empty list.", AnyTrue},
    {"coalesce",     {}, Any("vals", kNull | kUnknown), CoalesceType, "The first argument that is neither null nor an empty string.", Coalesce},
    {"coalescelist", {}, Any("vals", kNull | kUnknown), CoalesceListType, "The first argument that is not an empty list.", CoalesceList},
    {"compact",      {Param("list", Type::List(Type::String()))}, {}, GivesTexts(), "The list without null and empty strings.", Compact},
    {"contains",     {Any("list"), Any("value", kNull)}, {}, GivesBool(), "Whether the list, tuple or set has the value as an element.", Contains},
    {"distinct",     {Param("list", kAnyList)}, {}, TypeOfFirst, "The list with only the first of equal elements.", Distinct},
    {"chunklist",    {Param("list", kAnyList, kMarked), Param("size", Type::Number(), kMarked)}, {}, ListOfFirst, "The list cut into lists of at most the given size.", ChunkList},
    {"element",      {Any("list", kMarked), Num("index")}, {}, ElementType, "The element at the index, which wraps around at the end of the list.", Element},
    {"flatten",      {Any("list", kMarked)}, {}, GivesAny(), "One flat tuple of the elements of nested lists.", FlattenFunction},
    {"index",        {Any("list"), Any("value")}, {}, GivesNumber(), "The index of the first element that is equal to the value.", Index},
    {"one",          {Any("list")}, {}, OneType, "The only element of a collection, or null of an empty one.", One},
    {"sum",          {Any("list")}, {}, GivesNumber(), "The sum of the numbers.", Sum},
    {"reverse",      {Any("list", kMarked)}, {}, ReverseType, "The elements in reverse order.", Reverse},
    {"slice",        {Any("list", kMarked), Num("start_index"), Num("end_index")}, {}, SliceType, "The elements from the start index up to, not including, the end index.", Slice},
    {"concat",       {}, Any("seqs", kMarked), ConcatType, "The elements of all the lists one after the other.", Concat},
    {"range",        {}, Num("params"), hcl::Fixed(Type::List(Type::Number())), "Numbers from a start up to, not including, a limit: range(limit), range(start, limit), range(start, limit, step).", Range},
    {"matchkeys",    {Param("values", kAnyList), Param("keys", kAnyList), Param("searchset", kAnyList)}, {}, MatchKeysType, "The values whose key, at the same index, is in the search set.", MatchKeys},
  };
  // clang-format on
}

}  // namespace andon::functions
