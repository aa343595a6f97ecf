#include "docs/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html/parts.h"

namespace andon::docs {

using html::Attributes;
using html::El;
using html::Html;
using html::Text;
using validation::CellState;

const Mark& MarkOf(CellState state) {
  static constexpr Mark kPassed = {"✔", "passed", "green"}, kFailed = {"✖", "failed", "red"},
                        kWarning = {"▲", "warning", "yellow"}, kError = {"!", "error", "red"},
                        kAbsent = {"·", "not asked", "grey"};
  switch (state) {
    case CellState::kPassed:
      return kPassed;
    case CellState::kFailed:
      return kFailed;
    case CellState::kWarning:
      return kWarning;
    case CellState::kError:
      return kError;
    case CellState::kAbsent:
      return kAbsent;
  }
  return kAbsent;
}

CellState CellStateOf(std::string_view state) {
  if (state == "passed") return CellState::kPassed;
  if (state == "warning") return CellState::kWarning;
  if (state == "failed") return CellState::kFailed;
  return state == "error" ? CellState::kError : CellState::kAbsent;
}

Html StateBadge(std::string_view state) { return html::StateOf(state); }

std::string AnchorOf(std::string_view check) {
  std::string out = "c-";
  for (char c : check) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (is_plain)
      out += c;
    else
      out += fmt::format("_{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

Html Sparkline(const std::vector<std::optional<double>>& values, std::string_view what) {
  constexpr double kWidth = 120, kHeight = 24, kMargin = 3;
  double low = 0, high = 0;
  int known = 0;
  for (const auto& value : values) {
    if (!value || !std::isfinite(*value)) continue;
    low = known ? std::min(low, *value) : *value;
    high = known ? std::max(high, *value) : *value;
    ++known;
  }
  if (known < 2) return {};
  const double span = high > low ? high - low : 1;
  const double step = (kWidth - 2 * kMargin) / static_cast<double>(values.size() - 1);
  std::string path;
  bool is_drawing = false;
  double x = 0, y = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i] || !std::isfinite(*values[i])) {
      is_drawing = false;  // A gap where nothing was observed.
      continue;
    }
    x = kMargin + step * static_cast<double>(i);
    y = kHeight - kMargin - (*values[i] - low) / span * (kHeight - 2 * kMargin);
    path += fmt::format("{}{:.1f} {:.1f}", is_drawing ? "L" : "M", x, y);
    is_drawing = true;
  }
  const std::string label = fmt::format("{}: {} to {} over {} validations", what, NumberText(low),
                                        NumberText(high), known);
  return El(
      "svg",
      {{"class", "spark"},
       {"viewBox", fmt::format("0 0 {} {}", kWidth, kHeight)},
       {"width", fmt::format("{}", kWidth)},
       {"height", fmt::format("{}", kHeight)},
       {"role", "img"},
       {"aria-label", label}},
      {El("title", label), El("path", {{"d", path}}),
       El("circle",
          {{"cx", fmt::format("{:.1f}", x)}, {"cy", fmt::format("{:.1f}", y)}, {"r", "2.5"}})});
}

Html Strip(std::string_view states) {
  std::vector<Html> marks;
  std::string words;
  for (char c : states) {
    const Mark& mark = MarkOf(static_cast<CellState>(c));
    marks.push_back(
        El("span", {{"class", std::string("light ") + mark.colour}}, {Text(mark.sign)}));
    words += (words.empty() ? "" : ", ") + std::string(mark.word);
  }
  return El("span", {{"class", "strip"}, {"role", "img"}, {"aria-label", words}}, marks);
}

std::string PercentText(double percent) {
  // 99.97 is not all.
  const double shown = percent < 100 ? std::min(percent, 99.9) : percent;
  return fmt::format("{:.{}f} %", shown, shown == std::floor(shown) ? 0 : 1);
}

std::string NumberText(double number) { return fmt::format("{:.6g}", number); }

std::string SentenceOf(const quality::CheckSpec& check) {
  std::string text = quality::Describe(check);
  return text.substr(0, text.find('\n'));
}

Html TimeOf(Timestamp t) {
  return El("time", {{"datetime", ToRfc3339(t)}}, {Text(html::ShownTime(t))});
}

Html DatasetLink(const Links& links, std::string_view dataset, std::string_view name) {
  return El("a", {{"href", links.Dataset(dataset)}}, {Text(name)});
}

Html ValidationLink(const Links& links, const validation::Validation& v, std::string_view text) {
  return El("a", {{"href", links.Validation(v.number)}}, {Text(text)});
}

}  // namespace andon::docs
