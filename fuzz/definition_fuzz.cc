// links: andon_definition andon_release andon_contract andon_pipeline
//
// Any document as the objects of a release: they are read as a project or refused, have a hash,
// and can be compared; the project can be scheduled and its contracts compared.
#include "base/text.h"
#include "contract/contract.h"
#include "definition/definition.h"
#include "driver.h"
#include "pipeline/schedule.h"
#include "pipeline/units.h"
#include "release/release.h"

namespace {

using namespace andon;

std::vector<definition::Object> ObjectsOf(const Json& list) {
  std::vector<definition::Object> objects;
  for (const Json& item : list.items()) {
    objects.push_back({.address = item["address"].AsString(),
                       .kind = item["kind"].AsString(),
                       .type = item["type"].AsString(),
                       .attributes = item["attributes"],
                       .positions = item["positions"],
                       .derived = item["derived"]});
  }
  return objects;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  release::FirstChangedLine(input, "select 1\nfrom x\n");
  Result<Json> json = Json::Parse(input);
  if (!json.ok()) return 0;
  std::vector<definition::Object> objects = ObjectsOf(*json);
  static const std::vector<definition::Object> before =
      ObjectsOf(*Json::Parse(FuzzCorpus().front()));
  for (const definition::Object& object : objects) {
    FUZZ_CHECK(release::HashOf(object) == release::HashOf(object), input);
  }
  release::Diff(before, objects);
  release::Diff(objects, before);
  contract::Break entry = contract::BreakFromJson(*json);
  FUZZ_CHECK(
      contract::ToJson(contract::BreakFromJson(contract::ToJson(entry))) == contract::ToJson(entry),
      input);
  Result<definition::Project> project = definition::ReadProject(objects);
  if (!project.ok()) return 0;
  std::vector<std::string> errors;
  auto scheduled = pipeline::SchedulesOf(*project, &errors);
  Timestamp now = *ParseTimestamp("2026-02-28T23:59:59Z");
  pipeline::DueAt(scheduled, std::vector<std::optional<Timestamp>>(scheduled.size()), now, now);
  for (const definition::Dataset& dataset : project->datasets) {
    contract::ContractsOf(*project, dataset.address);
    auto breaks = contract::CompareColumns(dataset, project->contracts,
                                           {{"payment_id", "long"}, {"payment_amount", ""}});
    contract::Summarize(breaks);
  }
  for (const definition::Contract& c : project->contracts) {
    contract::CheckFreshness({c.sla["freshness"].AsString(), c.dataset, c.notice});
  }
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"json([{"address":"andon.main","kind":"andon","attributes":{"project":"shop","channels":["channel.a"]}},
 {"address":"source.d","kind":"source","type":"files","attributes":{"path":"d/{table}.csv","options":{}}},
 {"address":"dataset.payment","kind":"dataset","attributes":{"from":{"source":"source.d","table":"payment"},
  "load":{"mode":"merge","key":["payment_id"]},"freshness":{"max":"35d"},"schedule":"*/5 * * * *",
  "columns":{"payment_id":{"type":"long","required":true,"unique":true},"amount":{"type":"decimal(5,2)"},
  "customer_id":{"type":"long","references":{"dataset":"dataset.customer","column":"customer_id"}}},
  "checks":{"amount_in_range":{"type":"expect_column_values_to_be_between","kwargs":{"column":"amount"}}},
  "partition_by":["month(payment_date)"]},"positions":{"":"p.andon.hcl:1","sql":"m.sql:1"},
  "derived":{"inputs":["dataset.customer"],"lineage":{"amount":["dataset.x.amount"]}}}])json",
      R"json([{"address":"dataset.daily","kind":"dataset","attributes":{"sql":"select 1\nfrom x",
  "load":{"mode":"replace"}},"derived":{"inputs":["dataset.payment"]}},
 {"address":"contract.payment","kind":"contract","attributes":{"dataset":"dataset.payment","version":"1.0.0",
  "promised":["amount"],"consumers":["team.finance"],"sla":{"freshness":"40d"},"notice":"90d"}},
 {"address":"pipeline.p[\"x\"]","kind":"pipeline","attributes":{"schedule":"0 6 * * mon","timezone":"UTC",
  "build":["dataset.daily"],"retries":3,"retry_delay":"30s","timeout":"1h"}},
 {"address":"team.finance","kind":"team","attributes":{"members":["person.ana"]}},
 {"address":"person.ana","kind":"person","attributes":{"email":"ana@example.com"}},
 {"address":"channel.a","kind":"channel","type":"log","attributes":{"path":"n.log"}}])json",
      R"json({"kind":"renamed","dataset":"dataset.p","column":"a","found":"b","contracts":["contract.p"]})json",
  };
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"dataset.", "[\"", "\"]", "]]", "\"mode\":", "\"append\"",
                        "\"kind\":", "\"dataset\"", "\"sql\":", "\\n", "decimal(", "0 6 * * *",
                        "@daily", "15m", "decimal(99,1)", ".", "\"columns\":"});
}
