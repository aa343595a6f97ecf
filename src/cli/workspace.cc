// andon workspace list | show | new | select | delete: several states of one folder.
#include <fmt/format.h>

#include "cli/infrastructure.h"
#include "state/local_backend.h"

namespace andon::cli {
namespace {

ExitCode List(Context& context, const Arguments&) {
  io::LocalFileSystem files;
  auto names = state::ListWorkspaces(files, ".");
  if (!names.ok()) return context.Fail(names.error());
  std::string selected = state::SelectedWorkspace(files, ".");
  for (const std::string& name : *names)
    context.Line(fmt::format("{} {}", name == selected ? "*" : " ", name));
  return ExitCode::kDone;
}

ExitCode Show(Context& context, const Arguments&) {
  io::LocalFileSystem files;
  context.Line(state::SelectedWorkspace(files, "."));
  return ExitCode::kDone;
}

ExitCode New(Context& context, const Arguments& arguments) {
  io::LocalFileSystem files;
  const std::string& name = arguments.positional[0];
  auto created = state::CreateWorkspace(files, ".", name);
  if (!created.ok()) return context.Fail(created.error());
  auto selected = state::SelectWorkspace(files, ".", name);
  if (!selected.ok()) return context.Fail(selected.error());
  context.Line(fmt::format("Created and switched to workspace \"{}\"!", name));
  return ExitCode::kDone;
}

ExitCode Select(Context& context, const Arguments& arguments) {
  io::LocalFileSystem files;
  const std::string& name = arguments.positional[0];
  auto selected = state::SelectWorkspace(files, ".", name);
  if (!selected.ok() && selected.error().kind == ErrorKind::kNotFound &&
      arguments.Bool("or-create"))
    return New(context, arguments);
  if (!selected.ok()) return context.Fail(selected.error());
  context.Line(fmt::format("Switched to workspace \"{}\".", name));
  return ExitCode::kDone;
}

ExitCode Delete(Context& context, const Arguments& arguments) {
  io::LocalFileSystem files;
  const std::string& name = arguments.positional[0];
  auto deleted = state::DeleteWorkspace(files, ".", name, arguments.Bool("force"));
  if (!deleted.ok()) return context.Fail(deleted.error());
  context.Line(fmt::format("Deleted workspace \"{}\"!", name));
  return ExitCode::kDone;
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
    .flags = {{"or-create", FlagKind::kBool, "", "Makes it where there is none."}},
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
    .flags = {{"force", FlagKind::kBool, "", "Also where its state has objects."}},
    .examples = {{"andon workspace delete staging", "After a destroy."},
                 {"andon workspace delete -force staging", "Whatever it manages."}},
    .run = Delete,
};

}  // namespace andon::cli
