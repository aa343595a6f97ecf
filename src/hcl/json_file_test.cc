#include "hcl/json_file.h"

#include <gtest/gtest.h>

#include "hcl/eval.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"

namespace andon::hcl {
namespace {

using value::Value;

EvalContext Scope() {
  EvalContext context;
  context.variables["x"] = Value::Number(value::Number(3));
  return context;
}

TEST(JsonFileTest, StringsAreTemplatesAndConstantsAreNot) {
  struct Case {
    const char* json;
    const char* value;
    const char* constant;
  };
  const Case cases[] = {
      {R"("a")", R"("a")", R"("a")"},
      {R"("${x}")", "3", R"("${x}")"},
      {R"("n ${x + 1}")", R"("n 4")", R"("n ${x + 1}")"},
      {R"("$${x}")", R"("${x}")", R"("$${x}")"},
      {R"("\u00e9\ud83d\ude00\n")", "\"\u00e9\U0001F600\n\"", "\"\u00e9\U0001F600\n\""},
      {R"({"k": [1, -2.5e1, true, null]})", nullptr, nullptr},
      {R"({"${x}": 1})", R"({"3" = 1})", R"({"${x}" = 1})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    auto parsed = ParseJsonFile("a.json", std::string("{\"a\": ") + c.json + "}");
    ASSERT_FALSE(parsed.diagnostics.has_errors());
    Expression a = parsed.file->body().Find("a")->expression();
    Evaluated value = Evaluate(a, Scope());
    EXPECT_TRUE(value.diagnostics.empty());
    if (c.value == nullptr) continue;
    Evaluated constant = EvaluateConstant(a);
    EXPECT_TRUE(constant.diagnostics.empty());
    if (value.value.type().is_string()) {
      EXPECT_EQ("\"" + value.value.string() + "\"", c.value);
      EXPECT_EQ("\"" + constant.value.string() + "\"", c.constant);
    } else {
      EXPECT_EQ(value.value.DebugString(), c.value);
    }
  }
}

TEST(JsonFileTest, MistakesAreToldAtTheirPlace) {
  struct Case {
    const char* text;
    const char* place;
  };
  const Case cases[] = {
      {"", "a.json:1:1"},
      {"{", "a.json:1:2"},
      {"{\"a\": 1,}", "a.json:1:9"},
      {"{\"a\" 1}", "a.json:1:6"},
      {"{\n  \"a\": nul\n}", "a.json:2:8"},
      {"{\"a\": 01}", "a.json:1:7"},
      {"{\"a\": \"x\n\"}", "a.json:1:7"},
      {"{\"a\": \"\\x\"}", "a.json:1:8"},
      {"{} 1", "a.json:1:4"},
      {"3", "a.json:1:1"},
      {"[1]", "a.json:1:2"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    auto parsed = ParseJsonFile("a.json", c.text);
    ASSERT_EQ(parsed.diagnostics.errors(), 1);
    EXPECT_EQ(ToString(parsed.diagnostics.list()[0].subject), c.place);
  }
}

TEST(JsonFileTest, TheSchemaMakesBlocks) {
  auto parsed = ParseJsonFile("a.json", R"({
    "//": "a comment",
    "one": {"a": 1},
    "many": [{"a": 1}, {"a": 2}],
    "labelled": {"x": {"y": {"a": 1}, "z": [{"a": 2}, {"a": 3}]}},
    "none": null,
    "wrong": 3,
    "name": "n"
  })");
  auto content = PartialContent(
      parsed.file->body(),
      {.attributes = {{"name"}},
       .blocks = {
           {"one", {}}, {"many", {}}, {"labelled", {"p", "q"}}, {"none", {}}, {"wrong", {}}}});
  std::vector<std::string> heads;
  for (const Block* block : content.blocks) {
    std::string head(block->type);
    for (const BlockLabel& label : block->labels) head += "." + std::string(label.text);
    heads.push_back(head + "=" + std::string(block->body.Find("a")->expression().text()));
  }
  EXPECT_EQ(heads, (std::vector<std::string>{"one=1", "many=1", "many=2", "labelled.x.y=1",
                                             "labelled.x.z=2", "labelled.x.z=3"}));
  ASSERT_EQ(content.diagnostics.errors(), 1);
  EXPECT_EQ(content.diagnostics.list()[0].subject.start.line, 7);
  EXPECT_NE(content.Find("name"), nullptr);
}

TEST(JsonFileTest, StaticFormsReadStrings) {
  auto parsed = ParseJsonFile(
      "a.json", R"json({"r": "a.b[0]", "k": "all", "c": "list(string)", "w": "a b"})json");
  ;
  const Body& body = parsed.file->body();
  EXPECT_EQ(AsTraversal(body.Find("r")->expression())->ToString(), "a.b[0]");
  EXPECT_EQ(AsKeyword(body.Find("k")->expression()), "all");
  EXPECT_EQ(AsCall(body.Find("c")->expression())->name, "list");
  EXPECT_FALSE(AsTraversal(body.Find("w")->expression()));
  Diagnostics diagnostics;
  AsNative(body.Find("w")->expression(), &diagnostics);
  ASSERT_EQ(diagnostics.errors(), 1);
  EXPECT_EQ(diagnostics.list()[0].subject.start.line, 1);
}

}  // namespace
}  // namespace andon::hcl
