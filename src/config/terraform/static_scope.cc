#include "config/terraform/static_scope.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "config/terraform/reference.h"
#include "config/terraform/report.h"
#include "hcl/eval.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using value::Value;

// Locals that refer to one another in a row; each is a level of the stack.
constexpr size_t kChainMax = 200;

template <typename Map>
std::vector<std::string> NamesOf(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : map) names.push_back(name);
  return names;
}

}  // namespace

StaticScope::StaticScope(const Module& module, std::map<std::string, Value> variables,
                         const Options& options)
    : module_(module), variables_(std::move(variables)), options_(options) {}

StaticScope::StaticScope(const Module& module, StaticScope& parent, const ModuleCall& call)
    : module_(module), options_(parent.options_), parent_(&parent), call_(&call) {}

hcl::Evaluated StaticScope::Evaluate(hcl::Expression expression, std::string_view subject) {
  std::map<std::string, Value::Members> names;
  hcl::Evaluated failed{Value::Dynamic(), {}};
  std::set<std::string> seen;
  for (const hcl::Traversal& traversal : hcl::References(expression)) {
    if (!seen.insert(traversal.ToString()).second) continue;
    AddName(traversal, subject, &names, &failed.diagnostics);
  }
  for (std::string_view function : hcl::CalledFunctions(expression)) {
    if (!function.starts_with("provider::")) continue;
    failed.diagnostics.Add(
        Mistake(kTerraformStatic, "Provider function in static context",
                fmt::format("{} must be known before planning, when no provider runs.", subject),
                expression.range()));
  }
  if (failed.diagnostics.has_errors()) return failed;
  hcl::EvalContext context{.functions = options_.functions};
  for (auto& [root, members] : names) context.variables[root] = Value::Object(std::move(members));
  return hcl::Evaluate(expression, context);
}

bool StaticScope::AddName(const hcl::Traversal& traversal, std::string_view subject,
                          std::map<std::string, Value::Members>* names, Diagnostics* diagnostics) {
  auto reference = ParseReference(traversal, diagnostics);
  if (!reference) return false;
  std::string name(reference->name);
  auto wrong = [&](std::string_view summary, std::string detail, std::string meant = {}) {
    Diagnostic d = Mistake(kTerraformStatic, summary, std::move(detail), traversal.PrefixRange(1));
    d.at_caret = Suggest(meant);
    diagnostics->Add(std::move(d));
    return false;
  };
  auto take = [&](hcl::Evaluated evaluated) {
    bool is_fine = !evaluated.diagnostics.has_errors();
    diagnostics->Append(std::move(evaluated.diagnostics));
    (*names)[std::string(traversal.root)].emplace_back(name, std::move(evaluated.value));
    return is_fine;
  };
  switch (reference->kind) {
    case ReferenceKind::kVariable: {
      auto found = module_.variables.find(name);
      if (found == module_.variables.end()) {
        return wrong("Undefined variable",
                     fmt::format("No file of the module declares a variable \"{}\".", name),
                     DidYouMean(name, NamesOf(module_.variables)));
      }
      return take(VariableValue(found->second, traversal.range()));
    }
    case ReferenceKind::kLocal: {
      auto found = module_.locals.find(name);
      if (found == module_.locals.end()) {
        return wrong("Undefined local",
                     fmt::format("No file of the module declares a local value \"{}\".", name),
                     DidYouMean(name, NamesOf(module_.locals)));
      }
      return take(Local(found->second));
    }
    case ReferenceKind::kPath: {
      std::string path = module_.dir;
      if (name == "root") path = options_.root_dir;
      if (name == "cwd") path = std::filesystem::current_path().string();
      if (name != "root" && name != "cwd" && name != "module")
        return wrong("Invalid \"path\" attribute", "path has module, root and cwd.",
                     DidYouMean(name, {"module", "root", "cwd"}));
      return take({Value::String(path), {}});
    }
    case ReferenceKind::kTerraform:
      if (name != "workspace")
        return wrong("Invalid \"terraform\" attribute", "terraform has workspace.",
                     DidYouMean(name, {"workspace"}));
      return take({Value::String(options_.workspace), {}});
    case ReferenceKind::kModule:
      return wrong("Module output not supported in static context",
                   fmt::format("{} must be known before planning, and {} is not.", subject,
                               traversal.ToString()));
    default:
      return wrong("Dynamic value in static context",
                   fmt::format("{} must be known before planning, and {} is not: it may refer to "
                               "variables and locals.",
                               subject, traversal.ToString()));
  }
}

hcl::Evaluated StaticScope::Local(const config::Local& local) {
  if (auto known = locals_.find(local.name); known != locals_.end()) return {known->second, {}};
  hcl::Evaluated failed{Value::Dynamic(), {}};
  bool is_open = !open_.insert(local.name).second;
  if (is_open || open_.size() > kChainMax) {
    failed.diagnostics.Add(Mistake(
        kTerraformStatic, "Circular reference",
        is_open ? fmt::format("local.{} needs its own value.", local.name)
                : fmt::format("local.{} is the end of a chain of more than {} local values.",
                              local.name, kChainMax),
        local.range));
    return failed;
  }
  hcl::Evaluated evaluated = Evaluate(local.expression, "local." + local.name);
  open_.erase(local.name);
  if (!evaluated.diagnostics.has_errors()) locals_.emplace(local.name, evaluated.value);
  return evaluated;
}

hcl::Evaluated StaticScope::VariableValue(const Variable& variable, const SourceRange& at) {
  hcl::Evaluated failed{Value::Dynamic(), {}};
  if (variable.has_const && !variable.is_const) {
    failed.diagnostics.Add(
        Mistake(kTerraformStatic, "Unable to use variable in static context",
                fmt::format("var.{} says const = false, so nothing that is read before planning "
                            "may depend on it.",
                            variable.name),
                at));
    return failed;
  }
  if (call_ != nullptr) {
    if (const hcl::Attribute* given = call_->body.Find(variable.name)) {
      hcl::Evaluated evaluated = parent_->Evaluate(
          given->expression(), fmt::format("module.{}.{}", call_->name, variable.name));
      if (evaluated.diagnostics.has_errors()) return evaluated;
      return Prepare(variable, std::move(evaluated.value), given->expression().range());
    }
  } else if (auto given = variables_.find(variable.name); given != variables_.end()) {
    return Prepare(variable, given->second, variable.range);
  }
  if (variable.fallback) return Prepare(variable, *variable.fallback, variable.range);
  Diagnostic d =
      Mistake(kTerraformStatic, "Unable to compute static value",
              fmt::format("var.{} has no value yet, and this must be known before planning.",
                          variable.name),
              at);
  if (call_ == nullptr)
    d.help =
        fmt::format("Give it one with -var={}=…, or give the variable a default.", variable.name);
  failed.diagnostics.Add(std::move(d));
  return failed;
}

hcl::Evaluated StaticScope::Prepare(const Variable& variable, Value given, const SourceRange& at) {
  if (variable.type.defaults) given = ApplyDefaults(given, *variable.type.defaults);
  Result<Value> converted = value::Convert(given, variable.type.type);
  hcl::Evaluated out{Value::Unknown(variable.type.type), {}};
  if (!converted.ok()) {
    out.diagnostics.Add(Mistake(kTerraformInput, "Invalid value for input variable",
                                fmt::format("var.{} does not take this value: {}.", variable.name,
                                            converted.error().message),
                                at));
    return out;
  }
  out.value = *converted;
  if (out.value.is_null() && !variable.nullable && variable.fallback)
    out.value = *variable.fallback;
  if (variable.sensitive) out.value = out.value.WithMarks(value::Mark::kSensitive);
  if (variable.ephemeral) out.value = out.value.WithMarks(value::Mark::kEphemeral);
  return out;
}

}  // namespace andon::config
