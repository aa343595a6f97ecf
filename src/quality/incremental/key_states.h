// How many different keys a dataset has, from one run of words for each file (key_run.h).
//
// A file's state is [rows with a key, name of its run]. Which words stand twice is known for the
// files that were compared before; only new files are compared with the others. Where words meet,
// the rows are counted exactly: in the files that hold those words.
//
// What is known of all files together: {"files": [their numbers], "met": [words]}. `met` may hold
// too many words (of files that are gone), never too few.
#pragma once

#include <optional>
#include <string>

#include "quality/incremental/incremental.h"
#include "sql/aggregate.h"

namespace andon::quality {

// A file with more keys has no run: it would have to be in memory once.
inline constexpr int64_t kRunKeysMax = int64_t{1} << 26;
// Words that meet; with more of them the keys are counted in full.
inline constexpr size_t kMetMax = 20'000;

// Whether it counts different keys: of plain columns, one or several.
bool CountsKeys(const sql::Aggregate& metric);

// Writes the file's run to `dir` and gives its state; false where there can be none.
Result<Json> MakeKeyState(sql::Session& session, const sql::QueryOptions& query,
                          const sql::Aggregate& metric, const std::string& column_type,
                          const std::string& state_name, const FileState& file,
                          const std::string& dir);

// The number of different keys; none where they are to be counted in full. Runs that are gone or
// damaged are made again. Changes `dataset->shared` where something new was compared.
Result<std::optional<Json>> CountKeys(sql::Session& session, const sql::QueryOptions& query,
                                      const sql::Aggregate& metric, const std::string& column_type,
                                      const std::string& state_name, FileStates* dataset);

}  // namespace andon::quality
