// Comparisons with a table of another source than the checked one.
#pragma once

#include <string_view>

namespace andon::quality {

// The argument that names the other source, as RunOptions::sources has it. Where a check has it,
// its other table is one of that source, and no dataset.
inline constexpr std::string_view kComparedSource = "comparison_data_source_name";

// Whether an expectation can compare with a table of another source.
bool TakesSource(std::string_view type);

}  // namespace andon::quality
