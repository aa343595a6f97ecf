#include "builtin/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "io/path.h"
#include "quality/check.h"

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
      if (item.kind != "dataset" || !item.attributes["checks"].is_object()) continue;
      std::vector<sql::ColumnInfo> columns = ColumnInfos(item);
      Json checks = Json::Object();
      for (const auto& [name, check] : item.attributes["checks"].members()) {
        checks.Set(name, One(item, columns, name, check));
      }
      item.attributes.Set("checks", std::move(checks));
    }
  }

 private:
  // Reports, and gives the check as it is recorded.
  Json One(const Item& item, const std::vector<sql::ColumnInfo>& columns, const std::string& name,
           const Json& check) {
    SourceRange call = item.Range("checks." + name);
    Diagnostics found;
    quality::CheckSpec spec =
        quality::ReadCheck(name, check["type"].AsString(), check["kwargs"], call, &found);
    if (name.find('.') != std::string::npos) {
      config::Report(&found, config::kInvalidName,
                     fmt::format("The name of the check \"{}\" must not have a dot.", name), call);
    }
    bool is_judged = !columns.empty() && !item.has_broken_columns && !found.has_errors();
    if (is_judged) found.Append(Validate(spec, columns));
    AddFound(item, call, std::move(found));
    for (const std::string& table : quality::TablesOf(spec)) {
      if (const Item* dataset = project_.FindTable(table)) AddInput(item, dataset->address);
    }
    if (std::string sql = quality::SqlOf(spec); !sql.empty()) CheckSql(item, name, call, sql);
    Json out = Json::Object({{"type", spec.type}, {"kwargs", spec.kwargs}});
    if (check["kwargs"].Has("severity"))
      out.Set("severity", std::string(quality::ToString(spec.severity)));
    if (check["kwargs"].Has("on")) out.Set("on", check["kwargs"]["on"]);
    return out;
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
};

}  // namespace

void CheckChecks(ProjectView& project, CachedAnalyzer& analyzer,
                 std::map<std::string, std::vector<std::string>>* inputs,
                 Diagnostics* diagnostics) {
  Checks(project, analyzer, inputs, diagnostics).Run();
}

}  // namespace andon::builtin
