#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hcl/parser_internal.h"
#include "hcl/string_literal.h"
#include "hcl/unicode_class.h"

namespace andon::hcl {

const Node* Parser::ParseWholeTemplate() {
  return ParseTemplateUntil(TokenType::kEnd, {0, 0}, /*flush=*/false);
}

const Node* Parser::ParseQuoted() {
  Token open = Read();
  // Nearly all strings are plain text: no parts to put together.
  const Token& first = tokens_[next_];
  if (first.type == TokenType::kCloseQuote) {
    Read();
    return Literal(LiteralKind::kString, Join(open.span, first.span));
  }
  if (first.type == TokenType::kQuotedText && tokens_[next_ + 1].type == TokenType::kCloseQuote &&
      IsPlainText(Text(first), true)) {
    next_ += 2;
    last_ = tokens_[next_ - 1].span;
    return Literal(LiteralKind::kString, Join(open.span, last_), Text(first));
  }
  return ParseTemplateUntil(TokenType::kCloseQuote, open.span, /*flush=*/false);
}

const Node* Parser::ParseHeredoc() {
  Token open = Read();
  bool flush = Text(open).starts_with("<<-");
  return ParseTemplateUntil(TokenType::kCloseHeredoc, open.span, flush);
}

const Node* Parser::ParseTemplateUntil(TokenType close, Span open, bool flush) {
  Span whole = open;
  std::vector<Part> parts = ReadParts(close, open, &whole);
  if (flush) Flush(parts);
  Meld(parts);
  return BuildTemplate(parts, whole);
}

// --- Reading: tokens become parts.

std::vector<Parser::Part> Parser::ReadParts(TokenType close, Span open, Span* whole) {
  std::vector<Part> parts;
  bool strip = false;
  for (;;) {
    Token token = Peek();
    if (token.type == close) {
      Read();
      break;
    }
    bool strip_this = strip;
    strip = false;
    switch (token.type) {
      case TokenType::kQuotedText:
      case TokenType::kText:
        Read();
        ReadLiteral(token, strip_this, parts);
        break;
      case TokenType::kQuotedNewline:
        Read();
        Mistake(kUnterminatedString, kUnterminatedDetail, open);
        muted_ = true;           // What follows, a missing comma for one, may come from it.
        resume_at_ = next_ + 1;  // Behind the empty quote.
        break;
      case TokenType::kOpenInterpolation:
        Read();
        ReadInterpolation(token, close, parts, &strip);
        break;
      case TokenType::kOpenDirective:
        Read();
        ReadDirective(token, parts, &strip);
        break;
      default:
        FailAt(kUnterminatedString,
               close == TokenType::kCloseHeredoc
                   ? "This heredoc does not end. Its marker must stand alone on a line, with a "
                     "newline behind it."
                   : "This string has no closing quote.",
               open);
    }
    if (recovering_) {
      SkipPast(close);
      break;
    }
  }
  *whole = UpToLast(open);
  Part end;
  end.kind = Part::kEnd;
  end.span = close == TokenType::kEnd ? Span{last_.end, last_.end} : last_;
  parts.push_back(end);
  return parts;
}

void Parser::ReadLiteral(const Token& token, bool strip, std::vector<Part>& parts) {
  Part part;
  part.span = token.span;
  std::string_view text = Text(token);
  bool quoted = token.type == TokenType::kQuotedText;
  if (IsPlainText(text, quoted)) {
    if (strip) part.span.begin += text.size() - TrimSpaceLeft(text).size();
    part.view = true;
  } else {
    part.text = DecodeText(text, quoted, [&](std::string detail, Span where) {
      Mistake(kInvalidString, std::move(detail),
              {token.span.begin + where.begin, token.span.begin + where.end});
    });
    if (strip) part.text = std::string(TrimSpaceLeft(part.text));
  }
  parts.push_back(std::move(part));
}

std::string_view Parser::LiteralText(const Part& part) const {
  return part.view ? file_.Text(part.span) : std::string_view(part.text);
}

// ${~ and %{~ take the white space away that the text before them ends with.
void Parser::StripBefore(const Token& open, std::vector<Part>& parts) const {
  if (!Text(open).ends_with('~') || parts.empty() || parts.back().kind != Part::kLiteral) return;
  Part& before = parts.back();
  size_t size = TrimSpaceRight(LiteralText(before)).size();
  if (before.view) {
    before.span.end = before.span.begin + static_cast<uint32_t>(size);
  } else {
    before.text.resize(size);
  }
}

void Parser::ReadInterpolation(const Token& open, TokenType close, std::vector<Part>& parts,
                               bool* strip) {
  StripBefore(open, parts);
  NewlineScope newlines(*this, false);
  Part part;
  part.kind = Part::kInterpolation;
  part.node = ParseExpression();
  Token end = Peek();
  if (!recovering_ && end.type != TokenType::kCloseSequence) {
    bool unclosed = end.type == TokenType::kEnd || end.type == TokenType::kCloseHeredoc ||
                    (close == TokenType::kCloseQuote &&
                     (end.type == TokenType::kCloseQuote || end.type == TokenType::kOpenQuote));
    if (unclosed) {
      FailAt(
          kInvalidTemplate,
          "This \"${\" has no closing brace. For the characters \"${\" themselves write \"$${\".",
          open.span);
    } else {
      Fail(kInvalidTemplate,
           "The closing brace of \"${\" is expected here. If the text is for another language, "
           "write "
           "\"$${\" for its \"${\".",
           end);
    }
  }
  if (recovering_) {
    SkipPast(TokenType::kCloseSequence);
  } else {
    Read();
    *strip = Text(end).size() == 2;
  }
  part.span = UpToLast(open.span);
  parts.push_back(part);
}

void Parser::ReadDirective(const Token& open, std::vector<Part>& parts, bool* strip) {
  StripBefore(open, parts);
  NewlineScope newlines(*this, false);
  Part part;
  Token keyword = Peek();
  std::string_view word = keyword.type == TokenType::kIdentifier ? Text(keyword) : "";
  if (!word.empty()) Read();
  if (word == "if") {
    part.kind = Part::kIf;
    part.node = ParseExpression();
  } else if (word == "else") {
    part.kind = Part::kElse;
  } else if (word == "endif") {
    part.kind = Part::kEndIf;
  } else if (word == "for") {
    part.kind = Part::kFor;
    ReadForDirective(part);
  } else if (word == "endfor") {
    part.kind = Part::kEndFor;
  } else if (word.empty()) {
    Fail(kInvalidTemplate,
         "A directive begins with \"if\", \"else\", \"endif\", \"for\" or \"endfor\". For the "
         "characters \"%{\" themselves write \"%%{\".",
         keyword);
  } else {
    std::string meant = DidYouMean(word, {"if", "for", "else", "endif", "endfor"});
    Fail(kInvalidTemplate,
         fmt::format("There is no directive \"{}\".{}", word,
                     meant.empty() ? " For the characters \"%{\" themselves write \"%%{\"."
                                   : fmt::format(" Did you mean \"{}\"?", meant)),
         keyword);
  }
  Token end = Peek();
  if (!recovering_ && end.type != TokenType::kCloseSequence) {
    Fail(kInvalidTemplate,
         fmt::format("The closing brace of directive \"{}\" is expected here.", word), end);
  }
  if (recovering_) {
    SkipPast(TokenType::kCloseSequence);
  } else {
    Read();
    *strip = Text(end).size() == 2;
  }
  part.span = UpToLast(open.span);
  parts.push_back(part);
}

void Parser::ReadForDirective(Part& part) {
  for (int variables = 0;; ++variables) {
    Token name = Peek();
    if (name.type != TokenType::kIdentifier || variables == 2) {
      return Fail(kInvalidTemplate,
                  "The directive is: %{ for value in collection }, or %{ for key, "
                  "value in collection }.",
                  name);
    }
    Read();
    part.key_name = part.value_name;
    part.value_name = Text(name);
    if (!PeekIs(TokenType::kComma)) break;
    Read();
  }
  if (!PeekIsKeyword("in")) {
    return Fail(kInvalidTemplate,
                "The word \"in\" and a collection are expected after the variables of \"for\".",
                Peek());
  }
  Read();
  part.node = ParseExpression();
}

// --- Rewriting: <<- takes the common indentation away.

void Parser::Flush(std::vector<Part>& parts) {
  constexpr int64_t kNone = INT64_MAX;
  int64_t least = kNone;
  std::vector<Part*> leading;
  bool line_start = true;
  for (Part& part : parts) {
    if (line_start) {
      line_start = false;
      if (part.kind == Part::kEnd) break;
      int64_t spaces = 0;
      if (part.kind == Part::kLiteral) {
        std::string_view text = LiteralText(part);
        std::string_view rest = TrimSpaceLeft(text);
        if (rest.empty() && text.ends_with('\n')) {
          spaces = kNone;  // An empty line does not count.
        } else {
          spaces = GraphemeCount(text.substr(0, text.size() - rest.size()));
          leading.push_back(&part);
        }
      }
      least = std::min(least, spaces);
    }
    if (part.kind == Part::kLiteral && LiteralText(part).ends_with('\n')) line_start = true;
  }
  if (least == kNone || least == 0) return;
  for (Part* part : leading) {
    std::string_view text = LiteralText(*part);
    size_t bytes = 0;
    for (int64_t n = 0; n < least && bytes < text.size(); ++n) {
      bytes += DecodeCodePoint(text.substr(bytes)).length;
    }
    if (part->view) {
      part->span.begin += static_cast<uint32_t>(bytes);
    } else {
      part->text.erase(0, bytes);
    }
  }
}

// Joins literals that follow one another.
void Parser::Meld(std::vector<Part>& parts) {
  size_t kept = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (kept > 0 && parts[i].kind == Part::kLiteral && parts[kept - 1].kind == Part::kLiteral) {
      Part& before = parts[kept - 1];
      Part& part = parts[i];
      if (before.view && part.view && before.span.end == part.span.begin) {
        before.span.end = part.span.end;
        continue;
      }
      if (before.view) {
        before.text = std::string(file_.Text(before.span));
        before.view = false;
      }
      before.text += LiteralText(part);
      before.span.end = part.span.end;
      continue;
    }
    if (kept != i) parts[kept] = std::move(parts[i]);
    ++kept;
  }
  parts.resize(kept);
}

// --- Building: parts become nodes.

const Node* Parser::BuildTemplate(std::vector<Part>& parts, Span span) {
  if (parts.size() == 1) return Literal(LiteralKind::kString, span);
  if (parts.size() == 2 && parts[0].kind == Part::kLiteral) {
    std::string_view text =
        parts[0].view ? file_.Text(parts[0].span) : file_.arena_.Copy(LiteralText(parts[0]));
    return Literal(LiteralKind::kString, span, text);
  }
  if (parts.size() == 2 && parts[0].kind == Part::kInterpolation) {
    TemplateWrapNode wrap;
    wrap.kind = ExprKind::kTemplateWrap;
    wrap.span = span;
    wrap.inner = parts[0].node;
    return Finish(wrap, {wrap.inner});
  }
  size_t base = scratch_.size();
  size_t at = 0;
  while (parts[at].kind != Part::kEnd) scratch_.push_back(BuildPart(parts, at));
  TemplateNode node;
  node.kind = ExprKind::kTemplate;
  node.span = span;
  node.parts = file_.arena_.Copy(scratch_.data() + base, scratch_.size() - base);
  scratch_.resize(base);
  return Finish(node, {}, node.parts);
}

// The node for the part at `at`, and for what belongs to it; `at` moves behind.
const Node* Parser::BuildPart(std::vector<Part>& parts, size_t& at) {
  Part& part = parts[at];
  switch (part.kind) {
    case Part::kLiteral:
      ++at;
      return Literal(LiteralKind::kString, part.span,
                     part.view ? file_.Text(part.span) : file_.arena_.Copy(LiteralText(part)));
    case Part::kInterpolation:
      ++at;
      return part.node;
    case Part::kIf:
    case Part::kFor: {
      if (depth_ >= kDepthMax) {
        FailAt(kTooDeep, fmt::format("Directives may be nested {} deep at most.", kDepthMax),
               part.span);
        at = parts.size() - 1;
        return Invalid(part.span);
      }
      ++depth_;
      const Node* node = part.kind == Part::kIf ? BuildIf(parts, at) : BuildFor(parts, at);
      --depth_;
      return node;
    }
    default:
      ++at;
      Mistake(kInvalidTemplate,
              part.kind == Part::kEndFor ? "This \"endfor\" ends no \"for\"."
                                         : "This directive belongs to no \"if\".",
              part.span);
      return Invalid(part.span);
  }
}

const Node* Parser::BuildSequence(const std::vector<const Node*>& nodes, Span empty_at) {
  TemplateNode node;
  node.kind = ExprKind::kTemplate;
  if (nodes.empty()) {
    const Node* empty = Literal(LiteralKind::kString, empty_at);
    node.span = empty_at;
    node.parts = file_.arena_.Copy(&empty, 1);
  } else {
    node.span = Join(nodes.front()->span, nodes.back()->span);
    node.parts = file_.arena_.Copy(nodes.data(), nodes.size());
  }
  return Finish(node, {}, node.parts);
}

// if … else … endif is a conditional of two templates.
const Node* Parser::BuildIf(std::vector<Part>& parts, size_t& at) {
  Part& open = parts[at++];
  std::vector<const Node*> nodes;
  ConditionalNode node;
  node.kind = ExprKind::kConditional;
  node.condition = open.node;
  for (;;) {
    Part& part = parts[at];
    if (part.kind == Part::kElse && node.if_true == nullptr) {
      ++at;
      node.if_true = BuildSequence(nodes, {open.span.end, open.span.end});
      nodes.clear();
      continue;
    }
    if (part.kind == Part::kEndIf) {
      ++at;
      const Node* last = BuildSequence(nodes, {part.span.begin, part.span.begin});
      if (node.if_true == nullptr) {
        node.if_true = last;
        node.if_false = BuildSequence({}, {part.span.begin, part.span.begin});
      } else {
        node.if_false = last;
      }
      node.span = Join(open.span, part.span);
      if (node.condition == nullptr) return Invalid(node.span);
      return Finish(node, {node.condition, node.if_true, node.if_false});
    }
    if (part.kind == Part::kEnd || part.kind == Part::kElse || part.kind == Part::kEndFor) {
      if (part.kind != Part::kEnd) ++at;
      Mistake(kInvalidTemplate,
              part.kind == Part::kEnd ? "The template ends before the \"endif\" of this \"if\"."
              : part.kind == Part::kElse
                  ? fmt::format("The \"if\" at {} has an \"else\" already.", Place(open.span))
                  : fmt::format("An \"endif\" is expected first, for the \"if\" at {}.",
                                Place(open.span)),
              part.kind == Part::kEnd ? open.span : part.span);
      return Invalid(Join(open.span, part.span));
    }
    nodes.push_back(BuildPart(parts, at));
  }
}

// for … endfor is a for expression whose results are put together.
const Node* Parser::BuildFor(std::vector<Part>& parts, size_t& at) {
  Part& open = parts[at++];
  std::vector<const Node*> nodes;
  for (;;) {
    Part& part = parts[at];
    if (part.kind == Part::kEndFor) {
      ++at;
      ForNode node;
      node.kind = ExprKind::kFor;
      node.span = Join(open.span, part.span);
      node.open = open.span;
      node.close = part.span;
      node.key_name = open.key_name;
      node.value_name = open.value_name;
      node.collection = open.node;
      node.value = BuildSequence(nodes, {open.span.end, open.span.end});
      if (node.collection == nullptr) return Invalid(node.span);
      TemplateJoinNode join;
      join.kind = ExprKind::kTemplateJoin;
      join.span = node.span;
      join.inner = Finish(node, {node.collection, node.value});
      return Finish(join, {join.inner});
    }
    if (part.kind == Part::kEnd || part.kind == Part::kElse || part.kind == Part::kEndIf) {
      if (part.kind != Part::kEnd) ++at;
      Mistake(kInvalidTemplate,
              part.kind == Part::kEnd
                  ? std::string("The template ends before the \"endfor\" of this \"for\".")
                  : fmt::format("An \"endfor\" is expected first, for the \"for\" at {}.",
                                Place(open.span)),
              part.kind == Part::kEnd ? open.span : part.span);
      return Invalid(Join(open.span, part.span));
    }
    nodes.push_back(BuildPart(parts, at));
  }
}

}  // namespace andon::hcl
