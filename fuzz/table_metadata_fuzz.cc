// links: andon_iceberg
//
// Any bytes as a table's metadata file: what is read is whole, answers every question that is
// asked of a table, and is written so that it is read again as itself.
#include "driver.h"
#include "iceberg/table_metadata.h"

using namespace andon;
using namespace andon::iceberg;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  Result<TableMetadata> read = ParseTableMetadata(input);
  if (!read.ok()) return 0;
  const TableMetadata& metadata = *read;
  metadata.schema().HighestFieldId();
  PartitionTypes(metadata.spec(), metadata.schemas);
  metadata.current_snapshot();
  metadata.IntegerProperty("history.expire.min-snapshots-to-keep", 1);
  for (const auto& [name, ref] : metadata.refs) {
    FUZZ_CHECK(metadata.FindRef(name) != nullptr, input);
  }
  for (const Snapshot& snapshot : metadata.snapshots) {
    metadata.SchemaOf(snapshot);
    metadata.AsOf(snapshot.timestamp_ms);
    snapshot.operation();
    for (const Snapshot& other : metadata.snapshots) metadata.IsAncestor(snapshot.id, other.id);
  }
  std::string once = ToJsonText(metadata);
  Result<TableMetadata> again = ParseTableMetadata(once);
  FUZZ_CHECK(again.ok(), input);
  FUZZ_CHECK(ToJsonText(*again) == once, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  std::vector<Field> fields = {
      {.name = "id", .type = Type(TypeId::kLong), .required = true},
      {.name = "amount", .type = Type::Decimal(5, 2)},
      {.name = "at", .type = Type(TypeId::kTimestamp)},
      {.name = "tags", .type = Type::List({.name = "element", .type = Type(TypeId::kString)})}};
  Result<TableMetadata> made = NewTableMetadata("/lake/t", fields, {*ParsePartitionBy("month(at)")},
                                                {{"k", "v"}}, 1700000000000, {"id"});
  if (!made.ok()) return {};
  std::vector<std::string> corpus = {ToJsonText(*made)};
  made->snapshots.push_back({.id = 1,
                             .sequence_number = 1,
                             .timestamp_ms = 1,
                             .manifest_list = "/lake/t/m1.avro",
                             .summary = {{"operation", "append"}},
                             .schema_id = 0});
  made->snapshots.push_back({.id = 2,
                             .parent_id = 1,
                             .sequence_number = 2,
                             .timestamp_ms = 2,
                             .manifest_list = "/lake/t/m2.avro",
                             .summary = {{"operation", "overwrite"}, {"total-records", "7"}}});
  made->current_snapshot_id = 2;
  made->refs = {{"main", {.snapshot_id = 2, .kind = Branch{}}},
                {"audit", {.snapshot_id = 1, .kind = Tag{}, .max_ref_age_ms = 9}}};
  made->snapshot_log = {{1, 1}, {2, 2}};
  made->metadata_log = {{1, "/lake/t/0.json"}};
  corpus.push_back(ToJsonText(*made));
  return corpus;
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords(
      {"0", "2", "1e30", "99999999999", "9223372036854775807", "\"bucket[16]\"", "\"truncate[0]\"",
       "\"decimal(99,5)\"", "\"fixed[4]\"", "\"main\":", "\"schema-id\":", "\"field-id\":",
       "\"parent-snapshot-id\":", "\"type\":\"struct\"",
       "{\"type\":\"list\",\"element-id\":1,\"element\":", "\"timestamp_ns\"", "\"source-id\":"});
}
