#include "quality/run_batches.h"

#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "quality/batch_counts.h"
#include "quality/run_plan.h"

namespace andon::quality {
namespace {

using sql::Aggregate;

// Columns whose values one statement counts; a bit of a number for each.
constexpr size_t kCountedMax = 40;

// A batch with what the grouped scans said of it.
struct Known {
  Batch batch;
  KnownValues values;
};

class GroupedRun {
 public:
  GroupedRun(sql::Session& session, std::string_view relation, const PlanInputs& inputs, Plan plan,
             const BatchDefinition& definition)
      : session_(session),
        relation_(relation),
        inputs_(inputs),
        profile_(inputs.profile),
        plan_(std::move(plan)),
        definition_(definition),
        keys_(BatchKeys(definition, profile_.table_columns, profile_.dialect)) {}

  Result<std::vector<BatchResults>> Run() {
    KeepFooters(session_);  // Bad rows are looked for batch by batch.
    FindSharedKeys();
    TRY(RunScans());
    TRY(LookAtKeys());
    TRY(NameBatches());
    std::vector<Batch> batches;
    std::map<std::string, KnownValues> values;  // By the batch's condition.
    for (auto& [key, known] : batches_) {
      values[known.batch.where] = std::move(known.values);
      batches.push_back(std::move(known.batch));
    }
    Sort(&batches);
    std::vector<BatchResults> results;
    for (Batch& batch : batches) {
      const std::string of_batch = BatchRelation(relation_, batch);
      auto judged =
          TRY(RunPlan(session_, of_batch, inputs_, plan_, std::move(values[batch.where])));
      results.push_back({std::move(batch), std::move(judged)});
    }
    return results;
  }

 private:
  // A key that is unique in the whole is unique in each batch, and the whole is counted faster: by
  // one bit for each value, or one table of keys. Where it is not, it is counted by batch.
  void FindSharedKeys() {
    if (profile_.dialect != sql::Dialect::kDuckDb || !profile_.reads_by_column) return;
    std::set<size_t> by_rows;
    for (const Scan& scan : plan_.scans) {
      if (scan.values_of.empty()) by_rows.insert(scan.metrics.begin(), scan.metrics.end());
    }
    for (const PlannedCheck& check : plan_.checks) {
      if (check.key.empty() || check.by != AnsweredBy::kScan || check.metrics.size() != 4) continue;
      if (by_rows.contains(check.metrics[3])) shared_keys_[check.metrics[3]] = check.metrics[2];
    }
  }

  // The scans by batch. What cannot be grouped is left to each batch.
  Result<void> RunScans() {
    std::vector<Scan> few, rows, many;  // Counts of few values; over the rows; of any values.
    for (const Scan& scan : plan_.scans) {
      Scan grouped{.values_of = scan.values_of};
      std::map<std::string, Scan> by_values;
      for (size_t metric : scan.metrics) {
        const PlannedMetric& planned = plan_.metrics[metric];
        if (shared_keys_.contains(metric)) continue;
        if (!planned.count_of) {
          grouped.metrics.push_back(metric);
          continue;
        }
        // Quantiles by rank, whose ranks differ from batch to batch: counts of values tell them.
        if (profile_.dialect != sql::Dialect::kDuckDb || !planned.aggregate.CanWeigh()) continue;
        bool all_known = true;
        std::string column = *planned.aggregate.Columns(&all_known).begin();
        by_values[column].values_of = column;
        by_values[column].metrics.push_back(metric);
      }
      if (!grouped.metrics.empty()) (grouped.values_of.empty() ? rows : few).push_back(grouped);
      for (auto& [column, values] : by_values) many.push_back(std::move(values));
    }
    TRY(CountInOneReading(&few, &rows));
    for (const std::vector<Scan>* scans : {&few, &rows, &many}) {
      for (const Scan& scan : *scans) TRY(Ask(scan));
    }
    return {};
  }

  // Takes out of the scans what it answered; all stays where the statement breaks.
  Result<void> CountInOneReading(std::vector<Scan>* few, std::vector<Scan>* rows) {
    if (few->empty() || few->size() > kCountedMax) return {};
    std::vector<Scan> together = *few, rest;
    Scan along;
    for (const Scan& scan : *rows) {
      Scan left;
      for (size_t metric : scan.metrics) {
        bool is_along = IsCountedAlong(plan_.metrics[metric].aggregate);
        (is_along ? along : left).metrics.push_back(metric);
      }
      if (!left.metrics.empty()) rest.push_back(std::move(left));
    }
    if (!along.metrics.empty()) together.push_back(std::move(along));
    if (together.size() < 2) return {};
    BatchCounts counts = CountTogether(plan_, together, profile_, relation_, keys_);
    auto start = std::chrono::steady_clock::now();
    Result<sql::ResultSet> made = session_.Query(counts.make, {}, inputs_.options.query);
    auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
    if (!made.ok()) {
      if (Ends(made.error())) return std::move(made).error();
      return {};
    }
    Result<bool> told = Tell(counts, took);
    TRY(Drop(counts));
    if (!told.ok()) return std::move(told).error();
    if (!*told) return {};
    *few = {};
    *rows = std::move(rest);
    return {};
  }

  Result<bool> Tell(const BatchCounts& counts, Duration took) {
    for (const BatchCounts::Part& part : counts.parts) {
      bool is_told = TRY(TryToAsk(part.scan, part.sql, took));
      if (!is_told) return false;
    }
    return true;
  }

  Result<void> Drop(const BatchCounts& counts) {
    auto dropped = session_.Query(counts.drop);
    if (!dropped.ok()) return std::move(dropped).error();
    return {};
  }

  Result<void> LookAtKeys() {
    if (shared_keys_.empty()) return {};
    Scan whole;
    for (const auto& [distinct, compared] : shared_keys_) {
      whole.metrics.push_back(distinct);
      whole.metrics.push_back(compared);
    }
    Result<sql::ResultSet> rows = session_.Query(ScanSql(plan_, whole, relation_, profile_.dialect),
                                                 {}, inputs_.options.query);
    if (!rows.ok() && rows.error().kind == ErrorKind::kInterrupted) return rows.error();
    Scan again;
    size_t at = 0;
    for (const auto& [distinct, compared] : shared_keys_) {
      bool is_unique =
          rows.ok() && rows->row_count() == 1 && rows->Integer(0, at) == rows->Integer(0, at + 1);
      at += 2;
      if (!is_unique) {
        again.metrics.push_back(distinct);
        continue;
      }
      for (auto& [key, known] : batches_) known.values[distinct] = known.values[compared];
    }
    return Ask(again);
  }

  Result<void> Ask(const Scan& scan) {
    if (scan.metrics.empty()) return {};
    auto asked = TRY(TryToAsk(scan, SqlOf(scan)));
    if (asked || scan.metrics.size() == 1) return {};
    // Something in the scan broke: each metric for itself. What breaks is asked by each batch, so
    // that a batch without the rows that break it has its answer.
    for (size_t metric : scan.metrics) {
      Scan one{.values_of = scan.values_of, .metrics = {metric}};
      TRY(TryToAsk(one, SqlOf(one)));
    }
    return {};
  }

  static bool Ends(const Error& error) {
    return error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kUnavailable;
  }

  // False where the statement broke. `before`: how long what it reads from took.
  Result<bool> TryToAsk(const Scan& scan, const std::string& sql, Duration before = Duration(0)) {
    auto start = std::chrono::steady_clock::now();
    sql::QueryOptions options = inputs_.options.query;
    options.rows_max = kBatchesMax;
    Result<sql::ResultSet> rows = session_.Query(sql, {}, options);
    if (!rows.ok()) {
      if (Ends(rows.error())) return std::move(rows).error();
      return false;
    }
    if (rows->truncated())
      return Error::Invalid("{} gives more than {} batches.", ToString(definition_),
                            WithThousands(kBatchesMax));
    auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
    Take(scan, *rows, before + took);
    return true;
  }

  // Bits within the bounds of the whole would be counted for each batch.
  std::string SqlOf(const Scan& scan) {
    Plan grouped;
    Scan same{.values_of = scan.values_of};
    for (size_t metric : scan.metrics) {
      same.metrics.push_back(grouped.metrics.size());
      grouped.metrics.push_back({plan_.metrics[metric].aggregate.WithoutBounds()});
    }
    return ScanSql(grouped, same, relation_, profile_.dialect, keys_);
  }

  void Take(const Scan& scan, const sql::ResultSet& rows, Duration took) {
    bool counts_some = !plan_.metrics[scan.metrics[0]].aggregate.FitsScan(profile_.dialect);
    std::set<std::string> seen;
    for (int64_t row = 0; row < rows.row_count(); row++) {
      std::string key = KeyOf(rows, row);
      auto [entry, is_new] = batches_.try_emplace(key);
      Known& known = entry->second;
      if (is_new) {
        known.batch = BatchOfRow(definition_, profile_.table_columns, profile_.dialect, rows, row);
        known.values.resize(plan_.metrics.size());
      }
      for (size_t i = 0; i < scan.metrics.size(); i++)
        known.values[scan.metrics[i]] =
            MetricValue{.json = rows.ToJson(row, keys_.size() + i), .duration = took};
      seen.insert(std::move(key));
    }
    if (!counts_some) {
      is_listed_ = true;
      return;
    }
    // A group without anything to count is not there.
    for (auto& [key, known] : batches_) {
      if (!seen.contains(key)) known.values[scan.metrics[0]] = MetricValue{.json = Json(0)};
    }
  }

  std::string KeyOf(const sql::ResultSet& rows, int64_t row) const {
    std::string key;
    for (size_t i = 0; i < keys_.size(); i++) {
      key += rows.IsNull(row, i) ? "-" : "=" + rows.Text(row, i);
      key += '\0';
    }
    return key;
  }

  // Where no scan named the batches they are asked for.
  Result<void> NameBatches() {
    auto rows = plan_.by_key.find(Aggregate::CountRows().Key());
    if (is_listed_) {
      if (rows == plan_.by_key.end()) return {};
      for (auto& [key, known] : batches_) {
        const auto& counted = known.values[rows->second];
        if (counted) known.batch.rows = counted->json.AsInteger();
      }
      return {};
    }
    batches_.clear();
    std::vector<Batch> batches =
        TRY(ListBatches(session_, relation_, definition_, inputs_.options.query));
    for (size_t i = 0; i < batches.size(); i++)
      batches_[std::to_string(i)] = {.batch = std::move(batches[i])};
    return {};
  }

  sql::Session& session_;
  std::string_view relation_;
  const PlanInputs& inputs_;
  const Profile& profile_;
  Plan plan_;
  const BatchDefinition& definition_;
  std::vector<std::string> keys_;
  std::map<size_t, size_t> shared_keys_;  // The count of different keys → that of the keys.
  std::map<std::string, Known> batches_;  // By the text of their keys.
  bool is_listed_ = false;
};

// What is known of the whole says nothing of a batch.
RunOptions ForBatches(const RunOptions& options) {
  RunOptions of_batch = options;
  of_batch.statistics.clear();
  of_batch.rows.reset();
  of_batch.known = nullptr;
  of_batch.holding = nullptr;
  of_batch.skips_implied = false;  // A second look would be one for each red batch.
  return of_batch;
}

}  // namespace

Result<std::vector<BatchResults>> RunBatches(sql::Session& session, std::string_view relation,
                                             const std::vector<sql::ColumnInfo>& columns,
                                             const std::vector<CheckSpec>& checks,
                                             const BatchDefinition& definition,
                                             const RunOptions& options) {
  // Also where statistics would answer everything of the whole, a batch has to be looked at.
  RunOptions of_whole = options;
  of_whole.rows.reset();
  Prepared prepared = TRY(Prepare(session, relation, columns, checks, of_whole));
  std::string mistake =
      BatchesMistake(definition, prepared.profile.table_columns, session.dialect());
  if (!mistake.empty()) return Error::Invalid("{}", mistake);
  const RunOptions of_batch = ForBatches(options);
  PlanInputs inputs{prepared.columns, prepared.profile, of_batch};
  return GroupedRun(session, relation, inputs, MakePlan(checks, inputs), definition).Run();
}

Result<std::vector<BatchResults>> RunChosen(sql::Session& session, std::string_view relation,
                                            const std::vector<sql::ColumnInfo>& columns,
                                            const std::vector<CheckSpec>& checks,
                                            const BatchChoice& choice, const RunOptions& options) {
  if (choice.all && !choice.definition.is_whole()) {
    auto all = TRY(RunBatches(session, relation, columns, checks, choice.definition, options));
    if (all.empty()) return Error::NotFound("The data has no rows, and so no batch.");
    return all;
  }
  BatchResults one;
  if (choice.definition.is_whole()) {
    one.results = TRY(RunChecks(session, relation, columns, checks, options));
    return std::vector{std::move(one)};
  }
  auto batches = TRY(ListBatches(session, relation, choice.definition, options.query));
  one.batch = TRY(PickBatch(batches, choice.name));
  one.results = TRY(
      RunChecks(session, BatchRelation(relation, one.batch), columns, checks, ForBatches(options)));
  return std::vector{std::move(one)};
}

}  // namespace andon::quality
