// Classes of characters that the grammar is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace andon::hcl {

// One code point of UTF-8; length 0 where the bytes are none.
struct CodePoint {
  uint32_t value = 0;
  uint32_t length = 0;
};
CodePoint DecodeCodePoint(std::string_view text);

// Unicode TR 31, ID_Start and ID_Continue; "_" and "-" are the caller's.
bool IsIdentifierStart(uint32_t code_point);
bool IsIdentifierContinue(uint32_t code_point);

// White space that `~` in templates and <<- take away.
bool IsSpace(uint32_t code_point);
std::string_view TrimSpaceLeft(std::string_view text);
std::string_view TrimSpaceRight(std::string_view text);

// Visible in a quoted string as it is; others are escaped when one is written.
bool IsPrintable(uint32_t code_point);

}  // namespace andon::hcl
