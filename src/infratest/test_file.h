// A file of tests, decoded: what its blocks say, and nothing evaluated but constants.
//
//   TestFile file = ReadTestFile("tests/main.tftest.hcl", text);
//   if (file.diagnostics.has_errors()) …
//   for (const Run& run : file.runs) …
//
// Reading always gives a file, partial where the text is wrong.
// Lifetime: expressions point into `source`, which the file keeps. It can be moved, not copied.
// (Reference: "Tests" of OpenTofu's language documentation.)
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "address/address.h"
#include "base/diagnostics.h"
#include "config/module.h"
#include "config/terraform/configuration.h"
#include "hcl/ast.h"
#include "io/file_system.h"
#include "value/value.h"

namespace andon::infratest {

using Values = std::map<std::string, value::Value, std::less<>>;
using Expressions = std::map<std::string, hcl::Expression, std::less<>>;

// override_resource, override_data: these objects are what is written, without their provider.
struct ResourceOverride {
  address::Address target;  // Without keys.
  Values values;
  SourceRange range;
};

// override_module: the module's resources are left out, its outputs are what is written.
struct ModuleOverride {
  std::vector<std::string> target;  // Names of the calls from the root.
  Values outputs;
  SourceRange range;
};

// mock_resource, mock_data: what objects of a type have where the configuration says nothing.
struct MockDefaults {
  bool is_data = false;
  std::string type;
  Values values;
};

struct MockProvider {
  config::LocalProvider local;
  hcl::Expression for_each;
  std::vector<MockDefaults> defaults;
  std::vector<ResourceOverride> overrides;
  SourceRange range;
};

enum class RunCommand { kApply, kPlan };

struct PlanSettings {
  bool is_refresh_only = false;
  bool refresh = true;
  std::vector<address::Address> targets;
  std::vector<address::Address> replace;
};

// The configuration under test is handed a configuration of the file.
struct PassedProvider {
  config::LocalProvider in_module;
  config::LocalProvider in_file;
  SourceRange range;
};

// What must fail: "var.x", "output.y", "check.z", "aws_vpc.main", "data.x.y[0]".
struct ExpectedFailure {
  std::string object;
  SourceRange range;
};

struct Run {
  std::string name;
  RunCommand command = RunCommand::kApply;
  PlanSettings plan;
  Expressions variables;
  std::vector<PassedProvider> providers;  // Empty: all of the file's.
  std::vector<config::CheckRule> asserts;
  std::vector<ExpectedFailure> expected_failures;
  std::string module_source;  // Empty: the module under test.
  hcl::Expression module_source_expression;
  hcl::Expression module_version;  // Of a registry's module; may be empty.
  SourceRange module_range;
  std::vector<ResourceOverride> overrides;
  std::vector<ModuleOverride> module_overrides;
  SourceRange range;
};

struct TestFile {
  std::string name;  // Relative to the project, as it is selected by.
  Expressions variables;
  std::map<config::LocalProvider, MockProvider> mocks;
  std::vector<ResourceOverride> overrides;
  std::vector<ModuleOverride> module_overrides;
  std::vector<Run> runs;  // In their order.
  std::shared_ptr<const hcl::File> source;
  // Holds the provider blocks: settings.terraform.providers.
  std::unique_ptr<config::Module> settings;
  Diagnostics diagnostics;
};

// As what the module of a run is installed: "test.main.setup", "test.tests.main.setup".
std::string InstallationKey(const TestFile& file, const Run& run);
// A folder of this project: "./setup", "../setup".
bool IsLocalModule(std::string_view source);

// Hidden files of editors and others are none. x.tofutest.hcl stands before x.tftest.hcl.
bool IsTestFile(std::string_view name);

TestFile ReadTestFile(std::string name, std::string text);

// The names of the test files in the folder `dir` and in its folder `test_folder`, sorted.
std::vector<std::string> FindTestFiles(const io::FileSystem& files, const std::string& dir,
                                       const std::string& test_folder);

}  // namespace andon::infratest
