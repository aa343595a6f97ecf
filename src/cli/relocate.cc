// After a lake folder was moved: Iceberg keeps absolute paths, so they are written anew.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/open_project.h"
#include "iceberg/catalog.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "lake/garbage.h"
#include "store/lease.h"

namespace andon::cli {
namespace {

// Where the lake was when its tables were last written: a metadata file lies at
// <lake>/<project>/<table>/metadata/<file>.
Result<std::string> FormerLake(store::Database& db, const std::string& project) {
  auto tables =
      TRY(db.Read([&](store::Transaction& tx) { return iceberg::ListTables(tx, project); }));
  if (tables.empty())
    return Error::NotFound("The catalog has no table yet: nothing is to be done.");
  std::string path = io::FromFileUrl(tables.front().metadata_location);
  for (int levels = 0; levels < 4; ++levels) path = io::Dirname(path);
  return path;
}

// The metadata files, lists and manifests with the old paths are of no use any more.
Result<void> SweepOldPaths(const Context& context, OpenedProject& opened,
                           io::LocalFileSystem& files) {
  lake::Lake lake{.root = opened.lake_dir,
                  .project = opened.project.name,
                  .files = &files,
                  .clock = context.clock};
  const Timestamp due = context.clock->Now() + lake::GarbageOptions{}.age_min;
  auto tables = TRY(lake::ListTables(*opened.db, lake));
  return opened.db->Write([&](store::Transaction& tx) -> Result<void> {
    for (const std::string& table : tables) TRY(lake::SweepLater(tx, lake, table, due));
    return {};
  });
}

Result<ExitCode> Relocate(Context& context, const Arguments& arguments) {
  OpenedProject opened = TRY(OpenProject(context));
  auto lease = TRY(store::Lease::Acquire(*opened.db, *context.clock, "run",
                                         store::ThisProcess("andon data relocate")));
  std::string from;
  if (arguments.positional.empty()) {
    from = TRY(FormerLake(*opened.db, opened.project.name));
  } else {
    from = io::Normalize(arguments.positional[0]);
  }
  const std::string to = io::Normalize(opened.lake_dir);
  if (from == to) {
    context.Line(fmt::format("The tables say that the lake is at {}, and so it is.", to));
    return ExitCode::kDone;
  }
  io::LocalFileSystem files;
  if (!files.Exists(to)) {
    return Error::NotFound(
        "There is no lake at {}. Move the folder there first, or name its place: andon {{ lake = "
        "\"…\" }}",
        to);
  }
  int tables =
      TRY(iceberg::RelocateTables(*opened.db, files, from, to, ToMillis(context.clock->Now())));
  TRY(SweepOldPaths(context, opened, files));
  context.Event(
      Json::Object({{"type", "relocated"}, {"from", from}, {"to", to}, {"tables", tables}}));
  if (!context.json) {
    context.Line(fmt::format("{} now at {} (was {}).",
                             tables == 1 ? "1 table is" : fmt::format("{} tables are", tables), to,
                             from));
  }
  return ExitCode::kDone;
}

ExitCode RunRelocate(Context& context, const Arguments& arguments) {
  auto done = Relocate(context, arguments);
  return done.ok() ? *done : context.Fail(done.error());
}

}  // namespace

extern const Command kDataRelocate = {
    .name = "data relocate",
    .group = Group::kData,
    .summary = "Tell the tables that the lake folder was moved",
    .usage = "[FORMER-LAKE]",
    .description =
        "Iceberg's metadata holds absolute paths. After the lake, or the project with it, was "
        "moved, this "
        "writes the new place into the metadata of all tables at once; data files and snapshot ids "
        "stay. The "
        "former place is taken from the catalog where it is not named.",
    .positional_max = 1,
    .examples = {{"andon data relocate", "The project was moved as a whole."},
                 {"andon data relocate /data/old/lake", "The former place, named."}},
    .run = RunRelocate,
};

}  // namespace andon::cli
