#include "quality/batches.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/text.h"
#include "quality/range.h"
#include "sql/expr.h"
#include "sql/quote.h"
#include "sql/types.h"

namespace andon::quality {
namespace {

using sql::Dialect;
using sql::Expr;

constexpr std::string_view kFile = "file(";
// Batches that a message names.
constexpr size_t kNamedMax = 10;
// Years that every engine reads as four digits, with the year behind.
constexpr int64_t kYearMax = 9998;

constexpr std::array<std::pair<std::string_view, BatchUnit>, 4> kUnits = {
    {{"value", BatchUnit::kValue},
     {"year", BatchUnit::kYear},
     {"month", BatchUnit::kMonth},
     {"day", BatchUnit::kDay}}};

std::string_view NameOf(BatchUnit unit) { return kUnits[static_cast<size_t>(unit)].first; }

Error Mistake(std::string_view text, std::string_view what) {
  return Error::Invalid(
      "Batches \"{}\": {} Write year(COLUMN), month(COLUMN), day(COLUMN), value(COLUMN, …) or "
      "file(REGEX).",
      text, what);
}

// Reads a definition from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<BatchDefinition> Read() {
    BatchDefinition definition;
    do {
      TRY(ReadItem(&definition));
    } while (Take(','));
    Skip();
    if (at_ < text_.size())
      return Mistake(text_, fmt::format("\"{}\" is not understood.", text_.substr(at_)));
    int times = 0;
    for (const BatchPart& part : definition.parts) times += part.unit != BatchUnit::kValue;
    if (times > 1) return Mistake(text_, "Only one of them may be a time.");
    return definition;
  }

 private:
  Result<void> ReadItem(BatchDefinition* definition) {
    Skip();
    bool is_quoted = at_ < text_.size() && text_[at_] == '"';
    std::string name = TRY(ReadName());
    if (is_quoted || !Take('(')) {
      definition->parts.push_back({BatchUnit::kValue, std::move(name)});
      return {};
    }
    auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                             [&](const auto& known) { return known.first == name; });
    if (unit == kUnits.end()) return Mistake(text_, fmt::format("There is no \"{}(…)\".", name));
    do {
      std::string column = TRY(ReadName());
      definition->parts.push_back({unit->second, std::move(column)});
    } while (Take(','));
    if (!Take(')')) return Mistake(text_, "A parenthesis is not closed.");
    return {};
  }

  Result<std::string> ReadName() {
    Skip();
    std::string name;
    if (at_ < text_.size() && text_[at_] == '"') {
      size_t end = text_.find('"', at_ + 1);
      if (end == std::string_view::npos) return Mistake(text_, "A quote is not closed.");
      name = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    } else {
      size_t end = std::min(text_.find_first_of("(),\"", at_), text_.size());
      name = Trim(text_.substr(at_, end - at_));
      at_ = end;
    }
    if (name.empty()) return Mistake(text_, "The name of a column is missing.");
    return name;
  }

  void Skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) at_++;
  }
  bool Take(char c) {
    Skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    at_++;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

const sql::TableColumn* FindColumn(const std::vector<sql::TableColumn>& columns,
                                   std::string_view name) {
  for (const sql::TableColumn& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::string TypeOf(const std::vector<sql::TableColumn>& columns, const std::string& name) {
  const sql::TableColumn* column = FindColumn(columns, name);
  return column ? column->type : "string";
}

bool IsFloat(std::string_view type) { return type == "float" || type == "double"; }

// The column as a time without zone, in UTC.
std::string TimeSql(const std::string& column, std::string_view type, Dialect dialect) {
  if (type != "timestamptz") return column;
  if (dialect == Dialect::kDuckDb) return "make_timestamp(epoch_us(" + column + "))";
  return "(" + column + " AT TIME ZONE 'UTC')";
}

// A number of the year, or of the month since year 0, or a date; null for what is not finite.
std::string TimeKey(BatchUnit unit, const std::string& column, std::string_view type,
                    Dialect dialect) {
  if (dialect == Dialect::kSqlite) {
    std::string_view format = unit == BatchUnit::kYear    ? "%Y"
                              : unit == BatchUnit::kMonth ? "%Y-%m"
                                                          : "%Y-%m-%d";
    return fmt::format("strftime('{}', {})", format, column);
  }
  std::string time = TimeSql(column, type, dialect), key;
  auto part = [&](std::string_view field) {
    std::string number = fmt::format("extract({} FROM {})", field, time);
    // DuckDB's is an integer as it is; others say a number with a fraction.
    return dialect == Dialect::kDuckDb ? number : "CAST(" + number + " AS INTEGER)";
  };
  if (unit == BatchUnit::kYear) key = part("year");
  if (unit == BatchUnit::kMonth) key = part("year") + " * 12 + " + part("month") + " - 1";
  if (unit == BatchUnit::kDay) key = "CAST(" + time + " AS DATE)";
  // Of what is not finite DuckDB has no year, but a day.
  if (dialect == Dialect::kDuckDb && unit != BatchUnit::kDay && type != "timestamptz") return key;
  if (dialect == Dialect::kRedshift) return key;
  return fmt::format("CASE WHEN isfinite({}) THEN {} END", column, key);
}

std::string KeySql(const BatchPart& part, std::string_view type, Dialect dialect) {
  Expr column = Expr::Column(part.column);
  if (part.unit != BatchUnit::kValue)
    return TimeKey(part.unit, column.Print(dialect), type, dialect);
  bool is_float = IsFloat(type) && dialect != Dialect::kSqlite;
  return (is_float ? sql::AsDouble(column) : column).Print(dialect);
}

// A year with what of month and day the unit has.
struct Span {
  int64_t year = 0;
  int64_t month = 1;
  int64_t day = 1;
};

std::optional<int64_t> Digits(std::string_view text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

std::optional<Span> ReadDate(std::string_view text) {
  Span span;
  std::vector<std::string> parts = Split(text, '-');
  if (parts.empty() || parts.size() > 3) return {};
  int64_t* places[] = {&span.year, &span.month, &span.day};
  for (size_t i = 0; i < parts.size(); i++) {
    auto number = Digits(parts[i]);
    if (!number) return {};
    *places[i] = *number;
  }
  return span;
}

std::optional<Span> ReadSpan(BatchUnit unit, const sql::ResultSet& rows, int64_t row, size_t column,
                             Dialect dialect) {
  if (dialect == Dialect::kSqlite || unit == BatchUnit::kDay)
    return ReadDate(rows.Text(row, column));
  int64_t number = rows.Integer(row, column);
  if (unit == BatchUnit::kYear) return Span{.year = number};
  int64_t year = number >= 0 ? number / 12 : -((11 - number) / 12);
  return Span{.year = year, .month = number - year * 12 + 1};
}

std::string Print(const Span& span, BatchUnit unit) {
  std::string text = fmt::format("{:04}", span.year);
  if (unit != BatchUnit::kYear) text += fmt::format("-{:02}", span.month);
  if (unit == BatchUnit::kDay) text += fmt::format("-{:02}", span.day);
  return text;
}

Span Next(Span span, BatchUnit unit) {
  namespace chrono = std::chrono;
  chrono::year_month_day date{chrono::year(static_cast<int>(span.year)),
                              chrono::month(static_cast<unsigned>(span.month)),
                              chrono::day(static_cast<unsigned>(span.day))};
  if (unit == BatchUnit::kYear) date += chrono::years(1);
  if (unit == BatchUnit::kMonth) date += chrono::months(1);
  if (unit == BatchUnit::kDay) date = chrono::sys_days(date) + chrono::days(1);
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day())};
}

// A range of the column itself, by which an engine skips what lies elsewhere.
std::string RangeSql(const std::string& column, std::string_view type, const Span& span,
                     BatchUnit unit, Dialect dialect) {
  auto bound = [&](const Span& at) {
    std::string text = Print(at, BatchUnit::kDay);
    if (type == "date") return "DATE " + sql::QuoteLiteral(text);
    bool has_zone = type == "timestamptz";
    text += has_zone ? " 00:00:00+00" : " 00:00:00";
    return fmt::format("CAST({} AS {})", sql::QuoteLiteral(text),
                       !has_zone                     ? "TIMESTAMP"
                       : dialect == Dialect::kDuckDb ? "TIMESTAMPTZ"
                                                     : "TIMESTAMP WITH TIME ZONE");
  };
  return fmt::format("{0} >= {1} AND {0} < {2}", column, bound(span), bound(Next(span, unit)));
}

// What one part adds to a batch.
struct Named {
  std::string name = "null";
  std::string where;
  Json order;
};

Named NameTime(const BatchPart& part, std::string_view type, Dialect dialect,
               const sql::ResultSet& rows, int64_t row, size_t column, Json* identifiers) {
  const std::string key = KeySql(part, type, dialect);
  std::optional<Span> span;
  if (!rows.IsNull(row, column)) span = ReadSpan(part.unit, rows, row, column, dialect);
  auto say = [&](std::string_view name, int64_t number) {
    identifiers->Set(name, span ? Json(number) : Json());
  };
  say("year", span ? span->year : 0);
  if (part.unit != BatchUnit::kYear) say("month", span ? span->month : 0);
  if (part.unit == BatchUnit::kDay) say("day", span ? span->day : 0);
  if (!span) return {.where = key + " IS NULL"};
  Named named{.name = Print(*span, part.unit),
              .order = Json((span->year * 12 + span->month) * 31 + span->day)};
  bool is_plain = dialect != Dialect::kSqlite && span->year >= 1 && span->year <= kYearMax;
  if (is_plain)
    named.where = RangeSql(sql::QuoteIdentifier(part.column), type, *span, part.unit, dialect);
  else
    named.where = fmt::format("{} = {}", key,
                              rows.ToJson(row, column).is_number()
                                  ? std::to_string(rows.Integer(row, column))
                                  : sql::QuoteLiteral(rows.Text(row, column)));
  return named;
}

Named NameValue(const BatchPart& part, std::string_view type, Dialect dialect,
                const sql::ResultSet& rows, int64_t row, size_t column, Json* identifiers) {
  const std::string key = KeySql(part, type, dialect);
  if (rows.IsNull(row, column)) {
    identifiers->Set(part.column, Json());
    return {.where = key + " IS NULL"};
  }
  Json value = rows.ToJson(row, column);
  bool is_number = sql::ClassOf(type) == sql::TypeClass::kNumber;
  identifiers->Set(part.column, is_number ? Numeric(value) : value);
  Named named{.name = value.is_string() ? value.AsString() : rows.Text(row, column),
              .order = is_number ? Numeric(value) : value};
  Expr literal = Expr::Literal(value, dialect == Dialect::kSqlite ? "" : std::string_view(type));
  if (IsFloat(type) && dialect != Dialect::kSqlite)
    literal = Expr::Double(rows.Double(row, column));
  named.where = key + " = " + literal.Print(dialect);
  return named;
}

bool IsBefore(const Json& a, const Json& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && !b.is_null();
  return IsSmaller(a, b);
}

}  // namespace

Result<BatchDefinition> ParseBatches(std::string_view text) {
  text = Trim(text);
  if (text == "whole") return BatchDefinition{};
  if (text.starts_with(kFile)) {
    if (!text.ends_with(')') || text.size() == kFile.size() + 1)
      return Mistake(text, "A regular expression stands in the parentheses.");
    return BatchDefinition{
        .file_regex = std::string(text.substr(kFile.size(), text.size() - kFile.size() - 1))};
  }
  return Reader(text).Read();
}

std::string ToString(const BatchDefinition& definition) {
  if (!definition.file_regex.empty()) return std::string(kFile) + definition.file_regex + ")";
  if (definition.parts.empty()) return "whole";
  std::vector<std::string> texts;
  for (const BatchPart& part : definition.parts) {
    bool is_plain = part.column.find_first_of("(), \"") == std::string::npos;
    std::string column = is_plain ? part.column : "\"" + part.column + "\"";
    texts.push_back(fmt::format("{}({})", NameOf(part.unit), column));
  }
  return Join(texts, ", ");
}

std::string BatchesMistake(const BatchDefinition& definition,
                           const std::vector<sql::TableColumn>& columns, Dialect dialect) {
  if (!definition.file_regex.empty())
    return "file(…) is for files: the rows of a table are told apart by its columns.";
  for (const BatchPart& part : definition.parts) {
    const sql::TableColumn* column = FindColumn(columns, part.column);
    if (column == nullptr) {
      std::vector<std::string> names;
      for (const sql::TableColumn& known : columns) names.push_back(known.name);
      std::string meant = DidYouMean(part.column, names);
      return fmt::format("The data has no column \"{}\".{}", part.column,
                         meant.empty() ? "" : " Did you mean \"" + meant + "\"?");
    }
    sql::TypeClass type = sql::ClassOf(column->type);
    bool is_time = type == sql::TypeClass::kTimestamp || column->type == "date";
    bool is_text = dialect == Dialect::kSqlite && column->type == "string";
    if (part.unit != BatchUnit::kValue && !is_time && !is_text)
      return fmt::format("{}({}) takes a date or a timestamp, but {} is a {}.", NameOf(part.unit),
                         part.column, part.column, column->type);
    if (part.unit == BatchUnit::kValue &&
        (type == sql::TypeClass::kNested || column->type == "binary"))
      return fmt::format("{} is a {}, whose values are no batches.", part.column, column->type);
  }
  return {};
}

std::vector<std::string> BatchKeys(const BatchDefinition& definition,
                                   const std::vector<sql::TableColumn>& columns, Dialect dialect) {
  std::vector<std::string> keys;
  for (const BatchPart& part : definition.parts)
    keys.push_back(KeySql(part, TypeOf(columns, part.column), dialect));
  return keys;
}

Batch BatchOfRow(const BatchDefinition& definition, const std::vector<sql::TableColumn>& columns,
                 Dialect dialect, const sql::ResultSet& rows, int64_t row) {
  Batch batch;
  std::vector<std::string> names, conditions;
  for (size_t i = 0; i < definition.parts.size(); i++) {
    const BatchPart& part = definition.parts[i];
    auto name = part.unit == BatchUnit::kValue ? NameValue : NameTime;
    Named named =
        name(part, TypeOf(columns, part.column), dialect, rows, row, i, &batch.identifiers);
    names.push_back(std::move(named.name));
    conditions.push_back(std::move(named.where));
    batch.order.push_back(std::move(named.order));
  }
  batch.name = Join(names, "/");
  batch.where = Join(conditions, " AND ");
  return batch;
}

void Sort(std::vector<Batch>* batches) {
  std::stable_sort(batches->begin(), batches->end(), [](const Batch& a, const Batch& b) {
    return std::lexicographical_compare(a.order.begin(), a.order.end(), b.order.begin(),
                                        b.order.end(), IsBefore);
  });
}

Result<std::vector<Batch>> ListBatches(sql::Session& session, std::string_view relation,
                                       const BatchDefinition& definition,
                                       const sql::QueryOptions& options) {
  const std::vector<sql::TableColumn> columns = TRY(session.Columns(relation));
  std::string mistake = BatchesMistake(definition, columns, session.dialect());
  if (!mistake.empty()) return Error::Invalid("{}", mistake);
  std::vector<std::string> keys = BatchKeys(definition, columns, session.dialect()), places;
  for (size_t i = 1; i <= keys.size(); i++) places.push_back(std::to_string(i));
  sql::QueryOptions bounded = options;
  bounded.rows_max = kBatchesMax;
  sql::ResultSet rows =
      TRY(session.Query(fmt::format("SELECT {}, count(*) FROM {} AS checked GROUP BY {}",
                                    Join(keys, ", "), relation, Join(places, ", ")),
                        {}, bounded));
  if (rows.truncated())
    return Error::Invalid("{} gives more than {} batches.", ToString(definition),
                          WithThousands(kBatchesMax));
  std::vector<Batch> batches;
  for (int64_t row = 0; row < rows.row_count(); row++) {
    batches.push_back(BatchOfRow(definition, columns, session.dialect(), rows, row));
    batches.back().rows = rows.Integer(row, keys.size());
  }
  Sort(&batches);
  return batches;
}

Result<Batch> PickBatch(const std::vector<Batch>& batches, std::string_view name) {
  if (batches.empty()) return Error::NotFound("The data has no rows, and so no batch.");
  if (name.empty()) return batches.back();
  std::vector<std::string> names;
  for (const Batch& batch : batches) {
    if (batch.name == name) return batch;
    names.push_back(batch.name);
  }
  bool is_cut = names.size() > kNamedMax;
  if (is_cut) names.erase(names.begin(), names.end() - static_cast<std::ptrdiff_t>(kNamedMax));
  return Error::NotFound("There is no batch \"{}\"; there {} {}{}.", name,
                         batches.size() == 1 ? "is" : "are", is_cut ? "…, " : "",
                         Join(names, ", "));
}

std::string BatchRelation(std::string_view relation, const Batch& batch) {
  return fmt::format("(SELECT * FROM {} AS whole WHERE {})", relation, batch.where);
}

std::string BatchId(std::string_view whole, const Json& identifiers) {
  std::string id(whole);
  for (const auto& [name, value] : identifiers.members())
    id += "-" + name + "_" + (value.is_string() ? value.AsString() : value.Dump());
  return id;
}

}  // namespace andon::quality
