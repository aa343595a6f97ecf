// Colors of a terminal, or none.
#pragma once

#include <string>
#include <string_view>

#include "infra/plan.h"

namespace andon::infratext {

inline constexpr std::string_view kBold = "\033[1m";
inline constexpr std::string_view kRed = "\033[31m";
inline constexpr std::string_view kGreen = "\033[32m";
inline constexpr std::string_view kYellow = "\033[33m";
inline constexpr std::string_view kCyan = "\033[36m";
inline constexpr std::string_view kGray = "\033[90m";
inline constexpr std::string_view kReset = "\033[0m";

// The text as it is where `color` is not wanted.
std::string Paint(bool color, std::string_view style, std::string_view text);

// "  +", "-/+", " <=" …: three cells that stand before what the action is done to, and more for
// what leaves the state only.
std::string Symbol(infra::Action action, bool color);

}  // namespace andon::infratext
