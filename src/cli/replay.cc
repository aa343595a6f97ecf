#include "cli/replay.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.h"
#include "cli/check_batches.h"
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

// What is replayed, in words.
struct Kind {
  enum Of { kVersions, kBatches, kDeliveries } of = kVersions;
  std::string one = "version", many = "versions";
  std::string failed = "would have failed";
  int64_t days = 0;      // That the time spans, where it is counted in days; else 0.
  bool is_days = false;  // The parts are days themselves.
};

struct OfCheck {
  std::string says;
  int64_t parts = 0;
  std::vector<const line::ReplayedPart*> failed;
  std::vector<std::string> messages;  // Of the failed.
  std::string broken;                 // Why it could not be judged, the last time; empty: never.
  int64_t broken_parts = 0;
};

std::map<std::string, OfCheck> ByCheck(const line::Replay& replay) {
  std::map<std::string, OfCheck> out;
  for (const line::ReplayedPart& part : replay.parts) {
    for (const line::Verdict& v : part.verdicts) {
      OfCheck& check = out[v.check.name];
      check.says = quality::Describe(v.check);
      ++check.parts;
      if (v.result.state == quality::CheckState::kError) {
        check.broken = v.result.message;
        ++check.broken_parts;
      } else if (!v.result.success()) {
        check.failed.push_back(&part);
        check.messages.push_back(v.result.message);
      }
    }
  }
  return out;
}

std::string Day(Timestamp time) { return ToRfc3339(time).substr(0, 10); }

// On how many different days something failed.
int64_t FailedDays(const OfCheck& check, const Kind& kind) {
  std::set<std::string> days;
  for (const line::ReplayedPart* part : check.failed)
    days.insert(kind.is_days ? part->name.substr(0, 10) : Day(part->time));
  return static_cast<int64_t>(days.size());
}

std::string Named(const line::ReplayedPart& part, const Kind& kind) {
  return kind.of == Kind::kBatches ? part.name : fmt::format("{} of {}", part.name, Day(part.time));
}

std::string Passed(const OfCheck& check, const Kind& kind) {
  if (kind.is_days)
    return fmt::format("would have passed all {} with rows of the last {}",
                       Count(check.parts, "day"), kind.days);
  if (check.parts == 1) return "would have passed that " + kind.one;
  return fmt::format("would have passed all {}", Count(check.parts, kind.one, kind.many));
}

std::string Failed(const OfCheck& check, const Kind& kind) {
  const int64_t days = FailedDays(check, kind);
  std::string out =
      kind.is_days ? fmt::format("{} {} of the last {}", kind.failed, days, Count(kind.days, "day"))
                   : fmt::format("{} {} of {}", kind.failed, check.failed.size(),
                                 Count(check.parts, kind.one, kind.many));
  std::vector<std::string> named;
  for (const line::ReplayedPart* part : check.failed) {
    if (named.size() == kNamedMax) {
      named.push_back("…");
      break;
    }
    named.push_back(Named(*part, kind));
  }
  out += fmt::format(" ({})", Join(named, ", "));
  if (!kind.is_days && kind.days > 0 && kind.of != Kind::kBatches)
    out += fmt::format(", on {} of the last {}", days, Count(kind.days, "day"));
  return out;
}

std::string Said(const OfCheck& check, const Kind& kind) {
  std::string out = check.failed.empty() ? Passed(check, kind) : Failed(check, kind);
  if (check.broken_parts > 0)
    out += fmt::format("; {} could not be judged: {}",
                       Count(check.broken_parts, kind.one, kind.many), check.broken);
  return out;
}

Json FailedJson(const OfCheck& check, const Kind& kind) {
  Json failed = Json::List();
  for (size_t i = 0; i < check.failed.size(); ++i) {
    const line::ReplayedPart& part = *check.failed[i];
    Json one = Json::Object();
    if (kind.of == Kind::kVersions) {
      one.Set("version", part.number);
      one.Set("published_at", ToRfc3339(part.time));
    } else if (kind.of == Kind::kDeliveries) {
      one.Set("delivery", part.number);
      one.Set("path", part.name);
      one.Set("arrived_at", ToRfc3339(part.time));
    } else {
      one.Set("batch", part.name);
    }
    one.Set("message", check.messages[i]);
    failed.Push(std::move(one));
  }
  return failed;
}

void Print(const Context& context, const definition::Dataset& dataset, const line::Replay& replay,
           const Kind& kind) {
  static constexpr std::string_view kNames[] = {"versions", "batches", "deliveries"};
  for (const auto& [name, check] : ByCheck(replay)) {
    Json event = Json::Object({{"type", "replay"},
                               {"dataset", dataset.address},
                               {"check", name},
                               {std::string(kNames[kind.of]), check.parts},
                               {"failed", FailedJson(check, kind)},
                               {"errors", check.broken_parts}});
    if (kind.days > 0 && (kind.is_days || kind.of != Kind::kBatches)) {
      event.Set("days", kind.days);
      event.Set("failed_days", FailedDays(check, kind));
    }
    context.Event(event);
    if (context.json) continue;
    const bool is_good = check.failed.empty() && check.broken_parts == 0;
    context.Line(fmt::format("  {} {}: {}",
                             context.Paint(is_good ? "green" : "yellow", is_good ? "✔" : "▲"),
                             context.Paint("bold", name), Said(check, kind)));
    if (!check.messages.empty())
      context.Line(context.Paint("dim", "      the last time: " + check.messages.back()));
  }
}

// "-batches=delivery" means the files that arrived.
constexpr std::string_view kDelivery = "delivery";

class Replayer {
 public:
  Replayer(Context& context, const Arguments& arguments, const line::World& world,
           const line::Sight& sight)
      : context_(context),
        arguments_(arguments),
        world_(world),
        sight_(sight),
        span_(arguments.Time("replay")),
        since_(context.clock->Now() - span_) {}

  Result<void> Dataset(const definition::Dataset& dataset, const std::set<std::string>& only) {
    const std::string how = arguments_.String("batches");
    const bool is_named = dataset.batches.contains(how);
    if (!how.empty() && (is_named || how != kDelivery)) return Batches(dataset, only);
    if (how == kDelivery) return Deliveries(dataset, only);
    if (dataset.is_external()) {
      if (!context_.json)
        context_.Line(dataset.name +
                      " is external: it has no earlier versions to replay; -batches replays what "
                      "it has now");
      return {};
    }
    const Kind kind{.days = Days()};
    line::Replay replay = TRY(line::PlanReplay(world_, dataset, since_));
    Head(dataset, replay, kind);
    TRY(line::RunReplay(world_, sight_, dataset, only, &replay));
    Print(context_, dataset, replay, kind);
    return {};
  }

 private:
  // Of a time that is counted in hours none.
  int64_t Days() const {
    return std::chrono::duration_cast<std::chrono::hours>(span_).count() / 24;
  }

  Result<void> Deliveries(const definition::Dataset& dataset, const std::set<std::string>& only) {
    const Kind kind{.of = Kind::kDeliveries,
                    .one = "delivery",
                    .many = "deliveries",
                    .failed = "would have rejected",
                    .days = Days()};
    line::Replay replay = TRY(line::PlanDeliveryReplay(world_, dataset, since_));
    Head(dataset, replay, kind);
    TRY(line::RunDeliveryReplay(world_, sight_, dataset, only, &replay));
    Print(context_, dataset, replay, kind);
    return {};
  }

  Result<void> Batches(const definition::Dataset& dataset, const std::set<std::string>& only) {
    quality::BatchChoice choice = TRY(ReadBatchChoice(arguments_, dataset.batches));
    Kind kind{.of = Kind::kBatches, .one = "batch", .many = "batches", .days = Days()};
    const auto& parts = choice.definition.parts;
    if (parts.size() == 1 && parts[0].unit == quality::BatchUnit::kDay) {
      kind.one = "day", kind.many = "days";
      kind.is_days = kind.days > 0;
    } else if (parts.size() == 1 && parts[0].unit == quality::BatchUnit::kMonth) {
      kind.one = "month", kind.many = "months";
    }
    line::Replay replay =
        TRY(line::ReplayBatches(world_, sight_, dataset, only, choice.definition, since_));
    if (!context_.json) {
      std::string line =
          fmt::format("{}: {} of the last {}, by {}", context_.Paint("bold", dataset.name),
                      Count(static_cast<int64_t>(replay.parts.size()), kind.one, kind.many),
                      HumanDuration(span_), quality::ToString(choice.definition));
      if (replay.left_out > 0)
        line += fmt::format("; {} left out", replay.left_out == 1 ? std::string("1 older one is")
                                                                  : fmt::format("{} older ones are",
                                                                                replay.left_out));
      context_.Line(line);
    }
    Print(context_, dataset, replay, kind);
    return {};
  }

  void Head(const definition::Dataset& dataset, const line::Replay& replay, const Kind& kind) {
    if (context_.json) return;
    std::string line = fmt::format(
        "{}: {} of the last {}, at most {} bytes to read", context_.Paint("bold", dataset.name),
        Count(static_cast<int64_t>(replay.parts.size()), kind.one, kind.many), HumanDuration(span_),
        WithThousands(replay.bytes));
    if (replay.left_out > 0)
      line += fmt::format("; {} more cannot be read any more, or are too many", replay.left_out);
    context_.Line(line);
  }

  Context& context_;
  const Arguments& arguments_;
  const line::World& world_;
  const line::Sight& sight_;
  const Duration span_;
  const Timestamp since_;
};

Result<void> Replay(Context& context, const Arguments& arguments,
                    const definition::Project& declared, const Chosen& chosen) {
  auto opened = TRY(OpenWorld(context));
  const line::World world = WorldWith(*opened, declared);
  auto sight = TRY(line::Look(world.db, declared));
  Replayer replayer(context, arguments, world, sight);
  for (const auto& [address, only] : chosen)
    TRY(replayer.Dataset(*declared.FindDataset(address), only));
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
