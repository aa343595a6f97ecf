#include "quality/run.h"

#include <chrono>

#include "base/text.h"
#include "quality/plan.h"
#include "quality/result.h"
#include "quality/sample.h"

namespace andon::quality {
namespace {

// One metric's value, or why it could not be had.
struct Value {
  Json json;
  std::optional<Error> error;
  Duration duration{0};
};

class Stopwatch {
 public:
  Duration Elapsed() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Runner {
 public:
  Runner(sql::Connection& connection, std::string_view relation, const Profile& profile,
         const Plan& plan, const RunOptions& options)
      : connection_(connection),
        relation_(relation),
        profile_(profile),
        plan_(plan),
        options_(options) {}

  Result<std::vector<CheckResult>> Run() {
    values_.resize(plan_.metrics.size());
    for (const Scan& scan : plan_.scans) TRY(RunScan(scan));
    std::vector<CheckResult> results;
    for (const PlannedCheck& check : plan_.checks) {
      CheckResult result = NewResult(*check.check);
      Result<void> judged = Judge(check, &result);
      if (!judged.ok()) {
        if (judged.error().kind == ErrorKind::kInterrupted) return std::move(judged).error();
        SetError(judged.error().message, &result);
      }
      results.push_back(std::move(result));
    }
    return results;
  }

 private:
  Result<void> RunScan(const Scan& scan) {
    Stopwatch watch;
    Result<sql::ResultSet> rows =
        connection_.Query(ScanSql(plan_, scan, relation_), {}, options_.query);
    if (rows.ok() && rows->row_count() == 1) {
      for (size_t i = 0; i < scan.metrics.size(); i++)
        values_[scan.metrics[i]] = {rows->ToJson(0, i), {}, watch.Elapsed()};
      return {};
    }
    if (!rows.ok() && rows.error().kind == ErrorKind::kInterrupted) return rows.error();
    // Something in the scan broke: each metric for itself, so that only the broken one is lost.
    for (size_t metric : scan.metrics) TRY(RunAlone(metric));
    return {};
  }

  Result<void> RunAlone(size_t metric) {
    Stopwatch watch;
    Plan alone;
    alone.metrics.push_back({plan_.metrics[metric].aggregate.WithoutBounds()});
    Scan scan{.metrics = {0}};
    Result<sql::ResultSet> rows =
        connection_.Query(ScanSql(alone, scan, relation_), {}, options_.query);
    if (rows.ok() && rows->row_count() == 1) {
      values_[metric] = {rows->ToJson(0, 0), {}, watch.Elapsed()};
      return {};
    }
    Error error = rows.ok() ? Error::Invalid("The data gives no answer.") : rows.error();
    if (error.kind == ErrorKind::kInterrupted) return error;
    values_[metric].error = std::move(error);
    return {};
  }

  Result<void> Judge(const PlannedCheck& check, CheckResult* result) {
    Stopwatch watch;
    switch (check.by) {
      case AnsweredBy::kBroken:
        return Error::Invalid("{}", check.broken);
      case AnsweredBy::kSchema: {
        Args args(check.check->kwargs, profile_.columns, options_.table_name, &options_.tables);
        SetVerdict(check, check.expectation->schema(args, SchemaColumns()), result);
        break;
      }
      case AnsweredBy::kStatement:
        TRY(JudgeStatement(check, result));
        break;
      case AnsweredBy::kImplied:
        TRY(JudgeImplied(check, result));
        break;
      case AnsweredBy::kScan:
        TRY(JudgeScan(check, result));
        break;
    }
    result->duration += watch.Elapsed();
    return {};
  }

  // Without the columns that only tell a row's place.
  std::vector<sql::ColumnInfo> SchemaColumns() const {
    std::vector<sql::ColumnInfo> columns;
    for (const sql::ColumnInfo& column : profile_.columns) {
      if (column.name != "filename" && column.name != "file_row_number") columns.push_back(column);
    }
    return columns;
  }

  Result<std::vector<Json>> ValuesOf(const PlannedCheck& check, CheckResult* result) {
    std::vector<Json> values;
    for (size_t metric : check.metrics) {
      if (values_[metric].error) return *values_[metric].error;
      values.push_back(values_[metric].json);
      result->duration = std::max(result->duration, values_[metric].duration);
    }
    return values;
  }

  Result<void> JudgeScan(const PlannedCheck& check, CheckResult* result) {
    std::vector<Json> values = TRY(ValuesOf(check, result));
    if (check.expectation->judge) {
      Args args(check.check->kwargs, profile_.columns, options_.table_name, &options_.tables);
      SetVerdict(check, check.expectation->judge(args, values), result);
      return {};
    }
    int64_t rows = values[0].AsInteger(), filled = values[1].AsInteger();
    if (!check.key.empty())
      return JudgeKey(check, rows, filled, filled - values[2].AsInteger(), result);
    bool nulls_are_bad = check.expectation->judges_nulls;
    SetCounts(check, rows, nulls_are_bad ? rows : filled,
              nulls_are_bad ? rows - filled : values[2].AsInteger(), result);
    return Finish(check, result);
  }

  // `surplus`: how many values there are more than different ones.
  Result<void> JudgeKey(const PlannedCheck& check, int64_t rows, int64_t filled, int64_t surplus,
                        CheckResult* result) {
    int64_t bad = 0;
    if (surplus > 0) {
      std::string bad_rows = BadRowsSql(check, relation_);
      auto counted = TRY(connection_.Query(
          fmt::format("SELECT count(*) FROM {} AS checked WHERE {}", relation_, bad_rows), {},
          options_.query));
      bad = counted.Integer(0, 0);
      result->observed_value =
          Json::Object({{"duplicate_rows", bad}, {"duplicate_values", bad - surplus}});
    }
    SetCounts(check, rows, filled, bad, result);
    return Finish(check, result);
  }

  Result<void> JudgeImplied(const PlannedCheck& check, CheckResult* result) {
    const PlannedCheck& other = plan_.checks[check.implied_by];
    std::vector<Json> values = TRY(ValuesOf(other, result));
    int64_t rows = values[0].AsInteger(), filled = values[1].AsInteger(),
            distinct = values[2].AsInteger();
    if (filled == rows && distinct == filled) {
      int64_t counted = rows;
      if (check.filter) {
        // Unique in all rows is unique in some; how many there are is for the record only.
        auto some = TRY(connection_.Query(fmt::format("SELECT count(*) FROM {} AS checked WHERE {}",
                                                      relation_, check.filter->Print()),
                                          {}, options_.query));
        counted = some.Integer(0, 0);
      }
      SetCounts(check, counted, counted, 0, result);
      return Finish(check, result);
    }
    // The other key failed, so this one has to be looked at.
    std::vector<CheckSpec> alone = {*check.check};
    Plan plan = MakePlan(alone, profile_.columns, profile_, options_);
    auto results = TRY(Runner(connection_, relation_, profile_, plan, options_).Run());
    *result = std::move(results[0]);
    return {};
  }

  Result<void> JudgeStatement(const PlannedCheck& check, CheckResult* result) {
    Args args(check.check->kwargs, profile_.columns, options_.table_name, &options_.tables);
    std::string sql =
        StatementSql(check.expectation->statement(args), "SELECT count(*)", relation_, options_);
    auto counted = TRY(connection_.Query(sql, options_.parameters, options_.query));
    result->unexpected_count = counted.Integer(0, 0);
    result->observed_value = *result->unexpected_count;
    result->state = *result->unexpected_count == 0 ? CheckState::kPassed : CheckState::kFailed;
    return Finish(check, result);
  }

  // The message, and for a failed check (or one that passes by `mostly`) its bad rows.
  Result<void> Finish(const PlannedCheck& check, CheckResult* result) {
    if (result->unexpected_count.value_or(0) > 0) {
      result->bad_rows_sql = BadRowsSql(check, relation_);
      if (!result->success() || check.check->kwargs.Has(kMostly.name)) {
        TRY(AddSample(connection_, relation_, profile_, check, options_, result));
      }
    }
    SetMessage(*check.check, result);
    return {};
  }

  sql::Connection& connection_;
  std::string_view relation_;
  const Profile& profile_;
  const Plan& plan_;
  const RunOptions& options_;
  std::vector<Value> values_;
};

// What the checks' columns are called and typed: as declared, and beyond that as the data has them.
std::vector<sql::ColumnInfo> Known(const std::vector<sql::ColumnInfo>& declared,
                                   const Profile& profile) {
  std::vector<sql::ColumnInfo> columns = declared;
  for (const sql::ColumnInfo& column : profile.columns) {
    bool is_declared = std::any_of(declared.begin(), declared.end(),
                                   [&](const auto& other) { return other.name == column.name; });
    if (!is_declared) columns.push_back(column);
  }
  return columns;
}

}  // namespace

Result<std::vector<CheckResult>> RunChecks(sql::Connection& connection, std::string_view relation,
                                           const std::vector<sql::ColumnInfo>& columns,
                                           const std::vector<CheckSpec>& checks,
                                           const RunOptions& options) {
  Result<Profile> profile =
      ProfileRelation(connection, relation, checks, options, /*may_scan=*/true);
  if (!profile.ok()) {
    if (profile.error().kind == ErrorKind::kInterrupted) return profile.error();
    std::vector<CheckResult> results;
    for (const CheckSpec& check : checks) {
      results.push_back(NewResult(check));
      SetError(profile.error().message, &results.back());
    }
    return results;
  }
  std::vector<sql::ColumnInfo> known = Known(columns, *profile);
  Plan plan = MakePlan(checks, known, *profile, options);
  return Runner(connection, relation, *profile, plan, options).Run();
}

Result<std::string> ExplainChecks(sql::Connection& connection, std::string_view relation,
                                  const std::vector<sql::ColumnInfo>& columns,
                                  const std::vector<CheckSpec>& checks, const RunOptions& options) {
  Profile profile = TRY(ProfileRelation(connection, relation, checks, options, /*may_scan=*/false));
  std::vector<sql::ColumnInfo> known = Known(columns, profile);
  Plan plan = MakePlan(checks, known, profile, options);
  return ExplainPlan(plan, profile, options);
}

}  // namespace andon::quality
