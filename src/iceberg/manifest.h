// Data files, manifests (lists of data files) and manifest lists (lists of
// manifests), as Avro files of format version 2.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iceberg/partition_spec.h"
#include "iceberg/schema.h"

namespace andon::iceberg {

enum class FileContent { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };

// One file of a table with its statistics, which are known without opening it.
struct DataFile {
  FileContent content = FileContent::kData;
  std::string path;  // Absolute.
  std::string format = "PARQUET";
  int spec_id = 0;
  std::vector<Datum> partition;  // One for each field of the spec.
  int64_t record_count = 0;
  int64_t size_bytes = 0;
  // By field id, of primitive columns. Bounds are in their binary form.
  std::map<int, int64_t> column_sizes;
  std::map<int, int64_t> value_counts;
  std::map<int, int64_t> null_value_counts;
  std::map<int, int64_t> nan_value_counts;
  std::map<int, std::string> lower_bounds;
  std::map<int, std::string> upper_bounds;
  std::vector<int64_t> split_offsets;
  std::vector<int> equality_ids;
  std::optional<int> sort_order_id;
  std::optional<std::string> referenced_data_file;
};

enum class EntryStatus { kExisting = 0, kAdded = 1, kDeleted = 2 };

struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  std::optional<int64_t> snapshot_id;
  // Absent in an ADDED entry as it is written: both come from the manifest list.
  std::optional<int64_t> sequence_number;
  std::optional<int64_t> file_sequence_number;
  DataFile file;
};

struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower;
  std::optional<std::string> upper;
};

enum class ManifestContent { kData = 0, kDeletes = 1 };

struct ManifestFile {
  std::string path;
  int64_t length = 0;
  int spec_id = 0;
  ManifestContent content = ManifestContent::kData;
  int64_t sequence_number = 0;
  int64_t min_sequence_number = 0;
  int64_t added_snapshot_id = 0;
  int added_files = 0;
  int existing_files = 0;
  int deleted_files = 0;
  int64_t added_rows = 0;
  int64_t existing_rows = 0;
  int64_t deleted_rows = 0;
  std::vector<FieldSummary> partitions;

  int live_files() const { return added_files + existing_files; }
};

// The bytes of a manifest with these entries, and its line for the manifest list
// (path and length are filled in; sequence numbers are those of the commit).
// `types` are those of the spec's values (PartitionTypes).
// Requires: all entries are of that spec and content.
struct WrittenManifest {
  ManifestFile file;
  std::string bytes;
};
WrittenManifest WriteManifest(const std::string& path, const Schema& schema,
                              const PartitionSpec& spec, const std::vector<Type>& types,
                              ManifestContent content, const std::vector<ManifestEntry>& entries,
                              int64_t snapshot_id, int64_t sequence_number);

// All entries, deleted ones too, with snapshot id and sequence numbers inherited
// from `file`. kCorrupt for bytes that are no manifest.
Result<std::vector<ManifestEntry>> ReadManifest(std::string_view bytes, const ManifestFile& file,
                                                const PartitionSpec& spec,
                                                const std::vector<Type>& types);

std::string WriteManifestList(const std::vector<ManifestFile>& manifests, int64_t snapshot_id,
                              std::optional<int64_t> parent_snapshot_id, int64_t sequence_number);
Result<std::vector<ManifestFile>> ReadManifestList(std::string_view bytes);

// A data file as JSON and back, to pass between processes.
Json ToJson(const DataFile& file, const std::vector<Type>& partition_types);
Result<DataFile> DataFileFromJson(const Json& json, const std::vector<Type>& partition_types);

}  // namespace andon::iceberg
