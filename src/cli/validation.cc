// `andon validation`: what checks said, as it was kept.
#include "validation/validation.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/check_reports.h"
#include "cli/command.h"
#include "cli/failed_checks.h"
#include "cli/incident_text.h"
#include "cli/world.h"
#include "line/check_specs.h"
#include "line/validation_table.h"
#include "validation/history.h"
#include "validation/record.h"

namespace andon::cli {
namespace {

using validation::Summary;
using validation::Validation;

constexpr int64_t kListDefault = 20;

Json ToJson(const Summary& s) {
  const Validation& v = s.about;
  return Json::Object({{"type", "validation"},
                       {"number", v.number},
                       {"id", v.id},
                       {"dataset", v.dataset},
                       {"batch", v.batch},
                       {"version", v.version > 0 ? Json(v.version) : Json()},
                       {"state", s.state},
                       {"started_at", ToRfc3339(v.started)},
                       {"run", v.run_id},
                       {"checks", s.counts.checks},
                       {"passed", s.counts.passed},
                       {"failed", s.counts.failed},
                       {"warnings", s.counts.warnings},
                       {"errors", s.counts.errors}});
}

std::string Painted(const Context& context, std::string_view state) {
  const char* style = state == "passed" ? "green" : state == "warning" ? "yellow" : "red";
  return context.Paint(style, state);
}

// "payment", "dataset.payment", or what was looked at outside of a project.
Result<std::string> DatasetOf(const definition::Project& project, store::Transaction& tx,
                              const std::string& word) {
  if (const definition::Dataset* found = project.FindDataset(word)) return found->address;
  auto kept = TRY(validation::Datasets(tx));
  std::vector<std::string> names;
  for (const auto& d : kept) {
    if (d.dataset == word) return word;
    names.push_back(d.dataset);
  }
  for (const auto& d : project.datasets) names.push_back(d.name);
  const std::string meant = DidYouMean(word, names);
  return Error::NotFound("There is no dataset \"{}\"{}", word,
                         meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant));
}

ExitCode RunList(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  auto list = opened->db->Read([&](store::Transaction& tx) -> Result<std::vector<Summary>> {
    validation::Filter filter{.limit = arguments.Integer("limit", kListDefault)};
    if (!arguments.positional.empty())
      filter.dataset = TRY(DatasetOf(opened->project, tx, arguments.positional[0]));
    return validation::List(tx, filter);
  });
  if (!list.ok()) return context.Fail(list.error());
  TextTable table{.header = {"validation", "when", "data", "state", "passed", "run"},
                  .right = {true, false, false, false, true}};
  for (const Summary& s : *list) {
    context.Event(ToJson(s));
    table.rows.push_back({std::to_string(s.about.number), ShortTime(s.about.started),
                          s.about.title(), Painted(context, s.state),
                          fmt::format("{} of {}", s.counts.passed, s.counts.checks),
                          s.about.run_id});
  }
  if (context.json) return ExitCode::kDone;
  if (table.rows.empty())
    context.Line(
        "No validation is kept: andon run records its checks, andon check -record its own.");
  else
    context.Print(Format(table, context));
  return ExitCode::kDone;
}

void PrintValidation(const Context& context, const Validation& v, int sample) {
  const validation::Counts counts = validation::CountsOf(v);
  context.Line(fmt::format("{}  {}  {} of {} passed", context.Paint("bold", v.title()),
                           Painted(context, StateOf(counts)), counts.passed, counts.checks));
  auto say = [&](const char* name, const std::string& value) {
    if (!value.empty()) context.Line(fmt::format("  {:<9}{}", name, value));
  };
  say("when", ShortTime(v.started));
  say("took", HumanDuration(v.duration));
  say("batch", v.batch);
  say("branch", v.branch);
  say("rows", v.rows >= 0 ? WithThousands(v.rows) : "");
  say("run", v.run_id);
  say("release", v.release_id > 0 ? std::to_string(v.release_id) : "");
  context.Line();
  for (const validation::CheckedCheck& checked : v.results) {
    if (!checked.result.success()) {
      const line::Verdict verdict{checked.check, checked.result, checked.scope,
                                  checked.delivery_id};
      PrintFailedChecks(context, {line::ToFailedCheck(v.dataset, verdict)}, "  ", sample);
      continue;
    }
    const std::string observed = validation::ObservedText(checked.result);
    context.Line(fmt::format("  {} {}{}", context.Paint("green", "✔"), checked.check.name,
                             context.Paint("dim", observed.empty() ? "" : "  " + observed)));
  }
}

ExitCode RunShow(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  bool takes_stdout = context.json;
  auto reports = ReadReports(arguments, &takes_stdout);
  if (!reports.ok()) return context.Fail(reports.error());
  auto found = opened->db->Read([&](store::Transaction& tx) {
    return validation::Find(tx, std::string_view(arguments.positional[0]));
  });
  if (!found.ok()) return context.Fail(found.error());
  if (context.json) {
    Json event = ToJson(Summary{*found, validation::CountsOf(*found),
                                std::string(StateOf(validation::CountsOf(*found)))});
    Json results = Json::List();
    for (const auto& checked : found->results) results.Push(quality::ToJson(checked.result));
    event.Set("results", std::move(results));
    context.Event(event);
  } else if (!takes_stdout) {
    PrintValidation(context, *found, static_cast<int>(arguments.Integer("sample", 3)));
  }
  auto told = TellReports(context, *reports, {*found}, {.tool_version = ANDON_VERSION});
  return told.ok() ? ExitCode::kDone : context.Fail(told.error());
}

ExitCode RunDiff(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  using Pair = std::pair<Validation, Validation>;
  auto both = opened->db->Read([&](store::Transaction& tx) -> Result<Pair> {
    Validation after = TRY(validation::Find(tx, std::string_view(arguments.positional.back())));
    if (arguments.positional.size() == 2) {
      Validation before = TRY(validation::Find(tx, std::string_view(arguments.positional[0])));
      return Pair{std::move(before), std::move(after)};
    }
    auto previous = TRY(validation::PreviousOf(tx, after));
    if (!previous)
      return Error::NotFound("Validation {} is the first one of {} that is kept", after.number,
                             after.name);
    Validation before = TRY(validation::Find(tx, *previous));
    return Pair{std::move(before), std::move(after)};
  });
  if (!both.ok()) return context.Fail(both.error());
  const auto& [before, after] = *both;
  TextTable table{.header = {"check", "change", "before", "after"}};
  for (const validation::Change& change : validation::Compare(before, after)) {
    std::string kind(validation::ToString(change.kind));
    context.Event(Json::Object({{"type", "change"},
                                {"check", change.check},
                                {"change", kind},
                                {"before", change.before},
                                {"after", change.after},
                                {"redefined", change.is_redefined}}));
    if (change.is_redefined) kind += " (redefined)";
    const char* style = change.kind == validation::Change::kBroke    ? "red"
                        : change.kind == validation::Change::kMended ? "green"
                                                                     : "";
    table.rows.push_back({change.check, context.Paint(style, kind), change.before, change.after});
  }
  if (context.json) return ExitCode::kDone;
  context.Line(fmt::format("{} ({}) -> {} ({})", before.number, ShortTime(before.started),
                           after.number, ShortTime(after.started)));
  if (table.rows.empty())
    context.Line("Nothing is different.");
  else
    context.Print(Format(table, context));
  return ExitCode::kDone;
}

ExitCode RunHistory(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  const std::string& word = arguments.positional[0];
  const size_t dot = word.find('.', word.starts_with("dataset.") ? 8 : 0);
  if (dot == word.npos) return context.Fail(Error::Invalid("Name a check: {}.CHECK", word));
  const std::string check = word.substr(dot + 1);
  auto points =
      opened->db->Read([&](store::Transaction& tx) -> Result<std::vector<validation::Point>> {
        std::string dataset = TRY(DatasetOf(opened->project, tx, word.substr(0, dot)));
        return validation::HistoryOf(tx, dataset, check, arguments.Integer("limit", kListDefault));
      });
  if (!points.ok()) return context.Fail(points.error());
  TextTable table{.header = {"validation", "when", "state", "observed", "unexpected", "message"},
                  .right = {true, false, false, true, true}};
  for (const validation::Point& p : *points) {
    auto number = [](const std::optional<double>& n) { return n ? Json(*n) : Json(); };
    context.Event(Json::Object({{"type", "result"},
                                {"validation", p.validation},
                                {"time", ToRfc3339(p.time)},
                                {"state", p.state},
                                {"observed", number(p.observed)},
                                {"unexpected_percent", number(p.unexpected_percent)},
                                {"message", p.message}}));
    table.rows.push_back(
        {std::to_string(p.validation), ShortTime(p.time), Painted(context, p.state),
         p.observed ? fmt::format("{:.6g}", *p.observed) : "",
         p.unexpected_percent ? fmt::format("{:.2f} %", *p.unexpected_percent) : "", p.message});
  }
  if (context.json) return ExitCode::kDone;
  if (table.rows.empty()) return context.Fail(Error::NotFound("No result of {} is kept", word));
  context.Print(Format(table, context));
  return ExitCode::kDone;
}

ExitCode RunExport(Context& context, const Arguments&) {
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  auto done = line::ExportValidations(*(*world)->world);
  if (!done.ok()) return context.Fail(done.error());
  context.Event(Json::Object({{"type", "validations_exported"},
                              {"validations", done->validations},
                              {"rows", done->rows},
                              {"metadata_location", done->metadata_location}}));
  if (!context.json) {
    context.Line(fmt::format("Added {} ({}) to andon.validations: {}",
                             Count(done->validations, "validation"), Count(done->rows, "row"),
                             done->metadata_location));
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kValidationExport = {
    .name = "validation export",
    .group = Group::kTest,
    .summary = "Add validations to the lake's table andon.validations",
    .usage = "",
    .description =
        "Writes the results of the validations that are not there yet to the Iceberg table "
        "andon.validations of the lake, one row for each check, so that any engine that reads "
        "Iceberg can ask for them. Failing rows are not part of it. What retention removes from "
        "the control store stays in the table.",
    .examples = {{"andon validation export", "What is new since the last time."},
                 {"andon validation export -json",
                  "With the table's metadata file, for a program."}},
    .run = RunExport,
};

extern const Command kValidationList = {
    .name = "validation list",
    .group = Group::kTest,
    .summary = "What checks said, newest first",
    .usage = "[DATASET]",
    .description =
        "Every run, and \"andon check -record\", keeps what its checks said: a validation. How "
        "long "
        "they are kept says `retention` in the block `andon`.",
    .positional_max = 1,
    .flags = {{"limit", FlagKind::kInteger, "N", "At most so many; default 20."}},
    .examples = {{"andon validation list", "The newest ones."},
                 {"andon validation list payment -limit=5", "Of one dataset."}},
    .run = RunList,
};

extern const Command kValidationShow = {
    .name = "validation show",
    .group = Group::kTest,
    .summary = "One validation with all its results",
    .usage = "NUMBER|UUID|last",
    .description =
        "What every check observed, and the failing rows while they are kept. With -report the "
        "same "
        "as Great Expectations' JSON, JUnit, SARIF or Markdown.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"sample", FlagKind::kInteger, "N", "Rows shown of each failing check; default 3."},
              {"report", FlagKind::kList, "FORMAT[:FILE],…",
               "gx, junit, sarif or md, each to its file; one without a file is printed."}},
    .examples = {{"andon validation show last", "The newest one."},
                 {"andon validation show last -report=junit:last.xml", "For another tool."}},
    .run = RunShow,
};

extern const Command kValidationDiff = {
    .name = "validation diff",
    .group = Group::kTest,
    .summary = "What is different between two validations",
    .usage = "[BEFORE] AFTER",
    .description =
        "Checks that broke, mended, were added or removed, and those whose observed values moved. "
        "With one argument: to the one before it of the same dataset.",
    .positional_min = 1,
    .positional_max = 2,
    .examples = {{"andon validation diff last", "The newest one, to the one before."},
                 {"andon validation diff 3 last", "Any two."}},
    .run = RunDiff,
};

extern const Command kValidationHistory = {
    .name = "validation history",
    .group = Group::kTest,
    .summary = "One check over time",
    .usage = "DATASET.CHECK",
    .description = "What a check observed in the last validations, oldest first.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"limit", FlagKind::kInteger, "N", "At most so many; default 20."}},
    .examples = {{"andon validation history payment.amount_in_range", "The last 20."},
                 {"andon validation history payment.amount_in_range -json", "For a program."}},
    .run = RunHistory,
};

}  // namespace andon::cli
