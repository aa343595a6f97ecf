#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "cli/check_batches.h"
#include "cli/check_costs.h"
#include "cli/check_reports.h"
#include "cli/check_suite.h"
#include "cli/checked_dataset.h"
#include "cli/command.h"
#include "cli/record_validations.h"
#include "cli/red_since.h"
#include "cli/replay.h"
#include "cli/stop_on_signal.h"
#include "cli/world.h"
#include "io/local_file_system.h"
#include "line/check_now.h"
#include "line/intervene.h"
#include "line/sight.h"

namespace andon::cli {
namespace {

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

void TellExplanation(const Context& context, const line::CheckedDataset& checked,
                     const BatchChoice& choice) {
  if (!checked.has_data)
    return context.Line(checked.name + " was never published: nothing to scan");
  context.Line(Trim(checked.explanation));
  if (!choice.definition.is_whole()) context.Line(ExplainBatches(choice));
}

// What the checks of one dataset cost.
void TellReading(const Context& context, const line::CheckedDataset& checked) {
  const quality::Reading& reading = checked.reading;
  if (reading.files == 0) return;
  context.Event(Json::Object({{"type", "reading"},
                              {"dataset", checked.address},
                              {"files", reading.files},
                              {"files_read", reading.files_read},
                              {"rows_read", reading.rows_read},
                              {"checks_in_full", reading.checks_in_full}}));
}

// The datasets of a project, one after the other, with what is common to all of them.
class ProjectCheck {
 public:
  ProjectCheck(Context& context, const Arguments& arguments, OpenedWorld& world)
      : context_(context),
        arguments_(arguments),
        world_(world),
        started_(context.clock->Now()),
        stop_(signals_.token(), arguments.Time("timeout")),
        sessions_(world.world->files, world.world->project_dir,
                  {.memory_bytes = arguments.Integer("memory-mb") << 20,
                   .spill_dir = world.world->project_dir + "/.andon/tmp/check"},
                  stop_.token()) {}

  ExitCode Run() {
    auto chosen = Choose();
    if (!chosen.ok()) return context_.Fail(chosen.error());
    bool takes_stdout = context_.json;
    auto reports = ReadReports(arguments_, &takes_stdout);
    if (!reports.ok()) return context_.Fail(reports.error());
    totals_.prints = !takes_stdout;
    for (const pipeline::Unit& unit : sight_.line.units) {
      for (const std::string& address : unit.datasets) {
        auto options = chosen->find(address);
        if (options == chosen->end()) continue;
        auto done = One(*world_.project().FindDataset(address), options->second);
        if (done.ok()) continue;
        if (signals_.stop_requested()) return Interrupted();
        if (stop_.is_over()) return TimedOut();
        // A database that does not answer loses no other.
        const bool is_alone = chosen->size() == 1;
        if (is_alone || !world_.project().FindDataset(address)->is_external())
          return context_.Fail(
              std::move(done).error().In(world_.project().FindDataset(address)->name));
        TellUnopened(address, done.error());
      }
    }
    if (arguments_.Bool("explain")) return Ended();
    return Tell(*reports);
  }

 private:
  ExitCode Interrupted() {
    context_.Fail(Error::Interrupted("Stopped; no result is told."));
    return ExitCode::kInterrupted;
  }
  // A check that had no time is not a check that failed.
  ExitCode TimedOut() {
    context_.Fail(Error::Interrupted("The checks took longer than {} (-timeout); no more is told.",
                                     HumanDuration(arguments_.Time("timeout"))));
    return ExitCode::kTaskFailed;
  }

  Result<std::map<std::string, line::CheckNowOptions>> Choose() {
    line::CheckNowOptions common{.memory_bytes = arguments_.Integer("memory-mb") << 20,
                                 .explain = arguments_.Bool("explain"),
                                 .full = arguments_.Bool("full"),
                                 .stop = stop_.token(),
                                 .sessions = &sessions_};
    common.at = TRY(ReadReference(arguments_.String("at"), started_));
    auto chosen = TRY(ReadNames(world_.project(), arguments_.positional, common));
    sight_ = TRY(line::Look(world_.db(), world_.project()));
    if (!arguments_.Has("select") && !chosen.empty()) return chosen;
    auto selected = TRY(pipeline::Select(
        world_.project(), sight_.line,
        arguments_.Has("select") ? arguments_.List("select") : std::vector<std::string>{"*"}));
    for (const std::string& address : selected) chosen.emplace(address, common);
    return chosen;
  }

  Result<void> One(const definition::Dataset& dataset, line::CheckNowOptions options) {
    const Timestamp began = context_.clock->Now();
    auto choice = ReadBatchChoice(arguments_, dataset.batches);
    if (!choice.ok()) return std::move(choice).error().In(dataset.name);
    options.batches = *choice;
    auto checked = TRY(line::CheckBatches(*world_.world, sight_, dataset, options));
    ++totals_.datasets;
    if (options.explain) {
      Explain(checked[0], *choice);
      return {};
    }
    TellReading(context_, checked[0]);
    SetRedSince(world_.db(), dataset, &checked);
    TellChecked(context_, checked, static_cast<int>(arguments_.Integer("sample", 3)), &totals_);
    TellRedBatches(context_, dataset.address, Judged(&checked), totals_.prints);
    for (const line::CheckedDataset& one : checked)
      validations_.push_back(ToValidation(dataset, one, began, context_.clock->Now() - began));
    return {};
  }

  void Explain(line::CheckedDataset& checked, const BatchChoice& choice) {
    const std::string time = EstimateTime(&world_.db(), checked.address, &checked.explanation_data);
    context_.Event(Json::Object({{"type", "explanation"},
                                 {"dataset", checked.address},
                                 {"text", checked.explanation},
                                 {"plan", checked.explanation_data}}));
    if (context_.json) return;
    TellExplanation(context_, checked, choice);
    if (!time.empty()) context_.Line("  " + time);
    if (std::string last = LastDuration(world_.db(), checked.address); !last.empty())
      context_.Line("  " + last);
  }

  void TellUnopened(const std::string& address, const Error& error) {
    ++totals_.datasets;
    ++totals_.errors;
    context_.Event(
        Json::Object({{"type", "not_checked"}, {"dataset", address}, {"message", error.message}}));
    if (context_.json || !totals_.prints) return;
    context_.Line(context_.Paint("bold", world_.project().FindDataset(address)->name));
    context_.Line(fmt::format("  {} error: {}", context_.Paint("red", "✖"), error.message));
  }

  ExitCode Tell(const std::vector<validation::ReportTarget>& reports) {
    if (arguments_.Bool("record")) {
      auto recorded = RecordValidations(world_.db(), &validations_);
      if (!recorded.ok()) return context_.Fail(recorded.error());
    }
    const Duration took = context_.clock->Now() - started_;
    context_.Event(Json::Object({{"type", "check_ended"},
                                 {"checks", totals_.checks},
                                 {"failed", totals_.failed},
                                 {"missing_columns", totals_.missing},
                                 {"errors", totals_.errors},
                                 {"warnings", totals_.warned},
                                 {"duration_ms", took.count() / 1000}}));
    auto reported = TellReports(context_, reports, validations_, {.tool_version = ANDON_VERSION});
    if (!reported.ok()) return context_.Fail(reported.error());
    if (totals_.prints) {
      std::string others;
      if (totals_.missing)
        others += fmt::format(", {} missing", Count(totals_.missing, "promised column"));
      if (totals_.errors) others += fmt::format(", {}", Count(totals_.errors, "error"));
      if (totals_.warned) others += fmt::format(", {}", Count(totals_.warned, "warning"));
      std::string batches;
      if (totals_.batches) batches = " in " + Count(totals_.batches, "batch", "batches");
      context_.Line(fmt::format(
          "Checked {}{}: {}, {} failed{} in {}.", Count(totals_.datasets, "dataset"), batches,
          Count(totals_.checks, "check"), totals_.failed, others, HumanDuration(took)));
    }
    return Ended();
  }

  ExitCode Ended() const {
    if (totals_.failed > 0 || totals_.missing > 0) return ExitCode::kChecksFailed;
    return totals_.errors > 0 ? ExitCode::kTaskFailed : ExitCode::kDone;
  }

  Context& context_;
  const Arguments& arguments_;
  OpenedWorld& world_;
  const Timestamp started_;
  StopOnSignal signals_;
  StopAfter stop_;
  line::SourceSessions sessions_;
  line::Sight sight_;
  CheckTotals totals_;
  std::vector<validation::Validation> validations_;
};

ExitCode RunCheck(Context& context, const Arguments& arguments) {
  if (AsksForSuite(arguments)) return RunSuiteCheck(context, arguments);
  if (arguments.Has("replay")) return RunReplay(context, arguments);
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  return ProjectCheck(context, arguments, **world).Run();
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
        "delivery alone are left out. "
        "External datasets are judged in their own database, to read only.\n"
        "With -suite and -data it needs no project: a suite of Great Expectations (JSON) is judged "
        "on a file (Parquet, CSV, JSON lines, the metadata file of an Iceberg table) or on a table "
        "of PostgreSQL or SQLite, where it is. Results have the reference's words, and with -o=gx "
        "its JSON.\n"
        "Exits with 3 where a critical check fails, or a contract promises a column that an "
        "external dataset does not have; warnings do not count. A check that breaks (an "
        "unknown column, a statement that the server refuses) is an error and loses no other: it "
        "exits with 4 where nothing failed. A mistake in the suite is told at its line before any "
        "data is touched, and exits with 1; so do data that cannot be opened, 8 where a server is "
        "not reached. Ctrl-C ends with 130, a -timeout with 4: neither says that data are bad.",
    .positional_max = -1,
    .flags =
        {{"select", FlagKind::kList, "SELECTION", "Datasets, as \"andon run\" selects them."},
         {"at", FlagKind::kString, "REF",
          "A version, tag, branch or time instead of main: @2, audit, 2026-01-01."},
         {"batches", FlagKind::kString, "BATCHES",
          "How the data fall into batches: year(COLUMN), month(COLUMN), day(COLUMN), "
          "value(COLUMN, …), file(REGEX), or of a dataset the name of its batches. With -replay: "
          "what is judged instead of versions; also \"delivery\", the files that came."},
         {"batch", FlagKind::kString, "NAME",
          "Only this batch, as 2005-07; without it the last one."},
         {"all-batches", FlagKind::kBool, "", "Every batch, in one pass over the data."},
         {"explain", FlagKind::kBool, "", "Print the scans that would be made, and make none."},
         {"full", FlagKind::kBool, "",
          "Read all files again, whatever is kept of them from checks before."},
         ReplayFlag(),
         {"sample", FlagKind::kInteger, "N", "Rows shown of each failing check; default 3."},
         {"report", FlagKind::kList, "FORMAT[:FILE],…",
          "gx, junit, sarif or md, each to its file; one without a file is printed."},
         {"record", FlagKind::kBool, "",
          "Keeps the validations in the control store, for Data Docs and history."},
         {"memory-mb", FlagKind::kInteger, "N", "Memory; default: a quarter of the machine."},
         {"timeout", FlagKind::kDuration, "TIME", "How long it may take at most."},
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
                 {"andon check payment -batches='month(payment_date)' -all-batches",
                  "Every month for itself, in one pass."},
                 {"andon check payment -replay=30d",
                  "What the checks, as the files have them, would have said of earlier versions."},
                 {"andon check payment -replay=30d -batches='day(payment_date)'",
                  "On how many of the last 30 days they would have failed."},
                 {"andon check payment -explain", "What answers each check, without reading rows."},
                 {"andon check -suite=suite.json -data=payment.parquet",
                  "A suite over a file, without a project."},
                 {"andon check -suite=suite.json -data=postgres://ada@db/shop -table=payment -o=gx",
                  "A table where it is; the reference's JSON."}},
    .run = RunCheck,
};

}  // namespace andon::cli
