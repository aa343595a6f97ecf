#include "cli/replay.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.h"
#include "cli/ci_steps.h"
#include "cli/planned_projects.h"
#include "cli/planning.h"
#include "cli/world.h"
#include "line/intervene.h"
#include "line/replay.h"
#include "line/sight.h"

namespace andon::cli {
namespace {

// Failures are named up to here; the number of all is told.
constexpr size_t kNamedMax = 5;

// By address; an empty set: all checks.
using Chosen = std::map<std::string, std::set<std::string>>;

struct OfCheck {
  std::string says;
  int64_t versions = 0;
  std::vector<const line::ReplayedVersion*> failed;
  std::vector<std::string> messages;  // Of the failed.
  std::string broken;                 // Why it could not be judged, the last time; empty: never.
  int64_t broken_versions = 0;
};

std::map<std::string, OfCheck> ByCheck(const line::Replay& replay) {
  std::map<std::string, OfCheck> out;
  for (const line::ReplayedVersion& version : replay.versions) {
    for (const line::Verdict& v : version.verdicts) {
      OfCheck& check = out[v.check.name];
      check.says = quality::Describe(v.check);
      ++check.versions;
      if (v.result.state == quality::CheckState::kError) {
        check.broken = v.result.message;
        ++check.broken_versions;
      } else if (!v.result.success()) {
        check.failed.push_back(&version);
        check.messages.push_back(v.result.message);
      }
    }
  }
  return out;
}

std::string Day(Timestamp time) { return ToRfc3339(time).substr(0, 10); }

std::string Said(const OfCheck& check) {
  std::string out =
      check.failed.empty()
          ? fmt::format("would have passed {}",
                        check.versions == 1 ? "that version"
                                            : fmt::format("all {} versions", check.versions))
          : fmt::format("would have failed {} of {}", check.failed.size(),
                        Count(check.versions, "version"));
  std::vector<std::string> named;
  for (const line::ReplayedVersion* version : check.failed) {
    if (named.size() == kNamedMax) {
      named.push_back("…");
      break;
    }
    named.push_back(fmt::format("@{} of {}", version->version, Day(version->published_at)));
  }
  if (!named.empty()) out += fmt::format(" ({})", Join(named, ", "));
  if (check.broken_versions > 0)
    out += fmt::format("; {} could not be judged: {}", Count(check.broken_versions, "version"),
                       check.broken);
  return out;
}

void Print(const Context& context, const definition::Dataset& dataset, const line::Replay& replay) {
  for (const auto& [name, check] : ByCheck(replay)) {
    Json failed = Json::List();
    for (size_t i = 0; i < check.failed.size(); ++i) {
      failed.Push(Json::Object({{"version", check.failed[i]->version},
                                {"published_at", ToRfc3339(check.failed[i]->published_at)},
                                {"message", check.messages[i]}}));
    }
    context.Event(Json::Object({{"type", "replay"},
                                {"dataset", dataset.address},
                                {"check", name},
                                {"versions", check.versions},
                                {"failed", std::move(failed)},
                                {"errors", check.broken_versions}}));
    if (context.json) continue;
    const bool is_good = check.failed.empty() && check.broken_versions == 0;
    context.Line(fmt::format("  {} {}: {}",
                             context.Paint(is_good ? "green" : "yellow", is_good ? "✔" : "▲"),
                             context.Paint("bold", name), Said(check)));
    if (!check.messages.empty())
      context.Line(context.Paint("dim", "      the last time: " + check.messages.back()));
  }
}

Result<void> Replay(Context& context, const Arguments& arguments,
                    const definition::Project& declared, const Chosen& chosen) {
  auto opened = TRY(OpenWorld(context));
  const line::World world = WorldWith(*opened, declared);
  auto sight = TRY(line::Look(world.db, declared));
  const Duration span = arguments.Time("replay");
  for (const auto& [address, only] : chosen) {
    const definition::Dataset& dataset = *declared.FindDataset(address);
    if (dataset.is_external()) {
      if (!context.json)
        context.Line(dataset.name + " is external: it has no earlier versions to replay");
      continue;
    }
    line::Replay replay = TRY(line::PlanReplay(world, dataset, context.clock->Now() - span));
    if (!context.json) {
      std::string line = fmt::format("{}: {} of the last {}, at most {} bytes to read",
                                     context.Paint("bold", dataset.name),
                                     Count(static_cast<int64_t>(replay.versions.size()), "version"),
                                     HumanDuration(span), WithThousands(replay.bytes));
      if (replay.left_out > 0)
        line += fmt::format("; {} more cannot be read any more, or are too many", replay.left_out);
      context.Line(line);
    }
    TRY(line::RunReplay(world, sight, dataset, only, &replay));
    Print(context, dataset, replay);
  }
  return {};
}

}  // namespace

Flag ReplayFlag() {
  return {"replay", FlagKind::kDuration, "TIME",
          "Judges the versions of the last TIME (30d) as well, and tells which would have failed."};
}

ExitCode RunReplay(Context& context, const Arguments& arguments) {
  auto db = OpenDatabaseIfAny(context);
  if (!db.ok()) return context.Fail(db.error());
  builtin::ProjectFiles files = LoadProjectFiles(context, arguments, db->get());
  context.Report(files.diagnostics);
  if (files.diagnostics.has_errors()) return ExitCode::kError;
  auto declared = DeclaredBy(files);
  if (!declared.ok()) return context.Fail(declared.error());
  Chosen chosen;
  for (std::string word : arguments.positional) {
    if (word.starts_with("dataset.")) word.erase(0, 8);
    const size_t dot = word.find('.');
    auto dataset = line::FindDataset(*declared, word.substr(0, dot));
    if (!dataset.ok()) return context.Fail(dataset.error());
    std::set<std::string>& only = chosen[(*dataset)->address];
    if (dot != word.npos) only.insert(word.substr(dot + 1));
  }
  if (arguments.positional.empty()) {
    for (const definition::Dataset& dataset : declared->datasets) chosen[dataset.address];
  }
  db->reset();
  auto done = Replay(context, arguments, *declared, chosen);
  return done.ok() ? ExitCode::kDone : context.Fail(done.error());
}

Result<void> ReplayChanges(Context& context, const Arguments& arguments, const plan::Plan& plan) {
  if (!arguments.Has("replay") || plan.base_release == 0) return {};
  auto db = TRY(OpenDatabaseIfAny(context));
  if (!db) return {};
  PlannedProjects projects = TRY(ReadPlannedProjects(*db, plan));
  Chosen chosen = ChangedChecks(projects);
  db.reset();
  if (chosen.empty()) return {};
  return Replay(context, arguments, projects.after, chosen);
}

}  // namespace andon::cli
