#include "validation/history.h"

#include <algorithm>
#include <map>

namespace andon::validation {
namespace {

std::optional<double> Number(const store::Row& row, std::string_view column) {
  if (row.IsNull(column)) return std::nullopt;
  // What SQLite holds as a whole number comes back as one.
  const store::Cell& cell = row[column];
  return cell.is_integer() ? static_cast<double>(cell.AsInteger()) : cell.AsDouble();
}

CellState CellStateOf(const std::string& state, const std::string& severity) {
  if (state == "passed") return CellState::kPassed;
  if (!severity.empty() && severity != "critical") return CellState::kWarning;
  return state == "error" ? CellState::kError : CellState::kFailed;
}

Result<Grid> GridOf(store::Transaction& tx, std::vector<Summary> columns) {
  Grid grid{.columns = std::move(columns)};
  std::reverse(grid.columns.begin(), grid.columns.end());
  if (grid.columns.empty()) return grid;
  std::map<int64_t, size_t> at;
  for (size_t i = 0; i < grid.columns.size(); ++i) at[grid.columns[i].about.number] = i;
  // The newest first, so that its order of checks is the grid's.
  auto results = TRY(tx.Query(
      "SELECT validation_id, check_key, type, state, severity, observed, unexpected_percent "
      "FROM check_results WHERE validation_id BETWEEN ? AND ? AND dataset = ? ORDER BY "
      "validation_id DESC, ordinal",
      {grid.columns.front().about.number, grid.columns.back().about.number,
       grid.columns.front().about.dataset}));
  std::map<std::string, size_t> row_of;
  for (const store::Row& r : results) {
    auto column = at.find(r.Integer("validation_id"));
    if (column == at.end()) continue;
    auto [found, is_new] = row_of.emplace(r.Text("check_key"), grid.rows.size());
    if (is_new) {
      grid.rows.push_back({.check = r.Text("check_key"),
                           .type = r.Text("type"),
                           .severity = r.Text("severity"),
                           .cells = std::vector<GridCell>(grid.columns.size())});
    }
    grid.rows[found->second].cells[column->second] = {
        CellStateOf(r.Text("state"), r.Text("severity")), Number(r, "observed"),
        Number(r, "unexpected_percent")};
  }
  return grid;
}

std::string Says(const CheckedCheck& checked) {
  std::string observed = ObservedText(checked.result);
  std::string state(ToString(checked.result.state));
  return observed.empty() ? state : state + ": " + observed;
}

bool IsRedefined(const quality::CheckSpec& a, const quality::CheckSpec& b) {
  return a.type != b.type || a.severity != b.severity || !(a.kwargs == b.kwargs);
}

}  // namespace

Result<std::vector<Point>> HistoryOf(store::Transaction& tx, std::string_view dataset,
                                     std::string_view check, int64_t limit) {
  auto rows = TRY(
      tx.Query("SELECT validation_id, time, state, observed, unexpected_percent, body FROM "
               "check_results WHERE dataset = ? AND check_key = ? ORDER BY time DESC, result_id "
               "DESC LIMIT ?",
               {dataset, check, limit}));
  std::vector<Point> out;
  for (const store::Row& row : rows) {
    out.push_back({row.Integer("validation_id"), row.Time("time"), row.Text("state"),
                   Number(row, "observed"), Number(row, "unexpected_percent"),
                   row.Document("body")["message"].AsString()});
  }
  std::reverse(out.begin(), out.end());
  return out;
}

Result<Grid> ReadGrid(store::Transaction& tx, std::string_view dataset, int64_t limit,
                      int64_t before) {
  auto columns = TRY(List(tx, {.dataset = std::string(dataset), .before = before, .limit = limit}));
  return GridOf(tx, std::move(columns));
}

Result<Grid> ReadGridRange(store::Transaction& tx, std::string_view dataset, int64_t from,
                           int64_t to) {
  auto columns = TRY(
      List(tx, {.dataset = std::string(dataset), .before = to, .from = from, .limit = to - from}));
  return GridOf(tx, std::move(columns));
}

std::vector<Change> Compare(const Validation& before, const Validation& after) {
  std::map<std::string, const CheckedCheck*> earlier;
  for (const CheckedCheck& checked : before.results) earlier[checked.check.name] = &checked;
  std::vector<Change> out;
  for (const CheckedCheck& checked : after.results) {
    auto found = earlier.find(checked.check.name);
    if (found == earlier.end()) {
      out.push_back({Change::kAdded, checked.check.name, "", Says(checked)});
      continue;
    }
    const CheckedCheck& was = *found->second;
    earlier.erase(found);
    Change change{.check = checked.check.name,
                  .before = Says(was),
                  .after = Says(checked),
                  .is_redefined = IsRedefined(was.check, checked.check)};
    if (was.result.success() != checked.result.success()) {
      change.kind = checked.result.success() ? Change::kMended : Change::kBroke;
    } else if (change.before == change.after && !change.is_redefined) {
      continue;
    }
    out.push_back(std::move(change));
  }
  for (const CheckedCheck& was : before.results) {
    if (earlier.count(was.check.name))
      out.push_back({Change::kRemoved, was.check.name, Says(was), ""});
  }
  return out;
}

std::string_view ToString(Change::Kind kind) {
  switch (kind) {
    case Change::kAdded:
      return "added";
    case Change::kRemoved:
      return "removed";
    case Change::kBroke:
      return "broke";
    case Change::kMended:
      return "mended";
    case Change::kMoved:
      return "moved";
  }
  return "";
}

}  // namespace andon::validation
