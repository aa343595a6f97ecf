#include "lake/scan.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "sql/engine.h"

namespace andon::lake {
namespace {

using iceberg::DataFile;
using iceberg::Datum;
using iceberg::Field;
using iceberg::FileContent;
using iceberg::LiveFile;
using iceberg::Schema;
using iceberg::TableMetadata;
using iceberg::Type;
using iceberg::TypeId;

std::string PathList(const std::vector<std::string>& paths) {
  std::string text = "[";
  for (const std::string& path : paths) {
    if (text.size() > 1) text += ", ";
    text += sql::QuoteLiteral(iceberg::LocationPath(path));
  }
  return text + "]";
}

Result<std::string> SchemaMap(const Schema& schema) {
  std::string text = "MAP {";
  for (const Field& field : schema.fields) {
    std::string type = TRY(DuckDbType(field.type));
    if (text.back() != '{') text += ", ";
    text += fmt::format("{}: {{name: {}, type: {}, default_value: NULL}}", field.id,
                        sql::QuoteLiteral(field.name), sql::QuoteLiteral(type));
  }
  return text + "}";
}

Result<std::string> EmptySql(const Schema& schema, bool with_position) {
  std::string columns;
  for (const Field& field : schema.fields) {
    std::string type = TRY(DuckDbType(field.type));
    columns += fmt::format("{}CAST(NULL AS {}) AS {}", columns.empty() ? "" : ", ", type,
                           sql::QuoteIdentifier(field.name));
  }
  if (with_position) columns += ", CAST(NULL AS VARCHAR) AS _file, CAST(NULL AS BIGINT) AS _pos";
  return fmt::format("SELECT {} WHERE false", columns);
}

std::string ColumnList(const Schema& schema) {
  std::string columns;
  for (const Field& field : schema.fields) {
    columns += (columns.empty() ? "" : ", ") + sql::QuoteIdentifier(field.name);
  }
  return columns;
}

// DuckDB finds top-level columns by field id but what is inside a struct by name.
// That reads right as long as no inner field was renamed or its name given anew.
using InnerNames = std::map<std::string, int>;

void CollectInner(const std::vector<Field>& fields, const std::string& path, InnerNames& names,
                  std::map<int, std::string>& by_id) {
  for (const Field& field : fields) {
    std::string inner = path + "." + field.name;
    names[inner] = field.id;
    by_id[field.id] = inner;
    CollectInner(field.type.fields, inner, names, by_id);
  }
}

Result<void> CheckInnerNames(const TableMetadata& metadata, const Schema& schema) {
  for (const Field& column : schema.fields) {
    if (column.type.fields.empty()) continue;
    std::string root = std::to_string(column.id);
    InnerNames names;
    std::map<int, std::string> by_id;
    CollectInner(column.type.fields, root, names, by_id);
    for (const Schema& other : metadata.schemas) {
      const Field* same = other.FindById(column.id);
      if (same == nullptr) continue;
      InnerNames other_names;
      std::map<int, std::string> other_by_id;
      CollectInner(same->type.fields, root, other_names, other_by_id);
      for (const auto& [id, path] : other_by_id) {
        bool renamed = by_id.contains(id) && by_id[id] != path;
        bool reused = names.contains(path) && names[path] != id;
        if (!renamed && !reused) continue;
        return Error::Invalid(
            "Column \"{}\": a field inside it was renamed or replaced by another of its name by "
            "another writer. Andon cannot read files from before that rightly; rewrite the table "
            "with the tool that changed it",
            column.name);
      }
    }
  }
  return {};
}

Result<void> CheckFormat(const LiveFile& live) {
  if (AsciiLower(live.file.format) == "parquet") return {};
  return Error::Invalid("The file {} is {}; Andon reads Parquet only", live.file.path,
                        live.file.format);
}

// Files that another tool registered as they were carry no field ids, and DuckDB
// would read all their columns as null without a word.
Result<void> CheckFieldIds(const TableMetadata& metadata, const LiveFile& live) {
  if (!metadata.properties.contains("schema.name-mapping.default")) return {};
  std::string data = iceberg::LocationPath(metadata.location) + "/data/";
  if (iceberg::LocationPath(live.file.path).starts_with(data)) return {};
  return Error::Invalid(
      "The file {} was registered by another tool and lies outside the table's data folder; such "
      "files carry no field ids, so Andon cannot read them rightly. Rewrite them into the table "
      "(append their rows instead of registering the files)",
      live.file.path);
}

// --- Pruning

std::optional<Datum> ReadValue(const Type& type, const Condition& condition) {
  auto value = iceberg::FromText(type, condition.value);
  if (!value.ok()) return std::nullopt;
  return *value;
}

// False: no value within [lower, upper] fulfils it. Absent bounds restrict nothing.
bool MayMatch(Condition::Op op, const Datum& value, const std::optional<Datum>& lower,
              const std::optional<Datum>& upper) {
  switch (op) {
    case Condition::Op::kEqual:
      return (!lower || Compare(*lower, value) <= 0) && (!upper || Compare(*upper, value) >= 0);
    case Condition::Op::kLess:
      return !lower || Compare(*lower, value) < 0;
    case Condition::Op::kLessOrEqual:
      return !lower || Compare(*lower, value) <= 0;
    case Condition::Op::kGreater:
      return !upper || Compare(*upper, value) > 0;
    case Condition::Op::kGreaterOrEqual:
      return !upper || Compare(*upper, value) >= 0;
    default:
      return true;
  }
}

std::optional<Datum> Bound(const std::map<int, std::string>& bounds, const Field& column) {
  auto found = bounds.find(column.id);
  if (found == bounds.end()) return std::nullopt;
  auto value = iceberg::Decode(column.type, found->second);
  if (!value.ok()) return std::nullopt;
  return *value;
}

int64_t CountOf(const std::map<int, int64_t>& counts, int id) {
  auto found = counts.find(id);
  return found == counts.end() ? -1 : found->second;
}

bool BoundsRuleOut(const DataFile& file, const Field& column, const Condition& condition) {
  int64_t nulls = CountOf(file.null_value_counts, column.id);
  if (condition.op == Condition::Op::kIsNull) return nulls == 0;
  if (nulls >= 0 && nulls == file.record_count) return true;
  if (condition.op == Condition::Op::kIsNotNull) return false;
  std::optional<Datum> value = ReadValue(column.type, condition);
  if (!value) return false;
  // A NaN is above all numbers for DuckDB and never a bound, so it could match.
  bool floating = column.type.id == TypeId::kFloat || column.type.id == TypeId::kDouble;
  bool upward =
      condition.op == Condition::Op::kGreater || condition.op == Condition::Op::kGreaterOrEqual;
  if (floating && (upward || std::isnan(std::get<double>(*value)))) return false;
  return !MayMatch(condition.op, *value, Bound(file.lower_bounds, column),
                   Bound(file.upper_bounds, column));
}

bool PartitionRulesOut(const DataFile& file, const iceberg::PartitionSpec& spec,
                       const Field& column, const Condition& condition) {
  if (condition.op == Condition::Op::kIsNull || condition.op == Condition::Op::kIsNotNull) {
    return false;
  }
  for (size_t i = 0; i < spec.fields.size() && i < file.partition.size(); ++i) {
    const iceberg::PartitionField& field = spec.fields[i];
    if (field.source_id != column.id || IsNull(file.partition[i])) continue;
    if (field.transform.kind == iceberg::TransformKind::kVoid) continue;
    bool bucket = field.transform.kind == iceberg::TransformKind::kBucket;
    if (bucket && condition.op != Condition::Op::kEqual) continue;
    std::optional<Datum> value = ReadValue(column.type, condition);
    if (!value || !iceberg::ResultType(field.transform, column.type).ok()) continue;
    Datum transformed = iceberg::Apply(field.transform, column.type, *value);
    if (transformed.index() != file.partition[i].index()) continue;
    // Transforms keep the order but not its strictness: v < x gives t(v) <= t(x).
    Condition::Op op = condition.op;
    if (op == Condition::Op::kLess) op = Condition::Op::kLessOrEqual;
    if (op == Condition::Op::kGreater) op = Condition::Op::kGreaterOrEqual;
    if (!MayMatch(op, transformed, file.partition[i], file.partition[i])) return true;
  }
  return false;
}

Result<std::string> ConditionSql(const Schema& schema, const Condition& condition) {
  const Field* column = schema.Find(condition.column);
  if (column == nullptr) {
    return Error::Invalid("the table has no column \"{}\"", condition.column);
  }
  std::string name = sql::QuoteIdentifier(condition.column);
  if (condition.op == Condition::Op::kIsNull) return name + " IS NULL";
  if (condition.op == Condition::Op::kIsNotNull) return name + " IS NOT NULL";
  static const std::map<Condition::Op, std::string> kOperators = {
      {Condition::Op::kEqual, "="},           {Condition::Op::kLess, "<"},
      {Condition::Op::kLessOrEqual, "<="},    {Condition::Op::kGreater, ">"},
      {Condition::Op::kGreaterOrEqual, ">="},
  };
  std::string literal = TRY(LiteralSql(column->type, condition.value));
  return fmt::format("{} {} {}", name, kOperators.at(condition.op), literal);
}

Result<std::string> WhereSql(const Schema& schema, const std::vector<Condition>& where) {
  std::vector<std::string> parts;
  for (const Condition& condition : where) {
    std::string part = TRY(ConditionSql(schema, condition));
    parts.push_back(std::move(part));
  }
  return Join(parts, " AND ");
}

struct Files {
  std::vector<LiveFile> data;
  std::vector<LiveFile> position_deletes;
};

Result<Files> ChooseFiles(const Lake& lake, const TableMetadata& metadata,
                          const iceberg::Snapshot& snapshot, const Schema& schema,
                          const ScanOptions& options) {
  std::vector<LiveFile> live = TRY(iceberg::LiveFiles(metadata, *lake.files, snapshot));
  Files chosen;
  for (LiveFile& file : live) {
    TRY(CheckFormat(file));
    if (file.file.content == FileContent::kEqualityDeletes) {
      return Error::Invalid(
          "Snapshot {} has equality deletes of another writer ({}), which Andon does not apply. "
          "Compact the table with the tool that wrote them",
          snapshot.id, file.file.path);
    }
    if (file.file.content == FileContent::kPositionDeletes) {
      chosen.position_deletes.push_back(std::move(file));
      continue;
    }
    TRY(CheckFieldIds(metadata, file));
    if (options.only_files && !options.only_files->contains(file.file.path)) continue;
    const iceberg::PartitionSpec* spec = metadata.FindSpec(file.file.spec_id);
    if (spec != nullptr && CanSkip(file.file, *spec, schema, options.where)) continue;
    chosen.data.push_back(std::move(file));
  }
  return chosen;
}

// The relation without the rows that the delete files name; `live` has _file and _pos.
std::string WithoutDeleted(const std::string& columns, const std::string& live,
                           const std::vector<std::string>& deletes) {
  // Delete files hold the path as its writer wrote it, perhaps as a URL.
  return fmt::format(
      "SELECT {} FROM ({}) AS live WHERE NOT EXISTS (SELECT 1 FROM read_parquet({}, schema = "
      "MAP {{2147483546: {{name: 'file_path', type: 'VARCHAR', default_value: NULL}}, "
      "2147483545: {{name: 'pos', type: 'BIGINT', default_value: NULL}}}}) AS gone WHERE "
      "regexp_replace(gone.file_path, '^file:(//)?', '') = live._file AND gone.pos = live._pos)",
      columns, live, PathList(deletes));
}

// False only where the delete file says that it is about other files.
bool MayApply(const LiveFile& deletes, const LiveFile& data) {
  constexpr int kFilePath = 2147483546;
  if (deletes.sequence_number < data.sequence_number) return false;
  const std::string path = iceberg::LocationPath(data.file.path);
  if (deletes.file.referenced_data_file)
    return iceberg::LocationPath(*deletes.file.referenced_data_file) == path;
  auto lower = deletes.file.lower_bounds.find(kFilePath);
  auto upper = deletes.file.upper_bounds.find(kFilePath);
  if (lower == deletes.file.lower_bounds.end() || upper == deletes.file.upper_bounds.end())
    return true;
  // Bounds that were shortened are never equal.
  return lower->second != upper->second || iceberg::LocationPath(lower->second) == path;
}

}  // namespace

bool CanSkip(const DataFile& file, const iceberg::PartitionSpec& spec, const Schema& schema,
             const std::vector<Condition>& where) {
  return std::any_of(where.begin(), where.end(), [&](const Condition& condition) {
    const Field* column = schema.Find(condition.column);
    if (column == nullptr || column->type.is_nested()) return false;
    return BoundsRuleOut(file, *column, condition) ||
           PartitionRulesOut(file, spec, *column, condition);
  });
}

Result<std::string> LiteralSql(const Type& type, const std::string& text) {
  std::string name = TRY(DuckDbType(type));
  // A moment without a zone is one of UTC here; for DuckDB it would be one of the
  // session's zone. Printed again, it has its zone.
  Result<Datum> value = iceberg::FromText(type, text);
  return fmt::format("CAST({} AS {})",
                     sql::QuoteLiteral(value.ok() ? iceberg::ToText(type, *value) : text), name);
}

Result<std::string> FilesSql(const std::vector<std::string>& paths, const Schema& schema,
                             bool with_position) {
  if (paths.empty()) return EmptySql(schema, with_position);
  std::string map = TRY(SchemaMap(schema));
  if (!with_position) {
    return fmt::format("SELECT {} FROM read_parquet({}, schema = {})", ColumnList(schema),
                       PathList(paths), map);
  }
  return fmt::format(
      "SELECT {}, _file, file_row_number AS _pos FROM read_parquet({}, schema = {}, "
      "filename = '_file', file_row_number = true)",
      ColumnList(schema), PathList(paths), map);
}

Result<Scan> PlanScan(const Lake& lake, const TableMetadata& metadata,
                      std::optional<int64_t> snapshot_id, const ScanOptions& options) {
  Scan scan;
  if (!snapshot_id) {
    scan.schema = options.schema.value_or(metadata.schema());
    scan.sql = TRY(EmptySql(scan.schema, options.with_position));
    return scan;
  }
  const iceberg::Snapshot* snapshot = metadata.FindSnapshot(*snapshot_id);
  if (snapshot == nullptr) {
    return Error::NotFound("Snapshot {} is not in the table any more", *snapshot_id);
  }
  scan.schema = options.schema.value_or(metadata.SchemaOf(*snapshot));
  TRY(CheckInnerNames(metadata, scan.schema));
  Files files = TRY(ChooseFiles(lake, metadata, *snapshot, scan.schema, options));
  scan.has_deletes = !files.position_deletes.empty();
  std::vector<std::string> paths;
  for (const LiveFile& file : files.data) {
    paths.push_back(file.file.path);
    scan.rows_max += file.file.record_count;
  }
  scan.files = std::move(files.data);
  scan.deletes = std::move(files.position_deletes);
  bool apply_deletes = scan.has_deletes && !paths.empty();
  scan.sql = TRY(FilesSql(paths, scan.schema, options.with_position || apply_deletes));
  if (apply_deletes) {
    std::string columns = ColumnList(scan.schema);
    if (options.with_position) columns += ", _file, _pos";
    std::vector<std::string> deletes;
    for (const LiveFile& file : scan.deletes) deletes.push_back(file.file.path);
    scan.sql = WithoutDeleted(columns, scan.sql, deletes);
  }
  if (!options.where.empty()) {
    std::string where = TRY(WhereSql(scan.schema, options.where));
    scan.sql = fmt::format("SELECT * FROM ({}) AS filtered WHERE {}", scan.sql, where);
  }
  return scan;
}

Result<std::vector<FileScan>> SplitByFile(const Scan& scan) {
  std::vector<FileScan> split;
  for (const LiveFile& file : scan.files) {
    FileScan one{.file = &file};
    for (const LiveFile& deletes : scan.deletes) {
      if (MayApply(deletes, file)) one.deletes.push_back(deletes.file.path);
    }
    one.sql = TRY(FilesSql({file.file.path}, scan.schema, !one.deletes.empty()));
    if (!one.deletes.empty())
      one.sql = WithoutDeleted(ColumnList(scan.schema), one.sql, one.deletes);
    split.push_back(std::move(one));
  }
  return split;
}

}  // namespace andon::lake
