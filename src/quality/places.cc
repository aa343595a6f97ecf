#include "quality/places.h"

#include <algorithm>

#include "base/text.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using Kind = sql::Aggregate::Kind;

// Rows of the sample, and of bad rows how many may be listed: some 30 bytes each.
constexpr int64_t kSampledRows = 20'000;
constexpr int64_t kListedMax = 100'000;
// A complete result lists so many bad rows that a statement of its own is as good.
constexpr int64_t kShownMax = 1'000;
// From here on a list is no obstacle to several processes of the server.
constexpr int kParallelVersion = 16;

int64_t ShownMax(const RunOptions& options) {
  if (options.result_format.level == ResultFormat::Level::kComplete) return kShownMax + 1;
  return std::max<int64_t>(options.sample_rows, options.result_format.partial_unexpected_count);
}

// Neither a view nor a subquery; of a partitioned table a place is not one row's alone.
bool HasPlaces(sql::Session& session, std::string_view relation, const sql::QueryOptions& query) {
  auto kind = session.Query("SELECT relkind::text FROM pg_class WHERE oid = to_regclass($1)",
                            {{.value = std::string(relation)}}, query);
  return kind.ok() && !kind->empty() && (kind->Bytes(0, 0) == "r" || kind->Bytes(0, 0) == "m");
}

// Lists stop the server from counting in parallel, unless something else does already.
bool IsSerialAnyway(sql::Session& session, const Plan& plan, const Scan& scan) {
  std::string name = session.Name();  // "PostgreSQL 15.18"
  size_t space = name.find(' ');
  if (space != std::string::npos && std::atoi(name.c_str() + space) >= kParallelVersion)
    return true;
  return std::any_of(scan.metrics.begin(), scan.metrics.end(), [&](size_t metric) {
    Kind kind = plan.metrics[metric].aggregate.kind();
    return kind == Kind::kCountDistinct || kind == Kind::kQuantiles || kind == Kind::kMedian;
  });
}

// How the check's bad rows are counted in the scan; nothing where they are not.
std::optional<Placed> PlacedOf(const Plan& plan, const Scan& scan, size_t index) {
  const PlannedCheck& check = plan.checks[index];
  bool is_counted = check.by == AnsweredBy::kScan && check.key.empty() && check.unexpected &&
                    !check.spared_by && !check.expectation->judge;
  if (!is_counted) return {};
  auto in_scan = [&](size_t metric) {
    return std::find(scan.metrics.begin(), scan.metrics.end(), metric) != scan.metrics.end();
  };
  if (check.expectation->judges_nulls) {
    // Rows and judged ones are counted; the bad ones are those of one kind or the other.
    if (check.metrics.size() < 2 || !in_scan(check.metrics[1])) return {};
    sql::Aggregate bad = sql::Aggregate::CountIf(*check.unexpected);
    return Placed{.check = index, .bad = check.filter ? bad.Where(*check.filter) : bad};
  }
  if (check.metrics.size() < 3 || !in_scan(check.metrics[2])) return {};
  const sql::Aggregate& bad = plan.metrics[check.metrics[2]].aggregate;
  if (bad.kind() != Kind::kCountIf) return {};
  return Placed{.check = index, .bad = bad, .metric = check.metrics[2]};
}

}  // namespace

Result<std::vector<Placed>> ChoosePlaced(sql::Session& session, std::string_view relation,
                                         const Plan& plan, const Scan& scan, const Profile& profile,
                                         const RunOptions& options) {
  const int64_t shown = ShownMax(options);
  bool is_wanted = profile.may_have_places && scan.values_of.empty() && shown > 0 &&
                   shown <= kShownMax &&
                   options.result_format.level != ResultFormat::Level::kBooleanOnly;
  if (!is_wanted || !IsSerialAnyway(session, plan, scan)) return std::vector<Placed>{};
  std::vector<Placed> placed;
  for (size_t i = 0; i < plan.checks.size(); i++) {
    if (auto one = PlacedOf(plan, scan, i)) placed.push_back(std::move(*one));
  }
  if (!placed.empty() && !HasPlaces(session, relation, options.query)) placed.clear();
  const int64_t rows = profile.RowsOr0();
  if (rows <= kListedMax || placed.empty()) return placed;

  std::vector<std::string> items = {"count(*)"};
  for (const Placed& one : placed) items.push_back(one.bad.Print(profile.dialect));
  // The same blocks each time: a check of the same data gives the same statements.
  std::string sql =
      fmt::format("SELECT {} FROM {} AS checked TABLESAMPLE SYSTEM ({:.6f}) REPEATABLE (1)",
                  Join(items, ", "), relation, 100.0 * double(kSampledRows) / double(rows));
  Result<sql::ResultSet> sample = session.Query(sql, {}, options.query);
  if (!sample.ok()) {
    if (sample.error().kind == ErrorKind::kInterrupted) return std::move(sample).error();
    return std::vector<Placed>{};  // The scan says for itself what is wrong.
  }
  const auto sampled = double(std::max<int64_t>(1, sample->Integer(0, 0)));
  std::vector<Placed> seldom;
  for (size_t i = 0; i < placed.size(); i++) {
    double bad = double(sample->Integer(0, i + 1)) / sampled * double(rows);
    if (bad <= double(kListedMax)) seldom.push_back(std::move(placed[i]));
  }
  return seldom;
}

std::string ScanWithPlacesSql(const Plan& plan, const Scan& scan, const std::vector<Placed>& placed,
                              std::string_view relation, const RunOptions& options) {
  constexpr auto kDialect = sql::Dialect::kPostgres;
  std::vector<std::string> items = ScanItems(plan, scan, kDialect), given;
  auto list = [&](size_t i) { return placed[i].bad.PrintListed("ctid", kDialect); };
  for (size_t i = 0; i < placed.size(); i++) {
    if (!placed[i].metric) continue;
    auto at = std::find(scan.metrics.begin(), scan.metrics.end(), *placed[i].metric);
    // The same list as below, which the server makes once.
    items[static_cast<size_t>(at - scan.metrics.begin())] =
        "coalesce(cardinality(" + list(i) + "), 0)";
  }
  for (size_t i = 0; i < items.size(); i++) {
    given.push_back(fmt::format("m{}", i));
    items[i] += fmt::format(" AS m{}", i);
  }
  for (size_t i = 0; i < placed.size(); i++) {
    items.push_back(fmt::format("{} AS p{}", list(i), i));
    given.push_back(
        fmt::format("ARRAY(SELECT place FROM unnest(p{}) AS place ORDER BY place LIMIT {})::text",
                    i, ShownMax(options)));
  }
  return fmt::format("SELECT {} FROM (SELECT {} FROM {} AS checked) AS counted", Join(given, ", "),
                     Join(items, ", "), relation);
}

std::string RowsAt(std::string_view relation, std::string_view places) {
  return fmt::format("(SELECT * FROM {} AS placed WHERE ctid = ANY ({}::tid[]))", relation,
                     sql::QuoteLiteral(places));
}

}  // namespace andon::quality
