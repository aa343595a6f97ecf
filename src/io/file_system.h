// FileSystem: all that Andon does with files, so that tests can hold files in
// memory, fail any call, or lose what was not made durable.
//
// Paths are plain strings with '/'. An error names the path, the cause and what
// to do. Writing is not durable until Sync (or WriteAtomically) has returned:
// write all files of a commit, then Sync them together, then commit.
//
//   TRY(files.Write(data_path, parquet));
//   TRY(files.Write(manifest_path, avro));
//   TRY(files.Sync({data_path, manifest_path}));
//
// Thread: every function may be called from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::io {

struct FileInfo {
  std::string name;  // The last part of the path.
  int64_t size = 0;  // Bytes; 0 for a folder.
  Timestamp mtime;
  bool is_dir = false;

  bool operator==(const FileInfo&) const = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // The whole file. kNotFound; kIo.
  virtual Result<std::string> Read(const std::string& path) const = 0;
  // At most `length` bytes from `offset`; fewer, or none, behind the end.
  virtual Result<std::string> ReadRange(const std::string& path, int64_t offset,
                                        int64_t length) const = 0;

  // Creates the file, and the folders above it. Replaces nothing: kConflict where
  // the path exists. On failure no part of the file is left.
  virtual Result<void> Write(const std::string& path, std::string_view bytes) = 0;
  // Replaces the file or creates it, durably: a reader, also one after a power
  // cut, finds the old bytes or the new ones and never a mixture.
  virtual Result<void> WriteAtomically(const std::string& path, std::string_view bytes) = 0;
  // Adds at the end, creating the file and the folders above it where needed.
  virtual Result<void> Append(const std::string& path, std::string_view bytes) = 0;
  // Makes the named files durable, and then each of their folders once.
  virtual Result<void> Sync(const std::vector<std::string>& paths) = 0;

  // Entries in the order of their names, without "." and "..". kNotFound where
  // there is no such folder.
  virtual Result<std::vector<FileInfo>> List(const std::string& dir) const = 0;
  // kNotFound where there is nothing. Follows symbolic links.
  virtual Result<FileInfo> Stat(const std::string& path) const = 0;
  // Removes a file; kNotFound where there is none.
  virtual Result<void> Remove(const std::string& path) = 0;
  // Removes a folder and what is in it, or a file; fine where there is nothing.
  // Symbolic links are removed, not followed.
  virtual Result<void> RemoveAll(const std::string& path) = 0;
  // Renames a file or folder, replacing a file at `to`. Durable on return.
  virtual Result<void> Rename(const std::string& from, const std::string& to) = 0;
  // The folder and those above it; fine where they exist. Durable on return, so
  // that Sync need only see to a file's own folder.
  virtual Result<void> MakeDirs(const std::string& dir) = 0;

  // False also where it cannot be seen.
  bool Exists(const std::string& path) const { return Stat(path).ok(); }
};

// Every file below `dir`, as paths relative to it, in order of path. Symbolic
// links to folders are followed to a depth of 64 at most.
Result<std::vector<std::string>> ListRecursively(const FileSystem& files, const std::string& dir);

}  // namespace andon::io
