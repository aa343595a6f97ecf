#include "builtin/check_project.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "builtin/block.h"
#include "builtin/checks.h"
#include "builtin/models.h"

namespace andon::builtin {
namespace {

// The types of columns in their one spelling; a dataset that is loaded must have
// all of them, a model gets the missing ones from its SQL.
void NormalizeColumns(Item& item, Diagnostics* diagnostics) {
  const Json& declared = item.attributes["columns"];
  if (item.kind != "dataset" || !declared.is_object()) return;
  Json columns = declared;
  for (const auto& [name, column] : declared.members()) {
    Json changed = column;
    std::string part = "columns." + name;
    if (!column.Has("type")) {
      if (item.instance->positions.contains("sql")) continue;
      if (item.is_external()) {
        // Its owner need not say them all; then nobody asks about its columns.
        item.has_broken_columns = true;
        continue;
      }
      ReportAt(item, config::kMissingMember, fmt::format("The column \"{}\" needs a type.", name),
               part, diagnostics, fmt::format("{} = {{ type = \"string\" }}", name));
      item.has_broken_columns = true;
      continue;
    }
    auto type = sql::NormalizeType(column["type"].AsString());
    if (!type.ok()) {
      ReportAt(item, config::kNotAllowed, type.error().message, part + ".type", diagnostics);
      item.has_broken_columns = true;
      continue;
    }
    changed.Set("type", *type);
    columns.Set(name, std::move(changed));
  }
  item.attributes.Set("columns", std::move(columns));
}

// Two datasets must not write one table: payment_eu and payment["eu"].
void CheckTableNames(const ProjectView& project, Diagnostics* diagnostics) {
  std::map<std::string, const Item*> first;
  for (const Item& item : project.items()) {
    if (item.kind != "dataset") continue;
    auto [it, is_new] = first.try_emplace(AsciiLower(item.name), &item);
    if (is_new) continue;
    Diagnostic d = config::Message(
        config::kTableName,
        fmt::format(
            "{} and {} would both be the table \"{}\" of the lake, where case makes no difference.",
            it->second->address, item.address, item.name),
        item.Range(""));
    d.address = item.address;
    d.labels.push_back({it->second->Range(""), "the other one"});
    diagnostics->Add(std::move(d));
  }
}

Json List(const std::vector<std::string>& texts) {
  Json out = Json::List();
  for (const std::string& text : texts) out.Push(text);
  return out;
}

}  // namespace

CheckedProject CheckProject(config::Module& module, std::vector<plan::Instance>& instances,
                            const AnalysisCache& cache) {
  CheckedProject out;
  ProjectView project(module, instances);
  for (Item& item : project.items()) {
    auto columns = item.instance->positions.find("columns");
    bool is_lost = columns != item.instance->positions.end() && !item.attributes.Has("columns");
    if (is_lost || item.instance->is_broken) item.has_broken_columns = true;
    NormalizeColumns(item, &out.diagnostics);
  }
  CheckTableNames(project, &out.diagnostics);
  CachedAnalyzer analyzer(cache);
  std::map<std::string, std::vector<std::string>> inputs;
  std::map<std::string, Json> lineage;
  CheckModels(project, analyzer, &inputs, &lineage, &out.diagnostics);
  CheckChecks(project, analyzer, &inputs, &out.diagnostics);
  std::map<std::string, const Block*> blocks;
  for (const Block* block : AllBlocks()) blocks[block->schema.kind] = block;
  for (Item& item : project.items()) {
    const Block* block = blocks[item.kind];
    if (block != nullptr && block->check != nullptr && !item.instance->is_broken)
      block->check(project, item, &out.diagnostics);
  }
  for (Item& item : project.items()) {
    plan::Instance& instance = *item.instance;
    if (!instance.depends_on.empty()) item.attributes.Set("depends_on", List(instance.depends_on));
    out.attributes[item.address] = std::move(item.attributes);
    if (!item.reads.empty()) out.reads[item.address] = item.reads;
    if (item.kind != "dataset") continue;
    std::vector<std::string> all = inputs[item.address];
    for (const std::string& address : instance.depends_on) {
      if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
    }
    Json derived = Json::Object({{"inputs", List(all)}});
    if (lineage.contains(item.address)) derived.Set("lineage", lineage[item.address]);
    out.derived[item.address] = std::move(derived);
  }
  return out;
}

}  // namespace andon::builtin
