// Small parts of these pages. Only for this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docs/links.h"
#include "html/html.h"
#include "validation/history.h"

namespace andon::docs {

// A state as a badge with sign and word.
html::Html StateBadge(std::string_view state);
// Its sign alone, as a link or a span; the word is read out.
struct Mark {
  const char* sign;
  const char* word;
  const char* colour;
};
const Mark& MarkOf(validation::CellState state);
validation::CellState CellStateOf(std::string_view summary_state);

// A check's anchor on a validation's page.
std::string AnchorOf(std::string_view check);

// A line over time with a dot at its end; nothing where fewer than two values are known.
html::Html Sparkline(const std::vector<std::optional<double>>& values, std::string_view what);
// The states in a row, as small boxes with signs.
html::Html Strip(std::string_view states);

// "97.3 %".
std::string PercentText(double percent);
// A number with at most six digits.
std::string NumberText(double number);
// The first line of the check's sentence.
std::string SentenceOf(const quality::CheckSpec& check);
// "2 h ago" has no place on a page that stays: the time itself.
html::Html TimeOf(Timestamp t);

html::Html DatasetLink(const Links& links, std::string_view dataset, std::string_view name);
html::Html ValidationLink(const Links& links, const validation::Validation& v,
                          std::string_view text);

}  // namespace andon::docs
