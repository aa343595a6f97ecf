// A dbt project on disk, as the `dbt` block sees it: its manifest, and what its tables are called.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "dbt/manifest.h"
#include "io/file_system.h"

namespace andon::builtin {

struct DbtProject {
  std::string dir;  // Relative to the project's folder: "dbt".
  dbt::Manifest manifest;
  std::set<std::string> with_catalog;  // Unique ids whose columns are all known.
  std::map<std::string, std::string>
      name_of;  // Of the dataset, by unique id; ephemeral ones have none.
  std::map<std::string, std::string> id_of;  // Unique id by the name of the dataset.
};

// Reads dbt_project.yml, target/manifest.json and, where it is there, target/catalog.json of the
// folder `path` below `dir`. A model, seed or snapshot has its own name, a source's table that of
// its source before it ("raw_orders"); two of one name have their package before it. `prefix`
// stands before all of them. kNotFound and kInvalid name the file and say what to do.
Result<DbtProject> ReadDbtProject(const io::FileSystem& files, const std::string& dir,
                                  const std::string& path, const std::string& prefix);

}  // namespace andon::builtin
