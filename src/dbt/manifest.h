// target/manifest.json of a dbt project (schema v9 to v12, dbt 1.5 to 1.10) as plain data: what it
// builds and reads, with columns, owners, edges and tests.
//
//   Manifest manifest = TRY(ReadManifest(text));
//   for (const Node& node : manifest.nodes) …
//
// What a manifest must have is checked: a broken one is kInvalid with the JSON path of the part at
// fault. Members that are not read here may be anything.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::dbt {

// A manifest is a few kilobytes a model; beyond this it is something else.
inline constexpr size_t kManifestBytesMax = size_t{512} << 20;

enum class ResourceType { kModel, kSeed, kSnapshot, kSource };
std::string_view ToString(ResourceType type);  // "model", …

struct Column {
  std::string name;
  std::string type;  // The warehouse's own name; often empty.
  std::string description;
};

// Something that is a table or view in the warehouse, or an ephemeral model, which is none.
struct Node {
  std::string unique_id;  // "model.shop.orders"
  ResourceType type = ResourceType::kModel;
  std::string name;  // Of a versioned model with its version: "orders_v2".
  std::string package;
  std::string source;  // Of a source's table: the source's name.
  std::string database;
  std::string schema;
  std::string relation;      // The table's name in the schema.
  std::string materialized;  // "table", "view", "incremental", "ephemeral", …
  std::string description;
  std::string owner;  // The group's owner, or `meta.owner`; a name or an e-mail address.
  std::string file;   // As the project names it: "models/orders.sql".
  std::vector<std::string> tags;
  std::vector<Column> columns;          // That are documented; not all that there are.
  std::vector<std::string> depends_on;  // Unique ids of nodes, ephemeral ones replaced by theirs.
  std::string freshness_max;            // Of a source: a duration, "12h"; empty for none.
  std::string freshness_column;         // Its loaded_at_field, where that is a plain column.

  bool is_ephemeral() const { return materialized == "ephemeral"; }
  std::string schema_and_table() const;  // "analytics.orders"
};

struct Test {
  std::string unique_id;
  std::string name;    // "not_null_orders_order_id"
  std::string kind;    // "not_null", "dbt_utils.accepted_range"; "singular" of a statement.
  std::string node;    // Unique id of what it tests; may be empty of a singular one.
  std::string column;  // Empty where it is about the whole.
  Json arguments = Json::Object();  // Without model and column_name.
  std::string severity;             // "error", "warn"
  std::string where;
  std::string error_if, warn_if;  // As written: "!= 0" where nothing was said.
  std::string file;
  std::map<std::string, std::string>
      refs;  // What its arguments refer to: "ref('customers')" to an id.
};

struct Manifest {
  int version = 0;           // 9 … 12
  std::string dbt_version;   // "1.10.2"
  std::string project;       // Its name.
  std::string adapter;       // "duckdb", "postgres", …
  std::string generated_at;  // As written.
  std::vector<Node> nodes;   // By unique id.
  std::vector<Test> tests;   // By unique id.

  const Node* Find(std::string_view unique_id) const;
};

Result<Manifest> ReadManifest(std::string_view text);

// Types from target/catalog.json, which knows all columns: replaces the columns of each node that
// it has, and keeps their descriptions. Gives the unique ids that it has. kInvalid as above.
Result<std::vector<std::string>> AddCatalog(std::string_view text, Manifest* manifest);

// One line of target/run_results.json.
struct RunResult {
  std::string status;  // "success", "error", "skipped"; of tests "pass", "fail", "warn", "error"
  std::string message;
  int64_t failures = 0;
};
struct RunResults {
  std::string generated_at;
  std::map<std::string, RunResult> by_id;
};
Result<RunResults> ReadRunResults(std::string_view text);

}  // namespace andon::dbt
