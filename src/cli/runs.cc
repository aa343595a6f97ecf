#include <fmt/format.h>

#include "base/text.h"
#include "board/board.h"
#include "cli/command.h"
#include "cli/world.h"

namespace andon::cli {
namespace {

std::string Took(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to) {
  return from && to ? HumanDuration(*to - *from) : "";
}

std::string Counts(const Json& counts) {
  std::vector<std::string> parts;
  for (const auto& [word, n] : counts.members()) {
    std::string text = word == "up_to_date" ? "up to date" : word;
    parts.push_back(fmt::format("{} {}", n.AsInteger(), text));
  }
  return Join(parts, ", ");
}

std::string Painted(const Context& context, const std::string& state) {
  std::string_view style =
      state == "succeeded" || state == "published" || state == "unchanged" ? "green"
      : state == "running" || state == "held" || state == "cancelled"      ? "yellow"
      : state == "up_to_date"                                              ? "dim"
                                                                           : "red";
  return context.Paint(style, state);
}

ExitCode RunList(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  const int64_t limit = arguments.Integer("limit", 20);
  auto runs = (*db)->Read([&](store::Transaction& tx) { return board::ReadRuns(tx, limit); });
  if (!runs.ok()) return context.Fail(runs.error());
  TextTable table{.header = {"run", "started", "took", "state", "by", "result"}};
  for (const board::RunRow& run : *runs) {
    Json event = board::ToJson(run);
    event.Set("type", "run");
    context.Event(event);
    table.rows.push_back({run.id, Moment(run.started_at), Took(run.started_at, run.ended_at),
                          run.state, run.address.empty() ? run.actor : run.address,
                          Counts(run.body["counts"])});
  }
  if (context.json) return ExitCode::kDone;
  if (runs->empty()) {
    context.Line("Nothing has run yet: \"andon run\".");
    return ExitCode::kDone;
  }
  context.Print(Format(table, context));
  context.Line(fmt::format("{}.", Count(static_cast<int64_t>(runs->size()), "run")));
  return ExitCode::kDone;
}

ExitCode RunShow(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  std::string id = arguments.positional.empty() ? "last" : arguments.positional[0];
  auto detail = (*db)->Read([&](store::Transaction& tx) -> Result<board::RunDetail> {
    if (id == "last") {
      auto runs = TRY(board::ReadRuns(tx, 1));
      if (runs.empty()) return Error::NotFound("Nothing has run yet");
      id = runs[0].id;
    }
    return board::ReadRun(tx, id);
  });
  if (!detail.ok()) return context.Fail(detail.error());
  if (context.json) {
    Json event = board::ToJson(*detail);
    event.Set("type", "run");
    context.Event(event);
    return ExitCode::kDone;
  }
  const board::RunRow& run = detail->run;
  context.Line(
      fmt::format("Run {}: {}", context.Paint("bold", run.id), Painted(context, run.state)));
  context.Line(fmt::format(
      "started {} by {}, release {}{}", Moment(run.started_at), run.actor, run.release_id,
      run.ended_at ? ", took " + HumanDuration(*run.ended_at - run.started_at) : std::string()));
  TextTable table{.header = {"dataset", "try", "state", "took", "rows", "version", "why"},
                  .right = {false, true, false, true, true, true}};
  for (const board::TaskRow& task : detail->tasks) {
    const Json& body = task.body;
    table.rows.push_back(
        {task.task, std::to_string(task.attempt), task.state, Took(task.started_at, task.ended_at),
         body.Has("rows") ? WithThousands(body["rows"].AsInteger()) : "",
         body.Has("version") ? fmt::format("@{}", body["version"].AsInteger()) : "",
         body["message"].AsString(body["why"].AsString())});
  }
  if (table.rows.empty()) {
    context.Line("Nothing was to do.");
  } else {
    context.Print(Format(table, context));
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kRunsList = {
    .name = "runs list",
    .group = Group::kRun,
    .summary = "What ran, when, and how it ended",
    .description =
        "Newest first. A run whose process died is \"lost\"; the next one takes up what it left.",
    .flags = {{"limit", FlagKind::kInteger, "N", "How many; default 20."}},
    .examples = {{"andon runs list", "The last twenty."},
                 {"andon runs list -limit=100 -json", "For a program."}},
    .run = RunList,
};

extern const Command kRunsShow = {
    .name = "runs show",
    .group = Group::kRun,
    .summary = "One run, with what became of each dataset",
    .usage = "[RUN]",
    .description =
        "Without an argument: the last one. Datasets that were up to date are not listed.",
    .positional_max = 1,
    .examples = {{"andon runs show", "The last run."},
                 {"andon runs show last -json", "For a program."}},
    .run = RunShow,
};

}  // namespace andon::cli
