#include <fmt/format.h>

#include "builtin/block.h"
#include "builtin/schedule.h"

namespace andon::builtin {
namespace {

using config::Form;

void Check(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  CheckSchedule(item, diagnostics);
  const Json::Array& build = item.attributes["build"].items();
  for (size_t i = 0; i < build.size(); ++i) {
    (void)project.CheckExists(item, build[i].AsString(), item.Range(fmt::format("build.{}", i)),
                              diagnostics);
  }
  int64_t retries = item.attributes["retries"].AsInteger();
  if (retries < 0 || retries > 100) {
    ReportAt(item, config::kNotAllowed, "\"retries\" is a whole number from 0 to 100.", "retries",
             diagnostics);
  }
}

}  // namespace

const Block& PipelineBlock() {
  static const Block kBlock = {
      .schema = {.kind = "pipeline",
                 .doc = "A schedule for several datasets. The order follows from what they read; a "
                        "single dataset with a "
                        "schedule of its own needs none.",
                 .attributes =
                     {
                         {.name = "schedule",
                          .form = Form::kSchedule,
                          .doc = "Cron in five fields, or a duration. Without: by hand.",
                          .example = "\"0 6 * * *\""},
                         {.name = "timezone",
                          .form = Form::kTimezone,
                          .fallback = "\"UTC\"",
                          .doc = "Of the schedule.",
                          .example = "\"Europe/Berlin\""},
                         {.name = "build",
                          .form = Form::kReferences,
                          .doc = "The datasets to build, with all that they need and is stale.",
                          .example = "[dataset.revenue_daily]",
                          .kinds = {"dataset"}},
                         {.name = "retries",
                          .form = Form::kInteger,
                          .fallback = "0",
                          .doc = "How often a failed task is tried again.",
                          .example = "3"},
                         {.name = "retry_delay",
                          .form = Form::kDuration,
                          .fallback = "\"30s\"",
                          .doc = "How long to wait before that; doubles, at most 30 minutes.",
                          .example = "\"2m\""},
                         {.name = "timeout",
                          .form = Form::kDuration,
                          .doc = "After that a task is ended. Without: never.",
                          .example = "\"1h\""},
                         {.name = "description", .form = Form::kString, .doc = "What it is for."},
                         {.name = "owner",
                          .form = Form::kReference,
                          .doc = "Who answers for it.",
                          .example = "team.payments",
                          .kinds = {"team", "person"}},
                     },
                 .example = "pipeline \"revenue\" {\n  schedule = \"0 6 * * *\"\n  timezone = "
                            "\"Europe/Berlin\"\n  build    = "
                            "[dataset.revenue_daily]\n  retries  = 3\n  timeout  = \"1h\"\n}\n",
                 .aliases = {"dag", "job", "workflow", "flow"}},
      .check = Check};
  return kBlock;
}

}  // namespace andon::builtin
