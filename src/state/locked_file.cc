#include "state/locked_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "io/process.h"

namespace andon::state {
namespace {

// A lock tells nobody when it becomes free: whoever waits asks again, less and less often.
constexpr Duration kAskAgainMin = std::chrono::milliseconds(20);
constexpr Duration kAskAgainMax = std::chrono::seconds(1);

Error FromErrno(std::string_view action, const std::string& path) {
  return Error::Io("cannot {} {}: {}", action, path, std::strerror(errno));
}

bool TryLock(int fd) {
  struct flock all = {};
  all.l_type = F_WRLCK;
  all.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &all) == 0;
}

// Whether the path still leads to what is open.
bool IsSameFile(int fd, const std::string& path) {
  struct stat open_file, named;
  return ::fstat(fd, &open_file) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

Result<void> WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno("write", path);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Result<void> Sync(int fd, const std::string& path) {
  if (::fsync(fd) != 0) return FromErrno("make durable", path);
  return {};
}

std::string HeldMessage(const std::string& path) {
  std::string message = "resource temporarily unavailable";
  auto text = io::LocalFileSystem().Read(LockInfoPath(path));
  auto info = text.ok() ? LockInfoFromText(*text) : Result<LockInfo>(text.error());
  if (!info.ok()) {
    return message + fmt::format("; {} is locked, and its holder has not said who it is", path);
  }
  return message + "\n" + ToString(*info);
}

Result<int> OpenStateFile(const std::string& path, bool& created) {
  int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    TRY(io::LocalFileSystem().MakeDirs(io::Dirname(path)));
    fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    created = true;
  }
  if (fd < 0) return FromErrno("open", path);
  return fd;
}

Result<void> WriteLockInfo(const std::string& state_path, LockInfo info) {
  info.path = state_path;
  std::string path = LockInfoPath(state_path);
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return FromErrno("write the lock's holder to", path);
  auto written = WriteAll(fd, LockInfoText(info), path);
  ::close(fd);
  return written;
}

// Writes the content of one open file over that of another, which nobody else may read.
Result<void> CopyContent(int from, int to, const std::string& path) {
  char buffer[64 << 10];
  off_t at = 0;
  for (;;) {
    ssize_t n = ::pread(from, buffer, sizeof buffer, at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno("read", path);
    if (n == 0) break;
    if (::pwrite(to, buffer, static_cast<size_t>(n), at) != n) return FromErrno("write", path);
    at += n;
  }
  if (::ftruncate(to, at) != 0) return FromErrno("write", path);
  return Sync(to, path);
}

}  // namespace

LockInfo NewLockInfo(std::string operation, std::string version, const Clock& clock) {
  LockInfo info;
  info.id = RandomUuid();
  info.operation = std::move(operation);
  info.who = fmt::format("{}@{}", io::UserName(), io::HostName());
  info.version = std::move(version);
  info.created = clock.Now();
  return info;
}

std::string LockInfoText(const LockInfo& info) {
  return Json::Object({{"ID", info.id},
                       {"Operation", info.operation},
                       {"Info", info.info},
                       {"Who", info.who},
                       {"Version", info.version},
                       {"Created", ToRfc3339(info.created)},
                       {"Path", info.path}})
      .Dump();
}

Result<LockInfo> LockInfoFromText(std::string_view text) {
  Json json = TRY(Json::Parse(text));
  LockInfo info;
  info.id = json["ID"].AsString();
  info.operation = json["Operation"].AsString();
  info.info = json["Info"].AsString();
  info.who = json["Who"].AsString();
  info.version = json["Version"].AsString();
  info.path = json["Path"].AsString();
  auto created = ParseTimestamp(json["Created"].AsString());
  if (created.ok()) info.created = *created;
  return info;
}

std::string ToString(const LockInfo& info) {
  return fmt::format(
      "Lock Info:\n"
      "  ID:        {}\n"
      "  Path:      {}\n"
      "  Operation: {}\n"
      "  Who:       {}\n"
      "  Version:   {}\n"
      "  Created:   {}\n"
      "  Info:      {}\n",
      info.id, info.path, info.operation, info.who, info.version, ToRfc3339(info.created),
      info.info);
}

std::string HiddenPath(const std::string& state_path, std::string_view kind) {
  std::string name = io::Basename(state_path);
  if (name.starts_with('.')) name.erase(0, 1);
  name = fmt::format(".{}.{}", name, kind);
  bool is_here = state_path.find('/') == std::string::npos;
  return is_here ? name : io::Join(io::Dirname(state_path), name);
}

std::string LockInfoPath(const std::string& state_path) {
  return HiddenPath(state_path, "lock.info");
}

Result<LockedFile> LockedFile::Acquire(const std::string& path, LockInfo info, Duration timeout) {
  auto end = std::chrono::steady_clock::now() + timeout;
  Duration pause = kAskAgainMin;
  LockedFile file(path);
  for (;;) {
    int fd = TRY(OpenStateFile(path, file.created_));
    file.descriptors_.push_back(fd);
    // Between the opening and the locking its holder may have replaced the file.
    if (TryLock(fd)) {
      if (IsSameFile(fd, path)) break;
    } else if (errno != EACCES && errno != EAGAIN) {
      return FromErrno("lock", path);
    } else {
      file.created_ = false;
      if (std::chrono::steady_clock::now() >= end) return Error::Held("{}", HeldMessage(path));
      (void)io::WaitForExit(0, pause);
      pause = std::min(pause * 2, kAskAgainMax);
    }
    ::close(fd);
    file.descriptors_.clear();
  }
  file.is_locked_ = true;
  TRY(WriteLockInfo(path, std::move(info)));
  return file;
}

LockedFile LockedFile::WithoutLock(const std::string& path) { return LockedFile(path); }

LockedFile::LockedFile(LockedFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptors_(std::exchange(other.descriptors_, {})),
      is_locked_(std::exchange(other.is_locked_, false)),
      created_(std::exchange(other.created_, false)) {}

LockedFile& LockedFile::operator=(LockedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptors_, other.descriptors_);
  std::swap(is_locked_, other.is_locked_);
  std::swap(created_, other.created_);
  return *this;
}

LockedFile::~LockedFile() { (void)Release(); }

Result<void> LockedFile::Replace(const std::function<Result<void>(const Sink&)>& write) {
  TRY(io::LocalFileSystem().MakeDirs(io::Dirname(path_)));
  std::string temporary = HiddenPath(path_, "new");
  int fd = ::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return FromErrno("write", temporary);
  auto all = [&]() -> Result<void> {
    // The rights of the state stay as somebody set them.
    struct stat old;
    bool had_rights = ::stat(path_.c_str(), &old) == 0;
    if (had_rights && ::fchmod(fd, old.st_mode & 07777) != 0) return FromErrno("write", temporary);
    TRY(write([&](std::string_view piece) { return WriteAll(fd, piece, temporary); }));
    TRY(Sync(fd, temporary));
    // Locked before it has its name, so that there is no moment without a lock.
    if (is_locked_ && !TryLock(fd)) return FromErrno("lock", temporary);
    if (is_locked_ && descriptors_.size() == 1) {
      // Under another name for Release; a file system without links goes without.
      std::string held = HiddenPath(path_, "held");
      ::unlink(held.c_str());
      (void)!::link(path_.c_str(), held.c_str());
    }
    if (::rename(temporary.c_str(), path_.c_str()) != 0) return FromErrno("write", path_);
    return {};
  };
  auto done = all();
  if (!done.ok()) {
    ::close(fd);
    ::unlink(temporary.c_str());
    return done;
  }
  // The first one stays for Release; those between are nobody's.
  while (descriptors_.size() > 1) {
    ::close(descriptors_.back());
    descriptors_.pop_back();
  }
  if (is_locked_) {
    descriptors_.push_back(fd);
  } else {
    ::close(fd);
  }
  created_ = false;
  int dir = ::open(io::Dirname(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return FromErrno("make durable", path_);
  auto synced = Sync(dir, path_);
  ::close(dir);
  return synced;
}

Result<void> LockedFile::Release() {
  if (!is_locked_) return {};
  is_locked_ = false;
  Result<void> result;
  std::string held = HiddenPath(path_, "held");
  if (descriptors_.size() > 1 && IsSameFile(descriptors_.front(), held)) {
    // Both have the same content then, so it does not matter which of them a crash leaves.
    result = CopyContent(descriptors_.back(), descriptors_.front(), path_);
    if (result.ok() && ::rename(held.c_str(), path_.c_str()) != 0) {
      result = FromErrno("write", path_);
    }
  }
  ::unlink(held.c_str());
  struct stat st;
  if (created_ && ::fstat(descriptors_.front(), &st) == 0 && st.st_size == 0 &&
      IsSameFile(descriptors_.front(), path_)) {
    ::unlink(path_.c_str());
  }
  ::unlink(LockInfoPath(path_).c_str());
  for (int fd : std::exchange(descriptors_, {})) ::close(fd);
  return result;
}

Result<void> ForceUnlock(const std::string& path, const std::string& id) {
  std::string info_path = LockInfoPath(path);
  auto text = io::LocalFileSystem().Read(info_path);
  if (!text.ok()) return Error::NotFound("{} is not locked.", path);
  LockInfo info = TRY(LockInfoFromText(*text));
  if (info.id != id) {
    return Error::Invalid("invalid lock id: \"{}\". current id: \"{}\"\n{}", id, info.id,
                          ToString(info));
  }
  int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  bool is_free = fd < 0 || TryLock(fd);
  if (is_free) ::unlink(info_path.c_str());
  if (fd >= 0) ::close(fd);
  if (!is_free) {
    return Error::Held(
        "Local state cannot be unlocked by another process: end the one that holds it.\n{}",
        ToString(info));
  }
  return {};
}

}  // namespace andon::state
