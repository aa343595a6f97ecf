#include "state/state.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "value/json.h"

namespace andon::state {
namespace {

bool SameDependencies(const Dependencies& a, const Dependencies& b) {
  static const std::vector<std::string> kNone;
  return a == b || (a ? *a : kNone) == (b ? *b : kNone);
}

bool Same(const ObjectPtr& a, const ObjectPtr& b) { return a == b || (a && b && *a == *b); }

bool Same(const Instance& a, const Instance& b) {
  return a.provider_key == b.provider_key && Same(a.current, b.current) &&
         std::ranges::equal(a.deposed, b.deposed, [](const auto& x, const auto& y) {
           return x.first == y.first && Same(x.second, y.second);
         });
}

bool Same(const Resource& a, const Resource& b) {
  return a.provider == b.provider &&
         std::ranges::equal(a.instances, b.instances, [](const auto& x, const auto& y) {
           return x.first == y.first && Same(x.second, y.second);
         });
}

bool Same(const Output& a, const Output& b) {
  return a.sensitive == b.sensitive && a.deprecated == b.deprecated && a.value.RawEquals(b.value);
}

Instance& Ensure(State& state, const address::Address& address, std::string_view provider,
                 const address::Key& provider_key) {
  Resource& resource = state.resources[address.WithoutKey()];
  resource.provider = provider;
  Instance& instance = resource.instances[address.key];
  instance.provider_key = provider_key;
  return instance;
}

Instance* Find(State& state, const address::Address& address) {
  return const_cast<Instance*>(std::as_const(state).FindInstance(address));
}

void RemoveWhereEmpty(State& state, const address::Address& address) {
  const Instance* instance = state.FindInstance(address);
  if (instance != nullptr && instance->empty()) state.RemoveInstance(address);
}

// Unknown parts as null, which is what JSON can say.
value::Value UnknownAsNull(const value::Value& value) {
  using value::Value;
  if (!value.is_known()) return Value::Null(value.type());
  if (value.is_null() || value.is_wholly_known()) return value;
  const value::Type& type = value.type();
  if (type.is_object() || type.is_map()) {
    Value::Members members;
    for (const auto& [name, member] : value.members()) {
      members.emplace_back(name, UnknownAsNull(member));
    }
    return type.is_object() ? Value::Object(std::move(members))
                            : Value::Map(type.element(), std::move(members));
  }
  std::vector<Value> items;
  for (const Value& item : value.items()) items.push_back(UnknownAsNull(item));
  if (type.is_list()) return Value::List(type.element(), std::move(items));
  if (type.is_set()) return Value::Set(type.element(), std::move(items));
  return Value::Tuple(std::move(items));
}

}  // namespace

bool Object::operator==(const Object& other) const {
  return status == other.status && schema_version == other.schema_version &&
         attributes == other.attributes && attributes_flat == other.attributes_flat &&
         sensitive_paths == other.sensitive_paths && private_data == other.private_data &&
         SameDependencies(dependencies, other.dependencies) &&
         create_before_destroy == other.create_before_destroy &&
         skip_destroy == other.skip_destroy && identity == other.identity &&
         identity_schema_version == other.identity_schema_version;
}

bool State::empty() const {
  if (!outputs.empty()) return false;
  return std::ranges::all_of(resources, [](const auto& r) { return r.second.instances.empty(); });
}

const Resource* State::FindResource(const address::Address& resource) const {
  bool has_key = !std::holds_alternative<std::monostate>(resource.key);
  auto it = has_key ? resources.find(resource.WithoutKey()) : resources.find(resource);
  return it == resources.end() ? nullptr : &it->second;
}

const Instance* State::FindInstance(const address::Address& instance) const {
  const Resource* resource = FindResource(instance);
  if (resource == nullptr) return nullptr;
  auto it = resource->instances.find(instance.key);
  return it == resource->instances.end() ? nullptr : &it->second;
}

void State::SetCurrent(const address::Address& instance, std::string_view provider,
                       ObjectPtr object, const address::Key& provider_key) {
  Ensure(*this, instance, provider, provider_key).current = std::move(object);
  RemoveWhereEmpty(*this, instance);
}

void State::SetDeposed(const address::Address& instance, const std::string& key,
                       std::string_view provider, ObjectPtr object,
                       const address::Key& provider_key) {
  Instance& present = Ensure(*this, instance, provider, provider_key);
  if (object != nullptr) {
    present.deposed[key] = std::move(object);
  } else {
    present.deposed.erase(key);
  }
  RemoveWhereEmpty(*this, instance);
}

std::string State::Depose(const address::Address& instance) {
  Instance* present = Find(*this, instance);
  if (present == nullptr || present->current == nullptr) return {};
  std::string key;
  do {
    key = RandomUuid().substr(0, 8);
  } while (present->deposed.contains(key));
  present->deposed[key] = std::move(present->current);
  present->current = nullptr;
  return key;
}

bool State::RestoreDeposed(const address::Address& instance, const std::string& key) {
  Instance* present = Find(*this, instance);
  if (present == nullptr || present->current != nullptr) return false;
  auto it = present->deposed.find(key);
  if (it == present->deposed.end()) return false;
  present->current = std::move(it->second);
  present->deposed.erase(it);
  return true;
}

void State::RemoveInstance(const address::Address& instance) {
  auto resource = resources.find(instance.WithoutKey());
  if (resource == resources.end()) return;
  resource->second.instances.erase(instance.key);
  if (resource->second.instances.empty()) resources.erase(resource);
}

void State::RemoveResource(const address::Address& resource) {
  resources.erase(resource.WithoutKey());
}

bool SameContent(const State& a, const State& b) {
  return a.check_results == b.check_results &&
         std::ranges::equal(a.outputs, b.outputs,
                            [](const auto& x, const auto& y) {
                              return x.first == y.first && Same(x.second, y.second);
                            }) &&
         std::ranges::equal(a.resources, b.resources, [](const auto& x, const auto& y) {
           return x.first == y.first && Same(x.second, y.second);
         });
}

Result<value::Value> Decode(const Object& object, const value::Type& type) {
  if (object.attributes_flat) {
    return Error::Invalid(
        "The object was last written by Terraform 0.11 or before, in a form that only its "
        "provider can read.");
  }
  value::Value value = TRY(value::FromJsonText(object.attributes, type));
  if (object.sensitive_paths.empty()) return value;
  std::vector<value::PathMarks> marks;
  for (const value::Path& path : object.sensitive_paths) {
    marks.push_back({path, value::Mark::kSensitive});
  }
  return value::MarkWithPaths(value, marks);
}

Result<void> Encode(const value::Value& value, const value::Type& type, Object& object) {
  auto [plain, marks] = value::UnmarkDeepWithPaths(value);
  object.attributes = TRY(value::ToJsonText(UnknownAsNull(plain), type));
  object.attributes_flat.reset();
  object.sensitive_paths.clear();
  for (value::PathMarks& marked : marks) {
    if (marked.marks.Has(value::Mark::kSensitive)) {
      object.sensitive_paths.push_back(std::move(marked.path));
    }
  }
  return {};
}

}  // namespace andon::state
