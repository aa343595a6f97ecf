// What every task has to work with; only for this folder.
#pragma once

#include <optional>
#include <string>

#include "io/local_file_system.h"
#include "lake/lake.h"
#include "line/work.h"
#include "sql/engine.h"

namespace andon::line {

// An engine with the task's limits, and a lake without a database.
struct Bench {
  io::LocalFileSystem files;
  SystemClock clock;
  std::optional<sql::Engine> engine;
  std::optional<sql::Connection> connection;
  sql::QueryOptions options;

  Result<void> Open(const Limits& limits, const Say& say);
  // What Open sets besides; for a task that may need no engine.
  void SetOptions(const Limits& limits, const Say& say);
  lake::Lake Lake(const std::string& root, const std::string& project) {
    return {.root = root, .project = project, .files = &files, .clock = &clock};
  }
};

}  // namespace andon::line
