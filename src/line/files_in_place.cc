#include "line/files_in_place.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.h"
#include "iceberg/catalog.h"
#include "ingest/csv.h"
#include "ingest/sources/files.h"
#include "io/path.h"
#include "line/file_states.h"
#include "sql/engines/duckdb_file.h"
#include "sql/types.h"

namespace andon::line {
namespace {

constexpr std::string_view kMetadata = ".metadata.json";

const definition::Source* SourceOf(const definition::Project& project,
                                   const definition::Dataset& dataset) {
  return dataset.is_external() ? project.FindSource(dataset.external_source) : nullptr;
}

// Of one source: a file of "film-actor" is none of "film".
std::vector<std::string> OtherTables(const definition::Project& project,
                                     const definition::Dataset& dataset) {
  std::vector<std::string> others;
  for (const definition::Dataset& other : project.datasets) {
    if (other.address == dataset.address) continue;
    if (other.external_source == dataset.external_source) others.push_back(other.external_table);
    if (other.source == dataset.external_source) others.push_back(other.source_table);
  }
  return others;
}

Result<std::vector<ingest::FoundFile>> List(const World& world,
                                            const definition::Dataset& dataset) {
  const definition::Source& source = *SourceOf(world.project, dataset);
  auto found = ingest::ListFiles(world.files, world.project_dir, source, dataset.external_table,
                                 OtherTables(world.project, dataset));
  if (!found.ok()) return std::move(found).error().In(source.address);
  if (!found->empty()) return found;
  return Error::NotFound("{}: there is no file \"{}\".", source.address,
                         ingest::PathFor(source.path, dataset.external_table));
}

// What a file is read by, besides itself.
std::string HowRead(const FilesInPlace& files) {
  std::string text = files.format + "\n" + files.options.Dump();
  for (const definition::Column& column : files.declared)
    text += fmt::format("\n{}={}", column.name, column.type);
  return Sha256(text).substr(0, 16);
}

// "00012-0b….metadata.json", "v12.metadata.json": 12; -1 where it has no number.
int64_t VersionOf(std::string_view path) {
  size_t slash = path.rfind('/');
  std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
  if (name.starts_with('v')) name.remove_prefix(1);
  int64_t version = -1;
  std::from_chars(name.data(), name.data() + name.size(), version);
  return version;
}

// So that DuckDB takes the characters of a pattern for themselves.
std::string Plain(std::string_view path) {
  std::string out;
  for (char c : path) {
    bool is_special = c == '*' || c == '?' || c == '[';
    out += is_special ? std::string{'[', c, ']'} : std::string(1, c);
  }
  return out;
}

Error Unreadable(const FilesInPlace::File& file, const Error& error) {
  std::string reason = error.message.substr(0, error.message.find('\n'));
  while (reason.ends_with('.') || reason.ends_with(' ')) reason.pop_back();
  return {error.kind, fmt::format("{} cannot be read: {}.", file.name, reason)};
}

Result<ingest::CsvFile> CsvOf(const FilesInPlace& files, const FilesInPlace::File& file) {
  return ingest::CsvFileOf(Plain(file.path), file.name, files.options);
}

std::vector<std::string> Names(const Json& shape) {
  std::vector<std::string> names;
  for (const Json& column : shape["columns"].items()) names.push_back(column.items()[0].AsString());
  return names;
}

// Whether `json` is what LookInto made, and not something that was damaged.
bool IsShape(const Json& json) {
  const Json::Array& columns = json["columns"].items();
  return !columns.empty() && std::all_of(columns.begin(), columns.end(), [](const Json& column) {
    return column.items().size() == 2 && column.items()[0].is_string() &&
           column.items()[1].is_string();
  });
}

// The columns of one file, as it has them itself.
class Looker {
 public:
  Looker(const FilesInPlace& files, sql::Connection& connection)
      : files_(files), connection_(connection) {}

  Result<Json> LookInto(const FilesInPlace::File& file) {
    if (files_.format == "csv") return LookIntoCsv(file);
    return Described(file);
  }

 private:
  Result<Json> LookIntoCsv(const FilesInPlace::File& file) {
    ingest::CsvFile csv = TRY(CsvOf(files_, file));
    std::vector<std::string> header = TRY(ingest::ReadHeader(connection_, csv));
    std::map<std::string, std::string> types;  // DuckDB's.
    for (const definition::Column& column : files_.declared) {
      if (!column.type.empty()) types[column.name] = TRY(sql::ToDuckDbType(column.type));
    }
    bool is_told = std::all_of(header.begin(), header.end(),
                               [&](const std::string& name) { return types.contains(name); });
    if (!is_told) {
      auto inferred = TRY(ingest::InferColumns(connection_, csv));
      for (const definition::Column& column : inferred) {
        std::string type = TRY(sql::ToDuckDbType(column.type));
        types.emplace(column.name, std::move(type));
      }
    }
    Json columns = Json::List();
    for (const std::string& name : header) {
      auto type = types.find(name);
      columns.Push(Json::List({name, type == types.end() ? "VARCHAR" : type->second}));
    }
    return Json::Object({{"columns", std::move(columns)}});
  }

  Result<Json> Described(const FilesInPlace::File& file) {
    const std::string path = sql::QuoteLiteral(Plain(file.path));
    const bool is_parquet = files_.format == "parquet";
    std::string rows = is_parquet ? fmt::format("SELECT * FROM read_parquet({})", path)
                                  : fmt::format(
                                        "SELECT * FROM read_json({}, sample_size=-1, "
                                        "maximum_object_size=67108864)",
                                        path);
    auto described = TRY(connection_.Describe(rows));
    Json columns = Json::List();
    for (const sql::ResultColumn& column : described)
      columns.Push(Json::List({column.name, column.type}));
    Json shape = Json::Object({{"columns", std::move(columns)}});
    if (!is_parquet) return shape;
    auto count = TRY(connection_.Query(
        fmt::format("SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata({})", path)));
    if (!count.empty() && !count.IsNull(0, 0)) shape.Set("rows", count.Integer(0, 0));
    return shape;
  }

  const FilesInPlace& files_;
  sql::Connection& connection_;
};

// The columns of all files: by name, in the order in which they come first.
struct Union {
  struct Column {
    std::string name;
    std::vector<std::string> types;  // DuckDB's; different ones.
  };
  std::vector<Column> columns;

  void Add(const Json& shape) {
    for (const Json& one : shape["columns"].items()) {
      const std::string &name = one.items()[0].AsString(), &type = one.items()[1].AsString();
      auto known = std::find_if(columns.begin(), columns.end(),
                                [&](const Column& column) { return column.name == name; });
      if (known == columns.end()) {
        columns.push_back({name, {type}});
      } else if (std::find(known->types.begin(), known->types.end(), type) == known->types.end()) {
        known->types.push_back(type);
      }
    }
  }
};

// The type that holds the values of all.
Result<std::string> Common(const std::vector<std::string>& types,
                           const std::function<Result<sql::Connection*>()>& open) {
  if (types.size() == 1) return types[0];
  sql::Connection* connection = TRY(open());
  std::string select;
  for (const std::string& type : types)
    select +=
        fmt::format("{}SELECT CAST(NULL AS {}) AS c", select.empty() ? "" : " UNION ALL ", type);
  auto described = connection->Describe(select);
  if (!described.ok() || described->size() != 1) return std::string("VARCHAR");
  return (*described)[0].type;
}

// One reader's rows with the columns of all.
std::string Selected(const std::vector<sql::TableColumn>& columns, const Json& shape,
                     const std::string& from) {
  std::map<std::string, std::string> there;
  for (const Json& one : shape["columns"].items())
    there[one.items()[0].AsString()] = one.items()[1].AsString();
  std::string select;
  for (const sql::TableColumn& column : columns) {
    if (!select.empty()) select += ", ";
    const std::string name = sql::QuoteIdentifier(column.name);
    auto own = there.find(column.name);
    if (own != there.end() && own->second == column.native_type)
      select += name;
    else
      select += fmt::format("CAST({} AS {}) AS {}", own == there.end() ? "NULL" : name,
                            column.native_type, name);
  }
  return fmt::format("SELECT {} FROM {}", select, from);
}

Result<std::string> CsvRows(const FilesInPlace& files, const FilesInPlace::File& file,
                            const std::vector<sql::TableColumn>& columns) {
  ingest::CsvFile csv = TRY(CsvOf(files, file));
  std::vector<definition::Column> typed;
  for (const sql::TableColumn& column : columns)
    typed.push_back({.name = column.name, .type = column.type});
  return ingest::CsvRelation(csv, Names(file.shape), typed);
}

std::string Reader(const FilesInPlace& files, const std::string& paths) {
  if (files.format == "parquet") return fmt::format("read_parquet({})", paths);
  return fmt::format("read_json({}, sample_size=-1, maximum_object_size=67108864)", paths);
}

// One statement for all, where all have the same columns of the same types.
std::string SqlOfAll(const FilesInPlace& files, const FilesRelation& relation) {
  const Json& first = files.files.front().shape["columns"];
  bool is_one_shape = files.format == "parquet" &&
                      std::all_of(files.files.begin(), files.files.end(),
                                  [&](const auto& file) { return file.shape["columns"] == first; });
  if (!is_one_shape) return Join(relation.of_files, " UNION ALL ");
  std::vector<std::string> paths;
  for (const FilesInPlace::File& file : files.files)
    paths.push_back(sql::QuoteLiteral(Plain(file.path)));
  return Selected(relation.columns, files.files.front().shape,
                  Reader(files, "[" + Join(paths, ", ") + "]"));
}

}  // namespace

bool IsOfFiles(const definition::Project& project, const definition::Dataset& dataset) {
  const definition::Source* source = SourceOf(project, dataset);
  return source != nullptr && source->type == "files";
}

bool IsOfIceberg(const definition::Project& project, const definition::Dataset& dataset) {
  return IsOfFiles(project, dataset) && SourceOf(project, dataset)->path.ends_with(kMetadata);
}

Result<FilesInPlace> FindFilesInPlace(const World& world, const definition::Dataset& dataset) {
  const definition::Source& source = *SourceOf(world.project, dataset);
  auto format = sql::FileFormat(source.path);
  if (!format) return Error::Invalid("{}: \"{}\" is of no known kind", source.address, source.path);
  FilesInPlace out{.dataset = dataset.name,
                   .format = std::string(*format),
                   .options = source.options,
                   .declared = dataset.columns};
  if (out.format != "csv") out.declared.clear();  // They say their types themselves.
  auto found = TRY(List(world, dataset));
  const std::string how = HowRead(out);
  Timestamp last{};
  for (const ingest::FoundFile& file : found) {
    last = std::max(last, file.mtime);
    std::string path = io::Join(world.project_dir, file.path);
    std::string id = fmt::format("{}?{}-{}-{}", path, file.size, ToMicros(file.mtime), how);
    out.files.push_back({std::move(path), file.path, std::move(id), {}});
  }
  out.written_last = ToRfc3339(last);
  return out;
}

Result<IcebergInPlace> FindIcebergInPlace(const World& world, const definition::Dataset& dataset) {
  auto found = TRY(List(world, dataset));
  auto newest = std::max_element(
      found.begin(), found.end(), [](const ingest::FoundFile& a, const ingest::FoundFile& b) {
        return std::pair(VersionOf(a.path), a.mtime) < std::pair(VersionOf(b.path), b.mtime);
      });
  const std::string path = io::Join(world.project_dir, newest->path);
  auto table = TRY(iceberg::LoadTableAt(world.files, {"", dataset.name}, path));
  lake::Lake lake{.files = &world.files};
  IcebergInPlace out;
  out.scan = TRY(lake::PlanScan(lake, table.metadata, table.metadata.current_snapshot_id));
  const iceberg::Snapshot* snapshot = table.metadata.current_snapshot();
  out.written_last =
      snapshot ? Timestamp(std::chrono::milliseconds(snapshot->timestamp_ms)) : newest->mtime;
  return out;
}

Result<Timestamp> WrittenLast(const World& world, const definition::Dataset& dataset) {
  if (IsOfIceberg(world.project, dataset)) {
    auto table = TRY(FindIcebergInPlace(world, dataset));
    return table.written_last;
  }
  auto files = TRY(FindFilesInPlace(world, dataset));
  return ParseTimestamp(files.written_last);
}

Result<FilesRelation> RelationOf(FilesInPlace* files,
                                 const std::function<Result<sql::Connection*>()>& open) {
  Union all;
  for (FilesInPlace::File& file : files->files) {
    if (!IsShape(file.shape)) {
      sql::Connection* connection = TRY(open());
      auto shape = Looker(*files, *connection).LookInto(file);
      // What the CSV reader says names the file itself.
      if (!shape.ok() && shape.error().message.starts_with(file.name))
        return std::move(shape).error();
      if (!shape.ok()) return Unreadable(file, shape.error());
      file.shape = *std::move(shape);
    }
    all.Add(file.shape);
  }
  FilesRelation relation;
  for (const Union::Column& column : all.columns) {
    std::string native = TRY(Common(column.types, open));
    auto type = sql::FromDuckDbType(native);
    relation.columns.push_back({column.name, type.ok() ? *type : native, std::move(native)});
  }
  for (const FilesInPlace::File& file : files->files) {
    std::string sql;
    if (files->format == "csv") {
      sql = TRY(CsvRows(*files, file, relation.columns));
    } else {
      sql = Selected(relation.columns, file.shape,
                     Reader(*files, sql::QuoteLiteral(Plain(file.path))));
    }
    relation.of_files.push_back(std::move(sql));
  }
  relation.sql = SqlOfAll(*files, relation);
  return relation;
}

Result<std::optional<std::string>> FindBadRow(const FilesInPlace& files,
                                              sql::Connection& connection) {
  if (files.format != "csv") return std::optional<std::string>();
  for (const FilesInPlace::File& file : files.files) {
    ingest::CsvFile csv = TRY(CsvOf(files, file));
    std::vector<definition::Column> columns;
    for (const Json& one : file.shape["columns"].items()) {
      auto type = sql::FromDuckDbType(one.items()[1].AsString());
      columns.push_back({.name = one.items()[0].AsString(), .type = type.ok() ? *type : "string"});
    }
    auto bad = TRY(ingest::FindBadRows(connection, csv, Names(file.shape), columns));
    if (bad) return std::optional(ingest::WhatIsWrong(*bad));
  }
  return std::optional<std::string>();
}

Json ToJson(const FilesInPlace& files) {
  Json list = Json::List(), declared = Json::List();
  for (const FilesInPlace::File& file : files.files) {
    list.Push(Json::Object(
        {{"path", file.path}, {"name", file.name}, {"id", file.id}, {"shape", file.shape}}));
  }
  for (const definition::Column& column : files.declared)
    declared.Push(Json::List({column.name, column.type}));
  return Json::Object({{"dataset", files.dataset},
                       {"format", files.format},
                       {"options", files.options},
                       {"declared", std::move(declared)},
                       {"files", std::move(list)},
                       {"written_last", files.written_last}});
}

FilesInPlace FilesInPlaceFromJson(const Json& json) {
  FilesInPlace files{.dataset = json["dataset"].AsString(),
                     .format = json["format"].AsString(),
                     .options = json["options"],
                     .written_last = json["written_last"].AsString()};
  for (const Json& column : json["declared"].items()) {
    if (column.items().size() != 2) continue;
    files.declared.push_back(
        {.name = column.items()[0].AsString(), .type = column.items()[1].AsString()});
  }
  for (const Json& file : json["files"].items())
    files.files.push_back(
        {file["path"].AsString(), file["name"].AsString(), file["id"].AsString(), file["shape"]});
  return files;
}

void Complete(const FilesInPlace& files, const FilesRelation& relation,
              quality::FileStates* states) {
  states->columns = relation.columns;
  for (const sql::TableColumn& column : relation.columns)
    states->column_ids[column.name] = fmt::format("{}:{}", column.name, column.native_type);
  for (size_t i = 0; i < states->files.size() && i < relation.of_files.size(); ++i) {
    quality::FileState& file = states->files[i];
    file.relation = "(" + relation.of_files[i] + ")";
    const Json& rows = files.files[i].shape["rows"];
    if (!rows.is_number()) continue;
    file.rows = rows.AsInteger();
    file.rows_max = *file.rows;
  }
}

}  // namespace andon::line
