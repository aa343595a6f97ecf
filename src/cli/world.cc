#include "cli/world.h"

#include <fmt/format.h>

#include "base/text.h"
#include "board/outbox.h"
#include "cli/planning.h"
#include "release/release.h"

namespace andon::cli {

namespace {

Result<std::unique_ptr<OpenedWorld>> WorldOf(const Context& context,
                                             std::unique_ptr<store::Database> db) {
  auto out = std::make_unique<OpenedWorld>();
  out->opened = TRY(OpenProject(context, std::move(db)));
  const int64_t release_id = TRY(release::CurrentId(*out->opened.db));
  lake::Lake lake{.root = out->opened.lake_dir,
                  .project = out->opened.project.name,
                  .files = &out->files,
                  .clock = context.clock,
                  .cache = &out->metadata};
  out->world.reset(new line::World{.db = *out->opened.db,
                                   .project = out->opened.project,
                                   .lake = lake,
                                   .files = out->files,
                                   .clock = *context.clock,
                                   .project_dir = context.project_dir,
                                   .program = context.program,
                                   .andon_version = ANDON_VERSION,
                                   .actor = context.actor,
                                   .release_id = release_id});
  return out;
}

}  // namespace

Result<std::unique_ptr<OpenedWorld>> OpenWorld(const Context& context) {
  auto db = TRY(OpenDatabase(context, false));
  return WorldOf(context, std::move(db));
}

Result<std::unique_ptr<OpenedWorld>> OpenWorldToChange(const Context& context) {
  auto db = TRY(OpenDatabase(context, false));
  TRY(ReconcileRelease(context, *db));
  return WorldOf(context, std::move(db));
}

line::World WorldWith(const OpenedWorld& opened, const definition::Project& project) {
  const line::World& released = *opened.world;
  return {.db = released.db,
          .project = project,
          .lake = released.lake,
          .files = released.files,
          .clock = released.clock,
          .project_dir = released.project_dir,
          .program = released.program,
          .andon_version = released.andon_version,
          .actor = released.actor,
          .release_id = released.release_id};
}

void SendNotifications(Context& context, OpenedWorld& world) {
  std::vector<std::string> problems;
  auto sent = board::DeliverOutbox(world.db(), world.project(), context.project_dir, *context.clock,
                                   &problems);
  if (!sent.ok()) problems.push_back(sent.error().message);
  for (const std::string& problem : problems) context.Note("warning: " + problem);
}

Result<lake::Reference> ReadReference(std::string_view text, Timestamp now) {
  text = Trim(text);
  std::string_view plain = text.starts_with("@") ? text.substr(1) : text;
  const Timestamp today = std::chrono::floor<std::chrono::days>(now);
  if (plain == "today") return lake::Reference(lake::TimeReference{today});
  if (plain == "yesterday") {
    return lake::Reference(lake::TimeReference{today - std::chrono::days(1)});
  }
  if (plain.starts_with("-")) {
    auto ago = ParseDuration(plain.substr(1));
    if (ago.ok()) return lake::Reference(lake::TimeReference{now - *ago});
  }
  return lake::ParseReference(text);
}

Result<lake::TableReference> ReadTableReference(std::string_view text, Timestamp now) {
  const size_t sign = text.find('@');
  if (sign == text.npos || sign == 0 || Trim(text.substr(sign + 1)).empty()) {
    return lake::ParseTableReference(text);
  }
  auto at = TRY(ReadReference(text.substr(sign + 1), now));
  return lake::TableReference{std::string(Trim(text.substr(0, sign))), std::move(at)};
}

std::string Moment(Timestamp time) {
  std::string text = ToRfc3339(time).substr(0, 16);
  text[10] = ' ';
  return text;
}

}  // namespace andon::cli
