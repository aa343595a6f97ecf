#include "hcl/format.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "hcl/parser.h"

namespace andon::hcl {
namespace {

struct FormatCase {
  const char* text;
  const char* formatted;
};

TEST(Format, LaysOut) {
  const FormatCase cases[] = {
      {"", ""},
      {"a=1", "a = 1"},
      {"a=1\nbbb=2 # x\nc=33 # y\n", "a   = 1\nbbb = 2  # x\nc   = 33 # y\n"},
      {"a=1\n\nbbb=2\n", "a = 1\n\nbbb = 2\n"},
      {"a{\nb=1\n}\n", "a {\n  b = 1\n}\n"},
      {"a   \"x\"{}\n", "a \"x\" {}\n"},
      {"a=[\n1,\n2\n]\n", "a = [\n  1,\n  2\n]\n"},
      {"a=f(g({\nx=1\n}))\n", "a = f(g({\n  x = 1\n}))\n"},
      {"a={b=1,c=-  2}\n", "a = { b = 1, c = -2 }\n"},
      {"a=x?- y:! z\n", "a = x ? -y : !z\n"},
      {"a=b [ 0 ] . c\n", "a = b[0].c\n"},
      {"a=\"x${ b }y\"\n", "a = \"x${b}y\"\n"},
      {"a=[for x in[1]:x]\n", "a = [for x in [1] : x]\n"},
      {"  a=<<EOT\n   x ${ y }\nEOT\nb=1\n", "a = <<EOT\n   x ${y}\nEOT\nb = 1\n"},
      {"a=p :: q ( 1 )\n", "a = p::q(1)\n"},
      {"a = 1 .2\n", "a = 1 .2\n"},
      {"é=1\nab=2\n", "é  = 1\nab = 2\n"},
      {"a = 1\r\nbb=2\r\n", "a  = 1\r\nbb = 2\r\n"},
      {"\xEF\xBB\xBF"
       "a=1\n",
       "a = 1\n"},
      {"type = \"string\"\na = \"${b}\"\n", "type = \"string\"\na    = \"${b}\"\n"},
  };
  for (const FormatCase& c : cases) {
    EXPECT_EQ(Format(c.text), c.formatted) << c.text;
    EXPECT_EQ(Format(c.formatted), c.formatted) << c.text;
  }
}

TEST(Format, RewritesWhatTerraformDoes) {
  const FormatCase cases[] = {
      {"a = \"${b}\"\n", "a = b\n"},
      {"a = \"${b}c\"\n", "a = \"${b}c\"\n"},
      {"a = \"${\n  b\n  + c\n}\"\n", "a = (b\n+ c)\n"},
      {"resource a /* x */ b {\n}\n", "resource \"a\" \"b\" {\n}\n"},
      {"variable \"x\" {\n  type = \"list\"\n}\n", "variable \"x\" {\n  type = list(string)\n}\n"},
      {"variable \"x\" {\n  type = map\n}\n", "variable \"x\" {\n  type = map(any)\n}\n"},
      {"other \"x\" {\n  type = map\n}\n", "other \"x\" {\n  type = map\n}\n"},
  };
  for (const FormatCase& c : cases) {
    EXPECT_EQ(Format(c.text, {.rewrite_legacy = true}), c.formatted) << c.text;
  }
}

// The language's worked examples parse and are canonical already.
TEST(Format, LanguageExamplesAreCanonical) {
  auto path = std::filesystem::path(ANDON_SHARED_DIR) / "design/language.md";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the language's page is not here";
  std::ifstream in(path, std::ios::binary);
  std::stringstream stream;
  stream << in.rdbuf();
  std::string page = stream.str();
  int examples = 0;
  for (size_t at = page.find("```hcl\n"); at != std::string::npos;
       at = page.find("```hcl\n", at + 1)) {
    size_t begin = at + 7;
    std::string text = page.substr(begin, page.find("```", begin) - begin);
    EXPECT_TRUE(ParseFile("language.md", text).diagnostics.empty());
    EXPECT_EQ(Format(text), text);
    ++examples;
  }
  EXPECT_GE(examples, 3);
}

}  // namespace
}  // namespace andon::hcl
