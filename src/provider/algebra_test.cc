// What is said of prior, configured, planned and applied objects, as tables.
#include <gtest/gtest.h>

#include "provider/compatible.h"
#include "provider/ignore_changes.h"
#include "provider/legacy_object.h"
#include "provider/plan_valid.h"
#include "provider/proposed_new.h"
#include "provider/schema_values.h"

namespace andon::provider {
namespace {

using value::Mark;
using value::Path;
using value::Refinement;
using value::Type;
using value::Value;

Value S(std::string_view text) { return Value::String(text); }
Value Obj(Value::Members members) { return Value::Object(std::move(members)); }
Value NoString() { return Value::Null(Type::String()); }
Value AnyString() { return Value::Unknown(Type::String()); }

// Attributes of each kind: configured, computed, both.
std::vector<AttributeSchema> Attributes() {
  return {{.name = "both", .type = Type::String(), .optional = true, .computed = true},
          {.name = "made", .type = Type::String(), .computed = true},
          {.name = "said", .type = Type::String(), .optional = true}};
}

Value Item(Value both, Value made, Value said) {
  return Obj({{"both", std::move(both)}, {"made", std::move(made)}, {"said", std::move(said)}});
}
// As a configuration has it: what the provider makes is not in it.
Value Said(std::string_view said) { return Item(NoString(), NoString(), S(said)); }
// As it stands after an apply.
Value Stands(std::string_view said) { return Item(S("b"), S("m"), S(said)); }

const Type& ItemType() {
  static const Type type = Said("").type();
  return type;
}

BlockSchema WithBlock(Nesting nesting) {
  NestedBlock nested{.name = "x", .nesting = nesting};
  nested.block.attributes = Attributes();
  return {.blocks = {nested}};
}

BlockSchema WithAttribute(Nesting nesting, bool computed = false) {
  AttributeSchema attribute{.name = "x", .nesting = nesting, .optional = true};
  attribute.computed = computed;
  attribute.attributes = Attributes();
  return {.attributes = {attribute}};
}

Value X(Value value) { return Obj({{"x", std::move(value)}}); }
Value L(std::vector<Value> items) { return Value::List(ItemType(), std::move(items)); }
Value St(std::vector<Value> items) { return Value::Set(ItemType(), std::move(items)); }
Value M(Value::Members members) { return Value::Map(ItemType(), std::move(members)); }

struct ProposedCase {
  std::string says;
  BlockSchema schema;
  Value prior;
  Value config;
  Value wanted;
};

std::vector<ProposedCase> ProposedCases() {
  const Value none = Value::Null(X(Value::Null(ItemType())).type());
  const Value kept = Stands("a");
  return {
      {"what is configured counts, what is computed stays",
       {.attributes = Attributes()},
       kept,
       Said("n"),
       Stands("n")},
      {"what is optional and computed may be configured",
       {.attributes = Attributes()},
       kept,
       Item(S("n"), NoString(), NoString()),
       Item(S("n"), S("m"), NoString())},
      {"unknown is configured too",
       {.attributes = Attributes()},
       kept,
       Item(AnyString(), NoString(), AnyString()),
       Item(AnyString(), S("m"), AnyString())},
      {"nothing stood there",
       {.attributes = Attributes()},
       Value::Null(ItemType()),
       Said("n"),
       Said("n")},
      {"nothing is wanted", {.attributes = Attributes()}, kept, Value::Null(ItemType()), kept},
      {"single: kept", WithBlock(Nesting::kSingle), X(kept), X(Said("n")), X(Stands("n"))},
      {"single: gone", WithBlock(Nesting::kSingle), X(kept), X(Value::Null(ItemType())),
       X(Value::Null(ItemType()))},
      {"single: new", WithBlock(Nesting::kSingle), X(Value::Null(ItemType())), X(Said("n")),
       X(Said("n"))},
      {"single: all new", WithBlock(Nesting::kSingle), none, X(Said("n")), X(Said("n"))},
      {"group: empty", WithBlock(Nesting::kGroup), X(kept),
       X(Item(NoString(), NoString(), NoString())), X(Item(S("b"), S("m"), NoString()))},
      {"list: by index", WithBlock(Nesting::kList), X(L({Stands("a"), Stands("b")})),
       X(L({Said("b"), Said("c"), Said("d")})), X(L({Stands("b"), Stands("c"), Said("d")}))},
      {"list: none", WithBlock(Nesting::kList), X(L({Stands("a")})), X(L({})), X(L({}))},
      {"list: unknown dynamic block", WithBlock(Nesting::kList), X(L({Stands("a")})),
       X(Value::Unknown(Type::List(ItemType()))), X(Value::Unknown(Type::List(ItemType())))},
      {"map: by key", WithBlock(Nesting::kMap), X(M({{"a", Stands("1")}, {"b", Stands("2")}})),
       X(M({{"b", Said("3")}, {"c", Said("4")}})), X(M({{"b", Stands("3")}, {"c", Said("4")}}))},
      {"set: by what is configured", WithBlock(Nesting::kSet),
       X(St({Stands("a"), Item(S("z"), S("y"), S("b"))})), X(St({Said("b"), Said("c")})),
       X(St({Item(S("z"), S("y"), S("b")), Said("c")}))},
      {"set: each stands for one only", WithBlock(Nesting::kSet), X(St({Stands("a")})),
       X(St({Said("a"), Item(S("b"), NoString(), S("a"))})), X(St({Stands("a"), Said("a")}))},
      {"attribute single: kept", WithAttribute(Nesting::kSingle), X(kept), X(Said("n")),
       X(Stands("n"))},
      {"attribute single: gone", WithAttribute(Nesting::kSingle), X(kept),
       X(Value::Null(ItemType())), X(Value::Null(ItemType()))},
      {"attribute single: it must have been configured, so it is gone",
       WithAttribute(Nesting::kSingle, true), X(kept), X(Value::Null(ItemType())),
       X(Value::Null(ItemType()))},
      {"attribute single: all may be the provider's", WithAttribute(Nesting::kSingle, true),
       X(Item(S("b"), S("m"), NoString())), X(Value::Null(ItemType())),
       X(Item(S("b"), S("m"), NoString()))},
      {"attribute list: by index", WithAttribute(Nesting::kList), X(L({Stands("a")})),
       X(L({Said("b"), Said("c")})), X(L({Stands("b"), Said("c")}))},
      {"attribute map: by key", WithAttribute(Nesting::kMap), X(M({{"a", Stands("1")}})),
       X(M({{"a", Said("2")}})), X(M({{"a", Stands("2")}}))},
      {"attribute set: by what is configured", WithAttribute(Nesting::kSet), X(St({Stands("a")})),
       X(St({Said("a"), Said("b")})), X(St({Stands("a"), Said("b")}))},
      {"attribute: unknown as a whole", WithAttribute(Nesting::kMap), X(M({{"a", Stands("1")}})),
       X(Value::Unknown(Type::Map(ItemType()))), X(Value::Unknown(Type::Map(ItemType())))},
      {"attribute: null in the state", WithAttribute(Nesting::kList),
       X(Value::Null(Type::List(ItemType()))), X(L({Said("a")})), X(L({Said("a")}))},
  };
}

TEST(ProposedNew, Table) {
  for (const ProposedCase& c : ProposedCases()) {
    Value proposed = ProposedNew(c.schema, c.prior, c.config);
    EXPECT_EQ(proposed.DebugString(), c.wanted.DebugString()) << c.says;
    EXPECT_EQ(proposed, c.wanted) << c.says;
  }
}

TEST(ProposedNew, OfTwoNullsIsNull) {
  Value none = Value::Null(ItemType());
  EXPECT_EQ(ProposedNew({.attributes = Attributes()}, none, none), none);
}

TEST(ProposedNew, KeepsTuplesAndObjectsOfDynamicBlocks) {
  BlockSchema schema = WithBlock(Nesting::kList);
  schema.blocks[0].block.attributes[2].type = Type::Dynamic();
  Value one = Item(NoString(), NoString(), Value::True());
  Value prior = X(Value::Tuple({Stands("a"), Item(S("b"), S("n"), Value::False())}));
  EXPECT_EQ(ProposedNew(schema, prior, X(Value::Tuple({Said("c"), one}))),
            X(Value::Tuple({Stands("c"), Item(S("b"), S("n"), Value::True())})));
  schema.blocks[0].nesting = Nesting::kMap;
  EXPECT_EQ(ProposedNew(schema, X(Obj({{"k", Stands("a")}})), X(Obj({{"k", one}, {"l", one}}))),
            X(Obj({{"k", Item(S("b"), S("m"), Value::True())}, {"l", one}})));
}

TEST(PlannedDataSource, IsUnknownWhereItIsComputed) {
  BlockSchema schema = {.attributes = Attributes()};
  EXPECT_EQ(PlannedDataSource(schema, Said("a")), Item(AnyString(), AnyString(), S("a")));
  Value wanted = Item(AnyString(), AnyString(), S("a"));
  EXPECT_EQ(PlannedDataSource(WithBlock(Nesting::kList), X(L({Said("a")}))), X(L({wanted})));
  EXPECT_EQ(PlannedDataSource(WithBlock(Nesting::kMap), X(M({{"k", Said("a")}}))),
            X(M({{"k", wanted}})));
  EXPECT_EQ(PlannedDataSource(WithBlock(Nesting::kSet), X(St({Said("a")}))), X(St({wanted})));
  EXPECT_EQ(PlannedDataSource(WithAttribute(Nesting::kSingle, true), X(Value::Null(ItemType()))),
            X(Value::Unknown(ItemType())));
}

std::string Lines(const Problems& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += ToString(problem) + "\n";
  return lines;
}

struct PlannedCase {
  std::string says;
  BlockSchema schema;
  Value prior;
  Value config;
  Value planned;
  std::string problems;
};

std::vector<PlannedCase> PlannedCases() {
  const BlockSchema flat = {.attributes = Attributes()};
  const Value none = Value::Null(ItemType());
  BlockSchema secret = flat;
  secret.attributes[2].sensitive = true;
  BlockSchema write_only = flat;
  write_only.attributes[2].write_only = true;
  const Value unknown_list = Value::Unknown(Type::List(ItemType()));
  const Value null_list = Value::Null(Type::List(ItemType()));
  return {
      {"the provider chooses what is computed", flat, none, Said("a"), Stands("a"), ""},
      {"or will", flat, none, Said("a"), Item(AnyString(), AnyString(), S("a")), ""},
      {"what is configured it keeps", flat, none, Said("a"), Said("b"),
       ".said: planned value \"b\" does not match config value \"a\"\n"},
      {"also what could be computed", flat, none, Item(S("a"), NoString(), NoString()),
       Item(S("b"), NoString(), NoString()),
       ".both: planned value \"b\" does not match config value \"a\"\n"},
      {"neither config nor prior", flat, Stands("p"), Said("a"), Stands("b"),
       ".said: planned value \"b\" does not match config value \"a\" nor prior value \"p\"\n"},
      {"what stands may mean the same", flat, Stands("A"), Said("a"), Stands("A"), ""},
      {"what is not configured is not planned", flat, none,
       Item(NoString(), NoString(), NoString()), Item(NoString(), NoString(), S("a")),
       ".said: planned value \"a\" for a non-computed attribute\n"},
      {"sensitive values are not shown", secret, none, Said("a"), Said("b"),
       ".said: sensitive planned value does not match config value\n"},
      {"nor such that are not configured", secret, none, Item(NoString(), NoString(), NoString()),
       Said("b"), ".said: sensitive planned value for a non-computed attribute\n"},
      {"nor beside a prior", secret, Stands("p"), Said("a"), Said("b"),
       ".said: sensitive planned value does not match config value nor prior value\n"},
      {"write-only: never planned", write_only, none, Said("a"), Item(S("b"), S("m"), NoString()),
       ""},
      {"an object that is not wanted", flat, none, none, Said("a"),
       "planned for existence but config wants absence\n"},
      {"an object that is wanted", flat, none, Said("a"), none,
       "planned for absence but config wants existence\n"},
      {"what is known of an unknown may change", flat, none,
       Item(NoString(), NoString(), Value::Unknown(Type::String(), {.not_null = true})),
       Item(NoString(), NoString(), AnyString()), ""},
      {"block list: more blocks", WithBlock(Nesting::kList), X(L({})), X(L({Said("a")})),
       X(L({Said("a"), Said("b")})),
       ".x: block count in plan (2) disagrees with count in config (1)\n"},
      {"block list: inside", WithBlock(Nesting::kList), X(L({})), X(L({Said("a"), Said("b")})),
       X(L({Stands("a"), Stands("c")})),
       ".x[1].said: planned value \"c\" does not match config value \"b\"\n"},
      {"block list: null", WithBlock(Nesting::kList), X(L({})), X(L({})), X(null_list),
       ".x: a list of nested blocks without any must be empty, not null\n"},
      {"block list: null in config, by an old state", WithBlock(Nesting::kList), X(null_list),
       X(null_list), X(L({})), ""},
      {"block list: unknown", WithBlock(Nesting::kList), X(L({})), X(L({Said("a")})),
       X(unknown_list), ".x: a nested block must not be unknown itself; its attributes may be\n"},
      {"block list: unknown element", WithBlock(Nesting::kList), X(L({})), X(L({Said("a")})),
       X(L({Value::Unknown(ItemType())})),
       ".x[0]: a nested block must not be unknown itself; its attributes may be\n"},
      {"block list: of an unknown dynamic block", WithBlock(Nesting::kList), X(L({})),
       X(unknown_list), X(L({})), ".x: planned value tolist([]) for unknown dynamic block\n"},
      {"block list: unknown as configured", WithBlock(Nesting::kList), X(L({})), X(unknown_list),
       X(unknown_list), ""},
      {"block map: another key", WithBlock(Nesting::kMap), X(M({})), X(M({{"a", Said("1")}})),
       X(M({{"b", Said("1")}})),
       ".x: block key \"b\" from plan is not present in config\n"
       ".x: block key \"a\" from config is not present in plan\n"},
      {"block map: inside", WithBlock(Nesting::kMap), X(M({})), X(M({{"a", Said("1")}})),
       X(M({{"a", Said("2")}})),
       ".x[\"a\"].said: planned value \"2\" does not match config value \"1\"\n"},
      {"block set: is trusted", WithBlock(Nesting::kSet), X(St({})), X(St({Said("a")})),
       X(St({Stands("b"), Stands("c")})), ""},
      {"block set: but not to be null", WithBlock(Nesting::kSet), X(St({})), X(St({Said("a")})),
       X(Value::Null(Type::Set(ItemType()))),
       ".x: a set of nested blocks without any must be empty, not null\n"},
      {"block single: absent", WithBlock(Nesting::kSingle), X(none), X(Said("a")), X(none),
       ".x: planned for absence but config wants existence\n"},
      {"attribute list: another count", WithAttribute(Nesting::kList), X(L({Said("z")})),
       X(L({Said("a")})), X(L({})), ".x: count in plan (0) disagrees with count in config (1)\n"},
      {"attribute list: inside", WithAttribute(Nesting::kList), X(L({})), X(L({Said("a")})),
       X(L({Stands("b")})), ".x[0].said: planned value \"b\" does not match config value \"a\"\n"},
      {"attribute map: another key", WithAttribute(Nesting::kMap), X(M({})),
       X(M({{"a", Said("1")}})), X(M({{"b", Said("1")}})),
       ".x: map key \"b\" from plan is not present in config\n"
       ".x: map key \"a\" from config is not present in plan\n"},
      {"attribute set: count", WithAttribute(Nesting::kSet), X(St({})), X(St({Said("a")})),
       X(St({Said("a"), Said("b")})), ".x: count in plan (2) disagrees with count in config (1)\n"},
      {"attribute set: elements may turn out equal", WithAttribute(Nesting::kSet), X(St({})),
       X(St({Said("a")})),
       X(St({Item(AnyString(), NoString(), S("a")), Item(S("b"), NoString(), S("a"))})), ""},
      {"attribute set: but never more", WithAttribute(Nesting::kSet), X(St({})),
       X(St({Said("a"), Said("b")})), X(St({Item(AnyString(), AnyString(), S("a"))})),
       ".x: count in plan (1) disagrees with count in config (2)\n"},
      {"attribute: unknown where it is configured", WithAttribute(Nesting::kList), X(L({})),
       X(L({Said("a")})), X(unknown_list), ".x: planned unknown for configured value\n"},
      {"attribute: computed as a whole", WithAttribute(Nesting::kList, true), X(L({})),
       X(null_list), X(unknown_list), ""},
      {"attribute: not computed", WithAttribute(Nesting::kSingle), X(none), X(none), X(Said("a")),
       R"(.x: planned value {"both" = tostring(null), "made" = tostring(null), "said" = "a"} for a non-computed attribute)"
       "\n"},
  };
}

TEST(CheckPlanned, Table) {
  for (const PlannedCase& c : PlannedCases())
    EXPECT_EQ(Lines(CheckPlanned(c.schema, c.prior, c.config, c.planned)), c.problems) << c.says;
}

TEST(CheckPlanned, ShowsNothingSensitiveOfWhatIsAround) {
  BlockSchema schema = WithAttribute(Nesting::kSingle);
  schema.attributes[0].attributes[2].sensitive = true;
  EXPECT_EQ(Lines(CheckPlanned(schema, X(Value::Null(ItemType())), X(Value::Null(ItemType())),
                               X(Said("secret")))),
            ".x: sensitive planned value for a non-computed attribute\n");
}

struct AppliedCase {
  std::string says;
  BlockSchema schema;
  Value planned;
  Value actual;
  std::string problems;
};

std::vector<AppliedCase> AppliedCases() {
  const BlockSchema flat = {.attributes = Attributes()};
  BlockSchema secret = flat;
  secret.attributes[2].sensitive = true;
  const Type strings = Type::Map(Type::String());
  const BlockSchema tags = {.attributes = {{.name = "x", .type = strings}}};
  const BlockSchema names = {.attributes = {{.name = "x", .type = Type::Set(Type::String())}}};
  const BlockSchema lists = {.attributes = {{.name = "x", .type = Type::List(Type::String())}}};
  const BlockSchema any = {.attributes = {{.name = "x", .type = Type::Dynamic()}}};
  const Value none = Value::Null(ItemType());
  auto map = [](Value::Members m) { return X(Value::Map(Type::String(), std::move(m))); };
  auto set = [](std::vector<Value> v) { return X(Value::Set(Type::String(), std::move(v))); };
  auto list = [](std::vector<Value> v) { return X(Value::List(Type::String(), std::move(v))); };
  return {
      {"unknown becomes known", flat, Item(AnyString(), AnyString(), S("a")), Stands("a"), ""},
      {"or null", flat, Item(AnyString(), AnyString(), S("a")), Said("a"), ""},
      {"but not where that was excluded", flat,
       Item(Value::Unknown(Type::String(), {.not_null = true}), NoString(), S("a")), Said("a"),
       ".both: was unknown but not null, but now null\n"},
      {"nor where it was said how it begins", flat,
       Item(Value::Unknown(Type::String(), {.prefix = "arn:"}), NoString(), S("a")),
       Item(S("b"), NoString(), S("a")),
       ".both: final value \"b\" does not conform to what was planned of it: (known after "
       "apply)\n"},
      {"but as it was said", flat,
       Item(Value::Unknown(Type::String(), {.prefix = "arn:"}), NoString(), S("a")),
       Item(S("arn:b"), NoString(), S("a")), ""},
      {"another value", flat, Stands("a"), Stands("b"), ".said: was \"a\", but now \"b\"\n"},
      {"gone", flat, Stands("a"), Item(S("b"), S("m"), NoString()),
       ".said: was \"a\", but now null\n"},
      {"come", flat, Said("a"), Stands("a"),
       ".both: was null, but now \"b\"\n.made: was null, but now \"m\"\n"},
      {"still unknown", flat, Stands("a"), Item(S("b"), AnyString(), S("a")),
       ".made: was known, but now unknown\n"},
      {"another type", any, X(S("a")), X(Value::True()),
       ".x: wrong final value type: string required, but have bool\n"},
      {"any type", any, X(Value::Dynamic()), X(Value::True()), ""},
      {"sensitive by schema", secret, Stands("a"), Stands("b"),
       ".said: inconsistent values for sensitive attribute\n"},
      {"sensitive by mark", flat, Item(S("b"), S("m"), S("a").WithMarks(Mark::kSensitive)),
       Stands("b"), ".said: inconsistent values for sensitive attribute\n"},
      {"a mark is no difference", flat, Item(S("b"), S("m"), S("a").WithMarks(Mark::kSensitive)),
       Stands("a"), ""},
      {"the object", flat, Stands("a"), none, "root object was present, but now absent\n"},
      {"no object", flat, none, Stands("a"), "root object was absent, but now present\n"},
      {"map", tags, map({{"a", S("1")}, {"b", S("2")}}), map({{"b", S("3")}, {"c", S("4")}}),
       ".x: element \"a\" has vanished\n.x[\"b\"]: was \"2\", but now \"3\"\n"
       ".x: new element \"c\" has appeared\n"},
      {"list", lists, list({S("a"), S("b")}), list({S("z")}),
       ".x[0]: was \"a\", but now \"z\"\n.x: element 1 has vanished\n"},
      {"set: unknown ones may turn out equal", names, set({S("a"), AnyString()}), set({S("a")}),
       ""},
      {"set: never more", names, set({AnyString()}), set({S("a"), S("b")}),
       ".x: length changed from 1 to 2\n"},
      {"set: others", names, set({S("a")}), set({S("b")}),
       ".x: planned set element \"a\" does not correlate with any element in actual\n"},
      {"blocks: count", WithBlock(Nesting::kList), X(L({Said("a")})), X(L({})),
       ".x: block count changed from 1 to 0\n"},
      {"blocks: inside", WithBlock(Nesting::kList), X(L({Said("a")})), X(L({Said("b")})),
       ".x[0].said: was \"a\", but now \"b\"\n"},
      {"blocks: unknown dynamic block", WithBlock(Nesting::kList),
       X(Value::Unknown(Type::List(ItemType()))), X(L({Said("a"), Said("b")})), ""},
      {"block: unknown, and none came", WithBlock(Nesting::kSingle), X(Value::Unknown(ItemType())),
       X(none), ""},
      {"block map", WithBlock(Nesting::kMap), X(M({{"a", Said("1")}})), X(M({{"b", Said("1")}})),
       ".x: block key \"a\" has vanished\n.x: new block key \"b\" has appeared\n"},
      {"block set: what is computed was unknown", WithBlock(Nesting::kSet),
       X(St({Item(AnyString(), AnyString(), S("a")), Item(AnyString(), AnyString(), S("b"))})),
       X(St({Stands("a"), Stands("b")})), ""},
      {"block set: more", WithBlock(Nesting::kSet), X(St({Item(AnyString(), AnyString(), S("a"))})),
       X(St({Stands("a"), Said("a")})), ".x: block set length changed from 1 to 2\n"},
  };
}

TEST(CheckApplied, Table) {
  for (const AppliedCase& c : AppliedCases())
    EXPECT_EQ(Lines(CheckApplied(c.schema, c.planned, c.actual)), c.problems) << c.says;
}

TEST(CheckApplied, ShowsNothingSensitiveOfASet) {
  BlockSchema schema = WithBlock(Nesting::kSet);
  schema.blocks[0].block.attributes[2].sensitive = true;
  EXPECT_EQ(Lines(CheckApplied(schema, X(St({Said("secret")})), X(St({Said("other")})))),
            ".x: planned set element with sensitive values does not correlate with any element in "
            "actual\n");
}

TEST(EmptyValue, HasNoBlocksAndNullAttributes) {
  EXPECT_EQ(EmptyValue(BlockSchema{.attributes = Attributes()}),
            Item(NoString(), NoString(), NoString()));
  EXPECT_EQ(EmptyValue(WithBlock(Nesting::kSingle)), X(Value::Null(ItemType())));
  EXPECT_EQ(EmptyValue(WithBlock(Nesting::kGroup)), X(Item(NoString(), NoString(), NoString())));
  EXPECT_EQ(EmptyValue(WithBlock(Nesting::kList)), X(L({})));
  EXPECT_EQ(EmptyValue(WithBlock(Nesting::kSet)), X(St({})));
  EXPECT_EQ(EmptyValue(WithBlock(Nesting::kMap)), X(M({})));
}

TEST(AllUnknown, KnowsOnlyThatTheObjectIsThere) {
  EXPECT_EQ(AllUnknown({.attributes = Attributes()}), Item(AnyString(), AnyString(), AnyString()));
  EXPECT_EQ(AllUnknown(WithBlock(Nesting::kSet)), X(Value::Unknown(Type::Set(ItemType()))));
}

TEST(NormalizeLegacyObject, PutsEmptyForNullAndABlockForUnknown) {
  const Value stub = Item(AnyString(), AnyString(), AnyString());
  const Value none = Item(NoString(), NoString(), NoString());
  struct Case {
    Nesting nesting;
    Value given;
    Value wanted;
  };
  const std::vector<Case> cases = {
      {Nesting::kList, Value::Null(Type::List(ItemType())), L({})},
      {Nesting::kList, Value::Unknown(Type::List(ItemType())), L({stub})},
      {Nesting::kList, L({Said("a")}), L({Said("a")})},
      {Nesting::kSet, Value::Null(Type::Set(ItemType())), St({})},
      {Nesting::kSet, Value::Unknown(Type::Set(ItemType())), St({stub})},
      {Nesting::kSingle, Value::Null(ItemType()), Value::Null(ItemType())},
      {Nesting::kSingle, Value::Unknown(ItemType()), stub},
      {Nesting::kGroup, Value::Null(ItemType()), none},
      {Nesting::kMap, Value::Null(Type::Map(ItemType())), Value::Null(Type::Map(ItemType()))},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(NormalizeLegacyObject(WithBlock(c.nesting), X(c.given)).DebugString(),
              X(c.wanted).DebugString());
  }
  Value marked = L({Item(NoString(), NoString(), S("a").WithMarks(Mark::kSensitive))});
  EXPECT_EQ(NormalizeLegacyObject(WithBlock(Nesting::kList), X(marked)), X(marked));
}

TEST(SensitivePaths, LeadThroughBlocksAndAttributes) {
  for (Nesting nesting : {Nesting::kSingle, Nesting::kList, Nesting::kSet, Nesting::kMap}) {
    Value secret = Item(NoString(), NoString(), S("a").WithMarks(Mark::kSensitive));
    auto gather = [nesting](Value item) {
      if (nesting == Nesting::kSingle) return X(std::move(item));
      if (nesting == Nesting::kList) return X(L({std::move(item)}));
      if (nesting == Nesting::kSet) return X(St({std::move(item)}));
      return X(M({{"k", std::move(item)}}));
    };
    BlockSchema block = WithBlock(nesting);
    EXPECT_FALSE(HasSensitive(block));
    block.blocks[0].block.attributes[2].sensitive = true;
    EXPECT_TRUE(HasSensitive(block));
    Value plain = gather(Said("a"));
    EXPECT_EQ(value::MarkWithPaths(plain, SensitivePaths(block, plain)), gather(secret));
    BlockSchema attribute = WithAttribute(nesting);
    attribute.attributes[0].attributes[2].sensitive = true;
    EXPECT_EQ(value::MarkWithPaths(plain, SensitivePaths(attribute, plain)), gather(secret));
  }
  BlockSchema whole = WithAttribute(Nesting::kList);
  whole.attributes[0].sensitive = true;
  Value null_list = X(Value::Null(Type::List(ItemType())));
  EXPECT_TRUE(value::MarkWithPaths(null_list, SensitivePaths(whole, null_list))
                  .Attribute("x")
                  .Has(Mark::kSensitive));
}

TEST(RemoveWriteOnly, LeavesNull) {
  BlockSchema flat = {.attributes = Attributes()};
  EXPECT_EQ(RemoveWriteOnly(flat, Stands("a")), Stands("a"));
  flat.attributes[2].write_only = true;
  Value ephemeral = Item(S("b"), S("m"), S("a").WithMarks(Mark::kEphemeral));
  EXPECT_EQ(RemoveWriteOnly(flat, ephemeral), Item(S("b"), S("m"), NoString()));
  BlockSchema block = WithBlock(Nesting::kSet);
  block.blocks[0].block.attributes[2].write_only = true;
  EXPECT_TRUE(HasWriteOnly(block));
  // What was told apart by it alone is one.
  EXPECT_EQ(RemoveWriteOnly(block, X(St({Said("a"), Said("b")}))),
            X(St({Item(NoString(), NoString(), NoString())})));
  BlockSchema attribute = WithAttribute(Nesting::kMap);
  attribute.attributes[0].attributes[2].write_only = true;
  EXPECT_EQ(RemoveWriteOnly(attribute, X(M({{"k", Stands("a")}}))),
            X(M({{"k", Item(S("b"), S("m"), NoString())}})));
}

TEST(AttributeAt, FollowsThePath) {
  Path x = Path().Attribute("x");
  BlockSchema block = WithBlock(Nesting::kList);
  EXPECT_EQ(AttributeAt(block, x), nullptr);
  EXPECT_EQ(AttributeAt(block, {}), nullptr);
  const AttributeSchema* made = AttributeAt(block, x.Index(Value::Number(0)).Attribute("made"));
  EXPECT_EQ(made, &block.blocks[0].block.attributes[1]);
  EXPECT_EQ(AttributeAt(block, x.Index(Value::Number(0)).Attribute("none")), nullptr);
  EXPECT_EQ(AttributeAt(block, x.Attribute("made").Attribute("deeper")), nullptr);
  BlockSchema attribute = WithAttribute(Nesting::kMap);
  EXPECT_EQ(AttributeAt(attribute, x), &attribute.attributes[0]);
  EXPECT_EQ(AttributeAt(attribute, x.Index(S("k")).Attribute("said")),
            &attribute.attributes[0].attributes[2]);
}

TEST(CheckConformance, NamesThePlaceAndTheType) {
  BlockSchema flat = {.attributes = Attributes()};
  EXPECT_EQ(CheckConformance(flat, Stands("a")), std::nullopt);
  EXPECT_EQ(CheckConformance(flat, Item(S("b"), S("m"), Value::True())),
            ".said: string required, but received bool");
  EXPECT_EQ(CheckConformance(flat, Obj({{"both", S("")}, {"made", S("")}})),
            "attribute \"said\" is required");
  EXPECT_EQ(CheckConformance(
                flat, Obj({{"both", S("")}, {"made", S("")}, {"said", S("")}, {"z", S("")}})),
            "unsupported attribute \"z\"");
  EXPECT_EQ(CheckConformance(flat, S("a")), "object required, but received string");
  EXPECT_EQ(CheckConformance(WithBlock(Nesting::kList), X(Value::List({Value::True()}))),
            ".x[...]: object required, but received bool");
  // Dynamic may be anything, in blocks of a list too.
  BlockSchema any = {.attributes = {{.name = "x", .type = Type::Dynamic()}}};
  EXPECT_EQ(CheckConformance(any, X(Value::True())), std::nullopt);
}

TEST(IgnoreChanges, Table) {
  const Type strings = Type::Map(Type::String());
  BlockSchema schema = WithBlock(Nesting::kList);
  schema.attributes = {{.name = "id", .type = Type::String(), .computed = true},
                       {.name = "name", .type = Type::String(), .optional = true},
                       {.name = "tags", .type = strings, .optional = true}};
  auto tags = [](Value::Members m) { return Value::Map(Type::String(), std::move(m)); };
  auto object = [](Value id, Value name, Value tags, Value x) {
    return Obj({{"id", id}, {"name", name}, {"tags", tags}, {"x", x}});
  };
  const Value before = tags({{"a", S("1")}, {"b", S("2")}});
  const Value after = tags({{"a", S("3")}, {"c", S("4")}});
  const Value prior = object(S("i"), S("old"), before, L({Stands("a")}));
  const Value config = object(NoString(), S("new"), after, L({Said("b")}));
  Path root;
  struct Case {
    std::string says;
    IgnoredChanges ignored;
    Value prior;
    Value config;
    Value wanted;
  };
  const Value no_tags = Value::Null(strings);
  auto key = [&root](const char* k) { return root.Attribute("tags").Index(S(k)); };
  const std::vector<Case> cases = {
      {"nothing", {}, prior, config, config},
      {"an attribute",
       {.paths = {root.Attribute("name")}},
       prior,
       config,
       object(NoString(), S("old"), after, L({Said("b")}))},
      {"a map",
       {.paths = {root.Attribute("tags")}},
       prior,
       config,
       object(NoString(), S("new"), before, L({Said("b")}))},
      {"a key on both sides",
       {.paths = {key("a")}},
       prior,
       config,
       object(NoString(), S("new"), tags({{"a", S("1")}, {"c", S("4")}}), L({Said("b")}))},
      {"a key on the prior side",
       {.paths = {key("b")}},
       prior,
       config,
       object(NoString(), S("new"), tags({{"a", S("3")}, {"b", S("2")}, {"c", S("4")}}),
              L({Said("b")}))},
      {"a key on the configured side",
       {.paths = {key("c")}},
       prior,
       config,
       object(NoString(), S("new"), tags({{"a", S("3")}}), L({Said("b")}))},
      {"a key on no side", {.paths = {key("z")}}, prior, config, config},
      {"a key of no map: as it was",
       {.paths = {key("a")}},
       prior,
       object(NoString(), S("new"), no_tags, L({})),
       object(NoString(), S("new"), tags({{"a", S("1")}}), L({}))},
      {"a key of no map before",
       {.paths = {key("a")}},
       object(S("i"), S("old"), no_tags, L({})),
       object(NoString(), S("new"), tags({{"a", S("1")}}), L({})),
       object(NoString(), S("new"), tags({}), L({}))},
      {"a key of neither",
       {.paths = {key("a")}},
       object(S("i"), S("old"), no_tags, L({})),
       object(NoString(), S("new"), no_tags, L({})),
       object(NoString(), S("new"), no_tags, L({}))},
      {"a key of an unknown map",
       {.paths = {key("a")}},
       prior,
       object(NoString(), S("new"), Value::Unknown(strings), L({})),
       object(NoString(), S("new"), Value::Unknown(strings), L({}))},
      {"several keys",
       {.paths = {key("a"), key("c")}},
       prior,
       config,
       object(NoString(), S("new"), tags({{"a", S("1")}}), L({Said("b")}))},
      {"inside of a block",
       {.paths = {root.Attribute("x").Index(Value::Number(0)).Attribute("said")}},
       prior,
       config,
       object(NoString(), S("new"), after, L({Said("a")}))},
      {"a block that only stands",
       {.paths = {root.Attribute("x").Index(Value::Number(0)).Attribute("said")}},
       prior,
       object(NoString(), S("new"), after, L({})),
       object(NoString(), S("new"), after, L({}))},
      {"all",
       {.all = true},
       prior,
       config,
       object(NoString(), S("old"), before, L({Item(S("b"), NoString(), S("a"))}))},
      {"no object yet", {.all = true}, Value::Null(prior.type()), config, config},
      {"marks of both sides stay",
       {.paths = {key("a"), root.Attribute("name")}},
       object(S("i"), S("old").WithMarks(Mark::kSensitive), before.WithMarks(Mark::kSensitive),
              L({})),
       config,
       object(NoString(), S("old").WithMarks(Mark::kSensitive),
              tags({{"a", S("1").WithMarks(Mark::kSensitive)}, {"c", S("4")}}), L({Said("b")}))},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(IgnoreChanges(schema, c.prior, c.config, c.ignored).DebugString(),
              c.wanted.DebugString())
        << c.says;
  }
}

}  // namespace
}  // namespace andon::provider
