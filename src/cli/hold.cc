#include <fmt/format.h>

#include "cli/command.h"
#include "cli/world.h"
#include "line/intervene.h"

namespace andon::cli {
namespace {

ExitCode RunHold(Context& context, const Arguments& arguments) {
  auto world = OpenWorldToChange(context);
  if (!world.ok()) return context.Fail(world.error());
  const std::string& name = arguments.positional[0];
  auto held = line::HoldDataset(*(*world)->world, name, arguments.String("reason"));
  if (!held.ok()) return context.Fail(held.error());
  context.Event(
      Json::Object({{"type", "held"}, {"dataset", name}, {"reason", arguments.String("reason")}}));
  if (!context.json) {
    context.Line(fmt::format("{} {} is held: nothing is published to it until \"andon resume {}\".",
                             context.Paint("yellow", "▲"), name, name));
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kHold = {
    .name = "hold",
    .group = Group::kRun,
    .summary = "Stop publishing a dataset until it is resumed",
    .usage = "DATASET",
    .description =
        "Runs leave the dataset as it is, and build what is downstream from the version that it "
        "has. Who holds it, since when and why stands on the board and in the journal.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"reason", FlagKind::kString, "TEXT", "Why, for the board and the journal."}},
    .examples = {{"andon hold payment -reason 'the supplier checks its rates'",
                  "Stop the line by hand."},
                 {"andon hold fact_payment", "Without a reason."}},
    .run = RunHold,
};

}  // namespace andon::cli
