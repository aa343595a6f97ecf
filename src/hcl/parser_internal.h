// The parser: one pass over the tokens, by recursive descent.
//
// After a mistake it is "recovering": it says nothing more until it finds the
// next argument or block that looks sound, so that one mistake is told once.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "hcl/ast.h"
#include "hcl/codes.h"
#include "hcl/parser.h"

namespace andon::hcl {

// Counts one level of recursion while it lives.
class Deeper {
 public:
  explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
  ~Deeper() { --depth_; }

 private:
  int& depth_;
};

template <typename T>
T NodeOf(ExprKind kind, Span span) {
  T node;
  node.kind = kind;
  node.span = span;
  return node;
}

inline constexpr char kUnterminatedDetail[] =
    "A quoted string must end on its line. Close it with a quote (\"); for text over several lines "
    "write \\n for each line end, or a heredoc (<<EOT).";

// The file of a text, empty where it is too large; and what is wrong where it is no UTF-8.
std::shared_ptr<File> MakeFile(std::string filename, std::string text, SourcePos start,
                               Diagnostics& diagnostics);
void CheckEncoding(const File& file, Diagnostics& diagnostics);

class Parser {
 public:
  Parser(File& file, ScanMode mode, Diagnostics& diagnostics);

  void ParseWholeBody();
  const Node* ParseWholeExpression();
  const Node* ParseWholeTemplate();
  std::optional<Traversal> ParseWholeTraversal();

 private:
  // --- Tokens (parser.cc).
  // The next token that counts: comments never do, newlines where they matter.
  // A comment that ends its line stands for the newline.
  Token Peek() const {
    const Token& token = tokens_[next_];
    // Nearly always the next token is one that counts whatever the mode.
    if (token.type > TokenType::kComment && token.type < TokenType::kBitwise) return token;
    return PeekFurther();
  }
  Token PeekFurther() const;
  size_t PeekIndex() const;
  Token Read();
  bool PeekIs(TokenType type) const { return Peek().type == type; }
  bool PeekIsKeyword(std::string_view word) const;
  std::string_view Text(const Token& token) const { return file_.Text(token.span); }

  // Newlines are white space while one of these lives, or matter again.
  class NewlineScope {
   public:
    NewlineScope(Parser& parser, bool matter) : parser_(parser), before_(parser.newlines_) {
      parser_.newlines_ = matter;
    }
    ~NewlineScope() { parser_.newlines_ = before_; }

   private:
    Parser& parser_;
    bool before_;
  };

  // --- Mistakes (parser.cc).
  // Reports unless recovering; does not disturb the parse.
  void Mistake(const Code& code, std::string detail, Span where);
  // Reports unless recovering or the scanner's token was reported, and recovers.
  void Fail(const Code& code, std::string detail, const Token& at);
  void FailAt(const Code& code, std::string detail, Span where);
  void Recover();
  void CheckTokens();
  // Skips to behind the closing token that matches one already read; stops
  // before the closing token of something outer and before what begins a block.
  // The end of what was skipped.
  uint32_t SkipPast(TokenType close, bool stop_at_block = true);
  // Skips to behind the end of the line, brackets balanced. In a block on one
  // line it stops before the closing brace.
  void SkipItem(bool one_line);
  bool EndsLineAt(size_t index) const;
  bool IsItemAt(size_t index) const;
  bool IsBlockHeadAt(size_t index) const;
  std::string Place(Span where) const;
  // From where `begin` begins to the end of what was read last.
  Span UpToLast(Span begin) const { return {begin.begin, std::max(begin.end, last_.end)}; }

  // --- Structure (parser.cc).
  void ParseBody(Body& body, Span open, bool top_level);
  void ParseItem(std::vector<Attribute>& attributes, std::vector<Block>& blocks, bool top_level);
  void AddAttribute(std::vector<Attribute>& attributes, Attribute attribute);
  Attribute ParseAttribute(const Token& name, bool one_line);
  void ParseBlock(const Token& type, Block& block);
  bool ParseBlockHead(const Token& type, Block& block);
  void ParseOneLineBody(Block& block);
  BlockLabel ParseLabel();

  // --- Expressions (parser_expression.cc).
  const Node* ParseExpression();
  const Node* ParseConditional();
  const Node* ParseBinary(int level);
  const Node* ParseTraversed();
  const Node* ParseSteps(const Node* from);
  const Node* ParseDotStep(const Node* from);
  const Node* ParseLegacySplat(const Node* from, const Token& dot);
  const Node* ParseBracketStep(const Node* from);
  const Node* ParseSplat(const Node* from, const Token& open);
  const Node* ParseTerm();
  const Node* ParseParentheses();
  const Node* ParseIdentifier();
  const Node* ParseUnary();
  const Node* ParseCall(const Token& name);
  std::string_view ParseCallName(const Token& name, Span* span);
  const Node* ParseTuple();
  const Node* ParseObject();
  void ParseObjectItem(const Token& open, std::vector<ObjectItem>& items);
  const Node* ParseFor(const Token& open, bool is_object);
  bool ParseForIntroduction(ForNode& node);
  void CheckNumber(const Token& token);
  bool ReadStepNumber(const Token& dot, Step* step);

  const Node* Literal(LiteralKind kind, Span span, std::string_view text = {});
  const Node* Invalid(Span span) { return Literal(LiteralKind::kInvalid, span); }
  const Node* AppendStep(const Node* from, Step step);
  void CloseTraversal();
  // Puts a node into the arena with its height, which must not exceed the bound.
  template <typename T>
  const Node* Finish(T node, std::initializer_list<const Node*> children, NodeList more = {});

  // --- Templates (parser_template.cc).
  struct Part {
    enum Kind : uint8_t { kLiteral, kInterpolation, kIf, kElse, kEndIf, kFor, kEndFor, kEnd };
    Kind kind = kLiteral;
    Span span;
    std::string text;            // Literal, decoded.
    bool view = false;           // Literal: the text is Text(span) itself.
    const Node* node = nullptr;  // Interpolation, condition, collection.
    std::string_view key_name;
    std::string_view value_name;
  };
  const Node* ParseQuoted();
  const Node* ParseHeredoc();
  const Node* ParseTemplateUntil(TokenType close, Span open, bool flush);
  std::vector<Part> ReadParts(TokenType close, Span open, Span* whole);
  void ReadLiteral(const Token& token, bool strip, std::vector<Part>& parts);
  void ReadInterpolation(const Token& open, TokenType close, std::vector<Part>& parts, bool* strip);
  void ReadDirective(const Token& open, std::vector<Part>& parts, bool* strip);
  void StripBefore(const Token& open, std::vector<Part>& parts) const;
  void ReadForDirective(Part& part);
  void Flush(std::vector<Part>& parts);
  void Meld(std::vector<Part>& parts);
  std::string_view LiteralText(const Part& part) const;
  const Node* BuildTemplate(std::vector<Part>& parts, Span span);
  const Node* BuildPart(std::vector<Part>& parts, size_t& at);
  const Node* BuildIf(std::vector<Part>& parts, size_t& at);
  const Node* BuildFor(std::vector<Part>& parts, size_t& at);
  const Node* BuildSequence(const std::vector<const Node*>& nodes, Span empty_at);

  File& file_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  size_t next_ = 0;       // The first token not read yet; comments may come first.
  Span last_;             // The token read last.
  bool newlines_ = true;  // Newlines matter.
  bool recovering_ = false;
  bool muted_ = false;     // An open string of this item was told; the rest may follow from it.
  size_t resume_at_ = 0;   // The end of the line of that string, where recovery begins.
  bool resuming_ = false;  // Recovery goes back there: nothing is to be skipped before.
  int depth_ = 0;
  std::vector<const Node*> scratch_;  // Lists under construction, one behind the other.
  // The traversal whose steps are still being read, and those steps.
  const Node* open_traversal_ = nullptr;
  std::vector<Step> open_steps_;
  // The names of a body with many attributes, and which body that is.
  std::unordered_map<std::string_view, size_t> names_;
  const void* names_of_ = nullptr;
};

template <typename T>
const Node* Parser::Finish(T node, std::initializer_list<const Node*> children, NodeList more) {
  uint16_t height = 0;
  for (const Node* child : children) {
    if (child != nullptr && child->height > height) height = child->height;
  }
  for (const Node* child : more) {
    if (child->height > height) height = child->height;
  }
  node.height = static_cast<uint16_t>(height + 1);
  // Twice the depth: chains of steps and indices grow without the parser nesting.
  if (node.height > 2 * kDepthMax) {
    FailAt(kTooDeep,
           "This expression is nested too deeply to be evaluated. Split it, for example with a "
           "local value for its inner part.",
           node.span);
    return Invalid(node.span);
  }
  return file_.arena_.New(node);
}

}  // namespace andon::hcl
