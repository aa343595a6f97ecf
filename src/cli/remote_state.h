// Reads the outputs of other states for terraform_remote_state.
#pragma once

#include "cli/context.h"
#include "provider/terraform_remote_state.h"

namespace andon::cli {

// Encrypted ones are opened by the methods that the folder's encryption block has for
// remote_state_data_sources. Lifetime: the context outlives it.
provider::RemoteStateReader RemoteStates(const Context& context);

}  // namespace andon::cli
