// The syntax tree of an HCL text: File, Body, Attribute, Block, Expression.
//
// A File owns its text and all nodes of its tree, which lie in one arena; names
// and literals are views into the text wherever that is possible. Nodes hold
// byte offsets only; `Range` turns them into lines and columns. Everything is
// immutable after parsing and may be read by several threads.
//
//   auto parsed = ParseFile("main.tf", text);
//   for (const Block& block : parsed.file->body().blocks)
//     for (const Attribute& a : block.body.attributes)
//       Evaluate(a.expression(), context);
//
// Lifetime: Body, Attribute, Block, Expression and Traversal point into their
// File: keep its shared_ptr as long as any of them is used.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "hcl/arena.h"
#include "hcl/token.h"

namespace andon::hcl {

class File;
class JsonParts;  // json_parts.h

enum class ExprKind : uint8_t {
  kLiteral,
  kTemplate,
  kTemplateWrap,
  kTemplateJoin,
  kScopeTraversal,
  kRelativeTraversal,
  kCall,
  kConditional,
  kBinary,
  kUnary,
  kTuple,
  kObject,
  kFor,
  kSplat,
  kSplatItem,
  kIndex,
  kParentheses,
  kJsonText,
};

// The head of every expression node; the kind says which struct below it is.
struct Node {
  ExprKind kind = ExprKind::kLiteral;
  uint16_t height = 1;  // Of the tree under it; bounded, so that visitors may recurse.
  Span span;
};

template <typename T>
using List = std::span<const T>;
using NodeList = List<const Node*>;

enum class LiteralKind : uint8_t {
  kNull,
  kTrue,
  kFalse,
  kNumber,   // `text` is the number as written.
  kString,   // `text` is the decoded string, not yet normalized.
  kInvalid,  // Stands where nothing could be read; evaluates to unknown, silently.
};

struct LiteralNode : Node {
  LiteralKind literal = LiteralKind::kInvalid;
  std::string_view text;
};

// "a${b}c". Always at least one part.
struct TemplateNode : Node {
  NodeList parts;
};

// "${a}": the value of a, of whatever type.
struct TemplateWrapNode : Node {
  const Node* inner = nullptr;
};

// What %{ for } makes: the results of a for expression put together as text.
struct TemplateJoinNode : Node {
  const Node* inner = nullptr;
};

enum class StepKind : uint8_t {
  kAttribute,    // .name
  kIndexNumber,  // [0] or .0
  kIndexString,  // ["key"]
  kIndexOther,   // [true], [null]: literals that are no key of anything.
  kIndexInvalid,
};

struct Step {
  StepKind kind = StepKind::kAttribute;
  Span span;              // With the dot or the brackets.
  std::string_view text;  // The name, the number as written, or the decoded string.
};

// a.b[0].c
struct ScopeTraversalNode : Node {
  std::string_view root;
  Span root_span;
  List<Step> steps;
};

// f(x).a, (a).b: steps behind an expression that is no name.
struct RelativeTraversalNode : Node {
  const Node* source = nullptr;
  List<Step> steps;
};

struct CallNode : Node {
  std::string_view name;  // With namespaces: "provider::aws::f".
  NodeList arguments;
  bool expand_final = false;  // f(xs...)
  Span name_span;
  Span open_paren;
  Span close_paren;
};

struct ConditionalNode : Node {
  const Node* condition = nullptr;
  const Node* if_true = nullptr;
  const Node* if_false = nullptr;
};

enum class Operator : uint8_t {
  kOr,
  kAnd,
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterEqual,
  kLess,
  kLessEqual,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kNot,
  kNegate,
};

// Chains of operators hang to the left and may be long: visitors walk `left`
// in a loop (its height does not count).
struct BinaryNode : Node {
  Operator op = Operator::kAdd;
  const Node* left = nullptr;
  const Node* right = nullptr;
};

struct UnaryNode : Node {
  Operator op = Operator::kNot;
  Span symbol;
  const Node* operand = nullptr;
};

struct TupleNode : Node {
  NodeList items;
};

struct ObjectItem {
  const Node* key = nullptr;
  const Node* value = nullptr;
  bool parenthesized = false;  // {(a) = 1}: the key is evaluated, though it is a bare word.
};

struct ObjectNode : Node {
  List<ObjectItem> items;
};

struct ForNode : Node {
  bool is_object = false;
  bool group = false;
  std::string_view key_name;  // Empty where it is not asked for.
  std::string_view value_name;
  const Node* collection = nullptr;
  const Node* key = nullptr;  // Null for a tuple.
  const Node* value = nullptr;
  const Node* condition = nullptr;  // Null where there is no "if".
  Span open;
  Span close;
};

// a[*].b or a.*.b: `each` is evaluated for every element, which stands in it as
// the node `item`.
struct SplatNode : Node {
  const Node* source = nullptr;
  const Node* each = nullptr;
  const Node* item = nullptr;  // A node of kind kSplatItem.
  Span marker;
};

// a[b]
struct IndexNode : Node {
  const Node* collection = nullptr;
  const Node* key = nullptr;
  Span brackets;
};

struct ParenthesesNode : Node {
  const Node* inner = nullptr;
};

// A string of a JSON file that may be a template: a text of its own, parsed when it is read.
struct JsonTextNode : Node {
  std::string_view text;  // Decoded.
};

// The node as the struct that its kind names. Requires: that kind.
template <typename T>
const T& As(const Node& node) {
  return static_cast<const T&>(node);
}

// An expression of a file; cheap to copy.
class Expression {
 public:
  Expression() = default;
  Expression(const File* file, const Node* node) : file_(file), node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
  ExprKind kind() const { return node_->kind; }
  const Node& node() const { return *node_; }
  const File& file() const { return *file_; }
  SourceRange range() const;
  // The source text of it.
  std::string_view text() const;
  // Another node of the same file.
  Expression At(const Node* node) const { return {file_, node}; }

  bool operator==(const Expression&) const = default;

 private:
  const File* file_ = nullptr;
  const Node* node_ = nullptr;
};

// A reference to a name in scope with the steps behind it.
struct Traversal {
  const File* file = nullptr;
  std::string_view root;
  Span root_span;
  List<Step> steps;
  Span span;

  SourceRange range() const;
  // From the root up to and with the n-th step: Prefix(0) is the root alone.
  SourceRange PrefixRange(size_t steps_count) const;
  SourceRange StepRange(size_t index) const;
  // "a.b[0]", as written but for white space.
  std::string ToString() const;
};

struct Attribute {
  const File* file = nullptr;
  std::string_view name;
  Span name_span;
  Span equals_span;
  Span span;  // From the name to the end of the expression.
  const Node* value = nullptr;

  Expression expression() const { return {file, value}; }
  SourceRange range() const;
  SourceRange name_range() const;
};

struct BlockLabel {
  std::string_view text;  // Decoded.
  Span span;              // With the quotes.
  bool quoted = false;
};

struct Block;

struct Body {
  const File* file = nullptr;
  Span span;  // From the opening to the closing brace, or the whole file.
  Span end;   // Empty, where one more item could be written: for "missing" messages.
  // Each in the order of the source. Names of attributes are unique: one that is
  // written twice is reported, and the first stays.
  List<Attribute> attributes;
  List<Block> blocks;

  // Null where there is none.
  const Attribute* Find(std::string_view name) const;
  SourceRange range() const;
  SourceRange end_range() const;
};

struct Block {
  std::string_view type;
  Span type_span;
  List<BlockLabel> labels;
  Span open_brace;
  Span close_brace;
  Span span;  // From the type to the closing brace.
  Body body;

  SourceRange range() const;
  SourceRange type_range() const;
  SourceRange label_range(size_t index) const;
  // Type and labels: what a message about the block marks.
  SourceRange header_range() const;
};

// A text with its tree.
class File {
 public:
  // `start` is where the text begins in a larger one (a string in a JSON file).
  File(std::string filename, std::string text, SourcePos start = {});
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& filename() const { return filename_; }
  const std::string& text() const { return text_; }
  std::string_view Text(Span span) const {
    return std::string_view(text_).substr(span.begin, span.end - span.begin);
  }
  const Body& body() const { return body_; }
  // True for a JSON text: its bodies have attributes only, any of which may stand for blocks.
  bool is_json() const { return json_ != nullptr; }
  // Requires: is_json(). For the files of this folder.
  JsonParts& json() const { return *json_; }

  SourcePos Position(uint32_t offset) const;
  SourceRange Range(Span span) const;

 private:
  friend class Parser;
  friend class JsonParser;

  std::string filename_;
  std::string text_;
  SourcePos start_;
  std::shared_ptr<JsonParts> json_;  // Null: native syntax.
  std::vector<uint32_t> line_starts_;
  Arena arena_;
  Body body_;
};

}  // namespace andon::hcl
