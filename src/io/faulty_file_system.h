// A file system that fails where it is told to, over any other one.
//
// Changing calls (Write, WriteAtomically, Append, Sync, Remove, RemoveAll,
// Rename, MakeDirs) are counted from 1. At the chosen one it either fails once
// and goes on (a full disk) or "crashes": that call and all later ones, reads
// too, fail, and every file that was written but never synced is lost.
//
//   for (int n = 1;; ++n) {
//     MemoryFileSystem disk;
//     FaultyFileSystem files(disk);
//     files.CrashAt(n);
//     bool crashed = !Commit(files).ok();
//     ExpectOldOrNew(disk);             // what the next process finds
//     if (!crashed) break;              // every call has had its crash
//   }
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>

#include "io/file_system.h"

namespace andon::io {

class FaultyFileSystem final : public FileSystem {
 public:
  // Lifetime: `under` must outlive this.
  explicit FaultyFileSystem(FileSystem& under) : under_(under) {}

  // The n-th changing call from now fails with kIo "no space left on device" and
  // changes nothing. 0 switches it off.
  void FailAt(int64_t n);
  // The n-th changing call from now does not happen, nor does anything after it;
  // files not synced are removed from the file system below. 0 switches it off.
  void CrashAt(int64_t n);

  int64_t changes() const;  // Changing calls so far.
  bool crashed() const;

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
  Result<void> BeforeChange(const std::string& path);
  Result<void> CheckAlive() const;
  void LoseUnsynced();

  FileSystem& under_;
  mutable std::mutex mutex_;  // Guards all below.
  int64_t changes_ = 0;
  int64_t fail_at_ = 0;
  int64_t crash_at_ = 0;
  bool crashed_ = false;
  std::set<std::string> unsynced_;
};

}  // namespace andon::io
