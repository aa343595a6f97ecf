#include "quality/plan.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "base/text.h"
#include "quality/implication.h"
#include "quality/statistics.h"
#include "sql/condition.h"
#include "sql/host_function.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using sql::Aggregate;
using sql::Expr;

// A mistake where no excerpt of a file stands beside it: what it says, and what is meant.
std::string Sentence(const Diagnostic& mistake) {
  if (mistake.at_caret.empty()) return mistake.detail;
  return fmt::format("{} D{}", mistake.detail, mistake.at_caret.substr(1));
}

// A bitmap may have this many bits for each row, and altogether this many (32 MiB a thread).
constexpr int64_t kBitsPerRow = 8;
constexpr int64_t kBitsMax = int64_t{1} << 28;
constexpr size_t kDigitsMax = 18;  // Of a number that fits 64 bits in any case.
// One SELECT has at most so many items: PostgreSQL takes 1,664, SQLite 2,000.
constexpr size_t kItemsMax = 1'500;
// DuckDB compares the items of a SELECT with one another: where a reading costs next to nothing,
// several statements cost less than a long one.
constexpr size_t kItemsOfFewRows = 200;
// Of a predicate's metrics, the one that counts its bad rows.
constexpr size_t kBad = 2;

const sql::Weights kWeights = {.count = std::string(kValueCount),
                               .upto = "count up to value",
                               .total = "count of all",
                               .mean = "mean of all"};

bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<Expr> Filled(const std::vector<std::string>& columns) {
  std::vector<Expr> filled;
  for (const std::string& column : columns) filled.push_back(IsNotNull(Expr::Column(column)));
  return filled;
}

class Planner {
 public:
  Planner(Plan* plan, const PlanInputs& inputs)
      : plan_(*plan), inputs_(inputs), profile_(inputs.profile) {}

  void Make(const std::vector<CheckSpec>& checks) {
    for (const CheckSpec& check : checks) plan_.checks.push_back(PlanCheck(check));
    for (PlannedCheck& check : plan_.checks) Imply(check);
    Spare(checks);
    // Only now are all metrics wanted: what is implied wants none.
    for (PlannedCheck& check : plan_.checks) AddMetrics(check);
    AssignScans();
  }

  void MakeRest(const std::function<const Json*(size_t)>& value_of) {
    first_ = plan_.metrics.size();
    for (PlannedCheck& check : plan_.checks) {
      if (check.spared_by) {
        const Json* bad = value_of(plan_.checks[*check.spared_by].metrics[kBad]);
        if (bad && bad->AsInteger() == 0) continue;
        check.spared_by.reset();
        check.metrics.push_back(Metric(check, BadRows(check)));
      }
      if (check.statistics.empty()) continue;
      std::vector<Json> statistics;
      for (size_t metric : check.statistics) {
        const Json* value = value_of(metric);
        statistics.push_back(value ? *value : Json());
      }
      AddRest(check, inputs_.ArgsOf(*check.check, std::move(statistics)));
    }
    AssignScans();
  }

 private:
  PlannedCheck PlanCheck(const CheckSpec& check) {
    PlannedCheck planned{.check = &check, .expectation = FindExpectation(check.type)};
    auto broken = [&](std::string why) {
      planned.by = AnsweredBy::kBroken;
      planned.broken = std::move(why);
      return planned;
    };
    Diagnostics mistakes = Validate(check, inputs_.columns);
    std::string misfit;
    for (const Diagnostic& mistake : mistakes) {
      if (mistake.severity != Severity::kError) continue;
      if (mistake.code != kMisfitCode) return broken(Sentence(mistake));
      misfit = mistake.detail;
    }
    const Expectation& expectation = *planned.expectation;
    Args args = inputs_.ArgsOf(check);
    planned.columns = ColumnsOf(expectation, check.kwargs);
    for (const std::string& column : planned.columns) {
      if (!profile_.Has(column))
        return broken(fmt::format("The data has no column \"{}\".", column));
    }
    if (const Json& condition = check.kwargs["row_condition"]; condition.is_string())
      planned.filter = FilterOf(condition.AsString());
    SetJudged(expectation, args, &planned);
    if (!misfit.empty()) {
      planned.by = AnsweredBy::kMisfit;
      planned.broken = std::move(misfit);
      return planned;
    }
    planned.by = How(expectation, args);
    if (expectation.key) SetKey(args, &planned);
    if (expectation.host)
      planned.unexpected =
          Not(sql::Test(expectation.host->name, args.Text(), expectation.argument(args)));
    if (expectation.unexpected && !expectation.statistics)
      planned.unexpected = expectation.unexpected(args);
    if (expectation.needs_now && !inputs_.options.now)
      return broken("This check needs to know what time it is.");
    if (expectation.needs_written_at && !inputs_.options.written_at)
      return broken("Nothing tells when rows were written here; name a column of time instead.");
    if (expectation.in_order && !profile_.has_order && check.kwargs["order_by"].is_null())
      return broken(
          "The rows of this relation have no order of their own; give \"order_by\", the columns "
          "that put them in order.");
    return planned;
  }

  Expr FilterOf(const std::string& condition) const {
    if (profile_.dialect != sql::Dialect::kDuckDb) return Expr::Written(condition);
    std::vector<std::string> columns;
    for (const sql::TableColumn& column : profile_.table_columns) columns.push_back(column.name);
    return sql::ReadCondition(condition, columns);
  }

  AnsweredBy How(const Expectation& expectation, const Args& args) const {
    if (expectation.schema) return AnsweredBy::kSchema;
    if (expectation.statement) return AnsweredBy::kStatement;
    bool compares = !expectation.takes_compare || expectation.takes_compare(args);
    if (expectation.compare && compares) return AnsweredBy::kCompare;
    if (expectation.in_order) return AnsweredBy::kOrder;
    if (expectation.host && !sql::RunsHostFunctions(profile_.dialect)) return AnsweredBy::kValues;
    bool takes_rows = !expectation.takes_rows || expectation.takes_rows(args);
    if (expectation.rows && takes_rows) return AnsweredBy::kRows;
    return AnsweredBy::kScan;
  }

  void SetJudged(const Expectation& expectation, const Args& args, PlannedCheck* planned) const {
    if (expectation.judges_nulls) return;
    if (expectation.judged)
      planned->judged = expectation.judged(args);
    else if (planned->columns.size() >= 1)
      planned->judged = IsNotNull(Expr::Column(planned->columns[0]));
  }

  void SetKey(const Args& args, PlannedCheck* planned) const {
    planned->key = planned->expectation->key(args);
    bool nulls_equal = profile_.dialect == sql::Dialect::kDuckDb && planned->key.size() > 1;
    planned->keyed = nulls_equal ? planned->judged : sql::And(Filled(planned->key));
  }

  // unique(id) and no null in id give unique(id, x).
  void Imply(PlannedCheck& check) {
    if (check.key.size() < 2 || check.by != AnsweredBy::kScan) return;
    if (check.check->kwargs["ignore_row_if"].AsString() == "any_value_is_missing") return;
    for (size_t i = 0; i < plan_.checks.size(); i++) {
      const PlannedCheck& other = plan_.checks[i];
      if (other.by != AnsweredBy::kScan || other.key.size() != 1 || other.filter) continue;
      if (!Contains(check.key, other.key[0])) continue;
      check.by = AnsweredBy::kImplied;
      check.implied_by = i;
      return;
    }
  }

  // between(0, 10) has no bad rows where between(1, 5) has none. On a server a second look costs as
  // much as the first, so there all are counted at once.
  void Spare(const std::vector<CheckSpec>& checks) {
    if (!inputs_.options.skips_implied || profile_.dialect != sql::Dialect::kDuckDb) return;
    for (const Implication& implied : ImplicationsOf(checks)) {
      if (implied.by.size() != 1) continue;
      PlannedCheck& check = plan_.checks[implied.check];
      const PlannedCheck& other = plan_.checks[implied.by[0]];
      if (CountsBadValues(check) && CountsBadValues(other) && check.columns == other.columns)
        check.spared_by = implied.by[0];
    }
    // The one that is counted, of a chain; in a circle all are.
    for (PlannedCheck& check : plan_.checks) {
      size_t steps = plan_.checks.size();
      while (check.spared_by && plan_.checks[*check.spared_by].spared_by) {
        check.spared_by = plan_.checks[*check.spared_by].spared_by;
        if (--steps == 0) check.spared_by.reset();
      }
    }
  }

  static bool CountsBadValues(const PlannedCheck& check) {
    return check.by == AnsweredBy::kScan && check.unexpected && check.key.empty() &&
           !check.expectation->judges_nulls && !check.expectation->judged &&
           !check.expectation->statistics && !check.expectation->aggregates;
  }

  std::optional<KnownMetric> KnownOf(const Aggregate& aggregate) const {
    const RunOptions& options = inputs_.options;
    if (std::optional<Json> value = FromStatistics(aggregate, options))
      return KnownMetric{*std::move(value), "statistics"};
    return options.known ? options.known(aggregate) : std::nullopt;
  }

  size_t Metric(const Aggregate& aggregate) {
    std::string key = aggregate.Key();
    auto [entry, is_new] = plan_.by_key.try_emplace(key, plan_.metrics.size());
    if (is_new) {
      std::optional<KnownMetric> known = KnownOf(aggregate);
      plan_.metrics.push_back({known ? aggregate : Dense(aggregate)});
      plan_.metrics.back().known = std::move(known);
    }
    return entry->second;
  }

  size_t Metric(const PlannedCheck& check, const Aggregate& aggregate) {
    return Metric(check.filter ? aggregate.Where(*check.filter) : aggregate);
  }

  size_t JudgedMetric(const PlannedCheck& check) {
    if (!check.judged) return Metric(check, Aggregate::CountRows());
    if (check.expectation->judged) return Metric(check, Aggregate::CountIf(*check.judged));
    return FilledMetric(check);
  }

  size_t FilledMetric(const PlannedCheck& check) {
    const std::string& column = check.columns[0];
    auto found = profile_.by_column.find(column);
    bool no_nulls = found != profile_.by_column.end() && found->second.has_no_nulls;
    return Metric(check,
                  no_nulls ? Aggregate::CountRows() : Aggregate::Count(Expr::Column(column)));
  }

  // Of several columns a predicate may hold for rows that are not judged; of one, null stays null.
  Aggregate BadRows(const PlannedCheck& check) const {
    if (check.judged && check.expectation->judged)
      return Aggregate::CountIf(sql::And({*check.judged, *check.unexpected}));
    return Aggregate::CountIf(*check.unexpected);
  }

  void AddMetrics(PlannedCheck& check) {
    if (check.by == AnsweredBy::kMisfit) {
      check.metrics = {Metric(check, Aggregate::CountRows()), JudgedMetric(check)};
      return;
    }
    if (check.by == AnsweredBy::kBroken) return;
    const Expectation& expectation = *check.expectation;
    bool counts_rows = check.by == AnsweredBy::kOrder || check.by == AnsweredBy::kValues;
    if (check.by != AnsweredBy::kScan && !counts_rows) return;
    Args args = inputs_.ArgsOf(*check.check);
    bool waits = false;
    if (expectation.statistics) {
      for (Aggregate& aggregate : expectation.statistics(args)) {
        check.statistics.push_back(Metric(check, std::move(aggregate)));
        waits = true;
      }
    }
    if (!check.key.empty()) return AddKeyMetrics(check);
    if (expectation.aggregates) {
      if (!waits) AddRest(check, args);
      return;
    }
    if (expectation.judges_nulls) {
      // Bad nulls are the rows without a value, and bad values those with one.
      check.metrics = {Metric(check, Aggregate::CountRows()), FilledMetric(check)};
      return;
    }
    check.metrics = {Metric(check, Aggregate::CountRows()), JudgedMetric(check)};
    if (!check.unexpected || check.by != AnsweredBy::kScan) return;
    // What is known needs not to be spared.
    if (check.spared_by && KnownOf(BadRows(check))) check.spared_by.reset();
    if (!check.spared_by) check.metrics.push_back(Metric(check, BadRows(check)));
  }

  // What waited for statistics, or waits for none.
  void AddRest(PlannedCheck& check, const Args& args) {
    if (check.expectation->aggregates) {
      for (Aggregate& aggregate : check.expectation->aggregates(args))
        check.metrics.push_back(Metric(check, std::move(aggregate)));
      return;
    }
    check.unexpected = check.expectation->unexpected(args);
    check.metrics.push_back(Metric(check, BadRows(check)));
  }

  void AddKeyMetrics(PlannedCheck& check) {
    check.metrics = {Metric(check, Aggregate::CountRows()), JudgedMetric(check)};
    if (check.key.size() == 1) {
      check.metrics.push_back(check.metrics[1]);
      check.metrics.push_back(
          Metric(check, Aggregate::CountDistinct({Expr::Column(check.key[0])})));
      AddProof(check);
      return;
    }
    std::vector<Expr> columns;
    for (const std::string& name : check.key) columns.push_back(Expr::Column(name));
    Aggregate rows = check.keyed ? Aggregate::CountIf(*check.keyed) : Aggregate::CountRows();
    Aggregate distinct = Aggregate::CountDistinct(std::move(columns));
    check.metrics.push_back(Metric(check, std::move(rows)));
    check.metrics.push_back(
        Metric(check, check.keyed ? distinct.Where(*check.keyed) : std::move(distinct)));
  }

  // Different integers within known bounds are counted by one bit each.
  Aggregate Dense(const Aggregate& aggregate) const {
    const std::string column = aggregate.PlainColumn();
    if (aggregate.kind() != Aggregate::Kind::kCountDistinct || column.empty()) return aggregate;
    auto found = profile_.by_column.find(column);
    if (found == profile_.by_column.end() || found->second.has_few_values ||
        profile_.RowsOr0() < kLargeRows)
      return aggregate;
    const ColumnProfile& known = found->second;
    if (!known.lower || !known.upper || *known.lower > *known.upper) return aggregate;
    auto range = static_cast<uint64_t>(*known.upper) - static_cast<uint64_t>(*known.lower);
    if (range >= static_cast<uint64_t>(BitsMax())) return aggregate;
    Aggregate dense = Aggregate::BitmapDistinct(Expr::Column(column), *known.lower, *known.upper);
    return aggregate.filter() ? dense.Where(*aggregate.filter()) : dense;
  }

  int64_t BitsMax() const { return std::min(kBitsMax, profile_.RowsOr0() * kBitsPerRow); }

  // Strings that should be unique: those that end in a number by one bit each, others by hashes,
  // which take half the memory. Where that proves nothing they are counted as they are.
  void AddProof(const PlannedCheck& check) {
    PlannedMetric& metric = plan_.metrics[check.metrics[3]];
    const std::string& column = check.key[0];
    auto found = profile_.by_column.find(column);
    const sql::ColumnInfo* info = profile_.columns.Find(column);
    bool is_wanted = profile_.dialect == sql::Dialect::kDuckDb && profile_.reads_by_column &&
                     profile_.RowsOr0() >= kLargeRows && !metric.known && !metric.proof &&
                     metric.aggregate.kind() == Aggregate::Kind::kCountDistinct &&
                     found != profile_.by_column.end() && !found->second.has_few_values && info &&
                     info->type == "string";
    if (!is_wanted) return;
    const std::string quoted = Expr::Column(column).Print(profile_.dialect);
    Aggregate image = Aggregate::CountDistinct({Expr::Written("hash(" + quoted + ")")});
    if (auto numbers = NumbersOf(found->second)) {
      const int64_t lower = std::max<int64_t>(0, numbers->least - BitsMax() / 2),
                    upper = lower + BitsMax() - 1;
      const std::string number =
          fmt::format("TRY_CAST(substr({}, {}) AS BIGINT)", quoted, numbers->prefix_characters + 1);
      // What is no number, or another's, has no image, and so is no proof.
      image = Aggregate::BitmapDistinct(
          Expr::Written(
              fmt::format("CASE WHEN {0} BETWEEN {1} AND {2} THEN {0} END", number, lower, upper)),
          lower, upper);
    }
    if (check.filter) image = image.Where(*check.filter);
    metric.proof = Proof{std::move(image), check.metrics[1]};
  }

  // "PAY-000017": the number behind what the first rows have in common.
  struct Numbers {
    size_t prefix_characters = 0;
    int64_t least = 0;
  };
  static std::optional<Numbers> NumbersOf(const ColumnProfile& column) {
    const std::string &least = column.least, &greatest = column.greatest;
    auto [differs, other] =
        std::mismatch(least.begin(), least.end(), greatest.begin(), greatest.end());
    auto start = static_cast<size_t>(differs - least.begin());
    auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    while (start > 0 && is_digit(least[start - 1])) start--;
    auto number = [&](const std::string& text) -> std::optional<int64_t> {
      std::string_view digits = std::string_view(text).substr(start);
      bool fits = !digits.empty() && digits.size() <= kDigitsMax &&
                  std::all_of(digits.begin(), digits.end(), is_digit);
      if (!fits) return {};
      return std::strtoll(std::string(digits).c_str(), nullptr, 10);
    };
    auto from = number(least), to = number(greatest);
    if (!from || !to) return {};
    auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    auto characters = std::count_if(least.begin(), least.begin() + std::ptrdiff_t(start), is_start);
    return Numbers{static_cast<size_t>(characters), std::min(*from, *to)};
  }

  // The metrics from first_ on.
  void AssignScans() {
    size_t first_scan = plan_.scans.size();
    std::map<std::string, size_t> by_values;
    std::vector<size_t> anywhere;  // count(*): no column is read for it.
    std::vector<size_t> rows, late;
    bool by_column = profile_.reads_by_column && profile_.RowsOr0() >= kLargeRows;
    for (size_t i = first_; i < plan_.metrics.size(); i++) {
      if (plan_.metrics[i].known) continue;
      const Aggregate& aggregate = plan_.metrics[i].aggregate;
      bool all_known = true;
      std::set<std::string> columns = aggregate.Columns(&all_known);
      if (by_column && all_known && columns.empty()) {
        anywhere.push_back(i);
        continue;
      }
      bool by_value = by_column && columns.size() == 1 && aggregate.CanWeigh() &&
                      HasFewValues(*columns.begin());
      if (by_value) {
        auto [entry, is_new] = by_values.try_emplace(*columns.begin(), plan_.scans.size());
        if (is_new) plan_.scans.push_back({.values_of = *columns.begin()});
        plan_.scans[entry->second].metrics.push_back(i);
      } else if (aggregate.NeedsCount(profile_.dialect)) {
        size_t count = Metric(aggregate.CountOfValues());  // May add to what this loop walks.
        plan_.metrics[i].count_of = count;
        late.push_back(i);
      } else {
        rows.push_back(i);
      }
    }
    if (!rows.empty() || (plan_.scans.size() == first_scan && !anywhere.empty())) {
      rows.insert(rows.end(), anywhere.begin(), anywhere.end());
    } else if (!anywhere.empty()) {
      auto& last = plan_.scans.back().metrics;
      last.insert(last.end(), anywhere.begin(), anywhere.end());
    }
    AddScans(rows);
    AddScans(late);
  }

  size_t ItemsMax() const {
    bool has_few_rows = profile_.dialect == sql::Dialect::kDuckDb && profile_.reads_by_column &&
                        profile_.rows && *profile_.rows < kLargeRows;
    return has_few_rows ? kItemsOfFewRows : kItemsMax;
  }

  void AddScans(const std::vector<size_t>& metrics) {
    Scan scan;
    for (size_t metric : metrics) {
      if (!plan_.metrics[metric].aggregate.FitsScan(profile_.dialect)) {
        plan_.scans.push_back({.metrics = {metric}});
        continue;
      }
      scan.metrics.push_back(metric);
      if (scan.metrics.size() == ItemsMax()) plan_.scans.push_back(std::exchange(scan, {}));
    }
    if (!scan.metrics.empty()) plan_.scans.push_back(std::move(scan));
  }

  bool HasFewValues(const std::string& column) const {
    auto found = profile_.by_column.find(column);
    return found != profile_.by_column.end() && found->second.has_few_values;
  }

  Plan& plan_;
  const PlanInputs& inputs_;
  const Profile& profile_;
  size_t first_ = 0;
};

bool Wants(const Plan& plan, const Scan& scan, std::initializer_list<Aggregate::Kind> kinds) {
  return std::any_of(scan.metrics.begin(), scan.metrics.end(), [&](size_t metric) {
    Aggregate::Kind kind = plan.metrics[metric].aggregate.kind();
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  });
}

// How a statement that answers several groups names them.
struct Groups {
  explicit Groups(const std::vector<std::string>& group_by) : expressions(group_by) {
    for (size_t i = 0; i < group_by.size(); i++) names.push_back(GroupName(i));
  }

  // "1, 2, "
  std::string Places() const {
    std::string text;
    for (size_t i = 1; i <= names.size(); i++) text += fmt::format("{}, ", i);
    return text;
  }
  std::string GroupBy() const {
    std::string places = Places();
    return places.empty() ? "" : " GROUP BY " + places.substr(0, places.size() - 2);
  }
  std::string Partition() const {
    return names.empty() ? "" : "PARTITION BY " + Join(names, ", ") + " ";
  }
  std::string Named() const {
    std::string text;
    for (size_t i = 0; i < names.size(); i++) text += expressions[i] + " AS " + names[i] + ", ";
    return text;
  }

  // A count of different tuples: of tuples that begin with the group.
  std::string Alone(const std::string& statement) const {
    constexpr std::string_view kDistinct = "SELECT count(*) FROM (SELECT DISTINCT ";
    ASSERT(statement.starts_with(kDistinct));
    if (names.empty()) return statement;
    return fmt::format("SELECT {}, count(*) FROM (SELECT DISTINCT {}{} GROUP BY {}",
                       Join(names, ", "), Named(), statement.substr(kDistinct.size()),
                       Join(names, ", "));
  }

  const std::vector<std::string>& expressions;
  std::vector<std::string> names;
};

}  // namespace

Surroundings PlanInputs::Around(const CheckSpec& check) const {
  auto history = options.history.find(check.name);
  auto counts = options.counts.find(check.name);
  return {.columns = &columns,
          .table_name = options.table_name,
          .tables = &options.tables,
          .dialect = profile.dialect,
          .now = options.now,
          .history = history == options.history.end() ? nullptr : &history->second,
          .written_at = options.written_at,
          .counts = counts == options.counts.end() ? nullptr : &counts->second};
}

Args PlanInputs::ArgsOf(const CheckSpec& check, std::vector<Json> statistics) const {
  Surroundings around = Around(check);
  around.statistics = std::move(statistics);
  return Args(check.kwargs, std::move(around));
}

Plan MakePlan(const std::vector<CheckSpec>& checks, const PlanInputs& inputs) {
  Plan plan;
  Planner(&plan, inputs).Make(checks);
  return plan;
}

void PlanTheWaiting(Plan* plan, const PlanInputs& inputs,
                    const std::function<const Json*(size_t metric)>& value_of) {
  Planner(plan, inputs).MakeRest(value_of);
}

std::string GroupName(size_t i) { return sql::QuoteIdentifier(fmt::format("group {}", i)); }

std::vector<std::string> ScanItems(const Plan& plan, const Scan& scan, sql::Dialect dialect) {
  std::vector<std::string> items;
  for (size_t metric : scan.metrics) {
    const PlannedMetric& planned = plan.metrics[metric];
    items.push_back((planned.proof ? planned.proof->image : planned.aggregate).Print(dialect));
  }
  return items;
}

std::string ScanSql(const Plan& plan, const Scan& scan, std::string_view relation,
                    sql::Dialect dialect, const std::vector<std::string>& group_by) {
  const Aggregate& first = plan.metrics[scan.metrics[0]].aggregate;
  const Groups groups(group_by);
  if (!first.FitsScan(dialect)) return groups.Alone(first.PrintAlone(relation, dialect));
  if (scan.values_of.empty()) {
    std::vector<std::string> items = group_by;
    for (std::string& item : ScanItems(plan, scan, dialect)) items.push_back(std::move(item));
    return fmt::format("SELECT {} FROM {} AS checked{}", Join(items, ", "), relation,
                       groups.GroupBy());
  }
  std::string value = sql::QuoteIdentifier(scan.values_of),
              count = sql::QuoteIdentifier(kWeights.count);
  std::string counts = fmt::format("(SELECT {}{}, count(*) AS {} FROM {} AS checked GROUP BY {}{})",
                                   groups.Named(), value, count, relation, groups.Places(), value);
  return WeighedSql(plan, scan, counts, dialect, group_by);
}

std::string WeighedSql(const Plan& plan, const Scan& scan, std::string_view counts,
                       sql::Dialect dialect, const std::vector<std::string>& group_by) {
  const Groups groups(group_by);
  std::vector<std::string> items = groups.names;
  for (size_t metric : scan.metrics)
    items.push_back(plan.metrics[metric].aggregate.PrintWeighted(kWeights, dialect));
  std::string value = sql::QuoteIdentifier(scan.values_of),
              count = sql::QuoteIdentifier(kWeights.count);
  std::string select = "SELECT " + Join(items, ", ") + " FROM ";
  using Kind = Aggregate::Kind;
  if (!Wants(plan, scan, {Kind::kQuantiles, Kind::kMedian, Kind::kStdDev}))
    return fmt::format("{}{} AS counts{}", select, counts, groups.GroupBy());
  std::string partition = groups.Partition(), mean;
  std::string filled = fmt::format("FILTER (WHERE {} IS NOT NULL) OVER ({})", value, partition);
  if (Wants(plan, scan, {Kind::kStdDev}))
    mean = fmt::format(", sum({0}::DOUBLE * {1}) {2} / sum({1}) {2} AS {3}", value, count, filled,
                       sql::QuoteIdentifier(kWeights.mean));
  return select +
         fmt::format(
             "(SELECT *, sum({0}) OVER ({6}ORDER BY {1} NULLS LAST) AS {2}, sum({0}) {3} AS {4}{5} "
             "FROM {7} AS counts) AS ordered",
             count, value, sql::QuoteIdentifier(kWeights.upto), filled,
             sql::QuoteIdentifier(kWeights.total), mean, partition, counts) +
         groups.GroupBy();
}

}  // namespace andon::quality
