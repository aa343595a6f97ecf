#include "hcl/parser.h"

#include <gtest/gtest.h>

#include "hcl/static_form.h"

namespace andon::hcl {
namespace {

// Each diagnostic as "AN1009 1:14-1:15".
std::vector<std::string> Told(const Diagnostics& diagnostics) {
  std::vector<std::string> told;
  for (const Diagnostic& d : diagnostics) {
    told.push_back(fmt::format("{} {}:{}-{}:{}", d.code, d.subject.start.line,
                               d.subject.start.column, d.subject.end.line, d.subject.end.column));
  }
  return told;
}

struct MistakeCase {
  const char* text;
  std::vector<std::string> told;
};

TEST(Parser, TellsEachMistakeOnceAtItsPlace) {
  const MistakeCase cases[] = {
      {"a = 1\n", {}},
      {"a = 1 b = 2\nc = 3\n", {"AN1009 1:7-1:8"}},
      {"a = \nb = 2\n", {"AN1013 1:5-2:1"}},
      {"a = [1 2]\nb = [1, 2\nc {\n}\n", {"AN1015 1:8-1:9", "AN1015 3:1-3:2"}},
      {"a = [\n  1 2,\n  3\n]\nb = 1 2\n", {"AN1015 2:5-2:6", "AN1009 5:7-5:8"}},
      {"a = {\n  b = 1 2\n}\nc = (1\n", {"AN1015 2:9-2:10", "AN1014 4:5-4:6"}},
      {"a = f(1, 2\nb {\n  c = 1\n}\n", {"AN1015 2:1-2:2"}},
      {"a = \"x\nb = 2\n", {"AN1006 1:5-1:6"}},
      {"a = [\n  \"x,\n  \"y\",\n]\nb = 1\n", {"AN1006 2:3-2:4"}},
      {"a = \"${x\"\nb = 1\n", {"AN1017 1:6-1:8"}},
      {"a \"x {\n}\nb = 1\n", {"AN1006 1:3-1:4"}},
      {"a \"x {\n  b = 1 2\n}\nc = 1\n", {"AN1006 1:3-1:4", "AN1009 2:9-2:10"}},
      {"a = f(\"x)\nb = [1, 2\nc = 3\n}\nd {\n}\n", {"AN1006 1:7-1:8", "AN1015 3:1-3:2"}},
      {"a {\n  b = x.\n}\nc \"d\n", {"AN1018 2:8-2:9", "AN1006 4:3-4:4"}},
      {"a {\n  b = x.\n}\nc d = 1\n", {"AN1018 2:8-2:9", "AN1011 4:5-4:6"}},
      {"a = 'x'\n", {"AN1004 1:5-1:6"}},
      {"a = 1;\nb = 2;\n", {"AN1004 1:6-1:7"}},
      {"a = 1 & 2\n", {"AN1005 1:7-1:8"}},
      {"a = 1\na = 2\na = 3\n", {"AN1010 2:1-2:2", "AN1010 3:1-3:2"}},
      {"\"a\" = 1\nb = 2\n", {"AN1008 1:1-1:2"}},
      {"a\nb = 1\n", {"AN1008 1:1-1:2"}},
      {"}\na = 1\n", {"AN1008 1:1-1:2"}},
      {"a {\n  b = 1\n\nc {\n}\n", {"AN1012 1:3-1:4"}},
      {"a \"x\" = 1\n", {"AN1011 1:7-1:8"}},
      {"a \"x\"\n{\n}\n", {"AN1011 1:6-2:1"}},
      {"a \"${x}\" {\n}\nb = 1\n", {"AN1007 1:4-1:6"}},
      {"a { b = 1, c = 2 }\nd = 1\n", {"AN1011 1:10-1:11"}},
      {"a {\n  b = \n  c {}\n}\nd {\n  e = [\n}\n", {"AN1013 2:7-3:1", "AN1013 7:1-7:2"}},
      {"a = x ? 1\nb = 2\n", {"AN1015 1:10-2:1"}},
      {"a = [for x y : z]\nb = {for x in y : z}\nc = [for x in y : k => v]\n",
       {"AN1016 1:12-1:13", "AN1016 2:19-2:20", "AN1016 3:21-3:23"}},
      {"a = [for k, v in x : v...]\n", {"AN1016 1:23-1:26"}},
      {"a = \"%{ if x }y\"\n", {"AN1017 1:6-1:15"}},
      {"a = \"%{ endif }\"\n", {"AN1017 1:6-1:16"}},
      {"a = \"%{ iff x }%{ endif }\"\nb = 1\n", {"AN1017 1:9-1:12"}},
      {"a = \"${x y}\"\nb = 1\n", {"AN1017 1:10-1:11"}},
      {"a = \"\\q\"\n", {"AN1007 1:6-1:8"}},
      {"a = \"\\u12\"\n", {"AN1007 1:6-1:10"}},
      {"a = x.\nb = 1\n", {"AN1018 1:6-1:7"}},
      {"a = x.0.1\n", {"AN1018 1:7-1:10"}},
      {"a = x[*\nb = 1\n", {"AN1018 1:8-2:1"}},
      {"a = 1.2.3\n", {"AN1019 1:5-1:10"}},
      {"a = <<EOT\nx\n", {"AN1006 1:5-2:1"}},
      {"/* x\n", {"AN1006 1:1-2:1"}},
      {"\xEF\xBB\xBF"
       "a = 1\n",
       {}},
      {"\xEF\xBB\xBF"
       "a = x.\nb = 1\n",
       {"AN1018 1:6-1:7"}},
      {"a = 1\n\xEF\xBB\xBF"
       "b = 1\n",
       {"AN1004 2:1-2:2"}},
      {"a = \"\xff\"\n", {"AN1001 1:6-1:7"}},
      {"a = \xff\nb = 1\n", {"AN1001 1:5-1:6"}},
      {"é = \"日本\" x\n", {"AN1009 1:10-1:11"}},
      {"a = \"👩‍👩‍👧‍👦\" x\n", {"AN1009 1:9-1:10"}},
      {"a = p::\n", {"AN1013 1:8-2:1"}},
      {"a = p::q\n", {"AN1013 1:9-2:1"}},
  };
  for (const MistakeCase& c : cases) {
    ParsedFile parsed = ParseFile("t.hcl", c.text);
    EXPECT_EQ(Told(parsed.diagnostics), c.told) << c.text;
  }
}

TEST(Parser, GoesOnAfterMistakes) {
  ParsedFile parsed = ParseFile("t.hcl", "a = [1 2]\nb = 2\nc {\n  d = (\n}\ne {\n  f = 1\n}\n");
  const Body& body = parsed.file->body();
  ASSERT_NE(body.Find("b"), nullptr);
  ASSERT_NE(body.Find("a"), nullptr);
  ASSERT_EQ(body.blocks.size(), 2u);
  EXPECT_EQ(body.blocks[1].type, "e");
  EXPECT_NE(body.blocks[1].body.Find("f"), nullptr);
}

TEST(Parser, RangesOfEverything) {
  ParsedFile parsed = ParseFile("t.hcl", "block \"one\" two {\n  name = a.b[0].c + f(1)\n}\n");
  ASSERT_TRUE(parsed.diagnostics.empty());
  const File& file = *parsed.file;
  const Block& block = file.body().blocks[0];
  EXPECT_EQ(file.Text(block.type_span), "block");
  EXPECT_EQ(file.Text(block.labels[0].span), "\"one\"");
  EXPECT_EQ(block.labels[0].text, "one");
  EXPECT_EQ(file.Text(block.labels[1].span), "two");
  EXPECT_EQ(file.Text(block.open_brace), "{");
  EXPECT_EQ(file.Text(block.close_brace), "}");
  EXPECT_EQ(ToString(block.range()), "t.hcl:1:1");
  const Attribute& attribute = block.body.attributes[0];
  EXPECT_EQ(file.Text(attribute.name_span), "name");
  EXPECT_EQ(file.Text(attribute.equals_span), "=");
  EXPECT_EQ(file.Text(attribute.span), "name = a.b[0].c + f(1)");
  const auto& sum = As<BinaryNode>(*attribute.value);
  EXPECT_EQ(file.Text(sum.left->span), "a.b[0].c");
  EXPECT_EQ(file.Text(sum.right->span), "f(1)");
  const auto& left = As<ScopeTraversalNode>(*sum.left);
  ASSERT_EQ(left.steps.size(), 3u);
  EXPECT_EQ(file.Text(left.steps[1].span), "[0]");
}

TEST(Parser, PartOfALargerText) {
  ParsedExpression parsed = ParseExpression("a +", "x.json", {10, 5, 100});
  ASSERT_EQ(parsed.diagnostics.size(), 1u);
  EXPECT_EQ(parsed.diagnostics.list()[0].subject.start, (SourcePos{10, 8, 103}));
}

TEST(Parser, Traversals) {
  ParsedTraversal good = ParseTraversal("a.b[\"c d\"][0]", "t");
  ASSERT_TRUE(good.traversal.has_value());
  EXPECT_EQ(good.traversal->ToString(), "a.b[\"c d\"][0]");
  for (const char* text : {"a[b]", "f(x)", "a.*", "1", "a.", "", "a b", "a[*]", "\"a\""}) {
    ParsedTraversal bad = ParseTraversal(text, "t");
    EXPECT_FALSE(bad.traversal.has_value()) << text;
    EXPECT_EQ(bad.diagnostics.errors(), 1) << text;
  }
}

TEST(Parser, DeepNestingIsOneMistake) {
  auto repeat = [](std::string_view piece, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += piece;
    return text;
  };
  const std::string texts[] = {
      "a = " + repeat("[", 5000),
      "a = " + repeat("(", 5000),
      "a = " + repeat("!", 5000) + "x\n",
      "a = " + repeat("{a = ", 5000),
      "a = " + repeat("f(", 5000),
      "a = " + repeat("x ? y : ", 5000) + "z\n",
      "a = x" + repeat("[y]", 5000) + "\n",
      "a = x" + repeat("[*]", 5000) + "\n",
      "a = \"" + repeat("%{if x}", 5000) + "\"\n",
      repeat("a {\n", 5000),
  };
  for (const std::string& text : texts) {
    ParsedFile parsed = ParseFile("t.hcl", text);
    ASSERT_EQ(parsed.diagnostics.errors(), 1) << text.substr(0, 20);
    EXPECT_EQ(parsed.diagnostics.list()[0].code, "AN1002") << text.substr(0, 20);
  }
  // What is long but not deep is fine.
  for (const std::string& text :
       {"a = 1" + repeat(" + 1", 5000) + "\n", "a = x" + repeat(".b", 5000) + "\n",
        "a = [" + repeat("1,", 5000) + "]\n"}) {
    EXPECT_TRUE(ParseFile("t.hcl", text).diagnostics.empty());
  }
}

TEST(Parser, Identifiers) {
  for (const char* good : {"a", "_a", "a-b", "é1", "日本"}) EXPECT_TRUE(IsIdentifier(good)) << good;
  for (const char* bad : {"", "1a", "-a", "a b", "a.b", "\xff"})
    EXPECT_FALSE(IsIdentifier(bad)) << bad;
}

TEST(StaticForm, ReadsSyntaxWithoutEvaluating) {
  ParsedExpression list = ParseExpression("[a.b, f(x, 1)]", "t");
  auto items = AsList(list.expression);
  ASSERT_TRUE(items && items->size() == 2);
  EXPECT_EQ(AsTraversal((*items)[0])->ToString(), "a.b");
  auto call = AsCall((*items)[1]);
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->name, "f");
  EXPECT_EQ(call->arguments.size(), 2u);
  ParsedExpression map = ParseExpression("{ a = 1, (b) = 2, \"c\" = 3 }", "t");
  auto pairs = AsMap(map.expression);
  ASSERT_TRUE(pairs && pairs->size() == 3);
  EXPECT_EQ(AsKeyword((*pairs)[0].key), "a");
  EXPECT_TRUE((*pairs)[1].parenthesized);
  EXPECT_EQ(AsStringLiteral((*pairs)[2].key), "c");
  EXPECT_EQ(AsKeyword(ParseExpression("true", "t").expression), "true");
  EXPECT_EQ(AsKeyword(ParseExpression("a.b", "t").expression), "");
}

}  // namespace
}  // namespace andon::hcl
