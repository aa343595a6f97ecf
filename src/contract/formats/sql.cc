#include "contract/formats/sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/column_type.h"
#include "contract/sql_literal.h"
#include "sql/quote.h"

namespace andon::contract {
namespace {

bool IsPlainName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  bool word = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  static constexpr std::string_view kReserved[] = {
      "all",   "and",     "as",    "between", "by",    "case",   "check", "column",
      "date",  "default", "desc",  "else",    "end",   "from",   "group", "in",
      "is",    "join",    "key",   "like",    "limit", "not",    "null",  "on",
      "or",    "order",   "table", "time",    "to",    "union",  "user",  "values",
      "where", "with",    "year",  "month",   "day",   "select", "index", "primary"};
  return word && std::find(std::begin(kReserved), std::end(kReserved), name) == std::end(kReserved);
}

std::string Name(std::string_view name) {
  return IsPlainName(name) ? std::string(name) : sql::QuoteIdentifier(name);
}

std::string Comment(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\n' || c == '\r' ? ' ' : c;
  return out;
}

std::string TypeOf(const Property& p) {
  if (int64_t length = LengthOf(p.physical_type); length > 0 && p.type == "string")
    return fmt::format("VARCHAR({})", length);
  return ToSqlType(p.type.empty() ? "string" : p.type);
}

std::vector<std::string> Conditions(const Property& p) {
  std::vector<std::string> out;
  std::string name = Name(p.name);
  static const std::pair<const char*, const char*> kLimits[] = {
      {"minimum", ">="}, {"maximum", "<="}, {"exclusiveMinimum", ">"}, {"exclusiveMaximum", "<"}};
  for (const auto& [option, sign] : kLimits) {
    const Json& limit = p.options[option];
    if (limit.is_number() || limit.is_string())
      out.push_back(fmt::format("{} {} {}", name, sign, SqlLiteral(limit)));
  }
  for (const auto& [option, sign] : {std::pair{"minLength", ">="}, {"maxLength", "<="}}) {
    if (p.options[option].is_integer())
      out.push_back(fmt::format("CHAR_LENGTH({}) {} {}", name, sign, p.options[option].Dump()));
  }
  for (const Rule& rule : p.quality) {
    const Json& values = rule.arguments["validValues"];
    bool none = rule.comparison == "mustBe" && rule.operand == Json(0);
    if (rule.metric != "invalidValues" || !none || values.size() == 0) continue;
    std::vector<std::string> literals;
    for (const Json& value : values.items()) literals.push_back(SqlLiteral(value));
    out.push_back(fmt::format("{} IN ({})", name, Join(literals, ", ")));
  }
  return out;
}

std::string ReferenceOf(const Property& p) {
  for (const Reference& reference : p.references) {
    if (reference.to.size() != 1) continue;
    size_t dot = reference.to[0].rfind('.');
    if (dot == std::string::npos || reference.to[0].find('/') != std::string::npos) continue;
    return fmt::format(" REFERENCES {} ({})", Name(reference.to[0].substr(0, dot)),
                       Name(reference.to[0].substr(dot + 1)));
  }
  return "";
}

std::string TableSql(const Table& table) {
  std::string out;
  if (!table.description.empty()) out += fmt::format("-- {}\n", Comment(table.description));
  out += fmt::format("CREATE TABLE {} (\n",
                     Name(table.physical_name.empty() ? table.name : table.physical_name));
  std::vector<std::string> key = table.Key();
  std::vector<std::pair<std::string, std::string>> lines;  // Text and comment.
  for (const Property& p : table.properties) {
    std::string line = fmt::format("  {} {}", Name(p.name), TypeOf(p));
    if (key.size() == 1 && key[0] == p.name)
      line += " PRIMARY KEY";
    else if (p.required || p.primary_key)
      line += " NOT NULL";
    if (p.unique && !(key.size() == 1 && key[0] == p.name)) line += " UNIQUE";
    if (std::vector<std::string> conditions = Conditions(p); !conditions.empty())
      line += fmt::format(" CHECK ({})", Join(conditions, " AND "));
    line += ReferenceOf(p);
    lines.emplace_back(std::move(line), Comment(p.description));
  }
  if (key.size() > 1) {
    std::vector<std::string> names;
    for (const std::string& part : key) names.push_back(Name(part));
    lines.emplace_back(fmt::format("  PRIMARY KEY ({})", Join(names, ", ")), "");
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    out += lines[i].first + (i + 1 < lines.size() ? "," : "");
    if (!lines[i].second.empty()) out += " -- " + lines[i].second;
    out += "\n";
  }
  return out + ");\n";
}

// ------------------------------------------------------------------ reading

struct Token {
  enum class Kind { kWord, kQuoted, kText, kNumber, kSign, kEnd } kind = Kind::kEnd;
  std::string text;
  size_t at = 0;
};

class Script {
 public:
  explicit Script(std::string_view text) : text_(text) { Next(); }

  const Token& now() const { return token_; }
  bool at_end() const { return token_.kind == Token::Kind::kEnd; }
  bool Is(std::string_view word) const {
    bool plain = token_.kind == Token::Kind::kWord || token_.kind == Token::Kind::kSign;
    return plain && AsciiLower(token_.text) == AsciiLower(word);
  }
  bool Take(std::string_view word) {
    if (!Is(word)) return false;
    Next();
    return true;
  }
  std::string TakeText() {
    std::string text = token_.text;
    Next();
    return text;
  }
  Error Wrong(std::string_view what) const {
    size_t at = std::min(token_.at, text_.size());
    auto line = std::count(text_.begin(), text_.begin() + static_cast<long>(at), '\n') + 1;
    size_t start = text_.rfind('\n', at == 0 ? 0 : at - 1);
    size_t column = at - (start == std::string_view::npos || at == 0 ? 0 : start + 1) + 1;
    return Error::Invalid("on line {}, column {}: {}", line, column, what);
  }

  void Next() {
    SkipSpace();
    token_ = {.at = at_};
    if (at_ >= text_.size()) return;
    char c = text_[at_];
    if (c == '"' || c == '`' || c == '[') return Quoted(Token::Kind::kQuoted, c == '[' ? ']' : c);
    if (c == '\'') return Quoted(Token::Kind::kText, c);
    auto is_word = [](char x) {
      return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') ||
             x == '_' || x == '$' || (x & 0x80) != 0;
    };
    if (!is_word(c)) {
      token_.kind = Token::Kind::kSign;
      token_.text = c;
      ++at_;
      return;
    }
    token_.kind = c >= '0' && c <= '9' ? Token::Kind::kNumber : Token::Kind::kWord;
    while (at_ < text_.size() && is_word(text_[at_])) token_.text += text_[at_++];
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size()) {
      std::string_view rest = text_.substr(at_);
      if (rest.starts_with("--") || rest.starts_with("#")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest.starts_with("/*")) {
        size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n' || rest[0] == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  // Doubled quotes stand for one.
  void Quoted(Token::Kind kind, char end) {
    token_.kind = kind;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != end) {
        token_.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == end) {
        token_.text += end;
        ++at_;
      } else {
        ++at_;
        return;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  Token token_;
};

class Reader {
 public:
  explicit Reader(std::string_view script) : s_(script) {}

  Result<Json> Run(std::string_view name) {
    while (!s_.at_end()) {
      if (s_.Take("create")) {
        TRY(Create());
      } else if (s_.Take("comment") && s_.Take("on")) {
        CommentOn();
      }
      SkipStatement();
    }
    if (tables_.size() == 0) return Error::Invalid("The script creates no table.");
    Json out = Json::Object({{"apiVersion", "v3.1.0"},
                             {"kind", "DataContract"},
                             {"id", name},
                             {"name", name},
                             {"version", "1.0.0"},
                             {"status", "draft"}});
    out.Set("schema", std::move(tables_));
    return out;
  }

 private:
  // Up to and with the semicolon.
  void SkipStatement() {
    int depth = 0;
    while (!s_.at_end()) {
      if (s_.Is("(")) ++depth;
      if (s_.Is(")")) --depth;
      bool ends = depth <= 0 && s_.Is(";");
      s_.Next();
      if (ends) return;
    }
  }

  // The last part of schema.table.
  std::string QualifiedName() {
    std::string name = s_.TakeText();
    while (s_.Take(".")) name = s_.TakeText();
    return name;
  }

  Result<void> Create() {
    while (s_.Is("or") || s_.Is("replace") || s_.Is("temporary") || s_.Is("temp") ||
           s_.Is("external") || s_.Is("transient") || s_.Is("unlogged") || s_.Is("global"))
      s_.Next();
    if (!s_.Take("table")) return {};
    if (s_.Take("if")) {
      s_.Take("not");
      s_.Take("exists");
    }
    table_ = Json::Object({{"name", QualifiedName()}, {"logicalType", "object"}});
    table_.Set("physicalName", table_["name"]);
    table_.Set("physicalType", "table");
    properties_ = Json::List();
    if (!s_.Take("(")) return {};
    while (!s_.Is(")")) {
      if (s_.at_end()) return s_.Wrong("the table does not end");
      TRY(Element());
      if (!s_.Take(",") && !s_.Is(")")) return s_.Wrong("a comma or \")\" is expected");
    }
    s_.Next();
    if (s_.Take("comment")) {
      s_.Take("=");
      table_.Set("description", s_.TakeText());
    }
    table_.Set("properties", std::move(properties_));
    tables_.Push(std::move(table_));
    return {};
  }

  Result<void> Element() {
    if (s_.Take("constraint")) s_.Next();  // Its name.
    if (s_.Is("primary") || s_.Is("unique") || s_.Is("foreign") || s_.Is("check") ||
        s_.Is("index") || s_.Is("key") || s_.Is("exclude"))
      return TableConstraint();
    return Column();
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    if (!s_.Take("(")) return names;
    while (!s_.at_end() && !s_.Take(")")) {
      std::string name = s_.TakeText();
      if (name != ",") names.push_back(std::move(name));
      if (s_.Is("(")) SkipParentheses();  // The length of an index's prefix.
      if (s_.Is("asc") || s_.Is("desc")) s_.Next();
    }
    return names;
  }

  void SkipParentheses() {
    int depth = 0;
    do {
      if (s_.Is("(")) ++depth;
      if (s_.Is(")")) --depth;
      s_.Next();
    } while (depth > 0 && !s_.at_end());
  }

  // What stands up to the next comma or the end of the table.
  void SkipRest() {
    while (!s_.at_end() && !s_.Is(",") && !s_.Is(")")) {
      if (s_.Is("("))
        SkipParentheses();
      else
        s_.Next();
    }
  }

  Json* Find(const std::string& name) {
    for (Json& property : properties_.mutable_items()) {
      if (property["name"].AsString() == name) return &property;
    }
    return nullptr;
  }

  Result<void> TableConstraint() {
    if (s_.Take("primary")) {
      s_.Take("key");
      std::vector<std::string> names = Names();
      for (size_t i = 0; i < names.size(); ++i) {
        Json* property = Find(names[i]);
        if (!property) continue;
        property->Set("primaryKey", true);
        property->Set("primaryKeyPosition", static_cast<int64_t>(i) + 1);
        property->Set("required", true);
      }
    } else if (s_.Take("unique")) {
      while (s_.Is("key") || s_.Is("index")) s_.Next();
      if (!s_.Is("(")) s_.Next();
      std::vector<std::string> names = Names();
      if (names.size() == 1 && Find(names[0])) Find(names[0])->Set("unique", true);
    } else if (s_.Take("foreign")) {
      s_.Take("key");
      if (!s_.Is("(")) s_.Next();
      std::vector<std::string> from = Names();
      if (s_.Take("references")) {
        std::string table = QualifiedName();
        References(from, table, Names());
      }
    }
    SkipRest();
    return {};
  }

  void References(const std::vector<std::string>& from, const std::string& table,
                  const std::vector<std::string>& to) {
    if (from.size() == 1) {
      Json* property = Find(from[0]);
      std::string target = fmt::format("{}.{}", table, to.empty() ? from[0] : to[0]);
      if (property)
        property->Set(
            "relationships",
            Json::List({Json::Object({{"type", "foreignKey"}, {"to", std::move(target)}})}));
      return;
    }
    Json sources = Json::List(), targets = Json::List();
    for (const std::string& column : from)
      sources.Push(fmt::format("{}.{}", table_["name"].AsString(), column));
    for (const std::string& column : to) targets.Push(fmt::format("{}.{}", table, column));
    if (sources.size() != targets.size()) return;
    Json list = table_["relationships"].is_array() ? table_["relationships"] : Json::List();
    list.Push(Json::Object({{"type", "foreignKey"}, {"from", sources}, {"to", targets}}));
    table_.Set("relationships", std::move(list));
  }

  // The words of a type: "timestamp(6) with time zone", "double precision".
  std::string Type() {
    std::string type = s_.TakeText();
    static constexpr std::string_view kMore[] = {"precision", "varying", "with", "without",
                                                 "local",     "time",    "zone", "unsigned"};
    while (!s_.at_end()) {
      if (s_.Is("(")) {
        std::string arguments;
        for (s_.Next(); !s_.at_end() && !s_.Is(")");) arguments += s_.TakeText();
        s_.Next();
        type += fmt::format("({})", arguments);
        continue;
      }
      bool more = std::any_of(std::begin(kMore), std::end(kMore),
                              [&](std::string_view word) { return s_.Is(word); });
      if (!more) break;
      type += " " + s_.TakeText();
    }
    while (s_.Take("[")) s_.Take("]");
    return type;
  }

  Result<void> Column() {
    if (s_.now().kind != Token::Kind::kWord && s_.now().kind != Token::Kind::kQuoted)
      return s_.Wrong("a column's name is expected");
    Json p = Json::Object({{"name", s_.TakeText()}});
    std::string physical = Type();
    std::string type = FromPhysicalType(physical);
    p.Set("logicalType", ToLogicalType(type.empty() ? "string" : type));
    p.Set("physicalType", physical);
    if (type == "timestamptz") p.Set("logicalTypeOptions", Json::Object({{"timezone", true}}));
    std::string name = p["name"].AsString();
    properties_.Push(std::move(p));
    while (!s_.at_end() && !s_.Is(",") && !s_.Is(")")) ColumnConstraint(name);
    return {};
  }

  void ColumnConstraint(const std::string& name) {
    Json& p = *Find(name);
    if (s_.Take("not")) {
      if (s_.Take("null")) p.Set("required", true);
    } else if (s_.Take("primary")) {
      s_.Take("key");
      p.Set("primaryKey", true);
      p.Set("primaryKeyPosition", 1);
      p.Set("required", true);
    } else if (s_.Take("unique")) {
      p.Set("unique", true);
    } else if (s_.Take("references")) {
      std::string table = QualifiedName();
      References({name}, table, Names());
    } else if (s_.Take("comment")) {
      p.Set("description", s_.TakeText());
    } else if (s_.Is("(")) {
      SkipParentheses();
    } else {
      s_.Next();
    }
  }

  // COMMENT ON TABLE t IS '…', COMMENT ON COLUMN t.c IS '…'
  void CommentOn() {
    bool is_column = s_.Is("column");
    s_.Next();
    std::vector<std::string> path = {s_.TakeText()};
    while (s_.Take(".")) path.push_back(s_.TakeText());
    if (!s_.Take("is") || s_.now().kind != Token::Kind::kText) return;
    std::string text = s_.now().text;
    if (is_column && path.size() < 2) return;
    const std::string& table = path[path.size() - (is_column ? 2 : 1)];
    for (Json& candidate : tables_.mutable_items()) {
      if (candidate["name"].AsString() != table) continue;
      if (!is_column) {
        candidate.Set("description", text);
        continue;
      }
      Json properties = candidate["properties"];
      for (Json& p : properties.mutable_items()) {
        if (p["name"].AsString() == path.back()) p.Set("description", text);
      }
      candidate.Set("properties", std::move(properties));
    }
  }

  Script s_;
  Json tables_ = Json::List();
  Json table_;
  Json properties_;
};

}  // namespace

std::string SqlOf(const Document& document) {
  std::string out;
  for (const Table& table : document.tables) out += (out.empty() ? "" : "\n") + TableSql(table);
  return out;
}

Result<Json> OdcsFromSql(std::string_view script, std::string_view name) {
  return Reader(script).Run(name);
}

}  // namespace andon::contract
