#include "iceberg/manifest.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "base/text.h"
#include "iceberg/avro.h"

namespace andon::iceberg {
namespace {

using avro::Value;
using Items = std::vector<Value>;

// --- Schemas, with the record names and field ids of the specification.

Json AvroField(std::string_view name, Json type, int id) {
  return Json::Object({{"name", name}, {"type", std::move(type)}, {"field-id", id}});
}

Json Optional(std::string_view name, Json type, int id) {
  return Json::Object({{"name", name},
                       {"type", Json::List({"null", std::move(type)})},
                       {"default", nullptr},
                       {"field-id", id}});
}

Json Record(std::string_view name, Json::Array fields) {
  return Json::Object({{"type", "record"}, {"name", name}, {"fields", Json(std::move(fields))}});
}

// Avro maps have string keys only; Iceberg writes others as lists of pairs.
Json MapOf(int key_id, int value_id, std::string_view value_type) {
  Json pair = Record(fmt::format("k{}_v{}", key_id, value_id),
                     {AvroField("key", "int", key_id), AvroField("value", value_type, value_id)});
  return Json::Object({{"type", "array"}, {"items", std::move(pair)}, {"logicalType", "map"}});
}

Json ListOf(std::string_view type, int element_id) {
  return Json::Object({{"type", "array"}, {"items", type}, {"element-id", element_id}});
}

int DecimalBytes(int precision) {
  // The smallest number of bytes whose signed range holds 10^precision - 1.
  return static_cast<int>(std::ceil((precision * std::log2(10.0) + 1) / 8));
}

Json Logical(std::string_view type, std::string_view logical) {
  return Json::Object({{"type", type}, {"logicalType", logical}});
}

Json NamedFixed(const std::string& name, int size, std::set<std::string>& defined) {
  if (!defined.insert(name).second) return name;
  return Json::Object({{"type", "fixed"}, {"name", name}, {"size", size}});
}

Json AvroType(const Type& type, std::set<std::string>& defined) {
  switch (type.id) {
    case TypeId::kBoolean:
      return "boolean";
    case TypeId::kInt:
      return "int";
    case TypeId::kLong:
      return "long";
    case TypeId::kFloat:
      return "float";
    case TypeId::kDouble:
      return "double";
    case TypeId::kDate:
      return Logical("int", "date");
    case TypeId::kTime:
      return Logical("long", "time-micros");
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz: {
      Json json = Logical("long", "timestamp-micros");
      json.Set("adjust-to-utc", type.id == TypeId::kTimestamptz);
      return json;
    }
    case TypeId::kDecimal: {
      Json json = NamedFixed(fmt::format("decimal_{}_{}", type.precision, type.scale),
                             DecimalBytes(type.precision), defined);
      if (json.is_object()) {
        json.Set("logicalType", "decimal");
        json.Set("precision", type.precision);
        json.Set("scale", type.scale);
      }
      return json;
    }
    case TypeId::kUuid: {
      Json json = NamedFixed("uuid_fixed", 16, defined);
      if (json.is_object()) json.Set("logicalType", "uuid");
      return json;
    }
    case TypeId::kFixed:
      return NamedFixed(fmt::format("fixed_{}", type.length), type.length, defined);
    case TypeId::kBinary:
      return "bytes";
    default:
      return "string";
  }
}

// Avro names are letters, digits and '_', and begin with no digit.
std::string AvroName(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(name[i]);
    if (std::isalpha(c) || c == '_' || (i > 0 && std::isdigit(c))) {
      out += name[i];
    } else if (std::isdigit(c)) {
      out += fmt::format("_{}", name[i]);
    } else {
      out += fmt::format("_x{:X}", c);
    }
  }
  return out;
}

Json PartitionRecord(const PartitionSpec& spec, const std::vector<Type>& types) {
  Json::Array fields;
  std::set<std::string> defined;
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    fields.push_back(Optional(AvroName(spec.fields[i].name), AvroType(types[i], defined),
                              spec.fields[i].field_id));
  }
  return Record("r102", std::move(fields));
}

Json EntrySchema(const PartitionSpec& spec, const std::vector<Type>& types) {
  Json file = Record("r2", {
                               AvroField("content", "int", 134),
                               AvroField("file_path", "string", 100),
                               AvroField("file_format", "string", 101),
                               AvroField("partition", PartitionRecord(spec, types), 102),
                               AvroField("record_count", "long", 103),
                               AvroField("file_size_in_bytes", "long", 104),
                               Optional("column_sizes", MapOf(117, 118, "long"), 108),
                               Optional("value_counts", MapOf(119, 120, "long"), 109),
                               Optional("null_value_counts", MapOf(121, 122, "long"), 110),
                               Optional("nan_value_counts", MapOf(138, 139, "long"), 137),
                               Optional("lower_bounds", MapOf(126, 127, "bytes"), 125),
                               Optional("upper_bounds", MapOf(129, 130, "bytes"), 128),
                               Optional("key_metadata", "bytes", 131),
                               Optional("split_offsets", ListOf("long", 133), 132),
                               Optional("equality_ids", ListOf("int", 136), 135),
                               Optional("sort_order_id", "int", 140),
                               Optional("referenced_data_file", "string", 143),
                           });
  return Record("manifest_entry", {
                                      AvroField("status", "int", 0),
                                      Optional("snapshot_id", "long", 1),
                                      Optional("sequence_number", "long", 3),
                                      Optional("file_sequence_number", "long", 4),
                                      AvroField("data_file", std::move(file), 2),
                                  });
}

Json ManifestFileSchema() {
  Json summary = Record("r508", {
                                    AvroField("contains_null", "boolean", 509),
                                    Optional("contains_nan", "boolean", 518),
                                    Optional("lower_bound", "bytes", 510),
                                    Optional("upper_bound", "bytes", 511),
                                });
  Json summaries =
      Json::Object({{"type", "array"}, {"items", std::move(summary)}, {"element-id", 508}});
  return Record("manifest_file", {
                                     AvroField("manifest_path", "string", 500),
                                     AvroField("manifest_length", "long", 501),
                                     AvroField("partition_spec_id", "int", 502),
                                     AvroField("content", "int", 517),
                                     AvroField("sequence_number", "long", 515),
                                     AvroField("min_sequence_number", "long", 516),
                                     AvroField("added_snapshot_id", "long", 503),
                                     AvroField("added_files_count", "int", 504),
                                     AvroField("existing_files_count", "int", 505),
                                     AvroField("deleted_files_count", "int", 506),
                                     AvroField("added_rows_count", "long", 512),
                                     AvroField("existing_rows_count", "long", 513),
                                     AvroField("deleted_rows_count", "long", 514),
                                     Optional("partitions", std::move(summaries), 507),
                                     Optional("key_metadata", "bytes", 519),
                                 });
}

// --- Values

Value ToAvro(const Type& type, const Datum& datum) {
  if (IsNull(datum)) return {};
  if (const bool* b = std::get_if<bool>(&datum)) return *b;
  if (const int64_t* i = std::get_if<int64_t>(&datum)) return *i;
  if (const double* d = std::get_if<double>(&datum)) return *d;
  if (const Unscaled* u = std::get_if<Unscaled>(&datum)) {
    std::string bytes = BigEndian(u->value);
    size_t size = static_cast<size_t>(DecimalBytes(type.precision));
    if (bytes.size() < size) bytes.insert(0, size - bytes.size(), u->value < 0 ? '\xff' : '\0');
    return bytes;
  }
  return std::get<std::string>(datum);
}

Datum FromAvro(const Type& type, const Value& value) {
  if (value.is_null()) return {};
  switch (type.id) {
    case TypeId::kBoolean:
      return value.AsBool();
    case TypeId::kFloat:
    case TypeId::kDouble:
      return value.AsDouble();
    case TypeId::kDecimal:
      return Unscaled{FromBigEndian(value.AsString())};
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kFixed:
    case TypeId::kUuid:
      return value.AsString();
    default:
      return value.AsInteger();
  }
}

template <typename T>
Value Pairs(const std::map<int, T>& map) {
  if (map.empty()) return {};
  Items pairs;
  for (const auto& [key, value] : map) pairs.push_back(Items{Value(key), Value(value)});
  return pairs;
}

template <typename T>
Value OptionalValue(const std::optional<T>& value) {
  return value ? Value(*value) : Value();
}

template <typename T>
Value Numbers(const std::vector<T>& numbers) {
  if (numbers.empty()) return {};
  Items items;
  for (T number : numbers) items.push_back(Value(number));
  return items;
}

Value FileRecord(const DataFile& file, const std::vector<Type>& types) {
  Items partition;
  for (size_t i = 0; i < types.size(); ++i) {
    partition.push_back(i < file.partition.size() ? ToAvro(types[i], file.partition[i]) : Value());
  }
  return Items{
      Value(static_cast<int>(file.content)),
      Value(file.path),
      Value(file.format),
      Value(std::move(partition)),
      Value(file.record_count),
      Value(file.size_bytes),
      Pairs(file.column_sizes),
      Pairs(file.value_counts),
      Pairs(file.null_value_counts),
      Pairs(file.nan_value_counts),
      Pairs(file.lower_bounds),
      Pairs(file.upper_bounds),
      Value(),
      Numbers(file.split_offsets),
      Numbers(file.equality_ids),
      OptionalValue(file.sort_order_id),
      OptionalValue(file.referenced_data_file),
  };
}

Value EntryRecord(const ManifestEntry& entry, const std::vector<Type>& types) {
  // An added file's numbers are those of the commit, which may be made again on a
  // newer table; so they are inherited.
  bool inherits = entry.status == EntryStatus::kAdded;
  return Items{
      Value(static_cast<int>(entry.status)),
      OptionalValue(entry.snapshot_id),
      inherits ? Value() : OptionalValue(entry.sequence_number),
      inherits ? Value() : OptionalValue(entry.file_sequence_number),
      FileRecord(entry.file, types),
  };
}

// --- Reading

// Field positions looked up once for a manifest, not once for an entry.
class RecordView {
 public:
  RecordView(const avro::Schema& schema, const Value& record) : schema_(schema), record_(record) {}
  const Value& operator[](int id) const { return avro::FieldById(schema_, record_, id); }

 private:
  const avro::Schema& schema_;
  const Value& record_;
};

std::map<int, int64_t> ReadCounts(const Value& value) {
  std::map<int, int64_t> counts;
  for (const Value& pair : value.items()) {
    if (pair.items().size() != 2) continue;
    counts[static_cast<int>(pair.items()[0].AsInteger())] = pair.items()[1].AsInteger();
  }
  return counts;
}

std::map<int, std::string> ReadBounds(const Value& value) {
  std::map<int, std::string> bounds;
  for (const Value& pair : value.items()) {
    if (pair.items().size() != 2) continue;
    bounds[static_cast<int>(pair.items()[0].AsInteger())] = pair.items()[1].AsString();
  }
  return bounds;
}

DataFile ReadFile(const avro::Schema& schema, const Value& record, const PartitionSpec& spec,
                  const std::vector<Type>& types) {
  RecordView view(schema, record);
  DataFile file;
  file.content = static_cast<FileContent>(view[134].AsInteger());
  file.path = view[100].AsString();
  file.format = view[101].AsString();
  file.spec_id = spec.id;
  const avro::Schema* partition = avro::SchemaById(schema, 102);
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    file.partition.push_back(
        partition == nullptr
            ? Datum()
            : FromAvro(types[i], avro::FieldById(*partition, view[102], spec.fields[i].field_id)));
  }
  file.record_count = view[103].AsInteger();
  file.size_bytes = view[104].AsInteger();
  file.column_sizes = ReadCounts(view[108]);
  file.value_counts = ReadCounts(view[109]);
  file.null_value_counts = ReadCounts(view[110]);
  file.nan_value_counts = ReadCounts(view[137]);
  file.lower_bounds = ReadBounds(view[125]);
  file.upper_bounds = ReadBounds(view[128]);
  for (const Value& offset : view[132].items()) file.split_offsets.push_back(offset.AsInteger());
  for (const Value& id : view[135].items()) {
    file.equality_ids.push_back(static_cast<int>(id.AsInteger()));
  }
  if (!view[140].is_null()) file.sort_order_id = static_cast<int>(view[140].AsInteger());
  if (!view[143].is_null()) file.referenced_data_file = view[143].AsString();
  return file;
}

// A value of a type whose bytes have a length of their own.
bool HasItsLength(const Type& type, const Datum& value) {
  if (const Unscaled* u = std::get_if<Unscaled>(&value))
    return BigEndian(u->value).size() <= static_cast<size_t>(DecimalBytes(type.precision));
  const std::string* bytes = std::get_if<std::string>(&value);
  if (bytes == nullptr) return true;
  if (type.id == TypeId::kUuid) return bytes->size() == 16;
  return type.id != TypeId::kFixed || bytes->size() == static_cast<size_t>(type.length);
}

// What every later step takes for granted.
Result<void> CheckFile(const DataFile& file, const ManifestFile& manifest,
                       const std::vector<Type>& types) {
  if (file.path.empty())
    return Error::Corrupt("manifest {}: an entry names no file", manifest.path);
  int content = static_cast<int>(file.content);
  if (content < 0 || content > 2 || file.record_count < 0 || file.size_bytes < 0)
    return Error::Corrupt("manifest {}: the entry of {} is damaged", manifest.path, file.path);
  for (size_t i = 0; i < file.partition.size() && i < types.size(); ++i) {
    if (!HasItsLength(types[i], file.partition[i]))
      return Error::Corrupt("manifest {}: a partition value of {} is no {}", manifest.path,
                            file.path, ToString(types[i]));
  }
  return {};
}

std::vector<FieldSummary> SummarizePartitions(const std::vector<ManifestEntry>& entries,
                                              const std::vector<Type>& types) {
  std::vector<FieldSummary> summaries(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    std::optional<Datum> lower;
    std::optional<Datum> upper;
    bool floating = types[i].id == TypeId::kFloat || types[i].id == TypeId::kDouble;
    if (floating) summaries[i].contains_nan = false;
    for (const ManifestEntry& entry : entries) {
      if (i >= entry.file.partition.size() || IsNull(entry.file.partition[i])) {
        summaries[i].contains_null = true;
        continue;
      }
      const Datum& value = entry.file.partition[i];
      if (floating && std::isnan(std::get<double>(value))) {
        summaries[i].contains_nan = true;
        continue;
      }
      if (!lower || Compare(value, *lower) < 0) lower = value;
      if (!upper || Compare(value, *upper) > 0) upper = value;
    }
    if (lower) summaries[i].lower = Encode(types[i], *lower);
    if (upper) summaries[i].upper = Encode(types[i], *upper);
  }
  return summaries;
}

Value ManifestFileRecord(const ManifestFile& file) {
  Items summaries;
  for (const FieldSummary& summary : file.partitions) {
    summaries.push_back(Items{Value(summary.contains_null), OptionalValue(summary.contains_nan),
                              OptionalValue(summary.lower), OptionalValue(summary.upper)});
  }
  return Items{
      Value(file.path),
      Value(file.length),
      Value(file.spec_id),
      Value(static_cast<int>(file.content)),
      Value(file.sequence_number),
      Value(file.min_sequence_number),
      Value(file.added_snapshot_id),
      Value(file.added_files),
      Value(file.existing_files),
      Value(file.deleted_files),
      Value(file.added_rows),
      Value(file.existing_rows),
      Value(file.deleted_rows),
      Value(std::move(summaries)),
      Value(),
  };
}

}  // namespace

WrittenManifest WriteManifest(const std::string& path, const Schema& schema,
                              const PartitionSpec& spec, const std::vector<Type>& types,
                              ManifestContent content, const std::vector<ManifestEntry>& entries,
                              int64_t snapshot_id, int64_t sequence_number) {
  WrittenManifest written;
  ManifestFile& file = written.file;
  file.path = path;
  file.spec_id = spec.id;
  file.content = content;
  file.sequence_number = sequence_number;
  file.min_sequence_number = sequence_number;
  file.added_snapshot_id = snapshot_id;
  std::vector<Value> records;
  records.reserve(entries.size());
  for (const ManifestEntry& entry : entries) {
    int64_t rows = entry.file.record_count;
    switch (entry.status) {
      case EntryStatus::kAdded:
        ++file.added_files;
        file.added_rows += rows;
        break;
      case EntryStatus::kExisting:
        ++file.existing_files;
        file.existing_rows += rows;
        break;
      case EntryStatus::kDeleted:
        ++file.deleted_files;
        file.deleted_rows += rows;
        break;
    }
    if (entry.status == EntryStatus::kExisting && entry.sequence_number) {
      file.min_sequence_number = std::min(file.min_sequence_number, *entry.sequence_number);
    }
    records.push_back(EntryRecord(entry, types));
  }
  file.partitions = SummarizePartitions(entries, types);
  Json fields = ToJson(spec)["fields"];
  written.bytes = avro::Write(EntrySchema(spec, types),
                              {{"schema", ToJson(schema).Dump()},
                               {"schema-id", std::to_string(schema.id)},
                               {"partition-spec", fields.Dump()},
                               {"partition-spec-id", std::to_string(spec.id)},
                               {"format-version", "2"},
                               {"content", content == ManifestContent::kData ? "data" : "deletes"}},
                              records);
  file.length = static_cast<int64_t>(written.bytes.size());
  return written;
}

Result<std::vector<ManifestEntry>> ReadManifest(std::string_view bytes, const ManifestFile& file,
                                                const PartitionSpec& spec,
                                                const std::vector<Type>& types) {
  Result<avro::Container> container = avro::Read(bytes);
  if (!container.ok()) {
    return std::move(container).error().In(fmt::format("manifest {}", file.path));
  }
  const avro::Schema& schema = *container->schema;
  const avro::Schema* file_schema = avro::SchemaById(schema, 2);
  if (file_schema == nullptr) return Error::Corrupt("{} is no Iceberg manifest", file.path);
  std::vector<ManifestEntry> entries;
  entries.reserve(container->records.size());
  for (const Value& record : container->records) {
    RecordView view(schema, record);
    ManifestEntry entry;
    int64_t status = view[0].AsInteger();
    if (status < 0 || status > 2) {
      return Error::Corrupt("manifest {}: status {} is not known", file.path, status);
    }
    entry.status = static_cast<EntryStatus>(status);
    entry.snapshot_id = view[1].AsInteger(file.added_snapshot_id);
    if (!view[3].is_null()) entry.sequence_number = view[3].AsInteger();
    if (!view[4].is_null()) entry.file_sequence_number = view[4].AsInteger();
    if (entry.status == EntryStatus::kAdded) {
      if (!entry.sequence_number) entry.sequence_number = file.sequence_number;
      if (!entry.file_sequence_number) entry.file_sequence_number = file.sequence_number;
    }
    entry.file = ReadFile(*file_schema, view[2], spec, types);
    TRY(CheckFile(entry.file, file, types));
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string WriteManifestList(const std::vector<ManifestFile>& manifests, int64_t snapshot_id,
                              std::optional<int64_t> parent_snapshot_id, int64_t sequence_number) {
  std::vector<Value> records;
  records.reserve(manifests.size());
  for (const ManifestFile& manifest : manifests) records.push_back(ManifestFileRecord(manifest));
  return avro::Write(
      ManifestFileSchema(),
      {{"snapshot-id", std::to_string(snapshot_id)},
       {"parent-snapshot-id", parent_snapshot_id ? std::to_string(*parent_snapshot_id) : "null"},
       {"sequence-number", std::to_string(sequence_number)},
       {"format-version", "2"}},
      records);
}

Result<std::vector<ManifestFile>> ReadManifestList(std::string_view bytes) {
  avro::Container container = TRY(avro::Read(bytes));
  const avro::Schema& schema = *container.schema;
  std::vector<ManifestFile> manifests;
  for (const Value& record : container.records) {
    RecordView view(schema, record);
    ManifestFile file;
    file.path = view[500].AsString();
    if (file.path.empty()) return Error::Corrupt("it is no Iceberg manifest list");
    file.length = view[501].AsInteger();
    file.spec_id = static_cast<int>(view[502].AsInteger());
    file.content = static_cast<ManifestContent>(view[517].AsInteger());
    file.sequence_number = view[515].AsInteger();
    file.min_sequence_number = view[516].AsInteger();
    file.added_snapshot_id = view[503].AsInteger();
    file.added_files = static_cast<int>(view[504].AsInteger());
    file.existing_files = static_cast<int>(view[505].AsInteger());
    file.deleted_files = static_cast<int>(view[506].AsInteger());
    file.added_rows = view[512].AsInteger();
    file.existing_rows = view[513].AsInteger();
    file.deleted_rows = view[514].AsInteger();
    if (static_cast<int>(file.content) < 0 || static_cast<int>(file.content) > 1)
      return Error::Corrupt("its line for {} is damaged", file.path);
    const avro::Schema* list = avro::SchemaById(schema, 507);
    const bool is_list = list != nullptr && list->kind == avro::Kind::kArray;
    if (!is_list && !view[507].is_null())
      return Error::Corrupt("its schema gives no list of partitions");
    for (const Value& item : view[507].items()) {
      RecordView summary(*list->items, item);
      FieldSummary field;
      field.contains_null = summary[509].AsBool();
      if (!summary[518].is_null()) field.contains_nan = summary[518].AsBool();
      if (!summary[510].is_null()) field.lower = summary[510].AsString();
      if (!summary[511].is_null()) field.upper = summary[511].AsString();
      file.partitions.push_back(std::move(field));
    }
    manifests.push_back(std::move(file));
  }
  return manifests;
}

// --- Between processes

namespace {

Json CountsJson(const std::map<int, int64_t>& counts) {
  Json json = Json::Object();
  for (const auto& [id, count] : counts) json.Set(std::to_string(id), count);
  return json;
}
Json BoundsJson(const std::map<int, std::string>& bounds) {
  Json json = Json::Object();
  for (const auto& [id, bytes] : bounds) json.Set(std::to_string(id), Base64Encode(bytes));
  return json;
}
std::map<int, int64_t> CountsFromJson(const Json& json) {
  std::map<int, int64_t> counts;
  for (const auto& [id, count] : json.members()) counts[std::atoi(id.c_str())] = count.AsInteger();
  return counts;
}
std::map<int, std::string> BoundsFromJson(const Json& json) {
  std::map<int, std::string> bounds;
  for (const auto& [id, text] : json.members()) {
    Base64Decode(text.AsString(), &bounds[std::atoi(id.c_str())]);
  }
  return bounds;
}

}  // namespace

Json ToJson(const DataFile& file, const std::vector<Type>& partition_types) {
  Json partition = Json::List();
  for (size_t i = 0; i < partition_types.size(); ++i) {
    bool null = i >= file.partition.size() || IsNull(file.partition[i]);
    partition.Push(null ? Json()
                        : Json(Base64Encode(Encode(partition_types[i], file.partition[i]))));
  }
  Json offsets = Json::List();
  for (int64_t offset : file.split_offsets) offsets.Push(offset);
  return Json::Object({{"path", file.path},
                       {"format", file.format},
                       {"spec", file.spec_id},
                       {"partition", std::move(partition)},
                       {"rows", file.record_count},
                       {"bytes", file.size_bytes},
                       {"column_sizes", CountsJson(file.column_sizes)},
                       {"values", CountsJson(file.value_counts)},
                       {"nulls", CountsJson(file.null_value_counts)},
                       {"nans", CountsJson(file.nan_value_counts)},
                       {"lower", BoundsJson(file.lower_bounds)},
                       {"upper", BoundsJson(file.upper_bounds)},
                       {"split_offsets", std::move(offsets)}});
}

Result<DataFile> DataFileFromJson(const Json& json, const std::vector<Type>& partition_types) {
  DataFile file;
  file.path = json["path"].AsString();
  if (file.path.empty()) return Error::Invalid("a data file needs a path");
  file.format = json["format"].AsString("PARQUET");
  file.spec_id = static_cast<int>(json["spec"].AsInteger());
  const Json::Array& partition = json["partition"].items();
  for (size_t i = 0; i < partition_types.size(); ++i) {
    if (i >= partition.size() || partition[i].is_null()) {
      file.partition.emplace_back();
      continue;
    }
    std::string bytes;
    if (!Base64Decode(partition[i].AsString(), &bytes)) {
      return Error::Invalid("a partition value of {} is damaged", file.path);
    }
    Datum value = TRY(Decode(partition_types[i], bytes));
    file.partition.push_back(std::move(value));
  }
  file.record_count = json["rows"].AsInteger();
  file.size_bytes = json["bytes"].AsInteger();
  file.column_sizes = CountsFromJson(json["column_sizes"]);
  file.value_counts = CountsFromJson(json["values"]);
  file.null_value_counts = CountsFromJson(json["nulls"]);
  file.nan_value_counts = CountsFromJson(json["nans"]);
  file.lower_bounds = BoundsFromJson(json["lower"]);
  file.upper_bounds = BoundsFromJson(json["upper"]);
  for (const Json& offset : json["split_offsets"].items()) {
    file.split_offsets.push_back(offset.AsInteger());
  }
  return file;
}

}  // namespace andon::iceberg
