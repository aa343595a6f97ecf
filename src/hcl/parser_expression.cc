#include <fmt/format.h>

#include <algorithm>

#include "hcl/parser_internal.h"
#include "value/number.h"

namespace andon::hcl {
namespace {

constexpr std::string_view kDigits = "0123456789";

struct BinaryOperator {
  int level;  // 0 where it is none; higher binds tighter.
  Operator op;
};

BinaryOperator BinaryOperatorOf(TokenType type) {
  switch (type) {
    case TokenType::kOr:
      return {1, Operator::kOr};
    case TokenType::kAnd:
      return {2, Operator::kAnd};
    case TokenType::kEqualEqual:
      return {3, Operator::kEqual};
    case TokenType::kNotEqual:
      return {3, Operator::kNotEqual};
    case TokenType::kGreater:
      return {4, Operator::kGreater};
    case TokenType::kGreaterEqual:
      return {4, Operator::kGreaterEqual};
    case TokenType::kLess:
      return {4, Operator::kLess};
    case TokenType::kLessEqual:
      return {4, Operator::kLessEqual};
    case TokenType::kPlus:
      return {5, Operator::kAdd};
    case TokenType::kMinus:
      return {5, Operator::kSubtract};
    case TokenType::kStar:
      return {6, Operator::kMultiply};
    case TokenType::kSlash:
      return {6, Operator::kDivide};
    case TokenType::kPercent:
      return {6, Operator::kModulo};
    default:
      return {0, Operator::kOr};
  }
}

}  // namespace

const Node* Parser::ParseWholeExpression() {
  newlines_ = false;
  const Node* node = ParseExpression();
  Token end = Peek();
  if (end.type != TokenType::kEnd) {
    Fail(kExtraCharacters, "The expression is complete before this; remove the rest.", end);
  }
  return node;
}

std::optional<Traversal> Parser::ParseWholeTraversal() {
  const Node* node = ParseWholeExpression();
  if (recovering_) return std::nullopt;
  if (node->kind == ExprKind::kScopeTraversal) {
    const auto& scope = As<ScopeTraversalNode>(*node);
    return Traversal{&file_, scope.root, scope.root_span, scope.steps, scope.span};
  }
  FailAt(kInvalidStep,
         "A reference is expected: a name, then attributes (.name) and constant indices ([0] or "
         "[\"key\"]).",
         node->span);
  return std::nullopt;
}

const Node* Parser::Literal(LiteralKind kind, Span span, std::string_view text) {
  auto node = NodeOf<LiteralNode>(ExprKind::kLiteral, span);
  node.literal = kind;
  node.text = text;
  return file_.arena_.New(node);
}

const Node* Parser::ParseExpression() {
  Deeper deeper(depth_);
  if (depth_ > kDepthMax) {
    Token at = Peek();
    FailAt(
        kTooDeep,
        fmt::format("Expressions may be nested {} deep at most. Split this one, for example with "
                    "a local value for its inner part.",
                    kDepthMax),
        at.span);
    return Invalid({at.span.begin, at.span.begin});
  }
  const Node* node = ParseConditional();
  CloseTraversal();
  return node;
}

const Node* Parser::ParseConditional() {
  const Node* condition = ParseBinary(1);
  if (recovering_ || !PeekIs(TokenType::kQuestion)) return condition;
  Read();
  auto node = NodeOf<ConditionalNode>(ExprKind::kConditional, condition->span);
  node.condition = condition;
  node.if_true = ParseExpression();
  if (recovering_) return condition;
  Token colon = Peek();
  if (colon.type != TokenType::kColon) {
    Fail(kMissingSeparator,
         "A conditional has two results, separated by a colon: condition ? a : b. The colon is "
         "missing here.",
         colon);
    return condition;
  }
  Read();
  node.if_false = ParseExpression();
  if (recovering_) return condition;
  node.span.end = node.if_false->span.end;
  return Finish(node, {node.condition, node.if_true, node.if_false});
}

const Node* Parser::ParseBinary(int level_min) {
  const Node* left = ParseTraversed();
  while (!recovering_) {
    BinaryOperator found = BinaryOperatorOf(Peek().type);
    if (found.level < level_min) break;
    Read();
    const Node* right = ParseBinary(found.level + 1);
    if (recovering_) break;
    auto node = NodeOf<BinaryNode>(ExprKind::kBinary, Join(left->span, right->span));
    node.op = found.op;
    node.left = left;
    node.right = right;
    // Visitors walk a chain of operators in a loop, so it adds one level only.
    bool chain = left->kind == ExprKind::kBinary;
    auto height = static_cast<uint16_t>(left->height - (chain ? 1 : 0));
    left = Finish(node, {right});
    if (left->kind == ExprKind::kBinary && left->height < height + 1) {
      const_cast<Node*>(left)->height = static_cast<uint16_t>(height + 1);
    }
  }
  return left;
}

const Node* Parser::ParseTraversed() {
  const Node* term = ParseTerm();
  return recovering_ ? term : ParseSteps(term);
}

// --- Terms.

const Node* Parser::ParseTerm() {
  Token token = Peek();
  switch (token.type) {
    case TokenType::kIdentifier:
      return ParseIdentifier();
    case TokenType::kOpenQuote:
      return ParseQuoted();
    case TokenType::kNumber:
      Read();
      CheckNumber(token);
      return Literal(LiteralKind::kNumber, token.span, Text(token));
    case TokenType::kOpenBracket:
      return ParseTuple();
    case TokenType::kOpenBrace:
      return ParseObject();
    case TokenType::kOpenParen:
      return ParseParentheses();
    case TokenType::kMinus:
    case TokenType::kBang:
      return ParseUnary();
    case TokenType::kOpenHeredoc:
      return ParseHeredoc();
    case TokenType::kEnd:
      Fail(kInvalidExpression, "The text ends where an expression is expected.", token);
      break;
    case TokenType::kNewline:
      Fail(kInvalidExpression,
           "The line ends where an expression is expected. Put it on this line, or the whole into "
           "parentheses.",
           token);
      break;
    default:
      Fail(kInvalidExpression,
           fmt::format("An expression is expected here, and none begins with \"{}\".", Text(token)),
           token);
  }
  return Invalid({token.span.begin, token.span.begin});
}

const Node* Parser::ParseIdentifier() {
  Token name = Read();
  TokenType next = Peek().type;
  if (next == TokenType::kOpenParen || next == TokenType::kDoubleColon) return ParseCall(name);
  std::string_view text = Text(name);
  if (text == "true") return Literal(LiteralKind::kTrue, name.span);
  if (text == "false") return Literal(LiteralKind::kFalse, name.span);
  if (text == "null") return Literal(LiteralKind::kNull, name.span);
  auto node = NodeOf<ScopeTraversalNode>(ExprKind::kScopeTraversal, name.span);
  node.root = text;
  node.root_span = name.span;
  CloseTraversal();
  return file_.arena_.New(node);
}

void Parser::CheckNumber(const Token& token) {
  std::string_view text = Text(token);
  // Plain decimals are right as they stand; the rest is asked of Number.
  size_t integer = text.find_first_not_of(kDigits);
  if (integer == std::string_view::npos) return;
  if (text[integer] == '.' &&
      text.find_first_not_of(kDigits, integer + 1) == std::string_view::npos) {
    return;
  }
  if (value::Number::Parse(text).ok()) return;
  Mistake(kInvalidNumber,
          fmt::format("\"{}\" is no number. Write digits, perhaps a decimal point and an exponent: "
                      "12, 0.5, 1e6.",
                      text),
          token.span);
}

const Node* Parser::ParseUnary() {
  Token symbol = Read();
  Deeper deeper(depth_);
  auto node = NodeOf<UnaryNode>(ExprKind::kUnary, symbol.span);
  node.op = symbol.type == TokenType::kBang ? Operator::kNot : Operator::kNegate;
  node.symbol = symbol.span;
  if (depth_ > kDepthMax) {
    FailAt(kTooDeep, fmt::format("Operators may be nested {} deep at most.", kDepthMax),
           symbol.span);
    return Invalid(symbol.span);
  }
  node.operand = ParseTraversed();
  node.span.end = std::max(symbol.span.end, node.operand->span.end);
  return Finish(node, {node.operand});
}

const Node* Parser::ParseParentheses() {
  Token open = Read();
  NewlineScope newlines(*this, false);
  auto node = NodeOf<ParenthesesNode>(ExprKind::kParentheses, open.span);
  node.inner = ParseExpression();
  if (!recovering_) {
    Token close = Peek();
    if (close.type == TokenType::kCloseParen) {
      Read();
      node.span.end = close.span.end;
      return Finish(node, {node.inner});
    }
    if (close.type == TokenType::kEnd) {
      FailAt(kUnclosedBracket, "This parenthesis is never closed.", open.span);
    } else {
      Fail(kUnclosedBracket, "The closing parenthesis of the expression is expected here.", close);
    }
  }
  SkipPast(TokenType::kCloseParen);
  return node.inner;
}

// "f" or "provider::aws::f", up to the opening parenthesis; empty after a mistake.
std::string_view Parser::ParseCallName(const Token& name, Span* span) {
  *span = name.span;
  std::string joined;
  while (PeekIs(TokenType::kDoubleColon)) {
    Read();
    Token part = Peek();
    if (part.type != TokenType::kIdentifier) {
      Fail(kInvalidExpression, "The name of a function is expected after \"::\".", part);
      return {};
    }
    Read();
    if (joined.empty()) joined = Text(name);
    joined += "::";
    joined += Text(part);
    span->end = part.span.end;
  }
  if (!PeekIs(TokenType::kOpenParen)) {
    Fail(kInvalidExpression,
         "A name with \"::\" is a function's: its arguments in parentheses are "
         "expected here.",
         Peek());
    return {};
  }
  return joined.empty() ? Text(name) : file_.arena_.Copy(std::string_view(joined));
}

const Node* Parser::ParseCall(const Token& name) {
  auto node = NodeOf<CallNode>(ExprKind::kCall, name.span);
  node.name = ParseCallName(name, &node.name_span);
  if (recovering_) return Invalid(node.name_span);
  CloseTraversal();
  Token open = Read();
  node.open_paren = open.span;
  NewlineScope newlines(*this, false);
  size_t base = scratch_.size();
  while (!recovering_) {
    if (PeekIs(TokenType::kCloseParen)) {
      Read();
      break;
    }
    scratch_.push_back(ParseExpression());
    if (recovering_) break;
    Token next = Peek();
    if (next.type == TokenType::kComma) {
      Read();
    } else if (next.type == TokenType::kEllipsis) {
      Read();
      node.expand_final = true;
      if (!PeekIs(TokenType::kCloseParen)) {
        Fail(kUnclosedBracket,
             "Only the last argument can be expanded: \")\" is expected after \"...\".", Peek());
      }
    } else if (next.type == TokenType::kEnd) {
      FailAt(kUnclosedBracket, "The parenthesis of this function call is never closed.",
             Join(node.name_span, open.span));
    } else if (next.type != TokenType::kCloseParen) {
      Fail(kMissingSeparator,
           "Arguments of a function are separated by commas: one is missing here.", next);
    }
  }
  if (recovering_) SkipPast(TokenType::kCloseParen);
  node.close_paren = last_;
  node.span = UpToLast(node.span);
  node.arguments = file_.arena_.Copy(scratch_.data() + base, scratch_.size() - base);
  scratch_.resize(base);
  return Finish(node, {}, node.arguments);
}

const Node* Parser::ParseTuple() {
  Token open = Read();
  NewlineScope newlines(*this, false);
  if (PeekIsKeyword("for")) return ParseFor(open, /*is_object=*/false);
  auto node = NodeOf<TupleNode>(ExprKind::kTuple, open.span);
  size_t base = scratch_.size();
  while (!recovering_) {
    if (PeekIs(TokenType::kCloseBracket)) {
      Read();
      break;
    }
    scratch_.push_back(ParseExpression());
    if (recovering_) break;
    Token next = Peek();
    if (next.type == TokenType::kComma) {
      Read();
    } else if (next.type == TokenType::kEnd) {
      FailAt(kUnclosedBracket, "The bracket of this list is never closed.", open.span);
    } else if (next.type != TokenType::kCloseBracket) {
      Fail(kMissingSeparator, "Items of a list are separated by commas: one is missing here.",
           next);
    }
  }
  if (recovering_) SkipPast(TokenType::kCloseBracket);
  node.span = UpToLast(node.span);
  node.items = file_.arena_.Copy(scratch_.data() + base, scratch_.size() - base);
  scratch_.resize(base);
  return Finish(node, {}, node.items);
}

const Node* Parser::ParseObject() {
  Token open = Read();
  {
    NewlineScope newlines(*this, false);
    if (PeekIsKeyword("for")) return ParseFor(open, /*is_object=*/true);
  }
  NewlineScope newlines(*this, true);
  auto node = NodeOf<ObjectNode>(ExprKind::kObject, open.span);
  std::vector<ObjectItem> items;
  while (!recovering_) {
    TokenType next = Peek().type;
    if (next == TokenType::kNewline) {
      Read();
    } else if (next == TokenType::kCloseBrace) {
      Read();
      break;
    } else {
      ParseObjectItem(open, items);
    }
  }
  if (recovering_) SkipPast(TokenType::kCloseBrace);
  node.span = UpToLast(node.span);
  node.items = file_.arena_.Copy(items.data(), items.size());
  uint16_t height = 0;
  for (const ObjectItem& item : items) {
    height = std::max<uint16_t>({height, item.key->height, item.value->height});
  }
  Node tallest;
  tallest.height = height;
  return Finish(node, {&tallest});
}

void Parser::ParseObjectItem(const Token& open, std::vector<ObjectItem>& items) {
  ObjectItem item;
  item.parenthesized = PeekIs(TokenType::kOpenParen);
  item.key = ParseExpression();
  if (recovering_) return;
  Token next = Peek();
  if (next.type == TokenType::kEnd) {
    return FailAt(kUnclosedBracket, "The brace of this object is never closed.", open.span);
  }
  if (next.type != TokenType::kEqual && next.type != TokenType::kColon) {
    return Fail(kMissingSeparator,
                next.type == TokenType::kIdentifier || next.type == TokenType::kNumber
                    ? "An equals sign is expected between key and value. A key with dots or spaces "
                      "must be quoted."
                    : "An equals sign and a value are expected after the key of an object.",
                next);
  }
  Read();
  item.value = ParseExpression();
  items.push_back(item);
  if (recovering_) return;
  next = Peek();
  if (next.type == TokenType::kComma || next.type == TokenType::kNewline) {
    Read();
  } else if (next.type == TokenType::kEnd) {
    FailAt(kUnclosedBracket, "The brace of this object is never closed.", open.span);
  } else if (next.type != TokenType::kCloseBrace) {
    Fail(kMissingSeparator,
         "Items of an object are separated by commas or newlines: one is missing here.", next);
  }
}

// --- For expressions.

// "for" names "in"; false after a mistake.
bool Parser::ParseForIntroduction(ForNode& node) {
  Read();
  Token name = Peek();
  if (name.type != TokenType::kIdentifier) {
    Fail(kInvalidFor, "The name of a variable is expected after \"for\".", name);
    return false;
  }
  node.value_name = Text(Read());
  if (PeekIs(TokenType::kComma)) {
    Read();
    node.key_name = node.value_name;
    name = Peek();
    if (name.type != TokenType::kIdentifier) {
      Fail(kInvalidFor,
           "The name of a second variable, for the value, is expected after the comma.", name);
      return false;
    }
    node.value_name = Text(Read());
  }
  if (!PeekIsKeyword("in")) {
    Fail(kInvalidFor,
         "The word \"in\" and a collection are expected after the variables of \"for\".", Peek());
    return false;
  }
  Read();
  return true;
}

const Node* Parser::ParseFor(const Token& open, bool is_object) {
  NewlineScope newlines(*this, false);
  TokenType closing = is_object ? TokenType::kCloseBrace : TokenType::kCloseBracket;
  auto node = NodeOf<ForNode>(ExprKind::kFor, open.span);
  node.is_object = is_object;
  node.open = open.span;
  auto give_up = [&] {
    uint32_t end = SkipPast(closing);
    return Invalid({open.span.begin, std::max(end, open.span.end)});
  };
  if (!ParseForIntroduction(node)) return give_up();
  node.collection = ParseExpression();
  if (recovering_) return give_up();
  if (!PeekIs(TokenType::kColon)) {
    Fail(kInvalidFor, "A colon is expected after the collection of \"for\".", Peek());
    return give_up();
  }
  Read();
  node.value = ParseExpression();
  if (recovering_) return give_up();
  Token arrow = Peek();
  if (arrow.type == TokenType::kFatArrow) {
    Read();
    if (!is_object) {
      FailAt(kInvalidFor, "A key (=>) makes an object, which stands between braces: {for ...}.",
             arrow.span);
      return give_up();
    }
    node.key = node.value;
    node.value = ParseExpression();
    if (recovering_) return give_up();
  } else if (is_object) {
    FailAt(
        kInvalidFor,
        "An object needs a key for each value: {for ... : key => value}. For a list of values use "
        "brackets: [for ...].",
        node.value->span);
    return give_up();
  }
  if (PeekIs(TokenType::kEllipsis)) {
    Token ellipsis = Read();
    node.group = true;
    if (!is_object) {
      FailAt(kInvalidFor, "Only the values of an object can be grouped with \"...\".",
             ellipsis.span);
      return give_up();
    }
  }
  if (PeekIsKeyword("if")) {
    Read();
    node.condition = ParseExpression();
    if (recovering_) return give_up();
  }
  Token close = Peek();
  if (close.type != closing) {
    Fail(kInvalidFor,
         fmt::format("The \"for\" expression is complete before this: \"{}\" is expected.",
                     is_object ? "}" : "]"),
         close);
    return give_up();
  }
  Read();
  node.close = close.span;
  node.span = Join(open.span, close.span);
  return Finish(node, {node.collection, node.key, node.value, node.condition});
}

}  // namespace andon::hcl
