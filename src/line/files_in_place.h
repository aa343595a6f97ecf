// Files that somebody else writes, read where they lie as one relation: CSV, JSON lines, Parquet.
//
//   FilesInPlace files = TRY(FindFilesInPlace(world, dataset));       // Lists; opens none.
//   FilesRelation rows = TRY(RelationOf(&files, open_connection));    // Looks into those not
//   known. connection.Query("SELECT count(*) FROM (" + rows.sql + ") AS t");
//
// A file is known by its path, its size and when it was written: what was learnt of its columns,
// and what checks counted in it, holds until one of these changes. Finding is the parent's, which
// has the control store; reading a worker's. (A table of Iceberg is found by FindIcebergInPlace.)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "lake/scan.h"
#include "line/run.h"
#include "quality/incremental/incremental.h"
#include "sql/engine.h"

namespace andon::line {

struct FilesInPlace {
  struct File {
    std::string path;  // Where it is.
    std::string name;  // For messages: relative to the project.
    std::string id;    // Changes with the file, and with how it is to be read.
    Json shape;        // {"columns": [[name, DuckDB's type], …], "rows": 12}; null: not known yet.
  };
  std::string dataset;  // Its name.
  std::string format;   // "csv", "json", "parquet"
  Json options;         // Of the source.
  std::vector<definition::Column> declared;
  std::vector<File> files;   // In the order of their periods.
  std::string written_last;  // RFC 3339; when the newest was written.
};

// The dataset is rows of files: of the source "files", which DuckDB reads here, and not a table
// of a database that answers itself.
bool IsOfFiles(const definition::Project& project, const definition::Dataset& dataset);
// … and these files are a table of Iceberg.
bool IsOfIceberg(const definition::Project& project, const definition::Dataset& dataset);

// The files as they are now. kNotFound where there is none.
// Requires: IsOfFiles, not IsOfIceberg.
Result<FilesInPlace> FindFilesInPlace(const World& world, const definition::Dataset& dataset);

// The newest metadata file of the table, scanned as its main branch stands. kNotFound where there
// is none. Requires: IsOfIceberg.
struct IcebergInPlace {
  lake::Scan scan;
  Timestamp written_last;  // Of the snapshot.
};
Result<IcebergInPlace> FindIcebergInPlace(const World& world, const definition::Dataset& dataset);

// When somebody wrote there last: the newest file, the snapshot of a table of Iceberg.
Result<Timestamp> WrittenLast(const World& world, const definition::Dataset& dataset);

struct FilesRelation {
  std::string sql;  // One SELECT of all rows, file after file.
  std::vector<sql::TableColumn> columns;
  std::vector<std::string> of_files;  // A SELECT of each file's rows, with these columns.
};

// `open` is called where a file has to be looked into; shapes that are found are set in `files`.
// Columns of several files are put together by name; where their types differ DuckDB says the one
// that holds both. Declared columns of CSV have their declared type. kInvalid names the file.
Result<FilesRelation> RelationOf(FilesInPlace* files,
                                 const std::function<Result<sql::Connection*>()>& open);

// Why a file of CSV cannot be read, by its row: nothing where all rows fit.
Result<std::optional<std::string>> FindBadRow(const FilesInPlace& files,
                                              sql::Connection& connection);

Json ToJson(const FilesInPlace& files);
FilesInPlace FilesInPlaceFromJson(const Json& json);

// What is kept of them for checks, as FileStatesOf has it of the lake's; shapes that are known are
// set in `files`. RelationOf gives what is missing in it: columns and relations.
Result<quality::FileStates> KeptOf(const World& world, const definition::Dataset& dataset,
                                   FilesInPlace* files, bool full);
void Complete(const FilesInPlace& files, const FilesRelation& relation,
              quality::FileStates* states);

}  // namespace andon::line
