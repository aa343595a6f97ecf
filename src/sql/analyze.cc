#include "sql/analyze.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "sql/column_lineage_internal.h"
#include "sql/engine.h"

namespace andon::sql {
namespace {

// Deeper trees are refused: nobody writes them, and the walk is recursive.
constexpr int kDepthMax = 400;
constexpr size_t kTextMax = 16 << 20;

// Table functions that read nothing but their arguments. All others reach for files or for the
// engine's own tables: such data comes from a source.
constexpr std::string_view kPureTableFunctions[] = {
    "range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"};

SourcePos PositionAt(std::string_view text, size_t byte) {
  byte = std::min(byte, text.size());
  std::string_view before = text.substr(0, byte);
  size_t start = before.rfind('\n') + 1;  // npos + 1 is 0.
  SourcePos position;
  position.line = 1 + static_cast<int32_t>(std::count(before.begin(), before.end(), '\n'));
  position.column = 1 + static_cast<int32_t>(GraphemeCount(before.substr(start)));
  position.byte = static_cast<int32_t>(byte);
  return position;
}

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80);
}

// The end of the name, word or "quoted name" that begins at `byte`; dots join several.
size_t EndOfName(std::string_view text, size_t byte) {
  size_t end = byte;
  while (end < text.size()) {
    if (text[end] == '"') {
      size_t close = text.find('"', end + 1);
      end = close == std::string_view::npos ? text.size() : close + 1;
    } else if (IsWordByte(text[end])) {
      end++;
    } else if (text[end] == '.' && end > byte && end + 1 < text.size() &&
               (IsWordByte(text[end + 1]) || text[end + 1] == '"')) {
      end++;
    } else {
      break;
    }
  }
  return std::max(end, std::min(byte + 1, text.size()));
}

SourceRange RangeAt(std::string_view text, const std::string& filename, size_t byte) {
  byte = std::min(byte, text.size());
  return {filename, PositionAt(text, byte), PositionAt(text, EndOfName(text, byte))};
}

// DuckDB leaves some positions out; the word itself is nearly always where the mistake is.
std::optional<size_t> FindWord(std::string_view text, std::string_view word) {
  if (word.empty()) return {};
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    bool starts = at == 0 || !IsWordByte(text[at - 1]);
    bool ends = at + word.size() >= text.size() || !IsWordByte(text[at + word.size()]);
    if (starts && ends) return at;
  }
  return {};
}

// The first text in double quotes: Referenced table "p" not found!
std::string QuotedIn(std::string_view message) {
  size_t open = message.find('"');
  if (open == std::string_view::npos) return {};
  size_t close = message.find('"', open + 1);
  return close == std::string_view::npos ? ""
                                         : std::string(message.substr(open + 1, close - open - 1));
}

struct Summary {
  std::string_view code;
  std::string_view text;
};

Summary Classify(const StatementError& error) {
  if (error.type == "Parser") return {"AN1501", "SQL syntax error"};
  if (error.subtype == "COLUMN_NOT_FOUND" ||
      error.message.find("does not have a column") != std::string::npos) {
    return {"AN1503", "Unknown column in SQL"};
  }
  if (error.entry == "Table" || error.message.starts_with("Referenced table"))
    return {"AN1504", "Unknown table in SQL"};
  if (error.entry.ends_with("Function")) return {"AN1505", "Unknown function in SQL"};
  return {"AN1506", "SQL does not fit the tables"};
}

// Walks the serialised tree for the tables that are read, the calls that are refused, and the
// parameters.
class TableFinder {
 public:
  struct Use {
    std::string name;
    size_t byte;
  };
  std::vector<Use> tables;
  std::vector<Use> refused;  // Table functions.
  std::set<std::string> parameters;
  bool too_deep = false;

  void Visit(const Json& json, int depth = 0) {
    if (depth > kDepthMax) {
      too_deep = true;
      return;
    }
    if (json.is_array()) {
      for (const Json& item : json.items()) Visit(item, depth + 1);
      return;
    }
    if (!json.is_object()) return;
    size_t scope = scope_.size();
    // A common table expression sees those before it, and itself only where it is recursive.
    for (const Json& entry : json["cte_map"]["map"].items()) {
      Visit(entry["value"]["query"], depth + 1);
      scope_.push_back(AsciiLower(entry["key"].AsString()));
    }
    if (json["type"].AsString() == "RECURSIVE_CTE_NODE")
      scope_.push_back(AsciiLower(json["cte_name"].AsString()));
    Take(json);
    for (const auto& [name, value] : json.members()) {
      if (name != "cte_map") Visit(value, depth + 1);
    }
    scope_.resize(scope);
  }

 private:
  static size_t Location(const Json& json) {
    int64_t location = json["query_location"].AsInteger(-1);
    return location < 0 ? 0 : static_cast<size_t>(location);
  }

  void Take(const Json& json) {
    const std::string& type = json["type"].AsString();
    if (type == "BASE_TABLE") {
      std::string name = json["table_name"].AsString();
      const std::string& schema = json["schema_name"].AsString();
      bool is_local = schema.empty() &&
                      std::find(scope_.begin(), scope_.end(), AsciiLower(name)) != scope_.end();
      if (!is_local)
        tables.push_back({schema.empty() ? name : schema + "." + name, Location(json)});
    } else if (type == "TABLE_FUNCTION") {
      std::string name = AsciiLower(json["function"]["function_name"].AsString());
      bool is_pure = std::find(std::begin(kPureTableFunctions), std::end(kPureTableFunctions),
                               name) != std::end(kPureTableFunctions);
      if (!is_pure) refused.push_back({name, Location(json)});
    } else if (json["class"].AsString() == "PARAMETER") {
      parameters.insert(json["identifier"].AsString());
    }
  }

  std::vector<std::string> scope_;
};

}  // namespace

std::vector<std::string> Analysis::TableNames() const {
  std::vector<std::string> names;
  for (const TableUse& table : tables) {
    if (std::find(names.begin(), names.end(), table.name) == names.end())
      names.push_back(table.name);
  }
  return names;
}

struct Analyzer::Impl {
  Engine engine;
  Connection connection;

  // One statement on its way through the analysis.
  struct Job {
    std::string text;
    std::string filename;
    Json node;
    std::set<std::string> parameters;
    Analysis analysis;
  };

  Job Parse(std::string_view text, const std::string& filename);
  bool Serialize(Job* job);
  bool CreateTables(const std::vector<KnownTable>& tables, Job* job);
  void Bind(const std::vector<KnownTable>& tables, Job* job);
  void Report(const StatementError& error, const std::vector<KnownTable>& tables, Job* job);
  void CheckParameters(Job* job);
};

namespace {

void AddError(Analysis* analysis, std::string_view code, std::string_view summary,
              std::string detail, SourceRange range) {
  analysis->diagnostics.Error(std::string(code), std::string(summary), std::move(detail),
                              std::move(range));
}

}  // namespace

bool Analyzer::Impl::Serialize(Job* job) {
  auto fail = [&](std::string_view code, std::string_view summary, std::string detail,
                  size_t byte = 0) {
    AddError(&job->analysis, code, summary, std::move(detail),
             RangeAt(job->text, job->filename, byte));
    return false;
  };
  size_t bad = 0;
  if (job->text.size() > kTextMax)
    return fail("AN1502", "Not one SELECT statement", "The text is longer than 16 MiB.");
  if (!IsUtf8(job->text, &bad))
    return fail("AN1501", "SQL syntax error", "The text is not UTF-8 from here on.", bad);
  if (size_t nul = job->text.find('\0'); nul != std::string::npos) {
    return fail("AN1501", "SQL syntax error", "The text has a zero byte.", nul);
  }
  Result<ResultSet> result =
      connection.Query("SELECT json_serialize_sql($1::VARCHAR)", {{"", job->text}});
  if (!result.ok()) return fail("AN1501", "SQL syntax error", result.error().message);
  Result<Json> tree = Json::Parse(result->Bytes(0, 0));
  if (!tree.ok())
    return fail("AN1502", "Not one SELECT statement",
                "The statement is nested too deeply to be read.");
  if (!(*tree)["error"].AsBool()) {
    const auto& statements = (*tree)["statements"].items();
    if (statements.size() == 1) {
      job->node = statements[0]["node"];
      return true;
    }
    return fail("AN1502", "Not one SELECT statement",
                statements.empty()
                    ? "The text holds no statement."
                    : fmt::format("The text holds {} statements; a dataset is made by one.",
                                  statements.size()));
  }
  if ((*tree)["error_type"].AsString() != "parser") {
    return fail("AN1502", "Not one SELECT statement",
                "Only a SELECT (or WITH … SELECT, VALUES, FROM …) can make a dataset; nothing else "
                "may run here.");
  }
  // The serialiser tells little; the parser itself knows the place.
  if (auto error = connection.Check(job->text); error && error->type == "Parser") {
    Report(*error, {}, job);
    return false;
  }
  return fail("AN1501", "SQL syntax error", (*tree)["error_message"].AsString() + ".");
}

Analyzer::Impl::Job Analyzer::Impl::Parse(std::string_view text, const std::string& filename) {
  Job job{.text = std::string(text), .filename = filename};
  if (!Serialize(&job)) return job;
  TableFinder finder;
  finder.Visit(job.node);
  if (finder.too_deep) {
    AddError(&job.analysis, "AN1502", "Not one SELECT statement",
             "The statement is nested too deeply to be read.", RangeAt(text, filename, 0));
    job.node = Json();
    return job;
  }
  std::stable_sort(finder.tables.begin(), finder.tables.end(),
                   [](const auto& a, const auto& b) { return a.byte < b.byte; });
  for (const auto& use : finder.tables) {
    job.analysis.tables.push_back({use.name, RangeAt(text, filename, use.byte)});
  }
  for (const auto& use : finder.refused) {
    AddError(&job.analysis, "AN1507", "Table function not allowed",
             fmt::format("{}() reaches outside the lake. Declare a source for that data and select "
                         "from its dataset.",
                         use.name),
             RangeAt(text, filename, use.byte));
  }
  job.parameters = std::move(finder.parameters);
  return job;
}

void Analyzer::Impl::CheckParameters(Job* job) {
  for (const std::string& name : job->parameters) {
    if (AsciiLower(name) == "start" || AsciiLower(name) == "end") continue;
    size_t byte = FindWord(job->text, name).value_or(1);
    AddError(&job->analysis, "AN1508", "Unknown parameter in SQL",
             fmt::format("There is no parameter ${}. A statement may use $start and $end, the "
                         "interval that a run builds.",
                         name),
             RangeAt(job->text, job->filename, byte > 0 ? byte - 1 : 0));
  }
}

void Analyzer::Impl::Report(const StatementError& error, const std::vector<KnownTable>& tables,
                            Job* job) {
  Summary summary = Classify(error);
  std::string name = error.name.empty() ? QuotedIn(error.message) : error.name;
  std::optional<size_t> byte;
  if (error.byte >= 0) byte = static_cast<size_t>(error.byte);
  if (!byte) byte = FindWord(job->text, name);
  Diagnostic diagnostic;
  diagnostic.code = summary.code;
  diagnostic.summary = summary.text;
  diagnostic.detail = error.message;
  if (!diagnostic.detail.ends_with('.') && !diagnostic.detail.ends_with('!'))
    diagnostic.detail += '.';
  diagnostic.subject = RangeAt(job->text, job->filename, byte.value_or(0));
  std::vector<std::string> candidates;
  for (const KnownTable& table : tables) {
    if (summary.code == "AN1504") candidates.push_back(table.name);
    if (summary.code == "AN1503") {
      for (const ColumnInfo& column : table.columns) candidates.push_back(column.name);
    }
  }
  if (summary.code == "AN1503" && error.name.empty()) {
    // Table "p" does not have a column named "amont": the last quoted text is the column.
    size_t close = error.message.rfind('"');
    size_t open = close == std::string::npos || close == 0 ? std::string::npos
                                                           : error.message.rfind('"', close - 1);
    if (open != std::string::npos) name = error.message.substr(open + 1, close - open - 1);
  }
  std::string meant = DidYouMean(name, candidates);
  if (!meant.empty()) diagnostic.at_caret = "did you mean \"" + meant + "\"?";
  job->analysis.diagnostics.Add(std::move(diagnostic));
}

bool Analyzer::Impl::CreateTables(const std::vector<KnownTable>& tables, Job* job) {
  bool all_there = true;
  std::set<std::string> wanted;
  for (const TableUse& use : job->analysis.tables) wanted.insert(AsciiLower(use.name));
  std::vector<std::string> names;
  for (const KnownTable& table : tables) {
    names.push_back(table.name);
    if (wanted.erase(AsciiLower(table.name)) == 0) continue;
    std::vector<std::string> columns;
    for (const ColumnInfo& column : table.columns) {
      Result<std::string> type = ToDuckDbType(column.type);
      // A type that nobody knows was reported where the dataset declares it.
      columns.push_back(QuoteIdentifier(column.name) + " " + (type.ok() ? *type : "VARCHAR"));
    }
    if (columns.empty()) columns.push_back("\"no columns are known\" INTEGER");
    Result<void> created = connection.Execute("CREATE TABLE " + QuoteIdentifier(table.name) + " (" +
                                              Join(columns, ", ") + ")");
    if (!created.ok()) {
      AddError(&job->analysis, "AN1506", "SQL does not fit the tables", created.error().message,
               RangeAt(job->text, job->filename, 0));
      all_there = false;
    }
  }
  for (const TableUse& use : job->analysis.tables) {
    if (!wanted.contains(AsciiLower(use.name))) continue;
    Diagnostic diagnostic;
    diagnostic.code = "AN1504";
    diagnostic.summary = "Unknown table in SQL";
    diagnostic.detail = fmt::format(
        "There is no dataset \"{}\". A statement reads datasets of the project by their bare "
        "names.",
        use.name);
    diagnostic.subject = use.range;
    std::string meant = DidYouMean(use.name, names);
    if (!meant.empty()) diagnostic.at_caret = "did you mean \"" + meant + "\"?";
    job->analysis.diagnostics.Add(std::move(diagnostic));
    all_there = false;
  }
  return all_there;
}

void Analyzer::Impl::Bind(const std::vector<KnownTable>& tables, Job* job) {
  if (auto error = connection.Check(job->text)) {
    Report(*error, tables, job);
    return;
  }
  std::vector<ResultColumn> columns;
  if (job->parameters.empty()) {
    Result<std::vector<ResultColumn>> described = connection.Describe(job->text);
    if (described.ok()) columns = std::move(*described);
  } else {
    // The types are known only once the parameters are; the tables are empty.
    std::string text(Trim(job->text));
    while (text.ends_with(';'))
      text = std::string(Trim(std::string_view(text).substr(0, text.size() - 1)));
    Timestamp moment = FromMicros(0);
    Result<ResultSet> empty = connection.Query("SELECT * FROM (\n" + text + "\n) LIMIT 0",
                                               {{"start", moment}, {"end", moment}});
    if (!empty.ok()) {
      AddError(&job->analysis, "AN1506", "SQL does not fit the tables", empty.error().message,
               RangeAt(job->text, job->filename, 0));
      return;
    }
    columns = empty->columns();
  }
  auto lineage = TraceColumns(job->node, tables);
  if (lineage && lineage->size() != columns.size()) lineage.reset();
  std::set<std::string> seen;
  for (size_t i = 0; i < columns.size(); i++) {
    OutputColumn column{.name = columns[i].name};
    Result<std::string> type = FromDuckDbType(columns[i].type);
    if (type.ok()) column.type = *type;
    if (lineage && (*lineage)[i].is_exact) {
      column.is_exact = true;
      column.inputs.assign((*lineage)[i].inputs.begin(), (*lineage)[i].inputs.end());
    }
    if (!seen.insert(AsciiLower(column.name)).second) {
      size_t byte = FindWord(job->text, column.name).value_or(0);
      AddError(
          &job->analysis, "AN1509", "Two columns of one name",
          fmt::format("The statement returns \"{}\" twice. Name one of them with AS.", column.name),
          RangeAt(job->text, job->filename, byte));
    }
    job->analysis.columns.push_back(std::move(column));
  }
  if (job->analysis.diagnostics.has_errors()) job->analysis.columns.clear();
}

Analyzer::Analyzer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;
Analyzer::~Analyzer() = default;

Result<Analyzer> Analyzer::Open() {
  Engine engine = TRY(Engine::Open({.memory_limit_bytes = 256 << 20, .threads = 1}));
  Connection connection = TRY(engine.Connect());
  return Analyzer(std::make_unique<Impl>(Impl{std::move(engine), std::move(connection)}));
}

Analysis Analyzer::Parse(std::string_view text, const std::string& filename) {
  Impl::Job job = impl_->Parse(text, filename);
  return std::move(job.analysis);
}

Analysis Analyzer::Analyze(std::string_view text, const std::string& filename,
                           const std::vector<KnownTable>& tables) {
  Impl::Job job = impl_->Parse(text, filename);
  if (job.node.is_null()) return std::move(job.analysis);
  impl_->CheckParameters(&job);
  // The tables live only for this statement: the next one may know others by the same names.
  Result<void> begun = impl_->connection.Execute("BEGIN");
  if (!begun.ok()) {
    AddError(&job.analysis, "AN1506", "SQL does not fit the tables", begun.error().message,
             RangeAt(text, filename, 0));
    return std::move(job.analysis);
  }
  bool has_tables = impl_->CreateTables(tables, &job);
  if (has_tables && !job.analysis.diagnostics.has_errors()) impl_->Bind(tables, &job);
  (void)impl_->connection.Execute("ROLLBACK");
  return std::move(job.analysis);
}

Diagnostics Analyzer::CheckExpression(std::string_view text, const SourceRange& place,
                                      const std::vector<ColumnInfo>& columns) {
  // In parentheses and on a line of its own, so that neither a comment nor a second item passes.
  std::string statement = "SELECT 1 AS one FROM checked_rows WHERE (\n" + std::string(text) + "\n)";
  bool is_plain = impl_->Parse(statement, "row_condition").node["type"].AsString() == "SELECT_NODE";
  Analysis analysis = Analyze(statement, "row_condition", {{"checked_rows", columns}});
  if (is_plain && !analysis.diagnostics.has_errors()) {
    // WHERE takes a row of two as well; the value alone shows its type.
    Analysis value =
        Analyze("SELECT (\n" + std::string(text) + "\n) AS condition FROM checked_rows",
                "row_condition", {{"checked_rows", columns}});
    if (value.columns.size() == 1 && value.columns[0].type == "boolean") return {};
  }
  Diagnostics diagnostics;
  std::string detail;
  for (const Diagnostic& diagnostic : analysis.diagnostics) {
    detail = fmt::format("In \"{}\", at line {}, column {}: {}", text,
                         std::max(1, diagnostic.subject.start.line - 1),
                         diagnostic.subject.start.column, diagnostic.detail);
    break;
  }
  if (detail.empty())
    detail = fmt::format("\"{}\" is not one expression that is true or false.", text);
  diagnostics.Error("AN1510", "Condition is no SQL expression", detail, place);
  return diagnostics;
}

std::optional<std::string> Analyzer::CheckRegex(std::string_view regex) {
  // As a constant it is compiled when the statement is bound.
  auto error = impl_->connection.Check("SELECT regexp_matches(text, " + QuoteLiteral(regex) +
                                       ") FROM (VALUES ('')) t(text)");
  if (!error) return {};
  return error->message;
}

}  // namespace andon::sql
