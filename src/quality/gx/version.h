// The release of the reference whose shapes are written.
#pragma once

namespace andon::quality::gx {

inline constexpr char kVersion[] = "1.24.1";

}  // namespace andon::quality::gx
