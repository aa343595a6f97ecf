#include "io/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <utility>

#include "base/json.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "io/process.h"

namespace andon::io {
namespace {

// flock has no time limit of its own, so a waiter asks again: when the holder ends,
// or else after so long, in case that it freed the lock and lives on.
constexpr auto kAskAgain = std::chrono::milliseconds(50);

Json ToJson(const LockHolder& holder) {
  return Json::Object({{"pid", holder.pid},
                       {"host", holder.host},
                       {"command", holder.command},
                       {"since", ToRfc3339(holder.since)}});
}

// Null between the taking of the lock and the writing of its holder.
Json ReadHolder(const std::string& path) {
  auto text = LocalFileSystem().Read(path);
  if (!text.ok()) return {};
  auto json = Json::Parse(*text);
  return json.ok() ? *json : Json();
}

std::string Describe(const Json& holder) {
  if (!holder.is_object()) return "another process";
  return fmt::format("\"{}\" (process {} on {}, since {})", holder["command"].AsString(),
                     holder["pid"].AsInteger(), holder["host"].AsString(),
                     holder["since"].AsString());
}

// Until the holder's process ends, or it may have freed the lock without ending.
void WaitForHolder(const Json& holder) {
  int pid = static_cast<int>(holder["pid"].AsInteger());
  // Of one that has ended a child may still have the lock: its end is no news then.
  bool is_seen = holder["host"].AsString() == HostName() && IsProcessAlive(pid);
  (void)WaitForExit(is_seen ? pid : 0, kAskAgain);
}

}  // namespace

Result<FileLock> FileLock::Acquire(const std::string& path, const LockHolder& holder,
                                   Duration timeout) {
  LocalFileSystem files;
  TRY(files.MakeDirs(Dirname(path)));
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) {
    return Error::Io("cannot open the lock {}: {}", path, std::strerror(errno));
  }
  FileLock lock(fd);
  auto end = std::chrono::steady_clock::now() + timeout;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      return Error::Io("cannot lock {}: {}", path, std::strerror(errno));
    }
    Json present = ReadHolder(path);
    if (std::chrono::steady_clock::now() >= end) {
      return Error::Held("{} is locked by {}; wait until it has ended, or end it", path,
                         Describe(present));
    }
    WaitForHolder(present);
  }
  std::string text = ToJson(holder).Dump() + "\n";
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return Error::Io("cannot write the lock {}: {}", path, std::strerror(errno));
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  // Empty, so that nobody reads of a holder who is gone; then closing frees it.
  (void)!::ftruncate(fd_, 0);
  ::close(fd_);
}

LockHolder ThisHolder(std::string command, const Clock& clock) {
  return {::getpid(), HostName(), std::move(command), clock.Now()};
}

}  // namespace andon::io
