// The metadata of one table: what a `*.metadata.json` holds, format version 2.
//
// A value: every change makes a new one. Members that this code does not know
// are kept and written back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iceberg/partition_spec.h"
#include "iceberg/schema.h"
#include "iceberg/snapshot.h"

namespace andon::iceberg {

struct SnapshotLogEntry {
  int64_t timestamp_ms = 0;
  int64_t snapshot_id = 0;
};
struct MetadataLogEntry {
  int64_t timestamp_ms = 0;
  std::string metadata_file;
};

struct TableMetadata {
  std::string uuid;
  std::string location;  // Absolute path of the table's folder.
  int64_t last_sequence_number = 0;
  int64_t last_updated_ms = 0;
  int last_column_id = 0;
  std::vector<Schema> schemas;
  int current_schema_id = 0;
  std::vector<PartitionSpec> specs;
  int default_spec_id = 0;
  int last_partition_id = 999;
  std::vector<SortOrder> sort_orders;
  int default_sort_order_id = 0;
  std::map<std::string, std::string> properties;
  std::optional<int64_t> current_snapshot_id;  // Always refs["main"] where that exists.
  SnapshotList snapshots;
  std::vector<SnapshotLogEntry> snapshot_log;  // What main pointed to, oldest first.
  std::vector<MetadataLogEntry> metadata_log;
  std::map<std::string, Ref> refs;
  Json::Members unknown;  // Top-level members of later versions or other writers.

  const Schema& schema() const;       // The current one.
  const PartitionSpec& spec() const;  // The default one.
  // Null where there is none. Lifetime: that of the metadata.
  const Schema* FindSchema(int id) const;
  const PartitionSpec* FindSpec(int id) const;
  const Snapshot* FindSnapshot(int64_t id) const;
  const Snapshot* current_snapshot() const;
  // The head of a branch or the snapshot of a tag; null for neither.
  const Snapshot* FindRef(std::string_view name) const;

  // True where `ancestor` is `descendant` or one of its parents, as far as the
  // parents are still in the metadata.
  bool IsAncestor(int64_t ancestor, int64_t descendant) const;
  // The schema to read a snapshot with: the snapshot's own where it names one
  // that exists, else the current one. Main's head is read with the current one.
  const Schema& SchemaOf(const Snapshot& snapshot) const;
  // What main pointed to at that time, by snapshot-log; null before the first.
  const Snapshot* AsOf(int64_t timestamp_ms) const;

  std::string Property(std::string_view key, std::string_view other = "") const;
  int64_t IntegerProperty(std::string_view key, int64_t other) const;
};

std::string ToJsonText(const TableMetadata& metadata);
// kCorrupt with the reason: no JSON, a required member missing, a format version
// other than 2, a current schema, spec or snapshot that is not listed.
Result<TableMetadata> ParseTableMetadata(std::string_view text);

// A new table without a snapshot. Field ids are given anew, from 1.
Result<TableMetadata> NewTableMetadata(std::string location, std::vector<Field> fields,
                                       const std::vector<PartitionBy>& partition_by,
                                       std::map<std::string, std::string> properties,
                                       int64_t now_ms,
                                       const std::vector<std::string>& identifier = {});

}  // namespace andon::iceberg
