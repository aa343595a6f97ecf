#include <fmt/format.h>

#include <span>

#include "backend/codes.h"
#include "base/text.h"
#include "builtin/language.h"
#include "cli/command.h"
#include "config/codes.h"
#include "encryption/codes.h"
#include "functions/registry.h"
#include "infra/codes.h"
#include "infratest/codes.h"
#include "policy/codes.h"
#include "policy/leak_rule.h"
#include "quality/check.h"
#include "state/codes.h"

namespace andon::cli {
namespace {

// The messages of the folders below that keep no table of their own.
// clang-format off
constexpr hcl::Code kOtherCodes[] = {
    {"AN1501", "SQL syntax error", "A statement cannot be parsed; the place is in the SQL file."},
    {"AN1502", "Not one SELECT statement", "A model or an expect_sql must be exactly one SELECT (WITH and VALUES included)."},
    {"AN1503", "Unknown column in SQL", "A statement names a column that none of its tables has."},
    {"AN1504", "Unknown table in SQL", "A statement reads a table that is no dataset of the project."},
    {"AN1505", "Unknown function in SQL", "A statement calls a function that does not exist, or not with such arguments."},
    {"AN1506", "SQL does not fit the tables", "A statement is well-formed but cannot be bound against the columns that it reads."},
    {"AN1507", "Table function not allowed", "Models read datasets only; files come through a source."},
    {"AN1508", "Unknown parameter in SQL", "Only $start and $end are bound in a statement."},
    {"AN1509", "Two columns of one name", "A model returns two columns with the same name: give one an alias."},
    {"AN1510", "Condition is no SQL expression", "A row_condition is no boolean expression over the dataset's columns."},
    {"AN1601", "Unknown expectation", "A check names an expectation that does not exist."},
    {"AN1602", "Unknown parameter of a check", "An expectation has no argument of this name."},
    {"AN1603", "Missing parameter of a check", "An expectation lacks an argument that it needs."},
    {"AN1604", "Arguments of a check do not fit", "An argument has the wrong type, or cannot be compared with the column."},
    {"AN1605", "Regular expression does not compile", "A regular expression of a check is malformed."},
    {"AN1620", "Suite is no JSON document", "The file behind -suite cannot be read as JSON; the place is where it goes wrong."},
    {"AN1621", "No suite of expectations", "A suite of Great Expectations is an object with a list \"expectations\", each with a \"type\" and \"kwargs\"."},
    {"AN1622", "Suite parameter without a value", "An argument is {\"$PARAMETER\": \"name\"}; give the name a value: -param name=…."},
    {"AN1623", "Suite parameter is not understood", "The expression of a suite parameter has a mistake: names, numbers, + - * / ^, round(), now(), timedelta() are known."},
    {"AN1606", "Unknown dataset in a check", "A check compares with a dataset that does not exist."},
};
// clang-format on

// What a room's codes say of one; empty where it is none of them.
std::string ExplainAmong(std::span<const Code> codes, const std::string& code) {
  for (const Code& known : codes) {
    if (code == known.code)
      return fmt::format("{}: {}\n  {}\n", known.code, known.summary, known.meaning);
  }
  return {};
}

std::string ExplainCode(const std::string& code) {
  for (std::string text :
       {ExplainAmong(kOtherCodes, code), ExplainAmong(hcl::kCodes, code),
        ExplainAmong(config::kCodes, code), ExplainAmong(infra::kCodes, code),
        ExplainAmong(backend::kCodes, code), ExplainAmong(encryption::kCodes, code),
        ExplainAmong(infratest::kCodes, code), ExplainAmong(policy::kCodes, code),
        ExplainAmong(state::kCodes, code)}) {
    if (!text.empty()) return text;
  }
  for (const policy::LeakRule* rule : policy::LeakRules()) {
    if (code == rule->code || code == rule->id)
      return fmt::format("{}: {}\n  {}\n  {}.\n  Allowed at a line by: # andon: allow {} REASON\n",
                         rule->code, rule->summary, rule->meaning, rule->cure, rule->id);
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
  if (text.empty()) text = ExplainCode(what);  // A rule by its name.
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
