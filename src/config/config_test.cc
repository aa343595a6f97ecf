#include <gtest/gtest.h>

#include "base/text.h"
#include "config/codes.h"
#include "config/module.h"
#include "config/value_json.h"
#include "config/variables.h"
#include "hcl/parser.h"
#include "io/memory_file_system.h"
#include "value/display.h"

namespace andon::config {
namespace {

const Language& SmallLanguage() {
  static const BlockSchema kThing = {
      .kind = "thing",
      .doc = "A thing.",
      .attributes =
          {{.name = "size", .form = Form::kInteger, .required = true, .doc = "How large."},
           {.name = "colour", .form = Form::kString, .doc = "Which."}},
      .example = "thing \"a\" {}\n",
      .aliases = {"object"}};
  static const BlockSchema kTyped = {
      .kind = "typed", .doc = "Of a type.", .types = {{.name = "one"}, {.name = "two"}}};
  static const Language kLanguage({&kThing, &kTyped});
  return kLanguage;
}

Module LoadText(const std::string& text, const std::string& name = "a.andon.hcl") {
  io::MemoryFileSystem files;
  EXPECT_TRUE(files.Write("p/" + name, text).ok());
  return Load(files, "p", SmallLanguage());
}

std::string Codes(const Diagnostics& diagnostics) {
  std::vector<std::string> out;
  for (const Diagnostic& d : diagnostics) {
    out.push_back(d.code + "@" + std::to_string(d.subject.start.line) + ":" +
                  std::to_string(d.subject.start.column) +
                  (d.at_caret.empty() ? "" : " " + d.at_caret));
  }
  return Join(out, "; ");
}

TEST(LoadTest, ToldOnceWithPlaceAndSuggestion) {
  struct Case {
    const char* text;
    const char* codes;
  };
  for (const Case& c : {
           Case{"thing \"a\" {\n  size = 1\n}\n", ""},
           Case{"thing \"a\" {\n  sise = 1\n  size = 1\n}\n", "AN1021@2:3 did you mean \"size\"?"},
           Case{"thing \"a\" {}\n", "AN1022@1:1"},
           Case{"thing \"a\" {\n  sise = 1\n}\n", "AN1021@2:3 did you mean \"size\"?"},
           Case{"thin \"a\" {\n size = 1\n}\n", "AN1103@1:1 did you mean \"thing\"?"},
           Case{"object \"a\" {\n size = 1\n}\n", "AN1103@1:1 did you mean \"thing\"?"},
           Case{"thing {\n size = 1\n}\n", "AN1024@1:1"},
           Case{"thing \"a\" \"b\" {\n size = 1\n}\n", "AN1024@1:1"},
           Case{"thing \"1a\" {\n size = 1\n}\n", "AN1104@1:7"},
           Case{"typed \"too\" \"b\" {\n}\n", "AN1105@1:7 did you mean \"two\"?"},
           Case{"thing \"a\" {\n size = 1\n}\nthing \"a\" {\n size = 2\n}\n", "AN1102@4:1"},
           Case{"variable \"v\" {}\nvariable \"v\" {}\n", "AN1102@2:1"},
           Case{"locals {\n a = 1\n}\nlocals {\n a = 2\n}\n", "AN1102@5:2"},
           Case{"variable \"v\" {\n type = strin\n}\n", "AN1110@2:9"},
           Case{"variable \"v\" {\n type = number\n default = \"x\"\n}\n", "AN1111@3:12"},
           Case{"resource \"aws_x\" \"y\" {\n}\n", "AN1106@1:1"},
           Case{"sink \"postgres\" \"y\" {\n}\n", "AN1106@1:1"},
           Case{"terraform {\n required_version = \">= 1\"\n}\nprovider \"aws\" {\n}\n", ""},
           Case{"thing \"a\" {\n size = 1\n nested {\n }\n}\n", "AN1023@3:2"},
           Case{"x = 1\n", "AN1021@1:1"},
       }) {
    EXPECT_EQ(Codes(LoadText(c.text).diagnostics), c.codes) << c.text;
  }
}

TEST(LoadTest, TerraformFilesStayTerraforms) {
  EXPECT_EQ(Codes(LoadText("thing \"a\" {\n size = 1\n}\n", "main.tf").diagnostics), "AN1103@1:1");
  Module module = LoadText("locals {\n  a = thing.x.size\n}\n", "main.tf");
  ASSERT_EQ(Codes(module.diagnostics), "AN3001@2:7");
  EXPECT_EQ(module.diagnostics.begin()->severity, Severity::kWarning);
}

TEST(VariablesTest, PrecedenceIsTerraforms) {
  io::MemoryFileSystem files;
  auto write = [&](const std::string& name, const std::string& text) {
    ASSERT_TRUE(files.Write("p/" + name, text).ok());
  };
  write("a.andon.hcl",
        "variable \"a\" { default = \"default\" }\nvariable \"b\" { default = \"default\" "
        "}\nvariable \"c\" { default = \"default\" }\n"
        "variable \"d\" { default = \"default\" }\nvariable \"e\" { default = \"default\" "
        "}\nvariable \"n\" { type = list(number) }\n");
  write("terraform.tfvars", "c = \"tfvars\"\nd = \"tfvars\"\n");
  write("x.auto.tfvars", "d = \"auto\"\n");
  write("other.tfvars", "e = \"file\"\n");
  Module module = Load(files, "p", SmallLanguage());
  VariableValues values = ReadVariables(
      files, module,
      {.flags = {{"var-file", "other.tfvars"}, {"var", "n=[1,2]"}},
       .environment = {{"TF_VAR_b", "tf"}, {"ANDON_VAR_b", "andon"}, {"TF_VAR_c", "tf"}}});
  EXPECT_EQ(Codes(values.diagnostics), "");
  std::string shown;
  for (const auto& [name, value] : values.values)
    shown += name + "=" + value::FormatShort(value) + " ";
  EXPECT_EQ(shown,
            "a=\"default\" b=\"andon\" c=\"tfvars\" d=\"auto\" e=\"file\" n=tolist([1, 2]) ");
}

TEST(VariablesTest, MistakesAreTold) {
  auto codes = [](const std::string& text, VariableInput input) {
    io::MemoryFileSystem files;
    EXPECT_TRUE(files.Write("p/a.andon.hcl", text).ok());
    Module module = Load(files, "p", SmallLanguage());
    return Codes(ReadVariables(files, module, input).diagnostics);
  };
  EXPECT_EQ(codes("variable \"a\" {}\n", {}), "AN1121@1:1");
  EXPECT_EQ(codes("variable \"a\" { type = number }\n", {.flags = {{"var", "a=x"}}}), "AN1122@1:1");
  EXPECT_EQ(codes("variable \"alpha\" { default = 1 }\n", {.flags = {{"var", "alhpa=2"}}}),
            "AN1120@1:1 did you mean \"alpha\"?");
  EXPECT_EQ(codes("variable \"a\" { default = 1 }\n", {.flags = {{"var", "nonsense"}}}),
            "AN1123@1:1");
}

TEST(TypeConstraintTest, FillsOptionalAttributes) {
  Module module = LoadText(
      "variable \"v\" {\n  type = list(object({ name = string, size = optional(number, 7), in = "
      "optional(object({ x = optional(bool, "
      "true) }), {}) }))\n  default = [{ name = \"a\" }]\n}\n");
  ASSERT_EQ(Codes(module.diagnostics), "");
  EXPECT_EQ(ToJson(*module.variables.find("v")->second.fallback).Dump(),
            R"([{"name":"a","in":{"x":true},"size":7}])");
}

TEST(ValueJsonTest, KeepsOrderAndNumbers) {
  std::string text = R"({"z":1,"a":[0.1,11.99,-3],"m":{"y":true,"x":null}})";
  EXPECT_EQ(ToJson(FromJson(*Json::Parse(text))).Dump(), text);
  auto literal = value::Number::Parse("11.99");
  EXPECT_TRUE(FromJson(Json(11.99)).number() == *literal);
}

TEST(ExplainTest, FindsAttributesAndSuggests) {
  std::string suggestion;
  EXPECT_NE(Explain(SmallLanguage(), "thing.size", &suggestion).find("How large."),
            std::string::npos);
  EXPECT_EQ(Explain(SmallLanguage(), "thing.sise", &suggestion), "");
  EXPECT_EQ(suggestion, "thing.size");
  EXPECT_EQ(Explain(SmallLanguage(), "object", &suggestion), "");
  EXPECT_EQ(suggestion, "thing");
}

}  // namespace
}  // namespace andon::config
