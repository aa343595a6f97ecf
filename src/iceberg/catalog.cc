#include "iceberg/catalog.h"

#include "io/path.h"
#include "store/foreign_commit.h"

namespace andon::iceberg {
namespace {

constexpr std::string_view kOneTable =
    "catalog_name = ? AND table_namespace = ? AND table_name = ? AND "
    "(iceberg_type = 'TABLE' OR iceberg_type IS NULL)";

store::Params TableParams(const TableIdentifier& identifier) {
  return {kCatalogName, identifier.name_space, identifier.name};
}

}  // namespace

Result<std::vector<CatalogEntry>> ListTables(store::Transaction& tx,
                                             const std::string& name_space) {
  std::string sql =
      "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables WHERE "
      "catalog_name = ? AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)";
  store::Params params = {kCatalogName};
  if (!name_space.empty()) {
    sql += " AND table_namespace = ?";
    params.emplace_back(name_space);
  }
  store::Rows rows = TRY(tx.Query(sql + " ORDER BY table_namespace, table_name", params));
  std::vector<CatalogEntry> entries;
  for (const store::Row& row : rows) {
    entries.push_back(
        {{row.Text("table_namespace"), row.Text("table_name")}, row.Text("metadata_location")});
  }
  return entries;
}

Result<std::optional<std::string>> FindTable(store::Transaction& tx,
                                             const TableIdentifier& identifier) {
  std::optional<store::Row> row = TRY(store::QueryOne(
      tx, fmt::format("SELECT metadata_location FROM iceberg_tables WHERE {}", kOneTable),
      TableParams(identifier)));
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(row->Text("metadata_location"));
}

Result<void> CreateTable(store::Transaction& tx, const Staged& staged) {
  // An empty namespace exists for PyIceberg by a property; ours is never refused.
  TRY(tx.Execute(
      "INSERT INTO iceberg_namespace_properties "
      "(catalog_name, namespace, property_key, property_value) "
      "SELECT ?, ?, 'exists', 'true' WHERE NOT EXISTS (SELECT 1 FROM iceberg_namespace_properties "
      "WHERE catalog_name = ? AND namespace = ?)",
      {kCatalogName, staged.identifier.name_space, kCatalogName, staged.identifier.name_space}));
  std::optional<std::string> existing = TRY(FindTable(tx, staged.identifier));
  if (existing) {
    return Error::Conflict("The table {} exists already", staged.identifier.ToString());
  }
  TRY(store::ExpectCommit(tx, staged.new_location));
  TRY(tx.Execute(
      "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, "
      "previous_metadata_location, iceberg_type) VALUES (?, ?, ?, ?, NULL, 'TABLE')",
      {kCatalogName, staged.identifier.name_space, staged.identifier.name, staged.new_location}));
  return {};
}

Result<void> Commit(store::Transaction& tx, const Staged& staged) {
  if (staged.expected_location.empty()) return CreateTable(tx, staged);
  TRY(store::ExpectCommit(tx, staged.new_location));
  int64_t changed = TRY(
      tx.Execute(fmt::format("UPDATE iceberg_tables SET metadata_location = ?, "
                             "previous_metadata_location = ? WHERE {} AND metadata_location = ?",
                             kOneTable),
                 {staged.new_location, staged.expected_location, kCatalogName,
                  staged.identifier.name_space, staged.identifier.name, staged.expected_location}));
  if (changed == 1) return {};
  std::optional<std::string> now = TRY(FindTable(tx, staged.identifier));
  if (!now) {
    return Error::Conflict("The table {} was dropped by another writer",
                           staged.identifier.ToString());
  }
  return Error::Conflict("Another writer changed the table {}: it is at {} now, expected was {}",
                         staged.identifier.ToString(), *now, staged.expected_location);
}

Result<void> DropTable(store::Transaction& tx, const TableIdentifier& identifier) {
  std::optional<std::string> location = TRY(FindTable(tx, identifier));
  if (!location) return Error::NotFound("there is no table {}", identifier.ToString());
  TRY(store::ExpectCommit(tx, *location));
  TRY(tx.Execute(fmt::format("DELETE FROM iceberg_tables WHERE {}", kOneTable),
                 TableParams(identifier)));
  return {};
}

namespace {

Error MissingMetadata(const io::FileSystem& files, const TableIdentifier& identifier,
                      const std::string& path) {
  std::string table_dir = io::Dirname(io::Dirname(path));
  if (!files.Exists(table_dir)) {
    return Error::Corrupt(
        "The metadata file of table {} is not at {}, and neither is the table's folder. Iceberg "
        "keeps absolute paths: if the lake folder was moved or copied, move it back, or run "
        "\"andon data relocate\" to write its new place into the tables",
        identifier.ToString(), path);
  }
  return Error::Corrupt(
      "The metadata file of table {} is gone: {}. The folder is there; restore the file from a "
      "backup, or point the catalog to an earlier file in {}/metadata",
      identifier.ToString(), path, table_dir);
}

}  // namespace

Result<Table> LoadTableAt(const io::FileSystem& files, const TableIdentifier& identifier,
                          const std::string& metadata_location) {
  std::string path = LocationPath(metadata_location);
  Result<std::string> text = files.Read(path);
  if (!text.ok()) {
    if (text.error().kind == ErrorKind::kNotFound) return MissingMetadata(files, identifier, path);
    return std::move(text).error();
  }
  Result<TableMetadata> metadata = ParseTableMetadata(*text);
  if (!metadata.ok()) {
    return Error::Corrupt("The metadata of table {} cannot be read ({}): {}", identifier.ToString(),
                          path, metadata.error().message);
  }
  return Table{identifier, metadata_location, *std::move(metadata)};
}

Result<Table> LoadTable(store::Database& database, const io::FileSystem& files,
                        const TableIdentifier& identifier, MetadataCache* cache) {
  // A writer that removes old metadata files may do so between our look into the
  // catalog and our read; then the catalog says where the newer file is.
  std::string last;
  while (true) {
    std::optional<std::string> location =
        TRY(database.Read([&](store::Transaction& tx) { return FindTable(tx, identifier); }));
    if (!location) return Error::NotFound("there is no table {}", identifier.ToString());
    if (cache != nullptr) {
      if (auto known = cache->Find(*location)) return Table{identifier, *location, *known};
    }
    Result<Table> table = LoadTableAt(files, identifier, *location);
    if (table.ok() && cache != nullptr) cache->Put(*location, table->metadata);
    if (table.ok() || *location == last || files.Exists(LocationPath(*location))) return table;
    last = *location;
  }
}

}  // namespace andon::iceberg
