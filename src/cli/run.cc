#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "board/watch.h"
#include "cli/command.h"
#include "cli/failed_checks.h"
#include "cli/stop_on_signal.h"
#include "cli/world.h"
#include "line/run.h"
#include "line/sight.h"

namespace andon::cli {
namespace {

using line::Outcome;
using line::TaskReport;

constexpr int kNameWidthMax = 28;

// The live line, and one line for each task that ends.
class Printer {
 public:
  Printer(const Context& context, const definition::Project& project) : context_(context) {
    for (const definition::Dataset& d : project.datasets) {
      width_ =
          std::max(width_, std::min<int>(kNameWidthMax, static_cast<int>(DisplayWidth(d.name))));
      names_[d.address] = d.name;
    }
  }

  void Take(const line::Progress& p) {
    if (context_.json) return Emit(p);
    switch (p.kind) {
      case line::Progress::kStarted:
      case line::Progress::kStep:
        live_[p.dataset] = {p.step, 0, p.elapsed};
        break;
      case line::Progress::kRows:
        live_[p.dataset].rows = p.rows;
        live_[p.dataset].elapsed = p.elapsed;
        break;
      case line::Progress::kEnded:
        live_.erase(p.dataset);
        context_.Progress("");
        if (IsTold(*p.report)) PrintTask(*p.report);
        break;
    }
    Refresh();
  }

  void Clear() const { context_.Progress(""); }

 private:
  struct Live {
    std::string step;
    int64_t rows = 0;
    Duration elapsed{0};
  };

  bool IsTold(const TaskReport& r) const {
    const bool is_well = r.outcome == Outcome::kUpToDate || r.outcome == Outcome::kPublished ||
                         r.outcome == Outcome::kUnchanged;
    if (context_.quiet) return !is_well || !r.rejected.empty();
    return context_.verbose || r.outcome != Outcome::kUpToDate;
  }

  void Emit(const line::Progress& p) const {
    if (p.kind == line::Progress::kRows) return;
    Json event = Json::Object({{"type", p.kind == line::Progress::kStarted ? "task_started"
                                        : p.kind == line::Progress::kStep  ? "task_step"
                                                                           : "task_ended"},
                               {"dataset", p.dataset}});
    if (!p.step.empty()) event.Set("step", p.step);
    if (p.report) event.Set("task", line::ToJson(*p.report));
    context_.Event(event);
  }

  void Refresh() const {
    std::string text;
    for (const auto& [address, live] : live_) {
      auto name = names_.find(address);
      text += fmt::format("{}{} {}", text.empty() ? "" : "  |  ",
                          name == names_.end() ? address : name->second, live.step);
      if (live.rows > 0) text += " " + Count(live.rows, "row");
      if (live.elapsed.count() > 0) text += " " + HumanDuration(live.elapsed);
    }
    context_.Progress(text);
  }

  std::string Sign(Outcome outcome) const {
    switch (outcome) {
      case Outcome::kPublished:
      case Outcome::kUnchanged:
        return context_.Paint("green", "✔");
      case Outcome::kUpToDate:
      case Outcome::kWaiting:
        return context_.Paint("dim", "·");
      case Outcome::kHeld:
      case Outcome::kCancelled:
        return context_.Paint("yellow", "▲");
      default:
        return context_.Paint("red", "✖");
    }
  }

  void PrintTask(const TaskReport& r) const {
    std::string name =
        r.name + std::string(std::max<int64_t>(0, width_ - DisplayWidth(r.name)), ' ');
    std::string line =
        fmt::format("{} {}  {}", Sign(r.outcome), context_.Paint("bold", name), Says(r));
    if (r.attempt > 0 && r.outcome != Outcome::kHeld) {
      line += context_.Paint("dim", "  " + HumanDuration(r.duration));
    }
    context_.Line(line);
    PrintDetail(r);
  }

  std::string Says(const TaskReport& r) const {
    switch (r.outcome) {
      case Outcome::kPublished: {
        std::string out = fmt::format("published @{}  {}", r.version, Count(r.rows_total, "row"));
        if (r.rows_added != r.rows_total || r.rows_removed > 0) {
          out += fmt::format(" (+{}", WithThousands(r.rows_added));
          if (r.rows_removed > 0) out += fmt::format(" −{}", WithThousands(r.rows_removed));
          out += ")";
        }
        if (r.rows_quarantined > 0) {
          out +=
              "  " + context_.Paint("yellow", WithThousands(r.rows_quarantined) + " quarantined");
        }
        if (r.rows_settled > 0)
          out += fmt::format("  {} out of quarantine", WithThousands(r.rows_settled));
        if (r.checks > 0) out += fmt::format("  {}", Count(r.checks, "check"));
        return out;
      }
      case Outcome::kUnchanged:
        if (!r.message.empty()) return fmt::format("{}  {}", r.message, Count(r.checks, "check"));
        if (r.version == 0) return "checked where it is  " + Count(r.checks, "check");
        return fmt::format("unchanged, still @{}{}", r.version,
                           r.rows_settled > 0 ? fmt::format("  {} out of quarantine",
                                                            WithThousands(r.rows_settled))
                                              : std::string());
      case Outcome::kUpToDate:
      case Outcome::kWaiting:
        return r.why;
      case Outcome::kRed:
      case Outcome::kContract:
      case Outcome::kUnreadable: {
        std::string_view what = r.outcome == Outcome::kRed        ? "red"
                                : r.outcome == Outcome::kContract ? "contract broken"
                                                                  : "unreadable";
        std::string out = context_.Paint("red", what) + ": " + r.message;
        if (r.is_standing) out += "; not tried again until something changes";
        if (r.incident) out += fmt::format("  incident {}", r.incident);
        return out;
      }
      case Outcome::kFailed:
        return context_.Paint("red", "failed") + ": " + r.message;
      case Outcome::kHeld:
        return context_.Paint("yellow", "held") + ": " + r.message;
      case Outcome::kCancelled:
        return "stopped";
    }
    return "";
  }

  void PrintDetail(const TaskReport& r) const {
    for (const line::RejectedDelivery& d : r.rejected) {
      if (r.rejected.size() > 1 || r.outcome == Outcome::kPublished) {
        context_.Line(fmt::format("    {} was rejected: {}", d.path, d.reason));
      } else {
        context_.Line(
            fmt::format("    {} was rejected; main stays{}", d.path,
                        r.version ? fmt::format(" at @{}", r.version) : std::string(" empty")));
      }
    }
    for (const std::string& b : r.breaks) context_.Line("    " + b);
    PrintFailedChecks(context_, r.failed, "    ");
    for (const incident::SliceEvidence& s : r.slices) {
      context_.Line(fmt::format("    {}: {}.", s.check, s.text));
    }
  }

  const Context& context_;
  int width_ = 0;
  std::map<std::string, std::string> names_;
  std::map<std::string, Live> live_;
};

std::string Summary(const line::RunReport& report) {
  std::vector<std::string> parts;
  auto add = [&](Outcome outcome, std::string_view word) {
    if (int n = report.Count(outcome)) parts.push_back(fmt::format("{} {}", n, word));
  };
  add(Outcome::kPublished, "published");
  add(Outcome::kUnchanged, "unchanged");
  // What published though one of its deliveries did not.
  const auto partly = std::count_if(
      report.tasks.begin(), report.tasks.end(),
      [](const TaskReport& r) { return r.outcome == Outcome::kPublished && !r.rejected.empty(); });
  if (int n = report.Count(Outcome::kRed) + static_cast<int>(partly)) {
    parts.push_back(fmt::format("{} red", n));
  }
  add(Outcome::kContract, "with a broken contract");
  add(Outcome::kUnreadable, "unreadable");
  add(Outcome::kFailed, "failed");
  add(Outcome::kHeld, "held");
  add(Outcome::kUpToDate, "up to date");
  add(Outcome::kWaiting, "without data yet");
  add(Outcome::kCancelled, "stopped");
  if (parts.empty()) parts.push_back("nothing is to be run");
  return fmt::format("Run {}: {} in {}.", report.run_id, Join(parts, ", "),
                     HumanDuration(report.duration));
}

void PrintIncidents(Context& context, const line::RunReport& report) {
  for (int64_t number : report.incidents_opened) {
    context.Line(fmt::format("Incident {}: andon incident show {}", number, number));
  }
  for (int64_t number : report.incidents_resolved) {
    context.Line(fmt::format("{} Incident {} is resolved.", context.Paint("green", "✔"), number));
  }
}

void PrintGarbage(Context& context, const line::RunReport& report) {
  if (!report.garbage_problem.empty()) {
    context.Note("warning: files that nothing needs were not removed: " + report.garbage_problem);
  }
  if (report.garbage_files == 0 || context.json || context.quiet) return;
  context.Line(context.Paint(
      "dim",
      fmt::format("Removed {} ({} bytes) that earlier runs left and nothing refers to.",
                  Count(report.garbage_files, "file"), WithThousands(report.garbage_bytes))));
}

// Afterwards: what has become late, and what is to be sent.
void FollowUp(Context& context, OpenedWorld& world, const line::RunReport& report) {
  auto sight = line::Look(world.db(), world.project());
  if (sight.ok()) {
    incident::Context about{world.project(), sight->graph, world.world->release_id,
                            "run " + report.run_id};
    auto watched = board::WatchFreshness(world.db(), about, context.clock->Now());
    if (!watched.ok())
      context.Note("warning: freshness was not looked at: " + watched.error().message);
  }
  SendNotifications(context, world);
}

ExitCode RunLine(Context& context, const Arguments& arguments) {
  StopOnSignal stop;
  auto world = OpenWorldToChange(context);
  if (!world.ok()) return context.Fail(world.error());
  line::RunOptions options{.command = "andon run", .stop = stop.token()};
  options.selection = arguments.List("select");
  for (const std::string& word : arguments.positional) {
    bool is_pipeline = false;
    for (const definition::Pipeline& p : (*world)->project().pipelines) {
      if (p.name == word || p.address == word) {
        options.pipeline = p.address;
        is_pipeline = true;
      }
    }
    if (!is_pipeline) options.selection.push_back(word);
  }
  options.full_refresh = arguments.Bool("full-refresh");
  options.parallel = static_cast<int>(arguments.Integer("parallel"));
  options.lock_timeout = arguments.Time("lock-timeout");
  options.memory_bytes = arguments.Integer("memory-mb") << 20;
  if (options.parallel < 0 || options.parallel > 256) {
    return context.Fail(Error::Invalid("-parallel is a number from 1 to 256"));
  }
  Printer printer(context, (*world)->project());
  auto report =
      line::Run(*(*world)->world, options, [&](const line::Progress& p) { printer.Take(p); });
  printer.Clear();
  if (!report.ok()) return context.Fail(report.error());
  FollowUp(context, **world, *report);
  PrintGarbage(context, *report);
  if (context.json) {
    Json opened = Json::List(), resolved = Json::List();
    for (int64_t n : report->incidents_opened) opened.Push(n);
    for (int64_t n : report->incidents_resolved) resolved.Push(n);
    context.Event(Json::Object({{"type", "run_ended"},
                                {"run_id", report->run_id},
                                {"state", report->state},
                                {"duration_ms", report->duration.count() / 1000},
                                {"published", report->Count(Outcome::kPublished)},
                                {"red", report->Count(Outcome::kRed)},
                                {"failed", report->Count(Outcome::kFailed)},
                                {"held", report->Count(Outcome::kHeld)},
                                {"incidents_opened", std::move(opened)},
                                {"incidents_resolved", std::move(resolved)},
                                {"garbage_files", report->garbage_files},
                                {"exit_code", report->exit_code()}}));
  } else {
    PrintIncidents(context, *report);
    context.Line(Summary(*report));
  }
  return static_cast<ExitCode>(report->exit_code());
}

}  // namespace

extern const Command kRun = {
    .name = "run",
    .group = Group::kRun,
    .summary = "Load, build, check and publish what is stale",
    .usage = "[PIPELINE | DATASET…]",
    .description =
        "Looks at what was delivered and at what changed since the last run; loads or builds each "
        "stale dataset on a branch, checks it there, and publishes it, all tables of a unit in one "
        "step. What fails is never seen by a reader: main stays, everything downstream is held, an "
        "incident opens. A rejected delivery is not tried again until its file or its definition "
        "changes, or \"andon delivery retry\" says so. A release that a crash left open is "
        "finished "
        "first; at the end, files that earlier runs left and nothing needs any more are "
        "removed.\n\n"
        "Without arguments every dataset is looked at. Exits with 3 where checks or a contract "
        "failed (now, or earlier and nothing changed), 4 where a task failed or a file could not "
        "be read, 7 where another run holds the project.",
    .positional_min = 0,
    .positional_max = -1,
    .flags =
        {{"select", FlagKind::kList, "SELECTION",
          "Datasets: payment, payment+, +payment, tag:finance, owner:payments; may be repeated."},
         {"full-refresh", FlagKind::kBool, "",
          "Make what is selected again from all of its deliveries, or its SQL."},
         {"parallel", FlagKind::kInteger, "N",
          "Units at a time; default: one for each processor, at most 4."},
         {"memory-mb", FlagKind::kInteger, "N",
          "Memory of all workers; default: a quarter of the machine."},
         {"lock-timeout", FlagKind::kDuration, "TIME", "Wait so long for another run to end."}},
    .examples = {{"andon run", "Everything that is stale."},
                 {"andon run -select payment+", "One dataset and what is made of it."},
                 {"andon run revenue",
                  "What the pipeline \"revenue\" builds, with all that it needs."}},
    .run = RunLine,
};

}  // namespace andon::cli
