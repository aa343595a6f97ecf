// moved { from, to }: objects keep their history under another address.
#pragma once

#include <map>

#include "address/address.h"
#include "base/diagnostics.h"
#include "config/terraform/module_tree.h"
#include "state/state.h"

namespace andon::infra {

// Renames what the state has as the files' `moved` blocks say, also along chains of them, and
// as a block's count, for_each or their absence implies (x becomes x[0], and back). Returns the
// old address of each object by its new one. An object whose new address is taken stays, with
// a warning.
std::map<address::Address, address::Address> Move(const config::ModuleTree& tree,
                                                  state::State& state, Diagnostics* diagnostics);

}  // namespace andon::infra
