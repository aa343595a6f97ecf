#include "io/local_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "io/path.h"

namespace andon::io {
namespace {

// An fsync waits for the device, not for a processor, so more of them at once than
// processors pay; beyond eight the device's queue gains nothing measurable.
constexpr size_t kSyncThreadsMax = 8;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // The close whose error matters: some file systems tell of a full disk only here.
  int Close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

std::string Reason(int number) {
  char text[256];
  return strerror_r(number, text, sizeof text);
}

Error FromErrno(int number, std::string_view verb, const std::string& path) {
  switch (number) {
    case ENOENT:
      return Error::NotFound("cannot {} {}: there is no such file or folder", verb, path);
    case ENOTDIR:
      return Error::NotFound("cannot {} {}: a part of the path is a file, not a folder", verb,
                             path);
    case EEXIST:
      return Error::Conflict("cannot {} {}: it exists already", verb, path);
    case ENOSPC:
    case EDQUOT:
      return Error::Io(
          "cannot {} {}: no space left on device; free space and run again; nothing was changed",
          verb, path);
    case EACCES:
    case EPERM:
      return Error::Io("cannot {} {}: permission denied; give user id {} the right to", verb, path,
                       ::geteuid());
    case EROFS:
      return Error::Io("cannot {} {}: the file system is read-only", verb, path);
    case EMFILE:
    case ENFILE:
      return Error::Io("cannot {} {}: too many open files; raise the limit (ulimit -n)", verb,
                       path);
    case ENAMETOOLONG:
      return Error::Invalid("cannot {} {}: the name is too long", verb, path);
    case EISDIR:
      return Error::Invalid("cannot {} {}: it is a folder", verb, path);
    default:
      return Error::Io("cannot {} {}: {}", verb, path, Reason(number));
  }
}

int OpenRetrying(const std::string& path, int flags, mode_t mode = 0666) {
  for (;;) {
    int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EINTR) return fd;
  }
}

// 0, or the errno.
int WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(n);
  }
  return 0;
}

int SyncDescriptor(int fd) {
  for (;;) {
    if (::fsync(fd) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

Result<void> SyncOne(const std::string& path, bool is_dir) {
  Descriptor fd(OpenRetrying(path, O_RDONLY | (is_dir ? O_DIRECTORY : 0)));
  if (!fd) return FromErrno(errno, "sync", path);
  int error = SyncDescriptor(fd.get());
  // Some file systems have no fsync of folders; their renames are ordered anyway.
  if (error == EINVAL && is_dir) return {};
  if (error) return FromErrno(error, "sync", path);
  return {};
}

Timestamp ToTimestamp(const timespec& t) {
  return Timestamp(std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_nsec / 1000));
}

FileInfo ToInfo(std::string name, const struct stat& st) {
  bool is_dir = S_ISDIR(st.st_mode);
  return {std::move(name), is_dir ? 0 : static_cast<int64_t>(st.st_size), ToTimestamp(st.st_mtim),
          is_dir};
}

// Beside the target, so that the rename stays within one file system; hidden, and
// never the same for two writers.
std::string TemporaryName(const std::string& path) {
  static std::atomic<uint64_t> counter{0};
  return Join(Dirname(path), fmt::format(".{}.{}.{}.tmp", Basename(path), ::getpid(), ++counter));
}

// Creates `path` and fills it; what was begun is removed on failure.
Result<void> CreateFile(const std::string& path, std::string_view bytes, bool sync,
                        const std::string& named) {
  Descriptor fd(OpenRetrying(path, O_WRONLY | O_CREAT | O_EXCL));
  if (!fd) return FromErrno(errno, "write", named);
  int error = WriteAll(fd.get(), bytes);
  if (!error && sync) error = SyncDescriptor(fd.get());
  if (fd.Close() != 0 && !error && errno != EINTR) error = errno;
  if (error) {
    ::unlink(path.c_str());
    return FromErrno(error, "write", named);
  }
  return {};
}

Result<void> RemoveTree(const std::string& path) {
  struct stat st;
  if (::lstat(path.c_str(), &st) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return FromErrno(errno, "remove", path);
  }
  if (!S_ISDIR(st.st_mode)) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FromErrno(errno, "remove", path);
    return {};
  }
  std::vector<std::string> names;
  {
    DIR* dir = ::opendir(path.c_str());
    if (!dir) return FromErrno(errno, "remove", path);
    while (dirent* entry = ::readdir(dir)) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(dir);
  }
  for (const std::string& name : names) TRY(RemoveTree(Join(path, name)));
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return FromErrno(errno, "remove", path);
  return {};
}

}  // namespace

Result<std::string> LocalFileSystem::Read(const std::string& path) const {
  Descriptor fd(OpenRetrying(path, O_RDONLY));
  if (!fd) return FromErrno(errno, "read", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return FromErrno(errno, "read", path);
  if (S_ISDIR(st.st_mode)) return FromErrno(EISDIR, "read", path);
  std::string bytes;
  // The size is a hint only: files of /proc say 0, and others may grow.
  size_t filled = 0;
  bytes.resize(static_cast<size_t>(st.st_size) + 1);
  for (;;) {
    ssize_t n = ::read(fd.get(), bytes.data() + filled, bytes.size() - filled);
    if (n < 0) {
      if (errno == EINTR) continue;
      return FromErrno(errno, "read", path);
    }
    if (n == 0) break;
    filled += n;
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2 + 4096);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::string> LocalFileSystem::ReadRange(const std::string& path, int64_t offset,
                                               int64_t length) const {
  if (offset < 0 || length < 0) return Error::Invalid("cannot read {}: negative range", path);
  Descriptor fd(OpenRetrying(path, O_RDONLY));
  if (!fd) return FromErrno(errno, "read", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return FromErrno(errno, "read", path);
  if (S_ISDIR(st.st_mode)) return FromErrno(EISDIR, "read", path);
  int64_t left = std::max<int64_t>(0, static_cast<int64_t>(st.st_size) - offset);
  std::string bytes(static_cast<size_t>(std::min(length, left)), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    ssize_t n = ::pread(fd.get(), bytes.data() + filled, bytes.size() - filled,
                        static_cast<off_t>(offset + filled));
    if (n < 0) {
      if (errno == EINTR) continue;
      return FromErrno(errno, "read", path);
    }
    if (n == 0) break;
    filled += n;
  }
  bytes.resize(filled);
  return bytes;
}

Result<void> LocalFileSystem::Write(const std::string& path, std::string_view bytes) {
  TRY(MakeDirs(Dirname(path)));
  return CreateFile(path, bytes, false, path);
}

Result<void> LocalFileSystem::WriteAtomically(const std::string& path, std::string_view bytes) {
  TRY(MakeDirs(Dirname(path)));
  std::string temporary = TemporaryName(path);
  TRY(CreateFile(temporary, bytes, true, path));
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    int error = errno;
    ::unlink(temporary.c_str());
    return FromErrno(error, "write", path);
  }
  return SyncOne(Dirname(path), true);
}

Result<void> LocalFileSystem::Append(const std::string& path, std::string_view bytes) {
  int fd_number = OpenRetrying(path, O_WRONLY | O_APPEND | O_CREAT);
  if (fd_number < 0 && errno == ENOENT) {
    TRY(MakeDirs(Dirname(path)));
    fd_number = OpenRetrying(path, O_WRONLY | O_APPEND | O_CREAT);
  }
  Descriptor fd(fd_number);
  if (!fd) return FromErrno(errno, "append to", path);
  struct stat st;
  bool regular = ::fstat(fd.get(), &st) == 0 && S_ISREG(st.st_mode);
  int error = WriteAll(fd.get(), bytes);
  // A full disk may have taken the first half of a line; give it back.
  if (error && regular && ::ftruncate(fd.get(), st.st_size) != 0) {
    return Error::Io("cannot append to {}: {}; and what was written of it cannot be taken back",
                     path, Reason(error));
  }
  if (fd.Close() != 0 && !error && errno != EINTR) error = errno;
  if (error) return FromErrno(error, "append to", path);
  return {};
}

Result<void> LocalFileSystem::Sync(const std::vector<std::string>& paths) {
  std::vector<Result<void>> done(paths.size());
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next++) < paths.size();) done[i] = SyncOne(paths[i], false);
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min(paths.size(), kSyncThreadsMax); ++i) threads.emplace_back(work);
  work();
  for (auto& thread : threads) thread.join();
  for (auto& result : done) TRY(std::move(result));

  // After the files: a durable name of a file that is not durable helps nobody.
  std::set<std::string> dirs;
  for (const auto& path : paths) dirs.insert(Dirname(path));
  for (const auto& dir : dirs) TRY(SyncOne(dir, true));
  return {};
}

Result<std::vector<FileInfo>> LocalFileSystem::List(const std::string& dir) const {
  DIR* handle = ::opendir(dir.c_str());
  if (!handle) return FromErrno(errno, "list", dir);
  std::vector<FileInfo> entries;
  int error = 0;
  for (;;) {
    errno = 0;
    dirent* entry = ::readdir(handle);
    if (!entry) {
      error = errno;
      break;
    }
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat st;
    // Gone since, or a link to nothing: no entry that a caller could use.
    if (::fstatat(::dirfd(handle), entry->d_name, &st, 0) != 0) continue;
    entries.push_back(ToInfo(std::string(name), st));
  }
  ::closedir(handle);
  if (error) return FromErrno(error, "list", dir);
  std::sort(entries.begin(), entries.end(),
            [](const FileInfo& a, const FileInfo& b) { return a.name < b.name; });
  return entries;
}

Result<FileInfo> LocalFileSystem::Stat(const std::string& path) const {
  struct stat st;
  if (::stat(path.c_str(), &st) != 0) return FromErrno(errno, "look at", path);
  return ToInfo(Basename(path), st);
}

Result<void> LocalFileSystem::Remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return FromErrno(errno, "remove", path);
  return {};
}

Result<void> LocalFileSystem::RemoveAll(const std::string& path) { return RemoveTree(path); }

Result<void> LocalFileSystem::Rename(const std::string& from, const std::string& to) {
  TRY(MakeDirs(Dirname(to)));
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return FromErrno(errno, "rename", fmt::format("{} to {}", from, to));
  }
  TRY(SyncOne(Dirname(to), true));
  if (Dirname(from) != Dirname(to)) TRY(SyncOne(Dirname(from), true));
  return {};
}

Result<void> LocalFileSystem::MakeDirs(const std::string& dir) {
  struct stat st;
  if (::stat(dir.c_str(), &st) == 0) {
    if (S_ISDIR(st.st_mode)) return {};
    return Error::Conflict("cannot make the folder {}: there is a file of that name", dir);
  }
  if (errno != ENOENT) return FromErrno(errno, "make the folder", dir);
  std::string parent = Dirname(dir);
  if (parent != dir) TRY(MakeDirs(parent));
  if (::mkdir(dir.c_str(), 0777) != 0) {
    if (errno == EEXIST) return {};  // Somebody else was faster.
    return FromErrno(errno, "make the folder", dir);
  }
  return SyncOne(parent, true);
}

bool IsNetworkFileSystem(const std::string& path, std::string* name) {
  struct Kind {
    uint64_t magic;
    const char* name;
  };
  static constexpr Kind kKinds[] = {
      {NFS_SUPER_MAGIC, "nfs"},     {SMB_SUPER_MAGIC, "smb"},         {CIFS_SUPER_MAGIC, "cifs"},
      {SMB2_SUPER_MAGIC, "smb2"},   {AFS_SUPER_MAGIC, "afs"},         {AFS_FS_MAGIC, "afs"},
      {CODA_SUPER_MAGIC, "coda"},   {NCP_SUPER_MAGIC, "ncp"},         {V9FS_MAGIC, "9p"},
      {CEPH_SUPER_MAGIC, "ceph"},   {0x0BD00BD0, "lustre"},           {0x47504653, "gpfs"},
      {0x19830326, "fhgfs/beegfs"}, {0x013661676f6c6eULL, "gluster"},
  };
  struct statfs fs;
  std::string at = path.empty() ? "." : path;
  while (::statfs(at.c_str(), &fs) != 0) {
    std::string parent = Dirname(at);
    if (parent == at) return false;
    at = parent;
  }
  for (const Kind& kind : kKinds) {
    if (static_cast<uint64_t>(static_cast<uint32_t>(fs.f_type)) == kind.magic) {
      if (name) *name = kind.name;
      return true;
    }
  }
  return false;
}

Result<void> RefuseNetworkFileSystem(const std::string& dir) {
  std::string name;
  if (!IsNetworkFileSystem(dir, &name)) return {};
  return Error::Invalid(
      "{} lies on a network file system ({}), whose locks cannot be trusted with a database; "
      "put the project on a local disk",
      dir, name);
}

Result<std::string> RealPath(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (!real) return FromErrno(errno, "find", path);
  std::string answer(real);
  ::free(real);
  return answer;
}

Result<std::string> WorkingDirectory() {
  char text[PATH_MAX];
  if (!::getcwd(text, sizeof text)) return FromErrno(errno, "find", "the working directory");
  return std::string(text);
}

}  // namespace andon::io
