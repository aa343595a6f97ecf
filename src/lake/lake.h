// The lake of a project: its folder, its tables, and how they are named.
//
// Catalog "andon", namespace = project, table = the dataset's label. A table's
// files lie in `<root>/<project>/<table>/{data,metadata}`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "iceberg/catalog.h"
#include "iceberg/table.h"
#include "io/file_system.h"
#include "store/database.h"

namespace andon::lake {

// Lifetime: files, clock and cache outlive it.
struct Lake {
  std::string root;     // Absolute path.
  std::string project;  // Namespace of its tables.
  io::FileSystem* files = nullptr;
  const Clock* clock = nullptr;
  iceberg::MetadataCache* cache =
      nullptr;  // May be null: then each look at a table reads its file.

  iceberg::TableIdentifier Identifier(const std::string& table) const { return {project, table}; }
  std::string TableLocation(const std::string& table) const {
    return root + "/" + project + "/" + table;
  }
  int64_t now_ms() const { return ToMillis(clock->Now()); }
};

// "dataset.payment", as facts, versions and cursors name a table.
inline std::string Address(const std::string& table) { return "dataset." + table; }

// The table as the catalog has it now. kNotFound, kCorrupt as iceberg::LoadTable.
Result<iceberg::Table> OpenTable(store::Database& database, const Lake& lake,
                                 const std::string& table);
// In a worker process, which has no database: from its metadata file.
Result<iceberg::Table> OpenTableAt(const Lake& lake, const std::string& table,
                                   const std::string& metadata_location);

struct TableDefinition {
  // Types without field ids, e.g. from iceberg::ParseType("decimal(5,2)").
  std::vector<iceberg::Field> columns;
  std::vector<iceberg::PartitionBy> partition_by;
  std::vector<std::string> key;  // Identifier fields, where they are required.
  std::map<std::string, std::string> properties;
};
// The table, made without a snapshot where the catalog does not have it.
Result<iceberg::Table> OpenOrCreateTable(store::Database& database, const Lake& lake,
                                         const std::string& table,
                                         const TableDefinition& definition);

// The names of the project's tables.
Result<std::vector<std::string>> ListTables(store::Database& database, const Lake& lake);

// The type of a column in DuckDB's SQL, and back (kInvalid for what Iceberg has
// no type for). Nested field ids are 0.
Result<std::string> DuckDbType(const iceberg::Type& type);
Result<iceberg::Type> IcebergType(const std::string& duckdb_type);

// Stages the change, commits it as a transaction of its own and removes obsolete
// metadata files. kConflict where another writer was faster: open the table and
// make the change again.
Result<iceberg::Table> CommitAlone(store::Database& database, const Lake& lake,
                                   const iceberg::Table& table, iceberg::Change change);
// iceberg::Commit, which also writes down the snapshots that the table loses by it, so that their
// files are removed later (lake/garbage.h). Every commit of this folder goes through here.
Result<void> CommitStaged(store::Transaction& tx, const Lake& lake, const iceberg::Staged& staged);
// Removes what a commit left over; failures are of no consequence.
void RemoveObsolete(const Lake& lake, const iceberg::Staged& staged);
// Removes what was written for a commit that another writer won. Only after kConflict: then
// nothing refers to it, and nothing ever will.
void Discard(const Lake& lake, const iceberg::Staged& staged);

}  // namespace andon::lake
