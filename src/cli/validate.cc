#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "cli/planning.h"

namespace andon::cli {
namespace {

Json PosJson(const SourcePos& p) {
  return Json::Object({{"line", p.line}, {"column", p.column}, {"byte", p.byte}});
}

// Terraform's model, plus the code and our own help.
Json DiagnosticJson(const Diagnostic& d) {
  Json json = Json::Object({{"severity", d.severity == Severity::kError ? "error" : "warning"},
                            {"summary", d.summary},
                            {"detail", d.detail},
                            {"code", d.code}});
  if (!d.address.empty()) json.Set("address", d.address);
  if (d.subject.exists()) {
    json.Set("range", Json::Object({{"filename", d.subject.filename},
                                    {"start", PosJson(d.subject.start)},
                                    {"end", PosJson(d.subject.end)}}));
  }
  if (!d.at_caret.empty()) json.Set("hint", d.at_caret);
  if (!d.help.empty()) json.Set("help", d.help);
  return json;
}

Json Document(const Diagnostics& diagnostics) {
  Json list = Json::List();
  for (const Diagnostic& d : diagnostics) list.Push(DiagnosticJson(d));
  return Json::Object({{"format_version", "1.0"},
                       {"valid", !diagnostics.has_errors()},
                       {"error_count", diagnostics.errors()},
                       {"warning_count", int64_t(diagnostics.size()) - diagnostics.errors()},
                       {"diagnostics", std::move(list)}});
}

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

ExitCode Run(Context& context, const Arguments& arguments) {
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr, {.with_tests = true});
  const Diagnostics& found = project.diagnostics;
  ExitCode code = found.has_errors() ? ExitCode::kError : ExitCode::kDone;
  if (context.json) {
    context.Line(Document(found).Dump());
    return code;
  }
  context.Report(found);
  int64_t warnings = int64_t(found.size()) - found.errors();
  std::string count = warnings > 0 ? ", " + Count(warnings, "warning") : std::string();
  if (found.has_errors()) {
    context.Note(fmt::format("{}{}.", Count(found.errors(), "error"), count));
  } else {
    context.Line(fmt::format("{} The project is valid: {}{}.", context.Paint("green", "Success!"),
                             WhatIsThere(project), count));
  }
  return code;
}

}  // namespace

extern const Command kValidate = {
    .name = "validate",
    .group = Group::kWrite,
    .summary = "Check the files, without touching data",
    .usage = "",
    .description =
        "Reads the *.tf, *.andon.hcl and *.andontest.hcl files of the project and says everything "
        "that is wrong "
        "with them: syntax, unknown "
        "blocks, attributes, functions, columns, SQL that does not fit the columns it reads, "
        "checks that cannot work. "
        "Changes nothing and reads no data. Exit code 1 where there are errors.",
    .flags = WithVariableFlags({}),
    .examples = {{"andon validate", "All mistakes at once, each with its place."},
                 {"andon validate -json", "The same for editors and CI, as Terraform's model."}},
    .run = Run,
};

}  // namespace andon::cli
