// A state file held against everybody else, Terraform and OpenTofu among them: a POSIX
// lock on the file, and beside it `.NAME.lock.info`, which says who holds it.
//
// The kernel frees the lock when the process ends, however it ends. The lock is bound to
// the open file (F_OFD_SETLK), so that reading the file elsewhere in the process does not
// free it, as a classic POSIX lock would be.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "state/file.h"

namespace andon::state {

// Who holds a lock; the names are those of the file.
struct LockInfo {
  std::string id;         // A UUID.
  std::string operation;  // "OperationTypeApply"
  std::string info;
  std::string who;      // user@host
  std::string version;  // Of the program.
  Timestamp created;
  std::string path;  // Of the state file, as the user named it.
};

// For this user, host and time, with a new id.
LockInfo NewLockInfo(std::string operation, std::string version, const Clock& clock);
std::string LockInfoText(const LockInfo& info);  // JSON in one line.
Result<LockInfo> LockInfoFromText(std::string_view text);
// The block "Lock Info:" of messages.
std::string ToString(const LockInfo& info);
// `dir/.terraform.tfstate.KIND` beside `dir/terraform.tfstate`.
std::string HiddenPath(const std::string& state_path, std::string_view kind);
// Of the kind "lock.info".
std::string LockInfoPath(const std::string& state_path);

class LockedFile {
 public:
  // Creates the file, empty, and its folder where needed. Waits up to `timeout`, then
  // kHeld with the holder.
  static Result<LockedFile> Acquire(const std::string& path, LockInfo info,
                                    Duration timeout = Duration{0});
  // The same without a lock, for those who take the risk.
  static LockedFile WithoutLock(const std::string& path);

  LockedFile(LockedFile&& other) noexcept;
  LockedFile& operator=(LockedFile&& other) noexcept;
  ~LockedFile();  // Releases.

  const std::string& path() const { return path_; }

  // Replaces the content: written to a temporary file, made durable, renamed. A reader,
  // also one after a power cut, finds the old state or the new one. On failure the old
  // one stands. The lock holds on.
  Result<void> Replace(const std::function<Result<void>(const Sink&)>& write);

  // Frees the lock, and removes the file where it was created and never written. Some
  // program may have opened the file before it was replaced and be waiting for the lock,
  // as Terraform does: the file that it opened gets the newest content and its name back.
  Result<void> Release();

 private:
  explicit LockedFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  // Open on the file that was locked first, and on those that replaced it.
  std::vector<int> descriptors_;
  bool is_locked_ = false;
  bool created_ = false;
};

// Removes the lock with this id that somebody left behind. kHeld where its holder still
// runs: a file's lock is the kernel's, and ends with the process. kNotFound where there
// is none; kInvalid where the id is another's.
Result<void> ForceUnlock(const std::string& path, const std::string& id);

}  // namespace andon::state
