#include "release/release.h"

#include <fmt/format.h>

#include <charconv>

#include "builtin/provider.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "config/value_json.h"

namespace andon::cli {
namespace {

Result<int64_t> ReadId(const std::string& text) {
  int64_t id = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failed == std::errc() && end == text.data() + text.size() && id > 0) return id;
  return Error::Invalid("\"{}\" is no release: releases are numbered 1, 2, 3, …", text);
}

Json ReleaseJson(const release::Release& r) {
  Json json = Json::Object({{"type", "release"},
                            {"release", r.id},
                            {"state", r.state},
                            {"opened_at", ToRfc3339(r.opened_at)},
                            {"closed_at", r.closed_at ? Json(ToRfc3339(*r.closed_at)) : Json()},
                            {"actor", r.actor},
                            {"message", r.message},
                            {"added", r.counts.added},
                            {"changed", r.counts.changed},
                            {"removed", r.counts.removed}});
  if (!r.git_commit.empty()) json.Set("git_commit", r.git_commit);
  if (r.rollback_of > 0) json.Set("rollback_of", r.rollback_of);
  return json;
}

std::string Says(const release::Release& r) {
  if (r.rollback_of > 0) return fmt::format("rollback to {}", r.rollback_of);
  return r.message + (r.is_recovered ? " (finished after a crash)" : "");
}

ExitCode List(Context& context, const Arguments&) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  auto releases = release::List(**db);
  if (!releases.ok()) return context.Fail(releases.error());
  TextTable table{.header = {"release", "time", "who", "+", "~", "-", "what", "commit"},
                  .right = {true, false, false, true, true, true}};
  for (const release::Release& r : *releases) {
    context.Event(ReleaseJson(r));
    table.rows.push_back(
        {std::to_string(r.id), ToRfc3339(std::chrono::floor<std::chrono::seconds>(r.opened_at)),
         r.actor, std::to_string(r.counts.added), std::to_string(r.counts.changed),
         std::to_string(r.counts.removed), (r.state == "open" ? "OPEN " : "") + Says(r),
         r.git_commit.substr(0, 10)});
  }
  if (context.json) return ExitCode::kDone;
  if (table.rows.empty()) {
    context.Line("Nothing was applied yet.");
  } else {
    context.Print(Format(table, context));
  }
  return ExitCode::kDone;
}

// The plan that leads from one set of objects to another.
plan::Plan PlanBetween(const std::vector<definition::Object>& before,
                       const std::vector<definition::Object>& after, int64_t base) {
  auto provider = builtin::NewProvider();
  plan::PlanOptions options{.provider = provider.get(), .base_release = base};
  plan::Plan plan = plan::MakePlan(builtin::Prior(after), builtin::Prior(before), options);
  for (plan::Step& step : plan.steps)
    std::erase(step.reasons, "its block is no longer in the files");
  return plan;
}

void ShowDifference(const Context& context, const plan::Plan& plan) {
  if (context.json) {
    context.Line(plan::PlanDocument(plan).Dump());
  } else {
    std::string text = plan::RenderPlan(plan, RenderOptionsOf(context));
    // There is nothing to add here: it happened.
    size_t summary = text.rfind("Plan: ");
    context.Print(plan.has_changes() && summary != std::string::npos ? text.substr(0, summary)
                                                                     : "No differences.\n");
  }
}

ExitCode Show(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  auto current = release::CurrentId(**db);
  if (!current.ok()) return context.Fail(current.error());
  auto id =
      arguments.positional.empty() ? Result<int64_t>(*current) : ReadId(arguments.positional[0]);
  if (!id.ok()) return context.Fail(id.error());
  auto found = release::Find(**db, *id);
  if (!found.ok()) return context.Fail(found.error());
  auto before = release::Objects(**db, found->base);
  auto after = release::Objects(**db, *id);
  if (!before.ok()) return context.Fail(before.error());
  if (!after.ok()) return context.Fail(after.error());
  if (context.json) {
    context.Event(ReleaseJson(*found));
  } else {
    context.Line(fmt::format("{}  {}  {}  {}{}\n",
                             context.Paint("bold", fmt::format("Release {}", found->id)),
                             ToRfc3339(found->opened_at), found->actor, Says(*found),
                             found->git_commit.empty() ? "" : "  commit " + found->git_commit));
  }
  ShowDifference(context, PlanBetween(*before, *after, found->base));
  return ExitCode::kDone;
}

ExitCode Diff(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  std::vector<definition::Object> objects[2];
  int64_t ids[2];
  for (int i = 0; i < 2; ++i) {
    auto id = size_t(i) < arguments.positional.size() ? ReadId(arguments.positional[i])
                                                      : release::CurrentId(**db);
    if (!id.ok()) return context.Fail(id.error());
    auto found = release::Objects(**db, *id);
    if (!found.ok())
      return context.Fail(release::Find(**db, *id).ok() ? found.error()
                                                        : release::Find(**db, *id).error());
    ids[i] = *id;
    objects[i] = std::move(*found);
  }
  ShowDifference(context, PlanBetween(objects[0], objects[1], ids[0]));
  return ExitCode::kDone;
}

// The newest release before the current one.
Result<int64_t> PreviousOf(store::Database& db, int64_t current) {
  auto releases = TRY(release::List(db));
  for (const release::Release& r : releases) {
    if (r.id < current && r.state == "closed") return r.id;
  }
  return Error::NotFound("Release {} is the first: there is none to go back to.", current);
}

Result<ExitCode> RollbackTo(Context& context, const Arguments& arguments, store::Database& db) {
  auto lease =
      TRY(AcquireApplyLease(context, db, "release rollback", arguments.Time("lock-timeout")));
  TRY(release::Reconcile(db, *context.clock));
  int64_t current = TRY(release::CurrentId(db));
  if (current == 0) return Error::NotFound("Nothing was applied yet.");
  int64_t id = 0;
  if (arguments.positional.empty()) {
    id = TRY(PreviousOf(db, current));
  } else {
    id = TRY(ReadId(arguments.positional[0]));
  }
  release::Release target = TRY(release::Find(db, id));
  std::vector<definition::Object> before = TRY(release::Objects(db, current));
  std::vector<definition::Object> after = TRY(release::Objects(db, id));
  plan::Plan plan = PlanBetween(before, after, current);
  for (const auto& [name, output] : target.outputs.members()) {
    plan.outputs.push_back({.action = plan::Action::kNone,
                            .name = name,
                            .after = config::FromJson(output["value"]),
                            .sensitive = output["sensitive"].AsBool()});
  }
  if (!plan.has_changes()) {
    if (!context.json)
      context.Line(
          fmt::format("No changes. Release {} declares what release {} declares.", current, id));
    return ExitCode::kDone;
  }
  ShowPlan(context, plan);
  if (arguments.Bool("dry-run")) return ExitCode::kDone;
  bool approved = TRY(
      Approve(context, arguments, fmt::format("Bring back the definitions of release {}?", id)));
  if (!approved) {
    context.Note("Nothing was changed.");
    return ExitCode::kError;
  }
  ApplyOutcome outcome =
      TRY(ApplyPlan(context, db, plan, fmt::format("rollback to release {}", id), id));
  context.Report(outcome.diagnostics);
  if (context.json) {
    context.Event(Json::Object({{"type", "rollback"}, {"to", id}, {"release", outcome.release}}));
  } else {
    context.Line(fmt::format("{} Release {} has the definitions of release {}.",
                             context.Paint("green", "Rolled back."), outcome.release, id));
    if (!context.quiet) {
      context.Note(
          "The files still say what they said: revert them too, or the next apply brings the "
          "change back. "
          "\"andon run\" rebuilds what is stale.");
    }
  }
  return ExitCode::kDone;
}

ExitCode Rollback(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  auto code = RollbackTo(context, arguments, **db);
  return code.ok() ? *code : context.Fail(code.error());
}

}  // namespace

extern const Command kReleaseList = {
    .name = "release list",
    .group = Group::kRespond,
    .summary = "List the releases, newest first",
    .usage = "",
    .description = "Who applied what and when. Changes nothing.",
    .examples = {{"andon release list", "All releases."},
                 {"andon release list -json", "The same, for programs."}},
    .run = List,
};

extern const Command kReleaseShow = {
    .name = "release show",
    .group = Group::kRespond,
    .summary = "Show what a release changed",
    .usage = "[ID]",
    .description = "Without an ID the current one. Changes nothing.",
    .positional_min = 0,
    .positional_max = 1,
    .examples = {{"andon release show", "What the last apply did."},
                 {"andon release show 1", "What release 1 declared first."}},
    .run = Show,
};

extern const Command kReleaseDiff = {
    .name = "release diff",
    .group = Group::kRespond,
    .summary = "Show what differs between two releases",
    .usage = "A [B]",
    .description = "Without B the current release. Changes nothing.",
    .positional_min = 1,
    .positional_max = 2,
    .examples = {{"andon release diff 1", "From release 1 to now."},
                 {"andon release diff 1 2 -json", "For programs."}},
    .run = Diff,
};

extern const Command kReleaseRollback = {
    .name = "release rollback",
    .group = Group::kRespond,
    .summary = "Bring back the definitions of an earlier release",
    .usage = "[ID]",
    .description =
        "Plans from the current definitions to those of an earlier release (without an ID the one "
        "before), asks, and records that "
        "as a new release. The files on disk and the data stay as they are; \"andon run\" rebuilds "
        "what is stale.",
    .positional_min = 0,
    .positional_max = 1,
    .flags = {{"auto-approve", FlagKind::kBool, "", "Does not ask."},
              {"dry-run", FlagKind::kBool, "", "Only shows what would change."},
              {"lock-timeout", FlagKind::kDuration, "DURATION",
               "How long to wait for another apply."}},
    .examples = {{"andon release rollback -dry-run", "What going back one release means."},
                 {"andon release rollback 1 -auto-approve", "Back to release 1."}},
    .run = Rollback,
};

}  // namespace andon::cli
