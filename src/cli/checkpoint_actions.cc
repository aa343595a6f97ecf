#include "cli/checkpoint_actions.h"

#include <fmt/format.h>

#include "base/text.h"
#include "docs/site.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "lineage/lineage.h"
#include "notify/deliver.h"
#include "validation/record.h"
#include "validation/report.h"

namespace andon::cli {
namespace {

// Validations that a message names.
constexpr size_t kToldMax = 10;

bool Applies(const definition::Checkpoint::Action& action, bool is_red) {
  return action.on == "all" || action.on == (is_red ? "failure" : "success");
}

bool IsRed(const std::vector<validation::Validation>& validations) {
  return validation::CountsOf(validations).is_red();
}

notify::Message MessageOf(const definition::Project& project,
                          const definition::Checkpoint& checkpoint,
                          const std::vector<validation::Validation>& validations, Timestamp now) {
  std::vector<std::string> lines;
  Json told = Json::List();
  int red = 0;
  for (const validation::Validation& v : validations) {
    const validation::Counts counts = validation::CountsOf(v);
    red += counts.is_red();
    told.Push(Json::Object({{"validation", v.number},
                            {"dataset", v.dataset},
                            {"batch", v.batch},
                            {"state", validation::StateOf(counts)},
                            {"checks", counts.checks},
                            {"passed", counts.passed}}));
    if (!counts.is_red()) continue;
    lines.push_back(fmt::format("{}: {} of {} passed", v.title(), counts.passed, counts.checks));
  }
  if (lines.size() > kToldMax) {
    lines.resize(kToldMax);
    lines.emplace_back("…");
  }
  const auto all = static_cast<int64_t>(validations.size());
  return {.key = fmt::format("{}/{}/{}", project.name, checkpoint.address, RandomUuid()),
          .kind = red > 0 ? "checkpoint_failed" : "checkpoint_passed",
          .severity = red > 0 ? "critical" : "info",
          .title = red > 0 ? fmt::format("Checkpoint {}: {} of {} failed", checkpoint.name, red,
                                         Count(all, "validation"))
                           : fmt::format("Checkpoint {}: {} passed", checkpoint.name,
                                         Count(all, "validation")),
          .text = Join(lines, "\n"),
          .address = checkpoint.address,
          .time = now,
          .data = Json::Object({{"checkpoint", checkpoint.name},
                                {"success", red == 0},
                                {"validations", std::move(told)}})};
}

std::string InProject(const Context& context, const std::string& path) {
  return io::IsAbsolute(path) ? path : io::Join(context.project_dir, path);
}

Result<std::string> BuildDocs(const Context& context, OpenedWorld& world,
                              const std::string& folder) {
  const lineage::Graph graph = lineage::Graph::Build(world.project());
  io::LocalFileSystem files;
  auto built = TRY(docs::BuildSite(world.db(), world.project(), graph, files,
                                   {.dir = InProject(context, folder),
                                    .andon_version = ANDON_VERSION,
                                    .now = context.clock->Now()}));
  return fmt::format("Built {}/index.html: {}.", folder, Count(built.validations, "validation"));
}

Result<std::string> WriteReport(const Context& context, const std::string& report,
                                const std::vector<validation::Validation>& validations) {
  auto targets = TRY(validation::ParseReportTargets(report));
  std::vector<std::string> shown;
  std::string printed;
  for (validation::ReportTarget& target : targets) {
    shown.push_back(target.path);
    target.path = InProject(context, target.path);
  }
  io::LocalFileSystem files;
  TRY(validation::WriteReports(files, targets, validations, {.tool_version = ANDON_VERSION},
                               &printed));
  return fmt::format("Wrote {}.", Join(shown, ", "));
}

}  // namespace

std::string ActionText(const definition::Checkpoint::Action& action) {
  std::string text = !action.docs.empty()     ? "docs " + action.docs
                     : !action.notify.empty() ? "notify " + action.notify
                                              : "report " + action.report;
  return action.on == "all" ? text : text + " on " + action.on;
}

Result<void> RecordWithNotices(store::Database& db, const definition::Project& project,
                               const definition::Checkpoint& checkpoint, Timestamp now,
                               std::vector<validation::Validation>* validations) {
  const bool is_red = IsRed(*validations);
  return db.Write([&](store::Transaction& tx) -> Result<void> {
    for (validation::Validation& v : *validations) v.number = TRY(validation::Record(tx, v));
    for (const definition::Checkpoint::Action& action : checkpoint.actions) {
      if (action.notify.empty() || !Applies(action, is_red)) continue;
      TRY(notify::Notify(tx, action.notify, MessageOf(project, checkpoint, *validations, now),
                         now));
    }
    return {};
  });
}

bool RunActions(Context& context, OpenedWorld& world, const definition::Checkpoint& checkpoint,
                const std::vector<validation::Validation>& validations, bool prints) {
  const bool is_red = IsRed(validations);
  bool all_done = true;
  for (const definition::Checkpoint::Action& action : checkpoint.actions) {
    if (!action.notify.empty() || !Applies(action, is_red)) continue;
    auto done = !action.docs.empty() ? BuildDocs(context, world, action.docs)
                                     : WriteReport(context, action.report, validations);
    if (done.ok() && prints) context.Line(*done);
    if (done.ok()) continue;
    all_done = false;
    context.Note(fmt::format("error: {}: {}", ActionText(action), done.error().message));
  }
  SendNotifications(context, world);
  return all_done;
}

}  // namespace andon::cli
