// Child processes: each in a process group of its own, watched by a pidfd, with
// a time limit that ends the whole group. Nothing polls.
//
// Run one and wait for it:
//   auto done = TRY(io::Run({.argv = {"git", "rev-parse", "HEAD"}, .time_limit = 5s}));
//   if (done.status.ok()) use(done.out);
//
// Or several at once, in a loop:
//   ProcessSet set;
//   auto id = TRY(set.Start({.argv = {SelfExecutable(), "worker"}, .input = task}));
//   for (auto& event : TRY(set.Wait(1s))) ...
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::io {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH where it has no '/'.
  // Set in the child's environment, over the parent's; with clean_env, instead of it.
  std::map<std::string, std::string> env;
  bool clean_env = false;
  std::string cwd;    // Empty: that of this process.
  std::string input;  // What the child reads from its standard input.
  // From its start. SIGTERM to the group, and SIGKILL after `grace`. Zero: no limit.
  Duration time_limit{0};
  Duration grace = std::chrono::seconds(2);
  // Bytes of address space (RLIMIT_AS); 0: no limit.
  int64_t memory_max = 0;
  // The kernel kills the child when the *thread* that started it ends, so start
  // it from one that stays. For workers: they must not outlive kill -9 of us.
  bool die_with_parent = false;
  bool discard_stderr = false;
  bool inherit_stderr = false;  // Ours, not captured.
};

struct ExitStatus {
  int code = 0;    // Exit code where no signal ended it.
  int signal = 0;  // The signal that ended it, or 0.
  bool timed_out = false;

  bool ok() const { return code == 0 && signal == 0 && !timed_out; }
};

// "exited with code 3", "was killed by signal 9 (Killed)", "ran past its time limit".
std::string ToString(const ExitStatus& status);

struct Finished {
  ExitStatus status;
  std::string out;
  std::string err;
  bool truncated = false;  // More than kCaptureMax came; the rest was dropped.
};

// Of one stream; what comes from elsewhere must not fill our memory.
inline constexpr size_t kCaptureMax = 64 << 20;

// Runs to the end. With `on_output`, output is handed over as it comes (the bool
// says whether it is stderr) and not kept. A requested stop kills the group and
// gives kInterrupted. kNotFound where there is no such program.
Result<Finished> Run(const Command& command, std::stop_token stop = {},
                     const std::function<void(bool is_stderr, std::string_view)>& on_output = {});

using ProcessId = int64_t;  // Of a ProcessSet; never used again. Not the pid.

struct ProcessEvent {
  enum Kind { kStdout, kStderr, kExited };
  ProcessId id = 0;
  Kind kind = kExited;
  std::string bytes;  // For kStdout and kStderr.
  ExitStatus status;  // For kExited, which is the last event of a process.
};

// Several children, one loop. Thread: one thread, but for Wake.
// The destructor kills what still runs, and waits for it.
class ProcessSet {
 public:
  ProcessSet();
  ~ProcessSet();
  ProcessSet(const ProcessSet&) = delete;
  ProcessSet& operator=(const ProcessSet&) = delete;

  // kNotFound where there is no such program or folder; kIo.
  Result<ProcessId> Start(const Command& command);

  // What happened, as soon as something has; nothing where `timeout` passes
  // first, or after Wake. A negative timeout waits without end. Returns at once
  // where no child runs and no other descriptor is watched.
  Result<std::vector<ProcessEvent>> Wait(Duration timeout);

  // Ends the Wait of another thread, or the next one. Safe in a signal handler.
  void Wake();

  void Terminate(ProcessId id);  // SIGTERM to its group.
  void Kill(ProcessId id);       // SIGKILL to its group.
  void KillAll();

  size_t running() const;
  int Pid(ProcessId id) const;  // 0 where it has ended.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The path of the program that runs now, for starting workers of the same binary.
std::string SelfExecutable();
std::string HostName();
std::string UserName();
// True where a process with this id runs on this host, and, with `start` other
// than 0, is the one that began then (see ProcessStart).
bool IsProcessAlive(int pid, int64_t start = 0);
// Returns when the process has ended, or after `timeout`; true where it has ended.
// Where it is not to be seen (id 0, of another host) only the time passes.
bool WaitForExit(int pid, Duration timeout);
// When the process began, in ticks since boot; 0 where it does not run. With it a
// process id that was given out again is told from the old one.
int64_t ProcessStart(int pid);

}  // namespace andon::io
