#include "hcl/string_literal.h"

#include <fmt/format.h>

#include "hcl/unicode_class.h"

namespace andon::hcl {
namespace {

void AppendUtf8(std::string& to, uint32_t c) {
  if (c < 0x80) {
    to += static_cast<char>(c);
  } else if (c < 0x800) {
    to += static_cast<char>(0xC0 | (c >> 6));
    to += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    to += static_cast<char>(0xE0 | (c >> 12));
    to += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    to += static_cast<char>(0xF0 | (c >> 18));
    to += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    to += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (c & 0x3F));
  }
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Decoder {
 public:
  Decoder(std::string_view text, bool quoted, const EscapeReport& report)
      : text_(text), quoted_(quoted), report_(report) {}

  std::string Run() {
    out_.reserve(text_.size());
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '\\' && quoted_) {
        DecodeBackslash();
      } else if ((c == '$' || c == '%') && text_.substr(at_ + 1, 2) == (c == '$' ? "${" : "%{")) {
        out_ += c;
        out_ += '{';
        at_ += 3;
      } else {
        out_ += c;
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  void Fail(std::string detail, size_t length) {
    report_(std::move(detail), {static_cast<uint32_t>(at_), static_cast<uint32_t>(at_ + length)});
  }

  void DecodeBackslash() {
    if (at_ + 1 >= text_.size()) {
      Fail(
          "A backslash must be followed by the character that it escapes: write \\\\ for a "
          "backslash itself.",
          1);
      ++at_;
      return;
    }
    char selector = text_[at_ + 1];
    switch (selector) {
      case 'n':
        return Put('\n');
      case 'r':
        return Put('\r');
      case 't':
        return Put('\t');
      case '"':
        return Put('"');
      case '\\':
        return Put('\\');
      case 'u':
        return DecodeCode(4);
      case 'U':
        return DecodeCode(8);
      default:
        break;
    }
    CodePoint c = DecodeCodePoint(text_.substr(at_ + 1));
    size_t length = 1 + (c.length > 0 ? c.length : 1);
    std::string_view sequence = text_.substr(at_, length);
    Fail(
        fmt::format("There is no escape sequence \"{}\". Those that exist are \\n, \\r, \\t, \\\", "
                    "\\\\, \\uNNNN and \\UNNNNNNNN; write \\\\ for a backslash itself.",
                    sequence),
        length);
    out_ += sequence.substr(1);
    at_ += length;
  }

  void Put(char c) {
    out_ += c;
    at_ += 2;
  }

  void DecodeCode(size_t digits) {
    uint32_t code = 0;
    size_t n = 0;
    while (n < digits && at_ + 2 + n < text_.size() && HexDigit(text_[at_ + 2 + n]) >= 0) {
      code = code * 16 + static_cast<uint32_t>(HexDigit(text_[at_ + 2 + n]));
      ++n;
    }
    if (n < digits) {
      Fail(fmt::format("\\{} must be followed by {} hexadecimal digits.", digits == 4 ? 'u' : 'U',
                       digits == 4 ? "four" : "eight"),
           2 + n);
    } else if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      Fail(fmt::format("U+{:04X} is no character, so it cannot stand in a string.", code), 2 + n);
    } else {
      AppendUtf8(out_, code);
    }
    at_ += 2 + n;
  }

  std::string_view text_;
  bool quoted_;
  const EscapeReport& report_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

bool IsPlainText(std::string_view text, bool quoted) {
  for (char c : text) {
    if (c == '$' || c == '%' || (quoted && c == '\\')) return false;
  }
  return true;
}

std::string DecodeText(std::string_view text, bool quoted, const EscapeReport& report) {
  return Decoder(text, quoted, report).Run();
}

std::string EncodeQuoted(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    CodePoint c = DecodeCodePoint(text);
    size_t length = c.length > 0 ? c.length : 1;
    std::string_view bytes = text.substr(0, length);
    text.remove_prefix(length);
    switch (c.length > 0 ? c.value : 0xFFFD) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '$':
      case '%':
        out += bytes;
        if (text.starts_with('{')) out += bytes;
        break;
      default:
        if (c.length == 0 || IsPrintable(c.value)) {
          out += bytes;
        } else if (c.value < 0x10000) {
          out += fmt::format("\\u{:04x}", c.value);
        } else {
          out += fmt::format("\\U{:08x}", c.value);
        }
    }
  }
  return out;
}

}  // namespace andon::hcl
