#include <fmt/format.h>

#include "cli/command.h"
#include "cli/world.h"
#include "line/intervene.h"

namespace andon::cli {
namespace {

ExitCode RunResume(Context& context, const Arguments& arguments) {
  auto world = OpenWorldToChange(context);
  if (!world.ok()) return context.Fail(world.error());
  const std::string& name = arguments.positional[0];
  auto resumed = line::ResumeDataset(*(*world)->world, name);
  if (!resumed.ok()) return context.Fail(resumed.error());
  context.Event(Json::Object({{"type", "resumed"}, {"dataset", name}}));
  if (!context.json) {
    context.Line(fmt::format("{} {} goes on with the next \"andon run\".",
                             context.Paint("green", "✔"), name));
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kResume = {
    .name = "resume",
    .group = Group::kRun,
    .summary = "Let a dataset that is held go on",
    .usage = "DATASET",
    .description =
        "Ends what \"andon hold\" or \"andon data rollback\" began. A dataset that is held by a "
        "red "
        "one upstream goes on by itself when that is green.",
    .positional_min = 1,
    .positional_max = 1,
    .examples = {{"andon resume payment", "The next run publishes again."},
                 {"andon resume dataset.payment", "By its address."}},
    .run = RunResume,
};

}  // namespace andon::cli
