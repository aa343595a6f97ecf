// Files in memory: for tests, and for text tests of whole projects.
//
// Behaves as LocalFileSystem does, without permissions and symbolic links.
// A file's mtime is the clock's time of its last change.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "io/file_system.h"

namespace andon::io {

class MemoryFileSystem final : public FileSystem {
 public:
  // Without a clock every mtime is the epoch. Lifetime: `clock` is kept.
  explicit MemoryFileSystem(const Clock* clock = nullptr) : clock_(clock) {}

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

 private:
  struct File {
    std::string bytes;
    Timestamp mtime;
  };
  Timestamp Now() const { return clock_ ? clock_->Now() : Timestamp(); }
  Result<void> MakeDirsLocked(const std::string& dir);

  const Clock* clock_;
  mutable std::mutex mutex_;           // Guards files_ and dirs_.
  std::map<std::string, File> files_;  // By normalized path.
  std::set<std::string> dirs_;
};

}  // namespace andon::io
