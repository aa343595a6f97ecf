#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json_strings.h"
#include "base/text.h"
#include "contract/checks.h"
#include "contract/declared.h"

namespace andon::contract {
namespace {

// Said by the column itself, and so no check of the dataset.
bool IsOfColumn(const DerivedCheck& derived, const Property& property) {
  bool is_attribute = derived.check.type == "expect_column_values_to_not_be_null" ||
                      derived.check.type == "expect_column_values_to_be_unique";
  return is_attribute && derived.path == property.path;
}

class Declarer {
 public:
  explicit Declarer(const Document& document) : document_(document) {
    std::set<std::string> taken;
    for (const Table& table : document.tables) {
      std::string name = IdentifierOf(table.name);
      for (int i = 2; !taken.insert(name).second; ++i)
        name = fmt::format("{}_{}", IdentifierOf(table.name), i);
      names_.push_back(name);
    }
  }

  Declared Run() {
    Declared out;
    for (size_t i = 0; i < document_.tables.size(); ++i) {
      out.unproven.emplace_back();
      out.datasets.push_back(DatasetOf(document_.tables[i], names_[i], &out.unproven.back()));
    }
    for (size_t i = 0; i < document_.tables.size(); ++i)
      out.contracts.push_back(ContractOf(document_.tables[i], out.datasets, i));
    return out;
  }

 private:
  // The dataset that a reference's table is, by the name that it has in the document.
  std::string DatasetNamed(std::string_view table) const {
    for (size_t i = 0; i < document_.tables.size(); ++i) {
      const Table& candidate = document_.tables[i];
      if (candidate.name == table || candidate.physical_name == table) return names_[i];
    }
    return "";
  }

  definition::Column ColumnOf(const Property& p, definition::Column column) const {
    for (const Reference& reference : p.references) {
      if (reference.to.size() != 1) continue;
      size_t dot = reference.to[0].rfind('.');
      std::string dataset =
          dot == std::string::npos ? "" : DatasetNamed(reference.to[0].substr(0, dot));
      if (!dataset.empty())
        column.references =
            definition::ColumnReference{"dataset." + dataset, reference.to[0].substr(dot + 1)};
    }
    std::string lower = AsciiLower(p.classification);
    if (lower == "pii" || lower == "restricted" || lower == "confidential" || lower == "sensitive")
      column.pii = true;
    return column;
  }

  definition::Dataset DatasetOf(const Table& table, const std::string& name,
                                std::vector<std::string>* unproven) const {
    definition::Dataset dataset{
        .address = "dataset." + name,
        .name = name,
        .description = table.description,
        .source_table = table.physical_name.empty() ? table.name : table.physical_name};
    dataset.load.key = table.Key();
    dataset.load.mode =
        dataset.load.key.empty() ? definition::LoadMode::kReplace : definition::LoadMode::kMerge;
    std::vector<definition::Column> columns = ColumnsOf(table);
    for (size_t i = 0; i < columns.size(); ++i)
      dataset.columns.push_back(ColumnOf(table.properties[i], std::move(columns[i])));
    DerivedChecks derived = ChecksOf(table);
    std::set<std::string> taken;
    for (DerivedCheck& d : derived.checks) {
      const Property* property = table.Find(d.column);
      if (property && IsOfColumn(d, *property)) continue;
      if (d.check.type == "expect_column_values_to_exist_in_table") continue;
      std::string unique = IdentifierOf(d.check.name);
      for (int i = 2; !taken.insert(unique).second; ++i)
        unique = fmt::format("{}_{}", IdentifierOf(d.check.name), i);
      d.check.name = unique;
      dataset.checks.push_back(std::move(d.check));
    }
    for (const UnprovenRule& rule : derived.unproven)
      unproven->push_back(fmt::format("{}: {}", rule.name, rule.why));
    return dataset;
  }

  // The standard takes any word; HCL has those of its examples. Another word is kept beside, and
  // means the one that promises as much.
  static std::string StatusOf(const std::string& status) {
    for (std::string_view known : {"proposed", "draft", "active", "deprecated", "retired"}) {
      if (status == known) return status;
    }
    const std::string word = AsciiLower(status);
    bool is_active = word.empty() || word.starts_with("prod") || word == "active" || word == "live";
    return is_active ? "active" : "draft";
  }

  definition::Contract ContractOf(const Table& table,
                                  const std::vector<definition::Dataset>& datasets,
                                  size_t index) const {
    std::string base = IdentifierOf(document_.name.empty() ? names_[index] : document_.name);
    bool is_only = document_.tables.size() == 1;
    definition::Contract contract{
        .address = "",
        .name = is_only ? base : fmt::format("{}_{}", base, names_[index]),
        .dataset = datasets[index].address,
        .version = document_.version,
        .status = StatusOf(document_.status),
        .purpose = document_.purpose,
        .promised = table.promised,
        .consumers = document_.consumers,
        .sla = SlaAttributes(document_),
        .notice = document_.notice,
        .description = document_.usage,
        .need = NeedAttributes(document_)};
    contract.address = "contract." + contract.name;
    // What the standard's file has of this table and of the whole, and HCL has not.
    Json part = document_.json;
    Json tables = Json::List();
    for (size_t i = 0; i < document_.json["schema"].items().size(); ++i) {
      if (fmt::format("/schema/{}", i) == table.path)
        tables.Push(document_.json["schema"].items()[i]);
    }
    part.Set("schema", std::move(tables));
    definition::Project project{.datasets = datasets};
    contract.odcs = Remainder(part, DocumentOf(project, contract).json).value_or(Json());
    return contract;
  }

  const Document& document_;
  std::vector<std::string> names_;
};

}  // namespace

std::string IdentifierOf(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  if (out.empty()) return "contract";
  return out[0] >= '0' && out[0] <= '9' ? "_" + out : out;
}

Declared Declare(const Document& document) { return Declarer(document).Run(); }

}  // namespace andon::contract
