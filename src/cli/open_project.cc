#include "cli/open_project.h"

#include "release/release.h"

namespace andon::cli {

std::string DatabasePath(const Context& context) {
  return context.project_dir + "/.andon/andon.db";
}

Result<std::unique_ptr<store::Database>> OpenDatabase(const Context& context, bool create) {
  auto db = store::OpenSqlite(DatabasePath(context), {.create = create});
  if (!db.ok() && db.error().kind == ErrorKind::kNotFound) {
    return Error::NotFound(
        "Nothing was applied in {} yet: there is no .andon/andon.db.\n"
        "help: \"andon init\" starts a project, \"andon apply\" records what it declares",
        context.project_dir);
  }
  return db;
}

std::string LakeDir(const Context& context, const definition::Project& project) {
  std::string lake = project.lake;
  if (lake.starts_with("file://")) lake = lake.substr(7);
  if (lake.starts_with("./")) lake = lake.substr(2);
  return lake.starts_with('/') ? lake : context.project_dir + "/" + lake;
}

Result<OpenedProject> OpenProject(const Context& context) {
  auto db = TRY(OpenDatabase(context, false));
  return OpenProject(context, std::move(db));
}

Result<OpenedProject> OpenProject(const Context& context, std::unique_ptr<store::Database> db) {
  OpenedProject opened;
  opened.db = std::move(db);
  opened.project = TRY(release::CurrentProject(*opened.db));
  opened.lake_dir = LakeDir(context, opened.project);
  return opened;
}

}  // namespace andon::cli
