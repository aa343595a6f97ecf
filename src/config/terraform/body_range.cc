// Where the parts of a body's value are written.
#include "config/terraform/body.h"
#include "config/terraform/written_block.h"
#include "hcl/static_form.h"

namespace andon::config {
namespace {

using hcl::Expression;

std::optional<std::string> NameOf(const value::Step& step) {
  if (const auto* attribute = std::get_if<value::AttributeStep>(&step)) return attribute->name;
  const value::Value& key = std::get<value::IndexStep>(step).key;
  if (key.is_known_not_null() && key.type().is_string()) return key.string();
  return std::nullopt;
}

std::optional<size_t> IndexOf(const value::Step& step) {
  const auto* index = std::get_if<value::IndexStep>(&step);
  if (index == nullptr || !index->key.is_known_not_null() || !index->key.type().is_number())
    return std::nullopt;
  std::optional<int64_t> number = index->key.number().ToInt64();
  return number && *number >= 0 ? std::optional<size_t>(*number) : std::nullopt;
}

// Empty where the expression has no part for the step.
Expression PartOf(Expression expression, const value::Step& step) {
  if (auto name = NameOf(step)) {
    auto properties = hcl::AsMap(expression);
    if (!properties) return {};
    for (const hcl::StaticItem& property : *properties) {
      if (!property.parenthesized && KeyText(property.key) == *name) return property.value;
    }
    return {};
  }
  auto index = IndexOf(step);
  if (!index) return {};
  auto items = hcl::AsList(expression);
  if (!items) {
    // In JSON one object may stand for a list of one block.
    bool is_one = IsJson(&expression.file()) && *index == 0 && hcl::AsMap(expression);
    return is_one ? expression : Expression();
  }
  return *index < items->size() ? (*items)[*index] : Expression();
}

// As deep as the source tells.
SourceRange Inside(Expression expression, const std::vector<value::Step>& steps, size_t from) {
  for (size_t i = from; i < steps.size(); ++i) {
    Expression part = PartOf(expression, steps[i]);
    if (!part) break;
    expression = part;
  }
  return expression.range();
}

bool IsDynamicOf(const hcl::Block& block, std::string_view type) {
  return block.type == "dynamic" && block.labels.size() == 1 && block.labels[0].text == type;
}

const hcl::Block* ContentOf(const hcl::Block& dynamic) {
  for (const hcl::Block& inner : dynamic.body.blocks) {
    if (inner.type == "content") return &inner;
  }
  return &dynamic;
}

// Which of `blocks`, all of one type, the step leads to; null where the source does not
// tell. Behind a dynamic block only the last one of all can be told.
const hcl::Block* Choose(const std::vector<const hcl::Block*>& blocks, const value::Step& step) {
  if (blocks.size() == 1 && blocks[0]->type == "dynamic") return ContentOf(*blocks[0]);
  if (auto name = NameOf(step)) {
    const hcl::Block* dynamic = nullptr;
    for (const hcl::Block* block : blocks) {
      if (block->type == "dynamic") {
        if (dynamic != nullptr) return nullptr;
        dynamic = block;
      } else if (!block->labels.empty() && block->labels[0].text == *name) {
        return block;
      }
    }
    return dynamic == nullptr ? nullptr : ContentOf(*dynamic);
  }
  if (auto index = IndexOf(step)) {
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i]->type == "dynamic")
        return i + 1 == blocks.size() ? ContentOf(*blocks[i]) : nullptr;
      if (i == *index) return blocks[i];
    }
    return nullptr;
  }
  return blocks.size() == 1 ? blocks[0] : nullptr;
}

}  // namespace

SourceRange RangeOf(const hcl::Body& body, const value::Path& path) {
  if (body.file == nullptr) return {};
  const std::vector<value::Step>& steps = path.steps();
  const hcl::Body* current = &body;
  SourceRange known = body.range();
  for (size_t i = 0; i < steps.size();) {
    auto name = NameOf(steps[i++]);
    if (!name) return known;
    if (const hcl::Attribute* attribute = current->Find(*name))
      return Inside(attribute->expression(), steps, i);
    std::vector<const hcl::Block*> blocks;
    for (const hcl::Block& block : current->blocks) {
      if (block.type == *name || IsDynamicOf(block, *name)) blocks.push_back(&block);
    }
    if (blocks.empty()) return known;
    const hcl::Block* block = blocks[0];
    if (i < steps.size() && std::holds_alternative<value::IndexStep>(steps[i])) {
      block = Choose(blocks, steps[i++]);
      if (block == nullptr) return known;
    } else if (IsDynamicOf(*block, *name)) {
      block = ContentOf(*block);
    }
    known = block->header_range();
    current = &block->body;
  }
  return known;
}

}  // namespace andon::config
