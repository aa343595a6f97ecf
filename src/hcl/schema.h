// Reading a body by a schema: which attributes and blocks may stand in it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "hcl/ast.h"

namespace andon::hcl {

struct AttributeSchema {
  std::string name;
  bool required = false;
};

struct BlockSchema {
  std::string type;
  std::vector<std::string> label_names;  // One label for each is required.
};

struct BodySchema {
  std::vector<AttributeSchema> attributes;
  std::vector<BlockSchema> blocks;
};

// What a body holds of a schema. Blocks with a wrong number of labels are
// reported and left out. The rest is what the schema does not name.
struct BodyContent {
  std::map<std::string_view, const Attribute*, std::less<>> attributes;
  std::vector<const Block*> blocks;
  std::vector<const Attribute*> other_attributes;
  std::vector<const Block*> other_blocks;
  Diagnostics diagnostics;

  // Null where it is not set.
  const Attribute* Find(std::string_view name) const;
};

// Everything in the body must be named by the schema; what is not is reported,
// with the name that was probably meant.
BodyContent Content(const Body& body, const BodySchema& schema);

// What the schema does not name is left for another reader.
BodyContent PartialContent(const Body& body, const BodySchema& schema);

// For a body of free attributes, as `locals`: blocks are reported.
BodyContent JustAttributes(const Body& body);

}  // namespace andon::hcl
