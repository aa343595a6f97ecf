#include "config/terraform/written_block.h"

#include <fmt/format.h>

#include "config/codes.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"

namespace andon::config {
namespace {

using hcl::Expression;
using provider::Nesting;

constexpr std::string_view kDynamic = "dynamic";
// A property of this name is a comment in every object that stands for a body.
constexpr std::string_view kJsonComment = "//";

// Reads the value of a JSON property that stands for blocks: objects, lists of them at
// every level, and between them one level of objects for each label.
class JsonBlocks {
 public:
  JsonBlocks(WrittenBlock pattern, size_t label_count, Diagnostics* diagnostics,
             std::vector<WrittenBlock>* to)
      : pattern_(std::move(pattern)),
        label_count_(label_count),
        diagnostics_(diagnostics),
        to_(to) {}

  void Add(Expression value) {
    if (auto items = hcl::AsList(value)) {
      for (Expression item : *items) Add(item);
      return;
    }
    auto properties = hcl::AsMap(value);
    if (!properties) {
      if (hcl::AsKeyword(value) == "null") return;
      Report(diagnostics_, kBlockForm,
             fmt::format("\"{}\" is a block: an object, or a list of objects, stands for it.",
                         pattern_.type),
             value.range());
      return;
    }
    if (labels_.size() < label_count_) {
      for (const hcl::StaticItem& property : *properties) {
        labels_.push_back(
            {.text = KeyText(property.key), .span = property.key.node().span, .quoted = true});
        Add(property.value);
        labels_.pop_back();
      }
      return;
    }
    AddBody(value, *properties);
  }

 private:
  void AddBody(Expression value, const std::vector<hcl::StaticItem>& properties) {
    auto json = std::make_shared<WrittenBlock::Json>();
    json->labels = labels_;
    for (const hcl::StaticItem& property : properties) {
      std::string_view name = KeyText(property.key);
      if (name == kJsonComment) continue;
      hcl::Span key = property.key.node().span;
      hcl::Span item = property.value.node().span;
      json->attributes.push_back({.file = &value.file(),
                                  .name = name,
                                  .name_span = key,
                                  .span = {key.begin, item.end},
                                  .value = &property.value.node()});
    }
    WrittenBlock block = pattern_;
    hcl::Span span = value.node().span;
    block.body = {.file = &value.file(),
                  .span = span,
                  .end = {span.end > 0 ? span.end - 1 : 0, span.end > 0 ? span.end - 1 : 0},
                  .attributes = json->attributes};
    block.labels = json->labels;
    block.json = std::move(json);
    if (block.is_dynamic) {
      block.type = block.labels[0].text;
      block.type_span = block.header = block.labels[0].span;
    }
    to_->push_back(std::move(block));
  }

  WrittenBlock pattern_;
  size_t label_count_;
  Diagnostics* diagnostics_;
  std::vector<WrittenBlock>* to_;
  std::vector<hcl::BlockLabel> labels_;
};

void AddJson(const hcl::Attribute& attribute, size_t label_count, Diagnostics* diagnostics,
             std::vector<WrittenBlock>* to) {
  WrittenBlock pattern{.type = attribute.name,
                       .file = attribute.file,
                       .type_span = attribute.name_span,
                       .header = attribute.name_span,
                       .is_dynamic = attribute.name == kDynamic};
  JsonBlocks(std::move(pattern), label_count, diagnostics, to).Add(attribute.expression());
}

WrittenBlock Native(const hcl::Block& block) {
  WrittenBlock written{.type = block.type,
                       .file = block.body.file,
                       .type_span = block.type_span,
                       .header = block.type_span,
                       .labels = block.labels,
                       .body = block.body};
  if (!block.labels.empty()) written.header.end = block.labels.back().span.end;
  return written;
}

void ReportDynamic(Diagnostics* to, std::string detail, SourceRange subject) {
  Report(to, kInvalidDynamic, std::move(detail), std::move(subject));
}

}  // namespace

std::string_view KeyText(Expression key) {
  if (auto text = hcl::AsStringLiteral(key)) return *text;
  return hcl::AsKeyword(key);
}

bool IsJson(const hcl::File* file) { return file != nullptr && file->is_json(); }

std::vector<WrittenBlock> WrittenBlocks(const hcl::Body& body, const provider::BlockSchema& schema,
                                        Diagnostics* diagnostics) {
  std::vector<WrittenBlock> written;
  for (const hcl::Attribute& attribute : body.attributes) {
    if (!IsJson(attribute.file) || schema.FindAttribute(attribute.name) != nullptr) continue;
    const provider::NestedBlock* nested = schema.FindBlock(attribute.name);
    if (nested != nullptr) {
      AddJson(attribute, nested->nesting == Nesting::kMap ? 1 : 0, diagnostics, &written);
    } else if (attribute.name == kDynamic) {
      AddJson(attribute, 1, diagnostics, &written);
    }
  }
  for (const hcl::Block& block : body.blocks) {
    WrittenBlock native = Native(block);
    if (block.type == kDynamic) {
      if (block.labels.size() != 1) continue;
      native.is_dynamic = true;
      native.type = block.labels[0].text;
      native.type_span = block.labels[0].span;
      native.labels = {};
    }
    written.push_back(std::move(native));
  }
  return written;
}

std::optional<DynamicBlock> ReadDynamic(const WrittenBlock& block, bool has_labels,
                                        Diagnostics* diagnostics) {
  DynamicBlock dynamic{.iterator = block.type};
  std::vector<WrittenBlock> contents;
  std::vector<hcl::Attribute> others;
  std::vector<hcl::Block> other_blocks;
  Expression iterator;
  for (const hcl::Attribute& attribute : block.body.attributes) {
    if (attribute.name == "for_each") {
      dynamic.for_each = attribute.expression();
    } else if (attribute.name == "iterator") {
      iterator = attribute.expression();
    } else if (attribute.name == "labels" && has_labels) {
      dynamic.labels = attribute.expression();
    } else if (attribute.name == "content" && IsJson(attribute.file)) {
      AddJson(attribute, 0, diagnostics, &contents);
    } else {
      others.push_back(attribute);
    }
  }
  for (const hcl::Block& inner : block.body.blocks) {
    if (inner.type == "content" && inner.labels.empty()) {
      contents.push_back(Native(inner));
    } else {
      other_blocks.push_back(inner);
    }
  }
  if (!others.empty() || !other_blocks.empty()) {
    hcl::Body rest = block.body;
    rest.attributes = others;
    rest.blocks = other_blocks;
    hcl::BodySchema known{.attributes = {{"for_each"}, {"iterator"}}, .blocks = {{"content"}}};
    if (has_labels) known.attributes.push_back({"labels"});
    diagnostics->Append(hcl::Content(rest, known).diagnostics);
    return std::nullopt;
  }
  if (!dynamic.for_each) {
    ReportDynamic(diagnostics,
                  "A dynamic block has the argument \"for_each\": one block for each element.",
                  block.header_range());
    return std::nullopt;
  }
  if (iterator) {
    dynamic.iterator = KeyText(iterator);
    if (dynamic.iterator.empty()) {
      ReportDynamic(diagnostics, "\"iterator\" is the name of a variable, written without quotes.",
                    iterator.range());
      return std::nullopt;
    }
  }
  if (has_labels && !dynamic.labels) {
    ReportDynamic(diagnostics,
                  fmt::format("Blocks of type \"{}\" have a label: say it in \"labels\", as in "
                              "labels = [{}.key].",
                              block.type, dynamic.iterator),
                  block.header_range());
    return std::nullopt;
  }
  if (contents.size() != 1) {
    ReportDynamic(diagnostics,
                  "A dynamic block has one block \"content\", which says what stands in each block "
                  "that it makes.",
                  contents.empty() ? block.header_range() : contents[1].header_range());
    return std::nullopt;
  }
  dynamic.content = std::move(contents[0]);
  return dynamic;
}

}  // namespace andon::config
