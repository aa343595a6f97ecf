// lifecycle and provisioner blocks.
#include <fmt/format.h>

#include "config/terraform/decoder.h"
#include "config/terraform/reference.h"
#include "config/terraform/report.h"
#include "hcl/eval.h"
#include "hcl/static_form.h"

namespace andon::config {

void Decoder::ReadLifecycle(const hcl::Block& block, Resource* resource, bool is_override,
                            const hcl::Attribute** enabled) {
  static const hcl::BodySchema kSchema = {.attributes = {{"create_before_destroy"},
                                                         {"prevent_destroy"},
                                                         {"destroy"},
                                                         {"ignore_changes"},
                                                         {"replace_triggered_by"},
                                                         {"enabled"}},
                                          .blocks = {{"precondition", {}}, {"postcondition", {}}}};
  if (!resource->check.empty()) {
    Error(kTerraformLifecycle, "Invalid lifecycle block",
          "A data block inside of a check block has no lifecycle: the check has it.",
          block.header_range());
  }
  hcl::BodyContent content = Take(block.body, kSchema);
  if (auto* attribute = content.Find("enabled")) {
    *enabled = attribute;
    resource->enabled = attribute->expression();
  }
  if (resource->mode != ResourceMode::kManaged) {
    for (const auto& [name, attribute] : content.attributes) {
      if (name == "enabled") continue;
      Error(kTerraformLifecycle,
            resource->mode == ResourceMode::kData
                ? "Invalid data resource lifecycle argument"
                : "Invalid lifecycle configuration for ephemeral resource",
            fmt::format("\"{}\" has a meaning in resource blocks only.", name),
            attribute->name_range());
    }
  } else {
    bool value = false;
    if (ReadBool(content, "create_before_destroy", &value)) resource->create_before_destroy = value;
    if (auto* attribute = content.Find("prevent_destroy"))
      resource->prevent_destroy = attribute->expression();
    if (auto* attribute = content.Find("destroy")) resource->destroy = attribute->expression();
    if (auto* attribute = content.Find("ignore_changes")) ReadIgnoreChanges(*attribute, resource);
    if (auto* attribute = content.Find("replace_triggered_by"))
      ReadReplaceTriggers(*attribute, resource);
  }
  for (const hcl::Block* inner : content.blocks) {
    auto rule = ReadRule(*inner, is_override);
    if (!rule) continue;
    CheckOwnReferences(*rule, inner->type, *resource);
    (inner->type == "precondition" ? resource->preconditions : resource->postconditions)
        .push_back(std::move(*rule));
  }
}

void Decoder::ReadIgnoreChanges(const hcl::Attribute& attribute, Resource* resource) {
  hcl::Expression expression = attribute.expression();
  if (hcl::AsKeyword(expression) == "all") {
    resource->ignores_all_changes = true;
    return;
  }
  auto items = hcl::AsList(expression);
  if (!items) {
    return Error(kTerraformLifecycle, "Invalid expression",
                 "ignore_changes takes a list of attributes, like [tags, size], or the word all.",
                 expression.range());
  }
  std::vector<hcl::Traversal> paths;
  for (hcl::Expression item : *items) {
    auto text = hcl::AsStringLiteral(item);
    if (text && *text == "*") {
      Error(kTerraformLifecycle, "Invalid ignore_changes wildcard",
            "To ignore changes of every attribute, write: ignore_changes = all", item.range());
      continue;
    }
    if (auto path = ReadReference(item)) paths.push_back(*path);
  }
  if (!paths.empty()) resource->ignore_changes = std::move(paths);
}

void Decoder::ReadReplaceTriggers(const hcl::Attribute& attribute, Resource* resource) {
  auto items = hcl::AsList(attribute.expression());
  if (!items) {
    return Error(kTerraformLifecycle, "Invalid expression",
                 "replace_triggered_by takes a list of references to resources.",
                 attribute.expression().range());
  }
  for (hcl::Expression item : *items) {
    item = hcl::AsNative(item, &diagnostics());
    CheckTrigger(item);
    resource->replace_triggered_by.push_back(item);
  }
}

void Decoder::CheckTrigger(hcl::Expression expression) {
  int resources = 0;
  for (const hcl::Traversal& traversal : hcl::References(expression)) {
    auto reference = ParseReference(traversal, &diagnostics());
    if (!reference) return;
    switch (reference->kind) {
      case ReferenceKind::kResource:
        ++resources;
        break;
      case ReferenceKind::kEach:
        if (reference->name == "key") break;
        Error(kTerraformLifecycle, "Invalid each reference in replace_triggered_by expression",
              "Of each, only each.key may stand here.", expression.range());
        break;
      case ReferenceKind::kCount:
        if (reference->name == "index") break;
        Error(kTerraformLifecycle, "Invalid count reference in replace_triggered_by expression",
              "Of count, only count.index may stand here.", expression.range());
        break;
      default:
        Error(kTerraformLifecycle, "Invalid reference in replace_triggered_by expression",
              "Only resources, count.index and each.key may stand here.", expression.range());
    }
  }
  if (resources != 1) {
    Error(kTerraformLifecycle, "Invalid replace_triggered_by expression",
          "Each item refers to one resource, or to an attribute of one.", expression.range());
  }
}

std::optional<Provisioner> Decoder::ReadProvisioner(const hcl::Block& block) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"when"}, {"on_failure"}},
      .blocks = {{"_", {}}, {"connection", {}}, {"lifecycle", {}}}};
  hcl::BodyContent content = TakePart(block.body, kSchema);
  Provisioner provisioner{.type = std::string(block.labels[0].text), .range = block.header_range()};
  for (std::string_view removed : {"chef", "habitat", "puppet", "salt-masterless"}) {
    if (provisioner.type != removed) continue;
    Error(kTerraformProvisioner, fmt::format("The \"{}\" provisioner has been removed", removed),
          "The language has local-exec, remote-exec and file.", block.label_range(0));
    return std::nullopt;
  }
  provisioner.body = Remaining(block, content);
  if (auto* when = content.Find("when")) {
    std::string_view word = ReadKeyword(when->expression());
    if (word == "destroy") provisioner.when = ProvisionerWhen::kDestroy;
    if (word != "destroy" && word != "create") {
      Error(kTerraformProvisioner, "Invalid \"when\" keyword", "\"when\" is create or destroy.",
            when->expression().range());
    }
  }
  if (provisioner.when == ProvisionerWhen::kDestroy) CheckOnlySelf(provisioner.body);
  if (auto* on_failure = content.Find("on_failure")) {
    std::string_view word = ReadKeyword(on_failure->expression());
    if (word == "continue") provisioner.on_failure = ProvisionerOnFailure::kContinue;
    if (word != "continue" && word != "fail") {
      Error(kTerraformProvisioner, "Invalid \"on_failure\" keyword",
            "\"on_failure\" is fail or continue.", on_failure->expression().range());
    }
  }
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "lifecycle") {
      Error(kTerraformProvisioner, "Reserved block type name in provisioner block",
            "A lifecycle block has no meaning in a provisioner.", inner->type_range());
    } else if (inner->type == "connection") {
      if (provisioner.connection) {
        Twice("Duplicate connection block", "A provisioner has at most one connection block.",
              inner->header_range(), provisioner.connection->range);
        continue;
      }
      if (provisioner.when == ProvisionerWhen::kDestroy) CheckOnlySelf(inner->body);
      provisioner.connection = Connection{inner->body, inner->header_range()};
    }
  }
  return provisioner;
}

// When something is destroyed, nothing but itself is still known.
void Decoder::CheckOnlySelf(const hcl::Body& body) {
  for (const hcl::Attribute& attribute : body.attributes) {
    for (const hcl::Traversal& traversal : hcl::References(attribute.expression())) {
      std::string_view root = traversal.root;
      std::string_view name =
          traversal.steps.size() == 1 && traversal.steps[0].kind == hcl::StepKind::kAttribute
              ? traversal.steps[0].text
              : std::string_view();
      bool is_fine = root == "self" || root == "path" || root == "terraform" || root == "tofu" ||
                     (root == "count" && name == "index") || (root == "each" && name == "key");
      if (is_fine) continue;
      Error(kTerraformProvisioner, "Invalid reference from destroy provisioner",
            "What runs when a resource is destroyed can refer to self, count.index and each.key "
            "only: other objects may be gone by then.",
            attribute.expression().range());
    }
  }
}

}  // namespace andon::config
