// andon workspace list | show | new | select | delete: several states of one folder.
#include <fmt/format.h>

#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "state/workspaces.h"

namespace andon::cli {
namespace {

// What all of them work on.
struct Opened {
  StateHome home;
  std::shared_ptr<state::Backend> backend;
};

Result<Opened> Open(Context& context, const Arguments& arguments) {
  Opened out;
  out.home = TRY(StateHomeOf(context, arguments));
  out.backend = TRY(OpenBackend(context, out.home));
  return out;
}

ExitCode Ended(const Context& context, const Result<void>& done) {
  return done.ok() ? ExitCode::kDone : context.Fail(done.error());
}

ExitCode List(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    Opened opened = TRY(Open(context, arguments));
    auto names = TRY(opened.backend->Workspaces());
    for (const std::string& name : names)
      context.Line(fmt::format("{} {}", name == opened.home.workspace ? "*" : " ", name));
    return {};
  }());
}

ExitCode Show(Context& context, const Arguments&) {
  context.Line(SelectedWorkspace());
  return ExitCode::kDone;
}

Result<void> Make(Context& context, const Opened& opened, const std::string& name) {
  io::LocalFileSystem files;
  TRY(state::CreateWorkspace(*opened.backend, opened.home.state_codec, name));
  TRY(state::SelectWorkspace(files, ".", *opened.backend, name));
  context.Line(fmt::format("Created and switched to workspace \"{}\"!", name));
  return {};
}

ExitCode New(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    Opened opened = TRY(Open(context, arguments));
    return Make(context, opened, arguments.positional[0]);
  }());
}

ExitCode Select(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    io::LocalFileSystem files;
    Opened opened = TRY(Open(context, arguments));
    const std::string& name = arguments.positional[0];
    auto selected = state::SelectWorkspace(files, ".", *opened.backend, name);
    if (!selected.ok() && selected.error().kind == ErrorKind::kNotFound &&
        arguments.Bool("or-create"))
      return Make(context, opened, name);
    if (!selected.ok()) return selected;
    context.Line(fmt::format("Switched to workspace \"{}\".", name));
    return {};
  }());
}

ExitCode Delete(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    io::LocalFileSystem files;
    Opened opened = TRY(Open(context, arguments));
    const std::string& name = arguments.positional[0];
    TRY(state::DeleteWorkspace(files, ".", *opened.backend, opened.home.state_codec, name,
                               arguments.Bool("force")));
    context.Line(fmt::format("Deleted workspace \"{}\"!", name));
    return {};
  }());
}

}  // namespace

extern const Command kWorkspaceList = {
    .name = "workspace list",
    .group = Group::kChange,
    .summary = "List the workspaces of the folder",
    .usage = "",
    .description =
        "A workspace is a state of its own for the same files. The selected one has a "
        "star.",
    .flags = WithVariableFlags({}),
    .examples = {{"andon workspace list", "All of them."},
                 {"andon workspace list -C infra", "Those of another folder."}},
    .run = List,
};

extern const Command kWorkspaceShow = {
    .name = "workspace show",
    .group = Group::kChange,
    .summary = "Print the selected workspace",
    .usage = "",
    .description = "What terraform.workspace says in expressions.",
    .examples = {{"andon workspace show", "Its name."},
                 {"andon workspace show -C infra", "That of another folder."}},
    .run = Show,
};

extern const Command kWorkspaceNew = {
    .name = "workspace new",
    .group = Group::kChange,
    .summary = "Make a workspace and select it",
    .usage = "NAME",
    .description = "Its state is empty.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags({}),
    .examples = {{"andon workspace new staging", "A second set of the same resources."},
                 {"andon workspace new staging -C infra", "In another folder."}},
    .run = New,
};

extern const Command kWorkspaceSelect = {
    .name = "workspace select",
    .group = Group::kChange,
    .summary = "Work on another workspace",
    .usage = "NAME",
    .description = "Commands of this folder use its state from now on.",
    .positional_min = 1,
    .positional_max = 1,
    .flags =
        WithVariableFlags({{"or-create", FlagKind::kBool, "", "Makes it where there is none."}}),
    .examples = {{"andon workspace select default", "Back."},
                 {"andon workspace select -or-create staging", "For scripts."}},
    .run = Select,
};

extern const Command kWorkspaceDelete = {
    .name = "workspace delete",
    .group = Group::kChange,
    .summary = "Delete a workspace",
    .usage = "NAME",
    .description = "Its state must be empty, or with -force is forgotten with all that it manages.",
    .positional_min = 1,
    .positional_max = 1,
    .flags =
        WithVariableFlags({{"force", FlagKind::kBool, "", "Also where its state has objects."}}),
    .examples = {{"andon workspace delete staging", "After a destroy."},
                 {"andon workspace delete -force staging", "Whatever it manages."}},
    .run = Delete,
};

}  // namespace andon::cli
