#include "cli/infrastructure.h"
#include "cli/planning.h"

namespace andon::cli {
namespace {

ExitCode Run(Context& context, const Arguments& arguments) {
  auto infrastructure = LoadInfrastructure(context, arguments);
  if (!infrastructure) {
    return context.Fail(Error::NotFound(
        "This folder has no infrastructure. \"andon apply -destroy\" removes the definitions of a "
        "data project; tables and their data stay."));
  }
  if (infrastructure->has_errors) return ExitCode::kError;
  return ApplyInfrastructure(context, arguments, *infrastructure, infra::Mode::kDestroy);
}

}  // namespace

extern const Command kDestroy = {
    .name = "destroy",
    .group = Group::kChange,
    .summary = "Destroy the infrastructure that the folder manages",
    .usage = "",
    .description =
        "Plans the destruction of every resource of the state, asks, and carries it out, what "
        "depends on others first. Data sets and their tables are not infrastructure and stay. "
        "Without a terminal it needs -auto-approve.",
    .flags = WithInfrastructureFlags(WithVariableFlags({
        {"auto-approve", FlagKind::kBool, "", "Does not ask."},
        {"target", FlagKind::kList, "ADDRESS",
         "Only this resource and what needs it; may be given several times."},
        {"lock-timeout", FlagKind::kDuration, "DURATION", "How long to wait for another command."},
    })),
    .examples = {{"andon destroy", "Plan, ask, destroy."},
                 {"andon plan -destroy", "What it would destroy."}},
    .run = Run,
};

}  // namespace andon::cli
