// The files of this machine. What is of Linux alone stands in its source.
#pragma once

#include <string>

#include "io/file_system.h"

namespace andon::io {

// Files are created with mode 0666 and folders with 0777, less the umask, and
// all descriptors are closed on exec.
class LocalFileSystem final : public FileSystem {
 public:
  Result<std::string> Read(const std::string& path) const override;
  Result<std::string> ReadRange(const std::string& path, int64_t offset,
                                int64_t length) const override;
  Result<void> Write(const std::string& path, std::string_view bytes) override;
  Result<void> WriteAtomically(const std::string& path, std::string_view bytes) override;
  Result<void> Append(const std::string& path, std::string_view bytes) override;
  Result<void> Sync(const std::vector<std::string>& paths) override;
  Result<std::vector<FileInfo>> List(const std::string& dir) const override;
  Result<FileInfo> Stat(const std::string& path) const override;
  Result<void> Remove(const std::string& path) override;
  Result<void> RemoveAll(const std::string& path) override;
  Result<void> Rename(const std::string& from, const std::string& to) override;
  Result<void> MakeDirs(const std::string& dir) override;
};

// True where `path` (or the nearest folder above it that exists) lies on a
// network file system, whose locks SQLite cannot trust. `name`, where given,
// receives what it is: "nfs".
bool IsNetworkFileSystem(const std::string& path, std::string* name = nullptr);

// kInvalid, saying what to do, where `dir` lies on a network file system.
Result<void> RefuseNetworkFileSystem(const std::string& dir);

// The absolute, symlink-free form of an existing path; kNotFound otherwise.
Result<std::string> RealPath(const std::string& path);
// The folder that relative paths begin at.
Result<std::string> WorkingDirectory();

}  // namespace andon::io
