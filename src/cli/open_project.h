// The stores of the project that a command works on.
#pragma once

#include <memory>
#include <string>

#include "cli/context.h"
#include "definition/definition.h"
#include "store/database.h"

namespace andon::cli {

// <project>/.andon/andon.db, where the control database is.
std::string DatabasePath(const Context& context);

// Opens the control database. With `create`, makes it where there is none; else
// kNotFound that says to run `andon apply` first.
Result<std::unique_ptr<store::Database>> OpenDatabase(const Context& context, bool create);

struct OpenedProject {
  std::unique_ptr<store::Database> db;
  definition::Project project;  // Of the current release.
  std::string lake_dir;         // Absolute.
};

// The database and what its current release declares. kNotFound where nothing was applied yet.
Result<OpenedProject> OpenProject(const Context& context);
Result<OpenedProject> OpenProject(const Context& context, std::unique_ptr<store::Database> db);

// The absolute folder of the lake.
std::string LakeDir(const Context& context, const definition::Project& project);

}  // namespace andon::cli
