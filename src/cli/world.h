// What the commands of the line work on, opened once.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/context.h"
#include "cli/open_project.h"
#include "io/local_file_system.h"
#include "lake/reference.h"
#include "line/run.h"

namespace andon::cli {

struct OpenedWorld {
  OpenedProject opened;
  io::LocalFileSystem files;
  iceberg::MetadataCache metadata;
  std::unique_ptr<line::World> world;

  store::Database& db() { return *opened.db; }
  const definition::Project& project() const { return opened.project; }
};

// kNotFound where nothing was applied yet. Lifetime: `context` outlives it.
Result<std::unique_ptr<OpenedWorld>> OpenWorld(const Context& context);
// The same for a command that changes data: a release that a crash left open is finished first, and
// said so, since what it declares was approved and is what the command is to go by.
Result<std::unique_ptr<OpenedWorld>> OpenWorldToChange(const Context& context);

// The same world by another project, as the files or a plan declare it. Lifetime: both outlive it.
line::World WorldWith(const OpenedWorld& opened, const definition::Project& project);

// Sends what is due in the outbox; what cannot be sent is a warning.
void SendNotifications(Context& context, OpenedWorld& world);

// As lake::ParseReference and ParseTableReference, and also times as people say them: "-1d",
// "yesterday", "payment@-1d".
Result<lake::Reference> ReadReference(std::string_view text, Timestamp now);
Result<lake::TableReference> ReadTableReference(std::string_view text, Timestamp now);

// "2026-11-20 09:12" (UTC).
std::string Moment(Timestamp time);

}  // namespace andon::cli
