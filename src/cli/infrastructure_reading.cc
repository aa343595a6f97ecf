#include "cli/infrastructure_reading.h"

#include "builtin/language.h"
#include "cli/planning.h"
#include "config/codes.h"
#include "config/terraform/validate.h"
#include "functions/registry.h"

namespace andon::cli {

std::optional<Infrastructure> ReadInfrastructure(Context& context, const Arguments& arguments) {
  io::LocalFileSystem files;
  if (!HasInfrastructure(context)) return std::nullopt;
  auto root = std::make_unique<config::Module>(config::Load(files, ".", builtin::DataLanguage()));
  if (!root->blocks.empty()) return std::nullopt;
  config::VariableValues variables = config::ReadVariables(files, *root, VariablesOf(arguments));
  Infrastructure out;
  out.workspace = SelectedWorkspace();
  out.tree = config::LoadModuleTree(files, std::move(root),
                                    {.variables = variables.values, .workspace = out.workspace});
  context.sources = out.tree.root->module->sources;
  Diagnostics found = std::move(out.tree.diagnostics);
  if (!out.tree.root->module->has_syntax_errors) {
    found.Append(config::Validate(out.tree));
    out.home = FindStateHome(*out.tree.root->module, variables.values, out.workspace, &found);
    for (const Diagnostic& d : variables.diagnostics) {
      if (d.code != config::kNoValue.code) found.Add(d);
    }
  }
  found.Sort();
  context.Report(found);
  out.has_errors = found.has_errors();
  out.variables = std::move(variables.values);
  out.functions = std::make_unique<hcl::FunctionTable>(
      functions::MakeTable({.base_dir = ".", .clock = context.clock}));
  return out;
}

}  // namespace andon::cli
