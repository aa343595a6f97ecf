#include "lake/lake.h"

#include "lake/dropped.h"
#include "sql/engine.h"
#include "sql/types.h"

namespace andon::lake {

Result<iceberg::Table> OpenTable(store::Database& database, const Lake& lake,
                                 const std::string& table) {
  return iceberg::LoadTable(database, *lake.files, lake.Identifier(table), lake.cache);
}

Result<iceberg::Table> OpenTableAt(const Lake& lake, const std::string& table,
                                   const std::string& metadata_location) {
  return iceberg::LoadTableAt(*lake.files, lake.Identifier(table), metadata_location);
}

namespace {

// What a new table says unless its definition says otherwise.
std::map<std::string, std::string> DefaultProperties() {
  return {
      {"write.parquet.compression-codec", "zstd"},
      // Every commit writes a whole metadata file; without these they pile up.
      {"write.metadata.delete-after-commit.enabled", "true"},
      {"write.metadata.previous-versions-max", "20"},
  };
}

}  // namespace

Result<iceberg::Table> OpenOrCreateTable(store::Database& database, const Lake& lake,
                                         const std::string& table,
                                         const TableDefinition& definition) {
  Result<iceberg::Table> existing = OpenTable(database, lake, table);
  if (existing.ok() || existing.error().kind != ErrorKind::kNotFound) return existing;
  std::map<std::string, std::string> properties = DefaultProperties();
  for (const auto& [key, value] : definition.properties) properties[key] = value;
  iceberg::Change change;
  change.metadata = TRY(iceberg::NewTableMetadata(lake.TableLocation(table), definition.columns,
                                                  definition.partition_by, std::move(properties),
                                                  lake.now_ms(), definition.key));
  iceberg::Table made{lake.Identifier(table), "", {}};
  iceberg::Staged staged = TRY(iceberg::Stage(*lake.files, made, std::move(change)));
  Result<void> done =
      database.Write([&](store::Transaction& tx) { return iceberg::CreateTable(tx, staged); });
  if (!done.ok()) {
    // Someone else made it at the same moment; theirs is as good.
    if (done.error().kind == ErrorKind::kConflict) {
      Discard(lake, staged);
      return OpenTable(database, lake, table);
    }
    return std::move(done).error();
  }
  made.metadata_location = staged.new_location;
  made.metadata = std::move(staged.metadata);
  return made;
}

Result<std::vector<std::string>> ListTables(store::Database& database, const Lake& lake) {
  std::vector<iceberg::CatalogEntry> entries = TRY(
      database.Read([&](store::Transaction& tx) { return iceberg::ListTables(tx, lake.project); }));
  std::vector<std::string> names;
  for (iceberg::CatalogEntry& entry : entries) names.push_back(std::move(entry.identifier.name));
  return names;
}

Result<std::string> DuckDbType(const iceberg::Type& type) {
  switch (type.id) {
    case iceberg::TypeId::kFixed:
      return std::string("BLOB");
    case iceberg::TypeId::kStruct: {
      std::string text;
      for (const iceberg::Field& field : type.fields) {
        std::string inner = TRY(DuckDbType(field.type));
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", sql::QuoteIdentifier(field.name),
                            inner);
      }
      return fmt::format("STRUCT({})", text);
    }
    case iceberg::TypeId::kList: {
      std::string inner = TRY(DuckDbType(type.fields[0].type));
      return inner + "[]";
    }
    case iceberg::TypeId::kMap: {
      std::string key = TRY(DuckDbType(type.fields[0].type));
      std::string value = TRY(DuckDbType(type.fields[1].type));
      return fmt::format("MAP({}, {})", key, value);
    }
    default:
      return sql::ToDuckDbType(iceberg::ToString(type));
  }
}

Result<iceberg::Type> IcebergType(const std::string& duckdb_type) {
  std::string name = TRY(sql::FromDuckDbType(duckdb_type));
  return iceberg::ParseType(name);
}

Result<void> CommitStaged(store::Transaction& tx, const Lake& lake, const iceberg::Staged& staged) {
  TRY(iceberg::Commit(tx, staged));
  return RememberDropped(tx, lake, staged);
}

void RemoveObsolete(const Lake& lake, const iceberg::Staged& staged) {
  for (const std::string& path : staged.obsolete) {
    // A file that stays is found by the garbage collection.
    (void)lake.files->Remove(path);
  }
}

void Discard(const Lake& lake, const iceberg::Staged& staged) {
  for (const std::string& path : staged.written) (void)lake.files->Remove(path);
}

Result<iceberg::Table> CommitAlone(store::Database& database, const Lake& lake,
                                   const iceberg::Table& table, iceberg::Change change) {
  iceberg::Staged staged = TRY(iceberg::Stage(*lake.files, table, std::move(change)));
  Result<void> done =
      database.Write([&](store::Transaction& tx) { return CommitStaged(tx, lake, staged); });
  if (!done.ok()) {
    if (done.error().kind == ErrorKind::kConflict) Discard(lake, staged);
    return std::move(done).error();
  }
  RemoveObsolete(lake, staged);
  if (lake.cache != nullptr) lake.cache->Put(staged.new_location, staged.metadata);
  return iceberg::Table{table.identifier, staged.new_location, std::move(staged.metadata)};
}

}  // namespace andon::lake
