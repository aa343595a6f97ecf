// HTML that is well-formed and escaped by construction: text becomes Html only through Text, and
// elements only through El. No page builds markup from strings.
//
//   El("a", {{"href", "/d/" + PercentEncode(name)}}, {Text(name)})
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace andon::html {

class Html {
 public:
  Html() = default;
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  Html& operator+=(const Html& other) {
    text_ += other.text_;
    return *this;
  }

 private:
  explicit Html(std::string text) : text_(std::move(text)) {}
  std::string text_;

  friend Html Text(std::string_view text);
  friend Html El(std::string_view name,
                 const std::vector<std::pair<std::string, std::string>>& attributes,
                 const std::vector<Html>& children);
};

using Attributes = std::vector<std::pair<std::string, std::string>>;

Html Text(std::string_view text);
// An attribute named with an empty value is written alone ("hidden"). Void elements (br, input, …)
// take no children. Requires: the name and the attributes' names are the program's own.
Html El(std::string_view name, const Attributes& attributes,
        const std::vector<Html>& children = {});
inline Html El(std::string_view name, std::string_view text) {
  return El(name, Attributes{}, {Text(text)});
}
Html Separated(const std::vector<Html>& parts, const Html& separator);

// For a part of a URL: everything but letters, digits and "-._~" escaped.
std::string PercentEncode(std::string_view text);

}  // namespace andon::html
