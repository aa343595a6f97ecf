#include "quality/run.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "base/text.h"
#include "quality/compare.h"
#include "quality/explain.h"
#include "quality/places.h"
#include "quality/plan.h"
#include "quality/range.h"
#include "quality/result.h"
#include "quality/run_plan.h"
#include "quality/sample.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

// Different values of a column that are judged one by one, and bad ones that are looked for.
constexpr int64_t kValuesMax = 5'000'000;
constexpr size_t kBadValuesMax = 10'000;

// From here on it pays to keep what is known of the files: tables of very many columns.
constexpr size_t kManyScans = 10;

using Value = MetricValue;

class Stopwatch {
 public:
  Duration Elapsed() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Rows RowsOf(const sql::ResultSet& set) {
  Rows rows;
  for (int64_t row = 0; row < set.row_count(); row++) {
    std::vector<Json> cells;
    for (size_t i = 0; i < set.columns().size(); i++) cells.push_back(set.ToJson(row, i));
    rows.push_back(std::move(cells));
  }
  return rows;
}

bool IsInterrupted(const Error& error) { return error.kind == ErrorKind::kInterrupted; }

class Runner {
 public:
  Runner(sql::Session& session, std::string_view relation, const PlanInputs& inputs, Plan plan,
         KnownValues known = {})
      : session_(session),
        relation_(relation),
        inputs_(inputs),
        profile_(inputs.profile),
        options_(inputs.options),
        plan_(std::move(plan)),
        known_(std::move(known)) {}

  Result<std::vector<CheckResult>> Run() {
    if (plan_.scans.size() >= kManyScans) KeepFooters(session_);
    TRY(RunScans(0));
    size_t done = plan_.scans.size();
    PlanTheWaiting(&plan_, inputs_, [&](size_t metric) {
      return values_[metric].error ? nullptr : &values_[metric].json;
    });
    TRY(RunScans(done));
    std::vector<CheckResult> results;
    results.reserve(plan_.checks.size());  // shown_ points to them.
    for (PlannedCheck& check : plan_.checks) {
      CheckResult& result = results.emplace_back(NewResult(*check.check));
      Result<void> judged = Judge(check, &result);
      if (judged.ok()) continue;
      if (IsInterrupted(judged.error())) return std::move(judged).error();
      Break(check, judged.error(), &result);
    }
    TRY(ShowBadRows());
    return results;
  }

 private:
  static void Break(const PlannedCheck& check, const Error& error, CheckResult* result) {
    *result = NewResult(*check.check);
    SetError(error.message, result);
    // Nobody answered: that says nothing of the data, nor of the check.
    if (error.kind == ErrorKind::kUnavailable)
      result->details = Json::Object({{"unavailable", true}});
  }

  // Of all checks together, when it is known which have some.
  Result<void> ShowBadRows() {
    TRY(AddBadRows(session_, relation_, profile_, options_, &shown_));
    for (const Shown& shown : shown_) {
      if (shown.error)
        Break(*shown.check, *shown.error, shown.result);
      else
        SetMessage(*shown.check, shown.result);
    }
    return {};
  }

  Result<void> RunScans(size_t first) {
    const size_t known = values_.size();
    values_.resize(plan_.metrics.size());
    for (size_t i = known; i < values_.size(); i++) {
      if (plan_.metrics[i].known) values_[i].json = plan_.metrics[i].known->value;
    }
    for (size_t i = first; i < plan_.scans.size(); i++) {
      Scan scan = TakeKnown(plan_.scans[i]);
      if (!scan.metrics.empty()) TRY(RunScan(scan));
    }
    return AskUnproved(first);
  }

  // Of the scans from `first` on.
  Result<void> AskUnproved(size_t first) {
    for (size_t i = first; i < plan_.scans.size(); i++) {
      for (size_t metric : plan_.scans[i].metrics) {
        const auto& proof = plan_.metrics[metric].proof;
        bool is_known = metric < known_.size() && known_[metric];
        if (!proof || is_known || values_[metric].error) continue;
        const Value& count = values_[proof->count];
        bool is_proved = !count.error && values_[metric].json.AsInteger() == count.json.AsInteger();
        if (!is_proved) TRY(RunAlone(metric));
      }
    }
    return {};
  }

  // What is left to ask.
  Scan TakeKnown(const Scan& scan) {
    Scan rest{.values_of = scan.values_of};
    for (size_t metric : scan.metrics) {
      bool is_known = metric < known_.size() && known_[metric];
      if (is_known)
        values_[metric] = *known_[metric];
      else
        rest.metrics.push_back(metric);
    }
    return rest;
  }

  Result<sql::ResultSet> Query(const std::string& sql) {
    return session_.Query(sql, {}, options_.query);
  }

  // Tells quantiles by rank how many values there are.
  void Count(const Scan& scan) {
    for (size_t metric : scan.metrics) {
      PlannedMetric& planned = plan_.metrics[metric];
      if (!planned.count_of) continue;
      const Value& count = values_[*planned.count_of];
      if (count.error) values_[metric].error = count.error;
      planned.aggregate = planned.aggregate.WithCount(count.json.AsInteger());
    }
  }

  // False where it broke: then the scan is asked without.
  Result<bool> RunScanWithPlaces(const Scan& scan) {
    std::vector<Placed> placed =
        TRY(ChoosePlaced(session_, relation_, plan_, scan, profile_, options_));
    if (placed.empty()) return false;
    Stopwatch watch;
    Result<sql::ResultSet> rows =
        Query(ScanWithPlacesSql(plan_, scan, placed, relation_, options_));
    if (!rows.ok() && IsInterrupted(rows.error())) return std::move(rows).error();
    if (!rows.ok() || rows->row_count() != 1) return false;
    for (size_t i = 0; i < scan.metrics.size(); i++)
      values_[scan.metrics[i]] = {rows->ToJson(0, i), {}, watch.Elapsed()};
    for (size_t i = 0; i < placed.size(); i++)
      places_[placed[i].check] = rows->Bytes(0, scan.metrics.size() + i);
    return true;
  }

  Result<void> RunScan(const Scan& scan) {
    Stopwatch watch;
    Count(scan);
    const bool is_done = TRY(RunScanWithPlaces(scan));
    if (is_done) return {};
    Result<sql::ResultSet> rows = Query(ScanSql(plan_, scan, relation_, profile_.dialect));
    if (rows.ok() && rows->row_count() == 1) {
      for (size_t i = 0; i < scan.metrics.size(); i++)
        values_[scan.metrics[i]] = {rows->ToJson(0, i), {}, watch.Elapsed()};
      return {};
    }
    if (!rows.ok() && IsInterrupted(rows.error())) return rows.error();
    // A server that is gone answers nothing more; asking it once for each check would only take
    // time.
    if (!rows.ok() && rows.error().kind == ErrorKind::kUnavailable) {
      for (size_t metric : scan.metrics) values_[metric].error = rows.error();
      return {};
    }
    // Something in the scan broke: each metric for itself, so that only the broken one is lost.
    for (size_t metric : scan.metrics) TRY(RunAlone(metric));
    return {};
  }

  Result<Json> ValueOf(const sql::Aggregate& aggregate) {
    Plan alone;
    alone.metrics.push_back({aggregate});
    auto rows = TRY(Query(ScanSql(alone, {.metrics = {0}}, relation_, profile_.dialect)));
    if (rows.row_count() != 1) return Error::Invalid("The data gives no answer.");
    return rows.ToJson(0, 0);
  }

  Result<Json> ValueAlone(sql::Aggregate aggregate) {
    aggregate = aggregate.WithoutBounds();
    if (aggregate.NeedsCount(profile_.dialect)) {
      Json count = TRY(ValueOf(aggregate.CountOfValues()));
      aggregate = aggregate.WithCount(count.AsInteger());
    }
    return ValueOf(aggregate);
  }

  Result<void> RunAlone(size_t metric) {
    Stopwatch watch;
    Result<Json> value = ValueAlone(plan_.metrics[metric].aggregate);
    if (!value.ok() && IsInterrupted(value.error())) return value.error();
    values_[metric] = {.duration = watch.Elapsed()};
    if (value.ok())
      values_[metric].json = *std::move(value);
    else
      values_[metric].error = value.error();
    return {};
  }

  Result<void> Judge(PlannedCheck& check, CheckResult* result) {
    Stopwatch watch;
    switch (check.by) {
      case AnsweredBy::kBroken:
        return Error::Invalid("{}", check.broken);
      case AnsweredBy::kMisfit:
        TRY(JudgeMisfit(check, result));
        break;
      case AnsweredBy::kSchema:
        SetVerdict(check, check.expectation->schema(ArgsOf(check), SchemaColumns()), result);
        break;
      case AnsweredBy::kStatement:
        TRY(JudgeStatement(check, result));
        break;
      case AnsweredBy::kImplied:
        TRY(JudgeImplied(check, result));
        break;
      case AnsweredBy::kRows:
        TRY(JudgeRows(check, result));
        break;
      case AnsweredBy::kOrder:
        TRY(JudgeOrder(check, result));
        break;
      case AnsweredBy::kValues:
        TRY(JudgeValues(check, result));
        break;
      case AnsweredBy::kCompare:
        TRY(JudgeCompare(check, result));
        break;
      case AnsweredBy::kScan:
        TRY(JudgeScan(check, result));
        break;
    }
    result->duration += watch.Elapsed();
    return {};
  }

  Args ArgsOf(const PlannedCheck& check) const { return inputs_.ArgsOf(*check.check); }

  Place PlaceOf(const PlannedCheck& check) const {
    return {.dialect = profile_.dialect,
            .from = std::string(relation_) + " AS checked",
            .where = check.filter ? check.filter->Print(profile_.dialect) : "TRUE"};
  }

  // Without the columns that only tell a row's place.
  std::vector<sql::TableColumn> SchemaColumns() const {
    std::vector<sql::TableColumn> columns;
    for (const sql::TableColumn& column : profile_.table_columns) {
      if (column.name != "filename" && column.name != "file_row_number") columns.push_back(column);
    }
    return columns;
  }

  Result<std::vector<Json>> ValuesOf(const PlannedCheck& check, CheckResult* result) {
    std::vector<Json> values;
    auto add = [&](size_t metric) -> Result<Json> {
      if (values_[metric].error) return *values_[metric].error;
      result->duration = std::max(result->duration, values_[metric].duration);
      return values_[metric].json;
    };
    for (size_t metric : check.statistics) TRY(add(metric));
    for (size_t metric : check.metrics) values.push_back(TRY(add(metric)));
    return values;
  }

  Result<void> JudgeScan(const PlannedCheck& check, CheckResult* result) {
    std::vector<Json> values = TRY(ValuesOf(check, result));
    if (check.expectation->judge) return JudgeAggregates(check, values, result);
    int64_t rows = values[0].AsInteger(), judged = values[1].AsInteger();
    if (!check.key.empty()) {
      int64_t surplus = values[2].AsInteger() - values[3].AsInteger();
      return JudgeKey(check, rows, judged, surplus, result);
    }
    if (check.expectation->judges_nulls) {
      SetCounts(check, rows, rows, NullsAreBad(check) ? rows - judged : judged, result);
    } else {
      SetCounts(check, rows, judged, check.spared_by ? 0 : values[2].AsInteger(), result);
    }
    return Finish(check, result);
  }

  // Nothing is neither good nor bad, whatever its type; and no statistic.
  Result<void> JudgeMisfit(const PlannedCheck& check, CheckResult* result) {
    std::vector<Json> values = TRY(ValuesOf(check, result));
    if (values[1].AsInteger() > 0) return Error::Invalid("{}", check.broken);
    if (check.expectation->judge)
      SetVerdict(check, {}, result);
    else
      SetCounts(check, values[0].AsInteger(), 0, 0, result);
    return {};
  }

  Result<void> JudgeAggregates(const PlannedCheck& check, const std::vector<Json>& values,
                               CheckResult* result) {
    std::vector<Json> statistics;
    for (size_t metric : check.statistics) statistics.push_back(values_[metric].json);
    Args args = inputs_.ArgsOf(*check.check, std::move(statistics));
    Verdict verdict = check.expectation->judge(args, values);
    if (!verdict.success && check.expectation->looks &&
        options_.result_format.level != ResultFormat::Level::kBooleanOnly) {
      std::vector<Rows> seen;
      for (const std::string& sql : check.expectation->looks(args, PlaceOf(check))) {
        sql::ResultSet rows = TRY(Query(sql));
        seen.push_back(RowsOf(rows));
      }
      check.expectation->see(args, seen, &verdict);
    }
    SetVerdict(check, std::move(verdict), result);
    return {};
  }

  // `surplus`: how many values there are more than different ones.
  Result<void> JudgeKey(const PlannedCheck& check, int64_t rows, int64_t judged, int64_t surplus,
                        CheckResult* result) {
    int64_t bad = 0;
    if (surplus > 0) {
      std::string bad_rows = BadRowsSql(check, relation_, profile_.dialect);
      auto counted = TRY(
          Query(fmt::format("SELECT count(*) FROM {} AS checked WHERE {}", relation_, bad_rows)));
      bad = counted.Integer(0, 0);
      result->observed_value =
          Json::Object({{"duplicate_rows", bad}, {"duplicate_values", bad - surplus}});
    }
    SetCounts(check, rows, judged, bad, result);
    return Finish(check, result);
  }

  Result<void> JudgeImplied(const PlannedCheck& check, CheckResult* result) {
    const PlannedCheck& other = plan_.checks[check.implied_by];
    std::vector<Json> values = TRY(ValuesOf(other, result));
    int64_t rows = values[0].AsInteger(), filled = values[1].AsInteger(),
            distinct = values[3].AsInteger();
    if (filled == rows && distinct == filled) {
      int64_t counted = rows;
      if (check.filter) {
        // Unique in all rows is unique in some; how many there are is for the record only.
        auto some = TRY(Query(fmt::format("SELECT count(*) FROM {} AS checked WHERE {}", relation_,
                                          check.filter->Print(profile_.dialect))));
        counted = some.Integer(0, 0);
      }
      SetCounts(check, counted, counted, 0, result);
      return Finish(check, result);
    }
    // The other key failed, so this one has to be looked at.
    std::vector<CheckSpec> alone = {*check.check};
    auto results = TRY(Runner(session_, relation_, inputs_, MakePlan(alone, inputs_)).Run());
    *result = std::move(results[0]);
    return {};
  }

  Result<void> JudgeRows(const PlannedCheck& check, CheckResult* result) {
    Args args = ArgsOf(check);
    sql::ResultSet rows = TRY(Query(check.expectation->rows(args, PlaceOf(check))));
    Verdict verdict = TRY(check.expectation->judge_rows(args, RowsOf(rows)));
    SetVerdict(check, std::move(verdict), result);
    return {};
  }

  Result<void> JudgeOrder(const PlannedCheck& check, CheckResult* result) {
    std::vector<Json> values = TRY(ValuesOf(check, result));
    std::string sql = fmt::format("SELECT count(*) FROM {} AS ordered WHERE {}",
                                  InOrderSql(check, relation_, profile_),
                                  check.unexpected->Print(profile_.dialect));
    auto counted = TRY(QueryWindow(session_, profile_, sql, options_.query));
    SetCounts(check, values[0].AsInteger(), values[1].AsInteger(), counted.Integer(0, 0), result);
    return Finish(check, result);
  }

  // Where the engine cannot ask the question: each different value is asked once, here.
  Result<void> JudgeValues(PlannedCheck& check, CheckResult* result) {
    std::vector<Json> values = TRY(ValuesOf(check, result));
    Args args = ArgsOf(check);
    Place place = PlaceOf(check);
    std::string text = args.Text().Print(place.dialect),
                column = args.Column().Print(place.dialect);
    sql::QueryOptions query = options_.query;
    query.rows_max = kValuesMax;
    auto counts = TRY(session_.Query(
        fmt::format("SELECT {}, count(*) FROM {} WHERE {} AND {} IS NOT NULL GROUP BY 1", text,
                    place.from, place.where, column),
        {}, query));
    if (counts.truncated())
      return Error::Invalid(
          "{} has more than {} different values, which is more than can be judged "
          "beside the database.",
          check.columns[0], WithThousands(kValuesMax));
    std::string argument = check.expectation->argument(args);
    int64_t bad = 0;
    std::vector<sql::Expr> bad_values;
    for (int64_t row = 0; row < counts.row_count(); row++) {
      std::string value = counts.Bytes(row, 0);
      if (check.expectation->host->test(value, argument)) continue;
      bad += counts.Integer(row, 1);
      if (bad_values.size() < kBadValuesMax)
        bad_values.push_back(sql::Expr::Literal(Json(std::move(value))));
    }
    check.unexpected = In(args.Text(), std::move(bad_values));
    SetCounts(check, values[0].AsInteger(), values[1].AsInteger(), bad, result);
    return Finish(check, result);
  }

  Result<void> JudgeStatement(const PlannedCheck& check, CheckResult* result) {
    std::string statement = check.expectation->statement(ArgsOf(check));
    std::string count = StatementSql(statement, "SELECT count(*)", relation_, options_);
    auto counted = TRY(session_.Query(count, options_.parameters, options_.query));
    result->unexpected_count = counted.Integer(0, 0);
    result->observed_value = *result->unexpected_count;
    bool is_good = *result->unexpected_count == 0;
    result->state = is_good ? CheckState::kPassed : CheckState::kFailed;
    if (!is_good) {
      std::string rows = StatementSql(statement, "SELECT *", relation_, options_);
      TRY(AddReturnedRows(session_, rows, options_, result));
      result->bad_rows_sql = ReturnedKeys(statement, *result);
    }
    SetMessage(check, result);
    return {};
  }

  // The rows whose key is among those that the statement returns; empty where it returns no key.
  std::string ReturnedKeys(const std::string& statement, const CheckResult& result) const {
    std::vector<std::string> key;
    for (const std::string& column : options_.key_columns) {
      const auto& returned = result.sample.columns;
      bool is_there = std::any_of(returned.begin(), returned.end(),
                                  [&](const sql::ColumnInfo& c) { return c.name == column; });
      if (!is_there) return {};
      key.push_back(sql::QuoteIdentifier(column));
    }
    if (key.empty() || !options_.parameters.empty()) return {};
    std::string columns = Join(key, ", ");
    std::string tuple = key.size() == 1 ? columns : "(" + columns + ")";
    return fmt::format("{} IN ({})", tuple,
                       StatementSql(statement, "SELECT " + columns, relation_, options_));
  }

  Result<void> JudgeCompare(const PlannedCheck& check, CheckResult* result) {
    Comparison sides(session_, relation_, options_);
    Verdict verdict = TRY(check.expectation->compare(ArgsOf(check), PlaceOf(check), sides));
    SetVerdict(check, std::move(verdict), result);
    return {};
  }

  static bool NullsAreBad(const PlannedCheck& check) {
    return check.unexpected->Print() == IsNull(sql::Expr::Column(check.columns[0])).Print();
  }

  // The part of the relation that holds the check's bad rows; empty: nobody knows.
  std::string Holding(const PlannedCheck& check) const {
    auto places = places_.find(static_cast<size_t>(&check - plan_.checks.data()));
    if (places != places_.end()) return RowsAt(relation_, places->second);
    bool has_count = check.by == AnsweredBy::kScan && check.key.empty() && check.unexpected;
    if (!options_.holding || !has_count) return {};
    auto metric = [&](size_t i) { return &plan_.metrics[check.metrics[i]].aggregate; };
    const std::string position = sql::QuoteIdentifier(kRowPosition);
    if (!check.expectation->judges_nulls) return options_.holding(*metric(2), nullptr, position);
    return NullsAreBad(check) ? options_.holding(*metric(0), metric(1), position)
                              : options_.holding(*metric(1), nullptr, position);
  }

  // The message; a failed check (or one that passes by `mostly`) has it with its bad rows.
  Result<void> Finish(const PlannedCheck& check, CheckResult* result) {
    if (result->unexpected_count.value_or(0) > 0) {
      result->bad_rows_sql = BadRowsSql(check, relation_, profile_.dialect);
      if (!result->success() || check.check->kwargs.Has(kMostly.name)) {
        shown_.push_back({.check = &check, .result = result, .holding = Holding(check)});
        return {};
      }
    }
    SetMessage(check, result);
    return {};
  }

  sql::Session& session_;
  std::string_view relation_;
  const PlanInputs& inputs_;
  const Profile& profile_;
  const RunOptions& options_;
  Plan plan_;
  KnownValues known_;
  std::vector<Value> values_;
  std::map<size_t, std::string> places_;  // Of the first bad rows, by check.
  std::vector<Shown> shown_;
};

// A function is registered once, though several checks ask it.
std::vector<sql::HostFunction> HostFunctions(const std::vector<CheckSpec>& checks) {
  std::vector<sql::HostFunction> functions;
  std::set<std::string_view> names;
  for (const CheckSpec& check : checks) {
    const Expectation* expectation = FindExpectation(check.type);
    if (expectation && expectation->host && names.insert(expectation->host->name).second)
      functions.push_back(*expectation->host);
  }
  return functions;
}

// Where statistics answer everything, a closer look at the data would cost more than the checks.
Result<Profile> ProfileFor(sql::Session& session, std::string_view relation,
                           const std::vector<sql::ColumnInfo>& columns,
                           const std::vector<CheckSpec>& checks, const RunOptions& options,
                           bool may_scan) {
  if (options.rows) {
    Profile profile = TRY(ProfileColumns(session, relation, options));
    ColumnIndex known = AllColumns(columns, profile);
    Plan plan = MakePlan(checks, {known, profile, options});
    if (plan.scans.empty()) return profile;
  }
  return ProfileRelation(session, relation, checks, options, may_scan);
}

std::vector<CheckResult> AllBroken(const std::vector<CheckSpec>& checks, const Error& error) {
  std::vector<CheckResult> results;
  for (const CheckSpec& check : checks) {
    results.push_back(NewResult(check));
    SetError(error.message, &results.back());
  }
  return results;
}

}  // namespace

void KeepFooters(sql::Session& session) {
  if (session.dialect() != sql::Dialect::kDuckDb) return;
  auto set = session.Query("SET parquet_metadata_cache = true");
  (void)set.ok();  // Where it does not know the word the footers are read again.
}

Result<void> RegisterFunctions(sql::Session& session, const std::vector<CheckSpec>& checks) {
  std::vector<sql::HostFunction> functions = HostFunctions(checks);
  if (functions.empty() || !sql::RunsHostFunctions(session.dialect())) return {};
  return session.Register(functions);
}

Result<Prepared> Prepare(sql::Session& session, std::string_view relation,
                         const std::vector<sql::ColumnInfo>& columns,
                         const std::vector<CheckSpec>& checks, const RunOptions& options) {
  Profile profile = TRY(ProfileFor(session, relation, columns, checks, options, true));
  TRY(RegisterFunctions(session, checks));
  ColumnIndex known = AllColumns(columns, profile);
  return Prepared{std::move(profile), std::move(known)};
}

Result<Prepared> PrepareToExplain(sql::Session& session, std::string_view relation,
                                  const std::vector<sql::ColumnInfo>& columns,
                                  const std::vector<CheckSpec>& checks, const RunOptions& options) {
  Profile profile = TRY(ProfileFor(session, relation, columns, checks, options, false));
  ColumnIndex known = AllColumns(columns, profile);
  return Prepared{std::move(profile), std::move(known)};
}

Result<std::vector<CheckResult>> RunPlan(sql::Session& session, std::string_view relation,
                                         const PlanInputs& inputs, Plan plan, KnownValues known) {
  // What is shown is what was counted, though somebody writes meanwhile.
  const sql::View view(session);
  return Runner(session, relation, inputs, std::move(plan), std::move(known)).Run();
}

Result<std::vector<CheckResult>> RunChecksOn(sql::Session& session, std::string_view relation,
                                             const Profile& profile,
                                             const std::vector<sql::ColumnInfo>& columns,
                                             const std::vector<CheckSpec>& checks,
                                             const RunOptions& options) {
  Result<void> registered = RegisterFunctions(session, checks);
  if (!registered.ok()) return AllBroken(checks, registered.error());
  ColumnIndex known = AllColumns(columns, profile);
  PlanInputs inputs{known, profile, options};
  return RunPlan(session, relation, inputs, MakePlan(checks, inputs), {});
}

Result<std::vector<CheckResult>> RunChecks(sql::Session& session, std::string_view relation,
                                           const std::vector<sql::ColumnInfo>& columns,
                                           const std::vector<CheckSpec>& checks,
                                           const RunOptions& options) {
  Result<Prepared> prepared = Prepare(session, relation, columns, checks, options);
  if (!prepared.ok()) {
    if (IsInterrupted(prepared.error())) return prepared.error();
    return AllBroken(checks, prepared.error());
  }
  PlanInputs inputs{prepared->columns, prepared->profile, options};
  return RunPlan(session, relation, inputs, MakePlan(checks, inputs), {});
}

Result<std::string> ExplainChecks(sql::Session& session, std::string_view relation,
                                  const std::vector<sql::ColumnInfo>& columns,
                                  const std::vector<CheckSpec>& checks, const RunOptions& options) {
  Explanation explanation = TRY(Explain(session, relation, columns, checks, options));
  return std::move(explanation.text);
}

Result<Explanation> Explain(sql::Session& session, std::string_view relation,
                            const std::vector<sql::ColumnInfo>& columns,
                            const std::vector<CheckSpec>& checks, const RunOptions& options) {
  Prepared prepared = TRY(PrepareToExplain(session, relation, columns, checks, options));
  Plan plan = MakePlan(checks, {prepared.columns, prepared.profile, options});
  ExplainedWhole whole{.rows = prepared.profile.rows, .bytes = BytesOf(session, relation, options)};
  whole.bytes_read = BytesRead(plan, whole.bytes);
  return ExplainTogether(checks, {ExplainGroup(plan, prepared.profile, options)}, whole);
}

}  // namespace andon::quality
