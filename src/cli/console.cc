#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "base/text.h"
#include "cli/planning.h"
#include "hcl/parser.h"
#include "hcl/token.h"
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

// False after a mistake.
bool EvaluateOne(Context& context, const plan::Evaluation& evaluation, const std::string& text) {
  constexpr const char* kName = "<console-input>";
  Sources sources = context.sources;
  sources.Add(kName, text);
  auto parsed = hcl::ParseExpression(text, kName);
  Diagnostics diagnostics = parsed.diagnostics;
  value::Value value;
  if (!diagnostics.has_errors()) {
    auto evaluated = evaluation.Evaluate(parsed.expression);
    diagnostics.Append(evaluated.diagnostics);
    value = evaluated.value;
  }
  for (const Diagnostic& d : diagnostics) context.Note(Render(d, sources, context.color));
  if (diagnostics.has_errors()) return false;
  context.Line(value::Format(value));
  return true;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr, {.is_console = true});
  context.Report(project.diagnostics);
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
    if (!EvaluateOne(context, *project.evaluation, std::string(trimmed)) && !is_terminal)
      return ExitCode::kError;
    text.clear();
  }
  if (!Trim(text).empty() && !EvaluateOne(context, *project.evaluation, std::string(Trim(text))))
    code = ExitCode::kError;
  return code;
}

}  // namespace

extern const Command kConsole = {
    .name = "console",
    .group = Group::kWrite,
    .summary = "Evaluate expressions of the language",
    .usage = "",
    .description =
        "Reads expressions, one a line (brackets may stay open), evaluates them in the scope of "
        "the project's files, and prints "
        "the values. From a pipe it ends at the first mistake, with exit code 1. Changes nothing.",
    .flags = WithVariableFlags({}),
    .examples = {{"echo 'upper(\"a\")' | andon console", "Prints \"A\"."},
                 {"echo 'dataset.payment.load' | andon console", "What the files say."}},
    .run = Run,
};

}  // namespace andon::cli
