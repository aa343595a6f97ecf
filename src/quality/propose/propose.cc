#include "quality/propose/propose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "quality/propose/column_facts.h"
#include "quality/propose/text_shape.h"

namespace andon::quality {
namespace {

using sql::TypeClass;

// So few rows say nothing about the next ones: no ranges, sets or forms.
constexpr int64_t kRowsToLearnFrom = 50;
// A value of a set was seen that often, on average.
constexpr int64_t kTimesSeen = 10;
// The room that a range gets on both sides, as a share of what was seen.
constexpr double kRoom = 0.1;
// A column with so few nulls has them by accident: their share is bounded.
constexpr double kRareNulls = 0.05;
// Nearly all texts have a known form: the rest are mistakes already.
constexpr double kNearlyAll = 0.95;
// Two columns as a key are looked for among so many.
constexpr size_t kKeyColumnsMax = 6;
// Beyond this a double does not know the last digit.
constexpr double kExactMax = 1e15;

std::string Word(const std::string& column) {
  std::string out;
  for (char c : AsciiLower(column)) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    out += is_plain ? c : '_';
  }
  bool is_name = !out.empty() && (out[0] < '0' || out[0] > '9');
  return is_name ? out : "c_" + out;
}

bool IsIdentifier(const ColumnFacts& facts) {
  std::string name = AsciiLower(facts.name);
  return name == "id" || name.ends_with("_id") || name.ends_with("_key") || name.ends_with("_no");
}

// Digits behind the point that the type keeps; -1: as many as there are.
int ScaleOf(const std::string& type) {
  if (type == "int" || type == "long") return 0;
  size_t comma = type.find(',');
  return type.starts_with("decimal") && comma != std::string::npos
             ? std::atoi(type.c_str() + comma + 1)
             : -1;
}

// Amounts and times may all differ, and are no keys.
bool CanBeKey(const ColumnFacts& facts) {
  TypeClass kind = sql::ClassOf(facts.type);
  return kind == TypeClass::kString || kind == TypeClass::kUuid || ScaleOf(facts.type) == 0;
}

class Proposer {
 public:
  Proposer(sql::Session& session, std::string_view relation, const ProposeOptions& options)
      : session_(session), relation_(relation), options_(options) {}

  Result<std::vector<Proposal>> Run(const std::vector<sql::TableColumn>& columns) {
    auto all = TRY(ReadColumnFacts(session_, relation_, columns, options_.query));
    int64_t rows = 0;
    for (const ColumnFacts& facts : all) rows = std::max(rows, facts.rows);
    if (rows == 0) return std::move(out_);
    RowCount(rows);
    TRY(CompoundKey(all));
    for (const ColumnFacts& facts : all) TRY(OneColumn(facts));
    return std::move(out_);
  }

 private:
  void Add(std::string name, std::string type, Json kwargs, std::string evidence) {
    while (!names_.insert(name).second) name += "_2";
    out_.push_back({{.name = std::move(name), .type = std::move(type), .kwargs = std::move(kwargs)},
                    std::move(evidence)});
  }

  void RowCount(int64_t rows) {
    Json kwargs = Json::Object({{"min_value", std::max<int64_t>(1, rows / 2)}});
    std::string evidence = fmt::format("{} now; half of it at least", Count(rows, "row"));
    if (!options_.grows && rows >= kRowsToLearnFrom) {
      kwargs.Set("max_value", rows * 2);
      evidence = fmt::format("{} now; half to double of it", Count(rows, "row"));
    }
    Add("enough_rows", "expect_table_row_count_to_be_between", std::move(kwargs),
        std::move(evidence));
  }

  // Where no column is unique, the first two that are so together.
  Result<void> CompoundKey(const std::vector<ColumnFacts>& all) {
    std::vector<const ColumnFacts*> parts;
    for (const ColumnFacts& facts : all) {
      if (facts.is_known && CanBeKey(facts) && facts.is_unique && facts.nulls == 0) return {};
      bool can_be_part = facts.is_known && facts.nulls == 0 && facts.distinct > 1 &&
                         facts.type != "double" && facts.type != "float" &&
                         !facts.type.starts_with("decimal");
      if (can_be_part && parts.size() < kKeyColumnsMax) parts.push_back(&facts);
    }
    if (all.empty() || all[0].rows < kRowsToLearnFrom) return {};
    for (size_t i = 0; i < parts.size(); ++i) {
      for (size_t j = i + 1; j < parts.size(); ++j) {
        // Fewer pairs than rows: it need not be counted.
        if (double(parts[i]->distinct) * double(parts[j]->distinct) < double(all[0].rows) / 2)
          continue;
        const bool is_key = TRY(AreUnique(*parts[i], *parts[j]));
        if (!is_key) continue;
        Add(fmt::format("{}_and_{}_unique", Word(parts[i]->name), Word(parts[j]->name)),
            "expect_compound_columns_to_be_unique",
            Json::Object({{"column_list", Json::List({parts[i]->name, parts[j]->name})}}),
            fmt::format("{}, no two with the same {} and {}", Count(all[0].rows, "row"),
                        parts[i]->name, parts[j]->name));
        return {};
      }
    }
    return {};
  }

  Result<bool> AreUnique(const ColumnFacts& a, const ColumnFacts& b) {
    auto row = TRY(session_.Query(
        fmt::format("SELECT count(*) FROM (SELECT DISTINCT {}, {} FROM {} AS seen) AS pairs",
                    sql::QuoteIdentifier(a.name), sql::QuoteIdentifier(b.name), relation_),
        {}, options_.query));
    return row.Integer(0, 0) == a.rows;
  }

  Result<void> OneColumn(const ColumnFacts& facts) {
    if (facts.is_known) Nulls(facts);
    if (options_.has_types) Type(facts);
    if (!facts.is_known || facts.present() == 0) return {};
    Unique(facts);
    const bool is_foreign = TRY(ForeignKey(facts));
    if (is_foreign || facts.present() < kRowsToLearnFrom) return {};
    if (Set(facts)) return {};
    TypeClass kind = sql::ClassOf(facts.type);
    if (kind == TypeClass::kNumber && !IsIdentifier(facts)) Range(facts);
    if (kind == TypeClass::kDate || kind == TypeClass::kTimestamp) NotBefore(facts);
    if (kind == TypeClass::kString) TRY(Form(facts));
    return {};
  }

  void Nulls(const ColumnFacts& facts) {
    Json kwargs = Json::Object({{"column", facts.name}});
    if (facts.nulls == 0) {
      Add(Word(facts.name) + "_not_null", "expect_column_values_to_not_be_null", std::move(kwargs),
          fmt::format("{}, none null", Count(facts.rows, "row")));
      return;
    }
    double share = double(facts.nulls) / double(facts.rows);
    if (share > kRareNulls || facts.rows < kRowsToLearnFrom) return;
    // Room for twice as many, in whole hundredths.
    kwargs.Set("mostly", std::floor((1 - 2 * share) * 100) / 100);
    Add(Word(facts.name) + "_mostly_there", "expect_column_values_to_not_be_null",
        std::move(kwargs),
        fmt::format("{} of {} are null; room for twice as many", WithThousands(facts.nulls),
                    Count(facts.rows, "row")));
  }

  void Type(const ColumnFacts& facts) {
    Add(Word(facts.name) + "_type", "expect_column_values_to_be_of_type",
        Json::Object({{"column", facts.name}, {"type_", facts.type}}),
        fmt::format("{} in the source", facts.native_type));
  }

  void Unique(const ColumnFacts& facts) {
    if (!CanBeKey(facts) || !facts.is_unique || facts.present() < 2) return;
    // Names and texts differ by chance; identifiers and what no null interrupts do not.
    bool is_meant = IsIdentifier(facts) || facts.present() >= kRowsToLearnFrom;
    if (!is_meant) return;
    Add(Word(facts.name) + "_unique", "expect_column_values_to_be_unique",
        Json::Object({{"column", facts.name}}),
        fmt::format("{}, no two alike", Count(facts.present(), "value")));
  }

  // "customer_id" fits customer.customer_id, and customer.id.
  static bool NamesFit(const std::string& column, const KnownKey& key) {
    std::string name = AsciiLower(column), other = AsciiLower(key.column);
    std::string table = AsciiLower(key.table);
    std::string singular = table.ends_with('s') ? table.substr(0, table.size() - 1) : table;
    if (name == other) return name != "id";
    return other == "id" && (name == table + "_id" || name == singular + "_id");
  }

  Result<bool> ForeignKey(const ColumnFacts& facts) {
    // A key of its own refers to nothing, though others may hold the same values.
    if (facts.distinct < 2 || facts.is_unique) return false;
    for (const KnownKey& key : options_.keys) {
      bool is_same_kind = sql::ClassOf(key.type) == sql::ClassOf(facts.type);
      if (!is_same_kind || !NamesFit(facts.name, key)) continue;
      auto row = TRY(session_.Query(
          fmt::format(
              "SELECT count(*) FROM (SELECT DISTINCT {0} AS v FROM {1} AS seen WHERE {0} IS "
              "NOT NULL) AS a WHERE NOT EXISTS (SELECT 1 FROM {2} AS other WHERE other.{3} "
              "= a.v)",
              sql::QuoteIdentifier(facts.name), relation_, key.relation,
              sql::QuoteIdentifier(key.column)),
          {}, options_.query));
      if (row.Integer(0, 0) != 0) continue;
      Json kwargs = Json::Object({{"column", facts.name}, {"other_table_name", key.table}});
      if (key.column != facts.name) kwargs.Set("other_column", key.column);
      Add(fmt::format("{}_in_{}", Word(facts.name), Word(key.table)),
          "expect_column_values_to_exist_in_table", std::move(kwargs),
          fmt::format("every value is in {}.{}", key.table, key.column));
      return true;
    }
    return false;
  }

  bool Set(const ColumnFacts& facts) {
    bool is_seen_often = facts.distinct > 0 && facts.present() >= kTimesSeen * facts.distinct;
    if (facts.values.empty() || !is_seen_often || facts.is_unique) return false;
    std::vector<Json> values;
    std::vector<std::string> seen;
    for (const auto& [value, count] : facts.values) {
      values.push_back(value);
      std::string text = value.is_string() ? value.AsString() : value.Dump();
      seen.push_back(fmt::format("{} ({})", text, WithThousands(count)));
    }
    std::sort(values.begin(), values.end(), [](const Json& a, const Json& b) {
      return a.is_string() ? a.AsString() < b.AsString() : a.AsInteger() < b.AsInteger();
    });
    Add(Word(facts.name) + "_is_known", "expect_column_values_to_be_in_set",
        Json::Object({{"column", facts.name}, {"value_set", Json::List(std::move(values))}}),
        fmt::format("{}: {}", Count(facts.distinct, "value"), Join(seen, ", ")));
    return true;
  }

  void Range(const ColumnFacts& facts) {
    char* end = nullptr;
    double min = std::strtod(facts.min.c_str(), &end);
    if (facts.min.empty() || *end != '\0') return;
    double max = std::strtod(facts.max.c_str(), &end);
    bool is_exact = std::isfinite(min) && std::isfinite(max) && std::abs(min) < kExactMax &&
                    std::abs(max) < kExactMax;
    if (facts.max.empty() || *end != '\0' || !is_exact || min == max) return;
    int scale = ScaleOf(facts.type);
    double room = kRoom * (max - min);
    double lower = Rounded(min - room, max - min, scale, false);
    double upper = Rounded(max + room, max - min, scale, true);
    // What never was negative is not expected to be, nor the other way round.
    if (min >= 0 && lower < 0) lower = 0;
    if (max <= 0 && upper > 0) upper = 0;
    Add(Word(facts.name) + "_in_range", "expect_column_values_to_be_between",
        Json::Object({{"column", facts.name},
                      {"min_value", Number(lower, scale)},
                      {"max_value", Number(upper, scale)}}),
        fmt::format("{} to {} in {}; a tenth of room", facts.min, facts.max,
                    Count(facts.present(), "value")));
  }

  // To two digits of the range, outwards, and not finer than the type.
  static double Rounded(double value, double range, int scale, bool up) {
    double step = std::pow(10, std::floor(std::log10(range)) - 1);
    if (scale >= 0) step = std::max(step, std::pow(10, -scale));
    double steps = value / step;
    return (up ? std::ceil(steps - 1e-9) : std::floor(steps + 1e-9)) * step;
  }

  static Json Number(double value, int scale) {
    if (scale == 0 || value == std::floor(value)) return int64_t(std::llround(value));
    // By its shortest digits: steps leave a rest behind the last one.
    return std::strtod(fmt::format("{:.10g}", value).c_str(), nullptr);
  }

  // Times grow, so only the past has a bound: the first day of the year in which they begin.
  void NotBefore(const ColumnFacts& facts) {
    bool has_year = facts.min.size() >= 10 && facts.min[4] == '-' &&
                    facts.min.find_first_not_of("0123456789") == 4;
    if (!has_year || facts.min == facts.max) return;
    std::string year = facts.min.substr(0, 4);
    Add(Word(facts.name) + "_not_before_" + year, "expect_column_values_to_be_between",
        Json::Object({{"column", facts.name}, {"min_value", year + "-01-01"}}),
        fmt::format("{} to {}; the year in which they begin", facts.min, facts.max));
  }

  Result<void> Form(const ColumnFacts& facts) {
    auto shape = ShapeOf(facts.sample, kTimesSeen);
    if (shape) {
      const int64_t others = TRY(OthersThan(facts, shape->regex));
      if (others == 0) {
        AddForm(facts, *shape, 0);
        return {};
      }
    }
    for (const TextShape& known : KnownShapes()) {
      if (ShareOfSample(facts, known) < kNearlyAll) continue;
      const int64_t others = TRY(OthersThan(facts, known.regex));
      if (others < 0 || double(others) > (1 - kNearlyAll) * double(facts.present())) continue;
      AddForm(facts, known, others);
      return {};
    }
    if (facts.length_min > 0) {
      Add(Word(facts.name) + "_not_empty", "expect_column_value_lengths_to_be_between",
          Json::Object({{"column", facts.name}, {"min_value", 1}}),
          fmt::format("{} to {} characters in {}", facts.length_min, facts.length_max,
                      Count(facts.present(), "value")));
    }
    return {};
  }

  static double ShareOfSample(const ColumnFacts& facts, const TextShape& shape) {
    if (facts.sample.empty()) return 0;
    auto has = [&](const std::string& text) {
      auto own = ShapeOf({text}, 1);
      return own && own->name == shape.name;
    };
    return double(std::count_if(facts.sample.begin(), facts.sample.end(), has)) /
           double(facts.sample.size());
  }

  void AddForm(const ColumnFacts& facts, const TextShape& shape, int64_t others) {
    Json kwargs = Json::Object({{"column", facts.name}, {"regex", shape.regex}});
    std::string evidence = fmt::format("{} have {}", Count(facts.present(), "value"), shape.says);
    if (shape.name != "form")
      evidence = fmt::format("{}, each {}", Count(facts.present(), "value"), shape.says);
    if (others > 0) {
      double share = double(others) / double(facts.present());
      kwargs.Set("mostly", std::floor((1 - 2 * share) * 100) / 100);
      evidence = fmt::format("{} of {} are not {}; room for twice as many", WithThousands(others),
                             Count(facts.present(), "value"), shape.says);
    }
    Add(fmt::format("{}_{}", Word(facts.name),
                    shape.name == "form" ? "has_form" : "is_" + shape.name),
        "expect_column_values_to_match_regex", std::move(kwargs), std::move(evidence));
  }

  // How many values have another form; -1 where the engine cannot tell.
  Result<int64_t> OthersThan(const ColumnFacts& facts, const std::string& regex) {
    sql::Expr bad = sql::Not(sql::Matches(sql::Expr::Column(facts.name), regex));
    auto row = session_.Query(fmt::format("SELECT count(*) FROM {} AS seen WHERE {}", relation_,
                                          bad.Print(session_.dialect())),
                              {}, options_.query);
    if (row.ok()) return row->Integer(0, 0);
    if (row.error().kind == ErrorKind::kInvalid) return -1;
    return std::move(row).error();
  }

  sql::Session& session_;
  std::string_view relation_;
  const ProposeOptions& options_;
  std::vector<Proposal> out_;
  std::set<std::string> names_;
};

}  // namespace

Result<std::vector<Proposal>> ProposeChecks(sql::Session& session, std::string_view relation,
                                            const std::vector<sql::TableColumn>& columns,
                                            const ProposeOptions& options) {
  return Proposer(session, relation, options).Run(columns);
}

}  // namespace andon::quality
