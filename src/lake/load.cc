#include "lake/load.h"

#include <algorithm>

#include "base/text.h"
#include "lake/scan.h"

namespace andon::lake {
namespace {

using iceberg::Evolution;
using iceberg::Field;
using iceberg::Schema;
using iceberg::Snapshot;
using iceberg::TableMetadata;

// How often a commit is made again when other writers are faster.
constexpr int kCommitAttemptsMax = 5;

// What a load starts from.
struct Base {
  const Snapshot* snapshot = nullptr;  // Null: the table is empty.
  const Schema* schema = nullptr;
  int spec_id = 0;
};

Base FindBase(const TableMetadata& metadata, const LoadRequest& request) {
  Base base;
  const Snapshot* branch = request.from_main ? nullptr : metadata.FindRef(request.branch);
  base.snapshot = branch != nullptr ? branch : metadata.current_snapshot();
  base.schema = base.snapshot != nullptr ? &metadata.SchemaOf(*base.snapshot) : &metadata.schema();
  base.spec_id = metadata.default_spec_id;
  if (branch != nullptr) {
    auto spec = branch->summary.find("andon.spec-id");
    if (spec != branch->summary.end()) base.spec_id = std::atoi(spec->second.c_str());
  }
  if (metadata.FindSpec(base.spec_id) == nullptr) base.spec_id = metadata.default_spec_id;
  return base;
}

// The metadata with the request's schema and spec in it, neither current yet.
struct Prepared {
  TableMetadata metadata;
  int schema_id = 0;
  int spec_id = 0;
  std::vector<std::string> schema_changes;
};

Result<Prepared> Prepare(const TableMetadata& metadata, const LoadRequest& request) {
  Base base = FindBase(metadata, request);
  Prepared prepared{metadata, base.schema->id, base.spec_id, {}};
  if (!request.columns.empty()) {
    std::vector<std::string> identifier;
    for (int id : base.schema->identifier_field_ids) {
      if (const Field* field = base.schema->FindById(id)) identifier.push_back(field->name);
    }
    Evolution evolution =
        TRY(iceberg::Evolve(*base.schema, metadata.last_column_id, request.columns, request.renames,
                            identifier, iceberg::ProposedSchemas(metadata, base.schema->id)));
    if (evolution.changed) {
      iceberg::AddedSchema added = iceberg::AddSchema(prepared.metadata, evolution);
      prepared.metadata = std::move(added.metadata);
      prepared.schema_id = added.schema_id;
      prepared.schema_changes = std::move(evolution.says);
    }
  }
  if (request.partition_by) {
    iceberg::AddedSpec added =
        TRY(iceberg::AddSpec(prepared.metadata, *request.partition_by, prepared.schema_id));
    prepared.metadata = std::move(added.metadata);
    prepared.spec_id = added.spec_id;
  }
  return prepared;
}

std::string ModeName(LoadMode mode) {
  switch (mode) {
    case LoadMode::kAppend:
      return "append";
    case LoadMode::kMerge:
      return "merge";
    case LoadMode::kReplace:
      return "replace";
    case LoadMode::kReplaceInterval:
      return "replace_interval";
  }
  return "";
}

class Loader {
 public:
  Loader(sql::Connection& connection, const Lake& lake, const iceberg::Table& table,
         const LoadRequest& request)
      : connection_(connection), lake_(lake), table_(table), request_(request) {}

  Result<Delta> Run() {
    prepared_ = TRY(Prepare(table_.metadata, request_));
    delta_.schema = *prepared_.metadata.FindSchema(prepared_.schema_id);
    delta_.spec = *prepared_.metadata.FindSpec(prepared_.spec_id);
    delta_.schema_changes = prepared_.schema_changes;
    const Snapshot* base = FindBase(table_.metadata, request_).snapshot;
    if (base != nullptr) delta_.base_snapshot_id = base->id;
    TRY(CheckRequest());
    switch (request_.mode) {
      case LoadMode::kAppend:
      case LoadMode::kReplace:
        delta_.removes_all = request_.mode == LoadMode::kReplace;
        if (delta_.removes_all && base != nullptr) delta_.rows_removed = RowsOf(*base);
        TRY(WriteAll(request_.query));
        break;
      case LoadMode::kMerge:
        TRY(Merge());
        break;
      case LoadMode::kReplaceInterval:
        TRY(ReplaceInterval());
        break;
    }
    return std::move(delta_);
  }

 private:
  Result<void> CheckRequest() const {
    if (request_.branch.empty() || (request_.branch == iceberg::kMain && !request_.is_unchecked)) {
      return Error::Invalid("A load goes to a branch of its own, not to \"{}\"", request_.branch);
    }
    std::vector<std::string> needed = request_.key;
    if (request_.mode == LoadMode::kMerge) {
      if (request_.key.empty()) {
        return Error::Invalid("load mode \"merge\" of {} needs a key", table_.identifier.name);
      }
      if (!request_.latest_by.empty()) needed.push_back(request_.latest_by);
    }
    if (request_.mode == LoadMode::kReplaceInterval) needed = {request_.by};
    for (const std::string& name : needed) {
      if (delta_.schema.Find(name) != nullptr) continue;
      std::vector<std::string> names;
      for (const Field& field : delta_.schema.fields) names.push_back(field.name);
      std::string meant = DidYouMean(name, names);
      return Error::Invalid("load of {} names the column \"{}\", which the table does not have{}",
                            table_.identifier.name, name,
                            meant.empty() ? "" : fmt::format(", did you mean \"{}\"?", meant));
    }
    return {};
  }

  static int64_t RowsOf(const Snapshot& snapshot) {
    auto total = snapshot.summary.find("total-records");
    return total == snapshot.summary.end() ? 0 : std::atoll(total->second.c_str());
  }

  Result<void> WriteAll(const std::string& query) {
    Written written = TRY(WriteDataFiles(connection_, lake_, table_.metadata.location,
                                         delta_.schema, delta_.spec, query, request_.write));
    delta_.added = std::move(written.files);
    delta_.rows_delivered = written.rows;
    delta_.rows_inserted = written.rows;
    return {};
  }

  // --- Merge

  std::string KeyIsNull(const std::string& prefix) const {
    std::vector<std::string> parts;
    for (const std::string& name : request_.key) {
      parts.push_back(prefix + sql::QuoteIdentifier(name) + " IS NULL");
    }
    return "(" + Join(parts, " OR ") + ")";
  }

  std::string KeysEqual() const {
    std::vector<std::string> parts;
    for (const std::string& name : request_.key) {
      std::string column = sql::QuoteIdentifier(name);
      parts.push_back(fmt::format("base.{0} = delivery.{0}", column));
    }
    return Join(parts, " AND ");
  }

  // Rows equal in every column, nulls too: what a file that comes again mostly has.
  std::string RowsEqual() const {
    std::string all = KeysEqual();
    for (const Field& field : delta_.schema.fields) {
      all += fmt::format(" AND base.{0} IS NOT DISTINCT FROM delivery.{0}",
                         sql::QuoteIdentifier(field.name));
    }
    return all;
  }

  std::string Columns(const std::string& prefix = "") const {
    std::vector<std::string> parts;
    for (const Field& field : delta_.schema.fields) {
      parts.push_back(prefix + sql::QuoteIdentifier(field.name));
    }
    return Join(parts, ", ");
  }

  // The delivery is looked at several times, and may be slow to compute; so it is
  // kept as it arrived (spilling beyond the memory limit), in the table's types.
  Result<void> KeepDelivery() {
    delivery_ = sql::QuoteIdentifier("_andon_delivery_" + RandomUuid());
    std::vector<std::string> columns;
    for (const Field& field : delta_.schema.fields) {
      std::string type = TRY(DuckDbType(field.type));
      std::string name = sql::QuoteIdentifier(field.name);
      columns.push_back(fmt::format("CAST({0} AS {1}) AS {0}", name, type));
    }
    std::string select =
        fmt::format("SELECT {} FROM ({}) AS delivered", Join(columns, ", "), request_.query);
    if (!request_.latest_by.empty()) {
      std::vector<std::string> key;
      for (const std::string& name : request_.key) key.push_back(sql::QuoteIdentifier(name));
      select = fmt::format(
          "SELECT * FROM ({}) AS typed QUALIFY {} OR row_number() OVER (PARTITION BY {} ORDER BY "
          "{} DESC NULLS LAST) = 1",
          select, KeyIsNull(""), Join(key, ", "), sql::QuoteIdentifier(request_.latest_by));
    }
    Result<void> made = connection_.Execute(
        fmt::format("CREATE TEMP TABLE {} AS {}", delivery_, select), {}, request_.write.query);
    if (made.ok()) return {};
    // The writer explains what does not fit, and which column is missing.
    Result<Written> explained =
        WriteDataFiles(connection_, lake_, table_.metadata.location, delta_.schema, delta_.spec,
                       request_.query, request_.write);
    if (!explained.ok()) return std::move(explained).error();
    for (const iceberg::DataFile& file : explained->files) (void)lake_.files->Remove(file.path);
    return std::move(made).error();
  }

  void ForgetDelivery() {
    if (!delivery_.empty()) (void)connection_.Execute("DROP TABLE IF EXISTS " + delivery_);
  }

  // Files whose key bounds lie outside those of the delivery need not be opened.
  Result<std::vector<Condition>> KeyBounds() {
    const std::string& name = request_.key[0];
    std::string column = sql::QuoteIdentifier(name);
    sql::ResultSet bounds = TRY(connection_.Query(
        fmt::format("SELECT min({0})::VARCHAR, max({0})::VARCHAR FROM {1}", column, delivery_)));
    std::vector<Condition> conditions;
    if (bounds.IsNull(0, 0)) return conditions;
    conditions.push_back({name, Condition::Op::kGreaterOrEqual, bounds.Bytes(0, 0)});
    conditions.push_back({name, Condition::Op::kLessOrEqual, bounds.Bytes(0, 1)});
    return conditions;
  }

  Result<Scan> ScanBase(std::vector<Condition> where, std::optional<std::set<std::string>> only) {
    ScanOptions options;
    options.where = std::move(where);
    options.with_position = true;
    options.only_files = std::move(only);
    options.schema = delta_.schema;
    return PlanScan(lake_, prepared_.metadata, delta_.base_snapshot_id, options);
  }

  // Files of the base with rows that `sql` (columns _file, rows) counts.
  Result<std::set<std::string>> Affected(const std::string& sql) {
    sql::ResultSet rows = TRY(connection_.Query(sql, {}, request_.write.query));
    std::set<std::string> paths;
    for (int64_t row = 0; row < rows.row_count(); ++row) {
      paths.insert(rows.Bytes(row, 0));
      delta_.rows_removed += rows.Integer(row, 1);
    }
    return paths;
  }

  // The names by which the table knows the files that DuckDB saw at these paths.
  static std::set<std::string> Named(const Scan& scan, const std::set<std::string>& paths) {
    std::set<std::string> names;
    for (const iceberg::LiveFile& live : scan.files) {
      if (paths.contains(iceberg::LocationPath(live.file.path))) names.insert(live.file.path);
    }
    return names;
  }

  Result<int64_t> CountRows(const std::string& from) {
    sql::ResultSet rows =
        TRY(connection_.Query("SELECT count(*) FROM " + from, {}, request_.write.query));
    return rows.Integer(0, 0);
  }

  Result<void> Merge() {
    Result<void> merged = MergeDelivery();
    ForgetDelivery();
    return merged;
  }

  Result<void> MergeDelivery() {
    if (!delta_.base_snapshot_id && request_.latest_by.empty()) return WriteAll(request_.query);
    TRY(KeepDelivery());
    int64_t delivered = TRY(CountRows(delivery_));
    std::vector<Condition> bounds = TRY(KeyBounds());
    Scan scan = TRY(ScanBase(bounds, std::nullopt));
    std::set<std::string> paths = TRY(Affected(fmt::format(
        "SELECT base._file, count(*) FROM ({}) AS base SEMI JOIN {} AS delivery ON {} GROUP BY "
        "base._file",
        scan.sql, delivery_, KeysEqual())));
    std::set<std::string> affected = Named(scan, paths);
    std::string query = fmt::format("SELECT {} FROM {}", Columns(), delivery_);
    int64_t known = 0, unchanged = 0;
    if (!affected.empty()) {
      Scan rewritten = TRY(ScanBase({}, affected));
      auto count = [&](const std::string& condition) {
        return CountRows(fmt::format("{} AS delivery SEMI JOIN ({}) AS base ON {}", delivery_,
                                     rewritten.sql, condition));
      };
      known = TRY(count(KeysEqual()));
      unchanged = TRY(count(RowsEqual()));
      query = fmt::format("SELECT {} FROM ({}) AS base ANTI JOIN {} AS delivery ON {} UNION ALL {}",
                          Columns("base."), rewritten.sql, delivery_, KeysEqual(), query);
    }
    TRY(WriteAll(query));
    delta_.removed.assign(affected.begin(), affected.end());
    delta_.rows_delivered = delivered;
    delta_.rows_inserted = delivered - known;
    delta_.rows_updated = known - unchanged;
    delta_.rows_unchanged = unchanged;
    delta_.rows_removed = std::max<int64_t>(0, delta_.rows_removed - unchanged);
    return {};
  }

  // --- Replace of an interval

  Result<void> ReplaceInterval() {
    Result<void> replaced = ReplaceWithDelivery();
    ForgetDelivery();
    return replaced;
  }

  // "…" is in one of the intervals; false for null.
  Result<std::string> InsideSql(const Field& by) const {
    std::vector<std::string> parts = {"false"};
    for (const Interval& interval : request_.intervals) {
      std::string start = TRY(LiteralSql(by.type, interval.start));
      std::string end = TRY(LiteralSql(by.type, interval.end));
      parts.push_back(
          fmt::format("({0} >= {1} AND {0} < {2})", sql::QuoteIdentifier(request_.by), start, end));
    }
    return fmt::format("coalesce({}, false)", Join(parts, " OR "));
  }

  // The least interval that has all in it, to pass over files that have nothing of them.
  Result<std::vector<Condition>> AroundIntervals(const Field& by) const {
    const std::string* start = nullptr;
    const std::string* end = nullptr;
    std::optional<iceberg::Datum> first, last;
    for (const Interval& interval : request_.intervals) {
      Result<iceberg::Datum> from = iceberg::FromText(by.type, interval.start);
      Result<iceberg::Datum> to = iceberg::FromText(by.type, interval.end);
      if (!from.ok() || !to.ok()) {
        Error error = from.ok() ? std::move(to).error() : std::move(from).error();
        return std::move(error).In(
            fmt::format("interval of {} by \"{}\"", table_.identifier.name, request_.by));
      }
      if (!first || iceberg::Compare(*from, *first) < 0) first = *from, start = &interval.start;
      if (!last || iceberg::Compare(*to, *last) > 0) last = *to, end = &interval.end;
    }
    std::vector<Condition> around;
    if (start != nullptr) {
      around.push_back({request_.by, Condition::Op::kGreaterOrEqual, *start});
      around.push_back({request_.by, Condition::Op::kLess, *end});
    }
    return around;
  }

  std::string IntervalsText() const {
    std::vector<std::string> parts;
    for (const Interval& interval : request_.intervals) {
      parts.push_back(fmt::format("from {} to before {}", interval.start, interval.end));
    }
    return parts.empty() ? "in any interval" : Join(parts, ", or ");
  }

  Result<void> ReplaceWithDelivery() {
    const Field& by = *delta_.schema.Find(request_.by);
    std::vector<Condition> around = TRY(AroundIntervals(by));
    std::string inside = TRY(InsideSql(by));
    TRY(KeepDelivery());
    int64_t outside = TRY(CountRows(fmt::format("{} WHERE NOT {}", delivery_, inside)));
    if (outside > 0) {
      return Error::Invalid(
          "{} of the data for {} lie outside the interval that they are to replace: \"{}\" is not "
          "{}",
          Count(outside, "row"), table_.identifier.name, request_.by, IntervalsText());
    }
    int64_t delivered = TRY(CountRows(delivery_));
    std::set<std::string> affected;
    std::string query = fmt::format("SELECT {} FROM {}", Columns(), delivery_);
    if (!around.empty()) {
      Scan scan = TRY(ScanBase(around, std::nullopt));
      std::set<std::string> paths = TRY(Affected(fmt::format(
          "SELECT _file, count(*) FROM ({}) AS base WHERE {} GROUP BY _file", scan.sql, inside)));
      affected = Named(scan, paths);
    }
    if (!affected.empty()) {
      Scan rewritten = TRY(ScanBase({}, affected));
      query = fmt::format("SELECT {} FROM ({}) AS base WHERE NOT {} UNION ALL {}", Columns(),
                          rewritten.sql, inside, query);
    }
    TRY(WriteAll(query));
    delta_.removed.assign(affected.begin(), affected.end());
    delta_.rows_delivered = delivered;
    delta_.rows_inserted = delivered;
    return {};
  }

  sql::Connection& connection_;
  const Lake& lake_;
  const iceberg::Table& table_;
  const LoadRequest& request_;
  Prepared prepared_;
  Delta delta_;
  std::string delivery_;  // The temporary table, quoted.
};

}  // namespace

Result<Delta> WriteLoad(sql::Connection& connection, const Lake& lake, const iceberg::Table& table,
                        const LoadRequest& request) {
  return Loader(connection, lake, table, request).Run();
}

// --- Commit

namespace {

Result<void> CheckStillFits(const TableMetadata& metadata, const LoadRequest& request,
                            const Prepared& prepared, const Delta& delta) {
  const Schema& schema = *prepared.metadata.FindSchema(prepared.schema_id);
  if (!schema.SameColumns(delta.schema)) {
    return Error::Conflict(
        "Another writer changed the table's columns while the load was made; run it again");
  }
  if (prepared.metadata.FindSpec(prepared.spec_id)->fields != delta.spec.fields) {
    return Error::Conflict(
        "Another writer changed the table's partition while the load was made; run it again");
  }
  if (request.mode == LoadMode::kAppend) return {};
  const Snapshot* base = FindBase(metadata, request).snapshot;
  std::optional<int64_t> now = base != nullptr ? std::optional(base->id) : std::nullopt;
  if (now == delta.base_snapshot_id) return {};
  return Error::Conflict(
      "Another writer committed snapshot {} ({}) while the load was made, which replaces rows of "
      "what was there before; run it again",
      now.value_or(0), base != nullptr ? base->operation() : "none");
}

iceberg::CommitOptions OptionsOf(const Lake& lake, const LoadRequest& request,
                                 const Prepared& prepared, const Delta& delta) {
  iceberg::CommitOptions options;
  options.branch = request.branch;
  options.now_ms = lake.now_ms();
  options.schema_id = prepared.schema_id;
  options.spec_id = prepared.spec_id;
  options.summary = request.summary;
  options.summary["andon.load-mode"] = ModeName(request.mode);
  options.summary["andon.rows-delivered"] = std::to_string(delta.rows_delivered);
  options.summary["andon.rows-added"] = std::to_string(delta.rows_inserted);
  options.summary["andon.rows-changed"] = std::to_string(delta.rows_updated);
  options.summary["andon.rows-removed"] =
      std::to_string(std::max<int64_t>(0, delta.rows_removed - delta.rows_updated));
  if (request.mode != LoadMode::kAppend) options.summary["andon.replayable"] = "false";
  return options;
}

Result<iceberg::Change> MakeChange(const Lake& lake, const iceberg::Table& table,
                                   const LoadRequest& request, const Delta& delta) {
  Prepared prepared = TRY(Prepare(table.metadata, request));
  TRY(CheckStillFits(table.metadata, request, prepared, delta));
  TableMetadata base = std::move(prepared.metadata);
  if (request.from_main) base.refs.erase(request.branch);
  prepared.metadata = base;
  std::vector<iceberg::DataFile> added = delta.added;
  for (iceberg::DataFile& file : added) file.spec_id = prepared.spec_id;
  iceberg::CommitOptions options = OptionsOf(lake, request, prepared, delta);
  if (delta.removes_all) return iceberg::ReplaceAll(base, *lake.files, options, added);
  if (delta.removed.empty()) return iceberg::Append(base, *lake.files, options, added);
  std::set<std::string> removed(delta.removed.begin(), delta.removed.end());
  return iceberg::Overwrite(base, *lake.files, options, removed, added);
}

}  // namespace

Result<LoadResult> CommitLoad(store::Database& database, const Lake& lake, const std::string& table,
                              const LoadRequest& request, const Delta& delta) {
  for (int attempt = 1;; ++attempt) {
    iceberg::Table before = TRY(OpenTable(database, lake, table));
    iceberg::Change change = TRY(MakeChange(lake, before, request, delta));
    int64_t snapshot_id = change.snapshot_id;
    Result<iceberg::Table> after = CommitAlone(database, lake, before, std::move(change));
    if (!after.ok()) {
      if (after.error().kind == ErrorKind::kConflict && attempt < kCommitAttemptsMax) continue;
      return std::move(after).error();
    }
    LoadResult result;
    result.table = *std::move(after);
    result.snapshot_id = snapshot_id;
    const Snapshot* snapshot = result.table.metadata.FindSnapshot(snapshot_id);
    ASSERT(snapshot != nullptr);
    result.parent_snapshot_id = snapshot->parent_id;
    result.rows_added = delta.rows_inserted + delta.rows_updated;
    result.rows_removed = delta.rows_removed;
    auto total = snapshot->summary.find("total-records");
    if (total != snapshot->summary.end()) result.rows_total = std::atoll(total->second.c_str());
    result.files = delta.added;
    return result;
  }
}

Result<LoadResult> Load(store::Database& database, sql::Connection& connection, const Lake& lake,
                        const std::string& table, const LoadRequest& request) {
  iceberg::Table opened = TRY(OpenTable(database, lake, table));
  Delta delta = TRY(WriteLoad(connection, lake, opened, request));
  return CommitLoad(database, lake, table, request, delta);
}

Result<void> DropBranch(store::Database& database, const Lake& lake, const std::string& table,
                        const std::string& branch) {
  for (int attempt = 1;; ++attempt) {
    iceberg::Table opened = TRY(OpenTable(database, lake, table));
    if (!opened.metadata.refs.contains(branch)) return {};
    iceberg::Change change = TRY(iceberg::DropRef(opened.metadata, branch, lake.now_ms()));
    Result<iceberg::Table> done = CommitAlone(database, lake, opened, std::move(change));
    if (done.ok()) return {};
    if (done.error().kind != ErrorKind::kConflict || attempt == kCommitAttemptsMax) {
      return std::move(done).error();
    }
  }
}

// --- Between processes

Json ToJson(const Delta& delta) {
  std::vector<iceberg::Type> types = iceberg::PartitionTypes(delta.spec, {delta.schema});
  Json added = Json::List();
  for (const iceberg::DataFile& file : delta.added) added.Push(iceberg::ToJson(file, types));
  Json removed = Json::List();
  for (const std::string& path : delta.removed) removed.Push(path);
  Json changes = Json::List();
  for (const std::string& change : delta.schema_changes) changes.Push(change);
  return Json::Object({{"added", std::move(added)},
                       {"removed", std::move(removed)},
                       {"removes_all", delta.removes_all},
                       {"base", delta.base_snapshot_id ? Json(*delta.base_snapshot_id) : Json()},
                       {"schema", iceberg::ToJson(delta.schema)},
                       {"spec", iceberg::ToJson(delta.spec)},
                       {"schema_changes", std::move(changes)},
                       {"rows_delivered", delta.rows_delivered},
                       {"rows_inserted", delta.rows_inserted},
                       {"rows_updated", delta.rows_updated},
                       {"rows_unchanged", delta.rows_unchanged},
                       {"rows_removed", delta.rows_removed}});
}

Result<Delta> DeltaFromJson(const Json& json) {
  Delta delta;
  delta.schema = TRY(iceberg::SchemaFromJson(json["schema"]));
  delta.spec = TRY(iceberg::PartitionSpecFromJson(json["spec"]));
  std::vector<iceberg::Type> types = iceberg::PartitionTypes(delta.spec, {delta.schema});
  for (const Json& item : json["added"].items()) {
    iceberg::DataFile file = TRY(iceberg::DataFileFromJson(item, types));
    delta.added.push_back(std::move(file));
  }
  for (const Json& path : json["removed"].items()) delta.removed.push_back(path.AsString());
  delta.removes_all = json["removes_all"].AsBool();
  if (json["base"].is_integer()) delta.base_snapshot_id = json["base"].AsInteger();
  for (const Json& change : json["schema_changes"].items()) {
    delta.schema_changes.push_back(change.AsString());
  }
  delta.rows_delivered = json["rows_delivered"].AsInteger();
  delta.rows_inserted = json["rows_inserted"].AsInteger();
  delta.rows_updated = json["rows_updated"].AsInteger();
  delta.rows_unchanged = json["rows_unchanged"].AsInteger();
  delta.rows_removed = json["rows_removed"].AsInteger();
  return delta;
}

}  // namespace andon::lake
