#include <fmt/format.h>

#include "builtin/block.h"
#include "builtin/source_database.h"
#include "sql/engines/duckdb_file.h"

namespace andon::builtin {
namespace {

using config::Form;

// The pattern must say where the table's name stands, and nothing that files.cc does not know.
void CheckPath(const Item& item, Diagnostics* diagnostics) {
  const std::string& path = item.attributes["path"].AsString();
  if (path.empty()) return;
  size_t scheme = path.find("://");
  if (scheme != std::string::npos) {
    return ReportAt(
        item, config::kNotYet,
        fmt::format(
            "Files can only be read from folders of this machine in this version, not from {}://.",
            path.substr(0, scheme)),
        "path", diagnostics);
  }
  for (size_t open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1)) {
    size_t close = path.find('}', open);
    std::string name =
        close == std::string::npos ? path.substr(open) : path.substr(open + 1, close - open - 1);
    if (name == "table" || name == "period") continue;
    ReportAt(
        item, config::kInvalidText,
        fmt::format("\"{{{}}}\" is no part of a path: there are {{table}} and {{period}}.", name),
        "path", diagnostics, "path = \"deliveries/{table}-{period}.csv\"");
  }
  if (!sql::FileFormat(path) && !path.ends_with(".metadata.json")) {
    ReportAt(item, config::kNotYet,
             "What kind the files are stands at the path's end: .csv, .tsv, .parquet, .json, "
             ".jsonl, .ndjson (of text also with .gz), or .metadata.json of an Iceberg table.",
             "path", diagnostics);
  }
}

void CheckOptions(const Item& item, Diagnostics* diagnostics) {
  for (const char* name : {"delimiter", "quote", "escape"}) {
    const Json& text = item.attributes["options"][name];
    bool may_be_empty = std::string_view(name) != "delimiter";
    if (!text.is_string() || text.AsString().size() == 1 ||
        (may_be_empty && text.AsString().empty()))
      continue;
    ReportAt(item, config::kInvalidText,
             fmt::format("\"{}\" must be one character{}.", name, may_be_empty ? ", or empty" : ""),
             fmt::format("options.{}", name), diagnostics);
  }
}

void Check(const ProjectView&, const Item& item, Diagnostics* diagnostics) {
  if (IsDatabase(item.instance->type)) return CheckDatabase(item, diagnostics);
  CheckPath(item, diagnostics);
  CheckOptions(item, diagnostics);
}

}  // namespace

const Block& SourceBlock() {
  static const Block kBlock = {
      .schema = {.kind = "source",
                 .doc = "Where data comes from. Its address has no type: `source \"files\" "
                        "\"deliveries\"` is source.deliveries.",
                 .has_tables = true,
                 .types = {{.name = "files",
                            .doc = "Files that somebody delivers into a folder: CSV to be loaded; "
                                   "these, Parquet, JSON lines and tables of Iceberg to be "
                                   "checked where they are. One delivery is one file, remembered "
                                   "by path, size and content; the same content is never loaded "
                                   "twice.",
                            .attributes = {{.name = "path",
                                            .form = Form::kString,
                                            .required = true,
                                            .doc = "Where they lie: {table} stands for the table's "
                                                   "name, {period} for what tells one delivery "
                                                   "of it from the next.",
                                            .example = "\"deliveries/{table}-{period}.csv\""},
                                           {.name = "options",
                                            .form = Form::kObject,
                                            .doc = "How the files are written, where it is not "
                                                   "plain CSV.",
                                            .example = "{ delimiter = \";\", encoding = "
                                                       "\"latin-1\" }",
                                            .nested = {{.name = "delimiter",
                                                        .form = Form::kString,
                                                        .fallback = "\",\"",
                                                        .doc = "Between columns."},
                                                       {.name = "quote",
                                                        .form = Form::kString,
                                                        .fallback = "\"\\\"\"",
                                                        .doc = "Around values; empty for none."},
                                                       {.name = "escape",
                                                        .form = Form::kString,
                                                        .fallback = "the quote",
                                                        .doc = "Before a quote inside of quotes."},
                                                       {.name = "null",
                                                        .form = Form::kString,
                                                        .fallback = "\"\"",
                                                        .doc = "What stands for a missing value, "
                                                               "without quotes."},
                                                       {.name = "encoding",
                                                        .form = Form::kString,
                                                        .fallback = "\"utf-8\"",
                                                        .doc = "Of the text.",
                                                        .allowed = {"utf-8", "utf8", "utf-16",
                                                                    "latin-1"}},
                                                       {.name = "timestamp_format",
                                                        .form = Form::kString,
                                                        .fallback = "ISO 8601",
                                                        .doc = "How timestamps are written, in the "
                                                               "letters of strptime.",
                                                        .example = "\"%d.%m.%Y %H:%M\""},
                                                       {.name = "date_format",
                                                        .form = Form::kString,
                                                        .fallback = "ISO 8601",
                                                        .doc =
                                                            "How dates are written, in the letters "
                                                            "of strptime.",
                                                        .example = "\"%d.%m.%Y\""}}}}},
                           PostgresSource(),
                           SqliteSource(),
                           DuckDbSource()},
                 .attributes = {{.name = "description",
                                 .form = Form::kString,
                                 .doc = "What comes from there."},
                                {.name = "owner",
                                 .form = Form::kReference,
                                 .doc = "Who answers for it.",
                                 .example = "team.payments",
                                 .kinds = {"team", "person"}}},
                 .example = "source \"files\" \"deliveries\" {\n  path = "
                            "\"deliveries/{table}-{period}.csv\"\n}\n",
                 .aliases = {"connection", "datasource", "data_source", "connector"}},
      .check = Check};
  return kBlock;
}

}  // namespace andon::builtin
