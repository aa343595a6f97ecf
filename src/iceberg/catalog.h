// The SQL catalog: which metadata file each table has now. Its tables are those
// of PyIceberg and Java (catalog "andon"), in the control database, so that other
// engines open the lake as it stands.
//
// Thread: that of the transaction. No function here touches a file, save Load and
// Relocate, which say so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iceberg/metadata_cache.h"
#include "iceberg/table.h"
#include "store/database.h"

namespace andon::iceberg {

inline constexpr char kCatalogName[] = "andon";

struct CatalogEntry {
  TableIdentifier identifier;
  std::string metadata_location;
};

// All tables of the catalog, or of one namespace, in order of their names.
Result<std::vector<CatalogEntry>> ListTables(store::Transaction& tx,
                                             const std::string& name_space = "");
// nullopt where there is none.
Result<std::optional<std::string>> FindTable(store::Transaction& tx,
                                             const TableIdentifier& identifier);

// Registers a staged new table; its namespace too. kConflict where it exists.
Result<void> CreateTable(store::Transaction& tx, const Staged& staged);

// Compare-and-swap: kConflict where the table is no longer at
// staged.expected_location. Several tables may be committed in one transaction.
Result<void> Commit(store::Transaction& tx, const Staged& staged);

// Takes the table out of the catalog; its files stay. kNotFound.
Result<void> DropTable(store::Transaction& tx, const TableIdentifier& identifier);

// Reads the catalog, then the metadata file. kNotFound where the catalog does not
// know the table; kCorrupt where the metadata file is gone or damaged, with the
// cure: a lake folder that was moved is told as such.
// `cache` may be null; with it, a file that it knows is not read again.
Result<Table> LoadTable(store::Database& database, const io::FileSystem& files,
                        const TableIdentifier& identifier, MetadataCache* cache = nullptr);
// The metadata file alone.
Result<Table> LoadTableAt(const io::FileSystem& files, const TableIdentifier& identifier,
                          const std::string& metadata_location);

// After a lake folder was moved from `from` to `to`: writes new manifests, lists
// and metadata with the new paths and points the catalog to them, all tables at
// once. Returns the number of tables. Snapshots keep their ids.
Result<int> RelocateTables(store::Database& database, io::FileSystem& files,
                           const std::string& from, const std::string& to, int64_t now_ms);

}  // namespace andon::iceberg
