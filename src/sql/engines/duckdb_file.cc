#include "sql/engines/duckdb_file.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"

namespace andon::sql {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCompressions[] = {".gz", ".zst"};

struct Ending {
  std::string_view ending;
  std::string_view format;
};

constexpr Ending kEndings[] = {
    {".parquet", "parquet"}, {".parq", "parquet"}, {".csv", "csv"},     {".tsv", "csv"},
    {".json", "json"},       {".jsonl", "json"},   {".ndjson", "json"},
};

// In lower case, without a compression's ending.
std::string PlainName(std::string_view path) {
  std::string name = AsciiLower(path);
  for (std::string_view ending : kCompressions) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

bool HasPattern(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

// So that DuckDB takes the characters of a pattern for themselves.
std::string Escape(std::string_view path) {
  std::string out;
  for (char c : path) {
    bool is_special = c == '*' || c == '?' || c == '[';
    out += is_special ? std::string{'[', c, ']'} : std::string(1, c);
  }
  return out;
}

// "There is no file …", with the one in the same folder that was probably meant.
Error Missing(const std::string& path) {
  fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder.empty() ? "." : folder, error), end; !error && at != end;
       at.increment(error)) {
    names.push_back(at->path().filename());
  }
  std::sort(names.begin(), names.end());
  std::string meant = DidYouMean(fs::path(path).filename().string(), names);
  if (meant.empty()) return Error::NotFound("There is no file \"{}\".", path);
  return Error::NotFound("There is no file \"{}\". Did you mean \"{}\"?", path,
                         (folder / meant).string());
}

// DuckDB's reason without its kind and without its place in a statement that nobody wrote.
Error Unreadable(const std::string& path, Error error) {
  std::string_view reason = error.message;
  constexpr std::string_view kAfterKind = " Error: ";
  size_t kind = reason.find(kAfterKind);
  if (kind != std::string_view::npos && kind < 40) reason.remove_prefix(kind + kAfterKind.size());
  size_t place = reason.rfind(" (line ");
  if (place != std::string_view::npos && reason.ends_with(")")) reason = reason.substr(0, place);
  while (reason.ends_with('.') || reason.ends_with(' ')) reason.remove_suffix(1);
  return {error.kind, fmt::format("\"{}\" cannot be read: {}.", path, reason)};
}

struct Header {
  char delimiter = ',';
  std::vector<std::string> columns;
};

// The line's cells. A quoted cell may not hold a line's end: the header is one line.
std::vector<std::string> Cells(std::string_view line, char delimiter) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (size_t i = 0; i < line.size(); i++) {
    if (line[i] == '"' && is_quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (line[i] == '"') {
      is_quoted = !is_quoted;
    } else if (line[i] == delimiter && !is_quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

Result<Header> ReadHeader(Connection& connection, const std::string& path, bool is_tabbed) {
  // As one column: the delimiter is a byte that no text has.
  std::string sql = fmt::format(
      "SELECT line FROM read_csv({}, auto_detect=false, header=false, delim='\x01', quote='', "
      "escape='', strict_mode=false, columns={{'line': 'VARCHAR'}}) "
      "LIMIT 1",
      QuoteLiteral(path));
  ResultSet rows = TRY(connection.Query(sql));
  if (rows.empty())
    return Error::Invalid("it is empty, and the first line of a CSV file names its columns");
  std::string line = rows.Bytes(0, 0);
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
  while (line.ends_with('\r')) line.pop_back();
  Header header;
  for (char delimiter : is_tabbed ? std::string_view("\t") : std::string_view(",;\t|")) {
    std::vector<std::string> columns = Cells(line, delimiter);
    if (header.columns.size() >= columns.size()) continue;
    header = {delimiter, std::move(columns)};
  }
  return header;
}

// Each line after the first is a row: nothing is left out because it looks like a title or a
// comment, or makes the rest fit.
std::string CsvArguments(const std::string& path, const Header& header) {
  return fmt::format(
      "{}, delim={}, quote='\"', escape='\"', header=true, skip=0, comment='', "
      "null_padding=false",
      QuoteLiteral(path), QuoteLiteral(std::string(1, header.delimiter)));
}

// Every column as text; this reads each row strictly, and so names the line that breaks it.
std::string AllText(const std::string& path, const Header& header) {
  std::vector<std::string> columns;
  for (size_t i = 0; i < header.columns.size(); i++) {
    std::string name = header.columns[i].empty() ? fmt::format("column{}", i) : header.columns[i];
    int same = 0;
    for (size_t k = 0; k < i; k++) same += AsciiLower(header.columns[k]) == AsciiLower(name);
    if (same > 0) name += fmt::format("_{}", same);
    columns.push_back(QuoteLiteral(name) + ": 'VARCHAR'");
  }
  return fmt::format("SELECT * FROM read_csv({}, auto_detect=false, columns={{{}}})",
                     CsvArguments(path, header), Join(columns, ", "));
}

Result<std::string> CsvRows(Connection& connection, const std::string& path, bool is_one_file,
                            const FileOptions& options) {
  Header header = TRY(ReadHeader(connection, path, PlainName(options.path).ends_with(".tsv")));
  if (!is_one_file) {
    return fmt::format("SELECT * FROM read_csv({}, union_by_name=true, all_varchar={}, {})",
                       CsvArguments(path, header), options.all_text ? "true" : "false",
                       "sample_size=-1");
  }
  std::string all_text = AllText(path, header);
  if (options.all_text) return all_text;
  // The types that every row fits are found once, and not again by each statement.
  Result<ResultSet> found = connection.Query(
      fmt::format("SELECT Prompt FROM sniff_csv({}, sample_size=-1)", CsvArguments(path, header)));
  if (found.ok() && !found->empty()) {
    std::string prompt = found->Bytes(0, 0);
    while (prompt.ends_with(';')) prompt.pop_back();
    return "SELECT * " + prompt;
  }
  TRY(connection.Execute("SELECT count(*) FROM (" + all_text + ") AS rows WHERE hash(rows) = 0"));
  return all_text;
}

Result<std::string> JsonRows(Connection& connection, const std::string& path) {
  std::string arguments = QuoteLiteral(path) + ", maximum_object_size=67108864";
  std::string detected =
      fmt::format("SELECT * FROM read_json({}, sample_size=-1, union_by_name=true)", arguments);
  std::vector<ResultColumn> columns = TRY(connection.Describe(detected));
  std::vector<std::string> texts;
  for (const ResultColumn& column : columns) {
    // A date may be of a format that only the detection knows.
    bool is_moment = column.type.find("DATE") != std::string::npos ||
                     column.type.find("TIME") != std::string::npos;
    if (is_moment) return detected;
    texts.push_back(QuoteLiteral(column.name) + ": " + QuoteLiteral(column.type));
  }
  return fmt::format("SELECT * FROM read_json({}, columns={{{}}})", arguments, Join(texts, ", "));
}

Result<std::string> Rows(Connection& connection, const std::string& path, bool is_one_file,
                         const FileOptions& options) {
  std::optional<std::string_view> format = FileFormat(options.path);
  if (format == "csv") return CsvRows(connection, path, is_one_file, options);
  if (format == "json") return JsonRows(connection, path);
  if (format != "parquet") return Error::Invalid("it does not end with .parquet, .csv, .json….");
  return fmt::format("SELECT * FROM read_parquet({}{})", QuoteLiteral(path),
                     is_one_file ? "" : ", union_by_name=true");
}

}  // namespace

std::optional<std::string_view> FileFormat(std::string_view path) {
  std::string name = PlainName(path);
  for (const Ending& ending : kEndings) {
    bool is_compressed = name.size() != path.size();
    if (name.ends_with(ending.ending) && !(is_compressed && ending.format == "parquet"))
      return ending.format;
  }
  return {};
}

Result<void> CreateFileView(Connection& connection, const FileOptions& options,
                            std::string_view name) {
  std::error_code error;
  bool is_file = fs::exists(options.path, error);
  if (!is_file && !HasPattern(options.path)) return Missing(options.path);
  if (fs::is_directory(options.path, error)) {
    return Error::Invalid("\"{}\" is a folder; name its files by a pattern: \"{}\".", options.path,
                          (fs::path(options.path) / "*.parquet").string());
  }
  std::string path = is_file ? Escape(options.path) : options.path;
  if (!is_file) {
    ResultSet files =
        TRY(connection.Query("SELECT 1 FROM glob(" + QuoteLiteral(path) + ") LIMIT 1"));
    if (files.empty()) return Error::NotFound("No file matches \"{}\".", options.path);
  }
  Result<std::string> rows = Rows(connection, path, is_file, options);
  if (!rows.ok()) return Unreadable(options.path, rows.error());
  Result<void> made =
      connection.Execute(fmt::format("CREATE TEMP VIEW {} AS {}", QuoteIdentifier(name), *rows));
  return made.ok() ? made : Unreadable(options.path, made.error());
}

}  // namespace andon::sql
