// The whole project while it is checked: every object as JSON, with where its
// parts are written.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "base/json.h"
#include "config/codes.h"
#include "config/module.h"
#include "plan/evaluate.h"
#include "sql/types.h"

namespace andon::sql {
class Analyzer;
}

namespace andon::builtin {

struct Item {
  plan::Instance* instance = nullptr;
  std::string address;
  std::string kind;
  std::string name;  // Of a dataset: its table.
  Json attributes;
  bool has_broken_columns = false;  // Already reported: nobody asks about its columns.
  std::vector<std::string> reads;   // Of a model: the addresses that its SQL reads.

  // A table of somebody else, which Andon never writes.
  bool is_external() const { return instance->positions.contains("external"); }
  // Where a part is written, or the nearest part around it.
  SourceRange Range(std::string_view part) const;
};

class ProjectView {
 public:
  ProjectView(config::Module& module, std::vector<plan::Instance>& instances);

  std::vector<Item>& items() { return items_; }
  const std::vector<Item>& items() const { return items_; }
  const config::Module& module() const { return *module_; }

  // By address; null where there is none.
  const Item* Find(std::string_view address) const;
  Item* Find(std::string_view address);
  // The dataset with that table, case aside, as SQL has it.
  const Item* FindTable(std::string_view table) const;
  std::vector<std::string> Tables() const;
  std::vector<std::string> AddressesOf(std::string_view kind) const;

  // Reports a reference to an instance that does not exist. Blocks that do not
  // exist were reported when references were resolved.
  bool CheckExists(const Item& from, const std::string& address, const SourceRange& range,
                   Diagnostics* diagnostics) const;

 private:
  config::Module* module_;
  std::vector<Item> items_;
  std::unordered_map<std::string, size_t> by_address_;
  std::unordered_map<std::string, size_t> by_table_;  // Lower case.
};

std::vector<sql::ColumnInfo> ColumnInfos(const Item& dataset);
std::vector<std::string> ColumnNames(const Item& dataset);
bool HasColumn(const Item& dataset, std::string_view column);

// AN1042, with the name that was meant and where columns are declared.
void ReportUnknownColumn(const Item& from, const Item& dataset, std::string_view column,
                         const SourceRange& range, Diagnostics* diagnostics);
// The columns that a list of names must be; nothing is said of datasets without columns.
void CheckColumns(const Item& from, const Item& dataset, const Json& names, const std::string& part,
                  Diagnostics* diagnostics);

// A message about an item at a part of it.
void ReportAt(const Item& item, const config::Code& code, std::string detail, std::string_view part,
              Diagnostics* diagnostics, std::string help = {});

}  // namespace andon::builtin
