#include "quality/incremental/metric_state.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "sql/exact_number.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using sql::Aggregate;
using sql::ExactNumber;
using sql::TypeClass;
using Kind = sql::Aggregate::Kind;

bool IsFloating(const std::string& type) { return type == "double" || type == "float"; }

// Which types have values that stand in a state: ordered, and told apart by their text.
bool HasPlainValues(const std::string& type) {
  switch (sql::ClassOf(type)) {
    case TypeClass::kNumber:
    case TypeClass::kString:
    case TypeClass::kDate:
    case TypeClass::kTime:
    case TypeClass::kTimestamp:
      return true;
    default:
      return false;
  }
}

std::string TypeOf(const Aggregate& metric, const ColumnIndex& columns) {
  const sql::ColumnInfo* column = columns.Find(metric.PlainColumn());
  return column ? column->type : "";
}

std::string FilterOf(const Aggregate& metric) {
  return metric.filter() ? " FILTER (WHERE " + metric.filter()->Print() + ")" : "";
}

Aggregate Filtered(Aggregate aggregate, const Aggregate& like) {
  return like.filter() ? aggregate.Where(*like.filter()) : aggregate;
}

// Values in a state: [v] where the value's own JSON says its order, else [v, o] with the number of
// days or microseconds.
Json CellState(const sql::ResultSet& rows, int64_t row, size_t column) {
  Json value = rows.ToJson(row, column);
  if (value.is_string() && value.AsString().size() > kStateTextMax) return false;
  const std::string& type = rows.columns()[column].type;
  bool is_time = type == "DATE" || type.starts_with("TIME");
  if (is_time) return Json::List({std::move(value), rows.Integer(row, column)});
  // A decimal's JSON may be a double; its text says all digits.
  if (type.starts_with("DECIMAL")) return Json::List({std::move(value), rows.Text(row, column)});
  return Json::List({std::move(value)});
}

const Json& ValueIn(const Json& cell) { return cell.items()[0]; }
const Json& OrderIn(const Json& cell) { return cell.items().back(); }

double DoubleIn(const Json& json) {
  if (json.is_number()) return json.AsDouble();
  const std::string& text = json.AsString();
  if (text == "inf" || text == "infinity") return INFINITY;
  if (text == "-inf" || text == "-infinity") return -INFINITY;
  return std::nan("");
}

Json JsonOf(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

// As DuckDB orders them: NaN is above all numbers and equal to itself.
int CompareDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return int{std::isnan(a)} - int{std::isnan(b)};
  return a < b ? -1 : a > b;
}

int CompareCells(const std::string& type, const Json& a, const Json& b) {
  const Json &x = OrderIn(a), &y = OrderIn(b);
  if (IsFloating(type)) return CompareDoubles(DoubleIn(x), DoubleIn(y));
  if (x.is_integer() && y.is_integer())
    return x.AsInteger() < y.AsInteger() ? -1 : x.AsInteger() > y.AsInteger();
  if (sql::ClassOf(type) == TypeClass::kNumber) {
    auto m = ExactNumber::Parse(x.AsString()), n = ExactNumber::Parse(y.AsString());
    auto order = m && n ? sql::Compare(*m, *n) : std::nullopt;
    return !order ? 0 : *order < 0 ? -1 : *order > 0;
  }
  return x.AsString().compare(y.AsString());
}

// Sums with the part that each addition loses (Neumaier's).
class Summing {
 public:
  void Add(double value) {
    const double sum = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
  }
  double Total() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

 private:
  double sum_ = 0, lost_ = 0;
};

std::optional<Json> MergeCounts(const std::vector<const Json*>& states) {
  int64_t total = 0;
  for (const Json* state : states) {
    if (!state->is_integer() || __builtin_add_overflow(total, state->AsInteger(), &total))
      return {};
  }
  return Json(total);
}

std::optional<Json> MergeSums(const Aggregate& metric, const std::string& type,
                              const std::vector<const Json*>& states) {
  std::optional<ExactNumber> total;
  int64_t count = 0;
  for (const Json* state : states) {
    if (state->items().size() != 2) return {};
    count += state->items()[1].AsInteger();
    if (state->items()[0].is_null()) continue;
    std::optional<ExactNumber> sum = ExactNumber::Parse(state->items()[0].AsString());
    if (!sum) return {};
    total = total ? sql::Add(*total, *sum) : sum;
    if (!total) return {};  // Beyond the widest decimal: the engine says what it thinks of that.
  }
  if (!total) return Json();
  if (metric.kind() == Kind::kMean)
    return Json(static_cast<double>(total->Approximate() / static_cast<long double>(count)));
  if (type.starts_with("decimal")) return Json(total->Text());
  __int128 sum = total->unscaled;
  bool fits = sum >= INT64_MIN && sum <= INT64_MAX;
  return fits ? Json(static_cast<int64_t>(sum)) : Json(total->Text());
}

std::optional<Json> MergeDoubles(const Aggregate& metric, const std::vector<const Json*>& states) {
  Summing sum;
  int64_t count = 0;
  for (const Json* state : states) {
    if (state->items().size() != 2) return {};
    const int64_t values = state->items()[1].AsInteger();
    count += values;
    if (values > 0) sum.Add(DoubleIn(state->items()[0]));
  }
  if (count == 0) return Json();
  double total = sum.Total();
  return JsonOf(metric.kind() == Kind::kMean ? total / static_cast<double>(count) : total);
}

std::optional<Json> MergeExtremes(const Aggregate& metric, const std::string& type,
                                  const std::vector<const Json*>& states) {
  const Json* best = nullptr;
  for (const Json* state : states) {
    if (state->is_null()) continue;
    if (!state->is_array() || state->items().empty()) return {};
    int order = best ? CompareCells(type, *state, *best) : 0;
    if (!best || (metric.kind() == Kind::kMin ? order < 0 : order > 0)) best = state;
  }
  return best ? ValueIn(*best) : Json();
}

// Chan's formula: two files' moments together.
std::optional<Json> MergeMoments(const std::vector<const Json*>& states) {
  double count = 0, mean = 0, squares = 0;
  for (const Json* state : states) {
    if (state->items().size() != 4) return {};
    if (state->items()[3].AsInteger() > 0) return Json("nan");
    const double n = state->items()[0].AsDouble();
    if (n == 0) continue;
    const double other = DoubleIn(state->items()[1]), apart = other - mean, all = count + n;
    squares += DoubleIn(state->items()[2]) + apart * apart * (count * n / all);
    mean = count == 0 ? other : mean + apart * (n / all);
    count = all;
  }
  if (count < 2) return Json();
  return JsonOf(std::sqrt(squares / (count - 1)));
}

struct Counted {
  const Json* cell;
  int64_t count;
};

// The values of all files in order, each once; none where they are too many.
std::optional<std::vector<Counted>> MergeTables(const std::string& type,
                                                const std::vector<const Json*>& states) {
  std::vector<Counted> all;
  for (const Json* state : states) {
    if (!state->is_array()) return {};
    for (const Json& row : state->items()) {
      if (row.items().size() != 2 || row.items()[0].items().empty()) return {};
      all.push_back({&row.items()[0], row.items()[1].AsInteger()});
    }
  }
  std::stable_sort(all.begin(), all.end(), [&](const Counted& a, const Counted& b) {
    return CompareCells(type, *a.cell, *b.cell) < 0;
  });
  std::vector<Counted> merged;
  for (const Counted& next : all) {
    if (merged.empty() || CompareCells(type, *merged.back().cell, *next.cell) != 0)
      merged.push_back(next);
    else
      merged.back().count += next.count;
  }
  if (static_cast<int64_t>(merged.size()) > kStateValuesMax) return {};
  return merged;
}

// As a double: of a date its place in time, as the engine has no mean of two dates either.
double NumberIn(const Json& cell) {
  const Json& value = ValueIn(cell);
  if (value.is_number()) return value.AsDouble();
  char* end = nullptr;
  const std::string& text = value.AsString();
  double number = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size() ? number : DoubleIn(value);
}

const Json& At(const std::vector<Counted>& values, double rank) {
  double upto = 0;
  for (const Counted& value : values) {
    upto += static_cast<double>(value.count);
    if (upto > rank) return *value.cell;
  }
  return *values.back().cell;
}

Json Between(const std::vector<Counted>& values, double fraction, int64_t count) {
  const double at = fraction * static_cast<double>(count - 1), low = std::floor(at);
  const double a = NumberIn(At(values, low)), b = NumberIn(At(values, std::ceil(at)));
  return JsonOf(at == low ? a : a + (b - a) * (at - low));
}

std::optional<Json> MergeValues(const Aggregate& metric, const std::string& type,
                                const std::vector<const Json*>& states) {
  auto values = MergeTables(type, states);
  if (!values) return {};
  if (metric.kind() == Kind::kCountDistinct) return Json(static_cast<int64_t>(values->size()));
  if (values->empty()) return Json();
  int64_t count = 0;
  for (const Counted& value : *values) count += value.count;
  if (metric.kind() == Kind::kMedian) return Between(*values, 0.5, count);
  Json list = Json::List();
  for (double fraction : metric.fractions()) {
    if (metric.interpolation() == sql::Interpolation::kLinear)
      list.Push(Between(*values, fraction, count));
    else
      list.Push(ValueIn(At(*values, sql::RankOf(fraction, count, metric.interpolation()))));
  }
  return list;
}

}  // namespace

std::optional<StateKind> StateKindOf(const Aggregate& metric, const ColumnIndex& columns) {
  bool all_known = true;
  for (const std::string& column : metric.Columns(&all_known)) {
    if (!columns.Has(column)) return {};
  }
  if (!all_known) return {};
  const std::string type = TypeOf(metric, columns);
  const bool is_number = !type.empty() && sql::ClassOf(type) == TypeClass::kNumber;
  switch (metric.kind()) {
    case Kind::kCountRows:
    case Kind::kCount:
    case Kind::kCountIf:
      return StateKind::kCount;
    case Kind::kSum:
    case Kind::kMean:
      if (metric.is_compensated()) return StateKind::kDoubles;
      return is_number && !IsFloating(type) ? std::optional(StateKind::kSum) : std::nullopt;
    case Kind::kMin:
    case Kind::kMax:
      return !type.empty() && HasPlainValues(type) ? std::optional(StateKind::kExtreme)
                                                   : std::nullopt;
    case Kind::kStdDev:
      return is_number ? std::optional(StateKind::kMoments) : std::nullopt;
    // What lies between two values is computed from doubles; a float's text is not its double.
    case Kind::kMedian:
      return is_number && type != "float" ? std::optional(StateKind::kValues) : std::nullopt;
    case Kind::kQuantiles:
      if (metric.interpolation() == sql::Interpolation::kLinear && (!is_number || type == "float"))
        return {};
      [[fallthrough]];
    case Kind::kCountDistinct:
      return !type.empty() && HasPlainValues(type) ? std::optional(StateKind::kValues)
                                                   : std::nullopt;
    default:
      return {};
  }
}

bool IsInOrder(const Aggregate& metric, StateKind kind, const ColumnIndex& columns) {
  if (kind == StateKind::kDoubles || kind == StateKind::kMoments) return true;
  if (kind == StateKind::kKeys) return false;
  // 0.0 and -0.0 are equal, and which of them is told depends on the order.
  return kind != StateKind::kCount && IsFloating(TypeOf(metric, columns));
}

std::string StateName(const Aggregate& metric, StateKind kind,
                      const std::map<std::string, std::string>& column_ids) {
  std::string name = metric.Key();
  if (kind == StateKind::kKeys) name = "keys " + name;
  if (kind == StateKind::kValues) name = "values " + metric.parts()[0].Print() + FilterOf(metric);
  bool all_known = true;
  for (const std::string& column : metric.Columns(&all_known)) {
    auto id = column_ids.find(column);
    name += "\n" + column + "=" + (id == column_ids.end() ? "" : id->second);
  }
  return Sha256(name).substr(0, 32);
}

std::vector<std::string> StateItems(const Aggregate& metric, StateKind kind) {
  const std::string filter = FilterOf(metric);
  auto part = [&] { return metric.parts()[0]; };
  switch (kind) {
    case StateKind::kCount:
    case StateKind::kExtreme:
      return {metric.Print()};
    case StateKind::kSum:
    case StateKind::kDoubles:
      return {Filtered(Aggregate::Sum(part(), metric.is_compensated()), metric).Print(),
              Filtered(Aggregate::Count(part()), metric).Print()};
    case StateKind::kMoments: {
      std::string x = AsDouble(part()).Print();
      std::string finite = fmt::format("CASE WHEN isfinite({0}) THEN {0} END", x);
      return {fmt::format("count({}){}", finite, filter), fmt::format("favg({}){}", finite, filter),
              fmt::format("var_pop({}){}", finite, filter),
              fmt::format("count(CASE WHEN NOT isfinite({}) THEN 1 END){}", x, filter)};
    }
    case StateKind::kValues:
      return {"approx_count_distinct(" + part().Print() + ")" + filter};
    case StateKind::kKeys:
      break;
  }
  return {};
}

Json ReadState(StateKind kind, const sql::ResultSet& row, size_t first) {
  switch (kind) {
    case StateKind::kCount:
      return row.Integer(0, first);
    case StateKind::kExtreme:
      return row.IsNull(0, first) ? Json() : CellState(row, 0, first);
    case StateKind::kSum:
      return Json::List(
          {row.IsNull(0, first) ? Json() : Json(row.Text(0, first)), row.Integer(0, first + 1)});
    case StateKind::kDoubles:
      return Json::List({JsonOf(row.Double(0, first)), row.Integer(0, first + 1)});
    case StateKind::kMoments: {
      const auto n = static_cast<double>(row.Integer(0, first));
      return Json::List({row.Integer(0, first), JsonOf(row.Double(0, first + 1)),
                         JsonOf(row.Double(0, first + 2) * n), row.Integer(0, first + 3)});
    }
    case StateKind::kValues:
      // It is an estimate, off by a few in a hundred.
      return row.Integer(0, first) > 2 * kStateValuesMax ? Json(false) : Json();
    case StateKind::kKeys:
      break;
  }
  return false;
}

std::string ValuesSql(const Aggregate& metric, std::string_view relation,
                      const std::string& weight) {
  std::string x = metric.parts()[0].Print();
  std::string where = x + " IS NOT NULL";
  if (metric.filter()) where += " AND (" + metric.filter()->Print() + ")";
  const std::string count =
      weight.empty() ? "count(*)" : "CAST(sum(" + sql::QuoteIdentifier(weight) + ") AS BIGINT)";
  return fmt::format("SELECT {}, {} FROM {} AS checked WHERE {} GROUP BY 1 LIMIT {}", x, count,
                     relation, where, kStateValuesMax + 1);
}

Json ReadValues(const sql::ResultSet& rows) {
  if (rows.row_count() > kStateValuesMax) return false;
  Json list = Json::List();
  for (int64_t row = 0; row < rows.row_count(); row++) {
    Json cell = CellState(rows, row, 0);
    if (!cell.is_array()) return false;
    list.Push(Json::List({std::move(cell), rows.Integer(row, 1)}));
  }
  // The order of groups is anyone's guess; kept states are the same text each time.
  std::vector<std::pair<std::string, Json>> sorted;
  for (const Json& row : list.items()) sorted.emplace_back(row.items()[0].Dump(), row);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Json out = Json::List();
  for (auto& [text, row] : sorted) out.Push(std::move(row));
  return out;
}

std::optional<Json> StateFromValue(StateKind kind, const Json& value, const std::string& type) {
  if (kind == StateKind::kCount) return value;
  if (kind != StateKind::kExtreme) return {};
  if (value.is_null()) return Json();
  // Integers only: of the others a state holds more than the value's JSON.
  bool is_integer = (type == "int" || type == "long") && value.is_integer();
  return is_integer ? std::optional(Json::List({value})) : std::nullopt;
}

std::optional<Json> MergeStates(const Aggregate& metric, StateKind kind, const std::string& type,
                                const std::vector<const Json*>& states) {
  switch (kind) {
    case StateKind::kCount:
      return MergeCounts(states);
    case StateKind::kSum:
      return MergeSums(metric, type, states);
    case StateKind::kDoubles:
      return MergeDoubles(metric, states);
    case StateKind::kExtreme:
      return MergeExtremes(metric, type, states);
    case StateKind::kMoments:
      return MergeMoments(states);
    case StateKind::kValues:
      return MergeValues(metric, type, states);
    case StateKind::kKeys:
      break;
  }
  return {};
}

}  // namespace andon::quality
