// The comment lines above a changed resource: what will happen to it, and why.
#pragma once

#include <string>

#include "infra/plan.h"
#include "infratext/render.h"

namespace andon::infratext {

// Each line ends with a newline.
std::string ChangeHead(const infra::ResourceChange& change, ChangeOrigin origin,
                       const RenderOptions& options);

}  // namespace andon::infratext
