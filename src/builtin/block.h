// One kind of block: its schema, and what only somebody who sees the whole project
// can check. One file each, one line in blocks.inc.
#pragma once

#include "base/diagnostics.h"
#include "builtin/project_view.h"
#include "config/schema.h"

namespace andon::builtin {

struct Block {
  config::BlockSchema schema;
  // The models' columns are known by then. Null: the schema says it all.
  void (*check)(const ProjectView& project, const Item& item, Diagnostics* diagnostics) = nullptr;
};

#define ANDON_BLOCK(name) const Block& name##Block();
#include "builtin/blocks.inc"
#undef ANDON_BLOCK

// All of them.
const std::vector<const Block*>& AllBlocks();

}  // namespace andon::builtin
