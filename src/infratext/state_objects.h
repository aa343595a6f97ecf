// The objects of a state in the order in which they are listed, each with its value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "infratext/render_options.h"
#include "state/state.h"

namespace andon::infratext {

struct StateObject {
  address::Address address;  // With its key.
  std::string deposed;       // Its key; empty for the current object.
  std::string_view provider;
  const state::Object* object = nullptr;
};

// Lifetime: as long as the state. After the current object of an instance those that were
// replaced.
std::vector<StateObject> ObjectsOf(const state::State& state);

// The value with what is sensitive marked, also by the schema. Where there is no schema, or the
// object was written by another version of it, the value is what its JSON says.
value::Value ValueOf(const state::Object& object, const provider::Schema* schema);

}  // namespace andon::infratext
