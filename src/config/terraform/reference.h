// What an expression of Terraform's language names, read from its form alone.
//
//   aws_instance.web[0].id     a managed resource, its key, and what is read of it
//   data.x.y, ephemeral.x.y    resources of the other modes
//   module.a["eu"].url         an output of a module
//   var.x, local.x, each.key, count.index, self.x, path.module, terraform.workspace
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "config/terraform/configuration.h"
#include "hcl/ast.h"

namespace andon::config {

enum class ReferenceKind {
  kVariable,
  kLocal,
  kResource,
  kModule,
  kCount,
  kEach,
  kSelf,
  kPath,
  kTerraform,
};

struct TerraformReference {
  ReferenceKind kind = ReferenceKind::kVariable;
  ResourceMode mode = ResourceMode::kManaged;  // Of a resource.
  std::string_view type;                       // Of a resource.
  std::string_view name;                       // Of the object, or the attribute of count, each, …
  bool has_key = false;                        // A constant key stands behind the name.
  size_t steps = 0;  // Of the traversal that name the object, with the key.

  // Terraform::resources' key. Requires: kResource.
  std::string address() const;
};

// Nothing where the form is wrong, and then `diagnostics` (may be null) says so.
std::optional<TerraformReference> ParseReference(const hcl::Traversal& traversal,
                                                 Diagnostics* diagnostics);

}  // namespace andon::config
