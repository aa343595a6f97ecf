// What produce.cc, table.cc and relocate.cc share. Only for this folder.
#pragma once

#include <string>
#include <vector>

#include "iceberg/table.h"

namespace andon::iceberg::internal {

// Summary keys by which a branch remembers what it began with and wants.
inline constexpr char kBaseSchemaId[] = "andon.base-schema-id";
inline constexpr char kBaseSpecId[] = "andon.base-spec-id";
inline constexpr char kSpecId[] = "andon.spec-id";

// Random, positive, not yet in the table.
int64_t NewSnapshotId(const TableMetadata& metadata);

// Points a branch (made where there is none) at a snapshot; main with its log.
void PointRef(TableMetadata& metadata, const std::string& branch, int64_t snapshot_id,
              int64_t now_ms);

// The schema and spec that main shall have when it takes over `head`. kConflict
// where both the branch and another writer changed them.
struct Evolved {
  int schema_id = 0;
  int spec_id = 0;
};
Result<Evolved> EvolvedBy(const TableMetadata& base, const Snapshot& head,
                          const std::string& branch);

// "snapshot 12 (append, 2026-11-20T08:00:00Z)", or "no snapshot".
std::string Describe(const Snapshot* snapshot);

Result<std::vector<ManifestEntry>> ReadEntries(const TableMetadata& metadata,
                                               const io::FileSystem& files,
                                               const ManifestFile& manifest);

}  // namespace andon::iceberg::internal
