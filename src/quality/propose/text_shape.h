// The form that texts of a column have in common, as a regular expression.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace andon::quality {

struct TextShape {
  std::string name;   // "email", "uuid", "url", "date", "form": part of a check's name.
  std::string says;   // "an e-mail address", "the form AA-999"
  std::string regex;  // Anchored; RE2 and POSIX read it alike.
};

// Well-known forms first (e-mail address, UUID, URL, date), then one that is learnt: runs of
// capital letters, small letters and digits between fixed signs, with as many of each as were seen
// ("AB-12", "CD-345" give ^[A-Z]{2}-[0-9]{2,3}$). Nothing where the texts have none, where they are
// fewer than `least`, or where the form would allow nearly everything (only letters, or many runs).
std::optional<TextShape> ShapeOf(const std::vector<std::string>& texts, size_t least);

// The well-known forms, for columns of which nearly all texts have one.
const std::vector<TextShape>& KnownShapes();

}  // namespace andon::quality
