#include "io/ssh_tunnel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "io/process.h"

namespace andon::io {
namespace {

// ssh runs this once the port is listened to; so nothing has to be tried again and again.
constexpr std::string_view kReady = "andon-tunnel-is-ready";
constexpr size_t kWordsMax = 16 << 10;
// A port that was free may be taken before ssh has it.
constexpr int kPortsTried = 5;

// A port of this machine that nobody listens on; 0 where there is none.
int FreePort() {
  int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  bool found =
      ::bind(descriptor, generic, length) == 0 && ::getsockname(descriptor, generic, &length) == 0;
  ::close(descriptor);
  return found ? ntohs(address.sin_port) : 0;
}

// ssh expands % in the names of files.
std::string PlainPath(std::string_view path) {
  std::string out;
  for (char c : path) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out;
}

std::vector<std::string> CommandLine(const SshTunnelOptions& options, int port) {
  std::vector<std::string> line = {"ssh", "-N", "-T"};
  auto set = [&](std::string_view name, std::string_view value) {
    line.push_back("-o");
    line.push_back(fmt::format("{}={}", name, value));
  };
  if (!options.config_file.empty()) line.insert(line.end(), {"-F", options.config_file});
  set("BatchMode", "yes");
  set("ExitOnForwardFailure", "yes");
  set("ConnectTimeout",
      std::to_string(std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count()));
  // A bastion that is gone is noticed within a minute.
  set("ServerAliveInterval", "15");
  set("ServerAliveCountMax", "3");
  // A connection of its own, which ends with us.
  set("ControlMaster", "no");
  set("ControlPath", "none");
  set("ForwardAgent", "no");
  set("PermitLocalCommand", "yes");
  set("LocalCommand", fmt::format("echo {}", kReady));
  if (!options.known_hosts_file.empty()) {
    set("UserKnownHostsFile", fmt::format("\"{}\"", PlainPath(options.known_hosts_file)));
    set("StrictHostKeyChecking", options.adds_unknown_host ? "accept-new" : "yes");
  }
  if (!options.key_file.empty()) {
    line.insert(line.end(), {"-i", PlainPath(options.key_file)});
    set("IdentitiesOnly", "yes");
  }
  if (options.port > 0) line.insert(line.end(), {"-p", std::to_string(options.port)});
  if (!options.user.empty()) line.insert(line.end(), {"-l", options.user});
  std::string target = options.target_host;
  if (target.find(':') != std::string::npos) target = "[" + target + "]";
  line.push_back("-L");
  line.push_back(fmt::format("127.0.0.1:{}:{}:{}", port, target, options.target_port));
  line.push_back(options.host);
  return line;
}

struct Cause {
  std::string_view part;  // Of ssh's words.
  ErrorKind kind;
  std::string_view sentence;  // {0}: the bastion, {1}: ssh's words, {2}: the key, {3}: known hosts.
};

// The first that fits.
constexpr Cause kCauses[] = {
    {"IDENTIFICATION HAS CHANGED", ErrorKind::kInvalid,
     "The key of the bastion {0} is not the one that {3} remembers: somebody may stand between. If "
     "it was changed on purpose, remove its line there."},
    {"Host key verification failed", ErrorKind::kInvalid,
     "The key of the bastion {0} is not known. Add it to {3}, as ssh-keyscan prints it, when it is "
     "the right one."},
    {"UNPROTECTED PRIVATE KEY", ErrorKind::kInvalid,
     "The key {2} can be read by others, so ssh does not use it: chmod 600."},
    {"Permission denied", ErrorKind::kInvalid,
     "The bastion {0} does not let us in ({1}). Check the user and the key; a key with a "
     "passphrase "
     "must be in the agent."},
    {"Too many authentication failures", ErrorKind::kInvalid,
     "The bastion {0} does not let us in ({1}). Name the key that it knows."},
    {"Could not resolve hostname", ErrorKind::kUnavailable, "The bastion {0} is not known ({1})."},
    {"Connection refused", ErrorKind::kUnavailable,
     "No ssh server answers at the bastion {0} (connection refused). Check host and port."},
    {"timed out", ErrorKind::kUnavailable, "The bastion {0} does not answer ({1})."},
    {"No route to host", ErrorKind::kUnavailable, "The bastion {0} cannot be reached ({1})."},
    {"Bad configuration option", ErrorKind::kInvalid, "ssh is too old or misconfigured ({1})."},
};

std::string_view LastLine(std::string_view words) {
  words = Trim(words);
  size_t start = words.rfind('\n');
  return Trim(start == std::string_view::npos ? words : words.substr(start + 1));
}

}  // namespace

struct SshTunnel::State {
  // The thread that started ssh stays as long as the tunnel: the kernel ends ssh with it.
  void Run(Command command, std::stop_token end) {
    Result<ProcessId> started = set.Start(command);
    std::unique_lock lock(mutex);
    if (!started.ok()) {
      failure = started.error();
      has_ended = true;
      changed.notify_all();
      return;
    }
    while (!end.stop_requested() && !has_ended) {
      lock.unlock();
      Result<std::vector<ProcessEvent>> events = set.Wait(Duration(-1));
      lock.lock();
      if (!events.ok()) {
        failure = events.error();
        has_ended = true;
      } else {
        for (const ProcessEvent& event : *events) Take(event);
      }
      changed.notify_all();
    }
    lock.unlock();
    set.KillAll();
  }

  // Guarded by mutex.
  void Take(const ProcessEvent& event) {
    if (event.kind == ProcessEvent::kStdout) {
      out += event.bytes.substr(0, kWordsMax);
      is_ready = is_ready || out.find(kReady) != std::string::npos;
    } else if (event.kind == ProcessEvent::kStderr) {
      words += event.bytes;
      if (words.size() > kWordsMax) words.erase(0, words.size() - kWordsMax);
    } else {
      has_ended = true;
      status = event.status;
    }
  }

  int port = 0;
  mutable std::mutex mutex;
  mutable std::condition_variable_any changed;
  // Guarded by mutex.
  std::string out, words;
  bool is_ready = false, has_ended = false;
  ExitStatus status;
  std::optional<Error> failure;

  ProcessSet set;       // Used by the thread alone, but for Wake.
  std::jthread thread;  // Last: joined before the rest goes.
};

SshTunnel::SshTunnel(Key, std::unique_ptr<State> state) : state_(std::move(state)) {}

SshTunnel::~SshTunnel() {
  state_->thread.request_stop();
  state_->set.Wake();
}

int SshTunnel::local_port() const { return state_->port; }

bool SshTunnel::is_open() const {
  std::lock_guard lock(state_->mutex);
  return state_->is_ready && !state_->has_ended;
}

std::string SshTunnel::LastWords() const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, std::chrono::seconds(1),
                           [&] { return !state_->words.empty() || state_->has_ended; });
  return std::string(LastLine(state_->words));
}

namespace {

Error Explain(const SshTunnelOptions& options, const std::string& words, const ExitStatus& status) {
  std::string known =
      options.known_hosts_file.empty() ? "~/.ssh/known_hosts" : options.known_hosts_file;
  std::string last(LastLine(words));
  for (const Cause& cause : kCauses) {
    if (words.find(cause.part) == std::string::npos) continue;
    return {cause.kind,
            fmt::format(fmt::runtime(cause.sentence), options.host, last, options.key_file, known)};
  }
  return Error::Unavailable("There is no tunnel through the bastion {}: ssh {}{}.", options.host,
                            ToString(status), last.empty() ? "" : " (" + last + ")");
}

}  // namespace

Result<std::unique_ptr<SshTunnel>> OpenSshTunnel(const SshTunnelOptions& options,
                                                 std::stop_token stop) {
  // ssh would take them for an option.
  for (const std::string& name : {options.host, options.target_host}) {
    if (name.empty() || name.starts_with("-"))
      return Error::Invalid("\"{}\" is no name of a host for an SSH tunnel.", name);
  }
  for (int tried = 1;; tried++) {
    auto state = std::make_unique<SshTunnel::State>();
    SshTunnel::State& s = *state;
    s.port = FreePort();
    if (s.port == 0) return Error::Io("There is no free port for an SSH tunnel.");
    Command command{.argv = CommandLine(options, s.port), .die_with_parent = true};
    s.thread = std::jthread([&s, command](std::stop_token end) { s.Run(command, end); });
    auto tunnel = std::make_unique<SshTunnel>(SshTunnel::Key(), std::move(state));
    std::unique_lock lock(s.mutex);
    // Twice: the bastion may take its time to answer, and again to let us in.
    s.changed.wait_for(lock, stop, 2 * options.connect_timeout,
                       [&] { return s.is_ready || s.has_ended; });
    if (s.is_ready && !s.has_ended) {
      lock.unlock();
      return tunnel;
    }
    if (stop.stop_requested()) return Error::Interrupted("The SSH tunnel was stopped.");
    if (s.failure && s.failure->kind == ErrorKind::kNotFound) {
      return Error::NotFound(
          "The program ssh is not there, which a tunnel needs: install an OpenSSH client.");
    }
    if (s.failure) return *s.failure;
    if (!s.has_ended)
      return Error::Unavailable("The bastion {} does not let us in in time.", options.host);
    bool is_taken = s.words.find("Address already in use") != std::string::npos;
    if (!is_taken || tried == kPortsTried) return Explain(options, s.words, s.status);
  }
}

}  // namespace andon::io
