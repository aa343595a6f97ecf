#include <gtest/gtest.h>

#include "yaml/json.h"
#include "yaml/tree.h"

namespace andon::yaml {
namespace {

std::string AsJson(std::string_view text) {
  auto json = ParseJson(text);
  return json.ok() ? json->Dump() : json.error().message;
}

TEST(Yaml, TheCoreSchemaAsJson) {
  const struct {
    const char* text;
    const char* json;
  } cases[] = {
      {"a: 1\nb:\n- x\n- k: [1, ~]\n", R"({"a":1,"b":["x",{"k":[1,null]}]})"},
      {"a: |\n  x\n  y\nb: >-\n  p\n  q\n", R"({"a":"x\ny\n","b":"p q"})"},
      {"a: yes\nb: True\nc: off", R"({"a":"yes","b":true,"c":"off"})"},
      {"a: 2022-11-15T02:59:43+00:00\nb: 1.0.0\nc: 0x1F\nd: 1e3\ne: .5",
       R"({"a":"2022-11-15T02:59:43+00:00","b":"1.0.0","c":31,"d":1000.0,"e":0.5})"},
      {"a: '1'\nb: \"true\"\nc: !!str 5\nd: !!int '7'", R"({"a":"1","b":"true","c":"5","d":7})"},
      {"a: &x {k: 1, m: 3}\nb:\n  <<: *x\n  m: 2\n", R"({"a":{"k":1,"m":3},"b":{"k":1,"m":2}})"},
      {"a: 1\na: 2", R"({"a":2})"},
      {"99999999999999999999", "1e+20"},
      {"{\"a\":[true,{\"b\":\"x\\u00e9\"}]}", "{\"a\":[true,{\"b\":\"xé\"}]}"},
      {"a:\n  b:\n", R"({"a":{"b":null}})"},
      {"a: !custom b", "on line 1, column 12: unsupported tag \"!custom\""},
      {"a: !!int x", "on line 1, column 10: cannot parse \"x\" as !!int"},
      {"? [a]\n: b", "on line 2, column 4: a key must be a scalar"},
      {"a: b: c", "on line 1, column 4: mapping values are not allowed here"},
      {"", "on line 1, column 1: missing start of document"},
  };
  for (const auto& c : cases) EXPECT_EQ(AsJson(c.text), c.json) << c.text;
}

TEST(Yaml, EveryNodeKnowsItsPlace) {
  auto root = Parse("# a contract\nversion: 1\nschema:\n  - name: payment\n    'tags': [a, b]\n");
  ASSERT_TRUE(root.ok());
  const struct {
    const char* pointer;
    Position position;
  } cases[] = {
      {"", {2, 1}},
      {"/version", {2, 1}},
      {"/schema/0", {4, 5}},
      {"/schema/0/name", {4, 5}},
      {"/schema/0/tags", {5, 5}},
      {"/schema/0/tags/1", {5, 17}},
      {"/schema/7/x", {3, 1}},
      {"/nothing", {2, 1}},
  };
  for (const auto& c : cases) {
    Position found = PositionOf(*root, c.pointer);
    EXPECT_EQ(found.line, c.position.line) << c.pointer;
    EXPECT_EQ(found.column, c.position.column) << c.pointer;
  }
  EXPECT_EQ(PositionOf(*root, "/schema/0/name").byte, 36);
}

TEST(Yaml, AKeyTwiceCanBeRefused) {
  auto root = Parse("a: 1\nb: 2\na: 3\n", {.allows_duplicates = false});
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().message, "on line 3, column 1: the key \"a\" stands on line 1 already");
  EXPECT_TRUE(Parse("x: &x {a: 1}\ny: {<<: *x, a: 2}", {.allows_duplicates = false}).ok());
}

TEST(Yaml, NeitherDepthNorAliasesAreWithoutEnd) {
  std::string deep(1000, '[');
  EXPECT_NE(AsJson(deep).find("nested too deeply"), std::string::npos);
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    std::string was = "*a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [" + was;
    for (int k = 0; k < 9; ++k) bomb += ", " + was;
    bomb += "]\n";
  }
  EXPECT_NE(AsJson(bomb).find("unfolds to too much"), std::string::npos);
  EXPECT_NE(AsJson("a: &x [1, *x]").find("inside its own definition"), std::string::npos);
}

TEST(Yaml, WhatIsWrittenIsReadAgain) {
  const struct {
    const char* json;
    const char* text;
  } cases[] = {
      {R"({"a":1,"b":["x",{"k":[1,null],"l":true}],"c":{},"d":[]})",
       "a: 1\nb:\n  - x\n  - k:\n      - 1\n      - null\n    l: true\nc: {}\nd: []\n"},
      {R"({"a":"x\ny\n","b":"p\nq","c":"r\n\n"})",
       "a: |\n  x\n  y\nb: |-\n  p\n  q\nc: |+\n  r\n\n"},
      {R"([[1,2],[]])", "- - 1\n  - 2\n- []\n"},
      {R"({"version":"1.0.0","m":"1.0","yes":"no","d":"2024-01-02","t":"12:30"})",
       "version: 1.0.0\nm: \"1.0\"\n\"yes\": \"no\"\nd: \"2024-01-02\"\nt: \"12:30\"\n"},
      {R"({"a":"","b":" x","c":"x: y","d":"- x","e":"-x","f":"x #y","g":"a#b","h":"it's","i":"*"})",
       "a: \"\"\nb: \" x\"\nc: \"x: y\"\nd: \"- x\"\ne: -x\nf: \"x #y\"\ng: a#b\nh: it's\ni: "
       "\"*\"\n"},
      {R"({"a":"^[A-Z]\\d+$","b":"\"q\"","c":"tab\there","d":"[x]\\"})",
       "a: ^[A-Z]\\d+$\nb: '\"q\"'\nc: \"tab\\there\"\nd: '[x]\\'\n"},
      {"1.5", "1.5\n"},
      {"\"x\"", "x\n"},
  };
  for (const auto& c : cases) {
    auto json = Json::Parse(c.json);
    ASSERT_TRUE(json.ok()) << c.json;
    EXPECT_EQ(Emit(*json), c.text);
    EXPECT_EQ(AsJson(c.text), json->Dump()) << c.text;
  }
}

}  // namespace
}  // namespace andon::yaml
