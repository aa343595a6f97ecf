#include "infratext/state_objects.h"

#include <algorithm>

#include "infratext/order.h"
#include "infratext/sensitive.h"
#include "value/json.h"

namespace andon::infratext {
namespace {

using value::Value;

Value ValueOfJson(const state::Object& object) {
  Value out = Value::EmptyObject();
  if (object.attributes_flat) {
    Value::Members members;
    for (const auto& [name, text] : *object.attributes_flat) {
      members.emplace_back(name, Value::String(text));
    }
    out = Value::Object(std::move(members));
  } else if (auto parsed = value::FromJsonText(object.attributes);
             parsed.ok() && parsed->is_known_not_null() && parsed->type().is_object()) {
    out = *parsed;
  }
  std::vector<value::PathMarks> marks;
  for (const value::Path& path : object.sensitive_paths) {
    marks.push_back({path, value::Mark::kSensitive});
  }
  return value::MarkWithPaths(out, marks);
}

}  // namespace

std::vector<StateObject> ObjectsOf(const state::State& state) {
  std::vector<std::pair<const address::Address*, const state::Resource*>> resources;
  for (const auto& [address, resource] : state.resources) {
    resources.emplace_back(&address, &resource);
  }
  std::stable_sort(resources.begin(), resources.end(),
                   [](const auto& a, const auto& b) { return ComesBefore(*a.first, *b.first); });
  std::vector<StateObject> out;
  for (const auto& [address, resource] : resources) {
    for (const auto& [key, instance] : resource->instances) {
      StateObject one{.address = address->WithKey(key), .provider = resource->provider};
      if (instance.current != nullptr) {
        one.object = instance.current.get();
        out.push_back(one);
      }
      for (const auto& [deposed, object] : instance.deposed) {
        one.deposed = deposed;
        one.object = object.get();
        out.push_back(one);
      }
    }
  }
  return out;
}

Value ValueOf(const state::Object& object, const provider::Schema* schema) {
  if (schema != nullptr && !object.attributes_flat) {
    auto decoded = state::Decode(object, provider::ImpliedType(schema->block));
    if (decoded.ok() && decoded->is_known_not_null()) return MarkSensitive(*decoded, schema);
  }
  return MarkSensitive(ValueOfJson(object), schema);
}

}  // namespace andon::infratext
