// The built-in provider: datasets, sources, contracts and all other data blocks as
// objects of the planner. It changes nothing by itself; the definitions are
// recorded by whoever applies the plan.
#pragma once

#include <memory>

#include "provider/provider.h"

namespace andon::builtin {

std::unique_ptr<provider::Provider> NewProvider();

}  // namespace andon::builtin
