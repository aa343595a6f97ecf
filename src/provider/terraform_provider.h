// The provider that is part of the program, terraform.io/builtin/terraform: the resource
// terraform_data, which stores what it is given and is made anew when its triggers change; the
// data source terraform_remote_state; functions that write and read texts of the language.
// (Reference: "terraform_data" of Terraform's language documentation.)
#pragma once

#include <memory>

#include "provider/provider.h"
#include "provider/terraform_remote_state.h"

namespace andon::provider {

std::unique_ptr<Provider> MakeTerraformProvider(RemoteStateReader reader = {});

}  // namespace andon::provider
