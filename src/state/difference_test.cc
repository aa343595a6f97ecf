#include "state/difference.h"

#include <gtest/gtest.h>

namespace andon::state {
namespace {

State With(const std::string& attributes, std::vector<value::Path> sensitive = {}) {
  State state;
  auto object = std::make_shared<Object>();
  object->attributes = attributes;
  object->sensitive_paths = std::move(sensitive);
  state.SetCurrent(*address::Parse("t.n"), "provider[\"h/n/t\"]", object);
  return state;
}

std::string Said(const std::vector<Difference>& differences) {
  std::string out;
  for (const Difference& one : differences) {
    out += fmt::format("{} {}\n", static_cast<char>(one.kind), one.address);
    for (const AttributeDifference& attribute : one.attributes)
      out += fmt::format("  {}: {} -> {}{}\n", attribute.path, attribute.before, attribute.after,
                         attribute.is_sensitive ? " (sensitive)" : "");
  }
  return out;
}

TEST(DifferenceTest, IsToldByObjectAndAttribute) {
  EXPECT_EQ(Said(Compare(With(R"({"a":1,"b":{"c":[1,2]},"d":null})"),
                         With(R"({"a":1,"b":{"c":[1,3,4]},"e":"x"})"))),
            "~ t.n\n  b.c[1]: 2 -> 3\n  b.c[2]:  -> 4\n  d: null -> \n  e:  -> \"x\"\n");
  EXPECT_EQ(Said(Compare({}, With("{}"))), "+ t.n\n");
  EXPECT_EQ(Said(Compare(With("{}"), {})), "- t.n\n");
  EXPECT_EQ(Said(Compare(With("{}"), With("{}"))), "");
}

TEST(DifferenceTest, SensitivePartsAreSaidToBe) {
  value::Path inner = value::Path().Attribute("b").Attribute("secret");
  EXPECT_EQ(Said(Compare(With(R"({"a":1,"b":{"secret":"x"}})", {inner}),
                         With(R"({"a":2,"b":{"secret":"y"}})"))),
            "~ t.n\n  a: 1 -> 2\n  b.secret: \"x\" -> \"y\" (sensitive)\n");
  // A part that contains it, and what lies in it.
  EXPECT_EQ(Said(Compare(With(R"({"b":{"secret":"x"}})", {inner}), With(R"({"b":null})"))),
            "~ t.n\n  b: {\"secret\":\"x\"} -> null (sensitive)\n");
  value::Path outer = value::Path().Attribute("b");
  EXPECT_EQ(
      Said(Compare(With(R"({"b":[{"c":1}],"bc":1})"), With(R"({"b":[{"c":2}],"bc":2})", {outer}))),
      "~ t.n\n  b[0].c: 1 -> 2 (sensitive)\n  bc: 1 -> 2\n");
  // Types of dynamic attributes are no part of the path.
  EXPECT_EQ(Said(Compare(With(R"({"b":{"type":"string","value":"x"}})", {outer}),
                         With(R"({"b":{"type":"string","value":"y"}})"))),
            "~ t.n\n  b: \"x\" -> \"y\" (sensitive)\n");
}

TEST(DifferenceTest, InstancesStandInTheirOrder) {
  State after;
  for (int i : {10, 9, 2}) {
    after.SetCurrent(*address::Parse(fmt::format("t.n[{}]", i)), "provider[\"h/n/t\"]",
                     std::make_shared<Object>());
  }
  EXPECT_EQ(Said(Compare({}, after)), "+ t.n[2]\n+ t.n[9]\n+ t.n[10]\n");
}

TEST(DifferenceTest, OutputsAndStatus) {
  State before = With("{}"), after = With("{}");
  auto tainted = std::make_shared<Object>();
  tainted->status = ObjectStatus::kTainted;
  after.SetCurrent(*address::Parse("t.n"), "provider[\"h/n/t\"]", tainted);
  before.outputs["o"] = {value::Value::String("x"), true, ""};
  after.outputs["o"] = {value::Value::String("y"), false, ""};
  EXPECT_EQ(Said(Compare(before, after)),
            "~ t.n\n  (status): \"ready\" -> \"tainted\"\n"
            "~ output.o\n  value: \"x\" -> \"y\" (sensitive)\n");
}

}  // namespace
}  // namespace andon::state
