// Batches that are files: one batch for each file whose name a regular expression finds, with the
// expression's named groups as its identifiers.
//
//   payment-(?P<year>\d{4})-(?P<month>\d{2})\.csv  →  "2005-07" {"path": …, "year": "2005", …}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quality/batches.h"
#include "sql/session.h"

namespace andon::quality {

struct FileBatch {
  Batch batch;  // Without a condition: the file is the batch.
  std::string path;
};

// The named groups of a regular expression in order; an unnamed group has an empty name.
std::vector<std::string> GroupsOf(std::string_view regex);

// The files of `pattern` (a path, or a pattern as "deliveries/payment-*.csv") whose name, without
// its folder, begins with what `regex` matches (RE2), sorted by its groups: first year, month, day,
// then the others in order. A batch is named by the groups' values ("2005-07"; without groups, or
// where two have the same, by the file's name). `session`: of DuckDB.
// kInvalid for an expression that cannot be read; kNotFound where no file is there, or none
// matches.
Result<std::vector<FileBatch>> ListFileBatches(sql::Session& session, std::string_view pattern,
                                               std::string_view regex);

// The same of files that are known; `where` names them in messages.
Result<std::vector<FileBatch>> FileBatchesOf(sql::Session& session,
                                             const std::vector<std::string>& paths,
                                             std::string_view where, std::string_view regex);

// The file whose batch or file name that is, or, where it is empty, the last one. kNotFound.
Result<FileBatch> PickFile(const std::vector<FileBatch>& files, std::string_view name);

}  // namespace andon::quality
