#include "sql/types.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.h"

namespace andon::sql {
namespace {

struct TypeRow {
  std::string_view name;
  std::string_view duckdb;
  TypeClass type_class;
};

constexpr TypeRow kTypes[] = {
    {"boolean", "BOOLEAN", TypeClass::kBoolean},
    {"int", "INTEGER", TypeClass::kNumber},
    {"long", "BIGINT", TypeClass::kNumber},
    {"float", "FLOAT", TypeClass::kNumber},
    {"double", "DOUBLE", TypeClass::kNumber},
    {"decimal", "DECIMAL", TypeClass::kNumber},
    {"date", "DATE", TypeClass::kDate},
    {"time", "TIME", TypeClass::kTime},
    {"timestamp", "TIMESTAMP", TypeClass::kTimestamp},
    {"timestamptz", "TIMESTAMP WITH TIME ZONE", TypeClass::kTimestamp},
    {"string", "VARCHAR", TypeClass::kString},
    {"uuid", "UUID", TypeClass::kUuid},
    {"binary", "BLOB", TypeClass::kBinary},
};

// DuckDB's other names: those that have no column type of their own in Iceberg, and synonyms.
struct Synonym {
  std::string_view duckdb;
  std::string_view name;
};

constexpr Synonym kSynonyms[] = {
    {"tinyint", "int"},
    {"smallint", "int"},
    {"utinyint", "int"},
    {"usmallint", "int"},
    {"uinteger", "long"},
    {"ubigint", "decimal(20,0)"},
    {"hugeint", "decimal(38,0)"},
    {"uhugeint", "decimal(38,0)"},
    {"integer", "int"},
    {"bigint", "long"},
    {"bool", "boolean"},
    {"real", "float"},
    {"numeric", "decimal"},
    {"varchar", "string"},
    {"text", "string"},
    {"char", "string"},
    {"json", "string"},
    {"blob", "binary"},
    {"bytea", "binary"},
    {"timestamp with time zone", "timestamptz"},
    {"timestamp_s", "timestamp"},
    {"timestamp_ms", "timestamp"},
    {"timestamp_ns", "timestamp"},
    {"datetime", "timestamp"},
    {"\"null\"", "string"},
};

constexpr int kDepthMax = 64;

// Reads both spellings of a type into Andon's. Grammar: NAME, NAME(p,s), list<T>, T[],
// map<K,V>, MAP(K, V), struct<a: T>, STRUCT(a T), ENUM('x').
class Reader {
 public:
  Reader(std::string_view text, bool accepts_duckdb)
      : text_(text), accepts_duckdb_(accepts_duckdb) {}

  Result<std::string> ReadAll() {
    std::string type = TRY(Read(0));
    SkipSpace();
    if (at_ != text_.size()) return Bad();
    return type;
  }

 private:
  Error Bad() const { return Error::Invalid("\"{}\" is not a column type.", text_); }

  Error Unknown(const std::string& name) const {
    std::string meant = DidYouMean(name, TypeNames());
    std::string hint = meant.empty() ? "The types are " + Join(TypeNames(), ", ") + "."
                                     : "Did you mean \"" + meant + "\"?";
    return Error::Invalid("There is no column type \"{}\". {}", text_, hint);
  }

  void SkipSpace() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) at_++;
  }

  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    at_++;
    return true;
  }

  // A word, or a text in quotes; for fields' and types' names.
  std::string Word() {
    SkipSpace();
    std::string word;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      char quote = text_[at_++];
      while (at_ < text_.size()) {
        if (text_[at_] == quote && (at_ + 1 >= text_.size() || text_[at_ + 1] != quote)) break;
        if (text_[at_] == quote) at_++;
        word += text_[at_++];
      }
      at_ = std::min(at_ + 1, text_.size());
      return word;
    }
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) {
      word += text_[at_++];
    }
    return word;
  }

  Result<std::string> Read(int depth) {
    if (depth > kDepthMax) return Bad();
    SkipSpace();
    bool in_quotes = at_ < text_.size() && text_[at_] == '"';
    std::string name = AsciiLower(Word());
    if (in_quotes) name = "\"" + name + "\"";
    if (name.empty()) return Bad();
    if (name == "timestamp" || name == "time") TakeZone(&name);
    std::string type = TRY(ReadNamed(name, depth));
    while (accepts_duckdb_ && Take('[')) {
      Word();  // An array's size: Iceberg has only lists.
      if (!Take(']')) return Bad();
      type = "list<" + type + ">";
    }
    return type;
  }

  void TakeZone(std::string* name) {
    size_t mark = at_;
    for (std::string_view word : {"with", "time", "zone"}) {
      if (AsciiLower(Word()) != word) {
        at_ = mark;
        return;
      }
    }
    *name += " with time zone";
  }

  Result<std::string> ReadNamed(const std::string& name, int depth) {
    if (name == "list") return ReadParts("list", 1, depth);
    if (name == "map") return ReadParts("map", 2, depth);
    if (name == "struct") return ReadStruct(depth);
    if (name == "enum" && accepts_duckdb_) return ReadEnum();
    std::string known = name;
    for (const Synonym& synonym : kSynonyms) {
      if (accepts_duckdb_ && synonym.duckdb == name) known = synonym.name;
    }
    if (known == "decimal") return ReadDecimal();
    if (known.starts_with("decimal(")) return known;
    for (const TypeRow& row : kTypes) {
      if (row.name != known) continue;
      if (known == "string" && accepts_duckdb_ && Take('(')) {  // VARCHAR(20)
        Word();
        if (!Take(')')) return Bad();
      }
      return known;
    }
    return Unknown(name);
  }

  Result<std::string> ReadDecimal() {
    if (!Take('(')) {
      if (accepts_duckdb_) return std::string("decimal(18,3)");
      return Error::Invalid("The type \"{}\" needs its precision and scale: decimal(10,2).", text_);
    }
    std::optional<int> precision = Number();
    std::optional<int> scale = Take(',') ? Number() : std::optional<int>(0);
    if (!precision || !scale || !Take(')')) return Bad();
    if (*precision < 1 || *precision > 38 || *scale > *precision) {
      return Error::Invalid("\"{}\": the precision is 1 to 38, and the scale no more than it.",
                            text_);
    }
    return fmt::format("decimal({},{})", *precision, *scale);
  }

  std::optional<int> Number() {
    std::string word = Word();
    if (word.empty() || word.size() > 4 ||
        word.find_first_not_of("0123456789") != std::string::npos)
      return {};
    return std::stoi(word);
  }

  Result<std::string> ReadParts(std::string_view name, int count, int depth) {
    bool round = accepts_duckdb_ && Take('(');
    if (!round && !Take('<')) return Bad();
    std::string type = std::string(name) + "<";
    for (int i = 0; i < count; i++) {
      if (i > 0 && !Take(',')) return Bad();
      type += (i > 0 ? "," : "") + ReadPart(depth);
      if (failed_) return std::move(*failed_);
    }
    if (!Take(round ? ')' : '>')) return Bad();
    return type + ">";
  }

  Result<std::string> ReadStruct(int depth) {
    bool round = accepts_duckdb_ && Take('(');
    if (!round && !Take('<')) return Bad();
    std::string type = "struct<";
    for (bool first = true; first || Take(','); first = false) {
      std::string field = Word();
      if (field.empty()) return Bad();
      if (!round && !Take(':')) return Bad();
      type += (first ? "" : ", ") + field + ": " + ReadPart(depth);
      if (failed_) return std::move(*failed_);
    }
    if (!Take(round ? ')' : '>')) return Bad();
    return type + ">";
  }

  Result<std::string> ReadEnum() {
    if (!Take('(')) return Bad();
    do {
      Word();
    } while (Take(','));
    if (!Take(')')) return Bad();
    return std::string("string");
  }

  // The type, or an empty text and failed_.
  std::string ReadPart(int depth) {
    Result<std::string> type = Read(depth + 1);
    if (type.ok()) return *type;
    failed_ = type.error();
    return {};
  }

  std::string_view text_;
  bool accepts_duckdb_;
  size_t at_ = 0;
  std::optional<Error> failed_;
};

// From Andon's normalized type to DuckDB's.
class Writer {
 public:
  explicit Writer(std::string_view text) : text_(text) {}

  std::string Write() {
    for (std::string_view nested : {"list<", "map<", "struct<"}) {
      if (text_.substr(at_).starts_with(nested)) return WriteNested(nested);
    }
    size_t end = at_;
    int depth = 0;
    while (end < text_.size() && (depth > 0 || (text_[end] != ',' && text_[end] != '>'))) {
      depth += text_[end] == '(' ? 1 : text_[end] == ')' ? -1 : 0;
      end++;
    }
    std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    if (name.starts_with("decimal")) return "DECIMAL" + std::string(name.substr(7));
    for (const TypeRow& row : kTypes) {
      if (row.name == name) return std::string(row.duckdb);
    }
    return "VARCHAR";
  }

 private:
  std::string WriteNested(std::string_view kind) {
    at_ += kind.size();
    std::string out;
    while (at_ < text_.size() && text_[at_] != '>') {
      if (text_[at_] == ',' || text_[at_] == ' ') {
        at_++;
        continue;
      }
      if (!out.empty()) out += ", ";
      if (kind == "struct<") {
        size_t colon = text_.find(": ", at_);
        out += "\"" + std::string(text_.substr(at_, colon - at_)) + "\" ";
        at_ = colon + 2;
      }
      out += Write();
    }
    at_++;  // '>'
    if (kind == "list<") return out + "[]";
    return (kind == "map<" ? "MAP(" : "STRUCT(") + out + ")";
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const std::vector<std::string>& TypeNames() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const TypeRow& row : kTypes) names.emplace_back(row.name);
    return names;
  }();
  return kNames;
}

Result<std::string> NormalizeType(std::string_view type) { return Reader(type, false).ReadAll(); }

Result<std::string> ToDuckDbType(std::string_view type) {
  std::string normalized = TRY(NormalizeType(type));
  return Writer(normalized).Write();
}

Result<std::string> FromDuckDbType(std::string_view duckdb_type) {
  return Reader(duckdb_type, true).ReadAll();
}

Result<std::string> ReadTypeName(std::string_view type) {
  Result<std::string> own = NormalizeType(type);
  if (own.ok()) return own;
  Result<std::string> other = FromDuckDbType(type);
  return other.ok() ? std::move(other) : std::move(own);
}

TypeClass ClassOf(std::string_view type) {
  std::string_view name = type.substr(0, type.find('('));
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.type_class;
  }
  return TypeClass::kNested;
}

}  // namespace andon::sql
