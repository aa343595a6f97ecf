#include "line/run.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/executor.h"
#include "base/json_strings.h"
#include "base/text.h"
#include "io/path.h"
#include "line/recover.h"
#include "line/unit_run.h"
#include "store/journal.h"
#include "validation/retention.h"

namespace andon::line {
namespace {

constexpr int kParallelMax = 4;  // More workers than that starve one another of memory.

constexpr std::pair<Outcome, std::string_view> kOutcomes[] = {
    {Outcome::kUpToDate, "up_to_date"},
    {Outcome::kWaiting, "waiting"},
    {Outcome::kPublished, "published"},
    {Outcome::kUnchanged, "unchanged"},
    {Outcome::kRed, "red"},
    {Outcome::kContract, "contract"},
    {Outcome::kUnreadable, "unreadable"},
    {Outcome::kFailed, "failed"},
    {Outcome::kHeld, "held"},
    {Outcome::kCancelled, "cancelled"},
};

// The strictest of the pipelines that run one of the unit's datasets, be it only because something
// that they build is checked against it.
Result<pipeline::RetryPolicy> PolicyOf(const World& world, const RunOptions& options,
                                       const pipeline::Line& line, const pipeline::Unit& unit) {
  if (options.retry) return *options.retry;
  pipeline::RetryPolicy policy;
  for (const definition::Pipeline& p : world.project.pipelines) {
    if (!options.pipeline.empty() && p.address != options.pipeline) continue;
    const bool builds = std::any_of(p.build.begin(), p.build.end(), [&](const std::string& built) {
      const std::set<std::string> needed = line.NeedsOf(built);
      return std::any_of(unit.datasets.begin(), unit.datasets.end(),
                         [&](const std::string& d) { return needed.contains(d); });
    });
    if (!builds) continue;
    auto read = pipeline::ReadRetryPolicy(p.retries, p.retry_delay, p.timeout);
    if (!read.ok()) return std::move(read).error().In(p.address);
    if (read->retries > policy.retries) policy = *read;
    if (policy.timeout.count() == 0) policy.timeout = read->timeout;
  }
  return policy;
}

// Threads that run units, and the queue on which they report.
class Finished {
 public:
  void Push(pipeline::Event event) {
    std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_one();
  }
  // What happened; waits for something, until `until`.
  std::vector<pipeline::Event> Wait(std::optional<Duration> at_most) {
    std::unique_lock lock(mutex_);
    auto has = [&] { return !events_.empty(); };
    if (at_most)
      changed_.wait_for(lock, *at_most, has);
    else
      changed_.wait(lock, has);
    std::vector<pipeline::Event> out(events_.begin(), events_.end());
    events_.clear();
    return out;
  }

 private:
  std::mutex mutex_;  // Guards events_.
  std::condition_variable changed_;
  std::deque<pipeline::Event> events_;
};

class LineRun {
 public:
  LineRun(const World& world, const RunOptions& options, const ProgressSink& sink)
      : world_(world), options_(options), sink_(sink) {}

  Result<RunReport> Go() {
    report_.started_at = world_.clock.Now();
    auto lease = TRY(store::Lease::Acquire(world_.db, world_.clock, kRunLease,
                                           store::ThisProcess(options_.command),
                                           {.wait = options_.lock_timeout}));
    TRY(RecoverDeadRuns(world_));
    TRY(lake::RecordForeignOfAll(world_.db, world_.lake));
    Sight sight = TRY(Look(world_.db, world_.project));
    std::set<std::string> selected = TRY(Selected(sight));
    report_.run_id = RandomUuid().substr(0, 8);
    const std::string stage_dir = io::Join(world_.project_dir, ".andon/tmp", report_.run_id);
    WorkerPool pool({.program = world_.program,
                     .spill_dir = stage_dir,
                     .parallel = Parallel(),
                     .memory_bytes = options_.memory_bytes,
                     .time_limit = TimeLimit()});
    std::mutex sink_mutex;
    RunContext context{.world = world_,
                       .options = options_,
                       .sight = sight,
                       .pool = pool,
                       .lease = *lease,
                       .run_id = report_.run_id,
                       .started_at = report_.started_at,
                       .stage_dir = stage_dir,
                       .selected = std::move(selected),
                       .sink = sink_,
                       .sink_mutex = sink_mutex};
    TRY(RecordStarted(context));
    // After the run is known, so that whoever finds it dead takes the folder away.
    TRY(world_.files.MakeDirs(stage_dir));
    auto walked = Walk(context);
    // The stage is of no more use; if it cannot go, the next run takes it away.
    (void)world_.files.RemoveAll(stage_dir);
    report_.duration = world_.clock.Now() - report_.started_at;
    report_.state = !walked.ok()                 ? "failed"
                    : report_.exit_code() == 0   ? "succeeded"
                    : report_.exit_code() == 3   ? "red"
                    : report_.exit_code() == 130 ? "cancelled"
                                                 : "failed";
    TRY(RecordEnded());
    if (!walked.ok()) return std::move(walked).error();
    TRY(DropOldBranches(world_));
    TidyUp();
    return std::move(report_);
  }

 private:
  // Afterwards, so that nobody waits for it; what stays is looked for again by the next run.
  void TidyUp() {
    (void)validation::Prune(world_.db, world_.project.retention, world_.clock.Now());
    auto garbage = CollectGarbage(world_);
    if (!garbage.ok()) {
      report_.garbage_problem = garbage.error().message;
      return;
    }
    report_.garbage_files = static_cast<int64_t>(garbage->files.size());
    report_.garbage_bytes = garbage->bytes;
  }

  int Parallel() const {
    if (options_.parallel > 0) return options_.parallel;
    return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kParallelMax);
  }

  Duration TimeLimit() const {
    if (options_.retry) return options_.retry->timeout;
    Duration limit{0};
    for (const definition::Pipeline& p : world_.project.pipelines) {
      if (!options_.pipeline.empty() && p.address != options_.pipeline) continue;
      auto policy = pipeline::ReadRetryPolicy(p.retries, p.retry_delay, p.timeout);
      if (policy.ok()) limit = std::max(limit, policy->timeout);
    }
    return limit;
  }

  Result<std::set<std::string>> Selected(const Sight& sight) {
    std::set<std::string> out;
    if (options_.selection.empty() && options_.pipeline.empty()) {
      for (const definition::Dataset& d : world_.project.datasets) {
        if (!d.is_external() || IsOnTheLine(sight.line, d)) out.insert(d.address);
      }
      return out;
    }
    if (!options_.selection.empty()) {
      auto selected = TRY(pipeline::Select(world_.project, sight.line, options_.selection));
      out.insert(selected.begin(), selected.end());
    }
    for (const definition::Pipeline& p : world_.project.pipelines) {
      if (p.address != options_.pipeline) continue;
      for (const std::string& built : p.build) out.merge(sight.line.NeedsOf(built));
    }
    return out;
  }

  // What somebody else builds is never built here, only checked where it is; by a run where it has
  // a schedule, a pipeline needs it, or something that is built here waits for it.
  bool IsOnTheLine(const pipeline::Line& line, const definition::Dataset& external) const {
    if (!external.schedule.empty()) return true;
    for (const definition::Pipeline& p : world_.project.pipelines) {
      for (const std::string& built : p.build) {
        if (line.NeedsOf(built).contains(external.address)) return true;
      }
    }
    for (const std::string& address : line.DownstreamOf(external.address)) {
      if (!world_.project.FindDataset(address)->is_external()) return true;
    }
    return false;
  }

  Result<void> RecordStarted(const RunContext& context) {
    return world_.db.Write([&](store::Transaction& tx) -> Result<void> {
      Json body = Json::Object({{"command", options_.command},
                                {"selection", Strings(options_.selection)},
                                {"andon_version", world_.andon_version}});
      TRY(tx.Execute(
          "INSERT INTO runs (run_id, address, state, release_id, started_at, actor, body) "
          "VALUES (?, ?, 'running', ?, ?, ?, ?)",
          {report_.run_id, options_.pipeline, world_.release_id, report_.started_at, world_.actor,
           body}));
      TRY(store::Append(tx, {.time = report_.started_at,
                             .actor = world_.actor,
                             .kind = store::fact::kRunStarted,
                             .address = options_.pipeline,
                             .run_id = context.run_id,
                             .release_id = world_.release_id,
                             .body = std::move(body)}));
      return {};
    });
  }

  Result<void> RecordEnded() {
    Json counts = Json::Object();
    for (const auto& [outcome, word] : kOutcomes) {
      if (int n = report_.Count(outcome)) counts.Set(word, n);
    }
    const Timestamp now = world_.clock.Now();
    return world_.db.Write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.Execute("UPDATE runs SET state = ?, ended_at = ?, body = ? WHERE run_id = ?",
                     {report_.state, now,
                      Json::Object({{"command", options_.command},
                                    {"selection", Strings(options_.selection)},
                                    {"andon_version", world_.andon_version},
                                    {"exit_code", report_.exit_code()},
                                    {"counts", counts}}),
                      report_.run_id}));
      TRY(store::Append(
          tx, {.time = now,
               .actor = world_.actor,
               .kind = store::fact::kRunEnded,
               .address = options_.pipeline,
               .run_id = report_.run_id,
               .release_id = world_.release_id,
               .body = Json::Object({{"state", report_.state}, {"counts", std::move(counts)}})}));
      return {};
    });
  }

  Result<void> Walk(const RunContext& context) {
    const std::vector<pipeline::Unit>& units = context.sight.line.units;
    std::vector<pipeline::TaskOrder> order;
    for (const pipeline::Unit& unit : units) {
      auto policy = TRY(PolicyOf(world_, options_, context.sight.line, unit));
      order.push_back({unit.depends_on, unit.after, policy});
    }
    pipeline::Tasks tasks(std::move(order), Parallel());
    std::vector<std::unique_ptr<UnitRun>> runs(units.size());
    Finished finished;
    Executor executor(Parallel());
    std::vector<pipeline::Event> events;
    std::optional<Error> broken;  // The store itself failed: nothing more is started.
    bool told_stop = false;
    while (true) {
      if ((options_.stop.stop_requested() || broken) && !told_stop) {
        told_stop = true;
        events.push_back({.kind = pipeline::Event::kStop});
      }
      auto effects = tasks.Step(world_.clock.Now(), events);
      // What failed for good is written down before its dependents are held.
      for (const pipeline::Event& event : events) {
        if (event.kind != pipeline::Event::kFailed &&
            event.kind != pipeline::Event::kFailedForGood) {
          continue;
        }
        if (tasks.state(event.unit) != pipeline::TaskState::kFailed || broken) continue;
        auto recorded = runs[event.unit]->RecordFailedForGood();
        if (!recorded.ok()) broken = std::move(recorded).error();
      }
      for (const pipeline::Effect& effect : effects) {
        const int index = effect.unit;
        if (effect.kind == pipeline::Effect::kStart) {
          runs[index] = std::make_unique<UnitRun>(context, units[index], effect.attempt);
          executor.Submit([&runs, &finished, index] {
            finished.Push({.kind = runs[index]->Run(), .unit = index});
          });
          continue;
        }
        if (!runs[index]) runs[index] = std::make_unique<UnitRun>(context, units[index], 1);
        if (effect.kind == pipeline::Effect::kHold && !broken) {
          auto held = Hold(*runs[index], tasks, units, effect.because);
          if (!held.ok()) broken = std::move(held).error();
        }
        if (effect.kind == pipeline::Effect::kCancel) {
          for (TaskReport& r : runs[index]->reports()) r.outcome = Outcome::kCancelled;
        }
      }
      if (tasks.is_over()) break;
      std::optional<Duration> wait;
      if (auto wake = tasks.next_wake()) {
        wait = std::max(Duration(0), *wake - world_.clock.Now()) + std::chrono::milliseconds(1);
      }
      // A stop is asked for by a token, which wakes nobody here.
      if (options_.stop.stop_possible()) {
        wait = std::min(wait.value_or(std::chrono::milliseconds(100)),
                        Duration(std::chrono::milliseconds(100)));
      }
      events = finished.Wait(wait);
    }
    Collect(runs);
    if (broken) return *broken;
    return {};
  }

  // Those of the units in `because` that are in the way, by their worst state.
  Result<void> Hold(UnitRun& run, const pipeline::Tasks& tasks,
                    const std::vector<pipeline::Unit>& units, const std::vector<int>& because) {
    std::string_view says = "held";
    for (pipeline::TaskState state : {pipeline::TaskState::kFailed, pipeline::TaskState::kRed}) {
      for (int unit : because) {
        if (tasks.state(unit) == state) says = pipeline::ToString(state);
      }
    }
    std::vector<std::string> blocking;
    for (int unit : because) {
      if (pipeline::ToString(tasks.state(unit)) != says) continue;
      blocking.insert(blocking.end(), units[unit].datasets.begin(), units[unit].datasets.end());
    }
    return run.RecordHeld(blocking, says);
  }

  void Collect(std::vector<std::unique_ptr<UnitRun>>& runs) {
    for (auto& run : runs) {
      if (!run) continue;
      for (TaskReport& report : run->reports()) report_.tasks.push_back(std::move(report));
      report_.incidents_opened.insert(report_.incidents_opened.end(), run->opened().begin(),
                                      run->opened().end());
      report_.incidents_resolved.insert(report_.incidents_resolved.end(), run->resolved().begin(),
                                        run->resolved().end());
    }
    auto unique = [](std::vector<int64_t>& list) {
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
    };
    unique(report_.incidents_opened);
    unique(report_.incidents_resolved);
  }

  const World& world_;
  const RunOptions& options_;
  const ProgressSink& sink_;
  RunReport report_;
};

}  // namespace

std::string_view ToString(Outcome outcome) {
  for (const auto& [value, word] : kOutcomes) {
    if (value == outcome) return word;
  }
  return "failed";
}

Json ToJson(const TaskReport& r) {
  Json json = Json::Object({{"dataset", r.dataset},
                            {"outcome", ToString(r.outcome)},
                            {"why", r.why},
                            {"duration_ms", r.duration.count() / 1000}});
  if (r.is_standing) json.Set("standing", true);
  if (!r.message.empty()) json.Set("message", r.message);
  if (r.attempt > 1) json.Set("attempt", r.attempt);
  if (r.version) json.Set("version", r.version);
  if (r.rows_delivered >= 0) json.Set("rows_delivered", r.rows_delivered);
  if (r.outcome == Outcome::kPublished) {
    json.Set("rows_added", r.rows_added);
    json.Set("rows_removed", r.rows_removed);
  }
  if (r.rows_total >= 0) json.Set("rows", r.rows_total);
  if (r.rows_quarantined) json.Set("rows_quarantined", r.rows_quarantined);
  if (r.rows_settled) json.Set("rows_settled", r.rows_settled);
  if (r.checks) json.Set("checks", r.checks);
  if (!r.deliveries.empty()) json.Set("deliveries", Strings(r.deliveries));
  if (!r.rejected.empty()) {
    Json rejected = Json::List();
    for (const RejectedDelivery& d : r.rejected) {
      rejected.Push(Json::Object(
          {{"delivery_id", d.id}, {"path", d.path}, {"period", d.period}, {"reason", d.reason}}));
    }
    json.Set("rejected", std::move(rejected));
  }
  if (!r.failed.empty()) {
    Json failed = Json::List();
    for (const incident::FailedCheck& c : r.failed) {
      failed.Push(Json::Object({{"check", c.name},
                                {"type", c.type},
                                {"severity", c.severity},
                                {"scope", c.scope},
                                {"message", c.message},
                                {"observed_value", c.observed_value},
                                {"unexpected_count", c.unexpected_count},
                                {"sample", c.sample}}));
    }
    json.Set("failed", std::move(failed));
  }
  if (!r.breaks.empty()) json.Set("breaks", Strings(r.breaks));
  if (!r.held_by.empty()) json.Set("held_by", Strings(r.held_by));
  if (r.incident) json.Set("incident", r.incident);
  return json;
}

int RunReport::Count(Outcome outcome) const {
  return static_cast<int>(std::count_if(tasks.begin(), tasks.end(),
                                        [&](const TaskReport& r) { return r.outcome == outcome; }));
}

int RunReport::exit_code() const {
  bool red = false, failed = false, cancelled = false;
  for (const TaskReport& r : tasks) {
    failed = failed || r.outcome == Outcome::kFailed || r.outcome == Outcome::kUnreadable;
    red =
        red || r.outcome == Outcome::kRed || r.outcome == Outcome::kContract || !r.rejected.empty();
    cancelled = cancelled || r.outcome == Outcome::kCancelled;
  }
  return cancelled ? 130 : failed ? 4 : red ? 3 : 0;
}

Result<RunReport> Run(const World& world, const RunOptions& options, const ProgressSink& sink) {
  return LineRun(world, options, sink).Go();
}

}  // namespace andon::line
