// `andon checkpoint run` and `andon checkpoint list`.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/check_reports.h"
#include "cli/checked_dataset.h"
#include "cli/checkpoint_actions.h"
#include "cli/command.h"
#include "cli/record_validations.h"
#include "cli/red_since.h"
#include "cli/world.h"
#include "line/sight.h"
#include "quality/gx/result.h"

namespace andon::cli {
namespace {

Result<const definition::Checkpoint*> FindCheckpoint(const definition::Project& project,
                                                     std::string name) {
  if (name.starts_with("checkpoint.")) name = name.substr(name.find('.') + 1);
  std::vector<std::string> names;
  for (const definition::Checkpoint& checkpoint : project.checkpoints) {
    if (checkpoint.name == name) return &checkpoint;
    names.push_back(checkpoint.name);
  }
  std::string meant = DidYouMean(name, names);
  return Error::NotFound("There is no checkpoint \"{}\"{}", name,
                         names.empty()    ? "; the project declares none."
                         : !meant.empty() ? fmt::format("; did you mean \"{}\"?", meant)
                                          : "; there are " + Join(names, ", ") + ".");
}

// The batches of a dataset that the checkpoint means.
Result<quality::BatchChoice> ChoiceOf(const definition::Dataset& dataset,
                                      const definition::Checkpoint::Validate& validate) {
  quality::BatchChoice choice;
  if (validate.batches.empty()) return choice;
  auto by = dataset.batches.find(validate.batches);
  if (by == dataset.batches.end())
    return Error::NotFound("{} has no batches \"{}\".", dataset.address, validate.batches);
  choice.definition = TRY(quality::ParseBatches(by->second));
  choice.all = validate.batch == "all";
  if (!choice.all && validate.batch != "last") choice.name = validate.batch;
  return choice;
}

class CheckpointRun {
 public:
  CheckpointRun(Context& context, const Arguments& arguments, OpenedWorld& world,
                const definition::Checkpoint& checkpoint)
      : context_(context), arguments_(arguments), world_(world), checkpoint_(checkpoint) {}

  ExitCode Run() {
    started_ = context_.clock->Now();
    bool prints_gx = arguments_.String("o") == "gx", takes_stdout = prints_gx || context_.json;
    auto reports = ReadReports(arguments_, &takes_stdout);
    if (!reports.ok()) return context_.Fail(reports.error());
    totals_.prints = !takes_stdout;
    auto validated = Validate();
    if (!validated.ok()) return context_.Fail(validated.error());
    auto recorded =
        RecordWithNotices(world_.db(), world_.project(), checkpoint_, started_, &validations_);
    if (!recorded.ok()) return context_.Fail(recorded.error());
    if (prints_gx) context_.Line(GxResult().Dump(2));
    Tell();
    auto reported = TellReports(context_, *reports, validations_, {.tool_version = ANDON_VERSION});
    if (!reported.ok()) return context_.Fail(reported.error());
    bool all_done = RunActions(context_, world_, checkpoint_, validations_, totals_.prints);
    if (validation::CountsOf(validations_).is_red()) return ExitCode::kChecksFailed;
    return all_done ? ExitCode::kDone : ExitCode::kError;
  }

 private:
  Result<void> Validate() {
    const definition::Project& project = world_.project();
    line::Sight sight = TRY(line::Look(world_.db(), project));
    for (const definition::Checkpoint::Validate& validate : checkpoint_.validate) {
      const definition::Dataset* dataset = project.FindDataset(validate.dataset);
      if (dataset == nullptr) return Error::NotFound("There is no {}.", validate.dataset);
      line::CheckNowOptions options{.memory_bytes = arguments_.Integer("memory-mb") << 20};
      options.batches = TRY(ChoiceOf(*dataset, validate));
      const Timestamp began = context_.clock->Now();
      auto checked = line::CheckBatches(*world_.world, sight, *dataset, options);
      if (!checked.ok()) return std::move(checked).error().In(dataset->name);
      ++totals_.datasets;
      SetRedSince(world_.db(), *dataset, &*checked);
      TellChecked(context_, *checked, static_cast<int>(arguments_.Integer("sample", 3)), &totals_);
      TellRedBatches(context_, dataset->address, Judged(&*checked), totals_.prints);
      const Duration took = context_.clock->Now() - began;
      for (const line::CheckedDataset& one : *checked) Add(*dataset, one, began, took);
    }
    return {};
  }

  void Add(const definition::Dataset& dataset, const line::CheckedDataset& checked, Timestamp began,
           Duration took) {
    if (checked.verdicts.empty()) return;
    validation::Validation validation = ToValidation(dataset, checked, began, took);
    validation.trigger = "checkpoint";
    validation.run_id = checkpoint_.name;
    validations_.push_back(std::move(validation));
  }

  Json GxResult() const {
    std::vector<Json> results;
    for (const validation::Validation& validation : validations_)
      results.push_back(validation::ToGx(validation, {.tool_version = ANDON_VERSION}));
    return quality::gx::ToCheckpointJson(results);
  }

  void Tell() {
    const validation::Counts counts = validation::CountsOf(validations_);
    const Duration took = context_.clock->Now() - started_;
    int red = 0;
    for (const validation::Validation& v : validations_) red += validation::CountsOf(v).is_red();
    context_.Event(Json::Object({{"type", "checkpoint_ended"},
                                 {"checkpoint", checkpoint_.name},
                                 {"success", !counts.is_red()},
                                 {"validations", static_cast<int64_t>(validations_.size())},
                                 {"failed_validations", red},
                                 {"checks", counts.checks},
                                 {"failed", counts.failed},
                                 {"errors", counts.errors},
                                 {"warnings", counts.warnings},
                                 {"duration_ms", took.count() / 1000}}));
    if (!totals_.prints) return;
    context_.Line(
        fmt::format("Checkpoint {}: {}, {} red; {}, {} failed{} in {}.", checkpoint_.name,
                    Count(static_cast<int64_t>(validations_.size()), "validation"), red,
                    Count(counts.checks, "check"), counts.failed + counts.errors,
                    counts.warnings ? fmt::format(", {}", Count(counts.warnings, "warning")) : "",
                    HumanDuration(took)));
  }

  Context& context_;
  const Arguments& arguments_;
  OpenedWorld& world_;
  const definition::Checkpoint& checkpoint_;
  Timestamp started_{};
  CheckTotals totals_;
  std::vector<validation::Validation> validations_;
};

ExitCode RunCheckpoint(Context& context, const Arguments& arguments) {
  const std::string output = arguments.String("o", "text");
  if (output != "text" && output != "gx")
    return context.Fail(Error::Invalid("-o is \"text\" or \"gx\", not \"{}\".", output));
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  auto checkpoint = FindCheckpoint((*world)->project(), arguments.positional[0]);
  if (!checkpoint.ok()) return context.Fail(checkpoint.error());
  return CheckpointRun(context, arguments, **world, **checkpoint).Run();
}

std::string ValidatesText(const definition::Checkpoint& checkpoint) {
  std::vector<std::string> texts;
  for (const definition::Checkpoint::Validate& v : checkpoint.validate) {
    std::string text = v.dataset.substr(v.dataset.rfind('.') + 1);
    if (!v.batches.empty()) text += fmt::format(" ({}, {})", v.batches, v.batch);
    texts.push_back(std::move(text));
  }
  return Join(texts, ", ");
}

ExitCode ListCheckpoints(Context& context, const Arguments&) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  const auto& checkpoints = opened->project.checkpoints;
  for (const definition::Checkpoint& checkpoint : checkpoints) {
    Json validated = Json::List(), actions = Json::List();
    for (const definition::Checkpoint::Validate& v : checkpoint.validate)
      validated.Push(Json::Object({{"dataset", v.dataset},
                                   {"batches", v.batches},
                                   {"batch", v.batches.empty() ? "" : v.batch}}));
    for (const definition::Checkpoint::Action& action : checkpoint.actions)
      actions.Push(ActionText(action));
    context.Event(Json::Object({{"type", "checkpoint"},
                                {"name", checkpoint.name},
                                {"validate", std::move(validated)},
                                {"actions", std::move(actions)}}));
    if (context.json) continue;
    std::vector<std::string> texts;
    for (const definition::Checkpoint::Action& action : checkpoint.actions)
      texts.push_back(ActionText(action));
    context.Line(fmt::format("{}  {}{}", context.Paint("bold", checkpoint.name),
                             ValidatesText(checkpoint),
                             texts.empty() ? "" : "; then " + Join(texts, ", ")));
  }
  if (checkpoints.empty() && !context.json) context.Line("The project declares no checkpoint.");
  return ExitCode::kDone;
}

}  // namespace

extern const Command kCheckpointRun = {
    .name = "checkpoint run",
    .group = Group::kTest,
    .summary = "Validate what a checkpoint names, and do its actions",
    .usage = "NAME",
    .description =
        "Judges the datasets and batches of the block checkpoint \"NAME\" as they stand on main, "
        "keeps each validation in the control store, and then does the actions: builds Data Docs, "
        "tells channels, writes reports. Changes no data and opens no incident.\n"
        "Exits with 3 where a critical check failed or broke. An action that fails is told and "
        "changes nothing of the verdict: where all is green it exits with 1. A notification that "
        "cannot be sent is a warning, and is tried again by the next command that sends.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"sample", FlagKind::kInteger, "N", "Rows shown of each failing check; default 3."},
              {"report", FlagKind::kList, "FORMAT[:FILE],…",
               "gx, junit, sarif or md, besides the checkpoint's own."},
              {"memory-mb", FlagKind::kInteger, "N", "Memory; default: a quarter of the machine."},
              {"o", FlagKind::kString, "text|gx",
               "gx: print the reference's checkpoint result, as JSON, and nothing else."}},
    .examples = {{"andon checkpoint run payments", "What the checkpoint names, and its actions."},
                 {"andon checkpoint run payments -o=gx", "The reference's JSON."}},
    .run = RunCheckpoint,
};

extern const Command kCheckpointList = {
    .name = "checkpoint list",
    .group = Group::kTest,
    .summary = "List the checkpoints with what they validate",
    .usage = "",
    .description =
        "The checkpoints of the current release, with the datasets and batches that each "
        "validates and its actions.",
    .flags = {},
    .examples = {{"andon checkpoint list", "All of them."},
                 {"andon checkpoint list -json", "One object a line."}},
    .run = ListCheckpoints,
};

}  // namespace andon::cli
