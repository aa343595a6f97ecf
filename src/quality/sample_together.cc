// The bad rows of many checks from one reading: each row with a flag for each check, and of each
// check only the first ones, which a running count tells.
#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "quality/sample.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

// A statement holds so many checks; engines bound its columns, and how deep an OR may be.
constexpr size_t kChecksMax = 100;
// Rows and cells that one statement may give; complete lists of bad values are asked for alone.
constexpr int64_t kRowsMax = 100'000;
constexpr int64_t kCellsMax = 2'000'000;
// A statement of its own costs as much as reading so many rows: files are opened and planned, a
// server is asked.
constexpr double kRowsPerFiles = 100'000;
constexpr double kRowsPerQuestion = 2'000;
// What one more predicate costs beside the reading of a row.
constexpr double kPredicateCost = 0.05;

Duration Since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
}

std::string Flag(size_t i) { return sql::QuoteIdentifier(fmt::format("bad by {}", i)); }
std::string Nth(size_t i) { return sql::QuoteIdentifier(fmt::format("number by {}", i)); }

// Checks that one statement may answer.
struct Group {
  std::vector<Shown*> checks;
  std::vector<int64_t> limits;
  std::vector<std::string> columns;
  int64_t rows = 0;       // That it gives at most.
  int64_t rows_read = 0;  // By it.
  double rows_alone = 0;  // By a statement for each check, in rows that cost as much.
};

class Together {
 public:
  Together(sql::Session& session, std::string_view relation, const Profile& profile,
           const RunOptions& options)
      : session_(session), relation_(relation), profile_(profile), options_(options) {}

  Result<void> Add(std::vector<Shown>* shown) {
    for (Shown& one : *shown) {
      if (!MayShare(one) || !Take(one)) {
        TRY(AddAlone(one));
        continue;
      }
      if (group_.checks.size() == kChecksMax) TRY(Ask());
    }
    return Ask();
  }

 private:
  bool MayShare(const Shown& one) const {
    const PlannedCheck& check = *one.check;
    const auto& names = options_.result_format.unexpected_index_column_names;
    bool has_places = std::all_of(names.begin(), names.end(),
                                  [&](const std::string& name) { return profile_.Has(name); });
    // Redshift has no FILTER, nor a frame without an order.
    return profile_.dialect != sql::Dialect::kRedshift && has_places &&
           options_.result_format.level != ResultFormat::Level::kBooleanOnly &&
           check.by == AnsweredBy::kScan && check.key.empty() && check.unexpected &&
           one.holding.empty() && one.result->element_count.value_or(0) > 0;
  }

  // False where the check's first bad rows are found sooner than all rows are read for others.
  bool Take(Shown& one) {
    WantedRows wanted = RowsWanted(session_, profile_, options_, one);
    const int64_t bad = *one.result->unexpected_count, all = *one.result->element_count;
    const int64_t rows = std::min(wanted.limit, bad);
    const double alone = double(rows) / double(bad) * double(all) + statement_cost_;
    if (alone < kPredicateCost * double(all)) return false;
    group_.checks.push_back(&one);
    group_.limits.push_back(wanted.limit);
    group_.rows += rows;
    group_.rows_read = std::max(group_.rows_read, all);
    group_.rows_alone += alone;
    for (std::string& name : wanted.columns) {
      bool is_new =
          std::find(group_.columns.begin(), group_.columns.end(), name) == group_.columns.end();
      if (is_new) group_.columns.push_back(std::move(name));
    }
    return true;
  }

  bool IsWorth(const Group& group) const {
    const auto cells = group.rows * static_cast<int64_t>(group.columns.size());
    return group.checks.size() > 1 && group.rows <= kRowsMax && cells <= kCellsMax &&
           double(group.rows_read) + statement_cost_ < group.rows_alone;
  }

  Result<void> Ask() {
    Group group = std::exchange(group_, {});
    bool is_shared = false;
    if (IsWorth(group)) is_shared = TRY(AskShared(group));
    for (size_t i = 0; i < group.checks.size() && !is_shared; i++) TRY(AddAlone(*group.checks[i]));
    return {};
  }

  // False where the statement broke: then each check says for itself what is wrong.
  Result<bool> AskShared(const Group& group) {
    const auto start = std::chrono::steady_clock::now();
    Result<sql::ResultSet> rows = QueryWindow(session_, profile_, SqlOf(group), options_.query);
    if (!rows.ok()) {
      if (rows.error().kind == ErrorKind::kInterrupted) return std::move(rows).error();
      return false;
    }
    const Duration took = Since(start);
    for (size_t i = 0; i < group.checks.size(); i++) {
      FoundRows found{.set = &*rows};
      for (int64_t row = 0; row < rows->row_count(); row++) {
        if (std::ssize(found.rows) == group.limits[i]) break;
        if (rows->Bool(row, group.columns.size() + i)) found.rows.push_back(row);
      }
      TRY(AddFrom(*group.checks[i], &found));
      group.checks[i]->result->duration += took;
    }
    return true;
  }

  Result<void> AddAlone(Shown& one) {
    const auto start = std::chrono::steady_clock::now();
    TRY(AddFrom(one, nullptr));
    one.result->duration += Since(start);
    return {};
  }

  Result<void> AddFrom(Shown& one, const FoundRows* found) {
    Result<void> added = AddBadRowsOf(session_, relation_, profile_, options_, one, found);
    if (added.ok()) return {};
    if (added.error().kind == ErrorKind::kInterrupted) return added;
    one.error = added.error();
    return {};
  }

  // Rows come in the order of the relation, as those of a statement with a LIMIT: nothing here
  // sorts or joins.
  std::string SqlOf(const Group& group) const {
    std::vector<std::string> shown, numbers, predicates, first;
    for (const std::string& name : group.columns) shown.push_back(sql::QuoteIdentifier(name));
    std::vector<std::string> read = shown;
    for (size_t i = 0; i < group.checks.size(); i++) {
      std::string bad = BadRowsSql(*group.checks[i]->check, relation_, profile_.dialect);
      read.push_back(fmt::format("({}) AS {}", bad, Flag(i)));
      numbers.push_back(fmt::format(
          "count(*) FILTER (WHERE {}) OVER (ROWS UNBOUNDED PRECEDING) AS {}", Flag(i), Nth(i)));
      predicates.push_back("(" + std::move(bad) + ")");
      first.push_back(fmt::format("({} AND {} <= {})", Flag(i), Nth(i), group.limits[i]));
      shown.push_back(Flag(i));
    }
    return fmt::format(
        "SELECT {} FROM (SELECT *, {} FROM (SELECT {} FROM {} AS checked WHERE {}) AS bad) AS "
        "counted WHERE {}",
        Join(shown, ", "), Join(numbers, ", "), Join(read, ", "),
        PlacedRelation(relation_, profile_, options_), Join(predicates, " OR "),
        Join(first, " OR "));
  }

  sql::Session& session_;
  std::string_view relation_;
  const Profile& profile_;
  const RunOptions& options_;
  const double statement_cost_ =
      profile_.dialect == sql::Dialect::kDuckDb ? kRowsPerFiles : kRowsPerQuestion;
  Group group_;
};

}  // namespace

Result<void> AddBadRows(sql::Session& session, std::string_view relation, const Profile& profile,
                        const RunOptions& options, std::vector<Shown>* shown) {
  return Together(session, relation, profile, options).Add(shown);
}

}  // namespace andon::quality
