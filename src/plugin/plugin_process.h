// The process of a plugin: started, listened to, ended. It dies with us, however we
// die, and whatever it prints is read for ever, so that it never waits for a reader.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/process.h"
#include "plugin/log_line.h"

namespace andon::plugin {

// Lines of its last output that are kept for messages: enough for the reason of a
// panic and where it was.
inline constexpr size_t kLastLinesMax = 24;
// A longer line is cut.
inline constexpr size_t kLogLineMax = 64 << 10;

struct ProcessOptions {
  std::vector<std::string> command;
  std::map<std::string, std::string> env;  // Over ours.
  // Each line that it prints, but for the handshake. Called by a thread of the
  // process's; may be empty.
  std::function<void(const LogLine&)> on_line;
};

// Thread: all functions may be called at the same time.
class PluginProcess {
 public:
  // kNotFound, kIo.
  static Result<std::unique_ptr<PluginProcess>> Start(ProcessOptions options);
  // As End.
  ~PluginProcess();

  // What it prints first on its standard output. kInterrupted where it prints
  // nothing in time, kUnavailable where it ends before, kInvalid where there is no
  // end to its line.
  Result<std::string> FirstLine(Duration limit);

  // True where it has ended.
  bool WaitForExit(Duration limit);
  // Ends it and all that it started, at once.
  void Kill();
  // The same, and waits for its end: nothing of it is left then.
  void End();
  int pid() const;  // 0 where it has ended.

  // "exited with code 2"; empty while it runs.
  std::string ending() const;
  // What it printed last, oldest first: warnings and errors, or, where there are none,
  // whatever it was.
  std::vector<std::string> LastLines() const;
  // For what it prints through its connection instead of its own output.
  void Hear(std::string_view text);

 private:
  struct State;

 public:
  // By the function above only: nobody else has a State.
  explicit PluginProcess(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace andon::plugin
