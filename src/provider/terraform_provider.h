// The provider that is part of the program, terraform.io/builtin/terraform: the resource
// terraform_data, which stores what it is given and is made anew when its triggers change.
// (Reference: "terraform_data" of Terraform's language documentation.)
#pragma once

#include <memory>

#include "provider/provider.h"

namespace andon::provider {

std::unique_ptr<Provider> MakeTerraformProvider();

}  // namespace andon::provider
