// Files as a relation of DuckDB: Parquet, CSV, JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/engine.h"

namespace andon::sql {

// "parquet", "csv" or "json" by the ending of the name, case aside, also before .gz or .zst.
std::optional<std::string_view> FileFormat(std::string_view path);

struct FileOptions {
  std::string path;  // Or a pattern: *, ?, [a-z]. A file of exactly this name goes first.
  bool all_text = false;
};

// A temporary view of the connection over the files' rows.
//
// CSV has a header; its delimiter is the one that the header shows (, ; tab |); a column's type is
// the narrowest that every value has, so the whole of one file is looked at. Several files are
// joined by the names of their columns; what a file has not is null.
//
// kNotFound where there is no file, with the one that was probably meant; kInvalid names the line
// at fault.
Result<void> CreateFileView(Connection& connection, const FileOptions& options,
                            std::string_view name);

}  // namespace andon::sql
