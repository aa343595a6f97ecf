#include <fmt/format.h>

#include <algorithm>

#include "hcl/parser_internal.h"

namespace andon::hcl {

// --- Tokens.

size_t Parser::PeekIndex() const {
  for (size_t i = next_;; ++i) {
    const Token& token = tokens_[i];
    switch (token.type) {
      case TokenType::kComment:
        if (newlines_ && file_.text_[token.span.end - 1] == '\n') return i;
        break;
      case TokenType::kNewline:
        if (newlines_) return i;
        break;
      case TokenType::kByteOrderMark:
        break;
      default:
        return i;
    }
  }
}

Token Parser::PeekFurther() const {
  Token token = tokens_[PeekIndex()];
  if (token.type == TokenType::kComment) token.type = TokenType::kNewline;
  return token;
}

Token Parser::Read() {
  if (tokens_[next_].type > TokenType::kComment && tokens_[next_].type < TokenType::kBitwise) {
    last_ = tokens_[next_].span;
    return tokens_[next_++];
  }
  size_t index = PeekIndex();
  Token token = tokens_[index];
  if (token.type == TokenType::kComment) token.type = TokenType::kNewline;
  next_ = token.type == TokenType::kEnd ? index : index + 1;
  last_ = token.span;
  return token;
}

bool Parser::PeekIsKeyword(std::string_view word) const {
  Token token = Peek();
  return token.type == TokenType::kIdentifier && Text(token) == word;
}

// --- Mistakes.

void Parser::Mistake(const Code& code, std::string detail, Span where) {
  if (!recovering_ && !muted_) Report(diagnostics_, code, std::move(detail), file_.Range(where));
}

void Parser::Fail(const Code& code, std::string detail, const Token& at) {
  // What the scanner could not read was reported with the tokens.
  if (at.type < TokenType::kBitwise) Mistake(code, std::move(detail), at.span);
  Recover();
}

void Parser::FailAt(const Code& code, std::string detail, Span where) {
  Mistake(code, std::move(detail), where);
  Recover();
}

// After an open string the lines behind it were read as parts of what the string
// stands in; they are read again, from the end of its line.
void Parser::Recover() {
  if (!recovering_ && muted_) {
    next_ = resume_at_;
    last_ = tokens_[next_ - 1].span;
    resuming_ = true;
  }
  recovering_ = true;
}

std::string Parser::Place(Span where) const {
  SourcePos pos = file_.Position(where.begin);
  return fmt::format("line {}, column {}", pos.line, pos.column);
}

// Tokens that are never valid, reported here so that the grammar need not know
// them. Of each kind only a few: where they come in crowds, the file is of
// another language.
void Parser::CheckTokens() {
  constexpr int kToldMax = 3;
  int told[static_cast<int>(TokenType::kInvalid) + 1] = {};
  for (const Token& token : tokens_) {
    if (token.type < TokenType::kBitwise) continue;
    int& count = told[static_cast<int>(token.type)];
    ++count;
    auto report = [&](const Code& code, std::string detail) {
      Report(diagnostics_, code, std::move(detail), file_.Range(token.span));
    };
    switch (token.type) {
      case TokenType::kBitwise: {
        if (count > kToldMax) break;
        char c = Text(token)[0];
        std::string hint = c == '&'   ? " For \"and\" write \"&&\"."
                           : c == '|' ? " For \"or\" write \"||\"."
                           : c == '~' ? " For \"not\" write \"!\"."
                                      : "";
        report(
            kUnsupportedOperator,
            fmt::format("There is no operator \"{}\": bits cannot be computed with.{}", c, hint));
        break;
      }
      case TokenType::kBacktick:
        // Only each first of a pair.
        if (count % 2 == 1 && count <= 2) {
          report(kInvalidCharacter,
                 "Backticks enclose nothing. For text over several lines write a heredoc: <<EOT, "
                 "the lines, EOT.");
        }
        break;
      case TokenType::kApostrophe:
        if (count % 2 == 1 && count <= 2 * kToldMax) {
          report(kInvalidCharacter, "Strings stand between double quotes (\"), not single ones.");
        }
        break;
      case TokenType::kSemicolon:
        if (count == 1) {
          report(kInvalidCharacter,
                 "Semicolons separate nothing. Put each argument and block on a line of its own, "
                 "and commas between the items of a list.");
        }
        break;
      case TokenType::kQuotedNewline:
        break;  // The parser knows better whether a quote or a brace is missing.
      case TokenType::kBadUtf8:
        if (count == 1) {
          report(kBadEncoding, "Files must be UTF-8. Save this one with that encoding.");
        }
        break;
      case TokenType::kByteOrderMark:
        break;  // Some editors write one at the start of a file; it says nothing.
      default: {
        if (count > kToldMax) break;
        std::string_view text = Text(token);
        if (text.starts_with("/*")) {
          report(kUnterminatedString, "This comment has no closing \"*/\".");
        } else if (text == "\u201C" || text == "\u201D") {
          report(kInvalidCharacter,
                 "Strings stand between straight quotes (\"). Curly ones come from word processors "
                 "and web pages.");
        } else {
          report(kInvalidCharacter, "The language does not use this character here.");
        }
      }
    }
  }
}

namespace {

TokenType Opening(TokenType close) {
  switch (close) {
    case TokenType::kCloseBrace:
      return TokenType::kOpenBrace;
    case TokenType::kCloseBracket:
      return TokenType::kOpenBracket;
    case TokenType::kCloseParen:
      return TokenType::kOpenParen;
    case TokenType::kCloseQuote:
      return TokenType::kOpenQuote;
    case TokenType::kCloseHeredoc:
      return TokenType::kOpenHeredoc;
    case TokenType::kCloseSequence:
      return TokenType::kOpenInterpolation;
    default:
      return TokenType::kEnd;
  }
}

bool IsOpening(TokenType type) {
  switch (type) {
    case TokenType::kOpenBrace:
    case TokenType::kOpenBracket:
    case TokenType::kOpenParen:
    case TokenType::kOpenQuote:
    case TokenType::kOpenHeredoc:
    case TokenType::kOpenInterpolation:
    case TokenType::kOpenDirective:
      return true;
    default:
      return false;
  }
}

TokenType OpeningKind(TokenType open) {
  return open == TokenType::kOpenDirective ? TokenType::kOpenInterpolation : open;
}

// Brackets read while something is skipped, innermost last.
class Nesting {
 public:
  void Open(TokenType type) { open_.push_back(OpeningKind(type)); }
  bool empty() const { return open_.empty(); }
  // Closes the innermost that `type` fits, and those inside it that were left
  // open; false where none fits.
  bool Close(TokenType type) {
    TokenType wanted = Opening(type);
    auto it = std::find(open_.rbegin(), open_.rend(), wanted);
    if (it == open_.rend()) return false;
    open_.erase(std::next(it).base(), open_.end());
    return true;
  }

 private:
  std::vector<TokenType> open_;
};

}  // namespace

bool Parser::IsBlockHeadAt(size_t index) const {
  if (tokens_[index].type != TokenType::kIdentifier) return false;
  for (++index;; ++index) {
    switch (tokens_[index].type) {
      case TokenType::kIdentifier:
      case TokenType::kOpenQuote:
      case TokenType::kQuotedText:
      case TokenType::kCloseQuote:
        continue;
      case TokenType::kOpenBrace:
        return true;
      default:
        return false;
    }
  }
}

bool Parser::EndsLineAt(size_t index) const {
  const Token& token = tokens_[index];
  return token.type == TokenType::kNewline ||
         (token.type == TokenType::kComment && file_.text_[token.span.end - 1] == '\n');
}

// Whether what begins here was meant as an argument or block, sound or not: names
// and strings up to "=", "{", or a string that does not end.
bool Parser::IsItemAt(size_t index) const {
  if (tokens_[index].type != TokenType::kIdentifier) return false;
  for (++index;; ++index) {
    switch (tokens_[index].type) {
      case TokenType::kIdentifier:
      case TokenType::kOpenQuote:
      case TokenType::kQuotedText:
      case TokenType::kCloseQuote:
        continue;
      case TokenType::kOpenBrace:
      case TokenType::kEqual:
        return true;
      case TokenType::kQuotedNewline:
        return tokens_[index - 1].type == TokenType::kQuotedText;
      default:
        return false;
    }
  }
}

uint32_t Parser::SkipPast(TokenType close, bool stop_at_block) {
  recovering_ = true;
  if (resuming_) return last_.end;
  Nesting nesting;
  for (;; ++next_) {
    const Token& token = tokens_[next_];
    if (EndsLineAt(next_)) {
      // No expression holds the head of a block: the bracket was never closed.
      if (stop_at_block && IsBlockHeadAt(next_ + 1)) return last_.end;
      continue;
    }
    if (token.type == TokenType::kEnd) return token.span.begin;
    if (IsOpening(token.type)) {
      nesting.Open(token.type);
    } else if (Opening(token.type) != TokenType::kEnd) {
      if (!nesting.Close(token.type)) {
        if (token.type != close) return last_.end;  // It closes something outer.
        last_ = token.span;
        ++next_;
        return token.span.end;
      }
    }
    last_ = token.span;
  }
}

void Parser::SkipItem(bool one_line) {
  recovering_ = true;
  resuming_ = false;
  Nesting nesting;
  for (;; ++next_) {
    const Token& token = tokens_[next_];
    if (token.type == TokenType::kEnd) return;
    if (EndsLineAt(next_)) {
      if (nesting.empty() || IsBlockHeadAt(next_ + 1)) {
        if (!one_line) ++next_;
        return;
      }
    } else if (IsOpening(token.type)) {
      nesting.Open(token.type);
    } else if (Opening(token.type) != TokenType::kEnd) {
      bool closed = nesting.Close(token.type);
      // A brace that begins its line closes the block around, whatever the item
      // left open.
      bool closes_block = one_line || (next_ > 0 && EndsLineAt(next_ - 1));
      if (!closed && closes_block && token.type == TokenType::kCloseBrace) return;
    }
    last_ = token.span;
  }
}

}  // namespace andon::hcl
