#include "provider/proposed_new.h"

#include <optional>

#include "base/assert.h"
#include "provider/elements.h"
#include "provider/unrefined.h"

namespace andon::provider {

using value::Type;
using value::Value;

namespace {

using Attributes = std::vector<AttributeSchema>;

// What elements of a collection are described by: a block, or the attributes of a
// nested attribute alone.
struct Inner {
  const Attributes* attributes = nullptr;
  const std::vector<NestedBlock>* blocks = nullptr;  // Null: it has none.

  explicit Inner(const BlockSchema& block) : attributes(&block.attributes), blocks(&block.blocks) {}
  explicit Inner(const AttributeSchema& nested) : attributes(&nested.attributes) {}
};

Value ProposeObject(const Inner& inner, const Value& prior, const Value& config);

// Of an unknown prior collection all elements are unknown.
std::optional<Value> UnknownElement(const Value& prior) {
  if (prior.is_known()) return std::nullopt;
  const Type& type = prior.type();
  return Value::Unknown(type.is_collection() ? type.element() : Type::Dynamic());
}

// The element of the prior list or tuple; empty where it has none.
std::optional<Value> PriorAt(const Value& prior, size_t index) {
  if (!prior.is_known()) return UnknownElement(prior);
  if (prior.is_null() || !prior.CanIterate() || prior.type().is_object() || prior.type().is_map())
    return std::nullopt;
  if (index >= prior.items().size()) return std::nullopt;
  return prior.items()[index];
}

Value ProposeList(const Inner& inner, const Value& prior, const Value& config) {
  if (config.is_null() || config.items().empty()) return config;
  std::vector<Value> items;
  items.reserve(config.items().size());
  for (size_t i = 0; i < config.items().size(); ++i) {
    std::optional<Value> before = PriorAt(prior, i);
    const Value& item = config.items()[i];
    items.push_back(before ? ProposeObject(inner, *before, item) : item);
  }
  // With dynamic parts inside, it is a tuple.
  if (config.type().is_tuple()) return Value::Tuple(std::move(items));
  return Value::List(config.type().element(), std::move(items));
}

Value ProposeMap(const Inner& inner, const Value& prior, const Value& config) {
  if (config.is_null() || config.members().empty()) return config;
  bool has_prior = prior.is_known_not_null() && (prior.type().is_map() || prior.type().is_object());
  std::optional<Value> unknown = UnknownElement(prior);
  Value::Members members;
  members.reserve(config.members().size());
  for (const auto& [key, item] : config.members()) {
    const Value* before = unknown ? &*unknown : has_prior ? prior.Find(key) : nullptr;
    members.emplace_back(key, before == nullptr ? item : ProposeObject(inner, *before, item));
  }
  if (config.type().is_object()) return Value::Object(std::move(members));
  return Value::Map(config.type().element(), std::move(members));
}

bool CouldComeFrom(const Inner& inner, const Value& prior, const Value& config);

bool CouldComeFromEach(const Inner& inner, const Value& prior, const Value& config) {
  if (prior.type().is_map() || prior.type().is_object()) {
    for (const auto& [key, item] : prior.members()) {
      const Value* other = config.Find(key);
      if (other == nullptr || !CouldComeFrom(inner, item, *other)) return false;
    }
    return true;
  }
  if (prior.items().size() > config.items().size()) return false;
  for (size_t i = 0; i < prior.items().size(); ++i) {
    if (!CouldComeFrom(inner, prior.items()[i], config.items()[i])) return false;
  }
  return true;
}

// The collection that `inner` describes the elements of.
bool CollectionCouldComeFrom(const Inner& inner, Nesting nesting, const Value& prior,
                             const Value& config) {
  if (EqualUnrefined(prior, config)) return true;
  // Within sets nothing tells which elements belong together.
  if (config.type().is_set()) return false;
  if (!prior.CanIterate()) return true;
  if (!config.CanIterate()) return false;
  if (nesting == Nesting::kSingle || nesting == Nesting::kGroup)
    return CouldComeFrom(inner, prior, config);
  return CouldComeFromEach(inner, prior, config);
}

// Whether the prior object may have become of the configured one: it differs only where
// it is computed and not configured.
bool CouldComeFrom(const Inner& inner, const Value& prior, const Value& config) {
  if (EqualUnrefined(prior, config)) return true;
  if (!prior.CanIterate()) return true;
  if (!config.CanIterate() || !config.type().is_object()) return false;
  for (const auto& [name, before] : prior.members()) {
    const Value* configured = config.Find(name);
    if (configured == nullptr) return false;
    if (EqualUnrefined(before, *configured)) continue;
    if (configured->type().is_set()) return false;
    if (const AttributeSchema* attribute = FindByName(*inner.attributes, name)) {
      if (attribute->nesting) {
        if (!CollectionCouldComeFrom(Inner(*attribute), *attribute->nesting, before, *configured))
          return false;
      } else if (!attribute->computed || !configured->is_null()) {
        return false;
      }
      continue;
    }
    const NestedBlock* nested = inner.blocks == nullptr ? nullptr : FindByName(*inner.blocks, name);
    if (nested != nullptr &&
        !CollectionCouldComeFrom(Inner(nested->block), nested->nesting, before, *configured))
      return false;
  }
  return true;
}

Value ProposeSet(const Inner& inner, const Value& prior, const Value& config) {
  if (config.is_null() || config.items().empty()) return config;
  static const std::vector<Value> kNone;
  const std::vector<Value>& before =
      prior.is_known_not_null() && prior.type().is_set() ? prior.items() : kNone;
  std::vector<bool> used(before.size());
  std::vector<Value> items;
  items.reserve(config.items().size());
  for (const Value& item : config.items()) {
    Value match = UnknownElement(prior).value_or(Value::Null(config.type().element()));
    for (size_t i = 0; i < before.size(); ++i) {
      // The elements of the configuration differ from one another, so that among several
      // that match the first does.
      if (used[i] || !CouldComeFrom(inner, before[i], item)) continue;
      used[i] = true;
      match = before[i];
      break;
    }
    items.push_back(ProposeObject(inner, match, item));
  }
  return Value::Set(config.type().element(), std::move(items));
}

Value ProposeCollection(const Inner& inner, Nesting nesting, const Value& prior,
                        const Value& config) {
  // Unknown as a whole: a dynamic block whose for_each is unknown, or such an attribute.
  if (!config.is_known()) return config;
  switch (nesting) {
    case Nesting::kSingle:
    case Nesting::kGroup:
      return config.is_null() && (nesting == Nesting::kSingle || inner.blocks == nullptr)
                 ? config
                 : ProposeObject(inner, prior, config);
    case Nesting::kList:
      return ProposeList(inner, prior, config);
    case Nesting::kMap:
      return ProposeMap(inner, prior, config);
    case Nesting::kSet:
      return ProposeSet(inner, prior, config);
  }
  return config;
}

// Whether something in the value was surely configured: it is there, and not computed.
bool HasConfigured(const Attributes& attributes, const Value& value) {
  if (!value.CanIterate()) return false;
  if (!value.type().is_object()) {
    for (const auto& [key, item] : value.Elements()) {
      if (HasConfigured(attributes, item)) return true;
    }
    return false;
  }
  for (const auto& [name, member] : value.members()) {
    if (member.is_null()) continue;
    const AttributeSchema* attribute = FindByName(attributes, name);
    // A map of objects that have different types is an object itself.
    if (attribute == nullptr) {
      if (HasConfigured(attributes, member)) return true;
      continue;
    }
    if (!attribute->computed) return true;
    if (attribute->nesting && HasConfigured(attribute->attributes, member)) return true;
  }
  return false;
}

Value ProposeAttribute(const AttributeSchema& attribute, const Value& prior, const Value& config) {
  if (attribute.computed && config.is_null()) {
    // What stands stays, unless part of it can only come from a configuration that is gone.
    bool was_configured = attribute.optional && attribute.nesting && prior.is_known() &&
                          HasConfigured(attribute.attributes, prior);
    return was_configured ? config : prior;
  }
  if (!attribute.nesting) return config;
  return ProposeCollection(Inner(attribute), *attribute.nesting, prior, config);
}

// A known object for an unknown one: an element stands there, whatever is in it.
Value UnknownMembers(const Value& unknown) {
  if (!unknown.type().is_object()) return unknown;
  Value::Members members;
  for (const Type::Attribute& attribute : unknown.type().attributes())
    members.emplace_back(attribute.name, Value::Unknown(attribute.type));
  return Value::Object(std::move(members));
}

// As if an empty block stood there before, so that all is on one footing.
Value PriorMember(const Value& prior, std::string_view name, const Value& config) {
  if (!prior.is_known()) {
    const Type::Attribute* type =
        prior.type().is_object() ? prior.type().FindAttribute(name) : nullptr;
    return Value::Unknown(type == nullptr ? Type::Dynamic() : type->type);
  }
  const Value* member = prior.is_null() || !prior.type().is_object() ? nullptr : prior.Find(name);
  if (member != nullptr) return *member;
  const Type::Attribute* type =
      prior.type().is_object() ? prior.type().FindAttribute(name) : nullptr;
  return Value::Null(type == nullptr ? config.type() : type->type);
}

Value ProposeObject(const Inner& inner, const Value& prior, const Value& config) {
  if (config.is_null()) return inner.blocks == nullptr ? config : prior;
  if (!config.is_known()) return inner.blocks == nullptr ? UnknownMembers(config) : prior;
  ASSERT(config.type().is_object());
  Value::Members members;
  members.reserve(config.members().size());
  for (const auto& [name, configured] : config.members()) {
    Value before = PriorMember(prior, name, configured);
    if (const AttributeSchema* attribute = FindByName(*inner.attributes, name)) {
      members.emplace_back(name, ProposeAttribute(*attribute, before, configured));
      continue;
    }
    const NestedBlock* nested = inner.blocks == nullptr ? nullptr : FindByName(*inner.blocks, name);
    members.emplace_back(
        name, nested == nullptr
                  ? configured
                  : ProposeCollection(Inner(nested->block), nested->nesting, before, configured));
  }
  return Value::Object(config.type(), std::move(members));
}

}  // namespace

Value ProposedNew(const BlockSchema& schema, const Value& prior, const Value& config) {
  return ProposeObject(Inner(schema), prior, config);
}

Value PlannedDataSource(const BlockSchema& schema, const Value& config) {
  // Whatever would be kept of an object of which nothing is known is unknown.
  return ProposeObject(Inner(schema), Value::Unknown(ImpliedType(schema)), config);
}

}  // namespace andon::provider
