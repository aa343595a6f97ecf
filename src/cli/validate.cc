#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.h"
#include "builtin/language.h"
#include "cli/infrastructure_rules.h"
#include "cli/infrastructure_tests.h"
#include "cli/planning.h"
#include "cli/validation_json.h"
#include "config/codes.h"
#include "config/terraform/validate.h"
#include "io/local_file_system.h"

namespace andon::cli {
namespace {

// "14 datasets, 2 sources"
std::string WhatIsThere(const builtin::ProjectFiles& project) {
  std::map<std::string, int64_t> counts;
  for (const plan::Instance& instance : project.evaluation->instances())
    ++counts[instance.address.kind == "run" ? "test" : instance.address.kind];
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) {
    if (kind != "andon")
      parts.push_back(Count(count, kind, kind == "person" ? "people" : std::string()));
  }
  return parts.empty() ? "nothing is declared" : Join(parts, ", ");
}

using Files = std::vector<std::shared_ptr<const hcl::File>>;

// The files of all modules, for the excerpts of messages.
void AddFiles(const config::ModuleNode& node, Files* to) {
  to->insert(to->end(), node.module->files.begin(), node.module->files.end());
  for (const auto& [name, child] : node.children) AddFiles(*child, to);
}

// What there is to say of Terraform's files.
struct TerraformFindings {
  bool is_alone = false;  // No *.andon.hcl: a folder of Terraform's.
  Files files;
  Diagnostics diagnostics;
};

TerraformFindings CheckTerraform(const Arguments& arguments, bool says_only_terraforms) {
  io::LocalFileSystem files;
  auto root = std::make_unique<config::Module>(config::Load(files, ".", builtin::DataLanguage()));
  TerraformFindings found;
  found.is_alone = says_only_terraforms || (root->has_terraform_files && !root->has_data_files);
  if (!found.is_alone && !root->terraform.has_infrastructure()) return found;
  config::VariableValues given = config::ReadVariables(files, *root, VariablesOf(arguments));
  config::TreeOptions options;
  const std::map<std::string, value::Value> variables = given.values;
  options.variables = std::move(given.values);
  config::ModuleTree tree = config::LoadModuleTree(files, std::move(root), options);
  found.diagnostics = std::move(tree.diagnostics);
  found.diagnostics.Append(config::Validate(tree));
  if (!says_only_terraforms) found.diagnostics.Append(RulesOfFiles(tree, variables));
  for (const Diagnostic& d : given.diagnostics) {
    // The configuration is valid for whatever values; what is missing, a plan asks for.
    if (d.code != config::kNoValue.code) found.diagnostics.Add(d);
  }
  AddFiles(*tree.root, &found.files);
  if (arguments.Bool("no-tests")) return found;
  for (infratest::TestFile& test : FindInfrastructureTests(arguments)) {
    found.diagnostics.Append(std::move(test.diagnostics));
    found.files.push_back(std::move(test.source));
  }
  return found;
}

// Both readings of a mixed project see its .tf files: a place is complained of once. Beside
// infrastructure a value may be unknown and still be fine: the plan knows what was applied.
void Merge(const Diagnostics& more, bool has_infrastructure, Diagnostics* found) {
  std::set<std::string> told;
  for (const Diagnostic& d : *found) told.insert(ToString(d.subject));
  for (const Diagnostic& d : more) {
    if (has_infrastructure && d.code == config::kMustBeKnown.code) continue;
    if (!d.subject.exists() || !told.contains(ToString(d.subject))) found->Add(d);
  }
}

ExitCode Report(Context& context, const Diagnostics& found, const TerraformFindings& terraform,
                const std::string& success) {
  for (const auto& file : terraform.files) context.sources.Add(file->filename(), file->text());
  ExitCode code = found.has_errors() ? ExitCode::kError : ExitCode::kDone;
  if (context.json) {
    context.Line(ValidationJson(found, context.sources).Dump(terraform.is_alone ? 2 : 0));
    return code;
  }
  context.Report(found);
  if (!found.has_errors()) {
    context.Line(fmt::format("{} {}", context.Paint("green", "Success!"), success));
    return code;
  }
  int64_t warnings = int64_t(found.size()) - found.errors();
  context.Note(fmt::format("{}{}.", Count(found.errors(), "error"),
                           warnings > 0 ? ", " + Count(warnings, "warning") : std::string()));
  return code;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  TerraformFindings terraform = CheckTerraform(arguments, context.speaks_as_other());
  Diagnostics found = std::move(terraform.diagnostics);
  if (terraform.is_alone) {
    found.Sort();
    return Report(context, found, terraform,
                  found.empty() ? "The configuration is valid."
                                : "The configuration is valid, but there were some validation "
                                  "warnings as shown above.");
  }
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr,
                       {.with_tests = true, .allows_infrastructure = true});
  Merge(project.diagnostics, project.module->terraform.has_infrastructure(), &found);
  found.Sort();
  int64_t warnings = int64_t(found.size()) - found.errors();
  return Report(context, found, terraform,
                fmt::format("The project is valid: {}{}.", WhatIsThere(project),
                            warnings > 0 ? ", " + Count(warnings, "warning") : std::string()));
}

}  // namespace

extern const Command kValidate = {
    .name = "validate",
    .group = Group::kWrite,
    .summary = "Check the files, without touching data",
    .usage = "",
    .description =
        "Reads the *.andon.hcl, *.andontest.hcl and Terraform files (*.tf, *.tofu, *.tf.json, "
        "*.tofu.json) of the project and says everything that is wrong with them: syntax, unknown "
        "blocks, attributes, functions, columns, SQL that does not fit the columns it reads, "
        "checks that cannot work; and for Terraform's language references, modules and what they "
        "are given, count and for_each, provider configurations, cycles, and the blocks of tests. "
        "The arguments of a "
        "resource are checked against the schema of its type for the built-in provider only. "
        "A folder without *.andon.hcl is validated as \"terraform validate\" does: with no values "
        "for its variables. Changes nothing and reads no data. Exit code 1 where there are errors.",
    .flags = WithVariableFlags(
        {{"no-tests", FlagKind::kBool, "", "Leaves out tests of infrastructure: *.tftest.hcl."},
         {"test-directory", FlagKind::kString, "FOLDER",
          "Where they are, beside this folder; \"tests\" without it."}}),
    .examples = {{"andon validate", "All mistakes at once, each with its place."},
                 {"andon validate -json", "The same for editors and CI, as Terraform's model."}},
    .run = Run,
};

}  // namespace andon::cli
