// Patterns of ECMA-262, run by RE2: linear time whatever the pattern and the text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace andon::jsonschema {

class Pattern {
 public:
  // kInvalid for what RE2 does not know: look-around, back-references, or a syntax error.
  static Result<Pattern> Compile(std::string_view text);

  // Whether it is found anywhere in `text`.
  bool IsFoundIn(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const re2::RE2> regex_;
};

}  // namespace andon::jsonschema
