#include <fmt/format.h>

#include "cli/infrastructure.h"
#include "cli/planning.h"

namespace andon::cli {
namespace {

ExitCode Run(Context& context, const Arguments& arguments) {
  if (!arguments.Bool("force")) {
    auto approved = Approve(context, arguments,
                            "Do you really want to force-unlock? Whoever holds the lock may be at "
                            "work.");
    if (!approved.ok()) return context.Fail(approved.error());
    if (!*approved) {
      context.Note("Nothing was unlocked.");
      return ExitCode::kError;
    }
  }
  auto unlocked = [&]() -> Result<void> {
    StateHome home = TRY(StateHomeOf(context, arguments));
    auto backend = TRY(OpenBackend(context, home));
    return backend->ForceUnlock(home.workspace, arguments.positional[0]);
  }();
  if (!unlocked.ok()) return context.Fail(unlocked.error());
  context.Line("The state has been successfully unlocked!");
  return ExitCode::kDone;
}

}  // namespace

extern const Command kForceUnlock = {
    .name = "force-unlock",
    .group = Group::kChange,
    .summary = "Remove a lock of the state that was left behind",
    .usage = "ID",
    .description =
        "ID is that of the message which names the holder. The lock of a program that still runs "
        "is "
        "not taken from it: it ends with the program.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags({{"force", FlagKind::kBool, "", "Does not ask."}}),
    .examples = {{"andon force-unlock 6d9e1b6f-ad8f-4f5c-9f0a-2a5fd0b4a0a1",
                  "After a machine was lost."},
                 {"andon force-unlock -force 6d9e1b6f-ad8f-4f5c-9f0a-2a5fd0b4a0a1",
                  "The same, for scripts."}},
    .run = Run,
};

}  // namespace andon::cli
