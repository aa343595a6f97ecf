// The checks of a dataset: of what was delivered, of the whole, of its batches; in the lake or in
// its own place.
#include <algorithm>

#include "base/text.h"
#include "line/files_in_place.h"
#include "line/work_internal.h"
#include "quality/batch_files.h"
#include "sql/lazy_session.h"

namespace andon::line {
namespace {

std::vector<quality::CheckSpec> On(quality::Scope scope,
                                   const std::vector<quality::CheckSpec>& all) {
  std::vector<quality::CheckSpec> out;
  for (const quality::CheckSpec& check : all) {
    if (quality::RunsOn(check, scope)) out.push_back(check);
  }
  return out;
}

class Checker {
 public:
  Checker(const CheckTask& task, const Limits& limits, const Say& say, const InPlace& in_place)
      : task_(task),
        limits_(limits),
        say_(say),
        own_sessions_(bench_.files, task.project_dir,
                      {.memory_bytes = limits.memory_bytes,
                       .threads = limits.threads,
                       .spill_dir = limits.spill_dir},
                      in_place.stop),
        sessions_(in_place.sessions ? *in_place.sessions : own_sessions_) {
    bench_.options.stop = in_place.stop;
  }

  Result<CheckOutcome> Run() {
    bench_.SetOptions(limits_, say_);
    // What would be done to the lake is told without asking any database.
    if (!task_.explain || !task_.place.empty()) TRY(OpenSources());
    TRY(task_.place.empty() ? OpenLake() : OpenPlace());
    run_.table_name = task_.table;
    run_.key_columns = task_.key;
    run_.query = bench_.options;
    if (!task_.now.empty()) run_.now = TRY(ParseTimestamp(task_.now));
    if (!task_.start.empty()) {
      auto start = TRY(ParseTimestamp(task_.start));
      auto end = TRY(ParseTimestamp(task_.end));
      run_.parameters = {{"start", start}, {"end", end}};
    }
    outcome_.written = task_.written;
    for (const sql::ColumnInfo& column : columns_) outcome_.columns.push_back(column.name);
    if (!task_.explain) TRY(LookAtWritten(*session_, relation_, &outcome_.written, &run_));
    if (task_.explain) {
      quality::Explanation explained = TRY(Explain());
      outcome_.explanation = std::move(explained.text);
      outcome_.explanation_data = std::move(explained.json);
      return std::move(outcome_);
    }
    const auto on_delivery = On(quality::Scope::kDelivery, task_.checks);
    for (const CheckTask::Part& part : task_.deliveries) {
      DeliveryChecks checks{.delivery_id = part.delivery_id};
      checks.results = TRY(
          quality::RunChecks(*session_, Parenthesized(part.relation), columns_, on_delivery, run_));
      outcome_.deliveries.push_back(std::move(checks));
    }
    if (!task_.batches.definition.file_regex.empty()) {
      outcome_.batches = TRY(CheckFiles());
      return std::move(outcome_);
    }
    if (!task_.batches.definition.is_whole()) {
      outcome_.batches =
          TRY(quality::RunChosen(*session_, relation_, columns_,
                                 On(quality::Scope::kDataset, task_.checks), task_.batches, run_));
      return std::move(outcome_);
    }
    if (!task_.only_deliveries) {
      outcome_.dataset = TRY(CheckDataset());
    }
    if (task_.in_place) TRY(LookForBadRow());
    if (task_.with_slices) TRY(FindSlices());
    if (!task_.newest_of.empty()) TRY(FindNewest());
    return std::move(outcome_);
  }

 private:
  static std::string Parenthesized(const std::string& select) { return "(" + select + ")"; }

  Result<void> OpenBench() {
    if (bench_.connection) return {};
    return bench_.Open(limits_, say_);
  }

  Result<quality::Explanation> Explain() {
    run_.column_bytes = task_.column_bytes;
    if (!files_) return quality::Explain(*session_, relation_, columns_, task_.checks, run_);
    return quality::ExplainIncrementally(*session_, relation_, columns_, task_.checks, run_,
                                         *files_);
  }

  Result<std::vector<quality::CheckResult>> CheckDataset() {
    const auto checks = On(quality::Scope::kDataset, task_.checks);
    if (!files_) return quality::RunChecks(*session_, relation_, columns_, checks, run_);
    quality::FileStates files = *files_;
    auto results = TRY(quality::RunIncrementally(*session_, relation_, columns_, checks, run_,
                                                 &files, &outcome_.reading));
    for (size_t i = 0; i < files.files.size(); ++i) {
      if (files.files[i].is_changed)
        outcome_.states.emplace_back(static_cast<int64_t>(i), std::move(files.files[i].states));
    }
    if (files.is_shared_changed) outcome_.states.emplace_back(-1, std::move(files.shared));
    return results;
  }

  // One batch for each file whose name the expression finds.
  Result<std::vector<quality::BatchResults>> CheckFiles() {
    if (!task_.in_place)
      return Error::Invalid("{} is not read from files: its batches are not files.", task_.table);
    TRY(OpenBench());
    std::map<std::string, size_t> places;
    std::vector<std::string> paths;
    for (const FilesInPlace::File& file : in_place_.files) {
      places[file.path] = paths.size();
      paths.push_back(file.path);
    }
    auto batches = TRY(quality::FileBatchesOf(*bench_.connection, paths, task_.table,
                                              task_.batches.definition.file_regex));
    if (!task_.batches.all) {
      quality::FileBatch one = TRY(quality::PickFile(batches, task_.batches.name));
      batches = {std::move(one)};
    }
    std::vector<quality::BatchResults> out;
    for (quality::FileBatch& file : batches) {
      const std::string rows = Parenthesized(in_place_relation_.of_files[places.at(file.path)]);
      auto results = TRY(quality::RunChecks(*session_, rows, columns_,
                                            On(quality::Scope::kDataset, task_.checks), run_));
      out.push_back({std::move(file.batch), std::move(results)});
    }
    return out;
  }

  // A row that is none of the declared columns breaks each check that meets it: it is told once,
  // with its line.
  Result<void> LookForBadRow() {
    bool is_broken =
        std::any_of(outcome_.dataset.begin(), outcome_.dataset.end(),
                    [](const auto& r) { return r.state == quality::CheckState::kError; });
    if (!is_broken || in_place_.format != "csv") return {};
    TRY(OpenBench());
    auto bad = TRY(FindBadRow(in_place_, *bench_.connection));
    if (bad) return Error::Invalid("{}", *bad);
    return {};
  }

  // The rows are of files that somebody else writes.
  Result<void> OpenInPlace() {
    in_place_ = *task_.in_place;
    in_place_relation_ = TRY(RelationOf(&in_place_, [this]() { return Opened(); }));
    relation_ = Parenthesized(in_place_relation_.sql);
    for (const sql::TableColumn& column : in_place_relation_.columns)
      columns_.push_back({column.name, column.type});
    run_.tables[task_.table] = relation_;
    for (size_t i = 0; i < in_place_.files.size(); ++i) {
      if (!(in_place_.files[i].shape == task_.in_place->files[i].shape))
        outcome_.shapes.emplace_back(static_cast<int64_t>(i), in_place_.files[i].shape);
    }
    if (files_) Complete(in_place_, in_place_relation_, &*files_);
    return {};
  }

  Result<sql::Connection*> Opened() {
    TRY(OpenBench());
    return &*bench_.connection;
  }

  // Files of others that checks name, as relations.
  Result<std::vector<NamedRelation>> TablesInPlace() {
    std::vector<NamedRelation> out;
    for (FilesInPlace other : task_.tables_in_place) {
      auto relation = TRY(RelationOf(&other, [this]() { return Opened(); }));
      out.push_back({other.dataset, std::move(relation.sql)});
    }
    return out;
  }

  Result<void> OpenSources() {
    for (const definition::Source& source : task_.sources) {
      OpenedSource* opened = TRY(sessions_.Open(source));
      opened_[source.name] = opened;
      run_.sources[source.name] = &opened->session();
    }
    return {};
  }

  // The rows are of the lake: DuckDB reads its files.
  Result<void> OpenLake() {
    session_ = &lake_session_;
    relation_ = Parenthesized(task_.relation);
    columns_ = task_.columns;
    for (const NamedRelation& table : task_.tables) {
      run_.tables[table.name] = Parenthesized(table.sql);
    }
    const std::vector<NamedRelation> in_place = TRY(TablesInPlace());
    for (const NamedRelation& table : in_place) run_.tables[table.name] = Parenthesized(table.sql);
    if (task_.in_place) TRY(OpenInPlace());
    return {};
  }

  // The rows are of somebody else's table: its database answers.
  Result<void> OpenPlace() {
    auto place = opened_.find(task_.place);
    if (place == opened_.end())
      return Error::Invalid("The task names no source \"{}\", where its table is", task_.place);
    session_ = &place->second->session();
    relation_ = TRY(place->second->Relation(task_.table_there));
    auto columns = TRY(session_->Columns(relation_));
    for (const sql::TableColumn& column : columns) columns_.push_back({column.name, column.type});
    run_.tables[task_.table] = relation_;
    for (const CheckTask::TableThere& other : task_.tables_there) {
      run_.tables[other.name] = TRY(place->second->Relation(other.table));
    }
    std::vector<NamedRelation> tables = TRY(TablesInPlace());
    tables.insert(tables.end(), task_.tables.begin(), task_.tables.end());
    if (tables.empty()) return {};
    TRY(OpenBench());
    for (const NamedRelation& table : tables) {
      TRY(bench_.connection->Execute(
          fmt::format("CREATE TEMP VIEW {} AS {}", sql::QuoteIdentifier(table.name), table.sql)));
    }
    run_.sources[kLakeSource] = &*bench_.connection;
    return {};
  }

  Result<void> FindNewest() {
    auto newest = TRY(session_->Query(fmt::format("SELECT CAST(max({}) AS VARCHAR) FROM {} AS t",
                                                  sql::QuoteIdentifier(task_.newest_of), relation_),
                                      {}, bench_.options));
    outcome_.newest = newest.Bytes(0, 0);
    return {};
  }

  // Where the bad rows lie: told of the delivery, where there is one.
  Result<void> FindSlices() {
    constexpr int kSlicesMax = 5;
    std::string relation = task_.relation;
    if (!task_.deliveries.empty()) {
      relation.clear();
      for (const CheckTask::Part& part : task_.deliveries) {
        relation += (relation.empty() ? "" : " UNION ALL ") + part.relation;
      }
    }
    std::vector<const quality::CheckResult*> failed;
    std::vector<std::string> names;  // Foreign keys.
    auto add = [&](const std::vector<quality::CheckResult>& results) {
      for (const quality::CheckResult& r : results) {
        if (r.type == "expect_column_values_to_exist_in_table")
          names.insert(names.end(), r.columns.begin(), r.columns.end());
        if (r.state != quality::CheckState::kFailed || r.bad_rows_sql.empty()) continue;
        if (std::none_of(failed.begin(), failed.end(),
                         [&](const auto* f) { return f->name == r.name; })) {
          failed.push_back(&r);
        }
      }
    };
    for (const DeliveryChecks& d : outcome_.deliveries) add(d.results);
    add(outcome_.dataset);
    if (failed.size() > kSlicesMax) failed.resize(kSlicesMax);
    if (!failed.empty()) TRY(OpenBench());
    for (const quality::CheckResult* result : failed) {
      quality::SliceOptions options{.key = task_.key,
                                    .ignored_columns = result->columns,
                                    .name_columns = names,
                                    .query = bench_.options};
      options.ignored_columns.insert(options.ignored_columns.end(), task_.pii.begin(),
                                     task_.pii.end());
      auto slice = quality::FindSlice(*bench_.connection, Parenthesized(relation), task_.columns,
                                      result->bad_rows_sql, options);
      // A hint that cannot be found is not there; the verdict stands without it.
      if (!slice.ok()) {
        if (slice.error().kind == ErrorKind::kInterrupted) return std::move(slice).error();
        continue;
      }
      if (*slice) {
        outcome_.slices.push_back(
            {result->name, (*slice)->ToTextWithChance(), (*slice)->coverage(), (*slice)->share()});
      }
    }
    return {};
  }

  const CheckTask& task_;
  const Limits& limits_;
  const Say& say_;
  Bench bench_;
  SourceSessions own_sessions_;
  SourceSessions& sessions_;
  std::map<std::string, OpenedSource*> opened_;  // By the source's name.
  // Of the lake. Where everything is known already, no engine is started.
  sql::LazySession lake_session_{sql::Dialect::kDuckDb, [this]() -> Result<sql::Session*> {
                                   TRY(OpenBench());
                                   return &*bench_.connection;
                                 }};
  // What is checked.
  sql::Session* session_ = nullptr;
  std::string relation_;
  std::vector<sql::ColumnInfo> columns_;
  std::optional<quality::FileStates> files_ = task_.files;
  FilesInPlace in_place_;
  FilesRelation in_place_relation_;
  quality::RunOptions run_;
  CheckOutcome outcome_;
};

}  // namespace

Result<CheckOutcome> DoCheck(const CheckTask& task, const Limits& limits, const Say& say,
                             const InPlace& in_place) {
  return Checker(task, limits, say, in_place).Run();
}

}  // namespace andon::line
