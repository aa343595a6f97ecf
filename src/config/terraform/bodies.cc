// Bodies that no file holds as such: what meta-arguments leave over, with the content of
// a "_" block, and with the overrides merged in.
#include <algorithm>
#include <set>

#include "config/terraform/decoder.h"
#include "config/terraform/report.h"

namespace andon::config {
namespace {

using hcl::Attribute;
using hcl::Block;
using hcl::Body;

Body Made(hcl::Arena* arena, Body like, const std::vector<Attribute>& attributes,
          const std::vector<Block>& blocks) {
  like.attributes = arena->Copy(attributes.data(), attributes.size());
  like.blocks = arena->Copy(blocks.data(), blocks.size());
  return like;
}

// The block type that a block makes: a dynamic one makes those of its label.
std::string_view Makes(const Block& block) {
  return block.type == "dynamic" && !block.labels.empty() ? block.labels[0].text : block.type;
}

}  // namespace

Body Decoder::Rest(const Body& body, const hcl::BodyContent& content) {
  if (content.other_attributes.size() == body.attributes.size() &&
      content.other_blocks.size() == body.blocks.size()) {
    return body;
  }
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;
  attributes.reserve(content.other_attributes.size());
  blocks.reserve(content.other_blocks.size());
  for (const Attribute* attribute : content.other_attributes) attributes.push_back(*attribute);
  for (const Block* block : content.other_blocks) blocks.push_back(*block);
  return Made(terraform_->arena.get(), body, attributes, blocks);
}

Body Decoder::WithEscaped(const Body& body, const Body& escaped) {
  std::vector<Attribute> attributes(body.attributes.begin(), body.attributes.end());
  std::vector<Block> blocks(body.blocks.begin(), body.blocks.end());
  for (const Attribute& attribute : escaped.attributes) {
    if (const Attribute* first = body.Find(attribute.name)) {
      Diagnostic d =
          Mistake(hcl::kDuplicateArgument, "Duplicate argument",
                  "This argument is set outside of the \"_\" block too.", attribute.name_range());
      d.labels.push_back({first->name_range(), "set here too"});
      diagnostics().Add(std::move(d));
      continue;
    }
    attributes.push_back(attribute);
  }
  blocks.insert(blocks.end(), escaped.blocks.begin(), escaped.blocks.end());
  return Made(terraform_->arena.get(), body, attributes, blocks);
}

// Arguments take the place of those of their name, and the blocks of a type the place of all
// blocks of that type. An argument of a JSON file may be a block: it does both.
Body Decoder::Overridden(const Body& base, const Body& by) {
  std::set<std::string_view> arguments;
  std::set<std::string_view> types;
  for (const Attribute& attribute : by.attributes) {
    arguments.insert(attribute.name);
    if (attribute.file->is_json()) types.insert(attribute.name);
  }
  for (const Block& block : by.blocks) types.insert(Makes(block));
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;
  for (const Attribute& attribute : base.attributes) {
    bool is_replaced = arguments.contains(attribute.name) ||
                       (attribute.file->is_json() && types.contains(attribute.name));
    if (!is_replaced) attributes.push_back(attribute);
  }
  for (const Block& block : base.blocks) {
    if (!types.contains(Makes(block))) blocks.push_back(block);
  }
  attributes.insert(attributes.end(), by.attributes.begin(), by.attributes.end());
  blocks.insert(blocks.end(), by.blocks.begin(), by.blocks.end());
  return Made(terraform_->arena.get(), base, attributes, blocks);
}

Body Decoder::Remaining(const Block& block, const hcl::BodyContent& content) {
  Body body = Rest(block.body, content);
  const Block* first = nullptr;
  for (const Block* inner : content.blocks) {
    if (inner->type != "_") continue;
    if (first != nullptr) {
      Twice("Duplicate escaping block", "A block has at most one \"_\" block.",
            inner->header_range(), first->header_range());
      continue;
    }
    first = inner;
    body = WithEscaped(body, inner->body);
  }
  return body;
}

void Decoder::SetBody(Body* body, Body read, bool is_override) {
  *body = is_override && body->file != nullptr ? Overridden(*body, read) : read;
}

}  // namespace andon::config
