#include "provider/plan_valid.h"

#include <fmt/format.h>

#include "provider/schema_values.h"
#include "provider/unrefined.h"
#include "value/display.h"

namespace andon::provider {

using value::Path;
using value::Step;
using value::Type;
using value::Value;

namespace {

constexpr std::string_view kUnknownBlock =
    "a nested block must not be unknown itself; its attributes may be";

// The prior, the configured and the planned value of one thing.
struct Three {
  Value prior;
  Value config;
  Value planned;
};

class PlanChecker {
 public:
  void CheckBlock(const BlockSchema& schema, const Three& object);
  Problems TakeProblems() { return std::move(problems_); }

 private:
  // Goes one step down for as long as it lives.
  class Down {
   public:
    Down(PlanChecker& checker, Step step) : steps_(checker.steps_) {
      steps_.push_back(std::move(step));
    }
    ~Down() { steps_.pop_back(); }
    Down(const Down&) = delete;
    Down& operator=(const Down&) = delete;

   private:
    std::vector<Step>& steps_;
  };

  void Add(std::string text) { problems_.push_back({Path(steps_), std::move(text)}); }
  // Whether one of two is absent: nothing in it can be compared.
  bool CheckPresence(const Three& object);
  void CheckAttributes(const std::vector<AttributeSchema>& attributes, const Three& object);
  void CheckAttribute(const AttributeSchema& attribute, const Three& value);
  void CheckNestedAttribute(const AttributeSchema& attribute, const Three& value);
  void CheckNestedBlocks(const NestedBlock& nested, const Three& blocks);
  void CheckBlockList(const NestedBlock& nested, const Three& blocks);
  void CheckBlockMap(const NestedBlock& nested, const Three& blocks);
  void CheckBlockSet(const Three& blocks);
  bool CheckCount(const Value& config, const Value& planned, std::string_view what);

  std::vector<Step> steps_;
  Problems problems_;
};

Value MemberOr(const Value& object, std::string_view name, const Value& shape) {
  if (!object.is_known())
    return object.type().is_object() ? object.Attribute(name) : Value::Dynamic();
  const Value* member = object.is_null() ? nullptr : object.Find(name);
  return member == nullptr ? Value::Null(shape.type()) : *member;
}

Value ItemOr(const Value& collection, size_t index, const Value& shape) {
  bool has = collection.is_known_not_null() &&
             (collection.type().is_list() || collection.type().is_tuple()) &&
             index < collection.items().size();
  return has ? collection.items()[index] : Value::Null(shape.type());
}

const Value* FindKey(const Value& collection, const std::string& key) {
  bool may = collection.is_known_not_null() &&
             (collection.type().is_map() || collection.type().is_object());
  return may ? collection.Find(key) : nullptr;
}

Step KeyStep(const Value& collection, const std::string& key) {
  if (collection.type().is_object()) return value::AttributeStep{key};
  return value::IndexStep{Value::String(key)};
}

// Long: the readers are the provider's authors, and have nothing else.
constexpr int kShownWidth = 400;

std::string Shown(const Value& value) { return value::FormatShort(value, kShownWidth); }

int64_t SizeOf(const Value& collection) { return collection.is_null() ? 0 : collection.size(); }

bool PlanChecker::CheckPresence(const Three& object) {
  bool is_absent = object.planned.is_null();
  if (is_absent && !object.config.is_null()) {
    Add("planned for absence but config wants existence");
  } else if (!is_absent && object.config.is_null()) {
    Add("planned for existence but config wants absence");
  }
  return !is_absent && !object.config.is_null();
}

void PlanChecker::CheckBlock(const BlockSchema& schema, const Three& object) {
  if (!CheckPresence(object)) return;
  if (!object.planned.is_known()) return Add("an object must not be unknown as a whole");
  CheckAttributes(schema.attributes, object);
  for (const NestedBlock& nested : schema.blocks) {
    if (schema.FindAttribute(nested.name) != nullptr) continue;
    const Value* planned = object.planned.Find(nested.name);
    if (planned == nullptr) continue;
    Down down(*this, value::AttributeStep{nested.name});
    CheckNestedBlocks(nested, {MemberOr(object.prior, nested.name, *planned),
                               MemberOr(object.config, nested.name, *planned), *planned});
  }
}

void PlanChecker::CheckAttributes(const std::vector<AttributeSchema>& attributes,
                                  const Three& object) {
  for (const AttributeSchema& attribute : attributes) {
    if (!object.planned.is_known()) return;
    const Value* planned = object.planned.is_null() ? nullptr : object.planned.Find(attribute.name);
    if (planned == nullptr) continue;
    Value config = MemberOr(object.config, attribute.name, *planned);
    // By far the most frequent.
    if (planned->RawEquals(config)) continue;
    Down down(*this, value::AttributeStep{attribute.name});
    CheckAttribute(attribute,
                   {MemberOr(object.prior, attribute.name, *planned), std::move(config), *planned});
  }
}

void PlanChecker::CheckAttribute(const AttributeSchema& attribute, const Three& value) {
  const auto& [prior, config, planned] = value;
  if (EqualUnrefined(planned, config)) return;
  // The provider says that what is configured means the same as what stands.
  if (!prior.is_null() && !config.is_null() && EqualUnrefined(planned, prior)) return;
  // Of what only the provider chooses the configuration has nothing, but by ignore_changes.
  if (attribute.computed && !attribute.optional) return;
  if (attribute.computed && config.is_null()) return;
  if (config.is_null() && !planned.is_null()) {
    return Add(HasSensitive(attribute)
                   ? "sensitive planned value for a non-computed attribute"
                   : fmt::format("planned value {} for a non-computed attribute", Shown(planned)));
  }
  if (attribute.write_only && planned.is_null()) return;
  if (attribute.nesting) return CheckNestedAttribute(attribute, value);
  std::string_view which = prior.is_null() ? "does not match config value"
                                           : "does not match config value nor prior value";
  if (HasSensitive(attribute)) return Add(fmt::format("sensitive planned value {}", which));
  std::string text =
      fmt::format("planned value {} does not match config value {}", Shown(planned), Shown(config));
  if (!prior.is_null()) text += fmt::format(" nor prior value {}", Shown(prior));
  Add(std::move(text));
}

bool PlanChecker::CheckCount(const Value& config, const Value& planned, std::string_view what) {
  if (SizeOf(planned) == SizeOf(config)) return true;
  Add(fmt::format("{} in plan ({}) disagrees with count in config ({})", what, SizeOf(planned),
                  SizeOf(config)));
  return false;
}

void PlanChecker::CheckNestedAttribute(const AttributeSchema& attribute, const Three& value) {
  const auto& [prior, config, planned] = value;
  if (!CheckPresence(value)) return;
  if (!planned.is_known()) return Add("planned unknown for configured value");
  switch (*attribute.nesting) {
    case Nesting::kSingle:
    case Nesting::kGroup:
      return CheckAttributes(attribute.attributes, value);
    case Nesting::kList:
      if (!config.is_known()) return Add("planned a count for a config whose count is unknown");
      if (!CheckCount(config, planned, "count")) return;
      for (size_t i = 0; i < planned.items().size(); ++i) {
        const Value& item = planned.items()[i];
        Down down(*this, value::IndexStep{Value::Number(static_cast<int64_t>(i))});
        CheckAttributes(attribute.attributes,
                        {ItemOr(prior, i, item), ItemOr(config, i, item), item});
      }
      return;
    case Nesting::kMap:
      if (!config.is_known()) return Add("planned a count for a config whose count is unknown");
      if (!CheckCount(config, planned, "count")) return;
      for (const auto& [key, item] : planned.members()) {
        const Value* configured = FindKey(config, key);
        if (configured == nullptr) {
          Add(fmt::format("map key \"{}\" from plan is not present in config", key));
          continue;
        }
        const Value* before = FindKey(prior, key);
        Down down(*this, KeyStep(planned, key));
        CheckAttributes(
            attribute.attributes,
            {before == nullptr ? Value::Null(item.type()) : *before, *configured, item});
      }
      for (const auto& [key, item] : config.members()) {
        if (FindKey(planned, key) == nullptr)
          Add(fmt::format("map key \"{}\" from config is not present in plan", key));
      }
      return;
    case Nesting::kSet:
      // Which elements belong together nothing tells; their number, at least, is configured.
      // Unknown elements may turn out to be equal to others.
      if (!config.is_wholly_known()) return;
      if (!planned.is_wholly_known() && 0 < SizeOf(config) && SizeOf(config) <= SizeOf(planned))
        return;
      CheckCount(config, planned, "count");
      return;
  }
}

void PlanChecker::CheckNestedBlocks(const NestedBlock& nested, const Three& blocks) {
  const auto& [prior, config, planned] = blocks;
  if (planned.RawEquals(config)) return;
  if (!config.is_known())
    return Add(
        fmt::format("planned {} for unknown dynamic block",
                    HasSensitive(nested.block) ? "sensitive value" : "value " + Shown(planned)));
  if (!planned.is_known()) return Add(std::string(kUnknownBlock));
  switch (nested.nesting) {
    case Nesting::kSingle:
    case Nesting::kGroup:
      return CheckBlock(nested.block, blocks);
    case Nesting::kList:
      if (planned.is_null())
        return Add("a list of nested blocks without any must be empty, not null");
      return CheckBlockList(nested, blocks);
    case Nesting::kMap:
      if (planned.is_null())
        return Add("a map of nested blocks without any must be empty, not null");
      return CheckBlockMap(nested, blocks);
    case Nesting::kSet:
      if (planned.is_null())
        return Add("a set of nested blocks without any must be empty, not null");
      return CheckBlockSet(blocks);
  }
}

void PlanChecker::CheckBlockList(const NestedBlock& nested, const Three& blocks) {
  const auto& [prior, config, planned] = blocks;
  // A null config comes from an old provider's state, by ignore_changes: no blocks.
  if (!CheckCount(config, planned, "block count")) return;
  for (size_t i = 0; i < planned.items().size(); ++i) {
    const Value& item = planned.items()[i];
    Down down(*this, value::IndexStep{Value::Number(static_cast<int64_t>(i))});
    if (!item.is_known()) {
      Add(std::string(kUnknownBlock));
      continue;
    }
    CheckBlock(nested.block, {ItemOr(prior, i, item), ItemOr(config, i, item), item});
  }
}

void PlanChecker::CheckBlockMap(const NestedBlock& nested, const Three& blocks) {
  const auto& [prior, config, planned] = blocks;
  if (planned.type().is_map() && !CheckCount(config, planned, "block count")) return;
  for (const auto& [key, item] : planned.members()) {
    const Value* configured = FindKey(config, key);
    if (configured == nullptr) {
      Add(fmt::format("block key \"{}\" from plan is not present in config", key));
      continue;
    }
    Down down(*this, KeyStep(planned, key));
    if (!item.is_known()) {
      Add(std::string(kUnknownBlock));
      continue;
    }
    const Value* before = FindKey(prior, key);
    CheckBlock(nested.block,
               {before == nullptr ? Value::Null(item.type()) : *before, *configured, item});
  }
  if (config.is_null()) return;
  for (const auto& [key, item] : config.members()) {
    if (FindKey(planned, key) == nullptr)
      Add(fmt::format("block key \"{}\" from config is not present in plan", key));
  }
}

// A provider may mix parts of the prior and the configured element, so that nothing tells
// which ones belong together: it must be trusted.
void PlanChecker::CheckBlockSet(const Three& blocks) {
  for (const Value& item : blocks.planned.items()) {
    if (item.is_known()) continue;
    Down down(*this, value::IndexStep{item});
    Add(std::string(kUnknownBlock));
  }
}

}  // namespace

Problems CheckPlanned(const BlockSchema& schema, const Value& prior, const Value& config,
                      const Value& planned) {
  PlanChecker checker;
  checker.CheckBlock(schema, {prior, config, planned});
  return checker.TakeProblems();
}

}  // namespace andon::provider
