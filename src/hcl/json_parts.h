// What is made of a JSON file on demand, once each, and kept by it: blocks, templates and
// expressions. Used inside of hcl only.
#pragma once

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "hcl/ast.h"
#include "hcl/parser.h"

namespace andon::hcl {

// The text of a string in a JSON file; empty where the node is no string.
bool IsJsonString(const Node& node, std::string_view* text);

class JsonParts {
 public:
  // Requires: a string of the file.
  const ParsedExpression& Template(const File& file, const Node& node);
  const ParsedExpression& Native(const File& file, const Node& node);

  struct Blocks {
    std::vector<Block> blocks;
    Diagnostics diagnostics;
  };
  // The blocks that a property stands for, with so many labels.
  const Blocks& BlocksOf(const Attribute& attribute, size_t labels);

  // The body of an object: its properties, in order.
  static Body BodyOf(const File& file, const ObjectNode& object, Arena* arena);

 private:
  void Collect(const Attribute& attribute, const Node& node, size_t labels_left,
               std::vector<BlockLabel>& labels, Blocks& out);

  std::mutex mutex_;  // Guards all of it. Entries of the maps stay where they are.
  std::map<const Node*, ParsedExpression> templates_;
  std::map<const Node*, ParsedExpression> natives_;
  std::map<std::pair<const Node*, size_t>, Blocks> blocks_;
  Arena arena_;
};

}  // namespace andon::hcl
