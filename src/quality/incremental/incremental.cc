#include "quality/incremental/incremental.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "quality/explain.h"
#include "quality/incremental/key_states.h"
#include "quality/incremental/metric_state.h"
#include "quality/run_plan.h"
#include "quality/statistics.h"
#include "sql/aggregate.h"

namespace andon::quality {
namespace {

// So many states are kept for one file; those that no check asks for any more go first.
constexpr size_t kStatesMax = 500;

// A metric that is answered by states.
struct Tracked {
  sql::Aggregate metric;
  StateKind kind;
  bool in_order;
  std::string type;  // Of its column; empty where it reads an expression.
  std::string name;  // StateName.
};

// The dataset's profile, of which nothing depends on the data: plans made with it want the same
// metrics today and tomorrow.
Profile PlainProfile(const FileStates& dataset) {
  Profile profile{.has_order = dataset.has_order};
  profile.table_columns = dataset.columns;
  for (const sql::TableColumn& column : dataset.columns)
    profile.columns.Add({column.name, column.type});
  int64_t rows = 0;
  for (const FileState& file : dataset.files) rows += file.rows_max;
  profile.rows = rows;
  return profile;
}

RunOptions WithoutStatistics(RunOptions options) {
  options.statistics.clear();
  options.rows.reset();
  options.known = nullptr;
  return options;
}

// How one check is answered.
struct Way {
  bool is_by_states = false;
  bool is_free = false;              // By the schema alone.
  std::string broken;                // Why nothing is looked at; else empty.
  std::optional<size_t> implied_by;  // A check, whose way it goes.
  std::vector<std::string> states;   // That it needs, by name.
};

// Which checks are answered by states, and which are not.
struct Split {
  std::vector<Way> ways;  // For each check, in order.
  std::vector<Tracked> tracked;

  void LeaveToScan(size_t check) {
    ways[check].is_by_states = false;
    for (Way& way : ways) {
      if (way.implied_by == check) way.is_by_states = false;
    }
  }
  std::vector<CheckSpec> Of(const std::vector<CheckSpec>& checks, bool is_by_states) const {
    std::vector<CheckSpec> of;
    for (size_t i = 0; i < checks.size(); i++) {
      if (ways[i].is_by_states == is_by_states) of.push_back(checks[i]);
    }
    return of;
  }
};

class Splitter {
 public:
  Splitter(const std::vector<sql::ColumnInfo>& columns, const std::vector<CheckSpec>& checks,
           const RunOptions& options, const FileStates& dataset)
      : checks_(checks),
        dataset_(dataset),
        options_(WithoutStatistics(options)),
        profile_(PlainProfile(dataset)),
        columns_(AllColumns(columns, profile_)) {}

  Split Make() {
    const Plan plan = MakePlan(checks_, {columns_, profile_, options_});
    Split split;
    std::set<std::string> names;
    for (const PlannedCheck& check : plan.checks) {
      std::optional<std::vector<Tracked>> tracked = Track(plan, check);
      Way way{.is_by_states = tracked.has_value(), .is_free = check.by == AnsweredBy::kSchema};
      if (check.by == AnsweredBy::kBroken) way.broken = check.broken;
      if (check.by == AnsweredBy::kImplied) way.implied_by = check.implied_by;
      if (tracked) {
        for (Tracked& one : *tracked) {
          way.states.push_back(one.name);
          if (names.insert(one.metric.Key()).second) split.tracked.push_back(std::move(one));
        }
      }
      split.ways.push_back(std::move(way));
    }
    for (size_t i = 0; i < split.ways.size(); i++) {
      if (!split.ways[i].is_by_states) split.LeaveToScan(i);
    }
    return split;
  }

 private:
  std::optional<std::vector<Tracked>> Track(const Plan& plan, const PlannedCheck& check) const {
    std::vector<Tracked> tracked;
    const bool needs_none = check.by == AnsweredBy::kSchema || check.by == AnsweredBy::kBroken ||
                            check.by == AnsweredBy::kImplied;
    if (needs_none) return tracked;
    bool has_metrics = check.by == AnsweredBy::kScan || check.by == AnsweredBy::kMisfit;
    if (!has_metrics || !check.statistics.empty()) return {};
    for (size_t metric : check.metrics) {
      const sql::Aggregate& aggregate = plan.metrics[metric].aggregate;
      std::optional<StateKind> kind = StateKindOf(aggregate, profile_.columns);
      if (IsKey(plan, metric)) kind = StateKind::kKeys;
      if (!kind || !MayKeep(aggregate, *kind)) return {};
      const sql::ColumnInfo* column = profile_.columns.Find(aggregate.PlainColumn());
      tracked.push_back({aggregate, *kind, IsInOrder(aggregate, *kind, profile_.columns),
                         column ? column->type : "",
                         StateName(aggregate, *kind, dataset_.column_ids)});
    }
    return tracked;
  }

  bool MayKeep(const sql::Aggregate& metric, StateKind kind) const {
    bool all_known = true;
    for (const std::string& column : metric.Columns(&all_known)) {
      if (kind != StateKind::kCount && dataset_.pii.contains(column)) return false;
    }
    return true;
  }

  // Counts of different keys, also where another check wants the same number.
  static bool IsKey(const Plan& plan, size_t metric) {
    bool of_a_key =
        std::any_of(plan.checks.begin(), plan.checks.end(), [&](const PlannedCheck& check) {
          return !check.key.empty() && check.metrics.size() == 4 && check.metrics[3] == metric;
        });
    return of_a_key && CountsKeys(plan.metrics[metric].aggregate);
  }

  const std::vector<CheckSpec>& checks_;
  const FileStates& dataset_;
  RunOptions options_;
  Profile profile_;
  ColumnIndex columns_;
};

// The states of one file that are not there, from its statistics or else its rows.
class FileReader {
 public:
  FileReader(sql::Session& session, const sql::QueryOptions& query, const std::string& key_dir,
             FileState* file)
      : session_(session), query_(query), key_dir_(key_dir), file_(*file) {}

  // What statistics do not say.
  static std::vector<const Tracked*> Missing(const std::vector<Tracked>& tracked,
                                             const FileState& file) {
    std::vector<const Tracked*> missing;
    for (const Tracked& one : tracked) {
      if (!file.states.Has(one.name)) missing.push_back(&one);
    }
    return missing;
  }

  static void TakeStatistics(const std::vector<Tracked>& tracked, FileState* file) {
    if (!file->rows) return;
    RunOptions known{.statistics = file->statistics, .rows = file->rows};
    for (const Tracked& one : tracked) {
      if (file->states.Has(one.name)) continue;
      std::optional<Json> value = FromStatistics(one.metric, known);
      if (!value) continue;
      std::optional<Json> state = StateFromValue(one.kind, *value, one.type);
      if (state) file->states.Set(one.name, *std::move(state));
    }
  }

  Result<void> Read(const std::vector<const Tracked*>& missing) {
    std::vector<const Tracked*> any_order, in_order;
    for (const Tracked* one : missing) {
      if (one->kind == StateKind::kKeys)
        TRY(ReadKeys(*one));
      else
        (one->in_order ? in_order : any_order).push_back(one);
    }
    TRY(ReadAll(any_order));
    if (!in_order.empty()) TRY(ReadInOrder(in_order));
    file_.is_changed = true;
    return {};
  }

 private:
  Result<void> ReadKeys(const Tracked& one) {
    Result<Json> state =
        MakeKeyState(session_, query_, one.metric, one.type, one.name, file_, key_dir_);
    if (!state.ok() && state.error().kind == ErrorKind::kInterrupted) return state.error();
    file_.states.Set(one.name, state.ok() ? *std::move(state) : Json(false));
    return {};
  }

  Result<void> ReadInOrder(const std::vector<const Tracked*>& missing) {
    auto threads = session_.Query("SELECT current_setting('threads')");
    if (!threads.ok() || !session_.Query("SET threads = 1").ok()) {
      for (const Tracked* one : missing) file_.states.Set(one->name, false);
      return {};
    }
    Result<void> read = ReadAll(missing);
    TRY(session_.Query(fmt::format("SET threads = {}", threads->Integer(0, 0))));
    return read;
  }

  Result<void> ReadAll(const std::vector<const Tracked*>& missing) {
    if (missing.empty()) return {};
    Result<void> together = ReadTogether(missing);
    if (together.ok() || together.error().kind == ErrorKind::kInterrupted) return together;
    // One of them broke: that one has no state here, and is told of by a check in full.
    for (const Tracked* one : missing) {
      Result<void> alone = ReadTogether({one});
      if (!alone.ok() && alone.error().kind == ErrorKind::kInterrupted) return alone;
      if (!alone.ok()) file_.states.Set(one->name, false);
    }
    return {};
  }

  Result<void> ReadTogether(const std::vector<const Tracked*>& missing) {
    std::vector<std::string> items;
    std::vector<size_t> first;
    for (const Tracked* one : missing) {
      first.push_back(items.size());
      for (std::string& item : StateItems(one->metric, one->kind)) items.push_back(std::move(item));
    }
    auto row = TRY(session_.Query(
        fmt::format("SELECT {} FROM {} AS checked", Join(items, ", "), file_.relation), {},
        query_));
    if (row.row_count() != 1) return Error::Invalid("The data give no answer.");
    for (size_t i = 0; i < missing.size(); i++) {
      Json state = ReadState(missing[i]->kind, row, first[i]);
      if (missing[i]->kind == StateKind::kValues && state.is_null())
        state = TRY(ValuesOf(missing[i]->metric));
      file_.states.Set(missing[i]->name, std::move(state));
    }
    return {};
  }

  Result<Json> ValuesOf(const sql::Aggregate& metric) {
    auto rows = TRY(session_.Query(ValuesSql(metric, file_.relation), {}, query_));
    return ReadValues(rows);
  }

  sql::Session& session_;
  const sql::QueryOptions& query_;
  const std::string& key_dir_;
  FileState& file_;
};

// What no check asks for any more goes, where there is much of it.
void DropUnused(const std::vector<Tracked>& tracked, FileState* file) {
  if (!file->is_changed || file->states.size() <= kStatesMax) return;
  Json kept = Json::Object();
  for (const Tracked& one : tracked) {
    if (const Json* state = file->states.Find(one.name)) kept.Set(one.name, *state);
  }
  file->states = std::move(kept);
}

std::map<std::string, Json> MergeAll(const std::vector<Tracked>& tracked,
                                     const FileStates& dataset) {
  std::map<std::string, Json> values;
  for (const Tracked& one : tracked) {
    if (one.kind == StateKind::kKeys) continue;
    std::vector<const Json*> states;
    for (const FileState& file : dataset.files) {
      const Json* state = file.states.Find(one.name);
      if (state) states.push_back(state);
    }
    if (states.size() != dataset.files.size()) continue;
    std::optional<Json> value = MergeStates(one.metric, one.kind, one.type, states);
    if (value) values.insert_or_assign(one.metric.Key(), *std::move(value));
  }
  return values;
}

// Which files hold the rows that a predicate counts.
class Holders {
 public:
  Holders(const std::vector<Tracked>& tracked, const FileStates& dataset)
      : tracked_(tracked), dataset_(dataset) {}

  // The rows of those files, with their place among all rows where that is to be told; empty where
  // it is not known.
  std::string Relation(const sql::Aggregate& counted, const sql::Aggregate* less,
                       const std::string& position) const {
    const Tracked *plus = Find(counted), *minus = less ? Find(*less) : nullptr;
    const Tracked* all = Find(sql::Aggregate::CountRows());
    if (!plus || (less && !minus) || !all) return {};
    std::vector<std::string> parts;
    int64_t before = 0;
    for (const FileState& file : dataset_.files) {
      const int64_t held = Count(file, *plus) - (minus ? Count(file, *minus) : 0);
      if (held > 0) {
        parts.push_back(fmt::format("SELECT *, row_number() OVER () + {} AS {} FROM {} AS file",
                                    before - 1, position, file.relation));
      }
      before += Count(file, *all);
    }
    return parts.empty() ? "" : "(" + Join(parts, " UNION ALL ") + ")";
  }

 private:
  const Tracked* Find(const sql::Aggregate& metric) const {
    const std::string key = metric.Key();
    for (const Tracked& one : tracked_) {
      if (one.kind == StateKind::kCount && one.metric.Key() == key) return &one;
    }
    return nullptr;
  }
  static int64_t Count(const FileState& file, const Tracked& one) {
    return file.states[one.name].AsInteger();
  }

  const std::vector<Tracked>& tracked_;
  const FileStates& dataset_;
};

bool NeedsScan(const PlannedCheck& check, const std::map<std::string, Json>& known,
               const Plan& plan) {
  return std::any_of(check.metrics.begin(), check.metrics.end(), [&](size_t metric) {
    return !known.contains(plan.metrics[metric].aggregate.Key());
  });
}

class Incremental {
 public:
  Incremental(sql::Session& session, std::string_view relation,
              const std::vector<sql::ColumnInfo>& columns, const std::vector<CheckSpec>& checks,
              const RunOptions& options, FileStates* dataset, Reading* reading)
      : session_(session),
        relation_(relation),
        columns_(columns),
        checks_(checks),
        options_(WithoutStatistics(options)),
        dataset_(*dataset),
        reading_(*reading) {}

  Result<std::vector<CheckResult>> Run() {
    split_ = Splitter(columns_, checks_, options_, dataset_).Make();
    // Where it fails, the checks say so: they are run over all rows.
    if (RegisterFunctions(session_, checks_).ok()) TRY(ReadFiles());
    known_ = MergeAll(split_.tracked, dataset_);
    TRY(CountAllKeys());
    MoveUnknown();
    std::vector<CheckResult> by_states = TRY(RunByStates());
    const std::vector<CheckSpec> in_full = split_.Of(checks_, false);
    std::vector<CheckResult> by_scan;
    if (!in_full.empty())
      by_scan = TRY(RunChecks(session_, relation_, columns_, in_full, options_));
    reading_.checks_in_full = static_cast<int64_t>(in_full.size());
    std::vector<CheckResult> results;
    size_t next = 0, next_by_scan = 0;
    for (const Way& way : split_.ways)
      results.push_back(std::move(way.is_by_states ? by_states[next++] : by_scan[next_by_scan++]));
    return results;
  }

 private:
  Result<void> ReadFiles() {
    reading_ = {.files = static_cast<int64_t>(dataset_.files.size())};
    for (FileState& file : dataset_.files) {
      FileReader::TakeStatistics(split_.tracked, &file);
      std::vector<const Tracked*> missing = FileReader::Missing(split_.tracked, file);
      if (missing.empty()) continue;
      TRY(FileReader(session_, options_.query, dataset_.key_dir, &file).Read(missing));
      DropUnused(split_.tracked, &file);
      reading_.files_read++;
      reading_.rows_read += file.rows_max;
    }
    return {};
  }

  Result<void> CountAllKeys() {
    for (const Tracked& one : split_.tracked) {
      if (one.kind != StateKind::kKeys) continue;
      auto count = CountKeys(session_, options_.query, one.metric, one.type, one.name, &dataset_);
      if (!count.ok() && count.error().kind == ErrorKind::kInterrupted) return count.error();
      if (count.ok() && *count) known_.insert_or_assign(one.metric.Key(), **count);
    }
    return {};
  }

  // Checks of which a value does not follow from the states after all: too many different values.
  void MoveUnknown() {
    Profile profile = PlainProfile(dataset_);
    ColumnIndex columns = AllColumns(columns_, profile);
    const Plan plan = MakePlan(checks_, {columns, profile, options_});
    for (size_t i = 0; i < checks_.size(); i++) {
      if (split_.ways[i].is_by_states && NeedsScan(plan.checks[i], known_, plan))
        split_.LeaveToScan(i);
    }
  }

  Result<std::vector<CheckResult>> RunByStates() {
    const std::vector<CheckSpec> by_states = split_.Of(checks_, true);
    if (by_states.empty()) return std::vector<CheckResult>();
    Profile profile = PlainProfile(dataset_);
    RunOptions options = options_;
    options.known = [this](const sql::Aggregate& metric) -> std::optional<KnownMetric> {
      auto found = known_.find(metric.Key());
      if (found == known_.end()) return {};
      return KnownMetric{found->second, "states"};
    };
    Holders holders(split_.tracked, dataset_);
    options.holding = [&](const sql::Aggregate& counted, const sql::Aggregate* less,
                          const std::string& position) {
      return holders.Relation(counted, less, position);
    };
    return RunChecksOn(session_, relation_, profile, columns_, by_states, options);
  }

  sql::Session& session_;
  std::string_view relation_;
  const std::vector<sql::ColumnInfo>& columns_;
  const std::vector<CheckSpec>& checks_;
  RunOptions options_;
  FileStates& dataset_;
  Reading& reading_;
  Split split_;
  std::map<std::string, Json> known_;
};

// --- Explaining

// Checks of which a file is known to have no state go to those in full.
void LeaveTheHopeless(const FileStates& dataset, Split* split) {
  auto is_hopeless = [&](const std::string& name) {
    return std::any_of(dataset.files.begin(), dataset.files.end(), [&](const FileState& file) {
      const Json* state = file.states.Find(name);
      return state && state->is_bool();
    });
  };
  for (size_t i = 0; i < split->ways.size(); i++) {
    const std::vector<std::string>& names = split->ways[i].states;
    if (std::any_of(names.begin(), names.end(), is_hopeless)) split->LeaveToScan(i);
  }
}

// What states lack, and so has to be read of which files.
class ToRead {
 public:
  ToRead(const std::vector<sql::ColumnInfo>& columns, const std::vector<CheckSpec>& checks,
         const RunOptions& options, const FileStates& dataset)
      : checks_(checks),
        table_(options.table_name.empty() ? "the data" : options.table_name),
        dataset_(dataset),
        split_(Splitter(columns, checks, options, dataset).Make()) {
    LeaveTheHopeless(dataset, &split_);
    for (const FileState& file : dataset_.files) {
      for (const auto& [name, state] : file.states.members()) kept_.insert(file.id + "\n" + name);
    }
    for (FileState& file : dataset_.files) {
      FileReader::TakeStatistics(split_.tracked, &file);
      rows_ += file.rows_max;
      std::vector<const Tracked*> missing = FileReader::Missing(split_.tracked, file);
      if (missing.empty()) continue;
      files_++;
      rows_to_read_ += file.rows_max;
      AddColumns(missing, file);
    }
  }

  const Split& split() const { return split_; }
  int64_t files() const { return files_; }
  int64_t rows() const { return rows_; }
  int64_t rows_to_read() const { return rows_to_read_; }
  int64_t bytes() const { return bytes_; }

  ExplainedGroup Explain() const {
    ExplainedGroup group{.columns = columns_};
    group.headline = fmt::format("{} of {} of {} to be read ({} of {})\n", WithThousands(files_),
                                 Count(static_cast<int64_t>(dataset_.files.size()), "file"), table_,
                                 WithThousands(rows_to_read_), Count(rows_, "row"));
    for (size_t i = 0; i < checks_.size(); i++) {
      const Way& way = split_.ways[i];
      if (!way.is_by_states) continue;
      group.checks.push_back({.place = i,
                              .how = HowOf(way),
                              .is_free = way.is_free,
                              .is_implied = way.implied_by.has_value()});
    }
    return group;
  }

  // Of the checks that are left to a scan, which one among all that is.
  size_t PlaceInFull(size_t nth) const {
    for (size_t i = 0; i < split_.ways.size(); i++) {
      if (!split_.ways[i].is_by_states && nth-- == 0) return i;
    }
    return 0;
  }

 private:
  void AddColumns(const std::vector<const Tracked*>& missing, const FileState& file) {
    std::set<std::string> columns;
    bool all_known = true;
    for (const Tracked* one : missing) columns.merge(one->metric.Columns(&all_known));
    for (const std::string& column : columns) {
      auto size = file.column_bytes.find(column);
      if (size != file.column_bytes.end()) bytes_ += size->second;
    }
    columns_.merge(columns);
  }

  std::string HowOf(const Way& way) const {
    if (way.implied_by) return "implied by " + checks_[*way.implied_by].name;
    if (!way.broken.empty()) return "nothing: " + way.broken;
    if (way.states.empty()) return "the schema, without a scan";
    int64_t anew = 0;
    bool by_statistics = !dataset_.files.empty();
    for (const FileState& file : dataset_.files) {
      bool is_missing = false;
      for (const std::string& name : way.states) {
        is_missing = is_missing || !file.states.Has(name);
        by_statistics =
            by_statistics && file.states.Has(name) && !kept_.contains(file.id + "\n" + name);
      }
      if (is_missing) anew++;
    }
    if (by_statistics) return "answered by statistics";
    return fmt::format("states of {}, {} to be read",
                       Count(static_cast<int64_t>(dataset_.files.size()), "file"), anew);
  }

  const std::vector<CheckSpec>& checks_;
  std::string table_;
  FileStates dataset_;  // With what statistics say.
  Split split_;
  std::set<std::string> kept_;  // Which states of which files were there before.
  std::set<std::string> columns_;
  int64_t files_ = 0, rows_ = 0, rows_to_read_ = 0, bytes_ = 0;
};

}  // namespace

Json ToJson(const FileStates& dataset) {
  Json files = Json::List(), columns = Json::List(), pii = Json::List();
  for (const std::string& column : dataset.pii) pii.Push(column);
  for (const sql::TableColumn& column : dataset.columns) {
    auto id = dataset.column_ids.find(column.name);
    columns.Push(Json::List({column.name, column.type, column.native_type,
                             id == dataset.column_ids.end() ? "" : id->second}));
  }
  for (const FileState& file : dataset.files) {
    Json statistics = Json::Object();
    for (const auto& [name, known] : file.statistics)
      statistics.Set(name, Json::List({known.null_count ? Json(*known.null_count) : Json(),
                                       known.least, known.greatest}));
    files.Push(Json::Object({{"id", file.id},
                             {"relation", file.relation},
                             {"rows", file.rows ? Json(*file.rows) : Json()},
                             {"rows_max", file.rows_max},
                             {"statistics", std::move(statistics)},
                             {"states", file.states},
                             {"is_changed", file.is_changed}}));
  }
  return Json::Object({{"files", std::move(files)},
                       {"columns", std::move(columns)},
                       {"pii", std::move(pii)},
                       {"has_order", dataset.has_order},
                       {"shared", dataset.shared},
                       {"key_dir", dataset.key_dir}});
}

FileStates FileStatesFromJson(const Json& json) {
  FileStates dataset{.has_order = json["has_order"].AsBool(),
                     .shared = json["shared"],
                     .key_dir = json["key_dir"].AsString()};
  for (const Json& column : json["pii"].items()) dataset.pii.insert(column.AsString());
  for (const Json& column : json["columns"].items()) {
    if (column.items().size() != 4) continue;
    const auto& texts = column.items();
    dataset.columns.push_back({texts[0].AsString(), texts[1].AsString(), texts[2].AsString()});
    dataset.column_ids[texts[0].AsString()] = texts[3].AsString();
  }
  for (const Json& j : json["files"].items()) {
    FileState file{.id = j["id"].AsString(),
                   .relation = j["relation"].AsString(),
                   .rows_max = j["rows_max"].AsInteger(),
                   .states = j["states"],
                   .is_changed = j["is_changed"].AsBool()};
    if (!j["rows"].is_null()) file.rows = j["rows"].AsInteger();
    for (const auto& [name, known] : j["statistics"].members()) {
      if (known.items().size() != 3) continue;
      ColumnStatistics& column = file.statistics[name];
      if (!known.items()[0].is_null()) column.null_count = known.items()[0].AsInteger();
      column.least = known.items()[1];
      column.greatest = known.items()[2];
    }
    dataset.files.push_back(std::move(file));
  }
  return dataset;
}

Result<std::vector<CheckResult>> RunIncrementally(sql::Session& session, std::string_view relation,
                                                  const std::vector<sql::ColumnInfo>& columns,
                                                  const std::vector<CheckSpec>& checks,
                                                  const RunOptions& options, FileStates* dataset,
                                                  Reading* reading) {
  return Incremental(session, relation, columns, checks, options, dataset, reading).Run();
}

Result<Explanation> ExplainIncrementally(sql::Session& session, std::string_view relation,
                                         const std::vector<sql::ColumnInfo>& columns,
                                         const std::vector<CheckSpec>& checks,
                                         const RunOptions& options, const FileStates& dataset) {
  const RunOptions plain = WithoutStatistics(options);
  ToRead to_read(columns, checks, plain, dataset);
  std::vector<ExplainedGroup> groups;
  ExplainedWhole whole{.rows = to_read.rows(), .bytes = BytesOf(session, relation, plain)};
  if (whole.bytes.all) whole.bytes_read = to_read.bytes();
  ExplainedGroup by_states = to_read.Explain();
  if (!by_states.checks.empty()) groups.push_back(std::move(by_states));
  const std::vector<CheckSpec> in_full = to_read.split().Of(checks, false);
  if (!in_full.empty()) {
    Prepared prepared = TRY(PrepareToExplain(session, relation, columns, in_full, plain));
    const Plan plan = MakePlan(in_full, {prepared.columns, prepared.profile, plain});
    ExplainedGroup group = ExplainGroup(plan, prepared.profile, plain);
    for (ExplainedCheck& check : group.checks) check.place = to_read.PlaceInFull(check.place);
    groups.push_back(std::move(group));
    if (whole.bytes_read) *whole.bytes_read += BytesRead(plan, whole.bytes).value_or(0);
  }
  Explanation explanation = ExplainTogether(checks, groups, whole);
  explanation.json.Set("files", static_cast<int64_t>(dataset.files.size()));
  explanation.json.Set("files_to_read", to_read.files());
  explanation.json.Set("rows_to_read", to_read.rows_to_read());
  return explanation;
}

}  // namespace andon::quality
