#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "builtin/dbt.h"
#include "cli/planning.h"
#include "dbt/profile.h"
#include "io/local_file_system.h"
#include "io/path.h"

namespace andon::cli {
namespace {

// The last run of dbt, where it left its results.
dbt::RunResults LastRun(Context& context, const builtin::DbtProject& project) {
  io::LocalFileSystem files;
  auto settings = files.Read(io::Join(project.dir, "dbt_project.yml"));
  if (!settings.ok()) return {};
  auto file = dbt::ReadProjectFile(*settings);
  std::string path =
      io::Join(io::Join(project.dir, file.ok() ? file->target_path : "target"), "run_results.json");
  auto text = files.Read(path);
  if (!text.ok()) return {};
  auto results = dbt::ReadRunResults(*text);
  if (results.ok()) return std::move(*results);
  if (!context.json) context.Note(fmt::format("{}: {}", path, results.error().message));
  return {};
}

std::string StatusOf(const dbt::RunResults& last, const std::string& id) {
  auto found = last.by_id.find(id);
  return found == last.by_id.end() ? "" : found->second.status;
}

// Tests of a node: how many passed in the last run, and how many did not.
std::string TestsOf(const dbt::Manifest& manifest, const dbt::RunResults& last,
                    const std::string& id) {
  int all = 0, bad = 0;
  for (const dbt::Test& test : manifest.tests) {
    if (test.node != id) continue;
    ++all;
    std::string status = StatusOf(last, test.unique_id);
    bad += !status.empty() && status != "pass" && status != "skipped";
  }
  if (all == 0) return "";
  return bad == 0 ? fmt::format("{}", all) : fmt::format("{}, {} not passed", all, bad);
}

void Show(Context& context, const builtin::ProjectFiles& project, const std::string& address,
          const builtin::DbtProject& dbt) {
  dbt::RunResults last = LastRun(context, dbt);
  TextTable table{.header = {"dataset", "is", "table", "checks", "dbt tests", "last run"},
                  .right = {false, false, false, true}};
  for (const auto& [name, id] : dbt.id_of) {
    const dbt::Node& node = *dbt.manifest.Find(id);
    auto attributes = project.checked.attributes.find("dataset." + name);
    int64_t checks = attributes == project.checked.attributes.end()
                         ? 0
                         : int64_t(attributes->second["checks"].size());
    std::string status = StatusOf(last, id);
    context.Event(Json::Object({{"type", "dbt_table"},
                                {"dataset", "dataset." + name},
                                {"unique_id", id},
                                {"is", ToString(node.type)},
                                {"relation", node.schema_and_table()},
                                {"checks", checks},
                                {"last_status", status}}));
    table.rows.push_back({name, std::string(ToString(node.type)), node.schema_and_table(),
                          std::to_string(checks), TestsOf(dbt.manifest, last, id), status});
  }
  const Json& left = project.checked.attributes.at(address)["tests_left_to_dbt"];
  for (const auto& [test, reason] : left.members()) {
    context.Event(Json::Object({{"type", "dbt_test_left"}, {"test", test}, {"reason", reason}}));
  }
  if (context.json) return;
  context.Line(fmt::format("{}  {}, manifest v{}, dbt {}{}", context.Paint("bold", address),
                           dbt.dir, dbt.manifest.version, dbt.manifest.dbt_version,
                           last.generated_at.empty() ? "" : ", last run " + last.generated_at));
  context.Print(Format(table, context, "  "));
  if (left.size() == 0) return;
  context.Line(
      fmt::format("{} dbt's alone:", Count(int64_t(left.size()), "test stays", "tests stay")));
  for (const auto& [test, reason] : left.members())
    context.Line(fmt::format("  {}: {}", test, reason.AsString()));
}

ExitCode Run(Context& context, const Arguments& arguments) {
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr);
  context.Report(project.diagnostics);
  if (project.diagnostics.has_errors()) return ExitCode::kError;
  std::vector<std::string> known = project.module->NamesOf("dbt");
  std::string wanted = arguments.positional.empty() ? std::string() : arguments.positional[0];
  if (wanted.starts_with("dbt.")) wanted.erase(0, 4);
  bool is_known = std::find(known.begin(), known.end(), wanted) != known.end();
  if (!wanted.empty() && !is_known) {
    std::string meant = DidYouMean(wanted, known);
    return context.Fail(Error::NotFound("No file declares dbt \"{}\"{}", wanted,
                                        meant.empty() ? "." : ": did you mean \"" + meant + "\"?"));
  }
  if (known.empty())
    context.Note("The project has no dbt block: dbt \"shop\" { project = \"./dbt\" }");
  for (const std::string& name : known) {
    if (!wanted.empty() && name != wanted) continue;
    std::string address = "dbt." + name;
    if (auto* dbt = builtin::DbtProjectOf(*project.module, address))
      Show(context, project, address, *dbt);
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kDbt = {
    .name = "dbt",
    .group = Group::kData,
    .summary = "List what a dbt project builds, with its checks and its last run",
    .usage = "[NAME]",
    .description =
        "Reads target/manifest.json of each dbt block, and target/run_results.json where it is "
        "there: the datasets, their tables, how many checks each has, how its tests ended in dbt's "
        "last run, and the tests that have no equal among the expectations, with the reason.",
    .positional_max = 1,
    .flags = WithVariableFlags({}),
    .examples = {{"andon dbt", "All of them."}, {"andon dbt shop -json", "One, for programs."}},
    .run = Run,
};

}  // namespace andon::cli
