// dbt projects as datasets: what a manifest gives, what a block of one's own adds, and mistakes.
#include <gtest/gtest.h>

#include "builtin/dbt.h"
#include "builtin/project.h"
#include "io/memory_file_system.h"

namespace andon::builtin {
namespace {

constexpr const char* kManifest = R"json({
  "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v11.json"},
  "groups": {"g": {"name": "sales", "owner": {"email": "Ana@example.com"}}},
  "nodes": {
    "model.shop.orders": {"resource_type": "model", "name": "orders", "alias": "orders_tbl", "schema": "marts",
      "original_file_path": "models/orders.sql", "description": "One row for each order.", "group": "sales",
      "tags": ["finance"], "columns": {"id": {"name": "id", "description": "Key"}},
      "depends_on": {"nodes": ["source.shop.raw.orders"]}},
    "test.shop.a": {"resource_type": "test", "name": "not_null.orders.id", "attached_node": "model.shop.orders",
      "original_file_path": "models/schema.yml", "config": {"severity": "warn"},
      "test_metadata": {"name": "not_null", "kwargs": {"column_name": "id"}}},
    "test.shop.b": {"resource_type": "test", "name": "odd", "attached_node": "model.shop.orders",
      "test_metadata": {"name": "expect_something_unheard_of", "namespace": "dbt_expectations", "kwargs": {"column_name": "id"}}},
    "test.shop.c": {"resource_type": "test", "name": "some", "attached_node": "model.shop.orders", "config": {"where": "id > 1"},
      "test_metadata": {"name": "unique", "kwargs": {"column_name": "id"}}}
  },
  "sources": {"source.shop.raw.orders": {"resource_type": "source", "source_name": "raw", "name": "orders", "identifier": "orders", "schema": "raw"}}
})json";

constexpr const char* kProject = R"hcl(
person "ana" {
  email = "ana@example.com"
}
dbt "shop" {
  project = "./dbt"
}
)hcl";

ProjectFiles LoadWith(const std::string& more) {
  io::MemoryFileSystem files;
  EXPECT_TRUE(files.Write("p/project.andon.hcl", kProject + more).ok());
  EXPECT_TRUE(files.Write("p/dbt/dbt_project.yml", "name: shop\n").ok());
  EXPECT_TRUE(files.Write("p/dbt/target/manifest.json", kManifest).ok());
  return LoadProject(files, "p", {});
}

TEST(DbtBlockTest, ItsModelsAreDatasets) {
  ProjectFiles project = LoadWith(R"hcl(
contract "orders" {
  dataset  = dataset.orders
  version  = "1.0.0"
  promised = ["id"]
}
)hcl");
  for (const Diagnostic& d : project.diagnostics) ADD_FAILURE() << ToString(d.subject) << d.detail;
  const Json& orders = project.checked.attributes["dataset.orders"];
  EXPECT_EQ(orders["external"].Dump(),
            R"({"source":"dbt.shop","table":"orders","relation":"marts.orders_tbl"})");
  EXPECT_EQ(orders["description"].AsString(), "One row for each order.");
  EXPECT_EQ(orders["owner"].AsString(), "person.ana");
  EXPECT_EQ(orders["tags"].Dump(), R"(["finance"])");
  EXPECT_EQ(orders["columns"].Dump(), R"({"id":{"doc":"Key"}})");
  EXPECT_EQ(orders["depends_on"].Dump(), R"(["dataset.raw_orders"])");
  EXPECT_EQ(
      orders["checks"].Dump(),
      R"({"not_null_orders_id":{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"id"},"severity":"warning"}})");
  EXPECT_EQ(
      project.checked.attributes["dbt.shop"]["tests_left_to_dbt"].Dump(),
      R"({"odd":"there is no expectation expect_something_unheard_of","some":"its where needs target/catalog.json: run \"dbt docs generate\""})");
  for (const plan::ObjectState& state : Desired(project)) {
    if (ToString(state.address) == "dataset.orders") {
      EXPECT_EQ(state.positions[""].AsString(), "dbt/models/orders.sql:1");
      EXPECT_EQ(state.positions["checks.not_null_orders_id"].AsString(), "dbt/models/schema.yml:1");
    }
  }
}

TEST(DbtBlockTest, ABlockOfOnesOwnAddsToIt) {
  ProjectFiles project = LoadWith(R"hcl(
dataset "orders" {
  external    = dbt.shop.table.orders
  description = "Orders"
  checks      = { few = expect_table_row_count_to_be_between({ max_value = 9 }) }
}
)hcl");
  for (const Diagnostic& d : project.diagnostics) ADD_FAILURE() << ToString(d.subject) << d.detail;
  const Json& orders = project.checked.attributes["dataset.orders"];
  EXPECT_EQ(orders["description"].AsString(), "Orders");
  EXPECT_EQ(orders["checks"].size(), 2u);
  EXPECT_EQ(orders["owner"].AsString(), "person.ana");
}

TEST(DbtBlockTest, MistakesAreToldAtTheirPlace) {
  struct {
    const char* hcl;
    const char* code;
    int line;
    const char* hint;
  } kCases[] = {
      {"dataset \"o\" {\n  external = dbt.shop.table.ordres\n}\n", "AN1181", 9, "orders"},
      {"dataset \"o\" {\n  external = dbt.shop.tables.orders\n}\n", "AN1026", 9, "table"},
      {"dataset \"o\" {\n  external = dbt.shp.table.orders\n}\n", "AN1130", 9, "dbt.shop"},
      {"dataset \"o\" {\n  external = dbt.shop.table.orders\n  load = { mode = \"replace\" }\n}\n",
       "AN1182", 10, ""},
      {"dataset \"o\" {\n  sql = \"select * from orders\"\n  load = { mode = \"replace\" }\n}\n",
       "AN1182", 9, ""},
      {"source \"files\" \"f\" {\n  path = \"{table}.csv\"\n}\ndataset \"o\" {\n  external = "
       "source.f.table.o\n  load = { mode = \"replace\" }\n}\n",
       "AN1182", 13, ""},
      {"dbt \"other\" {\n  project = lower(\"X\")\n}\n", "AN1135", 9, ""},
      {"dbt \"other\" {\n  project = \"./nowhere\"\n}\n", "AN1180", 9, ""},
      {"dbt \"other\" {\n  project = \"./dbt\"\n  prefix = \"o_\"\n  targt = \"x\"\n}\n", "AN1021",
       11, "target"},
      {"dbt \"other\" {\n  project = \"./dbt\"\n  prefix = \"o_\"\n  tests_left_to_dbt = {}\n}\n",
       "AN1021", 11, ""},
  };
  for (const auto& c : kCases) {
    ProjectFiles project = LoadWith(c.hcl);
    ASSERT_GE(project.diagnostics.size(), 1u) << c.hcl;
    const Diagnostic& d = *project.diagnostics.begin();
    EXPECT_EQ(d.code, c.code) << c.hcl << d.detail;
    EXPECT_EQ(d.subject.start.line, c.line) << c.hcl << d.detail;
    if (*c.hint != '\0') {
      EXPECT_NE(d.at_caret.find(c.hint), std::string::npos) << c.hcl << d.at_caret;
    }
  }
}

}  // namespace
}  // namespace andon::builtin
