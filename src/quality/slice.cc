#include "quality/slice.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "base/text.h"
#include "sql/expr.h"

namespace andon::quality {
namespace {

// Bounds of the search: columns looked at, conditions combined, rows below which nothing is said.
constexpr size_t kColumnsMax = 40;
constexpr size_t kConditionsMax = 16;
constexpr int64_t kRowsMin = 20;
// Whole numbers that differ in more than this share of the rows are names of things, not measures
// (the count of different ones is an estimate). A column of at most kFewValues different ones can
// be compared for equality.
constexpr double kNamesShare = 0.5;
constexpr int64_t kFewValues = 1000;
// Another condition must leave this share of the slice's rows at most, or it only adds words.
constexpr double kShrinkMin = 0.8;
// A bound rounded to a day may let in this many more rows.
constexpr double kRoundingMax = 1.1;

const char* const kIsBad = "\"is bad\"";

struct Condition {
  SliceCondition said;
  std::string sql;
  int64_t rows = 0;
  int64_t bad = 0;
  int rounded_from = -1;  // The exact bound that this one rounds, by index.
  int64_t values = 0;     // That it was chosen among.
};

struct Column {
  sql::ColumnInfo info;
  int64_t different = 0;
  Json least, most, least_bad, most_bad, common_bad;
};

// One row of the table of masks: which conditions hold, for how many rows and bad rows.
struct Mask {
  uint32_t holds;
  int64_t rows;
  int64_t bad;
};

struct Choice {
  uint32_t conditions = 0;
  int64_t rows = 0;
  int64_t bad = 0;
  double log_chance = 0;
};

// ln n! / k! (n-k)!
double LogChoose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

// ln of how likely chance puts `hits` or more of `marked` rows into `drawn` of all `rows`.
double LogChance(double rows, double marked, double drawn, double hits) {
  if (hits * rows <= drawn * marked) return 0;  // No more than is to be expected.
  double first =
      LogChoose(marked, hits) + LogChoose(rows - marked, drawn - hits) - LogChoose(rows, drawn);
  // From here on each further hit is less likely by a factor that falls.
  double sum = 1, term = 1;
  for (double i = hits; i < std::min(marked, drawn) && term > 1e-9 * sum; i++) {
    term *= (marked - i) * (drawn - i) / ((i + 1) * (rows - marked - drawn + i + 1));
    sum += term;
  }
  return std::min(0.0, first + std::log(sum));
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Finder {
 public:
  Finder(sql::Connection& connection, std::string_view relation, std::string_view bad_rows_sql,
         const SliceOptions& options)
      : connection_(connection), options_(options) {
    from_ = fmt::format("(SELECT *, coalesce(({}), FALSE) AS {} FROM {} AS checked) AS marked",
                        bad_rows_sql, kIsBad, relation);
  }

  Result<std::optional<Slice>> Find(const std::vector<sql::ColumnInfo>& columns) {
    std::vector<Column> candidates = TRY(ReadColumns(columns));
    if (rows_ < kRowsMin || bad_ == 0 || bad_ == rows_) return std::optional<Slice>();
    for (const Column& column : candidates) AddConditions(column);
    TRY(CountConditions());
    KeepBest();
    if (conditions_.empty()) return std::optional<Slice>();
    std::vector<Mask> masks = TRY(ReadMasks());
    std::optional<Choice> choice = Choose(masks);
    if (!choice) return std::optional<Slice>();
    return std::optional<Slice>(Build(*choice));
  }

 private:
  bool IsCandidate(const sql::ColumnInfo& column) const {
    if (Contains(options_.ignored_columns, column.name) || Contains(options_.key, column.name) ||
        column.name == "file_row_number")
      return false;
    sql::TypeClass type = sql::ClassOf(column.type);
    return type != sql::TypeClass::kNested && type != sql::TypeClass::kBinary &&
           type != sql::TypeClass::kUuid;
  }

  Result<std::vector<Column>> ReadColumns(const std::vector<sql::ColumnInfo>& columns) {
    std::vector<Column> candidates;
    std::vector<std::string> key;
    for (const std::string& column : options_.key) key.push_back(sql::QuoteIdentifier(column));
    std::string event = key.empty() ? "*" : "DISTINCT row(" + Join(key, ", ") + ")";
    std::vector<std::string> items = {"count(*)", fmt::format("count(*) FILTER (WHERE {})", kIsBad),
                                      fmt::format("count({}) FILTER (WHERE {})", event, kIsBad)};
    for (const sql::ColumnInfo& column : columns) {
      if (!IsCandidate(column) || candidates.size() == kColumnsMax) continue;
      candidates.push_back({.info = column});
      std::string name = sql::QuoteIdentifier(column.name);
      items.push_back(fmt::format(
          "approx_count_distinct({0}), min({0}), max({0}), min({0}) FILTER (WHERE {1}), "
          "max({0}) FILTER (WHERE {1}), mode({0}) FILTER (WHERE {1})",
          name, kIsBad));
    }
    sql::ResultSet row = TRY(
        connection_.Query("SELECT " + Join(items, ", ") + " FROM " + from_, {}, options_.query));
    rows_ = row.Integer(0, 0);
    bad_ = row.Integer(0, 1);
    events_ = row.Integer(0, 2);
    for (size_t i = 0; i < candidates.size(); i++) {
      size_t at = 3 + 6 * i;
      candidates[i].different = row.Integer(0, at);
      candidates[i].least = row.ToJson(0, at + 1);
      candidates[i].most = row.ToJson(0, at + 2);
      candidates[i].least_bad = row.ToJson(0, at + 3);
      candidates[i].most_bad = row.ToJson(0, at + 4);
      candidates[i].common_bad = row.ToJson(0, at + 5);
    }
    return candidates;
  }

  void Add(const Column& column, sql::Comparison comparison, std::string op, Json value,
           int rounded_from = -1) {
    sql::Expr literal = sql::Expr::Literal(value, column.info.type);
    sql::Expr condition = Compare(sql::Expr::Column(column.info.name), comparison, literal);
    conditions_.push_back({{column.info.name, std::move(op), std::move(value)},
                           condition.Print(),
                           0,
                           0,
                           rounded_from,
                           comparison == sql::Comparison::kEqual ? column.different : events_});
  }

  void AddConditions(const Column& column) {
    sql::TypeClass type = sql::ClassOf(column.info.type);
    bool is_time = type == sql::TypeClass::kDate || type == sql::TypeClass::kTimestamp;
    bool is_whole = column.info.type == "int" || column.info.type == "long";
    bool differs = double(column.different) > kNamesShare * double(rows_);
    if (column.different < 2 || column.least_bad.is_null() || (differs && is_whole)) return;
    if (column.different <= kFewValues && !differs)
      Add(column, sql::Comparison::kEqual, "=", column.common_bad);
    if (type != sql::TypeClass::kNumber && !is_time) return;
    if (Contains(options_.name_columns, column.info.name)) return;
    if (column.least_bad != column.least) {
      Add(column, sql::Comparison::kGreaterOrEqual, ">=", column.least_bad);
      if (type == sql::TypeClass::kTimestamp) {
        int exact = static_cast<int>(conditions_.size()) - 1;
        Add(column, sql::Comparison::kGreaterOrEqual,
            ">=", column.least_bad.AsString().substr(0, 10), exact);
      }
    }
    if (column.most_bad != column.most) {
      Add(column, sql::Comparison::kLessOrEqual, "<=", column.most_bad);
      std::string next =
          type == sql::TypeClass::kTimestamp ? DayAfter(column.most_bad.AsString()) : "";
      if (!next.empty())
        Add(column, sql::Comparison::kLess, "<", next, static_cast<int>(conditions_.size()) - 1);
    }
  }

  static std::string DayAfter(const std::string& timestamp) {
    Result<Timestamp> day = ParseTimestamp(timestamp.substr(0, 10));
    return day.ok() ? ToRfc3339(*day + std::chrono::hours(24)).substr(0, 10) : "";
  }

  Result<void> CountConditions() {
    if (conditions_.empty()) return {};
    std::vector<std::string> items;
    for (const Condition& condition : conditions_) {
      items.push_back(
          fmt::format("count(*) FILTER (WHERE {0}), count(*) FILTER (WHERE {0} AND {1})",
                      condition.sql, kIsBad));
    }
    sql::ResultSet row = TRY(
        connection_.Query("SELECT " + Join(items, ", ") + " FROM " + from_, {}, options_.query));
    for (size_t i = 0; i < conditions_.size(); i++) {
      conditions_[i].rows = row.Integer(0, 2 * i);
      conditions_[i].bad = row.Integer(0, 2 * i + 1);
    }
    return {};
  }

  bool Covers(int64_t bad) const { return double(bad) >= options_.coverage_min * double(bad_); }

  // Of an exact bound and its rounded one, the latter where it costs little; then those that
  // leave the fewest rows.
  void KeepBest() {
    std::set<int> replaced;
    for (const Condition& condition : conditions_) {
      if (condition.rounded_from < 0) continue;
      const Condition& exact = conditions_[static_cast<size_t>(condition.rounded_from)];
      // Judged by what it adds to the whole: inside a slice of two conditions it adds less.
      bool is_close = double(condition.rows) <= kRoundingMax * double(exact.rows) ||
                      double(condition.rows - exact.rows) <= 0.05 * double(rows_);
      if (is_close) replaced.insert(condition.rounded_from);
    }
    std::vector<Condition> kept;
    for (size_t i = 0; i < conditions_.size(); i++) {
      Condition& condition = conditions_[i];
      bool is_dropped = condition.rounded_from >= 0 ? !replaced.contains(condition.rounded_from)
                                                    : replaced.contains(static_cast<int>(i));
      if (!is_dropped && Covers(condition.bad) && condition.rows < rows_)
        kept.push_back(std::move(condition));
    }
    std::stable_sort(kept.begin(), kept.end(),
                     [](const auto& a, const auto& b) { return a.rows < b.rows; });
    tried_ = static_cast<double>(conditions_.size());
    if (kept.size() > kConditionsMax) kept.resize(kConditionsMax);
    conditions_ = std::move(kept);
  }

  Result<std::vector<Mask>> ReadMasks() {
    std::vector<std::string> bits;
    for (size_t i = 0; i < conditions_.size(); i++) {
      bits.push_back(
          fmt::format("CASE WHEN {} THEN {} ELSE 0 END", conditions_[i].sql, uint32_t{1} << i));
    }
    sql::ResultSet rows = TRY(connection_.Query(
        fmt::format("SELECT {} AS mask, count(*), count(*) FILTER (WHERE {}) FROM {} GROUP BY mask",
                    Join(bits, " + "), kIsBad, from_),
        {}, options_.query));
    std::vector<Mask> masks;
    for (int64_t i = 0; i < rows.row_count(); i++) {
      masks.push_back(
          {static_cast<uint32_t>(rows.Integer(i, 0)), rows.Integer(i, 1), rows.Integer(i, 2)});
    }
    return masks;
  }

  static Choice Measure(uint32_t conditions, const std::vector<Mask>& masks) {
    Choice choice{.conditions = conditions};
    for (const Mask& mask : masks) {
      if ((mask.holds & conditions) != conditions) continue;
      choice.rows += mask.rows;
      choice.bad += mask.bad;
    }
    return choice;
  }

  // Whether chance would not give it: bad rows must be denser inside, and so many of them must
  // be unlikely to fall into a slice of that size, over all slices that were tried (Bonferroni's
  // bound, which errs on the silent side).
  bool IsSignificant(Choice& choice, double slices) const {
    if (choice.rows == 0 || !Covers(choice.bad)) return false;
    double share = double(choice.bad) / double(choice.rows), overall = double(bad_) / double(rows_);
    if (share < options_.lift_min * overall) return false;
    double events = double(events_);
    double inside = std::floor(events * double(choice.bad) / double(bad_));
    double chance = LogChance(double(rows_), events, double(choice.rows), inside);
    // A condition is fitted to the bad rows, which is as much as trying each of its values.
    double fitted = 0;
    for (size_t i = 0; i < conditions_.size(); i++) {
      if (choice.conditions >> i & 1) fitted += std::log(double(conditions_[i].values) + 1);
    }
    chance += fitted + std::log(slices);
    choice.log_chance = chance;
    return chance < std::log(options_.significance);
  }

  // Full coverage before partial, fewer rows before more; a further condition must pay.
  bool IsBetter(const Choice& a, const Choice& b) const {
    bool a_full = a.bad == bad_, b_full = b.bad == bad_;
    if (a_full != b_full) return a_full;
    double a_rows = double(a.rows), b_rows = double(b.rows);
    int a_size = std::popcount(a.conditions), b_size = std::popcount(b.conditions);
    if (a_size > b_size) return a_rows <= b_rows * std::pow(kShrinkMin, a_size - b_size);
    if (a_size < b_size) return a_rows * std::pow(kShrinkMin, b_size - a_size) < b_rows;
    if (!a_full && a.bad != b.bad) return double(a.bad) / a_rows > double(b.bad) / b_rows;
    return a.rows < b.rows;
  }

  bool HasTwoOfOneColumn(uint32_t conditions) const {
    std::set<std::string> equals;
    std::set<std::string> seen;
    for (size_t i = 0; i < conditions_.size(); i++) {
      if (!(conditions >> i & 1)) continue;
      const SliceCondition& said = conditions_[i].said;
      std::string side = said.column + (said.op == "=" ? "=" : said.op == ">=" ? ">" : "<");
      if (!seen.insert(side).second) return true;
      if (said.op == "=") equals.insert(said.column);
    }
    for (const std::string& column : equals) {
      if (seen.contains(column + ">") || seen.contains(column + "<")) return true;
    }
    return false;
  }

  std::optional<Choice> Choose(const std::vector<Mask>& masks) const {
    int most = std::clamp(options_.conditions_max, 1, 3);
    double slices = tried_ + (most > 1 ? tried_ * tried_ / 2 : 0) +
                    (most > 2 ? tried_ * tried_ * tried_ / 6 : 0);
    std::optional<Choice> best;
    uint32_t end = uint32_t{1} << conditions_.size();
    for (int size = 1; size <= most; size++) {
      for (uint32_t set = 1; set < end; set++) {
        if (std::popcount(set) != size || HasTwoOfOneColumn(set)) continue;
        Choice choice = Measure(set, masks);
        if (IsSignificant(choice, std::max(slices, 1.0)) && (!best || IsBetter(choice, *best)))
          best = choice;
      }
    }
    return best;
  }

  Slice Build(const Choice& choice) const {
    Slice slice{.bad_rows = bad_,
                .bad_rows_inside = choice.bad,
                .rows = rows_,
                .rows_inside = choice.rows,
                .log_chance = choice.log_chance};
    std::vector<const Condition*> chosen;
    for (size_t i = 0; i < conditions_.size(); i++) {
      if (choice.conditions >> i & 1) chosen.push_back(&conditions_[i]);
    }
    // Equalities first: "staff_id = 2 and payment_date ≥ 2005-08-20".
    std::stable_partition(chosen.begin(), chosen.end(),
                          [](const Condition* c) { return c->said.op == "="; });
    std::vector<std::string> parts;
    for (const Condition* condition : chosen) {
      slice.conditions.push_back(condition->said);
      parts.push_back(condition->sql);
    }
    slice.sql = Join(parts, " AND ");
    return slice;
  }

  sql::Connection& connection_;
  const SliceOptions& options_;
  std::string from_;
  int64_t rows_ = 0;
  int64_t bad_ = 0;
  int64_t events_ = 0;  // Bad rows, those of one key once.
  double tried_ = 0;
  std::vector<Condition> conditions_;
};

std::string Percent(double share) {
  double percent = share * 100;
  if (percent > 0 && percent < 1) return fmt::format("{:.1f} %", percent);
  return fmt::format("{:.0f} %", percent);
}

}  // namespace

std::string SliceCondition::ToText() const {
  std::string sign = op == ">=" ? "≥" : op == "<=" ? "≤" : op;
  return fmt::format("{} {} {}", column, sign, value.is_string() ? value.AsString() : value.Dump());
}

std::string Slice::ToText() const {
  std::vector<std::string> parts;
  for (const SliceCondition& condition : conditions) parts.push_back(condition.ToText());
  return fmt::format("{} of the {} failing {} {} {}; they are {} of that slice's {}",
                     WithThousands(bad_rows_inside), WithThousands(bad_rows),
                     bad_rows == 1 ? "row" : "rows", bad_rows_inside == 1 ? "has" : "have",
                     Join(parts, " and "), Percent(share()), Count(rows_inside, "row"));
}

std::string Slice::ToTextWithChance() const {
  // A whole power of ten, rounded to the silent side; beyond a million million it says no more.
  constexpr double kDigitsMax = 12;
  const double digits = std::min(kDigitsMax, std::floor(-log_chance / std::log(10.0)));
  if (digits < 1) return ToText();
  return fmt::format("{}; by chance: less than 1 in {}", ToText(),
                     WithThousands(static_cast<int64_t>(std::llround(std::pow(10.0, digits)))));
}

Json Slice::ToJson() const {
  Json list = Json::List();
  for (const SliceCondition& condition : conditions) {
    list.Push(Json::Object(
        {{"column", condition.column}, {"op", condition.op}, {"value", condition.value}}));
  }
  return Json::Object({{"text", ToText()},
                       {"conditions", std::move(list)},
                       {"bad_rows", bad_rows},
                       {"bad_rows_inside", bad_rows_inside},
                       {"rows", rows},
                       {"rows_inside", rows_inside},
                       {"coverage", coverage()},
                       {"share", share()},
                       {"log_chance", log_chance},
                       {"sql", sql}});
}

Result<std::optional<Slice>> FindSlice(sql::Connection& connection, std::string_view relation,
                                       const std::vector<sql::ColumnInfo>& columns,
                                       std::string_view bad_rows_sql, const SliceOptions& options) {
  if (bad_rows_sql.empty()) return std::optional<Slice>();
  return Finder(connection, relation, bad_rows_sql, options).Find(columns);
}

}  // namespace andon::quality
