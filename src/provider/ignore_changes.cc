#include "provider/ignore_changes.h"

#include "provider/elements.h"

namespace andon::provider {

using value::Path;
using value::Step;
using value::Type;
using value::Value;

namespace {

// The value with one part replaced, marks kept; as it is where the path leads nowhere.
// `change` gets the part that stands there.
template <typename F>
Value Replace(const Value& value, const std::vector<Step>& steps, size_t from, const F& change) {
  if (from == steps.size()) return change(value);
  if (!value.is_known_not_null() || !value.CanIterate()) return value;
  const Type& type = value.type();
  Value replaced;
  if (type.is_object() || type.is_map()) {
    const auto* attribute = std::get_if<value::AttributeStep>(&steps[from]);
    const auto* index = std::get_if<value::IndexStep>(&steps[from]);
    bool is_key =
        index != nullptr && index->key.is_known_not_null() && index->key.type().is_string();
    if (attribute == nullptr && !is_key) return value;
    const std::string& name = attribute != nullptr ? attribute->name : index->key.string();
    Value::Members members = value.members();
    bool is_found = false;
    for (auto& [key, member] : members) {
      if (key != name) continue;
      member = Replace(member, steps, from + 1, change);
      is_found = true;
    }
    if (!is_found) return value;
    replaced = type.is_object() ? Value::Object(std::move(members))
                                : Value::Map(type.element(), std::move(members));
  } else {
    const auto* index = std::get_if<value::IndexStep>(&steps[from]);
    if (index == nullptr) return value;
    std::vector<Value> items = value.items();
    for (size_t i = 0; i < items.size(); ++i) {
      Value key = type.is_set() ? items[i] : Value::Number(static_cast<int64_t>(i));
      if (key == index->key) items[i] = Replace(items[i], steps, from + 1, change);
    }
    replaced = type.is_tuple()  ? Value::Tuple(std::move(items))
               : type.is_list() ? Value::List(type.element(), std::move(items))
                                : Value::Set(type.element(), std::move(items));
  }
  return replaced.WithMarks(value.marks());
}

bool IsMapKey(const Step& step) {
  const auto* index = std::get_if<value::IndexStep>(&step);
  return index != nullptr && index->key.is_known_not_null() && index->key.type().is_string();
}

// The configured map with one key as it is in the prior one, present or absent.
Value KeepKey(const Value& prior, const Value& config, const std::string& key) {
  if (!config.is_known() || !prior.is_known()) return config;
  Value::Members members;
  if (!config.is_null()) members = config.members();
  std::erase_if(members, [&key](const auto& member) { return member.first == key; });
  const Value* before = prior.is_null() ? nullptr : prior.Find(key);
  if (before != nullptr) members.emplace_back(key, before->WithMarks(prior.marks()));
  if (members.empty() && config.is_null()) return config;
  return Value::Map(config.type().element(), std::move(members)).WithMarks(config.marks());
}

// The prior and the configured value at the path; empty where one has no such part.
std::optional<std::pair<Value, Value>> Both(const Value& prior, const Value& config,
                                            const Path& path) {
  Result<Value> before = path.Apply(prior);
  Result<Value> configured = path.Apply(config);
  if (!before.ok() || !configured.ok()) return std::nullopt;
  return std::make_pair(*std::move(before), *std::move(configured));
}

Value IgnorePath(const Value& prior, const Value& config, const Path& path) {
  if (path.empty()) return config;
  if (IsMapKey(path.steps().back())) {
    Path map(std::vector<Step>(path.steps().begin(), path.steps().end() - 1));
    auto both = Both(prior, config, map);
    if (!both) return config;
    if (both->second.type().is_map() && both->first.type().is_map()) {
      const std::string& key = std::get<value::IndexStep>(path.steps().back()).key.string();
      return Replace(config, map.steps(), 0, [&](const Value& configured) {
        return KeepKey(both->first, configured, key);
      });
    }
  }
  auto both = Both(prior, config, path);
  if (!both || both->first == both->second) return config;
  return Replace(config, path.steps(), 0, [&](const Value&) { return both->first; });
}

// The prior object without what only the provider says, as if it had been configured.
Value WithoutComputed(const std::vector<AttributeSchema>& attributes,
                      const std::vector<NestedBlock>& blocks, const Value& object) {
  if (!object.is_known_not_null()) return object;
  Value::Members members = object.members();
  for (auto& [name, member] : members) {
    if (const AttributeSchema* attribute = FindByName(attributes, name)) {
      if (attribute->computed && !attribute->optional) {
        member = Value::Null(member.type());
      } else if (attribute->nesting) {
        member = ChangeObjects(*attribute->nesting, member, [attribute](const Value& object) {
          return WithoutComputed(attribute->attributes, {}, object);
        });
      }
    } else if (const NestedBlock* nested = FindByName(blocks, name)) {
      member = ChangeObjects(nested->nesting, member, [nested](const Value& block) {
        return WithoutComputed(nested->block.attributes, nested->block.blocks, block);
      });
    }
  }
  return Value::Object(std::move(members)).WithMarks(object.marks());
}

}  // namespace

Value IgnoreChanges(const BlockSchema& schema, const Value& prior, const Value& config,
                    const IgnoredChanges& ignored) {
  if (prior.is_null() || config.is_null()) return config;
  if (ignored.all) return WithoutComputed(schema.attributes, schema.blocks, prior);
  Value result = config;
  for (const Path& path : ignored.paths) result = IgnorePath(prior, result, path);
  return result;
}

}  // namespace andon::provider
