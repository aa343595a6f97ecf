// A project of Great Expectations (1.x, file context) as its files have it, as plain data.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "io/file_system.h"

namespace andon::cli {

struct GxAsset {
  std::string name;
  std::string type;   // "csv", "parquet", "table", "query", …
  std::string table;  // Of a database.
  std::string schema;
  // By name: the regular expression of its files' names, the path, or empty.
  std::map<std::string, std::string> batch_files;
};

struct GxSource {
  std::string name;
  std::string type;            // "pandas_filesystem", "postgres", "sqlite", …
  std::string base_directory;  // Of files; relative to the folder of the context.
  std::string connection;      // Of databases, as written: "${PG}" stands for a variable.
  std::vector<GxAsset> assets;

  bool is_files() const;
};

// What a validation definition puts together.
struct GxValidation {
  std::string name;
  std::string source;
  std::string asset;
  std::string batch;
  std::string suite;
};

struct GxCheckpoint {
  std::string name;
  std::vector<std::string> validations;
  std::vector<std::string> actions;  // Their types: "slack", "update_data_docs".
};

struct GxProject {
  std::string folder;  // That holds great_expectations.yml.
  std::vector<GxSource> sources;
  std::map<std::string, std::string> suites;  // Path by name.
  std::vector<GxValidation> validations;
  std::vector<GxCheckpoint> checkpoints;
  std::vector<std::string> unread;  // "gx/checkpoints/a.json: …"

  const GxSource* FindSource(std::string_view name) const;
};

// `folder` is that of great_expectations.yml, or holds it as gx/ or great_expectations/. kNotFound
// where there is none, kInvalid where that file cannot be read; other files that cannot are
// `unread`.
Result<GxProject> ReadGxProject(const io::FileSystem& files, const std::string& folder);

}  // namespace andon::cli
