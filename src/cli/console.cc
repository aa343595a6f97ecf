#include <fmt/format.h>
#include <unistd.h>

#include <functional>
#include <iostream>

#include "base/text.h"
#include "cli/infrastructure_reading.h"
#include "cli/planning.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "hcl/token.h"
#include "infra/evaluation.h"
#include "value/display.h"

namespace andon::cli {
namespace {

// How many brackets are still open: the expression goes on in the next line.
int OpenBrackets(const std::string& text) {
  int open = 0;
  for (const hcl::Token& token : hcl::Scan(text, hcl::ScanMode::kConfiguration))
    open += hcl::BracketChange(token.type);
  return open;
}

using Evaluate = std::function<hcl::Evaluated(hcl::Expression)>;

// False after a mistake.
bool EvaluateOne(Context& context, const Evaluate& evaluate, const std::string& text) {
  constexpr const char* kName = "<console-input>";
  Sources sources = context.sources;
  sources.Add(kName, text);
  auto parsed = hcl::ParseExpression(text, kName);
  Diagnostics diagnostics = parsed.diagnostics;
  value::Value value;
  if (!diagnostics.has_errors()) {
    auto evaluated = evaluate(parsed.expression);
    diagnostics.Append(evaluated.diagnostics);
    value = evaluated.value;
  }
  for (const Diagnostic& d : diagnostics) context.Note(Render(d, sources, context.color));
  if (diagnostics.has_errors()) return false;
  // What type() says is read as it stands, not as a text in quotes.
  auto call = hcl::AsCall(parsed.expression);
  bool says_type = call && call->name == "type" && value.is_known_not_null();
  context.Line(says_type ? value.UnmarkDeep().string() : value::Format(value));
  return true;
}

ExitCode Converse(Context& context, const Evaluate& evaluate) {
  bool is_terminal = isatty(STDIN_FILENO);
  ExitCode code = ExitCode::kDone;
  std::string text, line;
  for (;;) {
    if (is_terminal) context.Print(text.empty() ? "> " : ": ");
    if (!std::getline(std::cin, line)) break;
    text += line;
    std::string_view trimmed = Trim(text);
    if (trimmed == "exit" || trimmed == "quit") return code;
    if (trimmed.empty()) {
      text.clear();
      continue;
    }
    if (OpenBrackets(text) > 0) {
      text += '\n';
      continue;
    }
    if (!EvaluateOne(context, evaluate, std::string(trimmed)) && !is_terminal)
      return ExitCode::kError;
    text.clear();
  }
  if (!Trim(text).empty() && !EvaluateOne(context, evaluate, std::string(Trim(text))))
    code = ExitCode::kError;
  return code;
}

ExitCode RunOnInfrastructure(Context& context, const Arguments& arguments,
                             const Infrastructure& infrastructure) {
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return context.Fail(state.error());
  auto source = InstalledProviders(context);
  infra::ProviderPool pool(*source);
  infra::Evaluation evaluation(infrastructure.tree, std::move(*state),
                               {.functions = infrastructure.functions.get(),
                                .pool = &pool,
                                .variables = infrastructure.variables,
                                .workspace = infrastructure.workspace,
                                .cwd = context.project_dir});
  context.Report(evaluation.diagnostics());
  if (infrastructure.has_errors || evaluation.diagnostics().has_errors())
    context.Note("Because of this, expressions may see less than they should.");
  return Converse(context, [&](hcl::Expression e) { return evaluation.Evaluate(e); });
}

ExitCode Run(Context& context, const Arguments& arguments) {
  if (auto infrastructure = ReadInfrastructure(context, arguments))
    return RunOnInfrastructure(context, arguments, *infrastructure);
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr, {.is_console = true});
  context.Report(project.diagnostics);
  return Converse(context, [&](hcl::Expression e) { return project.evaluation->Evaluate(e); });
}

}  // namespace

extern const Command kConsole = {
    .name = "console",
    .group = Group::kWrite,
    .summary = "Evaluate expressions of the language",
    .usage = "",
    .description =
        "Reads expressions, one a line (brackets may stay open), evaluates them in the scope of "
        "the project's files (of infrastructure: with what the state has of the resources), and "
        "prints the values; type(x) prints the type of one. From a pipe it ends at the first "
        "mistake, with exit code 1. Changes nothing.",
    .flags = WithVariableFlags({}),
    .examples = {{"echo 'upper(\"a\")' | andon console", "Prints \"A\"."},
                 {"echo 'dataset.payment.load' | andon console", "What the files say."}},
    .run = Run,
};

}  // namespace andon::cli
