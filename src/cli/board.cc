#include "board/board.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/incident_text.h"
#include "cli/open_project.h"

namespace andon::cli {
namespace {

std::string_view StyleOf(board::Light light) {
  switch (light) {
    case board::Light::kRed:
      return "red";
    case board::Light::kYellow:
      return "yellow";
    case board::Light::kGreen:
      return "green";
    case board::Light::kGrey:
      return "dim";
  }
  return "";
}

void PrintBoard(const Context& context, const board::Board& board) {
  TextTable table{.header = {"", "dataset", "since", "version", "rows", "last run", "owner", "why"},
                  .right = {false, false, false, false, true}};
  for (const auto& row : board.rows) {
    std::string why = row.why;
    if (row.incident && why.find("incident") == std::string::npos)
      why += fmt::format(" Incident {}.", *row.incident);
    size_t dot = row.owner.rfind('.');
    table.rows.push_back(
        {context.Paint(StyleOf(row.light),
                       fmt::format("{} {}", board::SignOf(row.light), board::ToString(row.light))),
         row.name, row.since ? Ago(*row.since, board.at) : "–",
         row.version ? fmt::format("@{}", *row.version) : "–",
         row.rows ? WithThousands(*row.rows) : "–",
         row.last_run_at ? Ago(*row.last_run_at, board.at) : "–",
         dot == std::string::npos ? row.owner : row.owner.substr(dot + 1), why});
  }
  if (table.rows.empty())
    context.Line("No dataset is declared.");
  else
    context.Print(Format(table, context));
  std::string summary =
      fmt::format("{} red, {} yellow, {} green", board.red, board.yellow, board.green);
  if (board.grey > 0) summary += fmt::format(", {} without a version", board.grey);
  summary += fmt::format("; {} open", Count(board.incidents_open, "incident"));
  if (board.incidents_30d > 0) {
    summary +=
        fmt::format("; data downtime in 30 days: {}", incident::TimeText(board.downtime_30d));
  }
  context.Line(summary + ".");
}

ExitCode RunBoard(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  auto board = opened->db->Read([&](store::Transaction& tx) {
    return board::ReadBoard(tx, opened->project, context.clock->Now());
  });
  if (!board.ok()) return context.Fail(board.error());
  if (context.json) {
    Json event = Json::Object({{"type", "board"}});
    event.Set("board", board::ToJson(*board));
    context.Event(event);
  } else {
    PrintBoard(context, *board);
  }
  return arguments.Bool("exit-code") && board->red > 0 ? ExitCode::kChecksFailed : ExitCode::kDone;
}

}  // namespace

extern const Command kBoard = {
    .name = "board",
    .group = Group::kWatch,
    .summary = "Every dataset with its light, since when, and why",
    .usage = "",
    .description =
        "Red: the last data failed, and readers have the last good version. Yellow: held by "
        "something red, late, "
        "or published red with a person's consent. With -exit-code it exits with 3 where anything "
        "is red.",
    .flags = {{"exit-code", FlagKind::kBool, "", "Exit with 3 where a dataset is red."}},
    .examples = {{"andon board", "The board."}, {"andon board -exit-code", "For a script."}},
    .run = RunBoard,
};

}  // namespace andon::cli
