// A load: what was delivered, or what a model gives, into the files of a branch.
#include <algorithm>

#include "base/text.h"
#include "iceberg/schema.h"
#include "io/path.h"
#include "lake/scan.h"
#include "line/columns.h"
#include "line/work_internal.h"

namespace andon::line {
namespace {

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

}  // namespace

Result<LoadOutcome> DoLoad(const LoadTask& task, const Limits& limits, const Say& say) {
  return Loader(task, limits, say).Run();
}

}  // namespace andon::line
