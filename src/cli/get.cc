// andon get: brings the modules that a configuration calls, and nothing else.
#include "cli/infrastructure.h"
#include "cli/installation.h"
#include "cli/planning.h"
#include "cli/stop_on_signal.h"

namespace andon::cli {
namespace {

ExitCode Run(Context& context, const Arguments& arguments) {
  StopOnSignal stop;
  if (!HasInfrastructure(context))
    return context.Fail(Error::NotFound("There are no files of infrastructure here."));
  auto installation = OpenInstallation(stop.token());
  if (!installation.ok()) return context.Fail(installation.error());
  bool is_done =
      BringModules(context, arguments, **installation, arguments.Bool("update"), "andon get");
  return is_done ? ExitCode::kDone : ExitCode::kError;
}

}  // namespace

extern const Command kGet = {
    .name = "get",
    .group = Group::kStart,
    .summary = "Bring the modules that are called",
    .description =
        "Brings the modules that the files of infrastructure call, and those that these call, "
        "below "
        ".terraform/modules: from registries, archives and git repositories. \"andon init\" does "
        "so too, and brings providers as well.",
    .flags = WithVariableFlags(
        {{"update", FlagKind::kBool, "", "Fetches all anew, the newest versions that are allowed."},
         {"test-directory", FlagKind::kString, "FOLDER",
          "Where tests are whose modules are brought too, beside this "
          "folder; \"tests\" without it."}}),
    .examples = {{"andon get", "Bring what is not there yet."},
                 {"andon get -update", "Fetch all modules anew."}},
    .run = Run,
};

}  // namespace andon::cli
