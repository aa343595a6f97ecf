#include "quality/incremental/incremental.h"

#include <algorithm>

#include "base/text.h"
#include "quality/incremental/file_reader.h"
#include "quality/incremental/key_states.h"
#include "quality/run_plan.h"

namespace andon::quality {
namespace {

// So many states are kept for one file; those that no check asks for any more go first.
constexpr size_t kStatesMax = 500;

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
    split_ = SplitChecks(columns_, checks_, options_, dataset_);
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
    std::vector<FileToRead> to_read;
    for (FileState& file : dataset_.files) {
      TakeStatistics(split_.tracked, &file);
      std::vector<const Tracked*> missing = MissingStates(split_.tracked, file);
      if (missing.empty()) continue;
      to_read.push_back({&file, std::move(missing)});
      reading_.files_read++;
      reading_.rows_read += file.rows_max;
    }
    TRY(ReadStates(session_, options_.query, dataset_, std::move(to_read)));
    for (FileState& file : dataset_.files) DropUnused(split_.tracked, &file);
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
    for (size_t i = 0; i < checks_.size(); i++) {
      const Way& way = split_.ways[i];
      const bool is_known =
          std::all_of(way.metrics.begin(), way.metrics.end(),
                      [&](const std::string& metric) { return known_.contains(metric); });
      if (way.is_by_states && !is_known) split_.LeaveToScan(i);
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

}  // namespace

Result<std::vector<CheckResult>> RunIncrementally(sql::Session& session, std::string_view relation,
                                                  const std::vector<sql::ColumnInfo>& columns,
                                                  const std::vector<CheckSpec>& checks,
                                                  const RunOptions& options, FileStates* dataset,
                                                  Reading* reading) {
  return Incremental(session, relation, columns, checks, options, dataset, reading).Run();
}

}  // namespace andon::quality
