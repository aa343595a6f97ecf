#include <fmt/format.h>

#include <algorithm>

#include "hcl/parser_internal.h"

namespace andon::hcl {

// --- What follows a term: attributes, indices, splats.

const Node* Parser::ParseSteps(const Node* from) {
  while (!recovering_) {
    TokenType next = Peek().type;
    if (next == TokenType::kDot) {
      from = ParseDotStep(from);
    } else if (next == TokenType::kOpenBracket) {
      from = ParseBracketStep(from);
    } else {
      break;
    }
  }
  return from;
}

// Constant steps that follow one another form one node.
const Node* Parser::AppendStep(const Node* from, Step step) {
  Span span = Join(from->span, step.span);
  if (from == open_traversal_) {
    // The node was made by this function or by ParseIdentifier just now, and
    // nobody else has it: its list may still grow in place.
    open_steps_.push_back(step);
    const_cast<Node*>(from)->span = span;
    return from;
  }
  CloseTraversal();
  open_steps_.assign(1, step);
  if (from->kind == ExprKind::kScopeTraversal) {
    const_cast<Node*>(from)->span = span;
    open_traversal_ = from;
    return from;
  }
  auto node = NodeOf<RelativeTraversalNode>(ExprKind::kRelativeTraversal, span);
  node.source = from;
  const Node* made = Finish(node, {from});
  if (made->kind == ExprKind::kRelativeTraversal) open_traversal_ = made;
  return made;
}

void Parser::CloseTraversal() {
  if (open_traversal_ == nullptr) return;
  auto steps = file_.arena_.Copy(open_steps_.data(), open_steps_.size());
  auto* node = const_cast<Node*>(open_traversal_);
  if (node->kind == ExprKind::kScopeTraversal) {
    static_cast<ScopeTraversalNode*>(node)->steps = steps;
  } else {
    static_cast<RelativeTraversalNode*>(node)->steps = steps;
  }
  open_traversal_ = nullptr;
}

const Node* Parser::ParseDotStep(const Node* from) {
  Token dot = Read();
  Token name = Peek();
  Step step;
  switch (name.type) {
    case TokenType::kIdentifier:
      Read();
      step.kind = StepKind::kAttribute;
      step.span = Join(dot.span, name.span);
      step.text = Text(name);
      return AppendStep(from, step);
    case TokenType::kNumber:
      if (!ReadStepNumber(dot, &step)) return from;
      return AppendStep(from, step);
    case TokenType::kStar:
      return ParseLegacySplat(from, dot);
    default:
      Fail(kInvalidStep, "A dot must be followed by the name of an attribute.",
           Token{name.type, name.type == TokenType::kNewline ? dot.span : name.span});
      return from;
  }
}

// The old way to write an index: a.0
bool Parser::ReadStepNumber(const Token& dot, Step* step) {
  Token number = Read();
  std::string_view text = Text(number);
  size_t point = text.find_first_not_of("0123456789");
  if (point != std::string_view::npos) {
    FailAt(kInvalidStep,
           fmt::format("\".{}\" reads as a fraction. Write indices in brackets, as in [{}][{}].",
                       text, text.substr(0, point), text.substr(point + 1)),
           number.span);
    return false;
  }
  step->kind = StepKind::kIndexNumber;
  step->span = Join(dot.span, number.span);
  step->text = text;
  return true;
}

// a.*.b: only attributes and numbers may follow.
const Node* Parser::ParseLegacySplat(const Node* from, const Token& dot) {
  CloseTraversal();
  Token star = Read();
  auto item = NodeOf<Node>(ExprKind::kSplatItem, Join(dot.span, star.span));
  auto splat = NodeOf<SplatNode>(ExprKind::kSplat, from->span);
  splat.source = from;
  splat.marker = item.span;
  splat.item = splat.each = file_.arena_.New(item);
  while (!recovering_ && PeekIs(TokenType::kDot)) {
    Token next_dot = Read();
    Token name = Peek();
    Step step;
    if (name.type == TokenType::kIdentifier) {
      Read();
      step.span = Join(next_dot.span, name.span);
      step.text = Text(name);
    } else if (name.type == TokenType::kNumber) {
      if (!ReadStepNumber(next_dot, &step)) break;
    } else {
      Fail(kInvalidStep,
           name.type == TokenType::kStar
               ? "A splat (.*) cannot follow another one. Write [*] for the second."
               : "A dot must be followed by the name of an attribute.",
           Token{name.type, name.type == TokenType::kNewline ? next_dot.span : name.span});
      break;
    }
    splat.each = AppendStep(splat.each, step);
  }
  CloseTraversal();
  splat.span.end = std::max(splat.marker.end, splat.each->span.end);
  return Finish(splat, {splat.source, splat.each});
}

const Node* Parser::ParseBracketStep(const Node* from) {
  Token open = Read();
  if (PeekIs(TokenType::kStar)) return ParseSplat(from, open);
  // Whatever stands in the brackets may hold traversals of its own.
  const Node* open_traversal = open_traversal_;
  std::vector<Step> open_steps;
  open_traversal_ = nullptr;
  open_steps.swap(open_steps_);

  const Node* key = nullptr;
  Token close;
  {
    NewlineScope newlines(*this, false);
    key = ParseExpression();
    if (!recovering_) {
      close = Peek();
      if (close.type != TokenType::kCloseBracket) {
        Fail(kUnclosedBracket, "The closing bracket (\"]\") of an index is expected here.", close);
      } else {
        Read();
      }
    }
    if (recovering_) SkipPast(TokenType::kCloseBracket);
  }
  CloseTraversal();
  open_traversal_ = open_traversal;
  open_steps.swap(open_steps_);
  Span brackets = UpToLast(open.span);
  if (key->kind == ExprKind::kLiteral && !recovering_) {
    const auto& literal = As<LiteralNode>(*key);
    Step step;
    step.span = brackets;
    step.text = literal.text;
    switch (literal.literal) {
      case LiteralKind::kNumber:
        step.kind = StepKind::kIndexNumber;
        break;
      case LiteralKind::kString:
        step.kind = StepKind::kIndexString;
        break;
      case LiteralKind::kInvalid:
        step.kind = StepKind::kIndexInvalid;
        break;
      default:
        step.kind = StepKind::kIndexOther;
        step.text = file_.Text(key->span);
    }
    return AppendStep(from, step);
  }
  CloseTraversal();
  auto node = NodeOf<IndexNode>(ExprKind::kIndex, Join(from->span, brackets));
  node.collection = from;
  node.key = key;
  node.brackets = brackets;
  return Finish(node, {from, key});
}

// a[*] with all the steps that follow.
const Node* Parser::ParseSplat(const Node* from, const Token& open) {
  CloseTraversal();
  Read();
  Token close = Peek();
  if (close.type != TokenType::kCloseBracket) {
    Fail(kInvalidStep, "The star of a splat must be followed by \"]\" at once: [*].", close);
    SkipPast(TokenType::kCloseBracket);
    return from;
  }
  Read();
  auto item = NodeOf<Node>(ExprKind::kSplatItem, Join(open.span, close.span));
  auto splat = NodeOf<SplatNode>(ExprKind::kSplat, from->span);
  splat.source = from;
  splat.marker = item.span;
  splat.item = file_.arena_.New(item);
  Deeper deeper(depth_);
  if (depth_ > kDepthMax) {
    FailAt(kTooDeep, fmt::format("Splats may follow one another {} times at most.", kDepthMax),
           splat.marker);
    return from;
  }
  splat.each = ParseSteps(splat.item);
  CloseTraversal();
  splat.span.end = splat.each->span.end;
  return Finish(splat, {splat.source, splat.each});
}

}  // namespace andon::hcl
