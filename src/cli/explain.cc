#include <fmt/format.h>

#include "base/text.h"
#include "builtin/language.h"
#include "cli/command.h"
#include "config/codes.h"
#include "functions/registry.h"
#include "quality/check.h"

namespace andon::cli {
namespace {

std::string ExplainCode(const std::string& code) {
  for (const hcl::Code& known : hcl::kCodes) {
    if (code == known.code)
      return fmt::format("{}: {}\n  {}\n", known.code, known.summary, known.meaning);
  }
  for (const hcl::Code& known : config::kCodes) {
    if (code == known.code)
      return fmt::format("{}: {}\n  {}\n", known.code, known.summary, known.meaning);
  }
  return {};
}

std::string ExplainExpectation(const std::string& name) {
  for (const quality::ExpectationInfo& info : quality::Expectations()) {
    if (info.name != name) continue;
    std::string out = fmt::format("{}\n  {}\n\n", info.name, info.says);
    for (const quality::ParameterInfo& p : info.parameters) {
      out += fmt::format("    {:<18} {}{} ({})\n", p.name, p.doc, p.is_required ? " Required." : "",
                         p.type);
    }
    std::string first = info.positional.empty()       ? ""
                        : info.positional == "column" ? "\"amount\", "
                                                      : info.positional + ", ";
    return out +
           fmt::format("\n  checks = {{\n    my_check = {}({}{{ … }})\n  }}\n", info.name, first);
  }
  return {};
}

std::string ExplainFunction(const std::string& name) {
  for (const functions::Documentation& f : functions::All()) {
    if (f.name == name) return fmt::format("{}\n  {}\n", f.signature, f.description);
  }
  return {};
}

ExitCode Run(Context& context, const Arguments& arguments) {
  std::string what = arguments.positional[0];
  std::string upper;
  for (char c : what) upper += c >= 'a' && c <= 'z' ? char(c - 32) : c;
  std::string suggestion;
  std::string text = ExplainCode(upper);
  if (text.empty()) text = ExplainExpectation(what);
  if (text.empty()) text = config::Explain(builtin::DataLanguage(), what, &suggestion);
  if (text.empty()) text = ExplainFunction(what);
  if (text.empty()) {
    if (suggestion.empty()) {
      std::vector<std::string> known = builtin::DataLanguage().Kinds();
      for (const quality::ExpectationInfo& info : quality::Expectations())
        known.push_back(info.name);
      for (const functions::Documentation& f : functions::All()) known.push_back(f.name);
      suggestion = DidYouMean(what, known);
    }
    return context.Fail(Error::NotFound(
        "There is nothing to explain about \"{}\"{}", what,
        suggestion.empty() ? ": name a code (AN1042), a block (dataset), an attribute "
                             "(dataset.load.mode), an expectation or a function."
                           : ": did you mean \"" + suggestion + "\"?"));
  }
  if (context.json) {
    context.Event(Json::Object({{"type", "explanation"}, {"name", what}, {"text", text}}));
  } else {
    context.Print(text);
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kExplain = {
    .name = "explain",
    .group = Group::kWrite,
    .summary = "Explain a message, a block, an attribute, an expectation or a function",
    .usage = "CODE|BLOCK[.ATTRIBUTE...]|EXPECTATION|FUNCTION",
    .description = "Prints what the reference pages say about one word.",
    .positional_min = 1,
    .positional_max = 1,
    .examples = {{"andon explain AN1042", "What a message means."},
                 {"andon explain dataset.load.mode", "What an attribute takes."}},
    .run = Run,
};

}  // namespace andon::cli
