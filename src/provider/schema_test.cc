#include "provider/schema.h"

#include <gtest/gtest.h>

#include "provider/provider.h"

namespace andon::provider {
namespace {

using value::Type;

std::string Implied(const BlockSchema& block) { return ToJson(ImpliedType(block)).Dump(); }

BlockSchema With(Nesting nesting, Type inner) {
  NestedBlock nested{.name = "b", .nesting = nesting};
  nested.block.attributes = {{.name = "a", .type = std::move(inner)}};
  return {.blocks = {nested}};
}

TEST(ImpliedType, GathersNestedBlocksAsTheyMayRepeat) {
  const std::string object = R"(["object",{"a":"string"}])";
  EXPECT_EQ(Implied(With(Nesting::kSingle, Type::String())), R"(["object",{"b":)" + object + "}]");
  EXPECT_EQ(Implied(With(Nesting::kGroup, Type::String())), R"(["object",{"b":)" + object + "}]");
  EXPECT_EQ(Implied(With(Nesting::kList, Type::String())),
            R"(["object",{"b":["list",)" + object + "]}]");
  EXPECT_EQ(Implied(With(Nesting::kSet, Type::String())),
            R"(["object",{"b":["set",)" + object + "]}]");
  EXPECT_EQ(Implied(With(Nesting::kMap, Type::String())),
            R"(["object",{"b":["map",)" + object + "]}]");
}

TEST(ImpliedType, BlocksWithADynamicAttributeNeedNotAgree) {
  EXPECT_EQ(Implied(With(Nesting::kList, Type::Dynamic())), R"(["object",{"b":"dynamic"}])");
  EXPECT_EQ(Implied(With(Nesting::kMap, Type::Dynamic())), R"(["object",{"b":"dynamic"}])");
  EXPECT_EQ(Implied(With(Nesting::kSingle, Type::Dynamic())),
            R"(["object",{"b":["object",{"a":"dynamic"}]}])");
}

TEST(ImpliedType, NestedAttributesAreObjectsWithoutOptionalParts) {
  AttributeSchema attribute{.name = "n", .nesting = Nesting::kMap};
  attribute.attributes = {
      {.name = "o",
       .type = Type::Object({{.name = "x", .type = Type::Number(), .optional = true}})}};
  EXPECT_EQ(Implied({.attributes = {attribute}}),
            R"(["object",{"n":["map",["object",{"o":["object",{"x":"number"}]}]]}])");
}

TEST(ImpliedType, OfAnAttributeAndABlockWithOneNameTheAttributeCounts) {
  BlockSchema block = With(Nesting::kList, Type::String());
  block.attributes = {{.name = "b", .type = Type::Bool()}};
  EXPECT_EQ(Implied(block), R"(["object",{"b":"bool"}])");
}

TEST(ImpliedType, OfAnIdentity) {
  IdentitySchema identity{.attributes = {{.name = "arn", .type = Type::String()}}};
  EXPECT_EQ(ToJson(ImpliedType(identity)).Dump(), R"(["object",{"arn":"string"}])");
}

TEST(BlockSchema, FindsByName) {
  BlockSchema block = With(Nesting::kList, Type::String());
  block.attributes = {{.name = "a"}, {.name = "c"}};
  ASSERT_NE(block.FindAttribute("c"), nullptr);
  EXPECT_EQ(block.FindAttribute("c")->name, "c");
  EXPECT_EQ(block.FindAttribute("b"), nullptr);
  EXPECT_NE(block.FindBlock("b"), nullptr);
  EXPECT_EQ(block.FindBlock("a"), nullptr);
}

class OnlySchema final : public Provider {
 public:
  const GetSchemaResponse& GetSchema() override { return schema_; }

 private:
  GetSchemaResponse schema_;
};

TEST(Provider, RefusesWhatItDoesNotHave) {
  OnlySchema provider;
  EXPECT_TRUE(provider.ValidateResourceConfig({.type = "t"}).empty());
  EXPECT_TRUE(HasErrors(provider.ReadDataSource({.type = "t"}).diagnostics));
  ApplyResourceChangeResponse applied = provider.ApplyResourceChange({.type = "t"});
  EXPECT_TRUE(applied.is_lost && HasErrors(applied.diagnostics));
  ASSERT_TRUE(provider.CallFunction({.name = "f"}).error.has_value());
}

}  // namespace
}  // namespace andon::provider
