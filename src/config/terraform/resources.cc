// resource, data, ephemeral and check blocks.
#include <fmt/format.h>

#include "config/terraform/decoder.h"
#include "config/terraform/reference.h"
#include "config/terraform/report.h"
#include "hcl/eval.h"

namespace andon::config {
namespace {

const hcl::BodySchema& SchemaOf(ResourceMode mode) {
  static const hcl::BodySchema kResource = {
      .attributes = {{"count"}, {"for_each"}, {"provider"}, {"depends_on"}},
      .blocks = {{"locals", {}},
                 {"lifecycle", {}},
                 {"connection", {}},
                 {"provisioner", {"type"}},
                 {"_", {}}}};
  static const hcl::BodySchema kData = {
      .attributes = {{"count"}, {"for_each"}, {"provider"}, {"depends_on"}},
      .blocks = {{"lifecycle", {}}, {"locals", {}}, {"_", {}}}};
  return mode == ResourceMode::kData ? kData : kResource;
}

std::string_view Plural(ResourceMode mode) {
  switch (mode) {
    case ResourceMode::kManaged:
      return "resources";
    case ResourceMode::kData:
      return "data sources";
    case ResourceMode::kEphemeral:
      return "ephemeral resources";
  }
  return {};
}

// What the reference says of a wrong label.
struct LabelSummaries {
  std::string_view type;
  std::string_view name;
};

LabelSummaries SummariesOf(ResourceMode mode) {
  switch (mode) {
    case ResourceMode::kManaged:
      return {"Invalid resource type name", "Invalid resource name"};
    case ResourceMode::kData:
      return {"Invalid data source name", "Invalid data resource name"};
    case ResourceMode::kEphemeral:
      return {"Invalid ephemeral resource type name", "Invalid ephemeral resource name"};
  }
  return {};
}

}  // namespace

void Decoder::ReadResource(const hcl::Block& block, ResourceMode mode, bool is_override) {
  LabelSummaries summaries = SummariesOf(mode);
  bool is_named = CheckLabel(block, 0, summaries.type);
  is_named &= CheckLabel(block, 1, summaries.name);
  Resource resource{.mode = mode,
                    .type = std::string(block.labels[0].text),
                    .name = std::string(block.labels[1].text),
                    .range = block.header_range(),
                    .type_range = block.label_range(0)};
  std::string address = resource.address();
  auto existing = terraform_->resources.find(address);
  if (is_override) {
    if (existing == terraform_->resources.end()) {
      std::string_view summary = mode == ResourceMode::kManaged ? "Missing resource to override"
                                 : mode == ResourceMode::kData
                                     ? "Missing data resource to override"
                                     : "Missing ephemeral resource to override";
      return Error(
          kTerraformOverride, summary,
          fmt::format("No other file declares {}, so there is nothing to override.", address),
          resource.range);
    }
    return ApplyResource(block, &existing->second, true);
  }
  ApplyResource(block, &resource, false);
  if (is_named) AddResource(std::move(resource));
}

void Decoder::AddResource(Resource resource) {
  std::string address = resource.address();
  SourceRange range = resource.range;
  auto [it, is_new] = terraform_->resources.try_emplace(address, std::move(resource));
  if (is_new) return;
  std::string_view word = it->second.mode == ResourceMode::kManaged ? "resource"
                          : it->second.mode == ResourceMode::kData  ? "data"
                                                                    : "ephemeral resource";
  Twice(fmt::format("Duplicate {} \"{}\" configuration", word, it->second.type),
        fmt::format("{} is declared already. The names of one type are unique in a module, inside "
                    "of check blocks too.",
                    address),
        range, it->second.range);
}

void Decoder::ApplyResource(const hcl::Block& block, Resource* resource, bool is_override) {
  hcl::BodyContent content = TakePart(block.body, SchemaOf(resource->mode));
  auto* count = content.Find("count");
  auto* for_each = content.Find("for_each");
  if (!resource->check.empty()) {
    for (const hcl::Attribute* attribute : {count, for_each}) {
      if (attribute == nullptr) continue;
      Error(kTerraformMeta, fmt::format("Invalid \"{}\" attribute", attribute->name),
            "A data block inside of a check block is always one.", attribute->name_range());
    }
    count = for_each = nullptr;
  }
  if (count != nullptr) resource->count = count->expression();
  if (for_each != nullptr) resource->for_each = for_each->expression();
  if (auto* provider = content.Find("provider"))
    resource->provider = ReadProviderReference(provider->expression(), "provider");
  if (auto* depends_on = content.Find("depends_on")) {
    auto references = ReadDependsOn(*depends_on, is_override);
    resource->depends_on.insert(resource->depends_on.end(), references.begin(), references.end());
  }
  const hcl::Attribute* enabled = nullptr;
  const hcl::Block* lifecycle = nullptr;
  const hcl::Block* connection = nullptr;
  std::vector<Provisioner> provisioners;
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "_") continue;
    if (inner->type == "lifecycle") {
      if (lifecycle != nullptr) {
        Twice("Duplicate lifecycle block", "A block has at most one lifecycle block.",
              inner->header_range(), lifecycle->header_range());
        continue;
      }
      lifecycle = inner;
      ReadLifecycle(*inner, resource, is_override, &enabled);
    } else if (inner->type == "locals") {
      Error(kTerraformMeta,
            fmt::format("Reserved block type name in {} block", BlockType(resource->mode)),
            "A locals block has no meaning here; it stands at the top of a file.",
            inner->type_range());
    } else if (resource->mode == ResourceMode::kEphemeral) {
      Error(kTerraformLifecycle, "Invalid configuration block for ephemeral resource",
            fmt::format("A {} block stands in resource blocks only.", inner->type),
            inner->header_range());
    } else if (inner->type == "connection") {
      if (connection != nullptr) {
        Twice("Duplicate connection block", "A resource has at most one connection block.",
              inner->header_range(), connection->header_range());
        continue;
      }
      connection = inner;
      resource->connection = Connection{inner->body, inner->header_range()};
    } else if (auto provisioner = ReadProvisioner(*inner)) {
      provisioners.push_back(std::move(*provisioner));
    }
  }
  CheckRepetition(count, for_each, enabled, Plural(resource->mode));
  if (!provisioners.empty()) resource->provisioners = std::move(provisioners);
  for (const Provisioner& provisioner : resource->provisioners) {
    if (connection == nullptr || provisioner.when != ProvisionerWhen::kDestroy) continue;
    CheckOnlySelf(connection->body);
    break;
  }
  SetBody(&resource->body, Remaining(block, content), is_override);
}

void Decoder::ReadCheck(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {.blocks = {{"data", {"type", "name"}}, {"assert", {}}}};
  if (is_override) {
    return Error(kTerraformOverride, "Can't override check blocks",
                 "A check block must not stand in an override file.", block.header_range());
  }
  hcl::BodyContent content = Take(block.body, kSchema);
  if (!CheckLabel(block, 0, "Invalid check block name")) return;
  Check check{.name = std::string(block.labels[0].text), .range = block.header_range()};
  const hcl::Block* data = nullptr;
  bool has_assert = false;
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "assert") {
      has_assert = true;
      if (auto rule = ReadRule(*inner, false)) check.asserts.push_back(std::move(*rule));
      continue;
    }
    if (data != nullptr) {
      Twice("Multiple data resource blocks", "A check block has at most one data block.",
            inner->header_range(), data->header_range());
      continue;
    }
    data = inner;
    bool is_named = CheckLabel(*inner, 0, "Invalid data source name");
    is_named &= CheckLabel(*inner, 1, "Invalid data resource name");
    Resource resource{.mode = ResourceMode::kData,
                      .type = std::string(inner->labels[0].text),
                      .name = std::string(inner->labels[1].text),
                      .check = check.name,
                      .range = inner->header_range(),
                      .type_range = inner->label_range(0)};
    ApplyResource(*inner, &resource, false);
    check.data = resource.address();
    if (is_named) AddResource(std::move(resource));
  }
  if (!has_assert) {
    Error(kTerraformCondition, "Zero assert blocks", "A check block has at least one assert block.",
          check.range);
  }
  std::string name = check.name;
  auto [it, is_new] = terraform_->checks.try_emplace(name, std::move(check));
  if (!is_new) {
    Twice(fmt::format("Duplicate check \"{}\" configuration", name),
          fmt::format("The check \"{}\" is declared already.", name), block.header_range(),
          it->second.range);
  }
}

void Decoder::CheckOwnReferences(const CheckRule& rule, std::string_view kind,
                                 const Resource& resource) {
  for (hcl::Expression expression : {rule.condition, rule.error_message}) {
    for (const hcl::Traversal& traversal : hcl::References(expression)) {
      auto reference = ParseReference(traversal, nullptr);
      if (!reference || reference->kind != ReferenceKind::kResource ||
          reference->address() != resource.address())
        continue;
      Error(kTerraformCondition, fmt::format("Invalid reference in {}", kind),
            fmt::format("{} cannot refer to itself by its address here{}.", resource.address(),
                        kind == "postcondition" ? "; write self" : ""),
            expression.range());
      break;
    }
  }
}

}  // namespace andon::config
