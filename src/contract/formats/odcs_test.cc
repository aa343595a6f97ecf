#include "contract/formats/odcs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "yaml/json.h"

namespace andon::contract {
namespace {

namespace fs = std::filesystem;

std::string Load(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Odcs, TheStandardsExamplesAreValidAndSurvive) {
  fs::path dir = fs::path(ANDON_SHARED_DIR) / "conformance/odcs/examples";
  if (!fs::exists(dir)) GTEST_SKIP() << "conformance/odcs is not here";
  int count = 0;
  for (const auto& entry : fs::directory_iterator(dir)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::string text = Load(entry.path());
    ReadFile read = ReadOdcs(text, entry.path().filename().string());
    ASSERT_TRUE(read.document);
    for (const Diagnostic& d : read.diagnostics)
      ADD_FAILURE() << d.detail << " at line " << d.subject.start.line;
    auto original = yaml::ParseJson(text);
    ASSERT_TRUE(original.ok());
    std::string written = WriteOdcs(*read.document);
    ReadFile again = ReadOdcs(written, "written");
    ASSERT_TRUE(again.document);
    EXPECT_TRUE(again.diagnostics.empty());
    EXPECT_EQ(again.document->json, *original);
    EXPECT_EQ(WriteOdcs(*again.document), written);
    ++count;
  }
  EXPECT_EQ(count, 18);
}

TEST(Odcs, WhatIsWrongIsToldWithItsPlace) {
  const struct {
    const char* text;
    const char* told;
  } cases[] = {
      {"version: 1.0.0\n",
       "1:1 \"apiVersion\" is missing.\n1:1 \"kind\" is missing.\n1:1 \"id\" is missing.\n1:1 "
       "\"status\" is missing.\n"},
      {"apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: actve\n"
       "schema:\n  - name: payment\n    properties:\n      - name: amount\n        logicaltype: "
       "number\n",
       "10:9 /schema/0/properties/0/logicaltype: \"logicaltype\" is not known here; did you mean "
       "\"logicalType\"?\n"},
      {"apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
       "schema:\n  - name: payment\n    quality:\n      - type: library\n        metric: rowcount\n"
       "        mustBe: 1\n",
       "10:9 /schema/0/quality/0/metric: \"rowcount\" is none of the values allowed; did you mean "
       "\"rowCount\"?\n"},
      {"a: b: c\n", "1:4 The file is no YAML: mapping values are not allowed here.\n"},
      {"id: x\nid: y\n", "2:1 The file is no YAML: the key \"id\" stands on line 1 already.\n"},
      {"- x\n", "1:1 A contract is a mapping: \"apiVersion\", \"kind\", \"id\", ….\n"},
  };
  for (const auto& c : cases) {
    std::string told;
    for (const Diagnostic& d : ReadOdcs(c.text, "x.yaml").diagnostics)
      told += std::to_string(d.subject.start.line) + ":" + std::to_string(d.subject.start.column) +
              " " + d.detail + "\n";
    EXPECT_EQ(told, c.told) << c.text;
  }
}

}  // namespace
}  // namespace andon::contract
