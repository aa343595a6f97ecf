#include "line/file_states.h"

#include <cstdlib>
#include <set>

#include "base/text.h"
#include "iceberg/datum.h"
#include "io/path.h"
#include "line/files_in_place.h"
#include "line/manifest_statistics.h"
#include "sql/engine.h"
#include "sql/types.h"
#include "store/database.h"
#include "validation/mask.h"

namespace andon::line {
namespace {

// What states are made by, and what they may hold: another one's are not read, and soon removed.
std::string Maker(const std::set<std::string>& pii) {
  std::string maker = "states 2, DuckDB " + sql::EngineVersion();
  if (pii.empty()) return maker;
  return maker + ", without " +
         Sha256(Join(std::vector<std::string>(pii.begin(), pii.end()), "\n")).substr(0, 16);
}

// Behind the path stands what the delete files are, where there are any.
std::string IdOf(const lake::FileScan& scan) {
  std::string path = iceberg::LocationPath(scan.file->file.path);
  if (scan.deletes.empty()) return path;
  return path + "#" + Sha256(Join(scan.deletes, "\n")).substr(0, 32);
}

// A bound as a query's JSON, of the types whose bounds are the least and the greatest value
// themselves. (Those of texts may be shortened, and NaN is in no bound.)
Json ExactBound(const std::map<int, std::string>& bounds, const iceberg::Field& field) {
  auto found = bounds.find(field.id);
  if (found == bounds.end()) return {};
  Result<iceberg::Datum> value = iceberg::Decode(field.type, found->second);
  if (!value.ok() || iceberg::IsNull(*value)) return {};
  switch (field.type.id) {
    case iceberg::TypeId::kInt:
    case iceberg::TypeId::kLong:
      return std::get<int64_t>(*value);
    case iceberg::TypeId::kDate:
      return iceberg::ToText(field.type, *value);
    case iceberg::TypeId::kDecimal: {
      constexpr int kDigitsOfDouble = 15;
      std::string text = iceberg::ToText(field.type, *value);
      if (field.type.precision > kDigitsOfDouble) return text;
      return std::strtod(text.c_str(), nullptr);
    }
    default:
      return {};
  }
}

void TakeStatistics(const iceberg::DataFile& data, const iceberg::Schema& schema,
                    const std::set<std::string>& columns, quality::FileState* file) {
  file->rows = data.record_count;
  for (const std::string& name : columns) {
    const iceberg::Field* field = schema.Find(name);
    if (field == nullptr) continue;
    quality::ColumnStatistics& known = file->statistics[name];
    auto nulls = data.null_value_counts.find(field->id);
    auto values = data.value_counts.find(field->id);
    const bool is_whole =
        nulls != data.null_value_counts.end() &&
        (values == data.value_counts.end() || values->second == data.record_count);
    if (!is_whole) continue;
    known.null_count = nulls->second;
    known.least = ExactBound(data.lower_bounds, *field);
    known.greatest = ExactBound(data.upper_bounds, *field);
  }
}

void SetColumns(const iceberg::Schema& schema, quality::FileStates* out) {
  for (const iceberg::Field& field : schema.fields) {
    Result<std::string> native = lake::DuckDbType(field.type);
    Result<std::string> type =
        native.ok() ? sql::FromDuckDbType(*native) : Result<std::string>("string");
    out->columns.push_back(
        {field.name, type.ok() ? *type : "string", native.ok() ? *native : "VARCHAR"});
    out->column_ids[field.name] = fmt::format("{}:{}", field.id, iceberg::ToString(field.type));
  }
}

// In front of the states, so that no damage is believed.
constexpr size_t kDigestSize = 32;

std::string Sealed(const Json& states) {
  std::string text = states.Dump();
  return Sha256(text).substr(0, kDigestSize) + " " + text;
}

// None: damaged.
std::optional<Json> Unsealed(const std::string& body) {
  if (body.size() <= kDigestSize || body[kDigestSize] != ' ') return {};
  const std::string text = body.substr(kDigestSize + 1);
  if (Sha256(text).substr(0, kDigestSize) != body.substr(0, kDigestSize)) return {};
  Result<Json> states = Json::Parse(text);
  if (!states.ok() || !states->is_object()) return {};
  return *std::move(states);
}

// Behind no path: what is known of all files together.
constexpr const char* kShared = "";
// Before a file's id: its columns, of files that say them nowhere else.
constexpr std::string_view kShape = "shape:";

std::string ShapeId(const std::string& file) { return std::string(kShape) + file; }

std::string KeyDir(const World& world, const std::string& dataset) {
  return io::Join(world.project_dir, ".andon/keys/" + Sha256(dataset).substr(0, 16));
}

// A run that a worker has just written is not named yet.
constexpr Duration kRunAgeMin = std::chrono::hours(1);

// The names of runs in a file's states: [rows, "….keys"].
void AddRuns(const Json& states, std::set<std::string>* runs) {
  for (const auto& [name, state] : states.members()) {
    if (state.items().size() == 2 && state.items()[1].AsString().ends_with(".keys"))
      runs->insert(state.items()[1].AsString());
  }
}

Result<void> RemoveRuns(const World& world, const std::string& dataset) {
  const std::string dir = KeyDir(world, dataset);
  Result<std::vector<io::FileInfo>> files = world.files.List(dir);
  if (!files.ok()) return {};  // There are none.
  auto rows = TRY(world.db.Query("SELECT body FROM check_states WHERE dataset = ?", {dataset}));
  std::set<std::string> named;
  for (const store::Row& row : rows) {
    if (auto states = Unsealed(row.Text("body"))) AddRuns(*states, &named);
  }
  for (const io::FileInfo& file : *files) {
    if (named.contains(file.name) || file.mtime > world.clock.Now() - kRunAgeMin) continue;
    (void)world.files.Remove(io::Join(dir, file.name));  // Looked for again the next time.
  }
  return {};
}

// By file, sealed: most of many files may be none of the snapshot's.
Result<std::map<std::string, std::string>> ReadKept(const World& world, const std::string& dataset,
                                                    const std::set<std::string>& pii) {
  auto rows =
      TRY(world.db.Query("SELECT file, body FROM check_states WHERE dataset = ? AND metric = ?",
                         {dataset, Maker(pii)}));
  std::map<std::string, std::string> kept;
  for (const store::Row& row : rows) kept[row.Text("file")] = row.Text("body");
  return kept;
}

// Rows of other makers, and of files that no one looked at for long.
Result<void> DropOld(store::Transaction& tx, const std::string& dataset,
                     const quality::FileStates& files) {
  TRY(tx.Execute("DELETE FROM check_states WHERE dataset = ? AND metric <> ?",
                 {dataset, Maker(files.pii)}));
  auto rows = TRY(tx.Query(
      "SELECT file FROM check_states WHERE dataset = ? ORDER BY updated_at DESC, file", {dataset}));
  std::set<std::string> live = {kShared};
  for (const quality::FileState& file : files.files) {
    live.insert(file.id);
    live.insert(ShapeId(file.id));
  }
  size_t others = 0;
  for (const store::Row& row : rows) {
    if (live.contains(row.Text("file")) || ++others <= kOtherFilesMax) continue;
    TRY(tx.Execute("DELETE FROM check_states WHERE dataset = ? AND file = ?",
                   {dataset, row.Text("file")}));
  }
  return {};
}

// Leaves `body` as it is where nothing is kept of `file`, or it is damaged.
void TakeKept(const std::map<std::string, std::string>& kept, const std::string& file, Json* body) {
  auto found = kept.find(file);
  if (found == kept.end()) return;
  if (auto unsealed = Unsealed(found->second)) *body = *std::move(unsealed);
}

}  // namespace

Result<quality::FileStates> FileStatesOf(const World& world, const definition::Dataset& dataset,
                                         const lake::Scan& scan,
                                         const std::vector<quality::CheckSpec>& checks, bool full) {
  quality::FileStates out{.pii = validation::PiiColumnsOf(world.project, dataset).masked,
                          .has_order = !scan.has_deletes,
                          .shared = Json::Object(),
                          .key_dir = KeyDir(world, dataset.address)};
  std::map<std::string, std::string> kept;
  if (!full) kept = TRY(ReadKept(world, dataset.address, out.pii));
  const std::set<std::string> columns = NamedColumns(checks);
  TakeKept(kept, kShared, &out.shared);
  SetColumns(scan.schema, &out);
  std::vector<lake::FileScan> split = TRY(lake::SplitByFile(scan));
  for (const lake::FileScan& one : split) {
    const iceberg::DataFile& data = one.file->file;
    quality::FileState file{.id = IdOf(one),
                            .relation = "(" + one.sql + ")",
                            .rows_max = data.record_count,
                            .states = Json::Object()};
    for (const iceberg::Field& field : scan.schema.fields) {
      auto size = data.column_sizes.find(field.id);
      if (size != data.column_sizes.end()) file.column_bytes[field.name] = size->second;
    }
    if (one.deletes.empty()) TakeStatistics(data, scan.schema, columns, &file);
    TakeKept(kept, file.id, &file.states);
    out.files.push_back(std::move(file));
  }
  return out;
}

Result<quality::FileStates> KeptOf(const World& world, const definition::Dataset& dataset,
                                   FilesInPlace* files, bool full) {
  quality::FileStates out{.pii = validation::PiiColumnsOf(world.project, dataset).masked,
                          .shared = Json::Object(),
                          .key_dir = KeyDir(world, dataset.address)};
  std::map<std::string, std::string> kept;
  if (!full) kept = TRY(ReadKept(world, dataset.address, out.pii));
  TakeKept(kept, kShared, &out.shared);
  for (FilesInPlace::File& file : files->files) {
    quality::FileState state{.id = file.id, .states = Json::Object()};
    TakeKept(kept, file.id, &state.states);
    TakeKept(kept, ShapeId(file.id), &file.shape);
    out.files.push_back(std::move(state));
  }
  return out;
}

Result<void> KeepFileStates(const World& world, const std::string& dataset,
                            const quality::FileStates& files,
                            const std::vector<std::pair<int64_t, Json>>& made,
                            const std::vector<std::pair<int64_t, Json>>& shapes) {
  if (made.empty() && shapes.empty()) return {};
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    auto keep = [&](const std::string& file, const Json& body) -> Result<void> {
      TRY(tx.Execute(
          "INSERT INTO check_states (dataset, file, metric, updated_at, body) VALUES (?, ?, ?, ?, "
          "?) ON CONFLICT (dataset, file, metric) DO UPDATE SET updated_at = excluded.updated_at, "
          "body = excluded.body",
          {dataset, file, Maker(files.pii), world.clock.Now(), Sealed(body)}));
      return {};
    };
    for (const auto& [place, states] : made) {
      if (place < -1 || place >= static_cast<int64_t>(files.files.size())) continue;
      TRY(keep(place < 0 ? kShared : files.files[static_cast<size_t>(place)].id, states));
    }
    for (const auto& [place, shape] : shapes) {
      if (place < 0 || place >= static_cast<int64_t>(files.files.size())) continue;
      TRY(keep(ShapeId(files.files[static_cast<size_t>(place)].id), shape));
    }
    return DropOld(tx, dataset, files);
  }));
  return RemoveRuns(world, dataset);
}

Result<void> ForgetFileStates(const World& world, const std::vector<std::string>& paths) {
  std::set<std::string> gone;
  for (const std::string& path : paths) {
    if (path.ends_with(".parquet")) gone.insert(path);
  }
  if (gone.empty()) return {};
  auto rows = TRY(world.db.Query("SELECT DISTINCT dataset, file FROM check_states"));
  std::erase_if(rows, [&](const store::Row& row) {
    const std::string& id = row.Text("file");
    return !gone.contains(id.substr(0, id.find('#')));
  });
  if (rows.empty()) return {};
  std::set<std::string> datasets;
  for (const store::Row& row : rows) datasets.insert(row.Text("dataset"));
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    for (const store::Row& row : rows) {
      TRY(tx.Execute("DELETE FROM check_states WHERE dataset = ? AND file = ?",
                     {row.Text("dataset"), row.Text("file")}));
    }
    return {};
  }));
  for (const std::string& dataset : datasets) TRY(RemoveRuns(world, dataset));
  return {};
}

}  // namespace andon::line
