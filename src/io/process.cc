#include "io/process.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "io/local_file_system.h"
#include "io/path.h"

namespace andon::io {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// One read of a pipe that is full; the kernel's default capacity.
constexpr size_t kChunk = 64 << 10;

std::string Reason(int number) {
  char text[256];
  return strerror_r(number, text, sizeof text);
}

// Owns a descriptor. Those below 3 are moved up, so that the child can lay its
// standard streams over 0, 1 and 2 in any order.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {
    if (fd >= 0 && fd < 3) {
      fd_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
      ::close(fd);
    }
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { Reset(); }

  void Reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read, write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error::Io("cannot make a pipe: {}", Reason(errno));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// The whole input lies in memory that the child reads as a file: nothing has to
// be fed to it, and it can neither block us nor be cut short.
Result<Descriptor> MakeInput(const std::string& input) {
  if (input.empty()) {
    Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null) return Error::Io("cannot open /dev/null: {}", Reason(errno));
    return null;
  }
  Descriptor memory(::memfd_create("stdin", MFD_CLOEXEC));
  if (!memory) return Error::Io("cannot make the input of a process: {}", Reason(errno));
  for (std::string_view left = input; !left.empty();) {
    ssize_t n = ::write(memory.get(), left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error::Io("cannot make the input of a process: {}", Reason(errno));
    left.remove_prefix(n);
  }
  ::lseek(memory.get(), 0, SEEK_SET);
  return memory;
}

bool IsExecutableFile(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

// Looked up before the fork: between fork and exec nothing may allocate.
Result<std::string> FindProgram(const std::string& name, const std::string& search) {
  if (name.find('/') != std::string::npos) return name;
  for (const std::string& dir : Split(search, ':')) {
    std::string path = Join(dir.empty() ? "." : dir, name);
    if (IsExecutableFile(path)) return path;
  }
  return Error::NotFound("cannot start {}: there is no such program in PATH ({})", name, search);
}

std::vector<std::string> Environment(const Command& command) {
  std::map<std::string, std::string> merged;
  if (!command.clean_env) {
    for (char** entry = environ; entry && *entry; ++entry) {
      std::string_view text = *entry;
      size_t equals = text.find('=');
      if (equals == std::string_view::npos) continue;
      merged.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  for (const auto& [name, value] : command.env) merged[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : merged) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (auto& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs, made before the fork.
struct Launch {
  const char* program;
  char* const* argv;
  char* const* envp;
  const char* cwd;  // Null: that of the parent.
  int in, out, err;
  int failure;  // Receives what could not be done, and its errno.
  pid_t parent;
  bool die_with_parent;
  int64_t memory_max;
};

enum class Step : int { kCwd, kStreams, kExec };
struct Failure {
  Step step;
  int number;
};

// Runs between fork and exec: only async-signal-safe calls.
[[noreturn]] void Become(const Launch& launch) {
  auto fail = [&](Step step) {
    Failure failure{step, errno};
    (void)!::write(launch.failure, &failure, sizeof failure);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  if (launch.die_with_parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launch.parent) ::_exit(127);  // It was gone before we asked.
  }
  for (int signal = 1; signal < 32; ++signal) ::signal(signal, SIG_DFL);
  if (launch.cwd && ::chdir(launch.cwd) != 0) fail(Step::kCwd);
  if (::dup2(launch.in, 0) < 0 || ::dup2(launch.out, 1) < 0 ||
      (launch.err >= 0 && ::dup2(launch.err, 2) < 0)) {
    fail(Step::kStreams);
  }
  // For descriptors that a library opened without O_CLOEXEC.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (launch.memory_max > 0) {
    rlimit limit{static_cast<rlim_t>(launch.memory_max), static_cast<rlim_t>(launch.memory_max)};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(launch.program, launch.argv, launch.envp);
  fail(Step::kExec);
  ::_exit(127);
}

Error StartError(const Failure& failure, const Command& command, const std::string& program) {
  if (failure.step == Step::kCwd) {
    return Error::NotFound("cannot start {} in the folder {}: {}", command.argv[0], command.cwd,
                           Reason(failure.number));
  }
  if (failure.number == ENOENT || failure.number == ENOTDIR) {
    return Error::NotFound("cannot start {}: there is no such program", program);
  }
  return Error::Io("cannot start {}: {}", program, Reason(failure.number));
}

ExitStatus ToStatus(const siginfo_t& info) {
  ExitStatus status;
  if (info.si_code == CLD_EXITED) {
    status.code = info.si_status;
  } else {
    status.signal = info.si_status;
  }
  return status;
}

void SignalGroup(pid_t pid, int signal) {
  ::kill(-pid, signal);
  // A stopped process does not act on SIGTERM before it goes on.
  if (signal == SIGTERM) ::kill(-pid, SIGCONT);
}

}  // namespace

std::string ToString(const ExitStatus& status) {
  if (status.timed_out) return "ran past its time limit";
  if (status.signal) {
    const char* name = ::sigdescr_np(status.signal);
    return fmt::format("was killed by signal {} ({})", status.signal, name ? name : "unknown");
  }
  return fmt::format("exited with code {}", status.code);
}

struct ProcessSet::State {
  enum Source : uint64_t { kWake = 0, kPidfd = 1, kOut = 2, kErr = 3 };

  struct Child {
    pid_t pid = 0;
    Descriptor pidfd, out, err;
    std::optional<SteadyTime> limit;    // When to send SIGTERM.
    std::optional<SteadyTime> kill_at;  // When to send SIGKILL.
    Duration grace{0};
    bool timed_out = false;
  };

  Descriptor epoll{::epoll_create1(EPOLL_CLOEXEC)};
  Descriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  ProcessId next_id = 1;
  std::map<ProcessId, Child> children;

  State() { Watch(wake.get(), 0, kWake); }

  void Watch(int fd, ProcessId id, Source source) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<uint64_t>(id) << 2 | source;
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
  }

  Result<Child> Spawn(const Command& command);
  int MillisToWait(Duration timeout, SteadyTime begin) const;
  void EnforceLimits();
  bool ReadSome(Descriptor& fd, ProcessId id, ProcessEvent::Kind kind,
                std::vector<ProcessEvent>& events);
  void Reap(ProcessId id, Child& child, std::vector<ProcessEvent>& events);
};

Result<ProcessSet::State::Child> ProcessSet::State::Spawn(const Command& command) {
  if (command.argv.empty()) return Error::Invalid("cannot start a process without a name");
  std::vector<std::string> env = Environment(command);
  std::string search = "/usr/local/bin:/usr/bin:/bin";
  for (const auto& line : env) {
    if (line.starts_with("PATH=")) search = line.substr(5);
  }
  std::string program = TRY(FindProgram(command.argv[0], search));
  std::vector<std::string> argv = command.argv;
  auto argv_pointers = Pointers(argv);
  auto env_pointers = Pointers(env);

  Descriptor in = TRY(MakeInput(command.input));
  Pipe out = TRY(MakePipe());
  Pipe err;
  if (command.discard_stderr) {
    err.write = Descriptor(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  } else if (!command.inherit_stderr) {
    err = TRY(MakePipe());
  }
  Pipe failure = TRY(MakePipe());

  Launch launch{program.c_str(),
                argv_pointers.data(),
                env_pointers.data(),
                command.cwd.empty() ? nullptr : command.cwd.c_str(),
                in.get(),
                out.write.get(),
                err.write.get(),
                failure.write.get(),
                ::getpid(),
                command.die_with_parent,
                command.memory_max};

  // No handler of ours may run in the child before it has taken them all away.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = ::fork();
  if (pid == 0) Become(launch);
  int fork_errno = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return Error::Io("cannot start {}: {}", program, Reason(fork_errno));

  // The child does the same; whoever comes first, the group exists from here on.
  ::setpgid(pid, pid);
  failure.write.Reset();
  Failure told;
  ssize_t n;
  while ((n = ::read(failure.read.get(), &told, sizeof told)) < 0 && errno == EINTR) {
  }
  if (n == sizeof told) {
    ::waitpid(pid, nullptr, 0);
    return StartError(told, command, program);
  }

  Child child;
  child.pid = pid;
  // By number: the C library's own declaration cannot be linked from C++ (glibc 2.36).
  child.pidfd = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!child.pidfd) {
    int number = errno;
    SignalGroup(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return Error::Io("cannot watch {}: {}", program, Reason(number));
  }
  child.out = std::move(out.read);
  child.err = std::move(err.read);
  for (const Descriptor* fd : {&child.out, &child.err}) {
    if (*fd) ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
  }
  child.grace = command.grace;
  if (command.time_limit.count() > 0) {
    child.limit = std::chrono::steady_clock::now() + command.time_limit;
  }
  return child;
}

ProcessSet::ProcessSet() : state_(std::make_unique<State>()) {}

ProcessSet::~ProcessSet() {
  KillAll();
  for (auto& [id, child] : state_->children) {
    while (::waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

Result<ProcessId> ProcessSet::Start(const Command& command) {
  auto child = TRY(state_->Spawn(command));
  ProcessId id = state_->next_id++;
  state_->Watch(child.pidfd.get(), id, State::kPidfd);
  state_->Watch(child.out.get(), id, State::kOut);
  if (child.err) state_->Watch(child.err.get(), id, State::kErr);
  state_->children.emplace(id, std::move(child));
  return id;
}

// How long epoll may sleep: until `timeout` after `begin` or the next limit. -1: for ever.
int ProcessSet::State::MillisToWait(Duration timeout, SteadyTime begin) const {
  std::optional<SteadyTime> until;
  if (timeout.count() >= 0) until = begin + timeout;
  for (const auto& [id, child] : children) {
    for (const auto& at : {child.limit, child.kill_at}) {
      if (at && (!until || *at < *until)) until = at;
    }
  }
  if (!until) return -1;
  auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30));
}

void ProcessSet::State::EnforceLimits() {
  auto now = std::chrono::steady_clock::now();
  for (auto& [id, child] : children) {
    if (child.limit && now >= *child.limit) {
      child.limit.reset();
      child.timed_out = true;
      child.kill_at = now + child.grace;
      SignalGroup(child.pid, SIGTERM);
    }
    if (child.kill_at && now >= *child.kill_at) {
      child.kill_at.reset();
      SignalGroup(child.pid, SIGKILL);
    }
  }
}

// False at the end of the stream, which is closed then, or when nothing is there.
bool ProcessSet::State::ReadSome(Descriptor& fd, ProcessId id, ProcessEvent::Kind kind,
                                 std::vector<ProcessEvent>& events) {
  if (!fd) return false;
  std::string bytes(kChunk, '\0');
  ssize_t n;
  while ((n = ::read(fd.get(), bytes.data(), bytes.size())) < 0 && errno == EINTR) {
  }
  if (n < 0 && errno == EAGAIN) return false;
  if (n <= 0) {
    fd.Reset();
    return false;
  }
  bytes.resize(n);
  events.push_back({id, kind, std::move(bytes), {}});
  return true;
}

// The leader has ended. What it left behind in its group ends with it: first, while
// the leader is a zombie, so that the group's number cannot belong to others.
void ProcessSet::State::Reap(ProcessId id, Child& child, std::vector<ProcessEvent>& events) {
  siginfo_t info{};
  if (::waitid(P_PIDFD, child.pidfd.get(), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0) {
    return;
  }
  SignalGroup(child.pid, SIGKILL);
  ::waitid(P_PIDFD, child.pidfd.get(), &info, WEXITED);
  while (ReadSome(child.out, id, ProcessEvent::kStdout, events)) {
  }
  while (ReadSome(child.err, id, ProcessEvent::kStderr, events)) {
  }
  ExitStatus status = ToStatus(info);
  status.timed_out = child.timed_out;
  events.push_back({id, ProcessEvent::kExited, {}, status});
  children.erase(id);
}

Result<std::vector<ProcessEvent>> ProcessSet::Wait(Duration timeout) {
  State& state = *state_;
  std::vector<ProcessEvent> events;
  if (state.children.empty()) return events;
  auto begin = std::chrono::steady_clock::now();
  for (;;) {
    epoll_event ready[64];
    int n = ::epoll_wait(state.epoll.get(), ready, 64, state.MillisToWait(timeout, begin));
    if (n < 0 && errno != EINTR) {
      return Error::Io("cannot wait for processes: {}", Reason(errno));
    }
    bool woken = n < 0;  // By a signal: the caller may want to look why.
    for (int i = 0; i < n; ++i) {
      auto source = static_cast<State::Source>(ready[i].data.u64 & 3);
      ProcessId id = static_cast<ProcessId>(ready[i].data.u64 >> 2);
      if (source == State::kWake) {
        uint64_t count;
        (void)!::read(state.wake.get(), &count, sizeof count);
        woken = true;
        continue;
      }
      auto child = state.children.find(id);
      if (child == state.children.end()) continue;  // Reaped earlier in this turn.
      if (source == State::kOut) {
        state.ReadSome(child->second.out, id, ProcessEvent::kStdout, events);
      } else if (source == State::kErr) {
        state.ReadSome(child->second.err, id, ProcessEvent::kStderr, events);
      } else {
        state.Reap(id, child->second, events);
      }
    }
    state.EnforceLimits();
    if (!events.empty() || woken) return events;
    if (timeout.count() >= 0 && std::chrono::steady_clock::now() - begin >= timeout) return events;
  }
}

void ProcessSet::Wake() {
  uint64_t one = 1;
  (void)!::write(state_->wake.get(), &one, sizeof one);
}

void ProcessSet::Terminate(ProcessId id) {
  auto child = state_->children.find(id);
  if (child != state_->children.end()) SignalGroup(child->second.pid, SIGTERM);
}

void ProcessSet::Kill(ProcessId id) {
  auto child = state_->children.find(id);
  if (child != state_->children.end()) SignalGroup(child->second.pid, SIGKILL);
}

void ProcessSet::KillAll() {
  for (auto& [id, child] : state_->children) SignalGroup(child.pid, SIGKILL);
}

size_t ProcessSet::running() const { return state_->children.size(); }

int ProcessSet::Pid(ProcessId id) const {
  auto child = state_->children.find(id);
  return child == state_->children.end() ? 0 : child->second.pid;
}

Result<Finished> Run(const Command& command, std::stop_token stop,
                     const std::function<void(bool, std::string_view)>& on_output) {
  ProcessSet set;
  auto id = TRY(set.Start(command));
  std::stop_callback on_stop(stop, [&] { set.Wake(); });
  Finished finished;
  auto keep = [&](bool is_stderr, const std::string& bytes) {
    if (on_output) return on_output(is_stderr, bytes);
    std::string& to = is_stderr ? finished.err : finished.out;
    size_t room = kCaptureMax - to.size();
    if (bytes.size() > room) finished.truncated = true;
    to.append(bytes, 0, room);
  };
  for (;;) {
    if (stop.stop_requested()) {
      set.Kill(id);
      return Error::Interrupted("{} was stopped", command.argv[0]);
    }
    auto events = TRY(set.Wait(Duration{-1}));
    for (const ProcessEvent& event : events) {
      if (event.kind == ProcessEvent::kExited) {
        finished.status = event.status;
        return finished;
      }
      keep(event.kind == ProcessEvent::kStderr, event.bytes);
    }
  }
}

std::string SelfExecutable() {
  auto path = RealPath("/proc/self/exe");
  return path.ok() ? *path : "/proc/self/exe";
}

std::string HostName() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
  return name;
}

std::string UserName() {
  passwd entry;
  passwd* found = nullptr;
  char buffer[4096];
  if (::getpwuid_r(::geteuid(), &entry, buffer, sizeof buffer, &found) == 0 && found) {
    return found->pw_name;
  }
  return fmt::format("uid {}", ::geteuid());
}

int64_t ProcessStart(int pid) {
  if (pid <= 0) return 0;
  auto text = LocalFileSystem().Read(fmt::format("/proc/{}/stat", pid));
  if (!text.ok()) return 0;
  // "pid (name) state …": the name may hold anything, so begin behind its last ')'.
  size_t close = text->rfind(')');
  if (close == std::string::npos) return 0;
  auto fields = Split(Trim(std::string_view(*text).substr(close + 1)), ' ');
  constexpr size_t kState = 0, kStartTime = 19;
  if (fields.size() <= kStartTime) return 0;
  if (fields[kState] == "Z" || fields[kState] == "X") return 0;  // Ended, not yet collected.
  return std::strtoll(fields[kStartTime].c_str(), nullptr, 10);
}

bool WaitForExit(int pid, Duration timeout) {
  Descriptor pidfd(pid > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1);
  if (pid > 0 && !pidfd && errno == ESRCH) return true;
  pollfd watched{pidfd.get(), POLLIN, 0};  // A negative descriptor is passed over.
  auto millis = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  return ::poll(&watched, 1, static_cast<int>(std::clamp<int64_t>(millis, 0, 1 << 30))) > 0;
}

bool IsProcessAlive(int pid, int64_t start) {
  int64_t now = ProcessStart(pid);
  return now != 0 && (start == 0 || now == start);
}

}  // namespace andon::io
