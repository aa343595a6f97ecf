#include "plugin/plugin_process.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/text.h"
#include "plugin/handshake.h"
#include "plugin/signals.h"
#include "plugin/wire.h"

namespace andon::plugin {
namespace {

// Cuts a stream of bytes into lines.
class Lines {
 public:
  template <typename F>
  void Add(std::string_view bytes, F take) {
    for (size_t end; (end = bytes.find('\n')) != std::string_view::npos;) {
      Append(bytes.substr(0, end));
      take(std::exchange(line_, {}));
      bytes.remove_prefix(end + 1);
    }
    Append(bytes);
  }
  template <typename F>
  void End(F take) {
    if (!line_.empty()) take(std::exchange(line_, {}));
  }

 private:
  void Append(std::string_view text) { line_ += text.substr(0, kLogLineMax - line_.size()); }
  std::string line_;
};

}  // namespace

struct PluginProcess::State {
  ProcessOptions options;
  io::ProcessSet set;
  io::ProcessId id = 0;
  std::mutex joining;  // Guards the end of the thread.
  std::thread thread;
  std::atomic<bool> is_to_die = false;
  std::atomic<int> pid = 0;

  mutable std::mutex mutex;  // Guards what follows.
  std::condition_variable changed;
  std::optional<Result<void>> started;
  std::optional<std::string> first_line;
  bool has_no_line_end = false;  // Its first line is longer than any handshake.
  std::optional<io::ExitStatus> exit;
  std::deque<std::string> last_lines;
  std::deque<std::string> complaints;
  bool is_panicking = false;
  Lines heard;  // Through the connection.

  // The process's own thread only:
  std::string first;
  Lines out, err;

  void Run();
  Result<void> Launch();
  void TakeOutput(std::string_view bytes);
  void TakeLine(const std::string& bytes);
};

Result<void> PluginProcess::State::Launch() {
  io::Command command{.argv = options.command, .env = options.env, .die_with_parent = true};
  id = TRY(set.Start(command));
  pid = set.Pid(id);
  return {};
}

void PluginProcess::State::TakeLine(const std::string& bytes) {
  if (bytes.empty()) return;
  std::string text = Readable(bytes);
  LogLevel level = LevelOf(text);
  {
    std::lock_guard lock(mutex);
    if (text.starts_with("panic: ") || text.starts_with("fatal error: ")) is_panicking = true;
    if (is_panicking) level = LogLevel::kError;  // What follows says where it was.
    bool is_complaint = level >= LogLevel::kWarn;
    std::deque<std::string>& lines = is_complaint ? complaints : last_lines;
    // Of a panic the first lines count, of all else the last.
    if (!is_panicking || lines.size() < kLastLinesMax) lines.push_back(text);
    if (lines.size() > kLastLinesMax) lines.pop_front();
  }
  if (!options.on_line) return;
  LogLine line = ParseLogLine(text);
  line.level = level;
  options.on_line(line);
}

// Up to the end of the first line: the handshake. Then: lines like others.
void PluginProcess::State::TakeOutput(std::string_view bytes) {
  auto take = [&](const std::string& line) { TakeLine(line); };
  if (first_line || has_no_line_end) return out.Add(bytes, take);
  size_t end = bytes.find('\n');
  first += bytes.substr(0, end);
  if (first.size() > kHandshakeMax || end != std::string_view::npos) {
    std::lock_guard lock(mutex);
    if (end == std::string_view::npos) {
      has_no_line_end = true;
    } else {
      first_line = first;
    }
    changed.notify_all();
  }
  if (end != std::string_view::npos) out.Add(bytes.substr(end + 1), take);
}

// The kernel ends the plugin with the thread that started it: this one, which stays
// until the plugin has ended.
void PluginProcess::State::Run() {
  BlockSignals();
  Result<void> launched = Launch();
  {
    std::lock_guard lock(mutex);
    started = launched;
    changed.notify_all();
  }
  if (!launched.ok()) return;
  std::optional<io::ExitStatus> status;
  while (!status) {
    if (is_to_die) set.Kill(id);
    auto events = set.Wait(Duration{-1});
    if (!events.ok()) break;
    for (const io::ProcessEvent& event : *events) {
      if (event.kind == io::ProcessEvent::kExited) status = event.status;
      if (event.kind == io::ProcessEvent::kStdout) TakeOutput(event.bytes);
      if (event.kind == io::ProcessEvent::kStderr)
        err.Add(event.bytes, [&](const std::string& line) { TakeLine(line); });
    }
  }
  for (Lines* lines : {&out, &err}) lines->End([&](const std::string& line) { TakeLine(line); });
  pid = 0;
  std::lock_guard lock(mutex);
  exit = status.value_or(io::ExitStatus{});
  // What it said without ending the line is quoted in the message about it.
  if (!first_line && !first.empty()) first_line = first;
  changed.notify_all();
}

PluginProcess::PluginProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}

PluginProcess::~PluginProcess() { End(); }

void PluginProcess::End() {
  Kill();
  std::lock_guard lock(state_->joining);
  if (state_->thread.joinable()) state_->thread.join();
}

Result<std::unique_ptr<PluginProcess>> PluginProcess::Start(ProcessOptions options) {
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  State* s = state.get();
  s->thread = std::thread([s] { s->Run(); });
  auto process = std::make_unique<PluginProcess>(std::move(state));
  std::unique_lock lock(s->mutex);
  s->changed.wait(lock, [&] { return s->started.has_value(); });
  if (!s->started->ok()) {
    Error error = s->started->error();
    lock.unlock();
    return error;
  }
  return process;
}

Result<std::string> PluginProcess::FirstLine(Duration limit) {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  bool is_there =
      s.changed.wait_for(lock, limit, [&] { return s.first_line || s.has_no_line_end || s.exit; });
  if (!is_there)
    return Error::Interrupted("it did not introduce itself within {}", HumanDuration(limit));
  if (s.has_no_line_end)
    return Error::Invalid(
        "it did not introduce itself as a plugin does, but printed {} bytes without an end of the "
        "line: is the file a provider, built for this system?",
        s.first.size());
  if (s.first_line) return *s.first_line;
  return Error::Unavailable("it {} before it had introduced itself", ToString(*s.exit));
}

bool PluginProcess::WaitForExit(Duration limit) {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  return s.changed.wait_for(lock, limit, [&] { return s.exit.has_value(); });
}

void PluginProcess::Kill() {
  state_->is_to_die = true;
  state_->set.Wake();
}

int PluginProcess::pid() const { return state_->pid; }

std::string PluginProcess::ending() const {
  std::lock_guard lock(state_->mutex);
  return state_->exit ? ToString(*state_->exit) : std::string();
}

std::vector<std::string> PluginProcess::LastLines() const {
  std::lock_guard lock(state_->mutex);
  const State& s = *state_;
  const std::deque<std::string>& lines = s.complaints.empty() ? s.last_lines : s.complaints;
  std::vector<std::string> messages;
  for (const std::string& line : lines) messages.push_back(ParseLogLine(line).message);
  return messages;
}

void PluginProcess::Hear(std::string_view text) {
  std::vector<std::string> lines;
  {
    std::lock_guard lock(state_->mutex);
    state_->heard.Add(text, [&](std::string line) { lines.push_back(std::move(line)); });
  }
  for (const std::string& line : lines) state_->TakeLine(line);
}

}  // namespace andon::plugin
