#include "hcl/format_rewrite.h"

#include <algorithm>

#include "hcl/parser.h"
#include "hcl/string_literal.h"

namespace andon::hcl {

void FormatRewrite::Run(std::string_view text, std::vector<FormatToken>& tokens) {
  ParsedFile parsed = ParseFile("", std::string(text));
  if (parsed.diagnostics.has_errors()) return;
  tokens_ = &tokens;
  VisitBody(parsed.file->body(), /*in_variable=*/false);
  if (edits_.empty()) return;
  std::sort(edits_.begin(), edits_.end(),
            [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::vector<FormatToken> rewritten;
  rewritten.reserve(tokens.size());
  size_t at = 0;
  for (const Edit& edit : edits_) {
    rewritten.insert(rewritten.end(), tokens.begin() + static_cast<ptrdiff_t>(at),
                     tokens.begin() + static_cast<ptrdiff_t>(edit.begin));
    rewritten.insert(rewritten.end(), edit.tokens.begin(), edit.tokens.end());
    at = edit.end;
  }
  rewritten.insert(rewritten.end(), tokens.begin() + static_cast<ptrdiff_t>(at), tokens.end());
  tokens = std::move(rewritten);
}

size_t FormatRewrite::IndexAt(uint32_t offset) const {
  auto it = std::lower_bound(
      tokens_->begin(), tokens_->end(), offset,
      [](const FormatToken& token, uint32_t wanted) { return token.offset < wanted; });
  return static_cast<size_t>(it - tokens_->begin());
}

std::string_view FormatRewrite::Keep(std::string text) {
  texts_.push_back(std::move(text));
  return texts_.back();
}

void FormatRewrite::VisitBody(const Body& body, bool in_variable) {
  for (const Attribute& attribute : body.attributes) {
    VisitValue(attribute, in_variable && attribute.name == "type");
  }
  for (const Block& block : body.blocks) {
    if (!block.labels.empty()) VisitLabels(block);
    bool is_top = body.span.begin == 0 && body.file != nullptr && &body == &body.file->body();
    VisitBody(block.body, is_top && block.type == "variable");
  }
}

// Labels are quoted, and nothing stands before or between them.
void FormatRewrite::VisitLabels(const Block& block) {
  Edit edit;
  edit.begin = IndexAt(block.type_span.end);
  edit.end = IndexAt(block.labels.back().span.end);
  for (const BlockLabel& label : block.labels) {
    edit.tokens.push_back({TokenType::kOpenQuote, 0, "\"", 0});
    if (!label.text.empty()) {
      edit.tokens.push_back({TokenType::kQuotedText, 0, Keep(EncodeQuoted(label.text)), 0});
    }
    edit.tokens.push_back({TokenType::kCloseQuote, 0, "\"", 0});
  }
  edits_.push_back(std::move(edit));
}

void FormatRewrite::VisitValue(const Attribute& attribute, bool is_type) {
  Edit edit;
  edit.begin = IndexAt(attribute.value->span.begin);
  edit.end = IndexAt(attribute.value->span.end);
  if (is_type ? RewriteType(edit) : UnwrapInterpolation(edit)) edits_.push_back(std::move(edit));
}

// The types of before Terraform 0.12: "string" is string; list is list(any),
// and "list", which took everything as text, is list(string).
bool FormatRewrite::RewriteType(Edit& edit) {
  const FormatToken* token = &(*tokens_)[edit.begin];
  std::string_view type;
  std::string_view element;
  if (edit.end - edit.begin == 1 && token[0].type == TokenType::kIdentifier) {
    type = token[0].text;
    if (type != "list" && type != "map" && type != "set") return false;
    element = "any";
  } else if (edit.end - edit.begin == 3 && token[0].type == TokenType::kOpenQuote &&
             token[1].type == TokenType::kQuotedText) {
    type = token[1].text;
    if (type == "list" || type == "map") {
      element = "string";
    } else if (type != "string") {
      return false;
    }
  } else {
    return false;
  }
  edit.tokens.push_back({TokenType::kIdentifier, 0, type, 0});
  if (!element.empty()) {
    edit.tokens.push_back({TokenType::kOpenParen, 0, "(", 0});
    edit.tokens.push_back({TokenType::kIdentifier, 0, element, 0});
    edit.tokens.push_back({TokenType::kCloseParen, 0, ")", 0});
  }
  return true;
}

// "${x}" as a whole is x, in parentheses where it goes over several lines.
bool FormatRewrite::UnwrapInterpolation(Edit& edit) {
  if (edit.end - edit.begin < 5) return false;
  auto first = tokens_->begin() + static_cast<ptrdiff_t>(edit.begin);
  auto last = tokens_->begin() + static_cast<ptrdiff_t>(edit.end) - 1;
  if (first->type != TokenType::kOpenQuote || first[1].type != TokenType::kOpenInterpolation ||
      last->type != TokenType::kCloseQuote || last[-1].type != TokenType::kCloseSequence) {
    return false;
  }
  first += 2;
  last -= 1;
  int quotes = 0;
  for (auto it = first; it != last; ++it) {
    if (it->type == TokenType::kOpenQuote) ++quotes;
    if (it->type == TokenType::kCloseQuote) --quotes;
    if (quotes > 0) continue;
    // More than one interpolation, or text beside it.
    if (it->type == TokenType::kOpenInterpolation || it->type == TokenType::kCloseSequence ||
        it->type == TokenType::kQuotedText) {
      return false;
    }
  }
  while (first != last && first->type == TokenType::kNewline) ++first;
  while (first != last && last[-1].type == TokenType::kNewline) --last;
  if (first == last) return false;
  bool several_lines = std::any_of(
      first, last, [](const FormatToken& token) { return token.type == TokenType::kNewline; });
  bool parenthesized =
      first->type == TokenType::kOpenParen && last[-1].type == TokenType::kCloseParen;
  edit.tokens.assign(first, last);
  if (several_lines && !parenthesized) {
    edit.tokens.insert(edit.tokens.begin(), {TokenType::kOpenParen, 0, "(", 0});
    edit.tokens.push_back({TokenType::kCloseParen, 0, ")", 0});
  }
  return true;
}

}  // namespace andon::hcl
