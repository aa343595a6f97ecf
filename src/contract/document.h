// A data contract as the Open Data Contract Standard (ODCS 3.1) has it, and what Andon reads of it.
//
//   Document contract = DocumentOf(json);
//   for (const Table& table : contract.tables) …
//   std::string text = yaml::Emit(contract.json);   // Everything that came in, unknown words too.
//
// All forms of contracts meet here: files of the standard, contracts in HCL, the Data Contract
// Specification, JSON Schema and SQL are turned into a Document, and what is exported, compared,
// tested or reported is made from one. `json` is the whole of it, in the order of its file, and
// the members beside it are a reading of `json`: so nothing is lost between import and export.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace andon::contract {

// One entry of `quality`. Places are JSON pointers into Document::json.
struct Rule {
  std::string path;
  std::string kind;  // "library" (also where it is not said), "sql", "text", "custom"
  std::string name;
  std::string description;
  std::string metric;  // Of library: "nullValues", …; in 3.0 it is called `rule`.
  Json arguments;
  std::string query;       // Of sql.
  std::string engine;      // Of custom: "greatExpectations", "soda", …
  Json implementation;     // Of custom.
  std::string comparison;  // "mustBe", "mustBeBetween", …; empty: none.
  Json operand;            // What it is compared with.
  std::string unit;        // "rows" or "percent".
  std::string severity;    // "error", "warning", "info"; empty where it is not said.
};

struct Reference {
  std::string path;
  std::vector<std::string> from;  // "table.column", or "column" of the table itself.
  std::vector<std::string> to;
};

struct Property {
  std::string path;
  std::string name;
  std::string id;
  std::string physical_name;
  std::string business_name;
  std::string description;
  std::string logical_type;
  std::string physical_type;
  std::string
      type;  // One of Andon's, from the physical type or else the logical one; may be empty.
  std::string classification;
  std::string unit;  // Custom property "unit".
  bool required = false;
  bool unique = false;
  bool primary_key = false;
  int64_t primary_key_position = -1;
  Json options;  // logicalTypeOptions
  std::vector<Rule> quality;
  std::vector<Reference> references;
  std::vector<Property> properties;  // Of an object.
  std::vector<Property> items;       // Of an array: one.
};

struct Table {
  std::string path;
  std::string name;
  std::string id;
  std::string physical_name;
  std::string description;
  std::vector<Property> properties;
  std::vector<Rule> quality;
  std::vector<Reference> references;
  std::vector<std::string> promised;  // Custom property "promised"; empty: all.

  const Property* Find(std::string_view name) const;
  // Columns of the primary key, in their order.
  std::vector<std::string> Key() const;
};

struct SlaProperty {
  std::string path;
  std::string property;
  Json value;
  std::string unit;
  std::string element;
  std::string driver;
};

// Whom the data serves, and for what: custom property "needs".
struct Need {
  std::string path;
  std::string who;       // Address or free name.
  std::string decision;  // What is decided by the data.
  std::string by_when;   // "08:00 every working day", a date, …: for people.
  std::string latency;   // A duration: older data is of no use.
  std::string confirmed_by;
  std::string confirmed_at;
  std::vector<std::string> columns;  // Empty: all that is promised.
  std::vector<std::string> checks;   // Names of rules that prove it; empty: those on its columns.
};

struct Document {
  Json json = Json::Object();
  std::string api_version;
  std::string id, name, version, status, domain, tenant, data_product;
  std::string purpose, limitations, usage;
  std::vector<Table> tables;
  std::vector<SlaProperty> sla;
  std::vector<Need> needs;
  std::vector<std::string> consumers;  // Custom property "consumers".
  std::string notice;                  // Custom property "noticePeriod": a duration.

  const Table* Find(std::string_view name) const;
  // What the contract is called in a sentence: its name, or else its id.
  const std::string& title() const { return name.empty() ? id : name; }
};

// Never fails: what is not as the standard has it is left out of the reading, and stays in `json`.
Document DocumentOf(Json json);

// The value of a custom property of an object of the standard; null where there is none.
const Json& CustomProperty(const Json& object, std::string_view property);
void SetCustomProperty(Json& object, std::string_view property, Json value);

// "tbl.amount" of a rule or column: for messages.
std::string ColumnPath(const Table& table, std::string_view column);

// The promise of one SLA property as a duration, where it is one: 4 with unit "d" is "4d".
std::optional<std::string> DurationOf(const SlaProperty& sla);

}  // namespace andon::contract
