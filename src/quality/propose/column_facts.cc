#include "quality/propose/column_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace andon::quality {
namespace {

using sql::TypeClass;

constexpr int64_t kSampleMax = 200;
// Estimates of distinct values are wrong by less than this share.
constexpr double kEstimateError = 0.2;

bool HasOrder(const ColumnFacts& facts) {
  TypeClass kind = sql::ClassOf(facts.type);
  return kind == TypeClass::kNumber || kind == TypeClass::kDate || kind == TypeClass::kTimestamp;
}

bool IsText(const ColumnFacts& facts) { return sql::ClassOf(facts.type) == TypeClass::kString; }

bool IsComparable(const ColumnFacts& facts) {
  TypeClass kind = sql::ClassOf(facts.type);
  return kind != TypeClass::kNested && kind != TypeClass::kBinary;
}

class Reader {
 public:
  Reader(sql::Session& session, std::string_view relation, const sql::QueryOptions& query)
      : session_(session), relation_(relation), query_(query) {}

  Result<std::vector<ColumnFacts>> Run(const std::vector<sql::TableColumn>& columns) {
    for (const sql::TableColumn& column : columns)
      facts_.push_back(
          {.name = column.name, .type = column.type, .native_type = column.native_type});
    TRY(Counts());
    for (ColumnFacts& facts : facts_) {
      if (!facts.is_known) continue;
      TRY(CountExactly(facts));
      TRY(ReadValues(facts));
      TRY(ReadSample(facts));
    }
    return std::move(facts_);
  }

 private:
  bool can_estimate() const { return session_.dialect() == sql::Dialect::kDuckDb; }

  std::string Items(const ColumnFacts& facts) const {
    std::string c = sql::QuoteIdentifier(facts.name);
    std::string distinct = can_estimate() ? "approx_count_distinct" : "count";
    std::string out =
        fmt::format("count({0}), {1}({2}{0})", c, distinct, can_estimate() ? "" : "DISTINCT ");
    std::string ordered = HasOrder(facts) ? c : "NULL";
    std::string length = IsText(facts) ? fmt::format("length({})", c) : "NULL";
    return out + fmt::format(
                     ", CAST(min({0}) AS VARCHAR(80)), CAST(max({0}) AS VARCHAR(80)), "
                     "min({1}), max({1})",
                     ordered, length);
  }

  // One statement for all columns; where a column breaks it, one for each.
  Result<void> Counts() {
    std::vector<ColumnFacts*> all;
    for (ColumnFacts& facts : facts_) {
      if (IsComparable(facts)) all.push_back(&facts);
    }
    auto done = CountsOf(all);
    if (done.ok() || EndsAll(done.error())) return done;
    for (ColumnFacts* facts : all) {
      auto one = CountsOf({facts});
      if (!one.ok() && EndsAll(one.error())) return one;
    }
    return {};
  }

  static bool EndsAll(const Error& error) {
    return error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kUnavailable;
  }

  Result<void> CountsOf(const std::vector<ColumnFacts*>& columns) {
    std::string items = "count(*)";
    for (const ColumnFacts* facts : columns) items += ", " + Items(*facts);
    auto row =
        TRY(session_.Query(fmt::format("SELECT {} FROM {} AS seen", items, relation_), {}, query_));
    if (row.empty()) return {};
    size_t at = 1;
    for (ColumnFacts* facts : columns) {
      facts->is_known = true;
      facts->rows = row.Integer(0, 0);
      facts->nulls = facts->rows - row.Integer(0, at);
      facts->distinct = row.Integer(0, at + 1);
      facts->is_unique = !can_estimate() && facts->distinct == facts->present();
      facts->min = row.Bytes(0, at + 2);
      facts->max = row.Bytes(0, at + 3);
      facts->length_min = row.Integer(0, at + 4);
      facts->length_max = row.Integer(0, at + 5);
      at += 6;
    }
    // Columns that cannot be compared have rows and nulls all the same.
    for (ColumnFacts& facts : facts_) facts.rows = row.Integer(0, 0);
    return {};
  }

  // An estimate that is near all, or near few, is counted.
  Result<void> CountExactly(ColumnFacts& facts) {
    bool may_be_all = facts.distinct >= double(facts.present()) * (1 - kEstimateError);
    bool may_be_few = facts.distinct <= double(kFewValuesMax) * (1 + kEstimateError) + 1;
    if (!can_estimate() || (!may_be_all && !may_be_few)) return {};
    auto row = TRY(session_.Query(fmt::format("SELECT count(DISTINCT {}) FROM {} AS seen",
                                              sql::QuoteIdentifier(facts.name), relation_),
                                  {}, query_));
    facts.distinct = row.Integer(0, 0);
    facts.is_unique = facts.distinct == facts.present();
    return {};
  }

  Result<void> ReadValues(ColumnFacts& facts) {
    TypeClass kind = sql::ClassOf(facts.type);
    bool can_be_words = kind == TypeClass::kString || facts.type == "int" || facts.type == "long";
    if (!can_be_words || facts.distinct == 0 || facts.distinct > kFewValuesMax) return {};
    auto rows = TRY(session_.Query(
        fmt::format("SELECT {0}, count(*) FROM {1} AS seen WHERE {0} IS NOT NULL GROUP BY 1 ORDER "
                    "BY 2 DESC, 1",
                    sql::QuoteIdentifier(facts.name), relation_),
        {}, query_));
    for (int64_t i = 0; i < rows.row_count(); ++i) {
      Json value = kind == TypeClass::kString ? Json(rows.Bytes(i, 0)) : Json(rows.Integer(i, 0));
      facts.values.emplace_back(std::move(value), rows.Integer(i, 1));
    }
    return {};
  }

  Result<void> ReadSample(ColumnFacts& facts) {
    if (!IsText(facts) || facts.distinct == 0) return {};
    auto rows = TRY(session_.Query(
        fmt::format("SELECT DISTINCT {0} FROM {1} AS seen WHERE {0} IS NOT NULL LIMIT {2}",
                    sql::QuoteIdentifier(facts.name), relation_, kSampleMax),
        {}, query_));
    for (int64_t i = 0; i < rows.row_count(); ++i) facts.sample.push_back(rows.Bytes(i, 0));
    return {};
  }

  sql::Session& session_;
  std::string_view relation_;
  const sql::QueryOptions& query_;
  std::vector<ColumnFacts> facts_;
};

}  // namespace

Result<std::vector<ColumnFacts>> ReadColumnFacts(sql::Session& session, std::string_view relation,
                                                 const std::vector<sql::TableColumn>& columns,
                                                 const sql::QueryOptions& query) {
  return Reader(session, relation, query).Run(columns);
}

}  // namespace andon::quality
