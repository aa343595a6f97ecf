// links: andon_plan andon_config
//
// Any text as a saved plan, and as the plan inside of one whose hash is right: what is read is
// shown, and written so that it is read again as itself.
#include "base/text.h"
#include "config/value_json.h"
#include "driver.h"
#include "plan/plan_file.h"
#include "plan/render.h"

namespace {

using namespace andon;
using namespace andon::plan;

void CheckFile(const std::string& text, const std::string& input) {
  Result<Plan> plan = ReadPlanFile(text);
  if (!plan.ok()) return;
  RenderPlan(*plan);
  PlanEvents(*plan);
  PlanDocument(*plan).Dump();
  std::string once = WritePlanFile(*plan);
  Result<Plan> again = ReadPlanFile(once);
  FUZZ_CHECK(again.ok(), input);
  FUZZ_CHECK(WritePlanFile(*again) == once, input);
}

value::Value V(const char* json) { return config::FromJson(*Json::Parse(json)); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  CheckFile(input, input);
  Result<Json> body = Json::Parse(input);
  if (!body.ok()) return 0;
  CheckFile(Json::Object({{"format", "andon-plan"},
                          {"version", 1},
                          {"hash", Sha256(body->Dump())},
                          {"plan", *body}})
                .Dump(),
            input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  Plan plan{.base_release = 3};
  plan.steps.push_back(
      {.action = Action::kUpdate,
       .address = *address::Parse("module.eu[\"a\"].dataset.payment[0]"),
       .provider = "andon",
       .prior = V(R"({"columns":{"a":{"type":"int"}},"sql":"select 1\nfrom x"})"),
       .planned = V(R"({"columns":{"a":{"type":"long"}},"sql":"select 2\nfrom x"})"),
       .changes = {{.path = {"columns", "a", "type"},
                    .before = V("\"int\""),
                    .after = V("\"long\""),
                    .note = "compatible",
                    .position = "f:3"}},
       .reasons = {"It changes."},
       .position = "f.andon.hcl:1",
       .positions = Json::Object({{"", "f.andon.hcl:1"}})});
  plan.steps.push_back({.action = Action::kCreate,
                        .address = *address::Parse("source.files"),
                        .type = "files",
                        .planned = V(R"({"path":"x/{table}.csv","n":1.5,"l":[1,null,true]})")});
  plan.outputs.push_back(
      {.action = Action::kCreate, .name = "o", .after = V("\"x\""), .sensitive = true});
  std::string file = WritePlanFile(plan);
  return {file, (*Json::Parse(file))["plan"].Dump()};
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"\"update\"", "\"delete\"", "\"replace\"", "\"steps\":", "\"address\":",
                        "\"prior\":", "\"planned\":", "\"changes\":", "\"path\":", "\"sql\":",
                        "\\n", "dataset.a", "module.a.", "[0]", "\"derived\":"});
}
