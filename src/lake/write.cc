#include "lake/write.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "lake/partition_sql.h"

namespace andon::lake {
namespace {

using iceberg::DataFile;
using iceberg::Field;
using iceberg::PartitionSpec;
using iceberg::Schema;
using iceberg::Type;
using iceberg::TypeId;

// Property write.metadata.metrics.default = truncate(16), Iceberg's own default.
constexpr int kBoundLengthMax = 16;

// {'id': 1, 'list': {'__duckdb_field_id': 2, 'element': 3}}
std::string FieldIds(const std::vector<Field>& fields) {
  std::string text = "{";
  for (const Field& field : fields) {
    if (text.size() > 1) text += ", ";
    text += sql::QuoteLiteral(field.name) + ": ";
    if (field.type.fields.empty()) {
      text += std::to_string(field.id);
      continue;
    }
    std::string inner = FieldIds(field.type.fields);
    text += fmt::format("{{'__duckdb_field_id': {}, {}", field.id, inner.substr(1));
  }
  return text + "}";
}

// DuckDB's name of a column in its statistics → the field, of primitive columns.
void StatisticNames(const std::vector<Field>& fields, const std::string& path,
                    std::map<std::string, const Field*>& names) {
  for (const Field& field : fields) {
    std::string name = path + (path.empty() ? "" : ".") + sql::QuoteIdentifier(field.name);
    if (field.type.fields.empty()) {
      names[name] = &field;
    } else {
      StatisticNames(field.type.fields, name, names);
    }
  }
}

// Statistics are maps of texts.
std::optional<int64_t> CountIn(const Json& statistics, std::string_view key) {
  const Json* value = statistics.Find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_integer()) return value->AsInteger();
  return std::atoll(value->AsString().c_str());
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

Result<iceberg::Datum> ReadBound(const Type& type, const std::string& text) {
  if (type.id == TypeId::kBinary || type.id == TypeId::kFixed) {
    return iceberg::Datum(FromHex(text));
  }
  return iceberg::FromText(type, text);
}

Result<void> AddColumn(DataFile& file, const Field& field, const Json& statistics) {
  int id = field.id;
  if (auto size = CountIn(statistics, "column_size_bytes")) file.column_sizes[id] = *size;
  if (auto values = CountIn(statistics, "num_values")) file.value_counts[id] = *values;
  if (auto nulls = CountIn(statistics, "null_count")) file.null_value_counts[id] = *nulls;
  // DuckDB says whether there are NaNs, not how many; with any, it gives no bounds.
  if (statistics["has_nan"].AsString() == "false") file.nan_value_counts[id] = 0;
  if (statistics["min"].is_string()) {
    iceberg::Datum lower = TRY(ReadBound(field.type, statistics["min"].AsString()));
    lower = iceberg::TruncateLower(field.type, lower, kBoundLengthMax);
    file.lower_bounds[id] = iceberg::Encode(field.type, lower);
  }
  if (statistics["max"].is_string()) {
    iceberg::Datum upper = TRY(ReadBound(field.type, statistics["max"].AsString()));
    auto raised = iceberg::TruncateUpper(field.type, upper, kBoundLengthMax);
    if (raised) file.upper_bounds[id] = iceberg::Encode(field.type, *raised);
  }
  return {};
}

class Writer {
 public:
  Writer(sql::Connection& connection, const Lake& lake, const std::string& table_location,
         const Schema& schema, const PartitionSpec& spec, const WriteOptions& options)
      : connection_(connection),
        lake_(lake),
        dir_(iceberg::LocationPath(table_location) + "/data"),
        schema_(schema),
        spec_(spec),
        options_(options),
        stem_(RandomUuid()) {}

  Result<Written> Write(std::string_view query) {
    TRY(CheckColumns(query));
    std::string copy = TRY(CopySql(query));
    TRY(lake_.files->MakeDirs(dir_));
    Result<sql::ResultSet> rows = connection_.Query(copy, {}, options_.query);
    if (!rows.ok()) {
      RemoveFiles();
      return Explain(query, std::move(rows).error());
    }
    Result<Written> written = Read(*rows);
    if (!written.ok()) RemoveFiles();
    return written;
  }

 private:
  Result<void> CheckColumns(std::string_view query) {
    std::vector<sql::ResultColumn> columns = TRY(connection_.Describe(query));
    std::vector<std::string> names;
    for (const sql::ResultColumn& column : columns) {
      names.push_back(column.name);
      if (schema_.Find(column.name) != nullptr) continue;
      std::vector<std::string> known;
      for (const Field& field : schema_.fields) known.push_back(field.name);
      std::string meant = DidYouMean(column.name, known);
      return Error::Invalid("The data has a column \"{}\" that the table does not have{}",
                            column.name,
                            meant.empty() ? "" : fmt::format(", did you mean \"{}\"?", meant));
    }
    for (const Field& field : schema_.fields) {
      if (std::find(names.begin(), names.end(), field.name) != names.end()) continue;
      return Error::Invalid("The data lacks the column \"{}\"; it has {}", field.name,
                            Join(names, ", "));
    }
    return {};
  }

  Result<std::string> CopySql(std::string_view query) {
    std::string columns;
    for (const Field& field : schema_.fields) {
      std::string type = TRY(DuckDbType(field.type));
      std::string name = sql::QuoteIdentifier(field.name);
      columns +=
          fmt::format("{}CAST({} AS {}) AS {}", columns.empty() ? "" : ", ", name, type, name);
    }
    std::string select = fmt::format("SELECT {} FROM ({}) AS delivered", columns, query);
    std::string target = dir_;
    std::string extra;
    if (!spec_.is_unpartitioned()) {
      PartitionSql partition = TRY(MakePartitionSql(spec_, schema_));
      select =
          fmt::format("SELECT *, {} FROM ({}) AS typed", Join(partition.expressions, ", "), select);
      extra = fmt::format(
          ", PARTITION_BY ({}), HIVE_FILE_PATTERN false, FILENAME_PATTERN '{}-{{uuid}}', "
          "OVERWRITE_OR_IGNORE true",
          Join(partition.columns, ", "), stem_);
    } else if (options_.file_size_bytes > 0) {
      // "Overwrite or ignore" only means that the folder is not looked at: no name
      // repeats.
      extra =
          fmt::format(", FILE_SIZE_BYTES {}, FILENAME_PATTERN '{}-{{i}}', OVERWRITE_OR_IGNORE true",
                      options_.file_size_bytes, stem_);
    } else {
      target += "/" + stem_ + ".parquet";
    }
    return fmt::format(
        "COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, FIELD_IDS {}, "
        "RETURN_STATS true{})",
        select, sql::QuoteLiteral(target), FieldIds(schema_.fields), extra);
  }

  Result<Written> Read(const sql::ResultSet& rows) {
    int name = rows.Find("filename");
    int count = rows.Find("count");
    int size = rows.Find("file_size_bytes");
    int statistics = rows.Find("column_statistics");
    int keys = rows.Find("partition_keys");
    if (name < 0 || count < 0 || size < 0 || statistics < 0 || keys < 0) {
      return Error::Invalid("DuckDB's statistics of a written file are not as expected");
    }
    Written written;
    for (int64_t row = 0; row < rows.row_count(); ++row) {
      std::string path = rows.Bytes(row, static_cast<size_t>(name));
      int64_t file_rows = rows.Integer(row, static_cast<size_t>(count));
      if (file_rows == 0) {  // An empty result still makes a file.
        (void)lake_.files->Remove(path);
        continue;
      }
      DataFile file =
          TRY(DataFileFromStatistics(path, file_rows, rows.Integer(row, static_cast<size_t>(size)),
                                     rows.ToJson(row, static_cast<size_t>(statistics)), schema_));
      TRY(CheckRequired(file));
      file.spec_id = spec_.id;
      Json partition = rows.ToJson(row, static_cast<size_t>(keys));
      file.partition = TRY(ReadPartition(spec_, schema_, partition));
      written.rows += file_rows;
      written.files.push_back(std::move(file));
    }
    return written;
  }

  Result<void> CheckRequired(const DataFile& file) const {
    for (const Field& field : schema_.fields) {
      auto nulls = file.null_value_counts.find(field.id);
      if (!field.required || nulls == file.null_value_counts.end() || nulls->second == 0) continue;
      return Error::Invalid("Column \"{}\" is required, but {} of {} have no value in it",
                            field.name, nulls->second, Count(file.record_count, "row"));
    }
    return {};
  }

  void RemoveFiles() {
    Result<std::vector<io::FileInfo>> entries = lake_.files->List(dir_);
    if (!entries.ok()) return;
    for (const io::FileInfo& entry : *entries) {
      if (entry.name.starts_with(stem_)) (void)lake_.files->Remove(dir_ + "/" + entry.name);
    }
  }

  // DuckDB names the value that does not fit, but not its column.
  Error Explain(std::string_view query, Error error) {
    if (error.kind != ErrorKind::kInvalid) return error;
    for (const Field& field : schema_.fields) {
      Result<std::string> type = DuckDbType(field.type);
      if (!type.ok()) continue;
      std::string name = sql::QuoteIdentifier(field.name);
      Result<sql::ResultSet> bad = connection_.Query(
          fmt::format("SELECT count(*), any_value(CAST({0} AS VARCHAR)) FROM ({1}) AS delivered "
                      "WHERE {0} IS NOT NULL AND TRY_CAST({0} AS {2}) IS NULL",
                      name, query, *type),
          {}, options_.query);
      if (!bad.ok()) return error;  // The query itself fails.
      int64_t count = bad->Integer(0, 0);
      if (count == 0) continue;
      return Error::Invalid("Column \"{}\" is {}, but {} not fit it, for instance \"{}\"",
                            field.name, iceberg::ToString(field.type),
                            count == 1 ? "1 value does" : WithThousands(count) + " values do",
                            bad->Text(0, 1));
    }
    return error;
  }

  sql::Connection& connection_;
  const Lake& lake_;
  std::string dir_;
  const Schema& schema_;
  const PartitionSpec& spec_;
  const WriteOptions& options_;
  std::string stem_;  // What the names of all files of this write begin with.
};

}  // namespace

Result<DataFile> DataFileFromStatistics(const std::string& path, int64_t rows, int64_t size_bytes,
                                        const Json& statistics, const Schema& schema) {
  DataFile file;
  file.path = path;
  file.record_count = rows;
  file.size_bytes = size_bytes;
  std::map<std::string, const Field*> names;
  StatisticNames(schema.fields, "", names);
  for (const auto& [name, column] : statistics.members()) {
    auto field = names.find(name);
    if (field == names.end()) continue;
    Result<void> added = AddColumn(file, *field->second, column);
    if (!added.ok()) {
      return std::move(added).error().In(fmt::format("statistics of column {}", name));
    }
  }
  return file;
}

Result<Written> WriteDataFiles(sql::Connection& connection, const Lake& lake,
                               const std::string& table_location, const Schema& schema,
                               const PartitionSpec& spec, std::string_view query,
                               const WriteOptions& options) {
  return Writer(connection, lake, table_location, schema, spec, options).Write(query);
}

}  // namespace andon::lake
