// The version of OpenTofu's language that this program speaks, as modules ask for it.
#pragma once

#include <string_view>

namespace andon::config {

inline constexpr std::string_view kLanguageVersion = "1.12.6";

}  // namespace andon::config
