// Environment: what functions see of the world outside their arguments, given by
// the caller, so that a plan knows what its values depend on.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"

namespace andon::functions {

// The files that functions looked at, so that a caller can watch or hash them.
// Thread: safe.
class FilesRead {
 public:
  void Add(std::string path);
  // Paths as the functions opened them, in order.
  std::set<std::string> paths() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> paths_;  // Guarded by mutex_.
};

// Lifetime: what is pointed to outlives the tables made with it.
struct Environment {
  std::string base_dir = ".";          // Where relative paths begin.
  std::string home_dir;                // What "~" stands for; empty: nothing.
  const Clock* clock = nullptr;        // Null: timestamp() is unknown.
  std::optional<Timestamp> plan_time;  // What plantimestamp() says; else unknown.
  FilesRead* files_read = nullptr;     // Null: nobody wants to know.
  // What gives another result on each call (timestamp, uuid, bcrypt) is unknown: so a
  // plan does not promise a value that the apply cannot keep.
  bool only_repeatable = false;
};

}  // namespace andon::functions
