#include "hcl/schema.h"

#include <gtest/gtest.h>

#include "hcl/parser.h"

namespace andon::hcl {
namespace {

const BodySchema kSchema = {
    .attributes = {{"name", true}, {"owner"}},
    .blocks = {{"column", {"name"}}, {"lifecycle", {}}},
};

std::vector<std::string> Told(const Diagnostics& diagnostics) {
  std::vector<std::string> told;
  for (const Diagnostic& d : diagnostics) {
    told.push_back(fmt::format("{} {}:{} {}", d.code, d.subject.start.line, d.subject.start.column,
                               d.at_caret));
  }
  return told;
}

TEST(Schema, ContentTellsWhatDoesNotFit) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"name = 1\nowner = 2\ncolumn \"a\" {}\ncolumn b {}\nlifecycle {}\n", {}},
      {"owner = 2\n", {"AN1022 2:1 "}},
      {"name = 1\nowmer = 2\n", {"AN1021 2:1 did you mean \"owner\"?"}},
      {"name = 1\ncolumn = 2\n", {"AN1021 2:1 "}},
      {"name = 1\nname2 {}\nowner {}\n", {"AN1023 2:1 ", "AN1023 3:1 "}},
      {"name = 1\nclumn \"a\" {}\n", {"AN1023 2:1 did you mean \"column\"?"}},
      {"name = 1\ncolumn {}\ncolumn a b {}\nlifecycle x {}\n",
       {"AN1024 2:8 ", "AN1024 3:10 ", "AN1024 4:11 "}},
  };
  for (const auto& [text, want] : cases) {
    ParsedFile parsed = ParseFile("t", text);
    ASSERT_TRUE(parsed.diagnostics.empty()) << text;
    EXPECT_EQ(Told(Content(parsed.file->body(), kSchema).diagnostics), want) << text;
  }
}

TEST(Schema, PartialContentLeavesTheRest) {
  ParsedFile parsed = ParseFile("t", "name = 1\nother = 2\nblock {}\ncolumn a {}\n");
  BodyContent content = PartialContent(parsed.file->body(), kSchema);
  EXPECT_TRUE(content.diagnostics.empty());
  EXPECT_NE(content.Find("name"), nullptr);
  EXPECT_EQ(content.Find("other"), nullptr);
  ASSERT_EQ(content.other_attributes.size(), 1u);
  ASSERT_EQ(content.other_blocks.size(), 1u);
  EXPECT_EQ(content.blocks.size(), 1u);
}

TEST(Schema, JustAttributesRefusesBlocks) {
  ParsedFile parsed = ParseFile("t", "a = 1\nb {}\n");
  BodyContent content = JustAttributes(parsed.file->body());
  EXPECT_EQ(content.attributes.size(), 1u);
  EXPECT_EQ(Told(content.diagnostics), (std::vector<std::string>{"AN1023 2:1 "}));
}

}  // namespace
}  // namespace andon::hcl
