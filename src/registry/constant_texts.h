// Arguments of small configuration files that hold constants: lock files, the CLI configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hcl/ast.h"

namespace andon::registry {

// The texts of a list, or the one text; without those that are no text. Empty where there is no
// such argument.
std::vector<std::string> ConstantTexts(const hcl::Body& body, std::string_view name);
// Empty where it is not one text.
std::string ConstantText(const hcl::Body& body, std::string_view name);

}  // namespace andon::registry
