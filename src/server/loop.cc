#include "server/loop.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "board/outbox.h"
#include "board/watch.h"
#include "io/process.h"
#include "pipeline/schedule.h"
#include "store/journal.h"
#include "store/outbox.h"

namespace andon::server {
namespace {

constexpr Duration kHeartbeat = std::chrono::seconds(15);
// Several writes of one run come close together; one look answers them all.
constexpr Duration kSettle = std::chrono::milliseconds(100);
constexpr size_t kProblemsMax = 1000;

void Earliest(std::optional<Timestamp>& next, const std::optional<Timestamp>& other) {
  if (other && (!next || *other < *next)) next = other;
}

Result<std::map<std::string, Timestamp>> ReadSchedules(store::Database& db) {
  std::map<std::string, Timestamp> last;
  for (const store::Row& row :
       TRY(db.Query("SELECT address, last_at FROM schedules WHERE last_at IS NOT NULL"))) {
    last[row.Text("address")] = row.Time("last_at");
  }
  return last;
}

}  // namespace

Loop::Loop(Key, store::Database& db, const Clock& clock, DeclaredCache& declared,
           LoopOptions options, Callbacks callbacks, std::unique_ptr<FileWatch> watch)
    : db_(db),
      clock_(clock),
      declared_(declared),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      watch_(std::move(watch)),
      since_(clock.Now()) {
  runner_ = std::jthread([this](std::stop_token stop) { RunQueue(stop); });
  sender_ = std::jthread([this](std::stop_token stop) { SendQueue(stop); });
  watcher_ = std::jthread([this](std::stop_token stop) { Watch(stop); });
}

Loop::~Loop() {
  for (std::jthread* thread : {&watcher_, &sender_, &runner_}) thread->request_stop();
  watch_->Wake();
}

Result<std::unique_ptr<Loop>> Loop::Start(store::Database& db, const Clock& clock,
                                          DeclaredCache& declared, LoopOptions options,
                                          Callbacks callbacks) {
  std::filesystem::path file(options.database_file);
  std::string name = file.filename().string();
  auto watch = TRY(FileWatch::Open(file.parent_path().string(), {name, name + "-wal"}));
  return std::make_unique<Loop>(Key{}, db, clock, declared, std::move(options),
                                std::move(callbacks), std::move(watch));
}

// Each problem is told once, not at every turn.
void Loop::Report(const std::string& problem) {
  {
    std::lock_guard lock(mutex_);
    if (told_.size() >= kProblemsMax || !told_.insert(problem).second) return;
  }
  if (callbacks_.on_problem) callbacks_.on_problem(problem);
}

std::optional<Timestamp> Loop::LookAtSchedules(const Declared& declared, Timestamp now) {
  if (!options_.runs_schedules) return std::nullopt;
  std::vector<std::string> errors;
  auto scheduled = pipeline::SchedulesOf(declared.project, &errors);
  for (const auto& error : errors) Report(error);
  auto recorded = ReadSchedules(db_);
  if (!recorded.ok()) {
    Report(recorded.error().message);
    return std::nullopt;
  }
  std::vector<std::optional<Timestamp>> last;
  std::optional<Timestamp> next;
  for (const auto& s : scheduled) {
    auto at = recorded->find(s.address);
    last.push_back(at == recorded->end() ? std::nullopt : std::optional<Timestamp>(at->second));
  }
  auto due = pipeline::DueAt(scheduled, last, since_, now);
  std::lock_guard lock(mutex_);
  for (size_t i : due) {
    if (!underway_.insert(scheduled[i].address).second) continue;
    queue_.push_back({scheduled[i].address, scheduled[i].build, now});
    changed_.notify_all();
  }
  for (const auto& s : scheduled) {
    if (!underway_.contains(s.address)) Earliest(next, s.schedule.Next(now));
  }
  return next;
}

// A commit of which no run has said anything since, nor one that was started for it.
void Loop::LookAtForeignCommits(const Declared& declared) {
  if (!options_.runs_schedules) return;
  auto commits = db_.Query(
      "SELECT address, time FROM (SELECT address, max(seq) AS seq, max(time) AS time FROM journal "
      "WHERE kind = ? GROUP BY address) AS last WHERE NOT EXISTS (SELECT 1 FROM journal WHERE "
      "journal.address = last.address AND journal.seq > last.seq AND run_id <> '') AND NOT EXISTS "
      "(SELECT 1 FROM schedules WHERE schedules.address = 'foreign.' || last.address AND last_at "
      ">= last.time)",
      {store::fact::kForeignCommit});
  if (!commits.ok()) return Report(commits.error().message);
  std::lock_guard lock(mutex_);
  for (const store::Row& commit : *commits) {
    const std::string address = commit.Text("address");
    const definition::Dataset* dataset = declared.project.FindDataset(address);
    if (!dataset || dataset->is_external()) continue;
    Due due{
        .address = address, .datasets = {address}, .at = commit.Time("time"), .is_foreign = true};
    if (!underway_.insert(due.Key()).second) continue;
    queue_.push_back(std::move(due));
    changed_.notify_all();
  }
}

std::optional<Timestamp> Loop::LookAtFreshness(const Declared& declared, Timestamp now) {
  incident::Context context{declared.project, declared.graph, declared.release_id, "serve"};
  auto watched = board::WatchFreshness(db_, context, now);
  if (!watched.ok()) {
    Report(watched.error().message);
    return std::nullopt;
  }
  for (const auto& problem : watched->problems) Report(problem);
  return watched->next_due;
}

std::optional<Timestamp> Loop::LookAtOutbox() {
  auto next = db_.Read([](store::Transaction& tx) { return store::NextDue(tx); });
  if (!next.ok()) {
    Report(next.error().message);
    return std::nullopt;
  }
  if (*next && **next <= clock_.Now()) {
    std::lock_guard lock(mutex_);
    send_wanted_ = true;
    changed_.notify_all();
    return std::nullopt;  // The sender's marks change the store, which wakes the watch.
  }
  return *next;
}

void Loop::Watch(std::stop_token stop) {
  int64_t seen = -1;
  std::optional<Timestamp> next;
  auto heartbeat = std::chrono::steady_clock::now() + kHeartbeat;
  while (!stop.stop_requested()) {
    Timestamp now = clock_.Now();
    auto seq = db_.Read([](store::Transaction& tx) { return store::LastSeq(tx); });
    if (!seq.ok()) Report(seq.error().message);
    auto declared = declared_.Get();
    if (!declared.ok()) Report(declared.error().message);
    next.reset();
    if (declared.ok() && (*declared)->release_id != 0) {
      Earliest(next, LookAtSchedules(**declared, now));
      LookAtForeignCommits(**declared);
      Earliest(next, LookAtFreshness(**declared, now));
    }
    Earliest(next, LookAtOutbox());
    if (seq.ok() && *seq != seen) {
      if (seen >= 0 && callbacks_.on_change) callbacks_.on_change(*seq);
      seen = *seq;
    }
    if (std::chrono::steady_clock::now() >= heartbeat) {
      if (callbacks_.on_heartbeat) callbacks_.on_heartbeat();
      heartbeat = std::chrono::steady_clock::now() + kHeartbeat;
    }
    Duration sleep = std::min(options_.tick_max, kHeartbeat);
    if (next) sleep = std::clamp(*next - now, Duration(std::chrono::milliseconds(10)), sleep);
    if (watch_->Wait(sleep)) {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kSettle, [] { return false; });
    }
  }
}

// A schedule is done when its run has ended, whatever came of it: a red one is not repeated before
// its time. A server that dies in between starts it again.
Result<void> Loop::MarkRun(const Due& due, Timestamp ended, int exit_code) {
  return db_.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.Execute("DELETE FROM schedules WHERE address = ?", {due.Key()}));
    TRY(tx.Execute(
        "INSERT INTO schedules (address, state, last_at, updated_at, body) VALUES (?, ?, ?, ?, ?)",
        {due.Key(), exit_code == 0 ? "done" : "failed", due.at, ended,
         Json::Object({{"exit_code", exit_code}})}));
    return {};
  });
}

void Loop::RunQueue(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Due due;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !queue_.empty(); })) return;
      due = std::move(queue_.front());
      queue_.pop_front();
    }
    io::Command command;
    command.argv = {options_.program,     "run",          "-C",
                    options_.project_dir, "-input=false", "-lock-timeout=10m"};
    if (due.address.starts_with("pipeline."))
      command.argv.push_back(due.address);
    else
      for (const auto& dataset : due.datasets) command.argv.push_back("-select=" + dataset);
    auto done = io::Run(command, stop);
    if (stop.stop_requested()) return;
    ScheduledRun run{.address = due.address};
    if (!done.ok()) {
      run.exit_code = 1;
      run.message = done.error().message;
    } else {
      run.exit_code = done->status.code;
      if (done->status.signal != 0)
        run.message = io::ToString(done->status);
      else if (run.exit_code == 1)
        run.message = std::string(Trim(done->err));
    }
    if (auto marked = MarkRun(due, clock_.Now(), run.exit_code); !marked.ok())
      Report(marked.error().message);
    {
      std::lock_guard lock(mutex_);
      underway_.erase(due.Key());
    }
    if (callbacks_.on_run) callbacks_.on_run(run);
    watch_->Wake();
  }
}

void Loop::SendQueue(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return send_wanted_; })) return;
      send_wanted_ = false;
    }
    auto declared = declared_.Get();
    if (!declared.ok()) continue;
    std::vector<std::string> problems;
    auto sent =
        board::DeliverOutbox(db_, (*declared)->project, options_.project_dir, clock_, &problems);
    if (!sent.ok()) problems.push_back(sent.error().message);
    for (const auto& problem : problems) Report(problem);
  }
}

}  // namespace andon::server
