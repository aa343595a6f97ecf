#include "yaml/scanner.h"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

namespace andon::yaml {
namespace {

void AppendUtf8(uint32_t rune, std::string& out) {
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xC0 | rune >> 6);
    out += static_cast<char>(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xE0 | rune >> 12);
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (rune & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | rune >> 18);
    out += static_cast<char>(0x80 | (rune >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (rune & 0x3F));
  }
}

// The lines of a block scalar put together. Folded, a break between two lines is a
// space and empty lines between them are breaks, unless one of the two is indented.
std::string BlockText(const std::vector<std::string>& lines, bool folded, char chomp,
                      bool last_has_break) {
  auto is_plain = [](const std::string& line) { return line[0] != ' ' && line[0] != '\t'; };
  std::string out;
  const std::string* previous = nullptr;
  size_t breaks = 0;
  for (const auto& line : lines) {
    if (line.empty()) {
      ++breaks;
      continue;
    }
    if (!previous) {
      out.append(breaks, '\n');
    } else if (folded && is_plain(*previous) && is_plain(line)) {
      out += breaks == 0 ? " " : std::string(breaks, '\n');
    } else {
      out.append(breaks + 1, '\n');
    }
    out += line;
    previous = &line;
    breaks = 0;
  }
  if (previous && chomp != '-' && last_has_break) out += '\n';
  if (chomp == '+') out.append(breaks, '\n');
  return out;
}

}  // namespace

// Whether a scalar with a ":" behind it stands here, on this line.
bool Scanner::AtImplicitKey() {
  size_t i = at_;
  if (Peek() == '"' || Peek() == '\'') {
    char quote = Peek();
    for (++i; i < text_.size() && !IsBreak(text_[i]); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        bool doubled = quote == '\'' && i + 1 < text_.size() && text_[i + 1] == quote;
        if (!doubled) break;
        ++i;
      }
    }
    if (i >= text_.size() || IsBreak(text_[i])) return false;
    ++i;
  } else if (Peek() == '*') {
    while (i < text_.size() && !IsBlank(text_[i]) && !IsBreak(text_[i])) ++i;
  } else {
    i = PlainEnd(at_, false);
  }
  while (i < text_.size() && IsBlank(text_[i])) ++i;
  return i < text_.size() && text_[i] == ':' &&
         (i + 1 >= text_.size() || IsBlank(text_[i + 1]) || IsBreak(text_[i + 1]));
}

// Where a plain scalar that begins at `from` ends on its line.
size_t Scanner::PlainEnd(size_t from, bool flow) const {
  size_t i = from;
  for (; i < text_.size() && !IsBreak(text_[i]); ++i) {
    char next = i + 1 < text_.size() ? text_[i + 1] : '\n';
    if (text_[i] == ':' && (IsBlank(next) || IsBreak(next))) break;
    if (text_[i] == '#' && i > from && IsBlank(text_[i - 1])) break;
    if (flow && IsFlowIndicator(text_[i])) break;
  }
  while (i > from && IsBlank(text_[i - 1])) --i;
  return i;
}

// A line break inside a scalar: one is a space, more are one less of themselves.
void Scanner::Fold(std::string& out) {
  while (!out.empty() && IsBlank(out.back())) out.pop_back();
  int breaks = 0;
  while (!AtEnd() && (IsBreak(Peek()) || IsBlank(Peek()))) {
    breaks += Peek() == '\n' ? 1 : 0;
    ++at_;
  }
  out += breaks == 1 ? " " : std::string(static_cast<size_t>(std::max(breaks - 1, 0)), '\n');
}

Result<std::string> Scanner::Plain(int parent, bool flow) {
  std::string out;
  while (true) {
    size_t end = PlainEnd(at_, flow);
    out += text_.substr(at_, end - at_);
    at_ = end;
    size_t line_end = at_;
    while (line_end < text_.size() && IsBlank(text_[line_end])) ++line_end;
    if (line_end >= text_.size() || !IsBreak(text_[line_end])) break;
    // Does it go on in a later line?
    size_t before = at_;
    std::string folded = out;
    Fold(folded);
    bool goes_on = !AtEnd() && Column() > parent && Peek() != '#' && !AtDocumentEnd();
    if (goes_on && !flow && AtImplicitKey()) return Wrong("mapping values are not allowed here");
    bool flow_end = flow && (IsFlowIndicator(Peek()) || AtIndicator(':'));
    if (!goes_on || flow_end) {
      at_ = before;
      break;
    }
    out = std::move(folded);
  }
  return out;
}

Result<std::string> Scanner::SingleQuoted(int) {
  std::string out;
  for (++at_; !AtEnd();) {
    if (IsBreak(Peek())) {
      Fold(out);
    } else if (Peek() != '\'') {
      out += text_[at_++];
    } else if (Peek(1) == '\'') {
      out += '\'';
      at_ += 2;
    } else {
      ++at_;
      return out;
    }
  }
  return Wrong("the quote is not closed");
}

// What stands behind the backslash at `at_`.
Result<std::string> Scanner::Escape() {
  static constexpr std::string_view kFrom = "0abtnvfre \"/\\N_LP\t";
  static const std::string_view kTo[] = {std::string_view("\0", 1),
                                         "\a",
                                         "\b",
                                         "\t",
                                         "\n",
                                         "\v",
                                         "\f",
                                         "\r",
                                         "\x1b",
                                         " ",
                                         "\"",
                                         "/",
                                         "\\",
                                         "\xC2\x85",
                                         "\xC2\xA0",
                                         "\xE2\x80\xA8",
                                         "\xE2\x80\xA9",
                                         "\t"};
  char c = Peek(1);
  at_ += 2;
  size_t simple = kFrom.find(c);
  if (simple != std::string_view::npos) return std::string(kTo[simple]);
  size_t size = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  std::string_view hex = text_.substr(std::min(at_, text_.size()), size);
  bool digits = hex.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (size == 0 || hex.size() != size || !digits) return Wrong("unknown escape");
  at_ += size;
  auto rune = static_cast<uint32_t>(std::stoul(std::string(hex), nullptr, 16));
  if (rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000)) return Wrong("no such character");
  std::string out;
  AppendUtf8(rune, out);
  return out;
}

Result<std::string> Scanner::DoubleQuoted(int) {
  std::string out;
  for (++at_; !AtEnd();) {
    if (Peek() == '"') {
      ++at_;
      return out;
    }
    if (IsBreak(Peek())) {
      Fold(out);
    } else if (Peek() != '\\') {
      out += text_[at_++];
    } else if (IsBreak(Peek(1))) {
      // The break is joined away.
      at_ += Peek(1) == '\r' ? 3 : 2;
      SkipBlanks();
    } else {
      std::string escaped = TRY(Escape());
      out += escaped;
    }
  }
  return Wrong("the quote is not closed");
}

Result<std::string> Scanner::BlockScalar(int parent) {
  bool folded = Peek() == '>';
  char chomp = ' ';
  int indent = -1;
  for (++at_; !AtEnd() && !IsBreak(Peek()) && !IsBlank(Peek()); ++at_) {
    if (Peek() == '-' || Peek() == '+') {
      chomp = Peek();
    } else if (Peek() >= '1' && Peek() <= '9') {
      indent = std::max(parent, 0) + (Peek() - '0');
    } else {
      return Wrong("a block scalar's head is | or > with - or + and a digit");
    }
  }
  if (!AtLineEnd()) return Wrong("a comment or a line break is expected");
  // Without a digit the first line tells the indentation; it is at least one.
  int least = std::max(parent + 1, 1);
  std::vector<std::string> lines;
  bool last_has_break = true;
  while (!AtEnd()) {
    size_t start = at_ + (Peek() == '\r' ? 2 : 1);
    if (start >= text_.size()) {
      at_ = text_.size();
      break;
    }
    size_t content = start;
    while (content < text_.size() && text_[content] == ' ' &&
           (indent < 0 || content - start < static_cast<size_t>(indent))) {
      ++content;
    }
    bool empty = content >= text_.size() || IsBreak(text_[content]);
    auto column = static_cast<int>(content - start);
    if (!empty && indent < 0 && column >= least) indent = column;
    if (!empty && (column < indent || column < least)) break;
    size_t end = std::min(text_.find('\n', content), text_.size());
    std::string_view line = text_.substr(content, end - content);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(empty ? "" : line);
    if (!empty) last_has_break = end < text_.size();
    at_ = end;
  }
  return BlockText(lines, folded, chomp, last_has_break);
}

}  // namespace andon::yaml
