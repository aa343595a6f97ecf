// Parsing of HCL native syntax. It never fails: there is always a tree, partial
// where the text is wrong, and diagnostics that tell each mistake once.
//
// Thread: all functions are pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "hcl/ast.h"

namespace andon::hcl {

// Blocks and expressions nested deeper are refused (AN1002): it is a mistake or
// an attack, and the stack of whoever visits the tree is finite.
inline constexpr int kDepthMax = 256;

struct ParsedFile {
  std::shared_ptr<const File> file;  // Never null.
  Diagnostics diagnostics;
};

ParsedFile ParseFile(std::string filename, std::string text);

struct ParsedExpression {
  std::shared_ptr<const File> file;  // Never null; keep it as long as `expression`.
  Expression expression;             // Never empty.
  Diagnostics diagnostics;
};

// One expression and nothing else; newlines are allowed as inside parentheses.
// `start` is where the text stands in the file that messages name.
ParsedExpression ParseExpression(std::string text, std::string filename, SourcePos start = {});

// A bare template, as `templatefile` reads: text with ${ } and %{ }.
ParsedExpression ParseTemplate(std::string text, std::string filename, SourcePos start = {});

struct ParsedTraversal {
  std::shared_ptr<const File> file;
  std::optional<Traversal> traversal;  // Empty where there are errors.
  Diagnostics diagnostics;
};

// A reference with constant steps only: a.b["c"][0].
ParsedTraversal ParseTraversal(std::string text, std::string filename, SourcePos start = {});

// True for a name that needs no quotes: letters, digits, "_" and "-", beginning
// with a letter or "_", as Unicode TR 31 has it.
bool IsIdentifier(std::string_view text);

}  // namespace andon::hcl
