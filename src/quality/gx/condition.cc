#include "quality/gx/condition.h"

#include <algorithm>

#include "base/text.h"
#include "sql/types.h"

namespace andon::quality::gx {
namespace {

using Kind = Condition::Kind;

constexpr int kConditionsMax = 100;  // The reference's own bound on a tree.

Condition Make(Kind kind, std::string word, std::vector<Condition> parts = {}) {
  return {.kind = kind, .word = std::move(word), .parts = std::move(parts)};
}
Condition MakeLiteral(Json value) { return {.kind = Kind::kLiteral, .value = std::move(value)}; }
Condition MakeNot(Condition part) { return Make(Kind::kNot, "", {std::move(part)}); }

// --- The typed tree.

Result<std::string> ColumnOf(const Json& tree) {
  const Json& column = tree["column"];
  const std::string& name = column.is_string() ? column.AsString() : column["name"].AsString();
  if (name.empty()) return Error::Invalid("a condition names no column");
  return name;
}

Result<Condition> ReadComparison(const Json& tree) {
  std::string name = TRY(ColumnOf(tree));
  Condition column = Make(Kind::kColumn, std::move(name));
  const std::string& sign = tree["operator"].AsString();
  const Json& parameter = tree["parameter"];
  if (sign == "IN" || sign == "NOT_IN") {
    if (!parameter.is_array()) return Error::Invalid("{} takes a list of values", sign);
    Condition in = Make(Kind::kIn, "", {std::move(column)});
    for (const Json& item : parameter.items()) {
      if (item.is_array() || item.is_object() || item.is_null())
        return Error::Invalid("{} takes numbers or texts, not {}", sign, item.Dump());
      in.parts.push_back(MakeLiteral(item));
    }
    return sign == "IN" ? in : MakeNot(std::move(in));
  }
  static const std::vector<std::string> kSigns = {"==", "!=", "<", "<=", ">", ">="};
  if (std::find(kSigns.begin(), kSigns.end(), sign) == kSigns.end())
    return Error::Invalid("\"{}\" is no operator; write one of == != < <= > >= IN NOT_IN", sign);
  if (parameter.is_null() || parameter.is_array() || parameter.is_object())
    return Error::Invalid(
        "{} compares with a value, not with {}; for nulls there is the type nullity", sign,
        parameter.Dump());
  return Make(Kind::kCompare, sign, {std::move(column), MakeLiteral(parameter)});
}

Result<Condition> ReadTree(const Json& tree, bool is_in_and, bool is_in_or, int* count) {
  if (++*count > kConditionsMax)
    return Error::Invalid("it has more than {} conditions", kConditionsMax);
  const std::string& type = tree["type"].AsString();
  if (type == "comparison") return ReadComparison(tree);
  if (type == "nullity") {
    std::string name = TRY(ColumnOf(tree));
    Condition null = Make(Kind::kIsNull, "", {Make(Kind::kColumn, std::move(name))});
    return tree["is_null"].AsBool() ? null : MakeNot(std::move(null));
  }
  if (type == "and" || type == "or") {
    if (type == "or" && (is_in_and || is_in_or))
      return Error::Invalid("an \"or\" must not stand within an \"and\" or another \"or\"");
    if (tree["conditions"].items().empty()) return Error::Invalid("\"{}\" has no conditions", type);
    Condition all = Make(type == "and" ? Kind::kAnd : Kind::kOr, "");
    for (const Json& part : tree["conditions"].items()) {
      Condition read =
          TRY(ReadTree(part, is_in_and || type == "and", is_in_or || type == "or", count));
      all.parts.push_back(std::move(read));
    }
    return all;
  }
  if (type.empty()) return Error::Invalid("a condition has no \"type\"");
  static const std::vector<std::string> kTypes = {"comparison", "nullity", "and", "or",
                                                  "pass_through"};
  std::string meant = DidYouMean(type, kTypes);
  return Error::Invalid("there is no type of condition \"{}\"{}", type,
                        meant.empty() ? "" : "; did you mean \"" + meant + "\"?");
}

// --- The text of the reference's own parser.

// Takes `"…"` or `'…'` off the front.
Result<std::string> TakeQuoted(std::string_view* text) {
  *text = Trim(*text);
  if (text->empty() || (text->front() != '"' && text->front() != '\''))
    return Error::Invalid("a text in quotes is missing before \"{}\"", *text);
  size_t end = text->find(text->front(), 1);
  if (end == std::string_view::npos) return Error::Invalid("a text in quotes does not end");
  std::string quoted(text->substr(1, end - 1));
  text->remove_prefix(end + 1);
  return quoted;
}

// --- SQL.

class Printer {
 public:
  explicit Printer(const ConditionTarget& target) : target_(target) {}

  // True rows of the condition, or with `negated` the rows of its opposite.
  Result<std::string> Rows(const Condition& c, bool negated) {
    switch (c.kind) {
      case Kind::kAnd:
      case Kind::kOr:
        return Joined(c, negated);
      case Kind::kNot:
        return Rows(c.parts[0], !negated);
      case Kind::kCompare:
        return Compare(c, negated);
      case Kind::kIn:
        return In(c, negated);
      case Kind::kIsNull: {
        std::string value = TRY(Value(c.parts[0]));
        return value + (negated ? " IS NOT NULL" : " IS NULL");
      }
      case Kind::kText:
        return Looks(c, negated);
      case Kind::kWritten:
        return (negated ? "NOT (" : "(") + c.word + ")";
      case Kind::kLiteral:
        if (c.value.is_bool()) return std::string(c.value.AsBool() != negated ? "1 = 1" : "1 = 0");
        return Error::Invalid("{} is no condition", c.value.Dump());
      case Kind::kColumn: {
        std::string column = TRY(Value(c));
        std::string is_true =
            IsBoolean(c) || target_.dialect == sql::Dialect::kPostgres ? column : column + " <> 0";
        return negated ? Opposite(is_true, {column}) : is_true;
      }
      case Kind::kCalculate:
      case Kind::kLength:
      case Kind::kLower:
      case Kind::kUpper:
        return Error::Invalid("a value stands where a condition is wanted");
    }
    return Error::Invalid("a condition is not understood");
  }

 private:
  Result<std::string> Joined(const Condition& c, bool negated) {
    std::string_view word = (c.kind == Kind::kAnd) != negated ? " AND " : " OR ";
    std::string out;
    for (const Condition& part : c.parts) {
      std::string rows = TRY(Rows(part, negated));
      out += out.empty() ? "(" : word;
      out += rows;
    }
    return out + ")";
  }

  // Rows of `NOT rows`; to pandas nulls belong to them.
  std::string Opposite(const std::string& rows, const std::vector<std::string>& values) const {
    std::string out = "NOT (" + rows + ")";
    return target_.nulls == Nulls::kSql ? out : OrNull(out, values);
  }
  static std::string OrNull(std::string rows, const std::vector<std::string>& values) {
    for (const std::string& value : values) rows += " OR " + value + " IS NULL";
    return "(" + rows + ")";
  }

  static std::string_view SqlSign(const std::string& sign) {
    return sign == "==" ? "=" : sign == "!=" ? "<>" : std::string_view(sign);
  }

  Result<std::string> Compare(const Condition& c, bool negated) {
    const Condition &left = c.parts[0], &right = c.parts[1];
    bool is_unequal = c.word == "!=", is_equality = is_unequal || c.word == "==";
    if (is_equality && (IsNone(left) || IsNone(right)))
      return std::string(is_unequal != negated ? "1 = 1" : "1 = 0");  // Nothing equals None.
    bool differ = target_.nulls == Nulls::kPandas && (Differ(left, right) || Differ(right, left));
    if (differ && !is_equality)
      return Error::Invalid("a text and a number are compared: {} {} {}", Words(left), c.word,
                            Words(right));
    if (differ) return std::string(is_unequal != negated ? "1 = 1" : "1 = 0");
    std::string a = TRY(Value(left, &right));
    std::string b = TRY(Value(right, &left));
    std::vector<std::string> values;
    if (left.kind != Kind::kLiteral) values.push_back(a);
    if (right.kind != Kind::kLiteral) values.push_back(b);
    std::string sql = fmt::format("{} {} {}", a, SqlSign(c.word), b);
    if (is_unequal && negated) return fmt::format("{} = {}", a, b);
    if (is_unequal) return target_.nulls == Nulls::kPandas ? OrNull(sql, values) : sql;
    return negated ? Opposite(sql, values) : sql;
  }

  Result<std::string> In(const Condition& c, bool negated) {
    const Condition& subject = c.parts[0];
    std::string value = TRY(Value(subject));
    std::string items;
    for (size_t i = 1; i < c.parts.size(); i++) {
      if (IsNone(c.parts[i])) continue;
      if (target_.nulls == Nulls::kPandas && Differ(subject, c.parts[i])) continue;
      std::string item = TRY(Value(c.parts[i], &subject));
      items += (items.empty() ? "" : ", ") + item;
    }
    if (items.empty()) return std::string(negated ? "1 = 1" : "1 = 0");
    std::string sql = fmt::format("{} IN ({})", value, items);
    return negated ? Opposite(sql, {value}) : sql;
  }

  Result<std::string> Looks(const Condition& c, bool negated) {
    const std::string& wanted = c.parts[1].value.AsString();
    std::string value = TRY(Value(c.parts[0]));
    std::string sql;
    if (c.word == "contains") {
      if (c.parts[0].kind != Kind::kColumn)
        return Error::Invalid(".str.contains() looks into a column");
      sql = sql::Matches(sql::Expr::Column(c.parts[0].word), wanted).Print(target_.dialect);
    } else {
      auto length = std::count_if(wanted.begin(), wanted.end(),
                                  [](char byte) { return (byte & 0xC0) != 0x80; });
      std::string from = c.word == "startswith" ? fmt::format("1, {}", length)
                                                : fmt::format("length({}) - {}", value, length - 1);
      sql = fmt::format("substr({}, {}) = {}", value, from, sql::QuoteLiteral(wanted));
    }
    return negated ? Opposite(sql, {value}) : sql;
  }

  // A value; a literal takes the type of what it is compared with.
  Result<std::string> Value(const Condition& c, const Condition* other = nullptr) {
    switch (c.kind) {
      case Kind::kColumn:
        return Column(c.word);
      case Kind::kLiteral:
        return Literal(c.value, other);
      case Kind::kCalculate:
        return Calculate(c);
      case Kind::kLength:
      case Kind::kLower:
      case Kind::kUpper: {
        std::string text = TRY(Value(c.parts[0]));
        std::string_view name = c.kind == Kind::kLength  ? "length"
                                : c.kind == Kind::kLower ? "lower"
                                                         : "upper";
        return fmt::format("{}({})", name, text);
      }
      default:
        return Error::Invalid("a condition stands where a value is wanted");
    }
  }

  const sql::TableColumn* Find(const std::string& name) const {
    for (const sql::TableColumn& column : target_.columns) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }

  Result<std::string> Column(const std::string& name) const {
    std::string quoted = sql::QuoteIdentifier(name);
    if (target_.columns.empty()) return quoted;
    const sql::TableColumn* column = Find(name);
    if (!column) {
      std::vector<std::string> names;
      for (const sql::TableColumn& known : target_.columns) names.push_back(known.name);
      std::string meant = DidYouMean(name, names);
      return Error::Invalid("there is no column \"{}\"{}", name,
                            meant.empty() ? "" : "; did you mean \"" + meant + "\"?");
    }
    // To pandas a NaN is a null.
    bool may_be_nan = target_.nulls == Nulls::kPandas && target_.dialect == sql::Dialect::kDuckDb &&
                      (column->type == "double" || column->type == "float");
    return may_be_nan ? fmt::format("nullif({}, 'NaN')", quoted) : quoted;
  }

  bool IsBoolean(const Condition& c) const {
    if (c.kind != Kind::kColumn) return false;
    const sql::TableColumn* column = Find(c.word);
    return !column || column->type == "boolean";
  }

  Result<std::string> Literal(const Json& value, const Condition* other) const {
    bool is_flag = other && other->kind == Kind::kColumn && Find(other->word) && IsBoolean(*other);
    if (value.is_null()) return std::string("NULL");
    if (value.is_bool() || (is_flag && value.is_number())) {
      bool is_true = value.is_bool() ? value.AsBool() : value.AsDouble() != 0;
      if (is_flag || !other) return std::string(is_true ? "TRUE" : "FALSE");
      return std::string(is_true ? "1" : "0");
    }
    if (value.is_number()) return value.Dump();
    if (value.is_string()) return sql::QuoteLiteral(value.AsString());
    return Error::Invalid("{} is no value", value.Dump());
  }

  Result<std::string> Calculate(const Condition& c) {
    std::string a = TRY(Value(c.parts[0]));
    std::string b = TRY(Value(c.parts[1]));
    // Python divides to a fraction, and to the next lower whole number.
    if (c.word == "/") return fmt::format("(({}) * 1.0 / nullif({}, 0))", a, b);
    if (c.word == "//") return fmt::format("floor(({}) * 1.0 / nullif({}, 0))", a, b);
    if (c.word == "%")
      return fmt::format("(({0}) - floor(({0}) * 1.0 / nullif({1}, 0)) * ({1}))", a, b);
    return fmt::format("({} {} {})", a, c.word, b);
  }

  static bool IsNone(const Condition& c) { return c.kind == Kind::kLiteral && c.value.is_null(); }
  static std::string Words(const Condition& c) {
    return c.kind == Kind::kLiteral ? c.value.Dump() : c.word;
  }

  // A literal that has nothing in common with the column's type.
  bool Differ(const Condition& column, const Condition& literal) const {
    if (column.kind != Kind::kColumn || literal.kind != Kind::kLiteral) return false;
    const sql::TableColumn* known = Find(column.word);
    if (!known) return false;
    sql::TypeClass type = sql::ClassOf(known->type);
    if (literal.value.is_string())
      return type == sql::TypeClass::kNumber || type == sql::TypeClass::kBoolean;
    if (literal.value.is_number() || literal.value.is_bool())
      return type == sql::TypeClass::kString || type == sql::TypeClass::kUuid;
    return false;
  }

  const ConditionTarget& target_;
};

}  // namespace

Result<Condition> ReadConditionTree(const Json& tree) {
  if (tree["type"].AsString() == "pass_through") {
    const std::string& text = tree["pass_through_filter"].AsString();
    Result<Condition> read = ReadPandasCondition(text);
    return read.ok() ? std::move(read) : ReadSqlCondition(text);
  }
  int count = 0;
  return ReadTree(tree, false, false, &count);
}

Result<Condition> ReadGreatExpectationsCondition(std::string_view text) {
  std::string_view rest = Trim(text);
  if (!rest.starts_with("col(")) return Error::Invalid("it does not begin with col(\"…\")");
  rest.remove_prefix(4);
  std::string name = TRY(TakeQuoted(&rest));
  rest = Trim(rest);
  if (!rest.starts_with(')'))
    return Error::Invalid("the closing ) of col(\"{}\") is missing", name);
  rest = Trim(rest.substr(1));
  Condition column = Make(Kind::kColumn, std::move(name));
  if (AsciiLower(rest) == ".notnull()")
    return MakeNot(Make(Kind::kIsNull, "", {std::move(column)}));
  if (AsciiLower(rest) == ".isnull()") return Make(Kind::kIsNull, "", {std::move(column)});
  std::string sign;
  for (std::string_view known : {"==", "!=", ">=", "<=", ">", "<"}) {
    if (sign.empty() && rest.starts_with(known)) sign = known;
  }
  if (sign.empty())
    return Error::Invalid("\"{}\" is no comparison; write == != < <= > >= or .notnull()", rest);
  rest = Trim(rest.substr(sign.size()));
  bool is_date = rest.starts_with("date(");
  if (is_date) rest.remove_prefix(5);
  Json value;
  if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) {
    value = TRY(TakeQuoted(&rest));
    rest = Trim(rest);
    if (is_date && !rest.starts_with(')'))
      return Error::Invalid("the closing ) of date() is missing");
    if (is_date) rest.remove_prefix(1);
  } else {
    Result<Json> number = Json::Parse(rest.starts_with('+') ? rest.substr(1) : rest);
    if (is_date || !number.ok() || !number->is_number())
      return Error::Invalid("\"{}\" is neither a number nor a text in quotes", rest);
    value = *number;
    rest = {};
  }
  if (!Trim(rest).empty()) return Error::Invalid("\"{}\" is not expected at its end", Trim(rest));
  return Make(Kind::kCompare, sign, {std::move(column), MakeLiteral(std::move(value))});
}

Result<Condition> ReadSqlCondition(std::string_view text) {
  std::string_view rest = Trim(text);
  if (rest.empty()) return Error::Invalid("it is empty");
  std::string sql;
  int open = 0;
  for (size_t i = 0; i < rest.size(); i++) {
    char c = rest[i];
    if (c == '\'' || c == '"' || c == '`') {
      size_t end = rest.find(c, i + 1);
      if (end == std::string_view::npos) return Error::Invalid("a text in quotes does not end");
      std::string_view inside = rest.substr(i + 1, end - i - 1);
      // Spark's names in backticks are names in quotes elsewhere.
      sql += c == '`' ? sql::QuoteIdentifier(inside) : std::string(rest.substr(i, end - i + 1));
      i = end;
      continue;
    }
    std::string_view pair = rest.substr(i, 2);
    if (c == ';' || pair == "--" || pair == "/*")
      return Error::Invalid("\"{}\" does not belong into a condition", c == ';' ? ";" : pair);
    if (c == '(') open++;
    if (c == ')' && --open < 0) return Error::Invalid("a closing ) has no opening one");
    sql += c;
  }
  if (open > 0) return Error::Invalid("a closing ) is missing");
  return Make(Kind::kWritten, std::move(sql));
}

Result<Condition> ReadRowCondition(const Json& condition, std::string_view condition_parser) {
  if (condition.is_object()) return ReadConditionTree(condition);
  if (!condition.is_string()) return Error::Invalid("{} is no condition", condition.Dump());
  const std::string& text = condition.AsString();
  if (condition_parser == "pandas" || condition_parser == "python")
    return ReadPandasCondition(text);
  if (condition_parser.starts_with("great_expectations"))
    return ReadGreatExpectationsCondition(text);
  if (condition_parser == "spark" || condition_parser == "sql" || condition_parser == "sqlalchemy")
    return ReadSqlCondition(text);
  if (condition_parser.empty()) {
    Result<Condition> read = ReadPandasCondition(text);
    if (read.ok()) return read;
    if (Trim(text).starts_with("col(")) return ReadGreatExpectationsCondition(text);
    return ReadSqlCondition(text);
  }
  std::string meant = DidYouMean(condition_parser, {"pandas", "spark", "great_expectations"});
  return Error::Invalid("there is no condition_parser \"{}\"{}", condition_parser,
                        meant.empty() ? ": write pandas, spark or great_expectations"
                                      : "; did you mean \"" + meant + "\"?");
}

Result<std::string> RowConditionSql(const Json& condition, std::string_view condition_parser) {
  Condition read = TRY(ReadRowCondition(condition, condition_parser));
  return ToSql(read, {.nulls = Nulls::kPandas});
}

Result<std::string> ToSql(const Condition& condition, const ConditionTarget& target) {
  return Printer(target).Rows(condition, false);
}

}  // namespace andon::quality::gx
