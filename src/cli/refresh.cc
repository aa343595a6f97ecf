#include "cli/infrastructure.h"
#include "cli/planning.h"

namespace andon::cli {
namespace {

ExitCode Run(Context& context, const Arguments& arguments) {
  auto infrastructure = LoadInfrastructure(context, arguments);
  if (!infrastructure) return context.Fail(Error::NotFound("This folder has no infrastructure."));
  if (infrastructure->has_errors) return ExitCode::kError;
  // It changes nothing outside, and so asks nobody, as Terraform's command of this name.
  Arguments approved = arguments;
  approved.flags["auto-approve"] = {"true"};
  return ApplyInfrastructure(context, approved, *infrastructure, infra::Mode::kRefreshOnly);
}

}  // namespace

extern const Command kRefresh = {
    .name = "refresh",
    .group = Group::kChange,
    .summary = "Take into the state what has changed outside",
    .usage = "",
    .description =
        "Asks the providers how the resources stand and records it, without a question. \"andon "
        "apply -refresh-only\" shows what would be recorded, and asks first.",
    .flags = WithInfrastructureFlags(WithVariableFlags({
        {"target", FlagKind::kList, "ADDRESS",
         "Only this resource and what it needs; may be given several times."},
        {"lock-timeout", FlagKind::kDuration, "DURATION", "How long to wait for another command."},
    })),
    .examples = {{"andon refresh", "Record how everything stands."},
                 {"andon plan -refresh-only", "See it first."}},
    .run = Run,
};

}  // namespace andon::cli
