// Files of tests decoded, mocked objects made up, and runs with a provider that has more than the
// program's own.
#include <gtest/gtest.h>

#include "functions/registry.h"
#include "infratest/mock_values.h"
#include "infratest/runner.h"
#include "io/memory_file_system.h"

namespace andon::infratest {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using provider::Nesting;
using value::Type;
using value::Value;

std::string Mistakes(const std::string& text, const std::string& name = "a.tftest.hcl") {
  std::string out;
  for (const Diagnostic& d : ReadTestFile(name, text).diagnostics) {
    EXPECT_TRUE(d.subject.exists()) << d.summary;
    out += d.summary + "\n";
  }
  return out;
}

TEST(TestFile, ReadsRunsInTheirOrder) {
  TestFile file = ReadTestFile("a.tftest.hcl", R"(
variables { a = 1 }
provider "fake" { alias = "west" }
run "one" {
  command = plan
  variables { b = var.a }
  providers = { fake = fake.west }
  plan_options {
    mode    = refresh-only
    target  = [fake_thing.a, module.m]
    replace = [fake_thing.b["k"]]
  }
  expect_failures = [var.x, output.y, check.z, fake_thing.a[0], data.fake_thing.b, resource.fake_thing.c]
  assert {
    condition     = var.a == 1
    error_message = "no"
  }
}
run "two" {
  module { source = "./m" }
}
)");
  ASSERT_TRUE(file.diagnostics.empty()) << file.diagnostics.list()[0].detail;
  ASSERT_EQ(file.runs.size(), 2);
  const auto& one = file.runs[0];
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.command, RunCommand::kPlan);
  EXPECT_TRUE(one.plan.is_refresh_only);
  EXPECT_EQ(ToString(one.plan.targets.at(1)), "module.m");
  EXPECT_EQ(ToString(one.plan.replace.at(0)), "fake_thing.b[\"k\"]");
  EXPECT_EQ(one.providers.at(0).in_file.alias, "west");
  EXPECT_EQ(one.asserts.size(), 1);
  std::string expected;
  for (const ExpectedFailure& failure : one.expected_failures) expected += failure.object + " ";
  EXPECT_EQ(expected, "var.x output.y check.z fake_thing.a[0] data.fake_thing.b fake_thing.c ");
  EXPECT_EQ(file.runs[1].module_source, "./m");
  EXPECT_EQ(file.runs[1].command, RunCommand::kApply);
  EXPECT_TRUE(file.settings->terraform.providers.contains({"fake", "west"}));
}

TEST(TestFile, ReadsTheSameFromJson) {
  TestFile file = ReadTestFile("a.tftest.json", R"({
    "variables": {"a": 1},
    "run": {"one": {
      "command": "plan",
      "expect_failures": ["var.x"],
      "assert": {"condition": "${var.a == 1}", "error_message": "no"},
      "override_resource": {"target": "fake_thing.a", "values": {"b": "c"}}
    }}})");
  ASSERT_TRUE(file.diagnostics.empty()) << file.diagnostics.list()[0].detail;
  ASSERT_EQ(file.runs.size(), 1);
  EXPECT_EQ(file.runs[0].command, RunCommand::kPlan);
  EXPECT_EQ(file.runs[0].expected_failures.at(0).object, "var.x");
  EXPECT_EQ(file.runs[0].asserts.size(), 1);
  EXPECT_EQ(file.runs[0].overrides.at(0).values.at("b").string(), "c");
}

TEST(TestFile, TellsEveryMistakeAtItsPlace) {
  struct Case {
    const char* text;
    const char* summaries;
  };
  const Case kCases[] = {
      {"run \"a b\" {}", "Invalid run block name\n"},
      {"run \"a\" { command = destroy }", "Invalid \"command\" keyword\n"},
      {"run \"a\" {\n plan_options { mode = destroy }\n}", "Invalid \"mode\" keyword\n"},
      {"run \"a\" {\n plan_options {\n mode = refresh-only\n refresh = false\n }\n}",
       "Incompatible plan options\n"},
      {"run \"a\" {\n plan_options { replace = [data.a.b] }\n}", "Invalid replace address\n"},
      {"run \"a\" {\n module {}\n}", "Missing \"source\" attribute for module block\n"},
      {"run \"a\" {\n variables {}\n variables {}\n}", "Multiple \"variables\" blocks\n"},
      {"variables {}\nvariables {}", "Multiple \"variables\" blocks\n"},
      {"run \"a\" { expect_failures = [local.x] }", "Invalid `expect_failures` reference\n"},
      {"run \"a\" { expect_failures = [module.m.a_b.c] }", "Invalid `expect_failures` reference\n"},
      {"run \"a\" { providers = [a] }", "Invalid expression\n"},
      {"override_resource { target = a_b.c[0] }", "Invalid address\n"},
      {"override_resource { target = data.a.b }",
       "Unsupported `data` target in `override_resource` block\n"},
      {"override_data { target = a_b.c }",
       "Unsupported `resource` target in `override_data` block\n"},
      {"override_resource { target = a_b.c }\noverride_resource { target = a_b.c }",
       "Duplicated `override_resource` block\n"},
      {"override_module { target = a_b.c }", "Invalid address\n"},
      {"override_module {\n target = module.a\n outputs = 1\n}", "Object expected\n"},
      {"override_resource {\n target = a_b.c\n values = { a = var.b }\n}", "Unknown name\n"},
      {"mock_provider \"a\" { for_each = toset([]) }", "Alias required when using \"for_each\"\n"},
      {"mock_provider \"a\" {}\nmock_provider \"a\" {}", "Duplicated `mock_provider` block\n"},
      {"mock_provider \"a\" {\n mock_data \"b\" {}\n mock_data \"b\" {}\n mock_resource \"b\" "
       "{}\n}",
       "Duplicated `mock_data` block\n"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Mistakes(c.text), c.summaries) << c.text;
}

TEST(TestFile, IsFoundHereAndInTheFolderOfTests) {
  io::MemoryFileSystem files;
  for (const char* name : {"p/b.tftest.hcl", "p/tests/a.tftest.json", "p/tests/a.tofutest.json",
                           "p/tests/.b.tftest.hcl", "p/other/c.tftest.hcl", "p/c.tofutest.hcl",
                           "p/c.tftest.hcl", "p/main.tf"})
    ASSERT_TRUE(files.Write(name, "").ok());
  using Names = std::vector<std::string>;
  EXPECT_EQ(FindTestFiles(files, "p", "tests"),
            (Names{"b.tftest.hcl", "c.tofutest.hcl", "tests/a.tofutest.json"}));
  EXPECT_EQ(FindTestFiles(files, "p", "other"),
            (Names{"b.tftest.hcl", "c.tofutest.hcl", "other/c.tftest.hcl"}));
  EXPECT_EQ(FindTestFiles(files, "p", "none"), (Names{"b.tftest.hcl", "c.tofutest.hcl"}));
}

// ---- Mocks.

AttributeSchema Attribute(std::string name, Type type, bool optional, bool computed) {
  AttributeSchema out;
  out.name = std::move(name);
  out.type = std::move(type);
  out.optional = optional;
  out.computed = computed;
  return out;
}

BlockSchema ThingSchema() {
  BlockSchema out;
  out.attributes = {Attribute("count_of", Type::Number(), false, true),
                    Attribute("id", Type::String(), false, true),
                    Attribute("name", Type::String(), true, false),
                    Attribute("size", Type::String(), true, true),
                    Attribute("tags", Type::Map(Type::String()), false, true)};
  provider::NestedBlock disk{.name = "disk", .nesting = Nesting::kList};
  disk.block.attributes = {Attribute("path", Type::String(), false, true),
                           Attribute("size", Type::Number(), true, false)};
  out.blocks = {disk};
  return out;
}

Value ThingConfig(Value name, std::vector<Value> disks) {
  Type disk = Type::Object({{"path", Type::String()}, {"size", Type::Number()}});
  return Value::Object({{"count_of", Value::Null(Type::Number())},
                        {"disk", Value::List(disk, std::move(disks))},
                        {"id", Value::Null(Type::String())},
                        {"name", std::move(name)},
                        {"size", Value::Null(Type::String())},
                        {"tags", Value::Null(Type::Map(Type::String()))}});
}

Value Disk(int size) {
  return Value::Object({{"path", Value::Null(Type::String())}, {"size", Value::Number(size)}});
}

TEST(MockObject, MakesUpWhatTheProviderWouldChoose) {
  Value config = ThingConfig(Value::String("n"), {Disk(1), Disk(2)});
  Values given;
  given["disk"] = Value::Object({{"path", Value::String("/dev/a")}});
  given["count_of"] = Value::String("7");  // Converted.
  MockedObject made = MockObject(ThingSchema(), config, given, "fake_thing");
  EXPECT_TRUE(made.diagnostics.empty());
  EXPECT_EQ(made.value.type(), ImpliedType(ThingSchema()));
  EXPECT_EQ(made.value.Find("name")->string(), "n");
  EXPECT_EQ(made.value.Find("count_of")->number().ToInt64(), 7);
  EXPECT_EQ(made.value.Find("id")->string().size(), 12);
  EXPECT_EQ(made.value.Find("tags")->size(), 0);
  EXPECT_EQ(made.value.Find("disk")->items().at(1).Find("path")->string(), "/dev/a");
  EXPECT_EQ(made.value.Find("disk")->items().at(1).Find("size")->number().ToInt64(), 2);
  EXPECT_TRUE(MockObject(ThingSchema(), config, given, "fake_thing").value == made.value);
  EXPECT_FALSE(MockObject(ThingSchema(), config, given, "other").value == made.value);
}

TEST(MockObject, RefusesWhatATestCannotGive) {
  auto refused = [](const Value& config, std::string name, Value value) {
    Values given;
    given[std::move(name)] = std::move(value);
    auto made = MockObject(ThingSchema(), config, given, "fake_thing");
    return made.diagnostics.empty() ? std::string() : made.diagnostics[0].diagnostic.summary;
  };
  Value config = ThingConfig(Value::String("n"), {});
  EXPECT_EQ(refused(config, "name", Value::String("x")), "Invalid mock/override field `name`");
  EXPECT_EQ(refused(ThingConfig(Value::Null(Type::String()), {}), "name", Value::String("x")),
            "Non-computed field `name` is not allowed to be overridden");
  EXPECT_EQ(refused(config, "count_of", Value::String("x")),
            "Invalid mock/override field `count_of`");
  EXPECT_EQ(refused(config, "disk", Value::String("x")), "Invalid override for block field `disk`");
  EXPECT_EQ(refused(config, "disk", Value::EmptyObject()),
            "Invalid override for block field `disk`");
  EXPECT_EQ(refused(config, "none", Value::String("x")), "Invalid override for block field `none`");
}

// ---- Runs.

// Nothing of it may be asked but its schema.
class Untouchable : public provider::Provider {
 public:
  Untouchable() {
    schema_.schema.resources["fake_thing"].block = ThingSchema();
    schema_.schema.data_sources["fake_thing"].block = ThingSchema();
  }
  const provider::GetSchemaResponse& GetSchema() override { return schema_; }
  provider::AttributeDiagnostics Configure(const provider::ConfigureRequest&) override {
    ADD_FAILURE() << "it was configured";
    return {};
  }

 private:
  provider::GetSchemaResponse schema_;
};

class Source : public infra::ProviderSource {
 public:
  Result<std::unique_ptr<provider::Provider>> Start(const config::ProviderAddress&) override {
    return std::unique_ptr<provider::Provider>(std::make_unique<Untouchable>());
  }
};

std::string Told(const std::string& main, const std::string& test) {
  io::MemoryFileSystem files;
  EXPECT_TRUE(files.Write("p/main.tf", main).ok());
  static const config::Language kNone;
  config::ModuleTree tree = config::LoadModuleTree(
      files, std::make_unique<config::Module>(config::Load(files, "p", kNone)));
  std::vector<TestFile> tests;
  tests.push_back(ReadTestFile("a.tftest.hcl", test));
  EXPECT_TRUE(tests[0].diagnostics.empty());
  auto functions = functions::MakeTable({});
  Source source;
  Executor executor(2);
  std::string out;
  Suite suite{.tree = &tree,
              .language = &kNone,
              .providers = &source,
              .executor = &executor,
              .parallel = 2,
              .variables = {&files, &functions, {}},
              .language_version = "1.12.0"};
  suite.listener = [&](const Event& event) {
    if (event.kind == Event::Kind::kRunEnds)
      out += event.run->name + " " + std::string(ToString(event.status)) + "\n";
    bool is_torn_down = event.kind == Event::Kind::kRunTearsDown;
    EXPECT_TRUE(!is_torn_down || event.state->empty());
    for (const Diagnostic& d : event.diagnostics ? *event.diagnostics : Diagnostics())
      out += "  " + d.summary + ": " + d.detail + "\n";
  };
  Totals totals = RunTests(suite, tests);
  return out + totals.Summary();
}

TEST(RunTests, AMockedProviderIsNeverAsked) {
  EXPECT_EQ(Told(R"(
data "fake_thing" "d" {
  name = "d"
}
resource "fake_thing" "a" {
  for_each = toset(["x", "y"])
  name     = data.fake_thing.d.size
  disk {
    size = 3
  }
}
output "sizes" {
  value = [for thing in fake_thing.a : thing.size]
}
)",
                 R"(
mock_provider "fake" {
  mock_data "fake_thing" {
    defaults = { size = "large" }
  }
  mock_resource "fake_thing" {
    defaults = { size = "small", disk = { path = "/dev/x" } }
  }
}
run "applies" {
  assert {
    condition     = fake_thing.a["x"].name == "large" && fake_thing.a["y"].disk[0].path == "/dev/x"
    error_message = "mocks"
  }
  assert {
    condition     = output.sizes == ["small", "small"]
    error_message = "outputs"
  }
}
run "again" {
  command = plan
  override_data {
    target = data.fake_thing.d
    values = { size = "given" }
  }
  assert {
    condition     = fake_thing.a["x"].name == "given" && length(run.applies.sizes) == 2
    error_message = fake_thing.a["x"].name
  }
}
run "unknown" {
  command = plan
  assert {
    condition     = fake_thing.b.name == "x"
    error_message = "no such thing"
  }
}
)"),
            "applies pass\nagain pass\nunknown error\n  Unknown name: There is no "
            "\"fake_thing\" that this expression could refer to.\nFailure! 2 passed, 1 failed.");
}

TEST(RunTests, AnOverrideOfAnotherModeOrOfNothingIsAMistake) {
  EXPECT_EQ(Told("resource \"fake_thing\" \"a\" {}\n", R"(
mock_provider "fake" {}
run "a" {
  override_module {
    target = module.none
  }
}
run "b" {}
)"),
            "a error\n  Invalid override: The configuration has no module.none.\nb skip\n"
            "Failure! 0 passed, 1 failed, 1 skipped.");
  EXPECT_EQ(Told("resource \"fake_thing\" \"a\" {}\n", R"(
run "a" {
  providers = { fake = fake.none }
}
)"),
            "a error\n  Missing provider definition: The file configures no provider fake.none: a "
            "provider or mock_provider block does that.\nFailure! 0 passed, 1 failed.");
}

}  // namespace
}  // namespace andon::infratest
