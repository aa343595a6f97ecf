#include "builtin/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "builtin/check_places.h"
#include "definition/quarantine.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "io/path.h"
#include "quality/check.h"
#include "quality/implication.h"

namespace andon::builtin {
namespace {

// The texts and names inside of a call, with their ranges: a message about
// "ammount" marks it, and not the whole call.
class CallText {
 public:
  CallText(const config::Module& module, const SourceRange& call) {
    const std::string* text = module.sources.Find(call.filename);
    bool is_inside = text != nullptr && call.start.byte >= 0 && call.end.byte > call.start.byte &&
                     size_t(call.end.byte) <= text->size();
    if (!is_inside) return;
    parsed_ = hcl::ParseExpression(text->substr(call.start.byte, call.end.byte - call.start.byte),
                                   call.filename, call.start);
    if (!parsed_.diagnostics.has_errors()) Collect(parsed_.expression, 0);
  }

  // The first text or name that the sentence quotes.
  std::optional<SourceRange> Quoted(std::string_view sentence) const {
    for (size_t open = sentence.find('"'); open != std::string_view::npos;
         open = sentence.find('"', open + 1)) {
      size_t close = sentence.find('"', open + 1);
      if (close == std::string_view::npos) return std::nullopt;
      std::string_view word = sentence.substr(open + 1, close - open - 1);
      for (const auto& [text, range] : texts_) {
        if (text == word) return range;
      }
      open = close;
    }
    return std::nullopt;
  }

  // The file that the call reads with file("…"), relative to the project.
  std::string FileRead() const { return file_; }

 private:
  void Collect(hcl::Expression expression, int depth) {
    constexpr int kDepthMax = 32;
    if (depth > kDepthMax) return;
    if (auto text = hcl::AsStringLiteral(expression)) {
      texts_.emplace_back(std::string(*text), expression.range());
    } else if (auto items = hcl::AsMap(expression)) {
      for (const hcl::StaticItem& item : *items) {
        std::string_view key = hcl::AsKeyword(item.key);
        if (!key.empty()) texts_.emplace_back(std::string(key), item.key.range());
        Collect(item.value, depth + 1);
      }
    } else if (auto list = hcl::AsList(expression)) {
      for (hcl::Expression item : *list) Collect(item, depth + 1);
    } else if (auto call = hcl::AsCall(expression)) {
      texts_.emplace_back(std::string(call->name), call->name_range);
      if (call->name == "file" && call->arguments.size() == 1) {
        if (auto path = hcl::AsStringLiteral(call->arguments[0])) file_ = io::Normalize(*path);
      }
      for (hcl::Expression argument : call->arguments) Collect(argument, depth + 1);
    }
  }

  hcl::ParsedExpression parsed_;
  std::vector<std::pair<std::string, SourceRange>> texts_;
  std::string file_;
};

class Checks {
 public:
  Checks(ProjectView& project, CachedAnalyzer& analyzer,
         std::map<std::string, std::vector<std::string>>* inputs, Diagnostics* diagnostics)
      : project_(project),
        analyzer_(analyzer),
        inputs_(inputs),
        diagnostics_(diagnostics),
        tables_(project.Tables()) {}

  void Run() {
    for (Item& item : project_.items()) {
      if (item.kind != "dataset") continue;
      CheckColumnRules(item);
      if (!item.attributes["checks"].is_object()) continue;
      std::vector<sql::ColumnInfo> columns = ColumnInfos(item);
      Json checks = Json::Object();
      std::vector<quality::CheckSpec> sound = RequiredColumns(item);
      for (const auto& [name, check] : item.attributes["checks"].members()) {
        checks.Set(name, One(item, columns, name, check, &sound));
      }
      for (Diagnostic d : quality::WarnOfContradictions(sound)) {
        d.address = item.address;
        diagnostics_->Add(std::move(d));
      }
      item.attributes.Set("checks", std::move(checks));
    }
  }

 private:
  // What `required` says, beside the declared checks.
  static std::vector<quality::CheckSpec> RequiredColumns(const Item& item) {
    std::vector<quality::CheckSpec> out;
    for (const auto& [name, column] : item.attributes["columns"].members()) {
      if (!column["required"].AsBool()) continue;
      out.push_back({.name = name + ".required",
                     .type = "expect_column_values_to_not_be_null",
                     .kwargs = Json::Object({{"column", name}}),
                     .declared = item.Range("columns." + name)});
    }
    return out;
  }

  // Reports, and gives the check as it is recorded; a sound one goes to `sound`.
  Json One(const Item& item, const std::vector<sql::ColumnInfo>& columns, const std::string& name,
           const Json& check, std::vector<quality::CheckSpec>* sound) {
    SourceRange call = item.Range("checks." + name);
    Diagnostics found;
    const std::string& type = check["type"].AsString();
    Diagnostics places;
    Json kwargs = WithPlaces(project_, item, name, type, check["kwargs"], call, &places);
    AddFound(item, call, places);
    quality::CheckSpec spec = quality::ReadCheck(name, type, kwargs, call, &found);
    if (name.find('.') != std::string::npos) {
      config::Report(&found, config::kInvalidName,
                     fmt::format("The name of the check \"{}\" must not have a dot.", name), call);
    }
    if (spec.severity == quality::CheckSeverity::kQuarantine) {
      CheckQuarantine(item, columns, fmt::format("Check \"{}\"", spec.name), call, &found);
      const bool has_key = item.attributes["load"]["key"].size() > 0 || HasUniqueColumn(item);
      if (!quality::SqlOf(spec).empty() && !has_key) {
        config::Report(&found, config::kNotAllowed,
                       fmt::format("Check \"{}\": which rows its SQL returns is told by the "
                                   "dataset's key: it needs load = {{ key = [...] }} or a unique "
                                   "column.",
                                   spec.name),
                       call);
      }
    }
    bool is_judged =
        !places.has_errors() && !columns.empty() && !item.has_broken_columns && !found.has_errors();
    if (is_judged)
      found.Append(Validate(spec, columns));
    else if (!places.has_errors() && !found.has_errors())
      found.Append(ValidateWithoutColumns(spec));
    if (!places.has_errors() && !found.has_errors()) sound->push_back(spec);
    AddFound(item, call, std::move(found));
    for (const std::string& table : quality::TablesOf(spec)) {
      if (const Item* dataset = project_.FindTable(table)) AddInput(item, dataset->address);
    }
    if (std::string sql = quality::SqlOf(spec); !sql.empty()) CheckSql(item, name, call, sql);
    Json out = Json::Object({{"type", spec.type}, {"kwargs", spec.kwargs}});
    if (check["kwargs"].Has("severity"))
      out.Set("severity", std::string(quality::ToString(spec.severity)));
    if (check["kwargs"].Has("quarantine_max"))
      out.Set("quarantine_max", check["kwargs"]["quarantine_max"]);
    if (check["kwargs"].Has("on")) out.Set("on", check["kwargs"]["on"]);
    return out;
  }

  // What a column says of the rows that break its rules.
  void CheckColumnRules(const Item& item) {
    std::vector<sql::ColumnInfo> columns;
    for (const auto& [name, column] : item.attributes["columns"].members()) {
      const bool quarantines = column["severity"].AsString() == "quarantine";
      const Json& share = column["quarantine_max"];
      if (!column["severity"].is_string() && share.is_null()) continue;
      auto range = [&](const char* attribute) {
        return item.Range(fmt::format("columns.{}.{}", name, attribute));
      };
      Diagnostics found;
      auto mistake = [&](std::string sentence, const char* attribute) {
        config::Report(&found, config::kNotAllowed,
                       fmt::format("Column \"{}\": {}", name, sentence), range(attribute));
      };
      const bool has_rule = column["required"].AsBool() || column["unique"].AsBool() ||
                            column["references"].is_object();
      if (!has_rule)
        mistake("\"severity\" and \"quarantine_max\" are of required, unique and references.",
                share.is_null() ? "severity" : "quarantine_max");
      if (!share.is_null() && !quarantines)
        mistake("\"quarantine_max\" is for severity = \"quarantine\".", "quarantine_max");
      else if (!share.is_null() && !(share.AsDouble() > 0 && share.AsDouble() <= 1))
        mistake("\"quarantine_max\" must be a share of the rows: above 0, at most 1.",
                "quarantine_max");
      if (quarantines) {
        if (columns.empty()) columns = ColumnInfos(item);
        CheckQuarantine(item, columns, fmt::format("Column \"{}\"", name), range("severity"),
                        &found);
      }
      for (Diagnostic d : found) {
        d.address = item.address;
        diagnostics_->Add(std::move(d));
      }
    }
  }

  // The rows that `who` takes aside must be Andon's to take, and have a table to go to.
  void CheckQuarantine(const Item& item, const std::vector<sql::ColumnInfo>& columns,
                       const std::string& who, const SourceRange& place, Diagnostics* found) {
    auto mistake = [&](std::string sentence) {
      config::Report(found, config::kNotAllowed, fmt::format("{}: {}", who, sentence), place);
    };
    if (item.is_external())
      mistake("an external dataset is only checked, so none of its rows can be quarantined.");
    const std::string table = definition::QuarantineTable(item.name);
    if (const Item* other = project_.FindTable(table); other && tables_told_.insert(table).second)
      mistake(fmt::format("its bad rows go to the table \"{}\", which is {} already.", table,
                          other->address));
    for (const definition::Column& own : definition::QuarantineColumns()) {
      for (const sql::ColumnInfo& column : columns) {
        if (AsciiLower(column.name) == own.name)
          mistake(
              fmt::format("the table \"{}\" has a column \"{}\" of its own; the dataset's "
                          "needs another name.",
                          table, own.name));
      }
    }
  }

  static bool HasUniqueColumn(const Item& item) {
    for (const auto& [name, column] : item.attributes["columns"].members()) {
      if (column["unique"].AsBool()) return true;
    }
    return false;
  }

  Diagnostics Validate(const quality::CheckSpec& spec,
                       const std::vector<sql::ColumnInfo>& columns) {
    // Only regular expressions and conditions ask the SQL engine, which takes time to open.
    bool asks_engine = spec.kwargs.Has("regex") || spec.kwargs.Has("row_condition") ||
                       spec.kwargs.Has("regex_list");
    auto validate = [&](sql::Analyzer* a) { return quality::Validate(spec, columns, tables_, a); };
    if (!asks_engine) return validate(nullptr);
    std::string key = spec.type + spec.kwargs.Dump();
    for (const sql::ColumnInfo& column : columns) key += column.name + " " + column.type + ",";
    return analyzer_.Validate(key, validate);
  }

  // Nobody said which columns there are: what is wrong whichever they are.
  Diagnostics ValidateWithoutColumns(const quality::CheckSpec& spec) const {
    Diagnostics out;
    for (const Diagnostic& d : quality::Validate(spec, std::vector<sql::ColumnInfo>(), tables_)) {
      bool is_of_columns = d.code == config::kUnknownColumn.code || d.code == quality::kMisfitCode;
      if (!is_of_columns) out.Add(d);
    }
    return out;
  }

  // A check is told at the very word that is wrong; unknown columns also where the
  // right ones are.
  void AddFound(const Item& item, const SourceRange& call, Diagnostics found) {
    if (found.empty()) return;
    CallText text(project_.module(), call);
    for (Diagnostic d : found) {
      d.address = item.address;
      std::string sentence = d.detail;
      size_t said = sentence.find("\": ");  // After `Check "name": `.
      if (sentence.starts_with("Check \"") && said != std::string::npos)
        sentence.erase(0, said + 3);
      if (d.subject == call) {
        if (auto range = text.Quoted(sentence)) d.subject = *range;
      }
      if (d.code == config::kUnknownColumn.code) {
        Diagnostics helped;
        ReportUnknownColumn(item, item, "", d.subject, &helped);
        d.labels = helped.begin()->labels;
      }
      diagnostics_->Add(std::move(d));
    }
  }

  void AddInput(const Item& item, const std::string& address) {
    std::vector<std::string>& inputs = (*inputs_)[item.address];
    bool is_new =
        address != item.address && std::find(inputs.begin(), inputs.end(), address) == inputs.end();
    if (is_new) inputs.push_back(address);
  }

  void CheckSql(const Item& item, const std::string& name, const SourceRange& call,
                const std::string& sql) {
    CallText text(project_.module(), call);
    std::string file = text.FileRead();
    // Without a file of its own the statement is a text in the call: the call is marked.
    auto place = [&](SourceRange range) {
      if (file.empty()) return call;
      range.filename = file;
      return range;
    };
    sql::Analysis parsed = analyzer_.Parse(sql, file.empty() ? call.filename : file);
    std::vector<std::string> inputs;
    bool is_sound = !parsed.diagnostics.has_errors() &&
                    CheckTables(project_, item, parsed, place, &inputs, diagnostics_);
    for (const std::string& input : inputs) AddInput(item, input);
    Diagnostics found = std::move(parsed.diagnostics);
    std::vector<sql::KnownTable> tables;
    if (is_sound && KnownTables(project_, parsed, &tables)) {
      found.Append(analyzer_.Analyze(sql, file.empty() ? call.filename : file, tables).diagnostics);
    }
    for (Diagnostic d : found) {
      if (file.empty())
        d.detail = fmt::format("Check \"{}\", line {} of its SQL: {}", name, d.subject.start.line,
                               d.detail);
      d.subject = place(d.subject);
      d.address = item.address;
      diagnostics_->Add(std::move(d));
    }
  }

  ProjectView& project_;
  CachedAnalyzer& analyzer_;
  std::map<std::string, std::vector<std::string>>* inputs_;
  Diagnostics* diagnostics_;
  std::vector<std::string> tables_;
  std::set<std::string> tables_told_;  // Of quarantines, that are another dataset's.
};

}  // namespace

void CheckChecks(ProjectView& project, CachedAnalyzer& analyzer,
                 std::map<std::string, std::vector<std::string>>* inputs,
                 Diagnostics* diagnostics) {
  Checks(project, analyzer, inputs, diagnostics).Run();
}

}  // namespace andon::builtin
