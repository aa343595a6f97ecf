#include "lake/log.h"

namespace andon::lake {
namespace {

std::optional<int64_t> Number(const Json& body, std::string_view key) {
  if (!body[key].is_integer()) return std::nullopt;
  return body[key].AsInteger();
}

}  // namespace

Result<TableLog> ReadLog(store::Database& database, const Lake& lake, const std::string& table) {
  iceberg::Table opened = TRY(OpenTable(database, lake, table));
  const iceberg::TableMetadata& metadata = opened.metadata;
  std::vector<Version> versions =
      TRY(database.Write([&](store::Transaction& tx) -> Result<std::vector<Version>> {
        TRY(RecordForeign(tx, opened));
        return ListVersions(tx, table);
      }));
  TableLog log;
  for (Version& version : versions) {
    LogEntry entry;
    const iceberg::Snapshot* snapshot = metadata.FindSnapshot(version.snapshot_id);
    entry.is_current = metadata.current_snapshot_id == version.snapshot_id;
    entry.is_readable = snapshot != nullptr;
    entry.operation = version.body["operation"].AsString();
    entry.rows_added = Number(version.body, "rows_added");
    entry.rows_changed = Number(version.body, "rows_changed");
    entry.rows_removed = Number(version.body, "rows_removed");
    entry.rows_total = Number(version.body, "rows_total");
    if (snapshot != nullptr) entry.summary = snapshot->summary;
    for (const auto& [name, ref] : metadata.refs) {
      if (!ref.is_branch() && ref.snapshot_id == version.snapshot_id) entry.tags.push_back(name);
    }
    entry.version = std::move(version);
    log.entries.push_back(std::move(entry));
  }
  for (const auto& [name, ref] : metadata.refs) {
    if (ref.is_branch() && name != iceberg::kMain) log.branches.push_back(name);
  }
  return log;
}

}  // namespace andon::lake
