// Partition specs, transforms and sort orders.
//
//   auto [column, transform] = TRY(ParsePartition("month(payment_date)"));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "iceberg/datum.h"
#include "iceberg/schema.h"

namespace andon::iceberg {

enum class TransformKind { kIdentity, kBucket, kTruncate, kYear, kMonth, kDay, kHour, kVoid };

struct Transform {
  TransformKind kind = TransformKind::kIdentity;
  int parameter = 0;  // Buckets or width.

  bool operator==(const Transform&) const = default;
};

std::string ToString(const Transform& transform);  // "bucket[16]", "month"
Result<Transform> ParseTransform(std::string_view text);

// The type of the transformed value. kInvalid where the transform does not take
// `source`.
Result<Type> ResultType(const Transform& transform, const Type& source);
// Null gives null. Requires: ResultType is ok for this type.
Datum Apply(const Transform& transform, const Type& source, const Datum& value);
// murmur3_x86_32 with seed 0, of the value as the specification says to hash it.
uint32_t HashForBucket(const Type& type, const Datum& value);
uint32_t Murmur3(std::string_view bytes);

struct PartitionField {
  int source_id = 0;
  int field_id = 0;  // From 1000 on, unique over all specs of a table.
  std::string name;
  Transform transform;

  bool operator==(const PartitionField&) const = default;
};

struct PartitionSpec {
  int id = 0;
  std::vector<PartitionField> fields;

  bool is_unpartitioned() const;  // No field, or void ones only.
};

// The types of a spec's values, by its source columns' newest types; a column that
// no schema has any more gives string.
std::vector<Type> PartitionTypes(const PartitionSpec& spec, const std::vector<Schema>& schemas);

struct SortField {
  int source_id = 0;
  Transform transform;
  bool ascending = true;
  bool nulls_first = true;
};
struct SortOrder {
  int id = 0;
  std::vector<SortField> fields;
};

Json ToJson(const PartitionSpec& spec);
Json ToJson(const SortOrder& order);
Result<PartitionSpec> PartitionSpecFromJson(const Json& json);
Result<SortOrder> SortOrderFromJson(const Json& json);

// `partition_by` entries: "month(payment_date)", "bucket(16, id)",
// "truncate(4, name)", "country".
struct PartitionBy {
  std::string column;
  Transform transform;
};
Result<PartitionBy> ParsePartitionBy(std::string_view text);

// The spec for those entries over `schema`: ids are reused from `existing` for an
// equal (source, transform), new ones count on from *last_partition_id. The
// names are those of PyIceberg and Java: "payment_date_month", "id_bucket".
Result<PartitionSpec> MakeSpec(const std::vector<PartitionBy>& by, const Schema& schema,
                               const std::vector<PartitionSpec>& existing, int* last_partition_id);

}  // namespace andon::iceberg
