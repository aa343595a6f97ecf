// links: andon_dbt
//
// Any bytes as a manifest, a catalog, run results or profiles of dbt: reading ends with an answer;
// what depends on something depends on what is there; a test that is mapped has a type or a reason.
#include <algorithm>

#include "dbt/expectation.h"
#include "dbt/manifest.h"
#include "dbt/profile.h"
#include "driver.h"

namespace {

using namespace andon;
using namespace andon::dbt;

void CheckManifest(const std::string& input) {
  auto manifest = ReadManifest(input);
  if (!manifest.ok()) return;
  auto name_of = [&](std::string_view id) -> std::optional<std::string> {
    const Node* node = manifest->Find(id);
    return node == nullptr ? std::nullopt : std::optional(node->name);
  };
  for (const Node& node : manifest->nodes) {
    FUZZ_CHECK(!node.name.empty(), input);
    for (const std::string& id : node.depends_on) {
      const Node* on = manifest->Find(id);
      FUZZ_CHECK(on != nullptr && !on->is_ephemeral(), input);
    }
  }
  for (const Test& test : manifest->tests) {
    MappedTest mapped = MapTest(test, name_of);
    FUZZ_CHECK(mapped.type.empty() != mapped.reason.empty(), input);
  }
  (void)AddCatalog(input, &*manifest).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  CheckManifest(input);
  (void)ReadRunResults(input).ok();
  (void)ReadProjectFile(input).ok();
  (void)ColumnType(input);
  auto nothing = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  auto connection = ReadProfile(input, "shop", "", nothing);
  if (connection.ok()) (void)UrlOf(*connection, "dbt").ok();
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"x({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json","project_name":"shop"},"groups":{"g":{"name":"sales","owner":{"email":"a@b.de"}}},"nodes":{"model.shop.a":{"resource_type":"model","name":"a","alias":"a","schema":"main","group":"sales","columns":{"id":{"name":"id","data_type":"int"}},"config":{"materialized":"ephemeral"},"depends_on":{"nodes":["source.shop.raw.o"]}},"model.shop.b":{"resource_type":"model","name":"b","version":2,"depends_on":{"nodes":["model.shop.a"]}},"test.shop.t":{"resource_type":"test","name":"t","attached_node":"model.shop.b","column_name":"id","refs":[{"name":"a"}],"config":{"severity":"WARN","where":"x > 1"},"test_metadata":{"name":"relationships","kwargs":{"to":"ref('a')","field":"id"}},"depends_on":{"nodes":["model.shop.a","model.shop.b"]}},"test.shop.u":{"resource_type":"test","name":"u","test_metadata":{"name":"accepted_range","namespace":"dbt_utils","kwargs":{"min_value":0,"inclusive":false,"column_name":"id"}},"depends_on":{"nodes":["model.shop.b"]}}},"sources":{"source.shop.raw.o":{"resource_type":"source","name":"o","source_name":"raw","identifier":"o","loaded_at_field":"at","freshness":{"error_after":{"count":1,"period":"day"}}}}})x",
      R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/run-results/v6.json"},"results":[{"unique_id":"m","status":"pass","failures":0}]})",
      "shop:\n  target: dev\n  outputs:\n    dev:\n      type: postgres\n      host: \"{{ "
      "env_var('H', 'h') }}\"\n      port: 5432\n      user: u\n      dbname: d\n",
      "name: shop\nprofile: shop\ntarget-path: target\n",
      "decimal(9, 2)",
  };
}

std::vector<std::string> FuzzWords() {
  return {"\"resource_type\"",
          "\"model\"",
          "\"test\"",
          "\"depends_on\"",
          "\"nodes\"",
          "\"columns\"",
          "\"config\"",
          "\"refs\"",
          "ephemeral",
          "{{ env_var('H') }}",
          "null",
          "[]",
          "{}",
          "3",
          "ref('a')",
          "dbt_utils",
          "dbt_expectations",
          "\xff",
          "v9",
          "v4"};
}
