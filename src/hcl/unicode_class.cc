#include "hcl/unicode_class.h"

#include <utf8proc.h>

namespace andon::hcl {

CodePoint DecodeCodePoint(std::string_view text) {
  if (text.empty()) return {};
  auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  utf8proc_int32_t value = 0;
  auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &value);
  if (length <= 0 || value < 0) return {};
  return {static_cast<uint32_t>(value), static_cast<uint32_t>(length)};
}

bool IsIdentifierStart(uint32_t c) {
  switch (c) {  // Other_ID_Start.
    case 0x1885:
    case 0x1886:
    case 0x2118:
    case 0x212E:
    case 0x309B:
    case 0x309C:
      return true;
    case 0x2E2F:  // Pattern_Syntax, though it is a letter.
      return false;
    default:
      break;
  }
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
      return true;
    default:
      return false;
  }
}

bool IsIdentifierContinue(uint32_t c) {
  if (IsIdentifierStart(c)) return true;
  // Other_ID_Continue.
  if (c == 0xB7 || c == 0x387 || c == 0x19DA || (c >= 0x1369 && c <= 0x1371)) return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

bool IsSpace(uint32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::string_view TrimSpaceLeft(std::string_view text) {
  while (!text.empty()) {
    CodePoint c = DecodeCodePoint(text);
    if (c.length == 0 || !IsSpace(c.value)) break;
    text.remove_prefix(c.length);
  }
  return text;
}

std::string_view TrimSpaceRight(std::string_view text) {
  while (!text.empty()) {
    size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    CodePoint c = DecodeCodePoint(text.substr(begin));
    if (c.length != text.size() - begin || !IsSpace(c.value)) break;
    text = text.substr(0, begin);
  }
  return text;
}

bool IsPrintable(uint32_t c) {
  if (c < 0x80) return c >= 0x20 && c < 0x7F;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
      return false;
    default:
      return true;
  }
}

}  // namespace andon::hcl
