#include "provider/terraform_functions.h"

#include <gtest/gtest.h>

#include "value/json.h"

namespace andon::provider {
namespace {

using value::Value;

std::string Call(const std::string& name, Value argument) {
  auto said = CallTerraformFunction({.name = name, .arguments = {std::move(argument)}});
  if (said.error) return "error: " + said.error->text;
  if (said.result.type().is_string()) return said.result.string();
  return *value::ToJsonText(said.result);
}

TEST(TerraformFunctions, VariablesAreWrittenAndReadBack) {
  Value all = *value::FromJsonText(
      R"({"a":"x\"${y}\n","list":[1,true,null],"empty":{},"nested":{"b c":{"d":1.5},"e":[]}})");
  std::string text = Call("encode_tfvars", all);
  EXPECT_EQ(
      text,
      "a     = \"x\\\"$${y}\\n\"\nempty = {}\nlist  = [1, true, null]\nnested = {\n  \"b c\" = {\n"
      "    d = 1.5\n  }\n  e = []\n}\n");
  auto back = Call("decode_tfvars", Value::String(text));
  EXPECT_EQ(back, *value::ToJsonText(all));
}

TEST(TerraformFunctions, ExpressionsAreWritten) {
  EXPECT_EQ(Call("encode_expr", Value::String("a")), "\"a\"");
  EXPECT_EQ(Call("encode_expr", Value::Null()), "null");
  EXPECT_EQ(Call("encode_expr", Value::EmptyTuple()), "[]");
  EXPECT_EQ(Call("encode_expr", Value::Unknown(value::Type::String())),
            "error: input is not wholly known");
}

TEST(TerraformFunctions, WrongInputIsRefused) {
  EXPECT_EQ(Call("encode_tfvars", Value::Null()), "error: invalid input: must not be null");
  EXPECT_EQ(Call("encode_tfvars", Value::String("x")), "error: invalid input: must be an object");
  EXPECT_EQ(Call("encode_tfvars", Value::Object({{"1", Value::True()}})),
            "error: invalid input: object key: 1 - must be a valid identifier");
  EXPECT_TRUE(Call("decode_tfvars", Value::String("a = b"))
                  .starts_with("error: failed to decode tfvars content\n1:5: "));
  EXPECT_TRUE(Call("decode_tfvars", Value::String("a {}"))
                  .starts_with("error: failed to decode tfvars content"));
  EXPECT_EQ(Call("other", Value::True()), "error: there is no function other");
}

}  // namespace
}  // namespace andon::provider
