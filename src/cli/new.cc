#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "base/text.h"
#include "cli/planning.h"
#include "hcl/format.h"
#include "hcl/parser.h"
#include "ingest/csv.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "sql/engine.h"
#include "value/display.h"

namespace andon::cli {
namespace {

// One column as the file shows it.
struct FoundColumn {
  std::string name;
  std::string type;  // Andon's.
  bool has_nulls = false;
  bool is_unique = false;
  bool is_never_negative = false;
  std::vector<std::string> values;  // All of them, where they are few texts.
};

struct FoundFile {
  std::vector<FoundColumn> columns;
  int64_t rows = 0;
  std::string delimiter = ",";
  std::string quote = "\"";
};

// A column of few texts is one of words: more are data.
constexpr int64_t kWordsMax = 12;
// So few rows say nothing about the next delivery.
constexpr int64_t kRowsToLearnFrom = 50;

std::string Quoted(const std::string& name) { return sql::QuoteIdentifier(name); }

// 4.99 is read as a double; where every value has few decimals it is money, and
// a decimal keeps it exact.
Result<std::string> DecimalType(sql::Connection& connection, const std::string& texts,
                                const std::string& column) {
  std::string c = fmt::format("trim({})", Quoted(column));
  auto row = TRY(connection.Query(
      fmt::format("SELECT bool_and(regexp_full_match({0}, '-?[0-9]+(\\.[0-9]+)?')), "
                  "max(length(split_part(ltrim({0}, '-'), '.', 1))), "
                  "max(length(split_part({0}, '.', 2))) FROM {1} WHERE {2} IS NOT NULL",
                  c, texts, Quoted(column))));
  int64_t digits = row.Integer(0, 1), scale = row.Integer(0, 2);
  if (row.IsNull(0, 0) || !row.Bool(0, 0) || scale < 1 || scale > 6 || digits > 15)
    return std::string("double");
  // Room for ten times as much as was ever seen.
  return fmt::format("decimal({},{})", digits + 1 + scale, scale);
}

Result<FoundColumn> Profile(sql::Connection& connection, const std::string& table,
                            const std::string& texts, const sql::ResultColumn& from, int64_t rows) {
  FoundColumn column{.name = from.name, .type = sql::FromDuckDbType(from.type).value_or("string")};
  if (column.type == "double") column.type = TRY(DecimalType(connection, texts, from.name));
  bool is_number = sql::ClassOf(column.type) == sql::TypeClass::kNumber;
  std::string c = Quoted(from.name);
  auto row = TRY(connection.Query(
      fmt::format("SELECT count(*) - count({0}), count(DISTINCT {0}), {1} FROM {2}", c,
                  is_number ? fmt::format("coalesce(min({}) >= 0, false)", c) : "false", table)));
  column.has_nulls = row.Integer(0, 0) > 0;
  int64_t distinct = row.Integer(0, 1);
  bool can_be_key = column.type == "long" || column.type == "int" || column.type == "string" ||
                    column.type == "uuid";
  column.is_unique = can_be_key && !column.has_nulls && distinct == rows && rows > 0;
  column.is_never_negative = is_number && row.Bool(0, 2);
  if (column.type == "string" && !column.is_unique && rows >= kRowsToLearnFrom && distinct > 0 &&
      distinct <= kWordsMax) {
    auto values = TRY(connection.Query(
        fmt::format("SELECT DISTINCT {0} FROM {1} WHERE {0} IS NOT NULL ORDER BY 1", c, table)));
    for (int64_t i = 0; i < values.row_count(); ++i) column.values.push_back(values.Bytes(i, 0));
  }
  return column;
}

// How the file is written, as far as it differs from plain CSV.
Result<void> FindDialect(sql::Connection& connection, const std::string& path, FoundFile* found) {
  auto sniffed = connection.Query(
      fmt::format("SELECT Delimiter, Quote FROM sniff_csv({})", sql::QuoteLiteral(path)));
  if (!sniffed.ok())
    return std::move(sniffed).error().In(fmt::format("Cannot read {} as CSV", path));
  std::string delimiter = sniffed->Bytes(0, 0), quote = sniffed->Bytes(0, 1);
  // A single column shows no delimiter, a file without quotes no quote; DuckDB then says \0.
  if (delimiter.size() == 1 && delimiter[0] > 0) found->delimiter = delimiter;
  if (quote.size() == 1 && quote[0] > 0) found->quote = quote;
  return {};
}

Result<FoundFile> ReadFile(const std::string& path) {
  auto engine = TRY(sql::Engine::Open({}));
  auto connection = TRY(engine.Connect());
  FoundFile found;
  io::LocalFileSystem files;
  auto size = TRY(files.Stat(path));
  if (size.size == 0) {
    return Error::Invalid("{} is empty: there is no header to take columns from.", path);
  }
  TRY(FindDialect(connection, path, &found));
  // The header is read as `andon run` will read it: a name that stands twice is refused here, too.
  ingest::CsvFile csv{
      .path = path, .name = path, .delimiter = found.delimiter, .quote = found.quote};
  csv.escape = found.quote;
  TRY(ingest::ReadHeader(connection, csv));
  std::string options =
      fmt::format("{}, header = true, delim = {}, quote = {}, escape = {}, skip = 0, comment = ''",
                  sql::QuoteLiteral(path), sql::QuoteLiteral(found.delimiter),
                  sql::QuoteLiteral(found.quote), sql::QuoteLiteral(found.quote));
  auto loaded =
      connection.Execute(fmt::format("CREATE TABLE found AS SELECT * FROM read_csv({})", options));
  if (!loaded.ok()) return std::move(loaded).error().In(fmt::format("Cannot read {} as CSV", path));
  std::string texts = fmt::format("read_csv({}, all_varchar = true)", options);
  auto count = TRY(connection.Query("SELECT count(*) FROM found"));
  found.rows = count.Integer(0, 0);
  auto columns = TRY(connection.Describe("SELECT * FROM found"));
  for (const sql::ResultColumn& column : columns) {
    FoundColumn profiled = TRY(Profile(connection, "found", texts, column, found.rows));
    found.columns.push_back(std::move(profiled));
  }
  return found;
}

// How a file's path becomes a source's pattern: payment-2005-08.csv is the delivery
// 2005-08 of the table payment.
struct Pattern {
  std::string path;
  std::string table;
  bool has_period = false;
};

Pattern PatternOf(const Context& context, const std::string& file) {
  Pattern pattern;
  std::string path = io::Normalize(file);
  if (io::IsAbsolute(path) && io::IsWithin(path, context.project_dir))
    path = io::Relative(path, context.project_dir);
  std::string base = io::Basename(path), dir = io::Dirname(path);
  size_t dot = base.find('.', 1);
  std::string stem = base.substr(0, dot), suffix = dot == std::string::npos ? "" : base.substr(dot);
  std::smatch match;
  static const std::regex kPeriod("^(.+?)[-_]([0-9]{4}[-_0-9TW]*)$");
  std::string name = "{table}" + suffix;
  pattern.table = stem;
  if (std::regex_match(stem, match, kPeriod)) {
    pattern.table = match[1];
    pattern.has_period = true;
    name = "{table}" + stem.substr(match[1].length(), 1) + "{period}" + suffix;
  }
  pattern.path = dir == "." ? name : io::Join(dir, name);
  return pattern;
}

std::string KeyText(const std::string& name) {
  return hcl::IsIdentifier(name) ? name : value::Quote(name);
}

std::string ColumnsText(const FoundFile& file) {
  std::string out = "  columns = {\n";
  for (const FoundColumn& column : file.columns) {
    std::string text = fmt::format("type = \"{}\"", column.type);
    if (!column.has_nulls && file.rows > 0) text += ", required = true";
    if (column.is_unique && &column == &file.columns[0]) text += ", unique = true";
    out += fmt::format("    {} = {{ {} }}\n", KeyText(column.name), text);
  }
  return out + "  }\n";
}

std::string ChecksText(const FoundFile& file) {
  std::string out =
      "  checks = {\n    not_empty = expect_table_row_count_to_be_between({ min_value = 1 })\n";
  for (const FoundColumn& column : file.columns) {
    std::string name = hcl::IsIdentifier(column.name) ? column.name : "";
    if (name.empty()) continue;
    if (!column.values.empty()) {
      std::vector<std::string> words;
      for (const std::string& word : column.values) words.push_back(value::Quote(word));
      out += fmt::format(
          "    {}_is_known = expect_column_values_to_be_in_set({}, {{ value_set = [{}] }})\n", name,
          value::Quote(column.name), Join(words, ", "));
    } else if (column.is_never_negative && column.type.starts_with("decimal")) {
      out += fmt::format(
          "    {}_not_negative = expect_column_values_to_be_between({}, {{ min_value = 0 }})\n",
          name, value::Quote(column.name));
    }
  }
  return out + "  }\n";
}

std::string LoadText(const FoundFile& file, const Pattern& pattern) {
  bool has_key = !file.columns.empty() && file.columns[0].is_unique;
  if (pattern.has_period && has_key)
    return fmt::format("{{ mode = \"merge\", key = [{}] }}", value::Quote(file.columns[0].name));
  return pattern.has_period ? "{ mode = \"append\" }" : "{ mode = \"replace\" }";
}

// The options that a source needs for such a file; empty for plain CSV.
std::string OptionsText(const FoundFile& file) {
  std::vector<std::string> options;
  if (file.delimiter != ",") {
    options.push_back("delimiter = " + value::Quote(file.delimiter));
  }
  if (file.quote != "\"") options.push_back("quote = " + value::Quote(file.quote));
  return options.empty() ? "" : fmt::format("  options = {{ {} }}\n", Join(options, ", "));
}

// Whether a declared source reads files that are written so.
bool ReadsSuch(const value::Value& source, const FoundFile& file) {
  auto option = [&](std::string_view name, std::string_view otherwise) {
    const value::Value* options = source.Find("options");
    if (options == nullptr || !options->is_known_not_null()) return std::string(otherwise);
    const value::Value* found = options->Find(name);
    return found != nullptr && found->is_known_not_null() ? found->string()
                                                          : std::string(otherwise);
  };
  return option("delimiter", ",") == file.delimiter && option("quote", "\"") == file.quote;
}

// A source that reads those files already, or a new one with a free name.
std::string SourceFor(const config::Module& module, const builtin::ProjectFiles& project,
                      const FoundFile& file, const Pattern& pattern, const std::string& name,
                      std::string* text) {
  for (const plan::Instance& instance : project.evaluation->instances()) {
    if (instance.address.kind != "source" || instance.address.key.index() != 0) continue;
    const value::Value* path = instance.object.Find("path");
    bool is_same = path != nullptr && path->is_known_not_null() &&
                   io::Normalize(path->string()) == pattern.path &&
                   ReadsSuch(instance.object, file);
    if (is_same) return instance.address.name;
  }
  std::string dir = io::Basename(io::Dirname(pattern.path));
  std::string source = hcl::IsIdentifier(dir) && module.FindBlock("source." + dir) == nullptr
                           ? dir
                           : name + "_files";
  *text = fmt::format("source \"files\" \"{}\" {{\n  path = {}\n{}}}\n\n", source,
                      value::Quote(pattern.path), OptionsText(file));
  return source;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  const std::string& name = arguments.positional[0];
  std::string file = arguments.String("from");
  if (!hcl::IsIdentifier(name)) {
    return context.Fail(Error::Invalid(
        "\"{}\" is no name for a dataset: letters, digits and underscores, a letter first.", name));
  }
  if (file.empty())
    return context.Fail(
        Error::Invalid("Give the file to begin with: andon new dataset {} -from FILE.csv", name));
  io::LocalFileSystem files;
  std::string target = name + ".andon.hcl";
  if (files.Exists(target)) {
    return context.Fail(Error::Conflict(
        "{} exists already, and is never overwritten. Choose another name, or remove it.", target));
  }
  builtin::ProjectFiles project = LoadProjectFiles(context, arguments, nullptr);
  if (const config::DataBlock* block = project.module->FindBlock("dataset." + name)) {
    return context.Fail(Error::Conflict("dataset.{} is declared already, at {}.", name,
                                        config::FileLine(block->range)));
  }
  if (auto info = files.Stat(file); !info.ok()) return context.Fail(info.error());
  auto found = ReadFile(file);
  if (!found.ok()) return context.Fail(found.error());
  Pattern pattern = PatternOf(context, file);
  std::string source_text;
  std::string source = SourceFor(*project.module, project, *found, pattern, name, &source_text);
  std::string table = hcl::IsIdentifier(pattern.table) ? "." + pattern.table
                                                       : "[" + value::Quote(pattern.table) + "]";
  std::string text = fmt::format(
      "# From {} ({}); change what does not fit.\n{}dataset \"{}\" {{\n  from = "
      "source.{}.table{}\n  load = {}\n{}{}}}\n",
      file, Count(found->rows, "row"), source_text, name, source, table, LoadText(*found, pattern),
      ColumnsText(*found), ChecksText(*found));
  auto written = files.Write(target, hcl::Format(text));
  if (!written.ok()) return context.Fail(written.error());
  if (context.json) {
    context.Event(Json::Object({{"type", "new"},
                                {"file", target},
                                {"address", "dataset." + name},
                                {"columns", int64_t(found->columns.size())}}));
  } else {
    context.Line(fmt::format("Wrote {}: dataset \"{}\" with {}, read from {}.",
                             context.Paint("green", target), name,
                             Count(int64_t(found->columns.size()), "column"), file));
    if (!context.quiet) context.Line("Next: andon apply, andon run.");
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kNewDataset = {
    .name = "new dataset",
    .group = Group::kStart,
    .summary = "Write a dataset's block from a file",
    .usage = "NAME -from FILE",
    .description =
        "Reads a CSV file, works out its columns and their types, proposes checks that hold on it, "
        "and writes NAME.andon.hcl with "
        "the dataset and, where none fits, its source. Never overwrites a file. The last part of a "
        "file's name that looks like a "
        "date becomes the {period} of its deliveries.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"from", FlagKind::kString, "FILE", "The CSV file to begin with."}},
    .examples = {{"andon new dataset orders -from data/orders.csv", "Writes orders.andon.hcl."},
                 {"andon new dataset payment2 -from deliveries/payment-2005-05.csv",
                  "One file for each period."}},
    .run = Run,
};

}  // namespace andon::cli
