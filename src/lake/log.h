// The history of a table, for `andon data log` and its page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lake/publish.h"

namespace andon::lake {

struct LogEntry {
  Version version;
  bool is_current = false;
  bool is_readable = true;  // False: its snapshot has expired.
  std::string operation;    // "append", "overwrite"…
  // By rows, whatever files were written anew. Of another tool's snapshot the format only says
  // how many rows its new files and its old ones have; then rows_changed is not known.
  std::optional<int64_t> rows_added;
  std::optional<int64_t> rows_changed;
  std::optional<int64_t> rows_removed;
  std::optional<int64_t> rows_total;
  std::vector<std::string> tags;
  iceberg::Summary summary;  // Of its snapshot.
};

struct TableLog {
  std::vector<LogEntry> entries;      // Newest first.
  std::vector<std::string> branches;  // Except main.
};

// Records foreign commits first, so nothing of main's history is missing.
Result<TableLog> ReadLog(store::Database& database, const Lake& lake, const std::string& table);

}  // namespace andon::lake
