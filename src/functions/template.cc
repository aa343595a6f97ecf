#include "functions/template.h"

#include <fmt/format.h>

#include "functions/files.h"
#include "functions/row.h"
#include "hcl/eval.h"
#include "hcl/parser.h"

namespace andon::functions {
namespace {

using Inner = std::shared_ptr<const hcl::FunctionTable>;

std::string FirstError(const Diagnostics& diagnostics) {
  for (const auto& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    std::string text = ToString(diagnostic.subject) + ": " + diagnostic.summary;
    return diagnostic.detail.empty() ? text : text + "; " + diagnostic.detail;
  }
  return "";
}

bool IsName(const std::string& name) { return hcl::IsIdentifier(name); }

hcl::CallResult Render(const std::string& text, const std::string& filename, const Value& variables,
                       const Inner& inner) {
  if (!variables.is_known()) return Value::Dynamic();
  if (!variables.type().is_object() && !variables.type().is_map()) {
    return BadArgument(1, "invalid vars value: must be a map");
  }
  auto parsed = hcl::ParseTemplate(text, filename);
  if (parsed.diagnostics.has_errors()) return Fail(FirstError(parsed.diagnostics));
  hcl::EvalContext context;
  context.functions = inner.get();
  for (const auto& [name, member] : variables.members()) {
    if (!IsName(name)) {
      return BadArgument(1, fmt::format("invalid template variable name \"{}\": must start with a "
                                        "letter, followed by zero or more letters, digits, and "
                                        "underscores",
                                        name));
    }
    context.variables[name] = member;
  }
  for (const auto& reference : hcl::References(parsed.expression)) {
    std::string name(reference.root);
    if (context.variables.contains(name)) continue;
    return BadArgument(1, fmt::format("vars map does not contain key \"{}\", referenced at {}",
                                      name, ToString(reference.range())));
  }
  auto evaluated = hcl::Evaluate(parsed.expression, context);
  if (evaluated.diagnostics.has_errors()) return Fail(FirstError(evaluated.diagnostics));
  return evaluated.value;
}

hcl::CallResult TemplateFile(std::span<const Value> args, const Environment& environment,
                             const Inner& inner) {
  if (!args[0].is_known() || !args[1].is_known()) return Value::Dynamic();
  auto text = ReadText(args[0].string(), environment);
  if (!text.ok()) return BadArgument(0, text.error().message);
  return Render(*text, args[0].string(), args[1], inner);
}

}  // namespace

std::vector<hcl::Function> TemplateFunctions(std::shared_ptr<const Environment> environment,
                                             Inner inner) {
  hcl::Function file;
  file.name = "templatefile";
  file.description = "The file at the path, rendered as a template with the given variables.";
  file.parameters = {Text("path"), Any("vars")};
  file.returns = GivesAny();
  file.body = [environment, inner](std::span<const Value> args, const hcl::CallSite&) {
    return TemplateFile(args, *environment, inner);
  };
  hcl::Function string;
  string.name = "templatestring";
  string.description = "The text, rendered as a template with the given variables.";
  string.parameters = {Text("template"), Any("vars")};
  string.returns = GivesAny();
  string.body = [inner](std::span<const Value> args, const hcl::CallSite&) {
    return Render(args[0].string(), "<templatestring argument>", args[1], inner);
  };
  return {std::move(file), std::move(string)};
}

}  // namespace andon::functions
