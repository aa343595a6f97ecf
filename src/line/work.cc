#include "line/work.h"

#include <algorithm>

#include "base/text.h"
#include "iceberg/schema.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "lake/scan.h"
#include "line/columns.h"
#include "sql/engine.h"
#include "sql/lazy_session.h"

namespace andon::line {
namespace {

constexpr std::pair<ErrorKind, std::string_view> kErrorKinds[] = {
    {ErrorKind::kInvalid, "invalid"},
    {ErrorKind::kNotFound, "not_found"},
    {ErrorKind::kConflict, "conflict"},
    {ErrorKind::kHeld, "held"},
    {ErrorKind::kIo, "io"},
    {ErrorKind::kUnavailable, "unavailable"},
    {ErrorKind::kCorrupt, "corrupt"},
    {ErrorKind::kInterrupted, "interrupted"},
};

// What every task needs: an engine with its limits, a lake without a database.
struct Bench {
  io::LocalFileSystem files;
  SystemClock clock;
  std::optional<sql::Engine> engine;
  std::optional<sql::Connection> connection;
  sql::QueryOptions options;

  Result<void> Open(const Limits& limits, const Say& say) {
    engine.emplace(TRY(sql::Engine::Open({.memory_limit_bytes = limits.memory_bytes,
                                          .threads = std::max(1, limits.threads),
                                          .temp_directory = limits.spill_dir})));
    connection.emplace(TRY(engine->Connect()));
    SetOptions(limits, say);
    return {};
  }
  void SetOptions(const Limits& limits, const Say& say) {
    options.time_limit = Duration(limits.time_limit_us);
    options.progress = [say](const sql::Progress& p) {
      say(Json::Object({{"progress", p.rows}, {"percent", p.percent}}));
    };
  }
  lake::Lake Lake(const std::string& root, const std::string& project) {
    return {.root = root, .project = project, .files = &files, .clock = &clock};
  }
};

std::string Keys(const std::vector<std::string>& key) {
  std::string out;
  for (const std::string& column : key) {
    out += (out.empty() ? "" : ", ") + sql::QuoteIdentifier(column);
  }
  return out;
}

// The rows that several deliveries give when each takes effect after the one before: of rows with
// one key, those of the last delivery that has it. Two rows with one key *within* it both stay.
std::string InSequence(const std::vector<std::string>& relations,
                       const std::vector<std::string>& key) {
  std::string all;
  for (size_t i = 0; i < relations.size(); ++i) {
    if (i > 0) all += " UNION ALL ";
    all += key.empty() ? relations[i]
                       : fmt::format("SELECT *, {} AS andon_turn FROM ({})", i, relations[i]);
  }
  if (key.empty()) return all;
  std::string no_key;
  for (const std::string& column : key) {
    no_key += fmt::format(" OR {} IS NULL", sql::QuoteIdentifier(column));
  }
  return fmt::format(
      "SELECT * EXCLUDE (andon_turn, andon_last) FROM (SELECT *, max(andon_turn) OVER (PARTITION "
      "BY "
      "{}) AS andon_last FROM ({})) WHERE andon_turn = andon_last{}",
      Keys(key), all, no_key);
}

class Loader {
 public:
  Loader(const LoadTask& task, const Limits& limits, const Say& say)
      : task_(task), limits_(limits), say_(say) {}

  Result<LoadOutcome> Run() {
    TRY(bench_.Open(limits_, say_));
    outcome_.columns = task_.columns;
    std::string query;
    if (task_.shape_only) {
      query = EmptyRelation(outcome_.columns);
    } else if (task_.deliveries.empty()) {
      query = TRY(Model());
    } else {
      auto made = TRY(Deliveries());
      if (!made) return std::move(outcome_);
      query = *made;
    }
    TRY(Write(query));
    return std::move(outcome_);
  }

 private:
  // One delivery that is appended or replaces everything is written straight into the table.
  bool is_direct() const {
    return task_.deliveries.size() == 1 && !task_.keeps_incoming && task_.split.empty() &&
           (task_.mode == lake::LoadMode::kAppend || task_.mode == lake::LoadMode::kReplace);
  }

  Result<std::string> Model() {
    if (!task_.split.empty()) return GoodRows();
    std::string sql = TRY(ModelSql());
    return task_.keeps_incoming ? KeepModel(sql) : sql;
  }

  // The good rows of a split; `more`: a condition.
  std::string GoodRows(const std::string& more = {}) const {
    return fmt::format("SELECT * EXCLUDE ({}) FROM ({}){}", kDeliveryColumn, RestOf(task_.split),
                       more.empty() ? "" : " WHERE " + more);
  }

  // Typed as the table has them, so that a predicate says the same of them here and there. What
  // does not fit is told by the load.
  Result<std::string> KeepModel(const std::string& sql) {
    std::vector<std::string> columns;
    for (const definition::Column& column : outcome_.columns) {
      auto type = sql::ToDuckDbType(column.type);
      if (!type.ok()) return sql;
      columns.push_back(
          fmt::format("CAST({0} AS {1}) AS {0}", sql::QuoteIdentifier(column.name), *type));
    }
    const std::string path = io::Join(task_.stage_dir, task_.table + "-incoming.parquet");
    auto written = bench_.connection->Query(
        fmt::format("COPY (SELECT {} FROM ({}) AS model) TO {} (FORMAT parquet)",
                    Join(columns, ", "), sql, sql::QuoteLiteral(path)),
        {}, bench_.options);
    if (!written.ok()) {
      if (written.error().kind == ErrorKind::kInterrupted) return std::move(written).error();
      return sql;
    }
    std::string kept = fmt::format("SELECT * FROM read_parquet({})", sql::QuoteLiteral(path));
    outcome_.incoming = fmt::format("SELECT *, 0 AS {} FROM ({})", kDeliveryColumn, kept);
    return kept;
  }

  Result<std::string> ModelSql() {
    for (const NamedRelation& input : task_.inputs) {
      TRY(bench_.connection->Execute(
          fmt::format("CREATE TEMP VIEW {} AS {}", sql::QuoteIdentifier(input.name), input.sql)));
    }
    std::string sql(Trim(task_.sql));
    while (!sql.empty() && (sql.back() == ';' || sql.back() == ' ' || sql.back() == '\n')) {
      sql.pop_back();
    }
    if (!task_.start.empty()) {
      // A COPY takes no parameters, a table made of a query does.
      auto start = TRY(ParseTimestamp(task_.start));
      auto end = TRY(ParseTimestamp(task_.end));
      TRY(bench_.connection->Execute("CREATE TEMP TABLE andon_model AS " + sql,
                                     {{"start", start}, {"end", end}}, bench_.options));
      sql = "SELECT * FROM andon_model";
    }
    // The newline: the text may end in a comment.
    sql = "SELECT * FROM (" + sql + "\n)";
    if (outcome_.columns.empty()) {
      auto described = TRY(bench_.connection->Describe(sql));
      for (const sql::ResultColumn& column : described) {
        auto type = TRY(sql::FromDuckDbType(column.type));
        outcome_.columns.push_back({.name = column.name, .type = type});
      }
    }
    return sql;
  }

  // The query of all deliveries; nothing where one of them is not good.
  Result<std::optional<std::string>> Deliveries() {
    bool all_good = true;
    std::vector<std::string> relations;
    for (const DeliveryFile& delivery : task_.deliveries) {
      DeliveryOutcome out{.id = delivery.id};
      std::string relation;
      if (task_.split.empty()) {
        relation = TRY(ReadOne(delivery, &out));
      } else {
        relation = GoodRows(fmt::format("{} = {}", kDeliveryColumn, delivery.id));
        out.relation = relation;
      }
      all_good = all_good && out.is_good();
      if (task_.keeps_incoming) {
        outcome_.incoming += outcome_.incoming.empty() ? "" : " UNION ALL ";
        outcome_.incoming +=
            fmt::format("SELECT *, {} AS {} FROM ({})", delivery.id, kDeliveryColumn, relation);
      }
      relations.push_back(std::move(relation));
      outcome_.deliveries.push_back(std::move(out));
    }
    if (!all_good) return std::optional<std::string>();
    if (task_.mode == lake::LoadMode::kReplace && !task_.combine) {
      return std::optional(relations.back());
    }
    const bool is_interval = task_.mode == lake::LoadMode::kReplaceInterval;
    if (relations.size() == 1 && !is_interval) return std::optional(relations[0]);
    if (!task_.by.empty()) {  // Also in a full refresh, where the mode is another.
      auto sequence = TRY(IntervalsInSequence(relations));
      return std::optional(std::move(sequence));
    }
    const bool by_key =
        task_.mode == lake::LoadMode::kMerge || task_.mode == lake::LoadMode::kReplace;
    return std::optional(InSequence(relations, by_key ? task_.key : std::vector<std::string>()));
  }

  // The rows that several deliveries give when each replaces its own intervals of what was there
  // before it, those of the deliveries before it too.
  Result<std::string> IntervalsInSequence(const std::vector<std::string>& relations) {
    std::string type = TRY(TypeOfBy());
    std::string all;
    for (auto it = relations.rbegin(); it != relations.rend(); ++it) {
      std::string part = *it;
      if (!intervals_.empty()) {
        std::vector<std::string> later;
        for (const lake::Interval& i : intervals_) {
          later.push_back(fmt::format("({0} >= CAST({1} AS {3}) AND {0} < CAST({2} AS {3}))",
                                      sql::QuoteIdentifier(task_.by), sql::QuoteLiteral(i.start),
                                      sql::QuoteLiteral(i.end), type));
        }
        part = fmt::format("SELECT * FROM ({}) WHERE NOT coalesce({}, false)", part,
                           Join(later, " OR "));
      }
      all = all.empty() ? part : part + " UNION ALL " + all;
      TRY(AddInterval(*it));
    }
    return all;
  }

  Result<std::string> TypeOfBy() const {
    for (const definition::Column& c : outcome_.columns) {
      if (AsciiLower(c.name) == AsciiLower(task_.by)) return sql::ToDuckDbType(c.type);
    }
    return Error::Invalid("{} has no column \"{}\", by which its intervals are replaced",
                          task_.table, task_.by);
  }

  // The whole grains that the rows of `query` lie in; nothing where there are no rows.
  Result<void> AddInterval(const std::string& query) {
    std::string type = TRY(TypeOfBy());
    const std::string grain = task_.grain.empty() ? "day" : task_.grain;
    auto range = TRY(bench_.connection->Query(
        fmt::format("SELECT CAST(CAST(date_trunc({0}, min({1})) AS {4}) AS VARCHAR), "
                    "CAST(CAST(date_trunc({0}, max({1})) + INTERVAL 1 {2} AS {4}) AS VARCHAR) "
                    "FROM ({3})",
                    sql::QuoteLiteral(grain), sql::QuoteIdentifier(task_.by), grain, query, type),
        {}, bench_.options));
    if (range.empty() || range.IsNull(0, 0)) return {};
    intervals_.push_back({std::string(range.Bytes(0, 0)), std::string(range.Bytes(0, 1))});
    return {};
  }

  // $start and $end as values of the column.
  Result<lake::Interval> Bounds() {
    std::string type = TRY(TypeOfBy());
    auto bounds = TRY(bench_.connection->Query(fmt::format(
        "SELECT CAST(CAST(TIMESTAMP {0} AS {2}) AS VARCHAR), CAST(CAST(TIMESTAMP {1} AS {2}) AS "
        "VARCHAR)",
        sql::QuoteLiteral(task_.start), sql::QuoteLiteral(task_.end), type)));
    return lake::Interval{std::string(bounds.Bytes(0, 0)), std::string(bounds.Bytes(0, 1))};
  }

  Result<std::string> ReadOne(const DeliveryFile& delivery, DeliveryOutcome* out) {
    auto header = ingest::ReadHeader(*bench_.connection, delivery.file);
    if (!header.ok()) {
      if (header.error().kind != ErrorKind::kInvalid) return std::move(header).error();
      out->unreadable = ingest::UnreadableBecause(delivery.file, header.error().message);
      return std::string();
    }
    headers_.push_back(*header);
    if (outcome_.columns.empty()) {
      outcome_.columns = TRY(ingest::InferColumns(*bench_.connection, delivery.file));
    }
    if (!task_.declared.columns.empty()) {
      std::vector<contract::ActualColumn> actual;
      for (const std::string& name : *header) actual.push_back({name, ""});
      out->breaks = contract::CompareColumns(task_.declared, task_.contracts, actual);
      if (contract::HasBreaking(out->breaks)) return std::string();
    }
    std::string relation = TRY(ingest::CsvRelation(delivery.file, *header, outcome_.columns));
    if (is_direct()) return relation;
    const std::string staged =
        io::Join(task_.stage_dir, fmt::format("{}-{}.parquet", task_.table, delivery.id));
    auto written = bench_.connection->Query(
        fmt::format("COPY ({}) TO {} (FORMAT parquet)", relation, sql::QuoteLiteral(staged)), {},
        bench_.options);
    if (!written.ok()) {
      TRY(Explain(delivery, *header, written.error(), out));
      return std::string();
    }
    out->rows = written->rows_changed();
    out->relation = fmt::format("SELECT * FROM read_parquet({})", sql::QuoteLiteral(staged));
    return out->relation;
  }

  // Reading failed: says which rows are at fault, or passes the error on where none is. In an
  // engine of its own: some errors leave DuckDB unusable.
  Result<void> Explain(const DeliveryFile& delivery, const std::vector<std::string>& header,
                       const Error& error, DeliveryOutcome* out) {
    if (error.kind == ErrorKind::kInterrupted) return error;
    Bench bench;
    TRY(bench.Open(limits_, [](const Json&) {}));
    auto bad = TRY(ingest::FindBadRows(*bench.connection, delivery.file, header, outcome_.columns));
    if (!bad) return error;
    out->unreadable = std::move(*bad);
    return {};
  }

  Result<void> Write(const std::string& query) {
    lake::Lake lake = bench_.Lake(task_.lake_root, task_.project);
    iceberg::Table table = TRY(lake::OpenTableAt(lake, task_.table, task_.metadata_location));
    lake::LoadRequest request{.mode = task_.shape_only ? lake::LoadMode::kAppend : task_.mode,
                              .query = query,
                              .branch = task_.branch,
                              .from_main = true,
                              .key = task_.key,
                              .latest_by = task_.latest_by,
                              .by = task_.by};
    if (request.mode != lake::LoadMode::kMerge) request.key.clear();
    request.columns = TRY(FieldsOf(outcome_.columns));
    request.partition_by = TRY(PartitionsOf(task_.partition_by));
    request.summary = task_.summary;
    request.write.query = bench_.options;
    if (request.mode == lake::LoadMode::kReplaceInterval) {
      if (!task_.start.empty()) {
        auto bounds = TRY(Bounds());
        intervals_ = {std::move(bounds)};
      } else if (intervals_.empty()) {
        TRY(AddInterval(query));
      }
      request.intervals = intervals_;
    }
    auto delta = lake::WriteLoad(*bench_.connection, lake, table, request);
    if (!delta.ok()) {
      if (!is_direct()) return std::move(delta).error();
      TRY(Explain(task_.deliveries[0], headers_[0], delta.error(), &outcome_.deliveries[0]));
      return {};
    }
    if (is_direct()) {
      DeliveryOutcome& out = outcome_.deliveries[0];
      out.rows = delta->rows_delivered;
      std::vector<std::string> paths;
      for (const iceberg::DataFile& file : delta->added) paths.push_back(file.path);
      out.relation = TRY(lake::FilesSql(paths, delta->schema, false));
    }
    outcome_.delta = std::move(*delta);
    return {};
  }

  const LoadTask& task_;
  const Limits& limits_;
  const Say& say_;
  Bench bench_;
  LoadOutcome outcome_;
  std::vector<std::vector<std::string>> headers_;
  std::vector<lake::Interval> intervals_;  // That are replaced.
};

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
    if (!task_.batches.definition.is_whole()) {
      outcome_.batches =
          TRY(quality::RunChosen(*session_, relation_, columns_,
                                 On(quality::Scope::kDataset, task_.checks), task_.batches, run_));
      return std::move(outcome_);
    }
    if (!task_.only_deliveries) {
      outcome_.dataset = TRY(CheckDataset());
    }
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
    if (!task_.files) return quality::Explain(*session_, relation_, columns_, task_.checks, run_);
    return quality::ExplainIncrementally(*session_, relation_, columns_, task_.checks, run_,
                                         *task_.files);
  }

  Result<std::vector<quality::CheckResult>> CheckDataset() {
    const auto checks = On(quality::Scope::kDataset, task_.checks);
    if (!task_.files) return quality::RunChecks(*session_, relation_, columns_, checks, run_);
    quality::FileStates files = *task_.files;
    auto results = TRY(quality::RunIncrementally(*session_, relation_, columns_, checks, run_,
                                                 &files, &outcome_.reading));
    for (size_t i = 0; i < files.files.size(); ++i) {
      if (files.files[i].is_changed)
        outcome_.states.emplace_back(static_cast<int64_t>(i), std::move(files.files[i].states));
    }
    if (files.is_shared_changed) outcome_.states.emplace_back(-1, std::move(files.shared));
    return results;
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
    if (task_.tables.empty()) return {};
    TRY(OpenBench());
    for (const NamedRelation& table : task_.tables) {
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
  quality::RunOptions run_;
  CheckOutcome outcome_;
};

}  // namespace

Result<LoadOutcome> DoLoad(const LoadTask& task, const Limits& limits, const Say& say) {
  return Loader(task, limits, say).Run();
}

Result<CheckOutcome> DoCheck(const CheckTask& task, const Limits& limits, const Say& say,
                             const InPlace& in_place) {
  return Checker(task, limits, say, in_place).Run();
}

Result<SplitOutcome> DoSplit(const SplitTask& task, const Limits& limits, const Say& say) {
  Bench bench;
  TRY(bench.Open(limits, say));
  TRY(quality::RegisterFunctions(*bench.connection, task.checks));
  // A check has one rule for each delivery, and one for the dataset.
  std::map<std::string, std::vector<std::string>> by_check;
  for (const SplitRule& rule : task.rules) {
    std::string where = "(" + rule.where + ")";
    if (rule.delivery_id != 0)
      where = fmt::format("({} = {} AND {})", kDeliveryColumn, rule.delivery_id, where);
    by_check[rule.check].push_back(std::move(where));
  }
  std::vector<std::string> reasons, counts;
  for (const auto& [check, rules] : by_check) {
    const std::string name = sql::QuoteLiteral(check);
    reasons.push_back(fmt::format("CASE WHEN {} THEN {} END", Join(rules, " OR "), name));
    counts.push_back(
        fmt::format("count(*) FILTER (WHERE list_contains({}, {}))", kReasonsColumn, name));
  }
  TRY(bench.connection->Query(
      fmt::format("COPY (SELECT *, list_filter([{}], lambda reason: reason IS NOT NULL) AS {} FROM "
                  "({}) AS checked) TO {} (FORMAT parquet)",
                  Join(reasons, ", "), kReasonsColumn, task.incoming, sql::QuoteLiteral(task.path)),
      {}, bench.options));
  auto counted = TRY(bench.connection->Query(
      fmt::format("SELECT {0}, count(*), count(*) FILTER (WHERE len({1}) > 0), {2} FROM "
                  "read_parquet({3}) GROUP BY 1 ORDER BY 1",
                  kDeliveryColumn, kReasonsColumn, Join(counts, ", "),
                  sql::QuoteLiteral(task.path)),
      {}, bench.options));
  SplitOutcome outcome;
  for (int64_t row = 0; row < counted.row_count(); ++row) {
    SplitCount count{.delivery_id = counted.Integer(row, 0),
                     .rows = counted.Integer(row, 1),
                     .bad = counted.Integer(row, 2)};
    size_t column = 3;
    for (const auto& [check, rules] : by_check)
      count.by_check[check] = counted.Integer(row, column++);
    outcome.deliveries.push_back(std::move(count));
  }
  return outcome;
}

Result<QueryOutcome> DoQuery(const QueryTask& task, const Limits& limits, const Say& say) {
  Bench bench;
  TRY(bench.Open(limits, say));
  for (const NamedRelation& table : task.tables) {
    TRY(bench.connection->Execute(
        fmt::format("CREATE TEMP VIEW {} AS {}", sql::QuoteIdentifier(table.name), table.sql)));
  }
  bench.options.rows_max = task.rows_max;
  auto rows = TRY(bench.connection->Query(task.sql, {}, bench.options));
  QueryOutcome outcome{.truncated = rows.truncated()};
  for (const sql::ResultColumn& c : rows.columns()) outcome.columns.push_back({c.name, c.type});
  for (int64_t i = 0; i < rows.row_count(); ++i) {
    std::vector<std::string> texts;
    std::vector<Json> values;
    for (size_t c = 0; c < rows.columns().size(); ++c) {
      texts.push_back(rows.Text(i, c));
      values.push_back(rows.ToJson(i, c));
    }
    outcome.rows.push_back(std::move(texts));
    outcome.values.push_back(std::move(values));
  }
  return outcome;
}

Json ToJson(const Error& error) {
  std::string_view word = "invalid";
  for (const auto& [kind, name] : kErrorKinds) {
    if (kind == error.kind) word = name;
  }
  return Json::Object({{"kind", word}, {"message", error.message}});
}

Error ErrorFromJson(const Json& json) {
  Error error{ErrorKind::kInvalid, json["message"].AsString()};
  for (const auto& [kind, name] : kErrorKinds) {
    if (json["kind"].AsString() == name) error.kind = kind;
  }
  return error;
}

int WorkerMain(std::string_view input, const Say& say) {
  auto answer = [&]() -> Result<Json> {
    auto json = TRY(Json::Parse(input));
    auto task = TRY(TaskFromJson(json));
    if (const auto* load = std::get_if<LoadTask>(&task.work)) {
      auto outcome = TRY(DoLoad(*load, task.limits, say));
      return ToJson(outcome);
    }
    if (const auto* check = std::get_if<CheckTask>(&task.work)) {
      auto outcome = TRY(DoCheck(*check, task.limits, say));
      return ToJson(outcome);
    }
    if (const auto* split = std::get_if<SplitTask>(&task.work)) {
      auto outcome = TRY(DoSplit(*split, task.limits, say));
      return ToJson(outcome);
    }
    auto outcome = TRY(DoQuery(std::get<QueryTask>(task.work), task.limits, say));
    return ToJson(outcome);
  }();
  if (answer.ok()) {
    say(Json::Object({{"ok", std::move(*answer)}}));
  } else {
    say(Json::Object({{"error", ToJson(answer.error())}}));
  }
  return 0;
}

}  // namespace andon::line
