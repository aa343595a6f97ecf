#include "quality/args.h"

#include "base/text.h"
#include "sql/quote.h"

namespace andon::quality {

ColumnIndex::ColumnIndex(std::vector<sql::ColumnInfo> columns) {
  for (sql::ColumnInfo& column : columns) Add(std::move(column));
}

const sql::ColumnInfo* ColumnIndex::Find(std::string_view name) const {
  auto found = places_.find(name);
  return found == places_.end() ? nullptr : &columns_[found->second];
}

void ColumnIndex::Add(sql::ColumnInfo column) {
  places_.try_emplace(column.name, columns_.size());
  columns_.push_back(std::move(column));
}

std::vector<std::string> Args::Strings(const Param& param) const {
  std::vector<std::string> strings;
  const Json& list = Get(param);
  if (list.is_string()) return {list.AsString()};
  for (const Json& item : list.items()) strings.push_back(item.AsString());
  return strings;
}

std::optional<double> Args::Number(const Param& param) const {
  if (!Get(param).is_number()) return {};
  return Get(param).AsDouble();
}

std::vector<sql::Expr> Args::Columns(const Param& param) const {
  std::vector<sql::Expr> columns;
  for (std::string& name : Strings(param)) columns.push_back(sql::Expr::Column(std::move(name)));
  return columns;
}

sql::Expr Args::Previous() const { return sql::Expr::Column(std::string(kPreviousColumn)); }

std::string Args::TypeOf(std::string_view column) const {
  if (!around_.columns) return "string";
  const sql::ColumnInfo* info = around_.columns->Find(column);
  return info ? info->type : "string";
}

sql::Expr Args::Text() const {
  return sql::ClassOf(Type()) == sql::TypeClass::kString ? Column() : sql::AsText(Column());
}

bool FitsType(const Json& value, std::string_view type) {
  if (value.is_null()) return true;
  switch (sql::ClassOf(type)) {
    case sql::TypeClass::kNumber:
      return value.is_number();
    case sql::TypeClass::kBoolean:
      return value.is_bool();
    case sql::TypeClass::kString:
    case sql::TypeClass::kUuid:
    case sql::TypeClass::kBinary:
    case sql::TypeClass::kTime:
      return value.is_string();
    case sql::TypeClass::kDate:
    case sql::TypeClass::kTimestamp:
      return value.is_string() && ParseTimestamp(value.AsString()).ok();
    case sql::TypeClass::kNested:
      return false;
  }
  return false;
}

std::vector<sql::Expr> Args::Literals(const Param& param) const {
  std::vector<sql::Expr> literals;
  for (const Json& item : Get(param).items()) {
    if (!item.is_null() && FitsType(item, Type()))
      literals.push_back(sql::Expr::Literal(item, Type()));
  }
  return literals;
}

std::string Args::From(const Param& param) const {
  std::string name = String(param);
  if (around_.tables) {
    auto found = around_.tables->find(name);
    if (found != around_.tables->end()) return found->second;
  }
  return sql::QuoteIdentifier(name);
}

std::string Args::WithBatch(std::string query) const {
  constexpr std::string_view kBatch = "{batch}";
  std::string table = sql::QuoteIdentifier(table_name().empty() ? "batch" : table_name());
  for (size_t at = query.find(kBatch); at != std::string::npos;
       at = query.find(kBatch, at + table.size())) {
    query.replace(at, kBatch.size(), table);
  }
  return query;
}

std::string OtherTable(const Args& args, const Param& table, std::string_view source) {
  if (source.empty()) return args.From(table);
  std::vector<std::string> parts;
  for (const std::string& part : Split(args.String(table), '.'))
    parts.push_back(sql::QuoteIdentifier(part));
  return Join(parts, ".");
}

std::optional<sql::Expr> JudgedRows(const Args& args, const std::vector<std::string>& columns,
                                    const Param& ignore_row_if) {
  std::string word = args.String(ignore_row_if);
  if (word == "never" || word == "neither") return {};
  std::vector<sql::Expr> filled;
  for (const std::string& column : columns)
    filled.push_back(sql::IsNotNull(sql::Expr::Column(column)));
  bool all = word == "any_value_is_missing" || word == "either_value_is_missing";
  return all ? sql::And(std::move(filled)) : sql::Or(std::move(filled));
}

std::string IgnoreRowMistake(const Args& args, const Param& ignore_row_if) {
  if (!args.Has(ignore_row_if)) return {};
  std::string word = args.String(ignore_row_if);
  bool is_pair = std::string_view(ignore_row_if.doc) == kIgnorePair.doc;
  bool is_known = is_pair ? word == "both_values_are_missing" ||
                                word == "either_value_is_missing" || word == "neither"
                          : word == "all_values_are_missing" || word == "any_value_is_missing" ||
                                word == "never";
  return is_known ? "" : "\"ignore_row_if\" must be " + std::string(ignore_row_if.doc);
}

}  // namespace andon::quality
