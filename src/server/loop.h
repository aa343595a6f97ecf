// The server's loop: owns the clock, looks at what is due, and has it done.
//
//   the store changed   → tell open pages, look at freshness, send what the outbox holds
//   a schedule is due   → start `andon run -select …` as a process of its own
//   another tool wrote  → the same for the dataset: what it committed is judged by that run
//   freshness is due    → open incidents
//   a message is due    → try it again
//
// It sleeps until the earliest of these, or until the store's files change. What is due is decided
// by pure functions of pipeline, alarm and store; a crash loses nothing, for a schedule counts as
// done only when its run has ended.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "server/file_watch.h"
#include "server/site.h"
#include "store/database.h"

namespace andon::server {

struct LoopOptions {
  std::string project_dir;                      // Absolute.
  std::string database_file;                    // Absolute; its folder is watched.
  std::string program;                          // `andon`, to start runs with.
  bool runs_schedules = true;                   // -schedules=false: pages only.
  Duration tick_max = std::chrono::minutes(1);  // The longest sleep, for clocks that are set.
};

// What became of a run that the loop started.
struct ScheduledRun {
  std::string address;
  int exit_code = 0;
  std::string message;  // Empty where it ended by itself.
};

class Loop {
 public:
  // `on_change(seq)` is called when the journal has grown, `on_run` when a scheduled run has ended,
  // `on_problem` with a sentence; all from the loop's threads. Lifetime: all outlive the loop.
  struct Callbacks {
    std::function<void(int64_t)> on_change;
    std::function<void(const ScheduledRun&)> on_run;
    std::function<void(const std::string&)> on_problem;
    std::function<void()> on_heartbeat;  // Every 15 s.
  };
  static Result<std::unique_ptr<Loop>> Start(store::Database& db, const Clock& clock,
                                             DeclaredCache& declared, LoopOptions options,
                                             Callbacks callbacks);
  ~Loop();  // Ends running children and waits.

 private:
  struct Key {};

 public:
  Loop(Key, store::Database& db, const Clock& clock, DeclaredCache& declared, LoopOptions options,
       Callbacks callbacks, std::unique_ptr<FileWatch> watch);

 private:
  struct Due {
    std::string address;
    std::vector<std::string> datasets;
    Timestamp at;
    bool is_foreign = false;  // Not by its schedule, but for what another tool committed.

    std::string Key() const { return (is_foreign ? "foreign." : "") + address; }
  };

  void Watch(std::stop_token stop);
  void RunQueue(std::stop_token stop);
  void SendQueue(std::stop_token stop);

  // Each returns when it wants to be asked again at the latest, where it does not only wait for the
  // store to change.
  std::optional<Timestamp> LookAtSchedules(const Declared& declared, Timestamp now);
  void LookAtForeignCommits(const Declared& declared);
  std::optional<Timestamp> LookAtFreshness(const Declared& declared, Timestamp now);
  std::optional<Timestamp> LookAtOutbox();
  void Report(const std::string& problem);
  Result<void> MarkRun(const Due& due, Timestamp ended, int exit_code);

  store::Database& db_;
  const Clock& clock_;
  DeclaredCache& declared_;
  LoopOptions options_;
  Callbacks callbacks_;
  std::unique_ptr<FileWatch> watch_;
  Timestamp since_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Due> queue_;           // Guarded by mutex_.
  std::set<std::string> underway_;  // Keys, queued or running; guarded by mutex_.
  bool send_wanted_ = false;        // Guarded by mutex_.
  std::set<std::string> told_;      // Problems that were reported; guarded by mutex_.

  // Last: they end before what they use.
  std::jthread runner_;
  std::jthread sender_;
  std::jthread watcher_;
};

}  // namespace andon::server
