#include <fmt/format.h>

#include "base/text.h"
#include "cli/contract_source.h"
#include "cli/planning.h"
#include "contract/lint.h"

namespace andon::cli {
namespace {

// Where a finding in a contract of the project is written: the block's line, or the dataset's.
SourceRange PlaceOf(const ContractSource& source, const contract::Finding& finding) {
  if (source.file) return source.file->PlaceOf(finding.path);
  SourceRange range;
  if (const definition::Contract* contract = source.declared()) {
    std::string at = definition::PositionOf(contract->positions, "");
    size_t colon = at.rfind(':');
    if (colon == std::string::npos) return range;
    range.filename = at.substr(0, colon);
    range.start.line = range.end.line = std::max(1, std::atoi(at.c_str() + colon + 1));
  }
  return range;
}

struct Tally {
  int files = 0, errors = 0, warnings = 0;
};

void Lint(Context& context, const ContractSource& source, Tally* tally) {
  Diagnostics all;
  if (source.file) {
    all = source.file->diagnostics;
  } else {
    for (const std::string& violation : contract::OdcsViolations(source.document.json))
      all.Error("AN2110", "Contract does not follow the standard", violation + ".");
  }
  // What the schema refuses may be read wrongly, too: its own mistakes come first.
  if (!all.has_errors()) {
    for (const contract::Finding& finding : contract::Lint(source.document)) {
      Diagnostic d{.severity = finding.is_error ? Severity::kError : Severity::kWarning,
                   .code = finding.is_error ? "AN2112" : "AN2113",
                   .summary = finding.is_error ? "Contract contradicts itself"
                                               : "Contract leaves something open",
                   .detail = finding.message,
                   .subject = PlaceOf(source, finding),
                   .address = source.address};
      if (!source.file) d.detail = fmt::format("{}: {}", finding.path, finding.message);
      all.Add(std::move(d));
    }
  }
  context.Report(all);
  ++tally->files;
  tally->errors += all.errors();
  tally->warnings += static_cast<int>(all.size()) - all.errors();
}

ExitCode Run(Context& context, const Arguments& arguments) {
  Tally tally;
  std::vector<std::string> words = arguments.positional;
  if (words.empty()) {
    auto project = DeclaredProject(context, arguments);
    if (!project.ok()) return context.Fail(project.error());
    for (const auto& contract : project->contracts) words.push_back(contract.address);
  }
  bool failed = false;
  for (const std::string& word : words) {
    auto source = ReadContractSource(context, arguments, word, {.reports = false});
    if (source.ok()) {
      Lint(context, *source, &tally);
      continue;
    }
    failed = true;
    // What kept it from being read at all has its place.
    auto text = NamesFile(word) ? ReadContractText(context, word) : Result<std::string>("");
    if (text.ok() && NamesFile(word)) {
      context.sources.Add(word, *text);
      Diagnostics why = contract::ReadOdcs(*text, word).diagnostics;
      if (!why.empty()) {
        context.Report(why);
        tally.errors += why.errors();
        ++tally.files;
        continue;
      }
    }
    context.Fail(source.error());
  }
  bool is_strict = arguments.Bool("strict") && tally.warnings > 0;
  if (context.json) {
    context.Event(Json::Object({{"type", "contract_lint"},
                                {"contracts", tally.files},
                                {"errors", tally.errors},
                                {"warnings", tally.warnings}}));
  } else if (!context.quiet) {
    context.Line(fmt::format("{}: {}, {}.", Count(tally.files, "contract"),
                             Count(tally.errors, "error"), Count(tally.warnings, "warning")));
  }
  return failed || tally.errors > 0 || is_strict ? ExitCode::kError : ExitCode::kDone;
}

}  // namespace

extern const Command kContractLint = {
    .name = "contract lint",
    .group = Group::kTest,
    .summary = "What is wrong with contracts, in files or in the project",
    .usage = "[FILE|git:REF:FILE|NAME]...",
    .description =
        "Judges a contract by the JSON schema of the Open Data Contract Standard (3.1, and 3.0), "
        "and by what a schema cannot see: names twice, limits that exclude one another, patterns "
        "and references that lead nowhere, promises that nobody can prove. Without an argument, "
        "all contracts of the project. Needs no lake. Exit code 0, or 1 where something is wrong.",
    .positional_min = 0,
    .positional_max = -1,
    .flags = WithVariableFlags({{"strict", FlagKind::kBool, "", "Warnings count as errors."}}),
    .examples = {{"andon contract lint", "All of the project's."},
                 {"andon contract lint payment", "One of them, by its name."}},
    .run = Run,
};

}  // namespace andon::cli
