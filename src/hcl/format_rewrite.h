// What `terraform fmt` rewrites beyond white space: a list of tokens before it is
// laid out. Used by format.cc only.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "hcl/token.h"

namespace andon::hcl {

struct Attribute;
struct Block;
struct Body;

struct FormatToken {
  TokenType type = TokenType::kEnd;
  uint32_t spaces = 0;  // Before it.
  std::string_view text;
  uint32_t offset = 0;  // In the source text.
};

class FormatRewrite {
 public:
  // Rewrites the tokens of `text`; nothing where it has syntax errors.
  // Lifetime: new tokens point into this object.
  void Run(std::string_view text, std::vector<FormatToken>& tokens);

 private:
  // Tokens [begin, end) become others.
  struct Edit {
    size_t begin = 0;
    size_t end = 0;
    std::vector<FormatToken> tokens;
  };

  void VisitBody(const Body& body, bool in_variable);
  void VisitLabels(const Block& block);
  void VisitValue(const Attribute& attribute, bool is_type);
  bool RewriteType(Edit& edit);
  bool UnwrapInterpolation(Edit& edit);
  size_t IndexAt(uint32_t offset) const;
  std::string_view Keep(std::string text);

  const std::vector<FormatToken>* tokens_ = nullptr;
  std::vector<Edit> edits_;
  std::deque<std::string> texts_;
};

}  // namespace andon::hcl
