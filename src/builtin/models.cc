#include "builtin/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "builtin/check_places.h"
#include "config/value_json.h"
#include "graph/dag.h"

namespace andon::builtin {
namespace {

// Counted up when what is remembered would no longer be found the same way.
constexpr std::string_view kCacheVersion = "analysis-1";

Json PosJson(const SourcePos& p) { return Json::List({p.line, p.column, p.byte}); }
SourcePos ReadPos(const Json& json) {
  if (json.size() != 3) return {};
  return {int32_t(json.items()[0].AsInteger()), int32_t(json.items()[1].AsInteger()),
          int32_t(json.items()[2].AsInteger())};
}

std::string Write(const sql::Analysis& analysis) {
  Json tables = Json::List();
  for (const sql::TableUse& use : analysis.tables) {
    tables.Push(Json::Object({{"name", use.name},
                              {"start", PosJson(use.range.start)},
                              {"end", PosJson(use.range.end)}}));
  }
  Json columns = Json::List();
  for (const sql::OutputColumn& column : analysis.columns) {
    Json inputs = Json::List();
    for (const sql::ColumnUse& use : column.inputs)
      inputs.Push(Json::List({use.table, use.column}));
    columns.Push(Json::Object({{"name", column.name},
                               {"type", column.type},
                               {"exact", column.is_exact},
                               {"inputs", std::move(inputs)}}));
  }
  return Json::Object({{"tables", std::move(tables)}, {"columns", std::move(columns)}}).Dump();
}

std::optional<sql::Analysis> Read(const std::string& text, const std::string& filename) {
  auto json = Json::Parse(text);
  if (!json.ok() || !json->Has("tables")) return std::nullopt;
  sql::Analysis analysis;
  for (const Json& use : (*json)["tables"].items()) {
    analysis.tables.push_back(
        {use["name"].AsString(), {filename, ReadPos(use["start"]), ReadPos(use["end"])}});
  }
  for (const Json& c : (*json)["columns"].items()) {
    sql::OutputColumn column{.name = c["name"].AsString(),
                             .type = c["type"].AsString(),
                             .is_exact = c["exact"].AsBool()};
    for (const Json& use : c["inputs"].items()) {
      if (use.size() == 2)
        column.inputs.push_back({use.items()[0].AsString(), use.items()[1].AsString()});
    }
    analysis.columns.push_back(std::move(column));
  }
  return analysis;
}

}  // namespace

CachedAnalyzer::CachedAnalyzer(const AnalysisCache& cache) : cache_(cache) {}
CachedAnalyzer::~CachedAnalyzer() = default;

sql::Analyzer* CachedAnalyzer::Get(Diagnostics* diagnostics) {
  if (analyzer_) return analyzer_.get();
  auto opened = sql::Analyzer::Open();
  if (!opened.ok()) {
    config::Report(diagnostics, config::kNoAnalyzer, opened.error().message, {});
    return nullptr;
  }
  analyzer_ = std::make_unique<sql::Analyzer>(std::move(*opened));
  return analyzer_.get();
}

template <typename Run>
sql::Analysis CachedAnalyzer::Remembered(const std::string& key, const std::string& filename,
                                         Run run) {
  std::string hash = Sha256(fmt::format("{}\n{}", kCacheVersion, key));
  if (cache_.get) {
    auto content = cache_.get(hash);
    auto known = content ? Read(*content, filename) : std::nullopt;
    if (known) return std::move(*known);
  }
  sql::Analysis analysis;
  sql::Analyzer* analyzer = Get(&analysis.diagnostics);
  if (analyzer == nullptr) return analysis;
  analysis = run(*analyzer);
  if (cache_.put && analysis.diagnostics.empty()) cache_.put(hash, Write(analysis));
  return analysis;
}

sql::Analysis CachedAnalyzer::Parse(const std::string& text, const std::string& filename) {
  return Remembered("parse\n" + text, filename,
                    [&](sql::Analyzer& a) { return a.Parse(text, filename); });
}

sql::Analysis CachedAnalyzer::Analyze(const std::string& text, const std::string& filename,
                                      const std::vector<sql::KnownTable>& tables) {
  std::string key = "analyze\n";
  for (const sql::KnownTable& table : tables) {
    key += table.name + "(";
    for (const sql::ColumnInfo& column : table.columns)
      key += column.name + " " + column.type + ",";
    key += ")\n";
  }
  return Remembered(key + text, filename,
                    [&](sql::Analyzer& a) { return a.Analyze(text, filename, tables); });
}

Diagnostics CachedAnalyzer::Validate(const std::string& key,
                                     const std::function<Diagnostics(sql::Analyzer*)>& validate) {
  std::string hash = Sha256(fmt::format("{}\nvalidate\n{}", kCacheVersion, key));
  if (cache_.get && cache_.get(hash)) return validate(nullptr);
  Diagnostics diagnostics;
  sql::Analyzer* analyzer = Get(&diagnostics);
  if (analyzer == nullptr) return diagnostics;
  diagnostics = validate(analyzer);
  if (cache_.put && diagnostics.empty()) cache_.put(hash, "ok");
  return diagnostics;
}

bool CheckTables(const ProjectView& project, const Item& item, const sql::Analysis& analysis,
                 const std::function<SourceRange(SourceRange)>& place,
                 std::vector<std::string>* inputs, Diagnostics* diagnostics) {
  bool ok = true;
  std::set<std::string> told;
  for (const sql::TableUse& use : analysis.tables) {
    if (const Item* dataset = project.FindTable(use.name)) {
      if (std::find(inputs->begin(), inputs->end(), dataset->address) == inputs->end())
        inputs->push_back(dataset->address);
      const std::string here = PlaceOf(project, item), there = PlaceOf(project, *dataset);
      if (here == there && dataset->is_external() && item.instance->positions.contains("sql")) {
        Diagnostic d = config::Message(
            config::kExternal,
            fmt::format("{} reads {}, which is checked where it is and not loaded: a model reads "
                        "the lake.",
                        item.address, dataset->address),
            place(use.range));
        d.address = item.address;
        d.help = "Load it, with from and load, beside the external one.";
        diagnostics->Add(std::move(d));
        ok = false;
      }
      if (here != there) {
        Diagnostic d = config::Message(
            config::kExternal,
            fmt::format("{} reads {}, which is no table of {} but of {}.", item.address,
                        dataset->address, here.empty() ? "the lake" : here,
                        there.empty() ? "the lake" : there),
            place(use.range));
        d.address = item.address;
        diagnostics->Add(std::move(d));
        ok = false;
      }
      continue;
    }
    ok = false;
    if (!told.insert(use.name).second) continue;
    std::string meant = DidYouMean(use.name, project.Tables());
    Diagnostic d = config::Message(
        config::kUndeclared,
        fmt::format("The SQL of {} reads \"{}\", but the project has no dataset of that name.",
                    item.address, use.name),
        place(use.range));
    d.address = item.address;
    d.at_caret = config::Suggest(meant);
    if (meant.empty())
      d.help = fmt::format("Declare it: dataset \"{}\" {{ … }}. Files are read through a source.",
                           use.name);
    diagnostics->Add(std::move(d));
  }
  return ok;
}

bool KnownTables(const ProjectView& project, const sql::Analysis& analysis,
                 std::vector<sql::KnownTable>* tables) {
  for (const std::string& name : analysis.TableNames()) {
    const Item* dataset = project.FindTable(name);
    if (dataset == nullptr || dataset->has_broken_columns) return false;
    std::vector<sql::ColumnInfo> columns = ColumnInfos(*dataset);
    bool has_types = std::all_of(columns.begin(), columns.end(),
                                 [](const sql::ColumnInfo& c) { return !c.type.empty(); });
    if (columns.empty() || !has_types) return false;
    tables->push_back({dataset->name, std::move(columns)});
  }
  return true;
}

std::function<SourceRange(SourceRange)> PlaceInFile(const config::Module& module,
                                                    const SourceRange& base,
                                                    const std::string& sql) {
  bool has_own_file = base.start == SourcePos{} && base.end == SourcePos{};
  const std::string* text = module.sources.Find(base.filename);
  if (has_own_file || text == nullptr) {
    return [base](SourceRange range) {
      range.filename = base.filename;
      return range;
    };
  }
  return [base, text, lines = Split(sql, '\n')](const SourceRange& range) {
    // The line of the statement, somewhere in the line of the file: behind the
    // indentation of a heredoc or the quote of a text.
    size_t index = size_t(std::max(1, range.start.line)) - 1;
    if (index >= lines.size() || range.start.line != range.end.line) return base;
    size_t begin = 0;
    for (int32_t line = 1; line < base.start.line + int32_t(index) && begin != std::string::npos;
         ++line) {
      begin = text->find('\n', begin);
      if (begin != std::string::npos) ++begin;
    }
    if (begin == std::string::npos) return base;
    std::string_view in_file =
        std::string_view(*text).substr(begin, text->find('\n', begin) - begin);
    size_t indent = in_file.find(lines[index]);
    if (indent == std::string_view::npos) return base;
    auto moved = [&](const SourcePos& p) {
      return SourcePos{base.start.line + int32_t(index), p.column + int32_t(indent),
                       int32_t(begin + indent) + p.column - 1};
    };
    return SourceRange{base.filename, moved(range.start), moved(range.end)};
  };
}

namespace {

class Models {
 public:
  Models(ProjectView& project, CachedAnalyzer& analyzer,
         std::map<std::string, std::vector<std::string>>* inputs,
         std::map<std::string, Json>* lineage, Diagnostics* diagnostics)
      : project_(project),
        analyzer_(analyzer),
        inputs_(inputs),
        lineage_(lineage),
        diagnostics_(diagnostics) {}

  void Run() {
    for (Item& item : project_.items()) {
      if (item.kind == "dataset" && item.attributes["sql"].is_string()) models_.push_back(&item);
    }
    graph::Dag dag(static_cast<int>(models_.size()));
    std::map<std::string, graph::NodeId> nodes;
    for (size_t i = 0; i < models_.size(); ++i)
      nodes[models_[i]->address] = static_cast<graph::NodeId>(i);
    for (Item* model : models_) parsed_.push_back(ParseModel(*model));
    for (size_t i = 0; i < models_.size(); ++i) {
      for (const std::string& input : (*inputs_)[models_[i]->address]) {
        auto node = nodes.find(input);
        if (node != nodes.end()) dag.AddEdge(static_cast<graph::NodeId>(i), node->second);
      }
    }
    for (const std::vector<graph::NodeId>& component : dag.Components()) {
      bool is_cycle = component.size() > 1 || dag.HasEdge(component[0], component[0]);
      if (is_cycle) {
        ReportCycle(dag, component);
      } else {
        AnalyzeModel(*models_[component[0]], parsed_[component[0]]);
      }
    }
  }

 private:
  struct Parsed {
    sql::Analysis analysis;
    bool is_sound = false;
  };

  std::function<SourceRange(SourceRange)> PlaceOf(const Item& item) const {
    return PlaceInFile(project_.module(), item.Range("sql"), item.attributes["sql"].AsString());
  }

  void Add(const Item& item, Diagnostics found) {
    auto place = PlaceOf(item);
    for (Diagnostic d : found) {
      d.subject = place(d.subject);
      d.address = item.address;
      diagnostics_->Add(std::move(d));
    }
  }

  Parsed ParseModel(Item& item) {
    Parsed parsed;
    parsed.analysis =
        analyzer_.Parse(item.attributes["sql"].AsString(), item.Range("sql").filename);
    parsed.is_sound = !parsed.analysis.diagnostics.has_errors();
    Add(item, parsed.analysis.diagnostics);
    std::vector<std::string>& inputs = (*inputs_)[item.address];
    parsed.is_sound &=
        CheckTables(project_, item, parsed.analysis, PlaceOf(item), &inputs, diagnostics_);
    item.reads = inputs;
    if (!parsed.is_sound) item.has_broken_columns = true;
    return parsed;
  }

  void ReportCycle(const graph::Dag& dag, const std::vector<graph::NodeId>& component) {
    graph::Dag inside(dag.size());
    for (graph::NodeId node : component) {
      models_[node]->has_broken_columns = true;
      for (graph::NodeId on : dag.DependenciesOf(node)) {
        if (std::find(component.begin(), component.end(), on) != component.end())
          inside.AddEdge(node, on);
      }
    }
    std::vector<std::string> names;
    std::vector<graph::NodeId> cycle = inside.FindCycle();
    for (graph::NodeId node : cycle) names.push_back(models_[node]->name);
    Item& first = *models_[cycle[0]];
    Diagnostic d = config::Message(
        config::kCycle,
        fmt::format(
            "These datasets read one another in a circle, so none of them can be built first: {}.",
            Join(names, " -> ")),
        first.Range(""));
    d.address = first.address;
    for (size_t i = 0; i + 1 < cycle.size(); ++i) {
      for (const sql::TableUse& use : parsed_[cycle[i]].analysis.tables) {
        if (AsciiLower(use.name) != AsciiLower(names[i + 1])) continue;
        d.labels.push_back({PlaceOf(*models_[cycle[i]])(use.range),
                            fmt::format("{} reads {}", names[i], names[i + 1])});
        break;
      }
    }
    diagnostics_->Add(std::move(d));
  }

  void AnalyzeModel(Item& item, const Parsed& parsed) {
    if (!parsed.is_sound) return;
    std::vector<sql::KnownTable> tables;
    if (!KnownTables(project_, parsed.analysis, &tables)) {
      // What it reads does not say its columns, or has mistakes of its own.
      if (item.attributes["columns"].size() == 0) item.has_broken_columns = true;
      return;
    }
    sql::Analysis analysis =
        analyzer_.Analyze(item.attributes["sql"].AsString(), item.Range("sql").filename, tables);
    Add(item, analysis.diagnostics);
    if (analysis.diagnostics.has_errors()) {
      if (item.attributes["columns"].size() == 0) item.has_broken_columns = true;
      return;
    }
    Complete(item, analysis);
    KeepLineage(item, analysis);
  }

  // The columns as declared, in the order of the statement, with the types that it has.
  void Complete(Item& item, const sql::Analysis& analysis) {
    const Json declared = item.attributes["columns"];
    std::vector<std::string> returned;
    Json columns = Json::Object();
    for (const sql::OutputColumn& column : analysis.columns) {
      returned.push_back(column.name);
      Json merged = declared[column.name];
      if (!merged.is_object()) merged = Json::Object();
      if (!merged.Has("type")) {
        Json with_type = Json::Object({{"type", column.type}});
        for (const auto& [name, value] : merged.members()) with_type.Set(name, value);
        merged = std::move(with_type);
      } else {
        CheckType(item, column, merged["type"].AsString());
      }
      columns.Set(column.name, std::move(merged));
    }
    for (const auto& [name, column] : declared.members()) {
      if (std::find(returned.begin(), returned.end(), name) != returned.end()) continue;
      Diagnostic d = config::Message(config::kModel,
                                     fmt::format("The column \"{}\" is declared, but the SQL of {} "
                                                 "does not return it. It returns: {}.",
                                                 name, item.address, Join(returned, ", ")),
                                     item.Range("columns." + name));
      d.address = item.address;
      d.at_caret = config::Suggest(DidYouMean(name, returned));
      diagnostics_->Add(std::move(d));
      item.has_broken_columns = true;
    }
    item.attributes.Set("columns", std::move(columns));
  }

  void CheckType(const Item& item, const sql::OutputColumn& column, const std::string& type) {
    if (column.type.empty() || sql::ClassOf(column.type) == sql::ClassOf(type)) return;
    ReportAt(item, config::kModel,
             fmt::format("The column \"{}\" is declared as {}, but the SQL returns {}.",
                         column.name, type, column.type),
             "columns." + column.name, diagnostics_,
             fmt::format("Convert it in the SQL: {}::{}, or declare it as \"{}\".", column.name,
                         type, column.type));
  }

  void KeepLineage(const Item& item, const sql::Analysis& analysis) {
    Json out = Json::Object();
    for (const sql::OutputColumn& column : analysis.columns) {
      if (!column.is_exact) continue;
      Json inputs = Json::List();
      for (const sql::ColumnUse& use : column.inputs) {
        if (const Item* dataset = project_.FindTable(use.table))
          inputs.Push(dataset->address + "." + use.column);
      }
      out.Set(column.name, std::move(inputs));
    }
    (*lineage_)[item.address] = std::move(out);
  }

  ProjectView& project_;
  CachedAnalyzer& analyzer_;
  std::map<std::string, std::vector<std::string>>* inputs_;
  std::map<std::string, Json>* lineage_;
  Diagnostics* diagnostics_;
  std::vector<Item*> models_;
  std::vector<Parsed> parsed_;
};

}  // namespace

void CheckModels(ProjectView& project, CachedAnalyzer& analyzer,
                 std::map<std::string, std::vector<std::string>>* inputs,
                 std::map<std::string, Json>* lineage, Diagnostics* diagnostics) {
  Models(project, analyzer, inputs, lineage, diagnostics).Run();
}

}  // namespace andon::builtin
