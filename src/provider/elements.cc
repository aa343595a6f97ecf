#include "provider/elements.h"

namespace andon::provider {

using value::Type;
using value::Value;

Value ChangeElements(const Value& value, const Change& change) {
  if (!value.CanIterate()) return value;
  const Type& type = value.type();
  Value changed;
  if (type.is_map() || type.is_object()) {
    Value::Members members = value.members();
    for (auto& [key, element] : members) element = change(element);
    changed = type.is_object() ? Value::Object(type, std::move(members))
                               : Value::Map(type.element(), std::move(members));
  } else {
    std::vector<Value> items = value.items();
    for (Value& item : items) item = change(item);
    changed = type.is_tuple()  ? Value::Tuple(std::move(items))
              : type.is_list() ? Value::List(type.element(), std::move(items))
                               : Value::Set(type.element(), std::move(items));
  }
  return changed.WithMarks(value.marks());
}

Value ChangeObjects(Nesting nesting, const Value& value, const Change& change) {
  if (!value.is_known_not_null()) return value;
  bool is_one = nesting == Nesting::kSingle || nesting == Nesting::kGroup;
  return is_one ? change(value) : ChangeElements(value, change);
}

value::Type GatheredType(Nesting nesting, value::Type object) {
  switch (nesting) {
    case Nesting::kList:
      return value::Type::List(std::move(object));
    case Nesting::kSet:
      return value::Type::Set(std::move(object));
    case Nesting::kMap:
      return value::Type::Map(std::move(object));
    case Nesting::kSingle:
    case Nesting::kGroup:
      break;
  }
  return object;
}

}  // namespace andon::provider
