// Changing what a schema describes inside of a value, wherever nesting has put it.
#pragma once

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "provider/schema.h"
#include "value/value.h"

namespace andon::provider {

// In a list that is ordered by name; null where it has none of the name.
template <typename T>
const T* FindByName(const std::vector<T>& ordered, std::string_view name) {
  auto found = std::lower_bound(ordered.begin(), ordered.end(), name,
                                [](const T& item, std::string_view n) { return item.name < n; });
  return found != ordered.end() && found->name == name ? &*found : nullptr;
}

// What objects of a type are gathered in: themselves, a list, a set or a map of them.
value::Type GatheredType(Nesting nesting, value::Type object);

using Change = std::function<value::Value(const value::Value&)>;

// The collection, tuple or object with each element or member changed; marks stay. Null,
// unknown and primitive values come back as they are.
value::Value ChangeElements(const value::Value& value, const Change& change);

// The objects that `nesting` has gathered, each changed.
value::Value ChangeObjects(Nesting nesting, const value::Value& value, const Change& change);

}  // namespace andon::provider
