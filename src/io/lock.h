// A lock on a file that says who holds it. The kernel frees it when the holder
// ends, however it ends; the file itself stays.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace andon::io {

struct LockHolder {
  int pid = 0;
  std::string host;
  std::string command;  // What the user typed: "andon apply".
  Timestamp since;
};

class FileLock {
 public:
  // Creates the file where needed. Waits up to `timeout` (zero: not at all), then
  // kHeld, naming the holder and since when.
  static Result<FileLock> Acquire(const std::string& path, const LockHolder& holder,
                                  Duration timeout = Duration{0});
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();  // Frees it.

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// This process, now.
LockHolder ThisHolder(std::string command, const Clock& clock);

}  // namespace andon::io
