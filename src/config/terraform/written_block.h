// The blocks of a body in whatever form they are written: with braces, as attributes of
// a JSON file, or as `dynamic` blocks that make them.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "hcl/ast.h"
#include "provider/schema.h"

namespace andon::config {

bool IsJson(const hcl::File* file);

// Lifetime: as the file's tree, but for a JSON body, which `json` holds.
struct WrittenBlock {
  std::string_view type;  // Of a dynamic block: of the blocks that it makes.
  const hcl::File* file = nullptr;
  hcl::Span type_span;
  hcl::Span header;
  hcl::List<hcl::BlockLabel> labels;
  hcl::Body body;
  bool is_dynamic = false;

  struct Json {
    std::vector<hcl::Attribute> attributes;
    std::vector<hcl::BlockLabel> labels;
  };
  std::shared_ptr<const Json> json;

  SourceRange header_range() const { return file->Range(header); }
};

// In the order of the source. Of JSON only what the schema calls a block. A `dynamic`
// block that does not say of what is left out, and no JSON object for a block reported.
std::vector<WrittenBlock> WrittenBlocks(const hcl::Body& body, const provider::BlockSchema& schema,
                                        Diagnostics* diagnostics);

// What stands in a `dynamic` block.
struct DynamicBlock {
  hcl::Expression for_each;
  std::string_view iterator;  // The name of the variable for the element.
  hcl::Expression labels;     // Empty where blocks have none.
  WrittenBlock content;
};

// Empty, and reported, where it cannot make blocks. Requires: block.is_dynamic.
std::optional<DynamicBlock> ReadDynamic(const WrittenBlock& block, bool has_labels,
                                        Diagnostics* diagnostics);

// The name that the key of an object stands for; empty where that must be evaluated.
std::string_view KeyText(hcl::Expression key);

}  // namespace andon::config
