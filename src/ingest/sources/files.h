// Source "files": one delivery is one file, found by a path template.
//
//   deliveries/{table}-{period}.csv     payment, 2005-08
//   in/{table}/{period}/*.csv           several files make a period; each is a delivery
//   tables/{table}.csv                  without periods: the file is delivered again
//
// A file whose name ends in .gz as well is read packed. Local paths only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "definition/definition.h"

namespace andon::io {
class FileSystem;
}

namespace andon::ingest {

struct FoundFile {
  std::string path;    // As the template writes it: relative to the project, or absolute.
  std::string period;  // Empty where the template has none.
  int64_t size = 0;
  Timestamp mtime;
};

// kInvalid says what is wrong with a template: no {table}, an unknown {word}, a remote URL,
// a suffix that cannot be read.
Result<void> CheckTemplate(std::string_view path_template);

// The template for one table: "deliveries/payment-{period}.csv".
std::string PathFor(std::string_view path_template, std::string_view table);

// True where a later file of the same table and period replaces an earlier one: there is
// exactly one path for each.
bool OneFilePerPeriod(std::string_view path_template);

// The files of `table`, by period and then by path, of any kind. A folder that does not exist has
// none; one that cannot be read is an error that names it. `other_tables`: a file that matches one
// of them with a longer name belongs to that one ("film-actor" and "film").
Result<std::vector<FoundFile>> ListFiles(const io::FileSystem& files,
                                         const std::string& project_dir,
                                         const definition::Source& source, std::string_view table,
                                         const std::vector<std::string>& other_tables = {});

// The same, for loading: with CheckTemplate.
Result<std::vector<FoundFile>> FindFiles(const io::FileSystem& files,
                                         const std::string& project_dir,
                                         const definition::Source& source, std::string_view table,
                                         const std::vector<std::string>& other_tables = {});

}  // namespace andon::ingest
