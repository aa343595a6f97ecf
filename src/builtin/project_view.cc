#include "builtin/project_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/reference.h"
#include "config/value_json.h"

namespace andon::builtin {

SourceRange Item::Range(std::string_view part) const {
  for (;;) {
    auto it = instance->positions.find(part);
    if (it != instance->positions.end()) return it->second;
    if (part.empty()) return {};
    size_t dot = part.rfind('.');
    part = dot == std::string_view::npos ? std::string_view() : part.substr(0, dot);
  }
}

ProjectView::ProjectView(config::Module& module, std::vector<plan::Instance>& instances)
    : module_(&module) {
  items_.reserve(instances.size());
  for (plan::Instance& instance : instances) {
    Item item;
    item.instance = &instance;
    item.address = ToString(instance.address);
    item.kind = instance.address.kind;
    item.name = config::NameOf(item.address);
    item.attributes = config::ToJson(instance.object);
    by_address_[item.address] = items_.size();
    if (item.kind == "dataset") by_table_.try_emplace(AsciiLower(item.name), items_.size());
    items_.push_back(std::move(item));
  }
}

const Item* ProjectView::Find(std::string_view address) const {
  auto it = by_address_.find(std::string(address));
  return it == by_address_.end() ? nullptr : &items_[it->second];
}

Item* ProjectView::Find(std::string_view address) {
  return const_cast<Item*>(std::as_const(*this).Find(address));
}

const Item* ProjectView::FindTable(std::string_view table) const {
  auto it = by_table_.find(AsciiLower(table));
  return it == by_table_.end() ? nullptr : &items_[it->second];
}

std::vector<std::string> ProjectView::Tables() const {
  std::vector<std::string> names;
  for (const Item& item : items_) {
    if (item.kind == "dataset") names.push_back(item.name);
  }
  return names;
}

std::vector<std::string> ProjectView::AddressesOf(std::string_view kind) const {
  std::vector<std::string> out;
  for (const Item& item : items_) {
    if (item.kind == kind) out.push_back(item.address);
  }
  return out;
}

bool ProjectView::CheckExists(const Item& from, const std::string& address,
                              const SourceRange& range, Diagnostics* diagnostics) const {
  if (Find(address) != nullptr) return true;
  Diagnostic d = config::Message(config::kUndeclared,
                                 fmt::format("The project has no object {}.", address), range);
  d.address = from.address;
  std::vector<std::string> known;
  for (const Item& item : items_) known.push_back(item.address);
  d.at_caret = config::Suggest(DidYouMean(address, known));
  diagnostics->Add(std::move(d));
  return false;
}

std::vector<sql::ColumnInfo> ColumnInfos(const Item& dataset) {
  std::vector<sql::ColumnInfo> out;
  for (const auto& [name, column] : dataset.attributes["columns"].members()) {
    out.push_back({name, column["type"].AsString()});
  }
  return out;
}

std::vector<std::string> ColumnNames(const Item& dataset) {
  std::vector<std::string> out;
  for (const auto& [name, column] : dataset.attributes["columns"].members()) out.push_back(name);
  return out;
}

bool HasColumn(const Item& dataset, std::string_view column) {
  return dataset.attributes["columns"].Has(column);
}

void ReportUnknownColumn(const Item& from, const Item& dataset, std::string_view column,
                         const SourceRange& range, Diagnostics* diagnostics) {
  std::vector<std::string> names = ColumnNames(dataset);
  Diagnostic d = config::Message(
      config::kUnknownColumn,
      fmt::format("The dataset \"{}\" has no column \"{}\".", dataset.name, column), range);
  d.address = from.address;
  d.at_caret = config::Suggest(DidYouMean(column, names));
  SourceRange declared = dataset.Range("columns");
  if (declared.exists() && declared.start.line > 0) {
    // Only its first line: the map is long, and the names follow.
    declared.end = declared.start;
    declared.end.column += 7;
    declared.end.byte += 7;
    d.labels.push_back({declared, "columns are declared here: " + Join(names, ", ")});
  }
  diagnostics->Add(std::move(d));
}

void CheckColumns(const Item& from, const Item& dataset, const Json& names, const std::string& part,
                  Diagnostics* diagnostics) {
  if (dataset.attributes["columns"].size() == 0 || dataset.has_broken_columns) return;
  const Json::Array& items = names.items();
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string& column = items[i].AsString();
    if (HasColumn(dataset, column)) continue;
    ReportUnknownColumn(from, dataset, column, from.Range(fmt::format("{}.{}", part, i)),
                        diagnostics);
  }
}

void ReportAt(const Item& item, const config::Code& code, std::string detail, std::string_view part,
              Diagnostics* diagnostics, std::string help) {
  Diagnostic d = config::Message(code, std::move(detail), item.Range(part));
  d.address = item.address;
  d.help = std::move(help);
  diagnostics->Add(std::move(d));
}

}  // namespace andon::builtin
