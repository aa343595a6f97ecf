#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "cli/check_reports.h"
#include "cli/check_suite.h"
#include "cli/command.h"
#include "cli/failed_checks.h"
#include "cli/record_validations.h"
#include "cli/world.h"
#include "io/local_file_system.h"
#include "line/check_now.h"
#include "line/intervene.h"
#include "line/sight.h"

namespace andon::cli {
namespace {

struct Totals {
  int checks = 0, failed = 0, warned = 0, datasets = 0;
  bool prints = true;  // False where a report takes standard output.
};

// "payment", "payment.amount_in_range", "payment.customer_id.references".
Result<std::map<std::string, line::CheckNowOptions>> ReadNames(
    const definition::Project& project, const std::vector<std::string>& words,
    const line::CheckNowOptions& common) {
  std::map<std::string, line::CheckNowOptions> out;
  for (std::string word : words) {
    if (word.substr(0, 8) == "dataset.") word = word.substr(8);
    const size_t dot = word.find('.');
    const definition::Dataset* dataset = TRY(line::FindDataset(project, word.substr(0, dot)));
    auto [it, is_new] = out.emplace(dataset->address, common);
    if (dot == word.npos) {
      it->second.only.clear();
    } else if (is_new || !it->second.only.empty()) {
      it->second.only.insert(word.substr(dot + 1));
    }
  }
  return out;
}

Json ToEvent(const line::CheckedDataset& checked, const line::Verdict& v) {
  Json event = Json::Object({{"type", "check"}, {"dataset", checked.address}});
  const Json result = quality::ToJson(v.result);
  for (const auto& [key, value] : result.members()) {
    event.Set(key == "type" ? "expectation" : key, value);
  }
  return event;
}

void Print(const Context& context, const line::CheckedDataset& checked, int sample,
           Totals& totals) {
  const bool is_silent = context.json || !totals.prints;
  if (!is_silent) {
    context.Line(
        context.Paint("bold", checked.name) +
        (checked.has_data ? "" : context.Paint("dim", "  was never published: nothing to check")));
  }
  for (const line::Verdict& v : checked.verdicts) {
    ++totals.checks;
    const bool is_critical = v.check.severity == quality::CheckSeverity::kCritical;
    if (!v.result.success()) ++(is_critical ? totals.failed : totals.warned);
    context.Event(ToEvent(checked, v));
    if (is_silent) continue;
    if (v.result.success()) {
      std::string says = quality::Describe(v.check);
      context.Line(fmt::format("  {} {}{}", context.Paint("green", "✔"), v.result.name,
                               context.Paint("dim", "  " + says.substr(0, says.find('\n')))));
    } else {
      PrintFailedChecks(context, {line::ToFailedCheck(checked.address, v)}, "  ", sample);
    }
  }
}

validation::Validation ToValidation(const line::CheckedDataset& checked, Timestamp started,
                                    Duration took) {
  validation::Validation validation{.id = RandomUuid(),
                                    .name = checked.name,
                                    .dataset = checked.address,
                                    .branch = checked.branch,
                                    .version = checked.version,
                                    .snapshot_id = checked.snapshot_id,
                                    .trigger = "check",
                                    .started = started,
                                    .duration = took,
                                    .results = line::ToCheckedChecks(checked.verdicts)};
  return validation;
}

ExitCode RunCheck(Context& context, const Arguments& arguments) {
  if (AsksForSuite(arguments)) return RunSuiteCheck(context, arguments);
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  const definition::Project& project = (*world)->project();
  line::CheckNowOptions common{.memory_bytes = arguments.Integer("memory-mb") << 20,
                               .explain = arguments.Bool("explain")};
  auto at = ReadReference(arguments.String("at"), context.clock->Now());
  if (!at.ok()) return context.Fail(at.error());
  common.at = *at;
  auto names = ReadNames(project, arguments.positional, common);
  if (!names.ok()) return context.Fail(names.error());
  auto sight = line::Look((*world)->db(), project);
  if (!sight.ok()) return context.Fail(sight.error());
  if (arguments.Has("select") || names->empty()) {
    auto selected = pipeline::Select(
        project, sight->line,
        arguments.Has("select") ? arguments.List("select") : std::vector<std::string>{"*"});
    if (!selected.ok()) return context.Fail(selected.error());
    for (const std::string& address : *selected) names->emplace(address, common);
  }
  const Timestamp started = context.clock->Now();
  Totals totals;
  bool takes_stdout = context.json;
  auto reports = ReadReports(arguments, &takes_stdout);
  if (!reports.ok()) return context.Fail(reports.error());
  totals.prints = !takes_stdout;
  std::vector<validation::Validation> validations;
  for (const pipeline::Unit& unit : sight->line.units) {
    for (const std::string& address : unit.datasets) {
      auto options = names->find(address);
      if (options == names->end()) continue;
      const Timestamp began = context.clock->Now();
      auto checked =
          line::CheckNow(*(*world)->world, *sight, *project.FindDataset(address), options->second);
      if (!checked.ok()) return context.Fail(checked.error());
      ++totals.datasets;
      if (common.explain) {
        context.Event(Json::Object(
            {{"type", "explanation"}, {"dataset", address}, {"text", checked->explanation}}));
        if (!context.json) {
          context.Line(checked->has_data ? std::string(Trim(checked->explanation))
                                         : checked->name + " was never published: nothing to scan");
        }
        continue;
      }
      Print(context, *checked, static_cast<int>(arguments.Integer("sample", 3)), totals);
      validations.push_back(ToValidation(*checked, began, context.clock->Now() - began));
    }
  }
  if (common.explain) return ExitCode::kDone;
  if (arguments.Bool("record")) {
    auto recorded = RecordValidations((*world)->db(), &validations);
    if (!recorded.ok()) return context.Fail(recorded.error());
  }
  const Duration took = context.clock->Now() - started;
  context.Event(Json::Object({{"type", "check_ended"},
                              {"checks", totals.checks},
                              {"failed", totals.failed},
                              {"warnings", totals.warned},
                              {"duration_ms", took.count() / 1000}}));
  auto reported = TellReports(context, *reports, validations, {.tool_version = ANDON_VERSION});
  if (!reported.ok()) return context.Fail(reported.error());
  if (totals.prints) {
    context.Line(
        fmt::format("Checked {}: {}, {} failed{} in {}.", Count(totals.datasets, "dataset"),
                    Count(totals.checks, "check"), totals.failed,
                    totals.warned ? fmt::format(", {}", Count(totals.warned, "warning")) : "",
                    HumanDuration(took)));
  }
  return totals.failed > 0 ? ExitCode::kChecksFailed : ExitCode::kDone;
}

}  // namespace

extern const Command kCheck = {
    .name = "check",
    .group = Group::kTest,
    .summary = "Run the data tests now, on what is published",
    .usage = "[DATASET[.CHECK]…] | -suite=FILE -data=DATA",
    .description =
        "Judges the datasets as they stand on main, or at another reference, and changes nothing: "
        "no incident "
        "opens, nothing is held; with -record the verdicts are kept. Checks that look at a "
        "delivery alone are left out.\n"
        "With -suite and -data it needs no project: a suite of Great Expectations (JSON) is judged "
        "on a file (Parquet, CSV, JSON lines, the metadata file of an Iceberg table) or on a table "
        "of PostgreSQL or SQLite, where it is. Results have the reference's words, and with -o=gx "
        "its JSON.\n"
        "Exits with 3 where a critical check fails; warnings do not count. A check that breaks (an "
        "unknown column, a statement that the server refuses) is an error and loses no other: it "
        "exits with 4 where nothing failed. A mistake in the suite is told at its line before any "
        "data is touched, and exits with 1; so do data that cannot be opened, 8 where a server is "
        "not reached. Ctrl-C ends with 130, a -timeout with 4: neither says that data are bad.",
    .positional_max = -1,
    .flags =
        {{"select", FlagKind::kList, "SELECTION", "Datasets, as \"andon run\" selects them."},
         {"at", FlagKind::kString, "REF",
          "A version, tag, branch or time instead of main: @2, audit, 2026-01-01."},
         {"explain", FlagKind::kBool, "", "Print the scans that would be made, and make none."},
         {"sample", FlagKind::kInteger, "N", "Rows shown of each failing check; default 3."},
         {"report", FlagKind::kList, "FORMAT[:FILE],…",
          "gx, junit, sarif or md, each to its file; one without a file is printed."},
         {"record", FlagKind::kBool, "",
          "Keeps the validations in the control store, for Data Docs and history."},
         {"memory-mb", FlagKind::kInteger, "N", "Memory; default: a quarter of the machine."},
         {"timeout", FlagKind::kDuration, "TIME", "With -suite: how long it may take at most."},
         {"suite", FlagKind::kString, "FILE", "A suite of Great Expectations 1.x, as JSON."},
         {"data", FlagKind::kString, "DATA",
          "A file, postgres://USER@HOST/DATABASE, sqlite:FILE, or env:NAME for a variable that "
          "holds one of these."},
         {"table", FlagKind::kString, "NAME", "With -data of a database: the table or view."},
         {"schema", FlagKind::kString, "NAME", "Its schema; default: the search path."},
         {"source", FlagKind::kList, "NAME=DATA",
          "Another source that a comparison of the suite names; may be given several times."},
         {"result-format", FlagKind::kString, "FORMAT",
          "BOOLEAN_ONLY, BASIC, SUMMARY (default), COMPLETE, or the reference's object as "
          "JSON."},
         {"param", FlagKind::kList, "NAME=VALUE",
          "A suite parameter; may be given several "
          "times."},
         {"run-name", FlagKind::kString, "NAME", "The run's name in the result (meta.run_id)."},
         {"o", FlagKind::kString, "text|gx",
          "gx: print the reference's validation result, as JSON, and nothing else."}},
    .examples = {{"andon check", "Every dataset."},
                 {"andon check payment.amount_in_range", "One check."},
                 {"andon check payment -explain", "What answers each check, without reading rows."},
                 {"andon check -suite=suite.json -data=payment.parquet",
                  "A suite over a file, without a project."},
                 {"andon check -suite=suite.json -data=postgres://ada@db/shop -table=payment -o=gx",
                  "A table where it is; the reference's JSON."}},
    .run = RunCheck,
};

}  // namespace andon::cli
