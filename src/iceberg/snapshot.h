// Snapshots, and the branches and tags that name them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::iceberg {

// All values are strings, as the specification wants them.
using Summary = std::map<std::string, std::string>;

struct Snapshot {
  int64_t id = 0;
  std::optional<int64_t> parent_id;
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;
  std::string manifest_list;  // Absolute location.
  Summary summary;            // "operation" and counts.
  std::optional<int> schema_id;

  // "append", "replace", "overwrite" or "delete".
  std::string operation() const;
};

// A branch has what only a branch may have, and a tag cannot.
struct Branch {
  std::optional<int> min_snapshots_to_keep;
  std::optional<int64_t> max_snapshot_age_ms;

  bool operator==(const Branch&) const = default;
};
struct Tag {
  bool operator==(const Tag&) const = default;
};

struct Ref {
  int64_t snapshot_id = 0;
  std::variant<Branch, Tag> kind;
  std::optional<int64_t> max_ref_age_ms;

  bool is_branch() const { return std::holds_alternative<Branch>(kind); }
};

inline constexpr char kMain[] = "main";

Json ToJson(const Snapshot& snapshot);
Json ToJson(const Ref& ref);
Result<Snapshot> SnapshotFromJson(const Json& json);
Result<Ref> RefFromJson(const Json& json);

}  // namespace andon::iceberg
