#include "sql/condition.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"

namespace andon::sql {
namespace {

const std::set<std::string_view> kKeywords = {
    "and",  "or",   "not",  "is",   "null", "in",   "between",  "like", "ilike",    "true", "false",
    "case", "when", "then", "else", "end",  "cast", "try_cast", "as",   "distinct", "from"};
const std::set<std::string_view> kTypes = {
    "bigint",   "boolean", "date",      "decimal", "double",  "float",
    "int",      "integer", "interval",  "long",    "numeric", "real",
    "smallint", "text",    "timestamp", "tinyint", "time",    "varchar"};
// Of the values they are given and nothing else.
const std::set<std::string_view> kFunctions = {"abs",
                                               "ceil",
                                               "ceiling",
                                               "coalesce",
                                               "concat",
                                               "contains",
                                               "date_part",
                                               "date_trunc",
                                               "day",
                                               "ends_with",
                                               "floor",
                                               "greatest",
                                               "hour",
                                               "ifnull",
                                               "isfinite",
                                               "isinf",
                                               "isnan",
                                               "least",
                                               "left",
                                               "length",
                                               "lower",
                                               "ltrim",
                                               "minute",
                                               "mod",
                                               "month",
                                               "nullif",
                                               "prefix",
                                               "regexp_full_match",
                                               "regexp_matches",
                                               "replace",
                                               "right",
                                               "round",
                                               "rtrim",
                                               "second",
                                               "sign",
                                               "starts_with",
                                               "strlen",
                                               "substr",
                                               "substring",
                                               "suffix",
                                               "trim",
                                               "upper",
                                               "year"};
// Functions that are called without parentheses: no column, whatever the columns are called.
const std::set<std::string_view> kBareFunctions = {
    "current_catalog", "current_date",      "current_role", "current_schema",
    "current_time",    "current_timestamp", "current_user", "localtime",
    "localtimestamp",  "session_user",      "user"};

bool IsWordStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  Reader(std::string_view text, const std::vector<std::string>& columns) : text_(text) {
    for (const std::string& column : columns) by_name_[AsciiLower(column)] = column;
  }

  // None: something in it is not known.
  std::optional<std::set<std::string>> Read() {
    // A column that is called like a word of the language: which is meant, the engine's parser
    // knows.
    for (const auto& [name, column] : by_name_) {
      if (kKeywords.contains(name)) return {};
    }
    while (at_ < text_.size()) {
      if (!Next()) return {};
    }
    return std::move(found_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool Next() {
    const char c = Peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      at_++;
      return true;
    }
    if (c == '\'') return Quoted('\'', nullptr) && Goes("'");
    if (c == '"') return QuotedColumn();
    if (IsWordStart(c)) return Word();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    return Operator();
  }

  bool Goes(std::string before) {
    before_ = std::move(before);
    return true;
  }

  // To the end of a quoted part, in which a quote stands twice.
  bool Quoted(char quote, std::string* content) {
    for (at_++; at_ < text_.size(); at_++) {
      if (text_[at_] == quote && Peek(1) != quote) {
        at_++;
        return true;
      }
      if (text_[at_] == quote) at_++;
      if (content) *content += text_[at_];
    }
    return false;
  }

  bool Found(const std::string& name) {
    auto column = by_name_.find(AsciiLower(name));
    if (column == by_name_.end()) return false;
    found_.insert(column->second);
    return Goes("column");
  }

  bool QuotedColumn() {
    std::string name;
    return Quoted('"', &name) && Found(name) && NextIsNo("('");
  }

  // What follows, spaces apart.
  char Following() const {
    size_t next = text_.find_first_not_of(" \t\r\n", at_);
    return next == std::string_view::npos ? '\0' : text_[next];
  }
  bool NextIsNo(std::string_view these) const {
    return these.find(Following()) == std::string_view::npos || Following() == '\0';
  }

  bool Word() {
    const size_t start = at_;
    while (IsWord(Peek())) at_++;
    const std::string word = AsciiLower(std::string(text_.substr(start, at_ - start)));
    if (static_cast<unsigned char>(Peek()) >= 0x80) return false;  // A letter that is not ASCII.
    if (kKeywords.contains(word)) return NextIsNo("'") || IsBeforeText(word) ? Goes(word) : false;
    const bool is_type =
        kTypes.contains(word) && (before_ == "as" || before_ == "::" || Following() == '\'');
    if (is_type) return Goes("type");
    if (Following() == '(') return kFunctions.contains(word) && Goes("function");
    return !kBareFunctions.contains(word) && NextIsNo("'") && Found(word);
  }
  // A text may stand behind these, as it may behind an operator.
  static bool IsBeforeText(std::string_view word) {
    return word != "as" && word != "null" && word != "end" && word != "true" && word != "false";
  }

  bool Number() {
    while (IsDigit(Peek()) || Peek() == '.') at_++;
    if (Peek() == 'e' || Peek() == 'E') {
      at_++;
      if (Peek() == '+' || Peek() == '-') at_++;
      while (IsDigit(Peek())) at_++;
    }
    return !IsWord(Peek()) && Goes("number");
  }

  bool Operator() {
    constexpr std::string_view kOne = "=<>!+-*/%|(),";
    const char c = Peek(), next = Peek(1);
    if (c == ':' && next == ':') {
      at_ += 2;
      return Goes("::");
    }
    const bool begins_other =
        (c == '-' && (next == '-' || next == '>')) || (c == '/' && next == '*');
    if (kOne.find(c) == std::string_view::npos || begins_other) return false;
    at_++;
    return Goes(std::string(1, c));
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string before_;                          // The part before, by its kind.
  std::map<std::string, std::string> by_name_;  // In lower case → as the relation has it.
  std::set<std::string> found_;
};

}  // namespace

Expr ReadCondition(const std::string& text, const std::vector<std::string>& columns) {
  std::optional<std::set<std::string>> found = Reader(text, columns).Read();
  if (!found) return Expr::Written(text);
  return Expr::Written(text, {found->begin(), found->end()});
}

}  // namespace andon::sql
