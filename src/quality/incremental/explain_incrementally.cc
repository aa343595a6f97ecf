#include <algorithm>
#include <set>

#include "base/text.h"
#include "quality/explain.h"
#include "quality/incremental/file_reader.h"
#include "quality/run_plan.h"

namespace andon::quality {
namespace {

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
        split_(SplitChecks(columns, checks, options, dataset)) {
    LeaveTheHopeless(dataset, &split_);
    for (const FileState& file : dataset_.files) {
      for (const auto& [name, state] : file.states.members()) kept_.insert(file.id + "\n" + name);
    }
    for (FileState& file : dataset_.files) {
      TakeStatistics(split_.tracked, &file);
      rows_ += file.rows_max;
      std::vector<const Tracked*> missing = MissingStates(split_.tracked, file);
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
    group.headline =
        fmt::format("{} of {} of {} to be read", WithThousands(files_),
                    Count(static_cast<int64_t>(dataset_.files.size()), "file"), table_);
    // CSV and JSON do not say how many rows they have.
    if (rows_ > 0)
      group.headline +=
          fmt::format(" ({} of {})", WithThousands(rows_to_read_), Count(rows_, "row"));
    group.headline += "\n";
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
