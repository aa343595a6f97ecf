// What a manifest says of the datasets of a dbt project.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "builtin/dbt.h"
#include "builtin/models.h"
#include "config/codes.h"
#include "config/value_json.h"
#include "dbt/expectation.h"
#include "io/path.h"
#include "quality/check.h"

namespace andon::builtin {
namespace {

// A check's name has no dot, and none that the dataset has already.
std::string FreeName(const std::string& wanted, const Json& checks) {
  std::string name = wanted;
  std::replace(name.begin(), name.end(), '.', '_');
  while (checks.Has(name)) name += "_2";
  return name;
}

// People and teams, as dbt's owners may call them.
std::map<std::string, std::string> OwnersOf(const std::vector<plan::Instance>& instances) {
  std::map<std::string, std::string> owners;
  for (const plan::Instance& instance : instances) {
    const std::string& kind = instance.address.kind;
    if (kind != "person" && kind != "team") continue;
    std::string address = ToString(instance.address);
    owners.try_emplace(AsciiLower(instance.address.name), address);
    const value::Value* email = instance.object.Find("email");
    bool has_email = email != nullptr && email->is_known_not_null() && email->type().is_string();
    if (has_email) owners[AsciiLower(email->string())] = address;
  }
  return owners;
}

// Why an expectation cannot stand for a test: what is wrong with its arguments; empty: nothing.
class Judge {
 public:
  Judge(std::vector<std::string> tables, const AnalysisCache& cache)
      : tables_(std::move(tables)), analyzer_(cache) {}

  std::string WhyNot(const quality::CheckSpec& check, const std::vector<sql::ColumnInfo>& columns,
                     bool all_columns_known) {
    if (std::string unknown = UnknownArgument(check); !unknown.empty()) return unknown;
    if (all_columns_known) {
      Diagnostics found = quality::Validate(check, columns, tables_);
      if (found.has_errors()) return found.begin()->detail;
    }
    return BrokenSql(check, columns, all_columns_known);
  }

 private:
  static std::string UnknownArgument(const quality::CheckSpec& check) {
    for (const quality::ExpectationInfo& info : quality::Expectations()) {
      if (info.name != check.type) continue;
      for (const auto& [name, unused] : check.kwargs.members()) {
        bool is_known = std::any_of(info.parameters.begin(), info.parameters.end(),
                                    [&](const auto& p) { return p.name == name; });
        if (!is_known) return fmt::format("{} takes no \"{}\"", info.name, name);
      }
      for (const quality::ParameterInfo& p : info.parameters) {
        if (p.is_required && !check.kwargs.Has(p.name))
          return fmt::format("{} needs \"{}\"", info.name, p.name);
      }
      return {};
    }
    return fmt::format("there is no expectation {}", check.type);
  }

  // A warehouse's own SQL may be none that is understood here.
  std::string BrokenSql(const quality::CheckSpec& check,
                        const std::vector<sql::ColumnInfo>& columns, bool all_columns_known) {
    if (std::string sql = quality::SqlOf(check); !sql.empty()) {
      sql::Analysis parsed = analyzer_.Parse(sql, check.name);
      if (parsed.diagnostics.has_errors()) return "its SQL is not understood here";
    }
    const std::string& where = check.kwargs["row_condition"].AsString();
    if (where.empty()) return {};
    if (!all_columns_known) return "its where needs target/catalog.json: run \"dbt docs generate\"";
    auto validate = [&](sql::Analyzer* analyzer) {
      return quality::Validate(check, columns, tables_, analyzer);
    };
    std::string key = "dbt " + check.type + check.kwargs.Dump();
    for (const sql::ColumnInfo& column : columns) key += column.name + " " + column.type + ",";
    return analyzer_.Validate(key, validate).has_errors() ? "its where is not understood here" : "";
  }

  std::vector<std::string> tables_;
  CachedAnalyzer analyzer_;
};

class Completer {
 public:
  Completer(const config::Module& module, std::vector<plan::Instance>& instances,
            const AnalysisCache& cache, Diagnostics* diagnostics)
      : module_(module),
        instances_(instances),
        diagnostics_(diagnostics),
        owners_(OwnersOf(instances)),
        judge_(TableNames(instances), cache) {}

  void Run() {
    for (plan::Instance& instance : instances_) {
      if (instance.address.kind != "dataset" || instance.is_broken) continue;
      Json object = config::ToJson(instance.object);
      const std::string source = object["external"]["source"].AsString();
      if (!source.starts_with("dbt.")) continue;
      const DbtProject* project = DbtProjectOf(module_, source);
      if (project == nullptr) continue;  // Its own mistake was told.
      const dbt::Node* node = FindNode(instance, *project, object["external"]["table"].AsString());
      if (node != nullptr) Complete(instance, source, *project, *node, std::move(object));
    }
    for (plan::Instance& instance : instances_) {
      if (instance.address.kind != "dbt") continue;
      auto left = left_.find(ToString(instance.address));
      if (left == left_.end() || left->second.size() == 0) continue;
      Json object = config::ToJson(instance.object);
      object.Set("tests_left_to_dbt", left->second);
      instance.object = config::FromJson(object);
    }
  }

 private:
  static std::vector<std::string> TableNames(const std::vector<plan::Instance>& instances) {
    std::vector<std::string> names;
    for (const plan::Instance& instance : instances) {
      if (instance.address.kind == "dataset") names.push_back(instance.address.name);
    }
    return names;
  }

  const dbt::Node* FindNode(const plan::Instance& instance, const DbtProject& project,
                            const std::string& table) {
    auto id = project.id_of.find(table);
    if (id != project.id_of.end()) return project.manifest.Find(id->second);
    std::vector<std::string> known;
    for (const auto& [name, unused] : project.id_of) known.push_back(name);
    auto place = instance.positions.find("external");
    Diagnostic d =
        config::Message(config::kDbtTable,
                        fmt::format("The manifest of {} has no table \"{}\".", project.dir, table),
                        place != instance.positions.end() ? place->second : SourceRange());
    d.address = ToString(instance.address);
    d.at_caret = config::Suggest(DidYouMean(table, known));
    diagnostics_->Add(std::move(d));
    return nullptr;
  }

  void Complete(plan::Instance& instance, const std::string& block, const DbtProject& project,
                const dbt::Node& node, Json object) {
    SourceRange file{.filename = io::Join(project.dir, node.file), .start = {}, .end = {}};
    // A dataset that no block declares is declared where dbt does.
    if (instance.positions[""].filename == block) instance.positions[""] = file;
    Json external = object["external"];
    external.Set("relation", node.schema_and_table());
    object.Set("external", std::move(external));
    auto set = [&](const std::string& name, Json value) {
      bool is_empty = value.is_null() || value.AsString("x").empty() ||
                      ((value.is_array() || value.is_object()) && value.size() == 0);
      if (object.Has(name) || is_empty) return;
      object.Set(name, std::move(value));
      instance.positions[name] = file;
    };
    set("description", node.description);
    set("owner", OwnerOf(block, node));
    set("tags", Texts(node.tags));
    set("columns", Columns(node));
    Json checks = Checks(instance, block, project, node, object);
    if (checks.size() > 0) object.Set("checks", std::move(checks));
    AddInputs(instance, project, node);
    instance.object = config::FromJson(object);
  }

  static Json Texts(const std::vector<std::string>& texts) {
    Json list = Json::List();
    for (const std::string& text : texts) list.Push(text);
    return list;
  }

  // Who dbt names, where the project knows them; else the block's own.
  Json OwnerOf(const std::string& block, const dbt::Node& node) const {
    auto found = owners_.find(AsciiLower(node.owner));
    if (found != owners_.end() && !node.owner.empty()) return found->second;
    for (const plan::Instance& instance : instances_) {
      if (ToString(instance.address) != block) continue;
      const value::Value* owner = instance.object.Find("owner");
      if (owner != nullptr && owner->is_known_not_null()) return owner->string();
    }
    return {};
  }

  static Json Columns(const dbt::Node& node) {
    Json columns = Json::Object();
    for (const dbt::Column& column : node.columns) {
      Json json = Json::Object();
      if (std::string type = dbt::ColumnType(column.type); !type.empty()) json.Set("type", type);
      if (!column.description.empty()) json.Set("doc", column.description);
      columns.Set(column.name, std::move(json));
    }
    return columns;
  }

  // The dataset's own checks with those that dbt's tests become.
  Json Checks(plan::Instance& instance, const std::string& block, const DbtProject& project,
              const dbt::Node& node, const Json& object) {
    Json checks = object["checks"].is_object() ? object["checks"] : Json::Object();
    bool all_known = project.with_catalog.contains(node.unique_id);
    std::vector<sql::ColumnInfo> columns;
    for (const auto& [name, column] : object["columns"].members()) {
      columns.push_back({name, column["type"].AsString()});
      all_known &= column.Has("type");
    }
    auto name_of = [&](std::string_view id) -> std::optional<std::string> {
      auto found = project.name_of.find(std::string(id));
      return found == project.name_of.end() ? std::nullopt : std::optional(found->second);
    };
    AddFreshness(node, &checks);
    for (const dbt::Test& test : project.manifest.tests) {
      if (test.node != node.unique_id) continue;
      dbt::MappedTest mapped = dbt::MapTest(test, name_of);
      std::string name = FreeName(test.name, checks);
      if (mapped.reason.empty()) {
        quality::CheckSpec spec{.name = name, .type = mapped.type, .kwargs = mapped.kwargs};
        mapped.reason = judge_.WhyNot(spec, columns, all_known);
      }
      if (!mapped.reason.empty()) {
        left_[block].Set(test.name, mapped.reason);
        continue;
      }
      if (mapped.is_warning) mapped.kwargs.Set("severity", "warning");
      checks.Set(name, Json::Object({{"type", mapped.type}, {"kwargs", std::move(mapped.kwargs)}}));
      instance.positions["checks." + name] = {io::Join(project.dir, test.file), {}, {}};
    }
    return checks;
  }

  static void AddFreshness(const dbt::Node& node, Json* checks) {
    if (node.freshness_max.empty() || node.freshness_column.empty()) return;
    Json kwargs =
        Json::Object({{"column", node.freshness_column}, {"max_age", node.freshness_max}});
    checks->Set(FreeName("is_fresh", *checks),
                Json::Object({{"type", "expect_column_newest_value_to_be_younger_than"},
                              {"kwargs", std::move(kwargs)}}));
  }

  // What dbt builds it of.
  static void AddInputs(plan::Instance& instance, const DbtProject& project,
                        const dbt::Node& node) {
    for (const std::string& id : node.depends_on) {
      auto name = project.name_of.find(id);
      if (name == project.name_of.end()) continue;
      std::string address = "dataset." + name->second;
      auto& on = instance.depends_on;
      if (std::find(on.begin(), on.end(), address) == on.end()) on.push_back(address);
    }
  }

  const config::Module& module_;
  std::vector<plan::Instance>& instances_;
  Diagnostics* diagnostics_;
  std::map<std::string, std::string> owners_;
  Judge judge_;
  std::map<std::string, Json> left_;  // By block: tests that have no equal, with the reason.
};

}  // namespace

void CompleteDbtDatasets(const config::Module& module, std::vector<plan::Instance>& instances,
                         const AnalysisCache& cache, Diagnostics* diagnostics) {
  bool has_any = std::any_of(module.blocks.begin(), module.blocks.end(),
                             [](const config::DataBlock& block) { return block.kind == "dbt"; });
  if (has_any) Completer(module, instances, cache, diagnostics).Run();
}

}  // namespace andon::builtin
