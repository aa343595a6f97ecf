#include "builtin/language.h"

#include "builtin/block.h"

namespace andon::builtin {

const std::vector<const Block*>& AllBlocks() {
  static const std::vector<const Block*> kBlocks = {
#define ANDON_BLOCK(name) &name##Block(),
#include "builtin/blocks.inc"
#undef ANDON_BLOCK
  };
  return kBlocks;
}

const config::Language& DataLanguage() {
  static const config::Language kLanguage = [] {
    std::vector<const config::BlockSchema*> schemas;
    for (const Block* block : AllBlocks()) schemas.push_back(&block->schema);
    return config::Language(std::move(schemas));
  }();
  return kLanguage;
}

}  // namespace andon::builtin
