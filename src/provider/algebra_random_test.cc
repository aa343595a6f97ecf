// What must hold of any schema and any objects of it: made at random, from fixed seeds.
#include <gtest/gtest.h>

#include <random>

#include "provider/compatible.h"
#include "provider/ignore_changes.h"
#include "provider/legacy_object.h"
#include "provider/plan_valid.h"
#include "provider/proposed_new.h"
#include "provider/schema_values.h"
#include "provider/typed_block.h"

namespace andon::provider {
namespace {

using value::Type;
using value::Value;

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  // Within sets elements are told apart by what is configured. So that this is always
  // possible, no set stands in a set, and nothing there may be either configured or computed.
  BlockSchema Schema(int depth, bool in_set = false) {
    BlockSchema schema;
    schema.attributes = Attributes(depth, in_set);
    int blocks = depth > 0 ? Below(3) : 0;
    for (int i = 0; i < blocks; ++i) {
      NestedBlock nested{.name = "block" + std::to_string(i),
                         .nesting = static_cast<Nesting>(Below(5))};
      if (in_set && nested.nesting == Nesting::kSet) nested.nesting = Nesting::kList;
      nested.block = Schema(depth - 1, in_set || nested.nesting == Nesting::kSet);
      schema.blocks.push_back(std::move(nested));
    }
    return schema;
  }

  // What a configuration may be: nothing of what is only computed, and, where
  // `may_be_unknown`, unknown values.
  Value Config(const BlockSchema& schema, bool may_be_unknown) {
    Value::Members members;
    for (const AttributeSchema& a : schema.attributes)
      members.emplace_back(a.name, ConfigOf(a, may_be_unknown));
    for (const NestedBlock& nested : schema.blocks) {
      auto block = [&] { return Config(nested.block, may_be_unknown); };
      Type type = ImpliedType(nested);
      if (may_be_unknown && Below(8) == 0) {
        members.emplace_back(nested.name, Value::Unknown(type));
      } else if (nested.nesting == Nesting::kSingle && Below(3) == 0) {
        members.emplace_back(nested.name, Value::Null(type));
      } else {
        members.emplace_back(nested.name, Gather(nested.nesting, type, block));
      }
    }
    return Value::Object(std::move(members));
  }

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }

 private:
  std::vector<AttributeSchema> Attributes(int depth, bool in_set) {
    std::vector<AttributeSchema> attributes;
    int count = 1 + Below(4);
    for (int i = 0; i < count; ++i) {
      AttributeSchema a{.name = "attribute" + std::to_string(i)};
      int kind = in_set ? Below(2) * 2 : Below(3);
      a.computed = kind > 0;
      a.optional = kind < 2;
      if (depth > 0 && Below(3) == 0) {
        static constexpr Nesting kOf[] = {Nesting::kSingle, Nesting::kList, Nesting::kSet,
                                          Nesting::kMap};
        a.nesting = kOf[Below(4)];
        if (in_set && a.nesting == Nesting::kSet) a.nesting = Nesting::kList;
        a.attributes = Attributes(depth - 1, in_set || a.nesting == Nesting::kSet);
      } else {
        a.type = Types()[Below(static_cast<int>(Types().size()))];
      }
      attributes.push_back(std::move(a));
    }
    return attributes;
  }

  static const std::vector<Type>& Types() {
    static const std::vector<Type> types = {Type::String(),
                                            Type::Number(),
                                            Type::Bool(),
                                            Type::List(Type::String()),
                                            Type::Map(Type::Number()),
                                            Type::Set(Type::String())};
    return types;
  }

  Value ConfigOf(const AttributeSchema& a, bool may_be_unknown) {
    Type type = ImpliedType(a);
    if (!a.optional || Below(3) == 0) return Value::Null(type);
    if (may_be_unknown && Below(5) == 0) return Value::Unknown(type);
    if (!a.nesting) return Of(type);
    return Gather(*a.nesting, type, [&] {
      Value::Members members;
      for (const AttributeSchema& inner : a.attributes)
        members.emplace_back(inner.name, ConfigOf(inner, may_be_unknown));
      return Value::Object(std::move(members));
    });
  }

  template <typename F>
  Value Gather(Nesting nesting, const Type& type, F make) {
    if (nesting == Nesting::kSingle || nesting == Nesting::kGroup) return make();
    std::vector<Value> items;
    Value::Members members;
    int count = Below(4);
    for (int i = 0; i < count; ++i) {
      items.push_back(make());
      members.emplace_back("key" + std::to_string(Below(5)), items.back());
    }
    if (nesting == Nesting::kList) return Value::List(type.element(), std::move(items));
    if (nesting == Nesting::kSet) return Value::Set(type.element(), std::move(items));
    return Value::Map(type.element(), std::move(members));
  }

  Value Of(const Type& type) {
    if (type.is_string()) return Value::String(std::string(1, static_cast<char>('a' + Below(3))));
    if (type.is_number()) return Value::Number(Below(3));
    if (type.is_bool()) return Value::Bool(Below(2) == 0);
    std::vector<Value> items;
    for (int i = Below(3); i > 0; --i) items.push_back(Of(type.element()));
    if (type.is_list()) return Value::List(type.element(), std::move(items));
    if (type.is_set()) return Value::Set(type.element(), std::move(items));
    Value::Members members;
    for (Value& item : items) members.emplace_back("k" + std::to_string(Below(3)), std::move(item));
    return Value::Map(type.element(), std::move(members));
  }

  std::mt19937 random_;
};

// The object with all that is computed and null filled in, as an apply does.
Value Applied(const std::vector<AttributeSchema>& attributes,
              const std::vector<NestedBlock>& blocks, const Value& object);

Value AppliedIn(Nesting nesting, const std::vector<AttributeSchema>& attributes,
                const std::vector<NestedBlock>& blocks, const Value& value) {
  if (!value.is_known_not_null()) return value;
  if (nesting == Nesting::kSingle || nesting == Nesting::kGroup)
    return Applied(attributes, blocks, value);
  if (nesting == Nesting::kMap) {
    Value::Members members = value.members();
    for (auto& [key, item] : members) item = Applied(attributes, blocks, item);
    return Value::Map(value.type().element(), std::move(members));
  }
  std::vector<Value> items = value.items();
  for (Value& item : items) item = Applied(attributes, blocks, item);
  return nesting == Nesting::kList ? Value::List(value.type().element(), std::move(items))
                                   : Value::Set(value.type().element(), std::move(items));
}

Value Applied(const std::vector<AttributeSchema>& attributes,
              const std::vector<NestedBlock>& blocks, const Value& object) {
  Value::Members members = object.members();
  for (auto& [name, member] : members) {
    for (const AttributeSchema& a : attributes) {
      if (a.name != name) continue;
      if (a.nesting) {
        member = AppliedIn(*a.nesting, a.attributes, {}, member);
      } else if (a.computed && member.is_null() && a.type.is_string()) {
        member = Value::String("made");
      }
    }
    for (const NestedBlock& nested : blocks) {
      if (nested.name == name)
        member = AppliedIn(nested.nesting, nested.block.attributes, nested.block.blocks, member);
    }
  }
  return Value::Object(std::move(members));
}

constexpr uint32_t kSeeds = 400;

TEST(Algebra, HoldsForAnySchema) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    Maker maker(seed);
    BlockSchema schema = maker.Schema(3);
    Type type = ImpliedType(schema);
    Value none = Value::Null(type);
    Value old_config = maker.Config(schema, false);
    Value prior = Applied(schema.attributes, schema.blocks, old_config);
    Value config = maker.Config(schema, true);
    SCOPED_TRACE("seed " + std::to_string(seed));
    ASSERT_EQ(CheckConformance(schema, prior), std::nullopt);

    // A configuration that has not changed proposes no change.
    ASSERT_EQ(ProposedNew(schema, prior, old_config).DebugString(), prior.DebugString());
    ASSERT_EQ(ProposedNew(schema, prior, prior), prior);
    // What is proposed may be planned, and has the type of the schema.
    for (const Value& before : {prior, none}) {
      Value proposed = ProposedNew(schema, before, config);
      ASSERT_EQ(CheckConformance(schema, proposed), std::nullopt);
      for (const Problem& problem : CheckPlanned(schema, before, config, proposed))
        FAIL() << ToString(problem);
      // To propose the same again changes nothing.
      if (proposed.is_wholly_known()) {
        ASSERT_EQ(ProposedNew(schema, proposed, config).DebugString(), proposed.DebugString());
      }
      for (const Problem& problem : CheckApplied(schema, proposed, proposed))
        FAIL() << ToString(problem);
    }
    // An apply that fills in what was unknown keeps the promise.
    Value unknown = AllUnknown(schema);
    ASSERT_TRUE(CheckApplied(schema, unknown, prior).empty());
    Value planned = PlannedDataSource(schema, old_config);
    ASSERT_EQ(CheckConformance(schema, planned), std::nullopt);
    for (const Problem& problem : CheckApplied(schema, planned, prior)) FAIL() << ToString(problem);

    ASSERT_EQ(NormalizeLegacyObject(schema, prior), prior);
    ASSERT_EQ(IgnoreChanges(schema, prior, config, {}), config);
    Value ignored = IgnoreChanges(schema, prior, config, {.all = true});
    ASSERT_EQ(ProposedNew(schema, prior, ignored).DebugString(), prior.DebugString());
    for (const AttributeSchema& a : schema.attributes) {
      value::Path path = value::Path().Attribute(a.name);
      Value kept = IgnoreChanges(schema, prior, config, {.paths = {path}});
      ASSERT_EQ(kept.Attribute(a.name), prior.Attribute(a.name));
    }
  }
}

}  // namespace
}  // namespace andon::provider
