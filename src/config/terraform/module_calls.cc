// module blocks.
#include <fmt/format.h>

#include "config/terraform/decoder.h"
#include "config/terraform/report.h"
#include "hcl/static_form.h"

namespace andon::config {

void Decoder::ReadModuleCall(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {
      .attributes =
          {{"source", true}, {"version"}, {"count"}, {"for_each"}, {"depends_on"}, {"providers"}},
      .blocks = {{"_", {}}, {"lifecycle", {}}, {"locals", {}}, {"provider", {"type"}}}};
  static const hcl::BodySchema kOverride = [] {
    hcl::BodySchema schema = kSchema;
    schema.attributes[0].required = false;
    return schema;
  }();
  static const hcl::BodySchema kLifecycle = {.attributes = {{"enabled"}}};
  hcl::BodyContent content = TakePart(block.body, is_override ? kOverride : kSchema);
  std::string name(block.labels[0].text);
  if (!CheckLabel(block, 0, "Invalid module instance name")) return;
  auto existing = terraform_->module_calls.find(name);
  if (is_override && existing == terraform_->module_calls.end()) {
    return Error(kTerraformOverride, "Missing module call to override",
                 fmt::format("No other file calls a module \"{}\".", name), block.header_range());
  }
  ModuleCall fresh;
  ModuleCall& call = is_override ? existing->second : fresh;
  if (!is_override) {
    call.name = name;
    call.range = block.header_range();
  }
  if (auto* source = content.Find("source")) call.source = source->expression();
  if (auto* version = content.Find("version")) call.version = version->expression();
  auto* count = content.Find("count");
  auto* for_each = content.Find("for_each");
  const hcl::Attribute* enabled = nullptr;
  if (count != nullptr) call.count = count->expression();
  if (for_each != nullptr) call.for_each = for_each->expression();
  if (auto* depends_on = content.Find("depends_on")) {
    auto references = ReadDependsOn(*depends_on, is_override);
    call.depends_on.insert(call.depends_on.end(), references.begin(), references.end());
  }
  if (auto* providers = content.Find("providers")) call.providers = ReadPassedProviders(*providers);
  const hcl::Block* lifecycle = nullptr;
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "_") continue;
    if (inner->type != "lifecycle") {
      Error(kTerraformModule, "Reserved block type name in module block",
            fmt::format("A {} block has no meaning in a module block.", inner->type),
            inner->type_range());
      continue;
    }
    if (lifecycle != nullptr) {
      Twice("Duplicate lifecycle block", "A module block has at most one lifecycle block.",
            inner->header_range(), lifecycle->header_range());
      continue;
    }
    lifecycle = inner;
    enabled = Take(inner->body, kLifecycle).Find("enabled");
    if (enabled != nullptr) call.enabled = enabled->expression();
  }
  CheckRepetition(count, for_each, enabled, "instances of the module");
  SetBody(&call.body, Remaining(block, content), is_override);
  if (is_override) return;
  auto [it, is_new] = terraform_->module_calls.try_emplace(name, std::move(fresh));
  if (!is_new) {
    Twice("Duplicate module call", fmt::format("A module \"{}\" is called already.", name),
          block.header_range(), it->second.range);
  }
}

std::vector<PassedProvider> Decoder::ReadPassedProviders(const hcl::Attribute& attribute) {
  std::vector<PassedProvider> passed;
  auto items = hcl::AsMap(attribute.expression());
  if (!items) {
    Error(kTerraformProvider, "Invalid expression",
          "\"providers\" takes an object: { aws = aws.west }.", attribute.expression().range());
    return passed;
  }
  for (const hcl::StaticItem& item : *items) {
    auto in_child = ReadProviderReference(item.key, "providers");
    auto in_parent = ReadProviderReference(item.value, "providers");
    if (!in_child || !in_parent) continue;
    if (in_child->key) {
      Error(kTerraformProvider, "Invalid module provider configuration",
            "A module is handed a configuration, never an instance of one: no key stands on the "
            "left side.",
            in_child->range);
    }
    bool is_again = false;
    for (const PassedProvider& other : passed) is_again |= other.in_child == in_child->provider;
    if (is_again) {
      Error(kTerraformProvider, "Duplicate provider address",
            fmt::format("{} is handed to the module already.", ToString(in_child->provider)),
            item.value.range());
      continue;
    }
    passed.push_back({in_child->provider, std::move(*in_parent), item.key.range()});
  }
  return passed;
}

}  // namespace andon::config
