// How a user names a version of a table: "payment@2", "payment@audit",
// "payment@2026-01-01", "payment@run-7", and of two: "payment@2..@3".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "iceberg/table.h"
#include "store/database.h"

namespace andon::lake {

struct MainReference {};
struct VersionReference {
  int64_t version = 0;
};
struct NameReference {  // A branch or a tag.
  std::string name;
};
struct TimeReference {  // What main was then.
  Timestamp time;
};
struct SnapshotReference {  // "snapshot:123"
  int64_t snapshot_id = 0;
};
using Reference =
    std::variant<MainReference, VersionReference, NameReference, TimeReference, SnapshotReference>;

struct TableReference {
  std::string table;
  Reference at;
};

// "2", "@2", "audit", "2026-01-01", "2026-01-01T12:00:00Z", "main", "". kInvalid.
Result<Reference> ParseReference(std::string_view text);
// "payment" (main) or "payment@…".
Result<TableReference> ParseTableReference(std::string_view text);

struct ReferenceRange {
  std::string table;
  Reference from;
  Reference to;
};
// "payment@2..@3", "payment@2..3", "payment@2.." (to main).
Result<ReferenceRange> ParseReferenceRange(std::string_view text);

std::string ToString(const Reference& reference);

// The snapshot that is meant; nullopt for main of a table that was never
// published. kNotFound says what there is: versions, branches, tags, or that the
// version is known but its snapshot has expired.
Result<std::optional<int64_t>> Resolve(store::Transaction& tx, const iceberg::Table& table,
                                       const Reference& reference);

}  // namespace andon::lake
