// `andon docs build`: Data Docs as a folder of files.
#include "docs/site.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/open_project.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "lineage/lineage.h"

namespace andon::cli {
namespace {

// "12.3 MB".
std::string SizeText(int64_t bytes) {
  if (bytes < 1'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

ExitCode RunBuild(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  const std::string dir = arguments.positional.empty() ? "data-docs" : arguments.positional[0];
  const lineage::Graph graph = lineage::Graph::Build(opened->project);
  io::LocalFileSystem files;
  const Timestamp started = context.clock->Now();
  auto built = docs::BuildSite(
      *opened->db, opened->project, graph, files,
      {.dir = dir, .andon_version = ANDON_VERSION, .now = started, .all = arguments.Bool("all")});
  if (!built.ok()) return context.Fail(built.error());
  const std::string index = io::Join(dir, "index.html");
  context.Event(Json::Object({{"type", "docs_built"},
                              {"index", index},
                              {"datasets", built->datasets},
                              {"validations", built->validations},
                              {"files_written", built->pages_written},
                              {"files_removed", built->pages_removed},
                              {"bytes_written", built->bytes_written}}));
  if (context.json) return ExitCode::kDone;
  context.Line(fmt::format(
      "Built {}: {}, {}; wrote {} ({}) in {}.", index, Count(built->datasets, "dataset"),
      Count(built->validations, "validation"), Count(built->pages_written, "file"),
      SizeText(built->bytes_written), HumanDuration(context.clock->Now() - started)));
  return ExitCode::kDone;
}

}  // namespace

extern const Command kDocsBuild = {
    .name = "docs build",
    .group = Group::kServe,
    .summary = "Write Data Docs: suites and validations as a static site",
    .usage = "[FOLDER]",
    .description =
        "Writes a folder of files (default: data-docs) that a browser opens without any server: "
        "every dataset with its light, its suite as sentences, its checks over time with their "
        "trends, every validation with what it observed, its failing rows and its difference to "
        "the one before. A further build writes only what is new. Nothing is loaded from "
        "elsewhere, columns with `pii` are masked, and failing rows leave the pages when they "
        "leave the control store. \"andon serve\" shows the same pages under /docs.",
    .positional_max = 1,
    .flags = {{"all", FlagKind::kBool, "", "Writes every page again."}},
    .examples = {{"andon docs build", "Into the folder data-docs."},
                 {"andon docs build public/quality", "Into another one, for GitLab Pages."}},
    .run = RunBuild,
};

}  // namespace andon::cli
