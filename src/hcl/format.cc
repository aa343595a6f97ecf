#include "hcl/format.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/text.h"
#include "hcl/format_rewrite.h"
#include "hcl/token.h"

namespace andon::hcl {
namespace {

// More than any text that parses has; without a bound a text of braces alone would
// make an output of the square of its size.
constexpr size_t kIndentsMax = 1024;

bool EndsLine(const FormatToken& token) {
  return token.type == TokenType::kNewline ||
         (token.type == TokenType::kComment && token.text.ends_with('\n'));
}

// A line is up to three cells: what leads, the assignment from "=" on, and the
// comment at its end. The last two are aligned with those of the lines around.
struct Line {
  size_t begin = 0;
  size_t assign = 0;   // Where the assignment begins; == comment where there is none.
  size_t comment = 0;  // Where the comment begins; == end where there is none.
  size_t end = 0;

  bool has_assign() const { return assign < comment; }
  bool has_comment() const { return comment < end; }
};

bool IsWord(const FormatToken& token, std::string_view word) {
  return token.type == TokenType::kIdentifier && token.text == word;
}

bool IsTemplateText(TokenType type) {
  return type == TokenType::kQuotedText || type == TokenType::kText;
}

// Whether a minus behind a token of this type negates what follows it.
bool IsNegationAfter(TokenType before) {
  switch (before) {
    case TokenType::kEnd:  // Nothing stands before it.
    case TokenType::kOpenParen:
    case TokenType::kOpenBrace:
    case TokenType::kOpenBracket:
    case TokenType::kEqual:
    case TokenType::kColon:
    case TokenType::kComma:
    case TokenType::kQuestion:
    case TokenType::kPlus:
    case TokenType::kStar:
    case TokenType::kSlash:
    case TokenType::kPercent:
    case TokenType::kMinus:
    case TokenType::kEqualEqual:
    case TokenType::kNotEqual:
    case TokenType::kGreater:
    case TokenType::kGreaterEqual:
    case TokenType::kLess:
    case TokenType::kLessEqual:
    case TokenType::kAnd:
    case TokenType::kOr:
    case TokenType::kBang:
      return true;
    default:
      return false;
  }
}

bool OpensSequence(TokenType type) {
  return type == TokenType::kOpenInterpolation || type == TokenType::kOpenDirective;
}

// Whether a space stands between `token` and `next`; `before` and `behind` are what
// stands on both sides of them in the cell (kEnd for nothing). The order counts.
bool IsSpaced(TokenType before, const FormatToken& token, const FormatToken& next,
              TokenType behind) {
  const TokenType a = token.type;
  const TokenType b = next.type;
  // "1 .2" would become another number. (Terraform does that.)
  if (a == TokenType::kNumber && b == TokenType::kDot && behind == TokenType::kNumber) return true;
  if (b == TokenType::kNewline) return false;
  // Names stay together with what belongs to them: f(, a::b, a.b
  if (a == TokenType::kIdentifier && (b == TokenType::kOpenParen || b == TokenType::kDoubleColon)) {
    return false;
  }
  if (a == TokenType::kDoubleColon && b == TokenType::kIdentifier) return false;
  if (a == TokenType::kDot || b == TokenType::kDot) return false;
  if (b == TokenType::kComma || b == TokenType::kEllipsis) return false;
  if (a == TokenType::kComma) return true;
  // The text of templates is nobody's to change.
  if (IsTemplateText(a) || IsTemplateText(b) || a == TokenType::kOpenQuote ||
      a == TokenType::kOpenHeredoc || b == TokenType::kCloseQuote ||
      b == TokenType::kCloseHeredoc) {
    return false;
  }
  if (IsWord(token, "in") && before == TokenType::kIdentifier) return true;  // for x in [...]
  if (b == TokenType::kOpenBracket &&
      (a == TokenType::kIdentifier || a == TokenType::kNumber || BracketChange(a) < 0)) {
    return false;  // An index.
  }
  if (a == TokenType::kBang) return false;
  if (a == TokenType::kMinus) return !IsNegationAfter(before);
  if (a == TokenType::kOpenBrace || b == TokenType::kCloseBrace) {
    return !(a == TokenType::kOpenBrace && b == TokenType::kCloseBrace);  // { a = 1 } but {}
  }
  if (OpensSequence(a) && b == TokenType::kOpenBrace) return true;
  if (a == TokenType::kCloseBrace && b == TokenType::kCloseSequence) return true;
  if (a == TokenType::kCloseSequence && OpensSequence(b)) return false;
  if (BracketChange(a) > 0 || BracketChange(b) < 0) return false;
  return true;
}

class Formatter {
 public:
  explicit Formatter(std::vector<FormatToken>& tokens) : tokens_(tokens) { SplitLines(); }

  void Run() {
    Indent();
    for (const Line& line : lines_) {
      Space(line.begin, line.assign);
      if (line.has_assign()) {
        tokens_[line.assign].spaces = 1;
        Space(line.assign, line.comment);
      }
    }
    AlignAssignments();
    AlignComments();
  }

 private:
  void SplitLines() {
    size_t begin = 0;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (!EndsLine(tokens_[i]) && i + 1 < tokens_.size()) continue;
      lines_.push_back(MakeLine(begin, i + 1));
      begin = i + 1;
    }
  }

  Line MakeLine(size_t begin, size_t end) const {
    Line line{begin, end, end, end};
    if (end - begin > 1 && tokens_[end - 1].type == TokenType::kComment) line.comment = end - 1;
    line.assign = line.comment;
    for (size_t i = begin + 1; i < line.comment; ++i) {
      if (tokens_[i].type != TokenType::kEqual) continue;
      // A value that goes on over the next lines is not aligned.
      if (NetBrackets(i, line.comment) == 0) line.assign = i;
      break;
    }
    return line;
  }

  int NetBrackets(size_t from, size_t to) const {
    int net = 0;
    for (size_t i = from; i < to; ++i) net += BracketChange(tokens_[i].type);
    return net;
  }

  // What a line opens on balance indents the lines behind it by one step,
  // however many brackets that are.
  void Indent() {
    std::vector<int> open;
    for (const Line& line : lines_) {
      FormatToken& first = tokens_[line.begin];
      if (first.type == TokenType::kNewline) {
        first.spaces = 0;
        continue;
      }
      int net = 0;
      for (size_t i = line.begin; i < line.assign; ++i) {
        net += BracketChange(tokens_[i].type);
        if (tokens_[i].type == TokenType::kOpenHeredoc) break;
      }
      net += NetBrackets(line.assign, line.comment);
      for (int closed = -net; closed > 0 && !open.empty();) {
        if (closed < open.back()) {
          open.back() -= closed;
          break;
        }
        closed -= open.back();
        open.pop_back();
      }
      first.spaces = static_cast<uint32_t>(2 * std::min(open.size(), kIndentsMax));
      if (net > 0) open.push_back(net);
    }
  }

  void Space(size_t begin, size_t end) {
    TokenType before = TokenType::kEnd;
    for (size_t i = begin; i + 1 < end; ++i) {
      TokenType behind = i + 2 < end ? tokens_[i + 2].type : TokenType::kEnd;
      tokens_[i + 1].spaces = IsSpaced(before, tokens_[i], tokens_[i + 1], behind) ? 1 : 0;
      before = tokens_[i].type;
    }
  }

  static int64_t TextColumns(std::string_view text) {
    for (char c : text) {
      if (static_cast<unsigned char>(c) >= 0x80 || c == '\r') return GraphemeCount(text);
    }
    return static_cast<int64_t>(text.size());
  }

  int64_t Columns(size_t begin, size_t end) const {
    int64_t columns = 0;
    for (size_t i = begin; i < end; ++i)
      columns += tokens_[i].spaces + TextColumns(tokens_[i].text);
    return columns;
  }

  // Lines that follow one another and have the cell get it at one column.
  template <typename Has, typename Width, typename Cell>
  void Align(Has has, Width width, Cell cell) {
    std::vector<int64_t> widths;
    for (size_t i = 0; i < lines_.size();) {
      if (!has(lines_[i])) {
        ++i;
        continue;
      }
      size_t first = i;
      int64_t widest = 0;
      widths.clear();
      for (; i < lines_.size() && has(lines_[i]); ++i) {
        widths.push_back(width(lines_[i]));
        widest = std::max(widest, widths.back());
      }
      for (size_t line = first; line < i; ++line) {
        tokens_[cell(lines_[line])].spaces =
            static_cast<uint32_t>(widest - widths[line - first] + 1);
      }
    }
  }

  void AlignAssignments() {
    Align([](const Line& line) { return line.has_assign(); },
          [this](const Line& line) { return Columns(line.begin, line.assign); },
          [](const Line& line) { return line.assign; });
  }

  void AlignComments() {
    Align([](const Line& line) { return line.has_comment(); },
          [this](const Line& line) { return Columns(line.begin, line.comment); },
          [](const Line& line) { return line.comment; });
  }

  std::vector<FormatToken>& tokens_;
  std::vector<Line> lines_;
};

std::vector<FormatToken> FormatTokens(std::string_view text) {
  std::vector<FormatToken> tokens;
  std::vector<Token> scanned = Scan(text, ScanMode::kConfiguration);
  tokens.reserve(scanned.size());
  for (const Token& token : scanned) {
    // The newline of an open string comes again as a token of its own.
    if (token.type == TokenType::kEnd || token.type == TokenType::kQuotedNewline ||
        token.type == TokenType::kByteOrderMark) {
      continue;
    }
    tokens.push_back({token.type, 0,
                      text.substr(token.span.begin, token.span.end - token.span.begin),
                      token.span.begin});
  }
  return tokens;
}

}  // namespace

std::string Format(std::string_view text, const FormatOptions& options) {
  if (text.size() > kTextBytesMax) return std::string(text);
  std::vector<FormatToken> tokens = FormatTokens(text);
  size_t blanks_at_end =
      tokens.empty() ? text.size() : text.size() - tokens.back().offset - tokens.back().text.size();
  FormatRewrite rewrite;
  if (options.rewrite_legacy) rewrite.Run(text, tokens);
  Formatter(tokens).Run();
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const FormatToken& token : tokens) {
    out.append(token.spaces, ' ');
    out.append(token.text);
  }
  // Blanks at the very end, where the last line has no newline, stay, as they do
  // with terraform.
  out.append(blanks_at_end, ' ');
  return out;
}

}  // namespace andon::hcl
