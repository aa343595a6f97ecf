#include "quality/batch_counts.h"

#include "base/text.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using sql::Aggregate;
using sql::Dialect;
using sql::QuoteIdentifier;

constexpr std::string_view kTable = "\"andon counts of batches\"";
constexpr std::string_view kSet = "\"counted by\"";
// Columns are counted together, by all that stand beside one another, while a batch has no more
// groups than this: hashing a row once more costs more than adding the groups up.
constexpr int64_t kTogetherMax = 1'000;

std::string MetricName(size_t i) { return QuoteIdentifier(fmt::format("metric {}", i)); }

// The function that makes a metric of the whole from those of its parts; empty: there is none.
std::string_view Merged(const Aggregate& aggregate) {
  switch (aggregate.kind()) {
    case Aggregate::Kind::kCountRows:
    case Aggregate::Kind::kCount:
    case Aggregate::Kind::kCountIf:
      return "sum";
    case Aggregate::Kind::kMin:
      return "min";
    case Aggregate::Kind::kMax:
      return "max";
    default:
      return {};
  }
}

class Counts {
 public:
  Counts(const Plan& plan, const std::vector<Scan>& scans, const Profile& profile,
         const std::vector<std::string>& keys)
      : plan_(plan), scans_(scans), keys_(keys) {
    for (size_t i = 0; i < keys.size(); i++) groups_.push_back(GroupName(i));
    for (const Scan& scan : scans) {
      if (!scan.values_of.empty()) Pack(scan.values_of, profile);
    }
    all_ = (int64_t{1} << values_.size()) - 1;
  }

  std::string Make(std::string_view relation) const {
    std::vector<std::string> items = groups_, keyed, sets;
    for (size_t i = 0; i < keys_.size(); i++) keyed.push_back(keys_[i] + " AS " + groups_[i]);
    for (const std::string& value : values_) items.push_back(QuoteIdentifier(value));
    for (const Set& set : sets_) {
      std::vector<std::string> by = groups_;
      for (size_t i : set.columns) by.push_back(QuoteIdentifier(values_[i]));
      sets.push_back("(" + Join(by, ", ") + ")");
    }
    if (const Scan* along = Along()) {
      for (size_t metric : along->metrics)
        items.push_back(AggregateOf(metric).Print(Dialect::kDuckDb) + " AS " + MetricName(metric));
      if (!CanMerge(*along)) sets.push_back("(" + Join(groups_, ", ") + ")");
    }
    // One bit for each column, the first one highest: 1 where the row is not of its counts.
    std::vector<std::string> quoted;
    for (const std::string& value : values_) quoted.push_back(QuoteIdentifier(value));
    items.push_back(fmt::format("grouping({}) AS {}", Join(quoted, ", "), kSet));
    items.push_back("count(*) AS " + QuoteIdentifier(kValueCount));
    return fmt::format(
        "CREATE OR REPLACE TEMPORARY TABLE {} AS SELECT {} FROM (SELECT *, {} FROM {} AS whole) AS "
        "checked GROUP BY GROUPING SETS ({})",
        kTable, Join(items, ", "), Join(keyed, ", "), relation, Join(sets, ", "));
  }

  std::string Ask(const Scan& scan) const {
    return scan.values_of.empty() ? AskAlong(scan) : AskValues(scan);
  }

 private:
  // Columns that are counted together, by place.
  struct Set {
    std::vector<size_t> columns;
    int64_t groups = 1;  // About so many in a batch.
  };

  void Pack(const std::string& column, const Profile& profile) {
    auto known = profile.by_column.find(column);
    int64_t values = known == profile.by_column.end() ? 0 : known->second.values;
    // Nobody looked: it may be many.
    int64_t groups = values > 0 ? values + 1 : kTogetherMax;
    const size_t place = values_.size();
    values_.push_back(column);
    for (Set& set : sets_) {
      if (set.groups * groups > kTogetherMax) continue;
      set.groups *= groups;
      set.columns.push_back(place);
      return;
    }
    sets_.push_back({.columns = {place}, .groups = groups});
  }

  const Aggregate& AggregateOf(size_t metric) const { return plan_.metrics[metric].aggregate; }

  const Scan* Along() const {
    for (const Scan& scan : scans_) {
      if (scan.values_of.empty()) return &scan;
    }
    return nullptr;
  }

  bool CanMerge(const Scan& along) const {
    for (size_t metric : along.metrics) {
      if (Merged(AggregateOf(metric)).empty()) return false;
    }
    return true;
  }

  // What `kSet` is in the rows of a set.
  int64_t Mark(const Set& set) const {
    int64_t mark = all_;
    for (size_t i : set.columns) mark -= int64_t{1} << (values_.size() - 1 - i);
    return mark;
  }

  std::string AskAlong(const Scan& scan) const {
    std::vector<std::string> items = groups_;
    if (!CanMerge(scan)) {
      for (size_t metric : scan.metrics) items.push_back(MetricName(metric));
      return fmt::format("SELECT {} FROM {} WHERE {} = {}", Join(items, ", "), kTable, kSet, all_);
    }
    for (size_t metric : scan.metrics) {
      const std::string_view merged = Merged(AggregateOf(metric));
      items.push_back(
          fmt::format("{}({}){}", merged, MetricName(metric), merged == "sum" ? "::BIGINT" : ""));
    }
    return fmt::format("SELECT {} FROM {} WHERE {} = {} GROUP BY {}", Join(items, ", "), kTable,
                       kSet, Mark(sets_[0]), Join(groups_, ", "));
  }

  std::string AskValues(const Scan& scan) const {
    const std::string by = Join(groups_, ", ") + ", " + QuoteIdentifier(scan.values_of),
                      count = QuoteIdentifier(kValueCount);
    const std::string counts =
        fmt::format("(SELECT {}, sum({})::BIGINT AS {} FROM {} WHERE {} = {} GROUP BY {})", by,
                    count, count, kTable, kSet, Mark(SetOf(scan.values_of)), by);
    return WeighedSql(plan_, scan, counts, Dialect::kDuckDb, keys_);
  }

  const Set& SetOf(const std::string& column) const {
    for (const Set& set : sets_) {
      for (size_t i : set.columns) {
        if (values_[i] == column) return set;
      }
    }
    return sets_[0];
  }

  const Plan& plan_;
  const std::vector<Scan>& scans_;
  const std::vector<std::string>& keys_;
  std::vector<std::string> groups_;  // The keys, by name.
  std::vector<std::string> values_;  // The counted columns.
  std::vector<Set> sets_;
  int64_t all_ = 0;
};

}  // namespace

bool IsCountedAlong(const Aggregate& aggregate) {
  return !Merged(aggregate).empty() || aggregate.kind() == Aggregate::Kind::kSum ||
         aggregate.kind() == Aggregate::Kind::kMean;
}

BatchCounts CountTogether(const Plan& plan, const std::vector<Scan>& scans, const Profile& profile,
                          std::string_view relation, const std::vector<std::string>& keys) {
  const Counts counts(plan, scans, profile, keys);
  BatchCounts together{.make = counts.Make(relation),
                       .drop = fmt::format("DROP TABLE IF EXISTS {}", kTable)};
  for (const Scan& scan : scans) together.parts.push_back({scan, counts.Ask(scan)});
  return together;
}

}  // namespace andon::quality
