// Scanner: a place in a YAML text that moves over white space, comments and scalars.
// What they mean together is the parser's affair.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/result.h"

namespace andon::yaml {

class Scanner {
 protected:
  explicit Scanner(std::string_view text) : text_(text) {}

  static bool IsBlank(char c) { return c == ' ' || c == '\t'; }
  static bool IsBreak(char c) { return c == '\n' || c == '\r'; }
  static bool IsFlowIndicator(char c) {
    return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
  }

  // --- Where we are ---
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }
  int Column() const { return static_cast<int>(at_ - LineStart()); }
  size_t LineStart() const {
    size_t start = text_.rfind('\n', at_ == 0 ? 0 : at_ - 1);
    if (at_ == 0 || start == std::string_view::npos) return 0;
    return start + 1;
  }
  Error Wrong(std::string_view what) const {
    auto line = std::count(text_.begin(),
                           text_.begin() + static_cast<long>(std::min(at_, text_.size())), '\n') +
                1;
    return Error::Invalid("on line {}, column {}: {}", line, Column() + 1, what);
  }

  // --- White space and comments ---
  void SkipBlanks() {
    while (!AtEnd() && IsBlank(Peek())) ++at_;
  }
  void SkipComment() {
    bool starts = at_ == 0 || IsBlank(text_[at_ - 1]) || IsBreak(text_[at_ - 1]);
    if (!AtEnd() && Peek() == '#' && starts) at_ = std::min(text_.find('\n', at_), text_.size());
  }
  void SkipToContent() {
    while (true) {
      SkipBlanks();
      SkipComment();
      if (AtEnd() || !IsBreak(Peek())) return;
      ++at_;
    }
  }
  bool AtLineEnd() {
    SkipBlanks();
    SkipComment();
    return AtEnd() || IsBreak(Peek());
  }
  bool AtMarker(std::string_view marker) const {
    bool here = text_.substr(at_).starts_with(marker) && at_ == LineStart();
    return here && (at_ + 3 >= text_.size() || IsBlank(Peek(3)) || IsBreak(Peek(3)));
  }
  bool AtDocumentEnd() const { return AtEnd() || AtMarker("---") || AtMarker("..."); }
  // Tabs have no width that all agree upon, so they cannot indent.
  bool AfterTab() const {
    auto before = text_.substr(LineStart(), at_ - LineStart());
    return before.find('\t') != std::string_view::npos &&
           before.find_first_not_of(" \t") == std::string_view::npos;
  }
  bool AtIndicator(char c) const { return Peek() == c && (IsBlank(Peek(1)) || IsBreak(Peek(1))); }

  // --- Scalars: they end behind what is read; kInvalid with line and column ---
  bool AtImplicitKey();
  Result<std::string> DoubleQuoted(int parent);
  Result<std::string> SingleQuoted(int parent);
  Result<std::string> Quoted(int parent) {
    return Peek() == '"' ? DoubleQuoted(parent) : SingleQuoted(parent);
  }
  Result<std::string> Plain(int parent, bool flow);
  Result<std::string> BlockScalar(int parent);
  Result<std::string> Escape();
  void Fold(std::string& out);
  size_t PlainEnd(size_t from, bool flow) const;

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace andon::yaml
