// Provisioners: what runs beside the creation or destruction of an object. local-exec is
// there; those that need a connection are refused with a message.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "config/terraform/configuration.h"
#include "hcl/eval.h"
#include "infra/codes.h"

namespace andon::infra {

// Runs one. `context` has `self` and the instance's own names. `on_line` receives what it
// prints, line by line; a command whose text is sensitive prints nothing.
// Errors: kProvisioner, with the place of the block.
Diagnostics RunProvisioner(const config::Provisioner& provisioner, const hcl::EvalContext& context,
                           std::stop_token stop,
                           const std::function<void(std::string_view line)>& on_line);

}  // namespace andon::infra
