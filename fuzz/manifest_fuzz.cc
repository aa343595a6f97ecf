// links: andon_iceberg
//
// Any bytes as a manifest and as a manifest list: what is read is written and read again as
// itself; bounds that do not fit their type are refused.
#include <cmath>

#include "driver.h"
#include "iceberg/manifest.h"

namespace {

using namespace andon;
using namespace andon::iceberg;

const std::vector<Type>& Types() {
  static const std::vector<Type> types = {Type(TypeId::kInt), Type(TypeId::kString),
                                          Type::Decimal(20, 2), Type(TypeId::kDouble),
                                          Type(TypeId::kUuid)};
  return types;
}

PartitionSpec Spec() {
  return {.id = 0,
          .fields = {{1, 1000, "day", {TransformKind::kDay}},
                     {2, 1001, "country", {TransformKind::kIdentity}},
                     {3, 1002, "amount", {TransformKind::kIdentity}},
                     {4, 1003, "share", {TransformKind::kIdentity}},
                     {5, 1004, "id", {TransformKind::kIdentity}}}};
}

Schema TableSchema() {
  return {.id = 0,
          .fields = {{1, "at", Type(TypeId::kDate)},
                     {2, "country", Type(TypeId::kString)},
                     {3, "amount", Type::Decimal(20, 2)},
                     {4, "share", Type(TypeId::kDouble)},
                     {5, "id", Type(TypeId::kUuid)}}};
}

DataFile File(int i) {
  DataFile file{.path = "/lake/t/data/" + std::to_string(i) + ".parquet",
                .partition = {Datum(int64_t{i}), Datum(std::string("de")), Datum(Unscaled{-12345}),
                              Datum(0.5), Datum(std::string(16, 'u'))},
                .record_count = 7,
                .size_bytes = 900};
  file.column_sizes = {{1, 10}, {2, 20}};
  file.value_counts = {{1, 7}};
  file.null_value_counts = {{1, 0}};
  file.nan_value_counts = {{4, 1}};
  file.lower_bounds = {{1, Encode(Type(TypeId::kDate), Datum(int64_t{1}))}, {2, "a"}};
  file.upper_bounds = {{1, Encode(Type(TypeId::kDate), Datum(int64_t{9}))}, {2, "b"}};
  file.split_offsets = {4, 400};
  return file;
}

WrittenManifest Manifest() {
  return WriteManifest("/lake/t/m.avro", TableSchema(), Spec(), Types(), ManifestContent::kData,
                       {{EntryStatus::kAdded, 5, {}, {}, File(1)},
                        {EntryStatus::kExisting, 4, 2, 2, File(2)},
                        {EntryStatus::kDeleted, 5, 1, 1, File(3)}},
                       5, 3);
}

void CheckBounds(const std::map<int, std::string>& bounds) {
  for (const Type& type : Types()) {
    for (const auto& [id, bytes] : bounds) {
      Result<Datum> datum = Decode(type, bytes);
      if (!datum.ok()) continue;
      std::string text = ToText(type, *datum);
      (void)FromText(type, text);
      TruncateLower(type, *datum, 4);
      TruncateUpper(type, *datum, 4);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ManifestFile line = Manifest().file;
  std::string input(reinterpret_cast<const char*>(data), size);
  auto entries = ReadManifest(input, line, Spec(), Types());
  if (entries.ok()) {
    for (const ManifestEntry& entry : *entries) {
      FUZZ_CHECK(entry.file.partition.size() == Types().size(), input);
      CheckBounds(entry.file.lower_bounds);
      CheckBounds(entry.file.upper_bounds);
      Json json = ToJson(entry.file, Types());
      Result<DataFile> again = DataFileFromJson(json, Types());
      FUZZ_CHECK(again.ok() && ToJson(*again, Types()) == json, input);
    }
    WrittenManifest written =
        WriteManifest("/m", TableSchema(), Spec(), Types(), ManifestContent::kData, *entries, 5, 3);
    auto again = ReadManifest(written.bytes, written.file, Spec(), Types());
    FUZZ_CHECK(again.ok() && again->size() == entries->size(), input);
  }
  auto files = ReadManifestList(input);
  if (files.ok()) {
    auto again = ReadManifestList(WriteManifestList(*files, 5, 4, 3));
    FUZZ_CHECK(again.ok() && again->size() == files->size(), input);
  }
  Result<Json> json = Json::Parse(input);
  if (json.ok()) (void)DataFileFromJson(*json, Types());
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  WrittenManifest manifest = Manifest();
  return {manifest.bytes, WriteManifestList({manifest.file, manifest.file}, 5, 4, 3),
          ToJson(File(1), Types()).Dump()};
}

std::vector<std::string> FuzzWords() {
  return {std::string(1, '\0'),
          "\x01",
          "\x02",
          "\xff",
          "\x7f",
          "null",
          "{",
          "}",
          "[",
          "]",
          "\"",
          "1",
          "-1",
          ",",
          ":"};
}
