// links: andon_config
//
// What the planner does by itself for 10,000 instances of a small resource: decode the
// body, propose, check what was planned. Processor time, median of five. The bound is
// 0.1 s together.
#include <vector>

#include "config/terraform/body.h"
#include "hcl/parser.h"
#include "measure.h"
#include "provider/plan_valid.h"
#include "provider/proposed_new.h"

using namespace andon;
using namespace andon::provider;
using value::Type;
using value::Value;

namespace {

constexpr int kInstances = 10'000;
constexpr double kSecondsMax = 0.1;

BlockSchema SmallResource() {
  const Type text = Type::String();
  const Type tags = Type::Map(Type::String());
  NestedBlock rule{.name = "rule", .nesting = Nesting::kList};
  rule.block.attributes = {{.name = "port", .type = Type::Number(), .required = true},
                           {.name = "protocol", .type = text, .optional = true}};
  return {.attributes = {{.name = "arn", .type = text, .computed = true},
                         {.name = "bucket", .type = text, .optional = true, .computed = true},
                         {.name = "content", .type = text, .optional = true},
                         {.name = "enabled", .type = Type::Bool(), .optional = true},
                         {.name = "id", .type = text, .optional = true, .computed = true},
                         {.name = "key", .type = text, .required = true},
                         {.name = "size", .type = Type::Number(), .optional = true},
                         {.name = "tags", .type = tags, .optional = true},
                         {.name = "tags_all", .type = tags, .optional = true, .computed = true}},
          .blocks = {rule}};
}

constexpr const char* kBody = R"hcl(
bucket  = "lake"
content = "of ${each.key}"
enabled = true
key     = each.key
tags    = { team = "data", value = each.value }
rule {
  port = 443
}
)hcl";

}  // namespace

int main() {
  const BlockSchema schema = SmallResource();
  const TypedBlock typed(schema);
  auto parsed = hcl::ParseFile("main.tf", kBody);
  hcl::EvalContext context;
  context.variables["each"] =
      Value::Object({{"key", Value::String("orders")}, {"value", Value::String("v")}});
  const Value prior = config::DecodeBody(parsed.file->body(), typed, context).value;

  std::vector<double> decode, propose, check, together;
  for (int round = 0; round < 5; ++round) {
    std::vector<Value> configs, proposals;
    configs.reserve(kInstances);
    proposals.reserve(kInstances);
    double start = CpuSeconds();
    for (int i = 0; i < kInstances; ++i)
      configs.push_back(config::DecodeBody(parsed.file->body(), typed, context).value);
    double decoded = CpuSeconds();
    for (const Value& c : configs) proposals.push_back(ProposedNew(schema, prior, c));
    double proposed = CpuSeconds();
    for (int i = 0; i < kInstances; ++i) {
      if (!CheckPlanned(schema, prior, configs[i], proposals[i]).empty()) Fail("not a valid plan");
    }
    double checked = CpuSeconds();
    decode.push_back(decoded - start);
    propose.push_back(proposed - decoded);
    check.push_back(checked - proposed);
    together.push_back(checked - start);
  }
  double median = Median(together);
  std::printf("decode %.3f s, propose %.3f s, check %.3f s, together %.3f s\n", Median(decode),
              Median(propose), Median(check), median);
  return median <= kSecondsMax ? 0 : 1;
}
