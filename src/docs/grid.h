// Checks over time: one row for each, one column for each validation. Only for this folder.
#pragma once

#include "docs/links.h"
#include "html/html.h"
#include "validation/history.h"

namespace andon::docs {

// `chunks`: numbers of the data files that the script loads for older columns; none: all is shown.
html::Html GridOf(const validation::Grid& grid, std::string_view dataset,
                  const std::vector<int64_t>& chunks, const Links& links);

}  // namespace andon::docs
