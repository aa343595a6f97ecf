#include <array>
#include <cstring>

#include "base/assert.h"
#include "hcl/token.h"
#include "hcl/unicode_class.h"

namespace andon::hcl {
namespace {

// What the first byte of a token, or one inside an identifier, can be.
enum Class : uint8_t {
  kOther = 0,
  kLetter = 1,  // Begins an identifier.
  kDigit = 2,
  kBlank = 4,           // Space and tab.
  kNameByte = 8,        // Goes on in an identifier: letter, digit, "_", "-".
  kQuotedSpecial = 16,  // Ends a run of text between quotes.
};

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = kLetter | kNameByte;
  for (int c = 'A'; c <= 'Z'; ++c) classes[c] = kLetter | kNameByte;
  classes['_'] = kLetter | kNameByte;
  for (int c = '0'; c <= '9'; ++c) classes[c] = kDigit | kNameByte;
  classes['-'] = kNameByte;
  classes[' '] = classes['\t'] = kBlank;
  for (char c : {'"', '\\', '$', '%', '\n', '\r'})
    classes[static_cast<uint8_t>(c)] |= kQuotedSpecial;
  return classes;
}
constexpr auto kClasses = MakeClasses();

bool Is(char c, Class wanted) { return (kClasses[static_cast<uint8_t>(c)] & wanted) != 0; }

class Scanner {
 public:
  Scanner(std::string_view text, ScanMode mode)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {
    tokens_.reserve(text.size() / 6 + 16);
    frames_.push_back({mode == ScanMode::kTemplate ? Frame::kBareTemplate : Frame::kMain});
  }

  std::vector<Token> Run() && {
    SkipByteOrderMark();
    while (at_ < end_) {
      switch (frames_.back().kind) {
        case Frame::kMain:
        case Frame::kSequence:
          ScanMain();
          break;
        case Frame::kQuoted:
          ScanQuoted();
          break;
        case Frame::kHeredoc:
        case Frame::kBareTemplate:
          ScanLines();
          break;
      }
    }
    Emit(TokenType::kEnd, end_, end_);
    return std::move(tokens_);
  }

 private:
  // Where the scanner is: templates and the expressions in them nest.
  struct Frame {
    enum Kind : uint8_t { kMain, kSequence, kQuoted, kHeredoc, kBareTemplate };
    Kind kind = kMain;
    bool line_start = true;  // Heredoc: nothing of this line was read yet.
    uint32_t braces = 0;     // Sequence: braces open inside it.
    std::string_view marker = {};
  };

  void Emit(TokenType type, const char* from, const char* to) {
    tokens_.push_back(
        {type, {static_cast<uint32_t>(from - begin_), static_cast<uint32_t>(to - begin_)}});
  }
  void Take(TokenType type, size_t length) {
    Emit(type, at_, at_ + length);
    at_ += length;
  }
  char Next(size_t n = 1) const { return static_cast<size_t>(end_ - at_) > n ? at_[n] : '\0'; }

  void SkipByteOrderMark() {
    if (std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(kByteOrderMark))
      Take(TokenType::kByteOrderMark, kByteOrderMark.size());
  }

  // Reads tokens until a template begins or ends.
  void ScanMain() {
    while (at_ < end_) {
      char c = *at_;
      if (Is(c, kBlank)) {
        ++at_;
      } else if (Is(c, kLetter)) {
        TakeIdentifier();
      } else if (Is(c, kDigit)) {
        TakeNumber();
      } else if (!TakeSymbol(c)) {
        return;
      }
    }
  }

  void TakeIdentifier() {
    const char* p = at_;  // Its first character was looked at, and may be several bytes.
    for (;;) {
      while (p < end_ && Is(*p, kNameByte)) ++p;
      if (p == end_ || static_cast<unsigned char>(*p) < 0x80) break;
      CodePoint c = DecodeCodePoint({p, static_cast<size_t>(end_ - p)});
      if (c.length == 0 || !IsIdentifierContinue(c.value)) break;
      p += c.length;
    }
    Emit(TokenType::kIdentifier, at_, p);
    at_ = p;
  }

  // Digits, dots and exponents; never ends with a dot, so that "1..." is two tokens.
  void TakeNumber() {
    const char* p = at_ + 1;
    const char* good = p;
    while (p < end_) {
      if (Is(*p, kDigit)) {
        good = ++p;
      } else if (*p == '.') {
        ++p;
      } else if (*p == 'e' || *p == 'E') {
        const char* q = p + 1;
        if (q < end_ && (*q == '+' || *q == '-')) ++q;
        if (q == end_ || !Is(*q, kDigit)) break;
        good = p = q + 1;
      } else {
        break;
      }
    }
    Emit(TokenType::kNumber, at_, good);
    at_ = good;
  }

  // False where the frame changed.
  bool TakeSymbol(char c) {
    switch (c) {
      case '\n':
        Take(TokenType::kNewline, 1);
        return true;
      case '\r':
        if (Next() == '\n') {
          Take(TokenType::kNewline, 2);
        } else {
          Take(TokenType::kInvalid, 1);
        }
        return true;
      case '#':
        TakeLineComment();
        return true;
      case '/':
        if (Next() == '/') {
          TakeLineComment();
        } else if (Next() == '*') {
          TakeBlockComment();
        } else {
          Take(TokenType::kSlash, 1);
        }
        return true;
      case '{':
        ++frames_.back().braces;
        Take(TokenType::kOpenBrace, 1);
        return true;
      case '}':
        return TakeCloseBrace();
      case '"':
        Take(TokenType::kOpenQuote, 1);
        frames_.push_back({Frame::kQuoted});
        return false;
      case '<':
        if (Next() == '<' && TakeHeredocOpening()) return false;
        TakeEither(TokenType::kLess, '=', TokenType::kLessEqual);
        return true;
      case '>':
        TakeEither(TokenType::kGreater, '=', TokenType::kGreaterEqual);
        return true;
      case '=':
        if (Next() == '>') {
          Take(TokenType::kFatArrow, 2);
        } else {
          TakeEither(TokenType::kEqual, '=', TokenType::kEqualEqual);
        }
        return true;
      case '!':
        TakeEither(TokenType::kBang, '=', TokenType::kNotEqual);
        return true;
      case '&':
        TakeEither(TokenType::kBitwise, '&', TokenType::kAnd);
        return true;
      case '|':
        TakeEither(TokenType::kBitwise, '|', TokenType::kOr);
        return true;
      case ':':
        TakeEither(TokenType::kColon, ':', TokenType::kDoubleColon);
        return true;
      case '.':
        if (Next() == '.' && Next(2) == '.') {
          Take(TokenType::kEllipsis, 3);
        } else {
          Take(TokenType::kDot, 1);
        }
        return true;
      case '~':
        if (Next() == '}') return TakeStrippingClose();
        Take(TokenType::kBitwise, 1);
        return true;
      default:
        TakeSingle(c);
        return true;
    }
  }

  void TakeSingle(char c) {
    switch (c) {
      case '[':
        return Take(TokenType::kOpenBracket, 1);
      case ']':
        return Take(TokenType::kCloseBracket, 1);
      case '(':
        return Take(TokenType::kOpenParen, 1);
      case ')':
        return Take(TokenType::kCloseParen, 1);
      case ',':
        return Take(TokenType::kComma, 1);
      case '?':
        return Take(TokenType::kQuestion, 1);
      case '*':
        return Take(TokenType::kStar, 1);
      case '%':
        return Take(TokenType::kPercent, 1);
      case '+':
        return Take(TokenType::kPlus, 1);
      case '-':
        return Take(TokenType::kMinus, 1);
      case '^':
        return Take(TokenType::kBitwise, 1);
      case ';':
        return Take(TokenType::kSemicolon, 1);
      case '`':
        return Take(TokenType::kBacktick, 1);
      case '\'':
        return Take(TokenType::kApostrophe, 1);
      default:
        return TakeUnicode();
    }
  }

  void TakeUnicode() {
    CodePoint c = DecodeCodePoint({at_, static_cast<size_t>(end_ - at_)});
    if (c.length == 0) return Take(TokenType::kBadUtf8, 1);
    if (c.value >= 0x80 && IsIdentifierStart(c.value)) return TakeIdentifier();
    Take(TokenType::kInvalid, c.length);
  }

  void TakeEither(TokenType alone, char second, TokenType both) {
    if (Next() == second) {
      Take(both, 2);
    } else {
      Take(alone, 1);
    }
  }

  void TakeLineComment() {
    auto* newline = static_cast<const char*>(std::memchr(at_, '\n', end_ - at_));
    Take(TokenType::kComment, (newline ? newline + 1 : end_) - at_);
  }

  void TakeBlockComment() {
    std::string_view rest(at_, end_ - at_);
    size_t close = rest.find("*/", 2);
    if (close == std::string_view::npos) {
      Take(TokenType::kInvalid, rest.size());
    } else {
      Take(TokenType::kComment, close + 2);
    }
  }

  bool TakeCloseBrace() {
    Frame& frame = frames_.back();
    if (frame.braces == 0 && frame.kind == Frame::kSequence) {
      Take(TokenType::kCloseSequence, 1);
      frames_.pop_back();
      return false;
    }
    if (frame.braces > 0) --frame.braces;
    Take(TokenType::kCloseBrace, 1);
    return true;
  }

  bool TakeStrippingClose() {
    Frame& frame = frames_.back();
    Take(TokenType::kCloseSequence, 2);
    if (frame.braces == 0 && frame.kind == Frame::kSequence) {
      frames_.pop_back();
      return false;
    }
    if (frame.braces > 0) --frame.braces;  // The parser reports it.
    return true;
  }

  bool TakeHeredocOpening() {
    const char* p = at_ + 2;
    if (p < end_ && *p == '-') ++p;
    const char* marker = p;
    while (p < end_) {
      if (Is(*p, kNameByte) && (p > marker || Is(*p, kLetter))) {
        ++p;
        continue;
      }
      if (static_cast<unsigned char>(*p) < 0x80) break;
      CodePoint c = DecodeCodePoint({p, static_cast<size_t>(end_ - p)});
      bool fits =
          c.length > 0 && (p > marker ? IsIdentifierContinue(c.value) : IsIdentifierStart(c.value));
      if (!fits) break;
      p += c.length;
    }
    if (p == marker) return false;
    std::string_view name(marker, p - marker);
    if (p < end_ && *p == '\r') ++p;
    if (p == end_ || *p != '\n') return false;
    Take(TokenType::kOpenHeredoc, p + 1 - at_);
    Frame frame{Frame::kHeredoc};
    frame.marker = name;
    frames_.push_back(frame);
    return true;
  }

  // The sequence that begins at the "$" or "%" here: how many bytes of text it is,
  // or 0 for an opening, which was taken.
  size_t TextAtDollar(const char* p) {
    size_t left = end_ - p;
    if (left >= 2 && p[1] == '{') return 0;
    if (left >= 3 && p[1] == p[0] && p[2] == '{') return 3;
    return 1;
  }

  void OpenSequence() {
    TokenType type = *at_ == '$' ? TokenType::kOpenInterpolation : TokenType::kOpenDirective;
    Take(type, Next(2) == '~' ? 3 : 2);
    frames_.push_back({Frame::kSequence});
  }

  void ScanQuoted() {
    const char* p = at_;
    for (;;) {
      while (p < end_ && !Is(*p, kQuotedSpecial)) ++p;
      if (p == end_) break;
      if (*p == '\\') {
        // A backslash takes the next byte along, but never the end of the line.
        p += (p + 1 < end_ && p[1] != '\n' && p[1] != '\r') ? 2 : 1;
        continue;
      }
      if (*p == '$' || *p == '%') {
        size_t text = TextAtDollar(p);
        if (text == 0) break;
        p += text;
        continue;
      }
      if (*p == '\r' && !(p + 1 < end_ && p[1] == '\n')) {
        ++p;
        continue;
      }
      break;
    }
    if (p > at_) {
      Emit(TokenType::kQuotedText, at_, p);
      at_ = p;
    }
    if (at_ == end_) return;
    if (*at_ == '"') {
      Take(TokenType::kCloseQuote, 1);
      frames_.pop_back();
    } else if (*at_ == '\n' || *at_ == '\r') {
      // The line ends before the quote: the string is closed here, so that the
      // next line is read as the writer meant it.
      Emit(TokenType::kQuotedNewline, at_, at_ + (*at_ == '\r' ? 2 : 1));
      Emit(TokenType::kCloseQuote, at_, at_);
      frames_.pop_back();
    } else {
      OpenSequence();
    }
  }

  // Text of a heredoc or bare template up to the end of the line or a sequence.
  void ScanLines() {
    Frame& frame = frames_.back();
    const char* p = at_;
    while (p < end_ && *p != '\n') {
      if (*p == '$' || *p == '%') {
        size_t text = TextAtDollar(p);
        if (text == 0) break;
        p += text;
      } else {
        ++p;
      }
    }
    if (p < end_ && *p == '\n') {
      ++p;
      if (frame.kind == Frame::kHeredoc && frame.line_start && TakeHeredocEnd(p)) return;
      Emit(TokenType::kText, at_, p);
      at_ = p;
      frame.line_start = true;
      return;
    }
    frame.line_start = false;
    if (p > at_) {
      Emit(TokenType::kText, at_, p);
      at_ = p;
    }
    if (at_ < end_) OpenSequence();
  }

  // Whether the line that ends at `line_end` is the marker that closes the heredoc.
  bool TakeHeredocEnd(const char* line_end) {
    std::string_view line(at_, line_end - at_);
    if (TrimSpaceLeft(TrimSpaceRight(line)) != frames_.back().marker) return false;
    size_t newline = line.size() >= 2 && line[line.size() - 2] == '\r' ? 2 : 1;
    Take(TokenType::kCloseHeredoc, line.size() - newline);
    Take(TokenType::kNewline, newline);
    frames_.pop_back();
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::vector<Token> tokens_;
  std::vector<Frame> frames_;
};

}  // namespace

std::vector<Token> Scan(std::string_view text, ScanMode mode) {
  ASSERT(text.size() <= kTextBytesMax);
  return Scanner(text, mode).Run();
}

int BracketChange(TokenType type) {
  switch (type) {
    case TokenType::kOpenBrace:
    case TokenType::kOpenBracket:
    case TokenType::kOpenParen:
    case TokenType::kOpenInterpolation:
    case TokenType::kOpenDirective:
      return 1;
    case TokenType::kCloseBrace:
    case TokenType::kCloseBracket:
    case TokenType::kCloseParen:
    case TokenType::kCloseSequence:
      return -1;
    default:
      return 0;
  }
}

}  // namespace andon::hcl
