#include "ingest/csv.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "base/text.h"
#include "sql/types.h"

namespace andon::ingest {
namespace {

constexpr int kBadRowsShown = 20;
constexpr std::string_view kRejects =
    ", store_rejects = true, rejects_table = 'andon_rejects', "
    "rejects_scan = 'andon_reject_scans', rejects_limit = 0";
constexpr size_t kExcerptMax = 60;
constexpr size_t kColumnsMax = 10'000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void ForgetRejects(sql::Connection& connection) {
  (void)connection.Execute("DROP TABLE IF EXISTS andon_rejects");
  (void)connection.Execute("DROP TABLE IF EXISTS andon_reject_scans");
}

std::string Excerpt(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, kExcerptMax)) out += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  while (!out.empty() && !IsUtf8(out)) out.pop_back();
  if (text.size() > kExcerptMax) out += "…";
  return out;
}

std::string Options(const CsvFile& file) {
  auto option = [](std::string_view name, std::string_view value) {
    return fmt::format(", {} = {}", name, sql::QuoteLiteral(value));
  };
  std::string out = ", auto_detect = false, strict_mode = true, header = true";
  out += option("delim", file.delimiter) + option("quote", file.quote) +
         option("escape", file.escape) + option("nullstr", file.null);
  // "" in quotes is a text without characters, not a missing one.
  out += ", allow_quoted_nulls = false";
  out += fmt::format(", max_line_size = {}", kCsvLineMax);
  if (file.encoding != "utf-8") out += option("encoding", file.encoding);
  if (!file.timestamp_format.empty()) out += option("timestampformat", file.timestamp_format);
  if (!file.date_format.empty()) out += option("dateformat", file.date_format);
  return out;
}

const definition::Column* Find(const std::vector<definition::Column>& columns,
                               std::string_view name) {
  for (const definition::Column& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

// DuckDB rounds what has too many digits ("4.999" for decimal(5,2), "1.5" for int) without a word.
// Such columns are read with some digits more, and what differs from its rounded self is refused;
// the noise of a binary fraction behind those digits (4.9899999999) is not.
constexpr int kGuardDigits = 3;
constexpr int kFastPrecision = 18;  // Wider decimals are 128 bits, and thirty times slower.

// The wider type to read a column with; empty where there is none, or none is needed.
std::string GuardType(const std::string& type) {
  if (type == "int") return "DECIMAL(13,3)";
  int precision = 0, scale = 0;
  if (std::sscanf(type.c_str(), "decimal(%d,%d)", &precision, &scale) != 2) return "";
  if (precision + kGuardDigits > kFastPrecision) return "";
  return fmt::format("DECIMAL({},{})", precision + kGuardDigits, scale + kGuardDigits);
}

Result<std::string> GuardOf(const definition::Column& column) {
  auto type = TRY(sql::NormalizeType(column.type));
  return GuardType(type);
}

// "{'payment_id': 'BIGINT', …}": the file's columns in their order; what nobody declares is text.
Result<std::string> ColumnTypes(const std::vector<std::string>& header,
                                const std::vector<definition::Column>& columns) {
  std::string out = "{";
  for (const std::string& name : header) {
    const definition::Column* column = Find(columns, name);
    std::string type = "VARCHAR";
    if (column) {
      type = TRY(GuardOf(*column));
      if (type.empty()) type = TRY(sql::ToDuckDbType(column->type));
    }
    if (out.size() > 1) out += ", ";
    out += sql::QuoteLiteral(name) + ": " + sql::QuoteLiteral(type);
  }
  return out + "}";
}

// The fields of one CSV line. False where a quote stays open.
bool SplitLine(std::string_view line, const CsvFile& file, std::vector<std::string>* fields) {
  const char delimiter = file.delimiter[0];
  const char quote = file.quote.empty() ? '\0' : file.quote[0];
  std::string field;
  for (size_t i = 0;; ++i) {
    if (i < line.size() && quote != '\0' && line[i] == quote && field.empty()) {
      for (++i;; ++i) {
        if (i >= line.size()) return false;
        if (line[i] == quote) {
          if (i + 1 >= line.size() || line[i + 1] != quote) break;
          ++i;
        }
        field += line[i];
      }
    } else if (i >= line.size() || line[i] == delimiter) {
      fields->push_back(std::exchange(field, {}));
      if (i >= line.size()) return true;
    } else {
      field += line[i];
    }
  }
}

// DuckDB's sentence about one value or row, in ours.
BadRow ReadReject(const sql::ResultSet& rows, int64_t i,
                  const std::vector<definition::Column>& columns, size_t header_size) {
  auto text = [&](std::string_view name) { return rows.Bytes(i, rows.Find(name)); };
  BadRow bad{.line = rows.Integer(i, rows.Find("line")), .column = text("column_name")};
  const std::string kind = text("kind"), message = text("error_message");
  if (kind == "CAST") {
    // Error when converting column "d". Could not convert string "x" to 'TIMESTAMP'
    constexpr std::string_view kBefore = "Could not convert string \"";
    size_t from = message.find(kBefore), to = message.rfind("\" to '");
    if (from != message.npos && to != message.npos && to >= from + kBefore.size()) {
      from += kBefore.size();
      bad.value = Excerpt(message.substr(from, to - from));
    }
    const definition::Column* column = Find(columns, bad.column);
    bad.reason = column ? fmt::format("is no {}", column->type) : "cannot be converted";
  } else if (kind == "TOO MANY COLUMNS" || kind == "MISSING COLUMNS") {
    // Expected Number of Columns: 5 Found: 6
    size_t at = message.rfind("Found: ");
    std::string found = at == message.npos ? "another number of" : message.substr(at + 7);
    bad.reason = fmt::format("the row has {} columns instead of {}", Trim(found), header_size);
    bad.value = Excerpt(text("csv_line"));
    bad.column.clear();
  } else if (kind == "UNQUOTED VALUE") {
    bad.reason = "a quote is not closed, or text stands behind one";
    bad.value = Excerpt(text("csv_line"));
  } else if (kind == "LINE SIZE OVER MAXIMUM") {
    bad.reason = fmt::format("the row is longer than {} bytes", WithThousands(kCsvLineMax));
    bad.value = Excerpt(text("csv_line"));
    bad.column.clear();
  } else if (kind == "INVALID ENCODING" || kind == "INVALID UNICODE") {
    bad.reason = "is not valid UTF-8";
  } else {
    bad.reason = message.substr(0, message.find('\n'));
  }
  return bad;
}

std::string Say(const BadRow& bad) {
  std::string out = fmt::format("line {}", bad.line);
  if (!bad.column.empty()) out += fmt::format(", column {}", bad.column);
  if (bad.reason.substr(0, 3) == "is " && !bad.value.empty()) {
    return out + fmt::format(": \"{}\" {}", bad.value, bad.reason);
  }
  out += ": " + bad.reason;
  if (!bad.value.empty()) out += fmt::format(" ({})", bad.value);
  return out;
}

void WriteSentence(Unreadable* u) {
  u->sentence = WhatIsWrong(*u);
  u->sentence += u->is_cut_off
                     ? " Deliver it again, complete; nothing of it was loaded."
                     : " Deliver a corrected file under the same name; nothing of it was loaded.";
}

// Values that fit but for digits that would be lost.
Result<std::optional<Unreadable>> FindRounded(sql::Connection& connection, const CsvFile& file,
                                              const std::vector<std::string>& header,
                                              const std::vector<definition::Column>& columns,
                                              const std::string& types) {
  Unreadable unreadable{.file = file.name};
  for (const definition::Column& column : columns) {
    if (std::find(header.begin(), header.end(), column.name) == header.end()) continue;
    const std::string guard = TRY(GuardOf(column));
    if (guard.empty()) continue;
    const std::string type = TRY(sql::ToDuckDbType(column.type));
    auto rows = TRY(connection.Query(fmt::format(
        "SELECT n, CAST(v AS VARCHAR), count(*) OVER () FROM (SELECT row_number() OVER () + 1 AS "
        "n, {} "
        "AS v FROM read_csv({}, columns = {}{})) WHERE v <> CAST(v AS {}) ORDER BY n LIMIT {}",
        sql::QuoteIdentifier(column.name), sql::QuoteLiteral(file.path), types, Options(file), type,
        kBadRowsShown)));
    for (int64_t i = 0; i < rows.row_count(); ++i) {
      std::string value = rows.Bytes(i, 1);
      while (value.ends_with('0')) value.pop_back();
      unreadable.rows.push_back({rows.Integer(i, 0), column.name, value,
                                 fmt::format("is no {}: it has more digits", column.type)});
    }
    if (!rows.empty()) unreadable.rows_total += rows.Integer(0, 2);
  }
  if (unreadable.rows.empty()) return std::optional<Unreadable>();
  WriteSentence(&unreadable);
  return std::optional(std::move(unreadable));
}

}  // namespace

Result<CsvFile> CsvFileOf(std::string path, std::string name, const Json& options) {
  CsvFile file{.path = std::move(path), .name = std::move(name)};
  std::string plain = file.name;
  if (plain.size() > 3 && plain.substr(plain.size() - 3) == ".gz") plain.resize(plain.size() - 3);
  if (plain.size() > 4 && plain.substr(plain.size() - 4) == ".tsv") file.delimiter = "\t";
  auto take = [&](std::string_view key, std::string* to) {
    if (options[key].is_string()) *to = options[key].AsString();
  };
  take("delimiter", &file.delimiter);
  take("quote", &file.quote);
  file.escape = file.quote;
  take("escape", &file.escape);
  take("null", &file.null);
  take("encoding", &file.encoding);
  take("timestamp_format", &file.timestamp_format);
  take("date_format", &file.date_format);
  file.encoding = AsciiLower(file.encoding);
  if (file.encoding == "utf8") file.encoding = "utf-8";
  if (file.delimiter.size() != 1) {
    return Error::Invalid("The delimiter \"{}\" is not one character", file.delimiter);
  }
  if (file.quote.size() > 1 || file.escape.size() > 1) {
    return Error::Invalid("quote and escape are one character, or empty");
  }
  return file;
}

std::string WhatIsWrong(const Unreadable& u) {
  if (u.rows.empty()) return u.sentence;
  std::string text = fmt::format("{} cannot be read: ", u.file);
  if (u.rows_total > 1)
    text += fmt::format("{} do not fit, the first at ", Count(u.rows_total, "row"));
  text += Say(u.rows.front()) + ".";
  if (u.is_cut_off) text += " The file ends in the middle of a row: it was cut off.";
  return text;
}

Json ToJson(const Unreadable& u) {
  Json rows = Json::List();
  for (const BadRow& bad : u.rows) {
    rows.Push(Json::Object({{"line", bad.line},
                            {"column", bad.column},
                            {"value", bad.value},
                            {"reason", bad.reason}}));
  }
  return Json::Object({{"file", u.file},
                       {"rows", std::move(rows)},
                       {"rows_total", u.rows_total},
                       {"is_cut_off", u.is_cut_off},
                       {"sentence", u.sentence}});
}

Unreadable UnreadableFromJson(const Json& json) {
  Unreadable u{.file = json["file"].AsString(),
               .rows_total = json["rows_total"].AsInteger(),
               .is_cut_off = json["is_cut_off"].AsBool(),
               .sentence = json["sentence"].AsString()};
  for (const Json& row : json["rows"].items()) {
    u.rows.push_back({row["line"].AsInteger(), row["column"].AsString(), row["value"].AsString(),
                      row["reason"].AsString()});
  }
  return u;
}

Unreadable UnreadableBecause(const CsvFile& file, std::string reason) {
  return {.file = file.name, .sentence = std::move(reason)};
}

Result<std::vector<std::string>> ReadHeader(sql::Connection& connection, const CsvFile& file) {
  // As raw text: '\x01' parts no line of a real file. What is wrong with later lines is not told
  // here, so errors are put aside.
  ForgetRejects(connection);
  auto read = connection.Query(fmt::format(
      "SELECT line FROM read_csv({}, auto_detect = false, header = false, "
      "delim = '\x01', quote = '', escape = '', columns = {{'line': 'VARCHAR'}}, "
      "strict_mode = false, nullstr = '\x02', max_line_size = {}{}{}) LIMIT 1",
      sql::QuoteLiteral(file.path), kCsvLineMax, kRejects,
      file.encoding == "utf-8" ? ""
                               : fmt::format(", encoding = {}", sql::QuoteLiteral(file.encoding))));
  if (!read.ok()) {
    ForgetRejects(connection);
    if (read.error().kind == ErrorKind::kInterrupted) return std::move(read).error();
    return Error::Invalid("{} cannot be read: {}", file.name, read.error().message);
  }
  auto first = TRY(connection.Query(
      "SELECT CAST(error_type AS VARCHAR) FROM andon_rejects WHERE line = 1 LIMIT 1"));
  ForgetRejects(connection);
  if (!first.empty()) {
    return Error::Invalid(
        "{} cannot be read: line 1, the names of the columns, {}. Deliver a corrected "
        "file; nothing of it was loaded.",
        file.name,
        first.Bytes(0, 0) == "LINE SIZE OVER MAXIMUM"
            ? fmt::format("is longer than {} bytes", WithThousands(kCsvLineMax))
            : std::string("is not valid UTF-8"));
  }
  std::string line = read->empty() ? "" : read->Bytes(0, 0);
  if (std::string_view(line).substr(0, 3) == kByteOrderMark) line.erase(0, 3);
  if (Trim(line).empty()) {
    return Error::Invalid(
        "{} cannot be read: it is empty, and has no line of column names. Deliver "
        "it again; nothing of it was loaded.",
        file.name);
  }
  if (std::any_of(line.begin(), line.end(),
                  [](unsigned char c) { return c < ' ' && c != '\t' && c != '\r'; })) {
    return Error::Invalid(
        "{} cannot be read: its first line is no text. Deliver it again as CSV; nothing of "
        "it was loaded.",
        file.name);
  }
  std::vector<std::string> names;
  if (!SplitLine(line, file, &names)) {
    return Error::Invalid("{} cannot be read: line 1: a quote is not closed.", file.name);
  }
  if (names.size() > kColumnsMax) {
    return Error::Invalid("{} cannot be read: line 1 has {} columns; at most {} are read.",
                          file.name, names.size(), kColumnsMax);
  }
  std::set<std::string> seen;
  for (std::string& name : names) {
    name = std::string(Trim(name));
    if (name.empty()) {
      return Error::Invalid("{} cannot be read: line 1: a column has no name.", file.name);
    }
    if (!seen.insert(AsciiLower(name)).second) {
      return Error::Invalid("{} cannot be read: line 1: the column \"{}\" stands there twice.",
                            file.name, Excerpt(name));
    }
  }
  return names;
}

Result<std::vector<definition::Column>> InferColumns(sql::Connection& connection,
                                                     const CsvFile& file) {
  auto described = TRY(connection.Describe(
      fmt::format("SELECT * FROM read_csv({}, header = true, delim = {}, skip = 0, "
                  "comment = '', sample_size = -1)",
                  sql::QuoteLiteral(file.path), sql::QuoteLiteral(file.delimiter))));
  std::vector<definition::Column> columns;
  for (const sql::ResultColumn& column : described) {
    auto type = sql::FromDuckDbType(column.type);
    columns.push_back({.name = column.name, .type = type.ok() ? *type : "string"});
  }
  return columns;
}

Result<std::string> CsvRelation(const CsvFile& file, const std::vector<std::string>& header,
                                const std::vector<definition::Column>& columns) {
  std::string types = TRY(ColumnTypes(header, columns));
  std::string select;
  for (const definition::Column& column : columns) {
    if (!select.empty()) select += ", ";
    const std::string type = TRY(sql::ToDuckDbType(column.type));
    const std::string name = sql::QuoteIdentifier(column.name);
    if (std::find(header.begin(), header.end(), column.name) != header.end()) {
      const std::string guard = TRY(GuardOf(column));
      select += guard.empty()
                    ? name
                    : fmt::format(
                          "CASE WHEN {0} <> CAST({0} AS {1}) THEN CAST(error({2}) AS {1}) "
                          "ELSE CAST({0} AS {1}) END AS {0}",
                          name, type,
                          sql::QuoteLiteral(fmt::format("column {}: a value has more digits "
                                                        "than {}",
                                                        column.name, column.type)));
    } else {
      select += fmt::format("CAST(NULL AS {}) AS {}", type, name);
    }
  }
  return fmt::format("SELECT {} FROM read_csv({}, columns = {}{})", select.empty() ? "*" : select,
                     sql::QuoteLiteral(file.path), types, Options(file));
}

Result<std::optional<Unreadable>> FindBadRows(sql::Connection& connection, const CsvFile& file,
                                              const std::vector<std::string>& header,
                                              const std::vector<definition::Column>& columns) {
  std::string types = TRY(ColumnTypes(header, columns));
  const std::string scan =
      fmt::format("SELECT count(*), count(COLUMNS(*)) FROM read_csv({}, columns = {}{}{})",
                  sql::QuoteLiteral(file.path), types, Options(file), kRejects);
  Unreadable unreadable{.file = file.name};
  ForgetRejects(connection);
  auto scanned = connection.Query(scan);
  if (!scanned.ok()) {
    ForgetRejects(connection);
    if (scanned.error().kind == ErrorKind::kInterrupted) return std::move(scanned).error();
    unreadable.sentence = fmt::format("{} cannot be read: {}.", file.name, scanned.error().message);
    return std::optional(std::move(unreadable));
  }
  auto rejects = TRY(connection.Query(fmt::format(
      "SELECT line, column_name, CAST(error_type AS VARCHAR) AS kind, csv_line, error_message "
      "FROM andon_rejects "
      // A row that is too long is that before all else.
      "ORDER BY line, CAST(error_type AS VARCHAR) <> 'LINE SIZE OVER MAXIMUM', column_idx LIMIT {}",
      kBadRowsShown)));
  auto last = TRY(connection.Query(
      "SELECT max(line) AS line, arg_max(CAST(error_type AS VARCHAR), line) AS kind, "
      "count(DISTINCT line) AS lines FROM andon_rejects"));
  const int64_t rows_good = scanned->Integer(0, 0);
  ForgetRejects(connection);
  if (rejects.empty()) return FindRounded(connection, file, header, columns, types);
  for (int64_t i = 0; i < rejects.row_count(); ++i) {
    unreadable.rows.push_back(ReadReject(rejects, i, columns, header.size()));
  }
  unreadable.rows_total = last.Integer(0, 2);
  const std::string kind = last.Bytes(0, 1);
  // The last line of the file is at fault, and in the way in which a copy that stopped is.
  unreadable.is_cut_off = last.Integer(0, 0) >= rows_good + unreadable.rows_total + 1 &&
                          (kind == "MISSING COLUMNS" || kind == "UNQUOTED VALUE");
  WriteSentence(&unreadable);
  return std::optional(std::move(unreadable));
}

}  // namespace andon::ingest
