// Tokens of HCL native syntax, and the scanner that cuts a text into them.
//
// The scanner never fails: what it cannot read becomes a kInvalid or kBadUtf8
// token. Comments are tokens too (the formatter needs them); a one-line comment
// includes the newline that ends it, as the grammar has it. A token is a kind
// and a byte range, 12 bytes; lines and columns are computed only for messages.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace andon::hcl {

// Bytes [begin, end) of a text.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool operator==(const Span&) const = default;
};

// The smallest span that holds both.
inline Span Join(Span a, Span b) {
  return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

enum class TokenType : uint8_t {
  kEnd,  // After the last byte; always the last token.
  kNewline,
  kComment,
  kIdentifier,
  kNumber,
  // Brackets.
  kOpenBrace,
  kCloseBrace,
  kOpenBracket,
  kCloseBracket,
  kOpenParen,
  kCloseParen,
  // Templates.
  kOpenQuote,
  kCloseQuote,         // Empty where the line ended before the quote (see kQuotedNewline).
  kOpenHeredoc,        // <<EOT or <<-EOT with its newline.
  kCloseHeredoc,       // The marker with the spaces before it; not the newline behind it.
  kQuotedText,         // Between quotes, escapes as written.
  kText,               // In a heredoc or a bare template; at most one line.
  kOpenInterpolation,  // ${ or ${~
  kOpenDirective,      // %{ or %{~
  kCloseSequence,      // } or ~}
  // Operators and punctuation.
  kEqual,
  kEqualEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kBang,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kDot,
  kEllipsis,
  kComma,
  kColon,
  kDoubleColon,
  kFatArrow,
  kQuestion,
  // Never valid, but for the byte order mark; reported once by `CheckTokens` in the parser.
  kBitwise,  // & | ^ ~
  kBacktick,
  kApostrophe,
  kSemicolon,
  kQuotedNewline,  // A line end between quotes; an empty kCloseQuote follows.
  kBadUtf8,
  kByteOrderMark,  // Only at offset 0; the parser skips it, the formatter drops it.
  kInvalid,
};

struct Token {
  TokenType type = TokenType::kEnd;
  Span span;
};

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

enum class ScanMode { kConfiguration, kTemplate };

// Requires: text.size() <= kTextBytesMax.
std::vector<Token> Scan(std::string_view text, ScanMode mode);

// 1 GiB: offsets fit 32 bits with room, and no one writes such a file by hand.
inline constexpr size_t kTextBytesMax = size_t{1} << 30;

// +1 for an opening bracket, brace, parenthesis or template sequence, -1 for a
// closing one, else 0.
int BracketChange(TokenType type);

}  // namespace andon::hcl
