#include "io/faulty_file_system.h"

#include <vector>

#include "io/path.h"

namespace andon::io {

void FaultyFileSystem::FailAt(int64_t n) {
  std::lock_guard lock(mutex_);
  fail_at_ = n > 0 ? changes_ + n : 0;
}

void FaultyFileSystem::CrashAt(int64_t n) {
  std::lock_guard lock(mutex_);
  crash_at_ = n > 0 ? changes_ + n : 0;
}

int64_t FaultyFileSystem::changes() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

bool FaultyFileSystem::crashed() const {
  std::lock_guard lock(mutex_);
  return crashed_;
}

// Requires: mutex_ held.
Result<void> FaultyFileSystem::CheckAlive() const {
  if (crashed_) return Error::Io("the machine has crashed");
  return {};
}

// Requires: mutex_ held.
Result<void> FaultyFileSystem::BeforeChange(const std::string& path) {
  TRY(CheckAlive());
  ++changes_;
  if (changes_ == crash_at_) {
    crashed_ = true;
    LoseUnsynced();
    return Error::Io("the machine has crashed");
  }
  if (changes_ == fail_at_) {
    return Error::Io(
        "cannot write {}: no space left on device; free space and run again; nothing was changed",
        path);
  }
  return {};
}

// Requires: mutex_ held.
void FaultyFileSystem::LoseUnsynced() {
  for (const auto& path : unsynced_) (void)under_.RemoveAll(path);
  unsynced_.clear();
}

Result<std::string> FaultyFileSystem::Read(const std::string& path) const {
  std::lock_guard lock(mutex_);
  TRY(CheckAlive());
  return under_.Read(path);
}

Result<std::string> FaultyFileSystem::ReadRange(const std::string& path, int64_t offset,
                                                int64_t length) const {
  std::lock_guard lock(mutex_);
  TRY(CheckAlive());
  return under_.ReadRange(path, offset, length);
}

Result<void> FaultyFileSystem::Write(const std::string& path, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(path));
  TRY(under_.Write(path, bytes));
  unsynced_.insert(Normalize(path));
  return {};
}

Result<void> FaultyFileSystem::WriteAtomically(const std::string& path, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(path));
  TRY(under_.WriteAtomically(path, bytes));
  unsynced_.erase(Normalize(path));
  return {};
}

Result<void> FaultyFileSystem::Append(const std::string& path, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(path));
  bool is_new = !under_.Exists(path);
  TRY(under_.Append(path, bytes));
  // Of a file that was there before only the tail would be lost, which no call of
  // the file system below could take back; so that is left as written.
  if (is_new) unsynced_.insert(Normalize(path));
  return {};
}

Result<void> FaultyFileSystem::Sync(const std::vector<std::string>& paths) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(paths.empty() ? "nothing" : paths.front()));
  TRY(under_.Sync(paths));
  for (const auto& path : paths) unsynced_.erase(Normalize(path));
  return {};
}

Result<std::vector<FileInfo>> FaultyFileSystem::List(const std::string& dir) const {
  std::lock_guard lock(mutex_);
  TRY(CheckAlive());
  return under_.List(dir);
}

Result<FileInfo> FaultyFileSystem::Stat(const std::string& path) const {
  std::lock_guard lock(mutex_);
  TRY(CheckAlive());
  return under_.Stat(path);
}

Result<void> FaultyFileSystem::Remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(path));
  TRY(under_.Remove(path));
  unsynced_.erase(Normalize(path));
  return {};
}

Result<void> FaultyFileSystem::RemoveAll(const std::string& path) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(path));
  TRY(under_.RemoveAll(path));
  std::erase_if(unsynced_, [&](const std::string& file) { return IsWithin(file, path); });
  return {};
}

Result<void> FaultyFileSystem::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(from));
  TRY(under_.Rename(from, to));
  // The name is durable and the bytes are not: the classic loss.
  if (unsynced_.erase(Normalize(from))) unsynced_.insert(Normalize(to));
  return {};
}

Result<void> FaultyFileSystem::MakeDirs(const std::string& dir) {
  std::lock_guard lock(mutex_);
  TRY(BeforeChange(dir));
  return under_.MakeDirs(dir);
}

}  // namespace andon::io
