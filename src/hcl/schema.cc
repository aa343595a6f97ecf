#include "hcl/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hcl/codes.h"
#include "hcl/json_parts.h"

namespace andon::hcl {
namespace {

const BlockSchema* FindBlock(const BodySchema& schema, std::string_view type) {
  for (const BlockSchema& block : schema.blocks) {
    if (block.type == type) return &block;
  }
  return nullptr;
}

const AttributeSchema* FindAttribute(const BodySchema& schema, std::string_view name) {
  for (const AttributeSchema& attribute : schema.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

void Add(Diagnostics& to, const Code& code, std::string detail, SourceRange subject,
         std::string_view meant) {
  Diagnostic diagnostic;
  diagnostic.code = code.code;
  diagnostic.summary = code.summary;
  diagnostic.detail = std::move(detail);
  diagnostic.subject = std::move(subject);
  if (!meant.empty()) diagnostic.at_caret = fmt::format("did you mean \"{}\"?", meant);
  to.Add(std::move(diagnostic));
}

void ReportAttribute(const Attribute& attribute, const BodySchema& schema, Diagnostics& to) {
  if (FindBlock(schema, attribute.name) != nullptr) {
    return Add(
        to, kUnsupportedArgument,
        fmt::format("\"{0}\" is a block, not an argument: write \"{0} {{\" without the equals "
                    "sign.",
                    attribute.name),
        attribute.name_range(), {});
  }
  std::vector<std::string> names;
  for (const AttributeSchema& known : schema.attributes) names.push_back(known.name);
  Add(to, kUnsupportedArgument, fmt::format("There is no argument \"{}\" here.", attribute.name),
      attribute.name_range(), DidYouMean(attribute.name, names));
}

void ReportBlock(const Block& block, const BodySchema& schema, Diagnostics& to) {
  if (FindAttribute(schema, block.type) != nullptr) {
    return Add(to, kUnsupportedBlock,
               fmt::format("\"{0}\" is an argument, not a block: write \"{0} = ...\".", block.type),
               block.type_range(), {});
  }
  std::vector<std::string> types;
  for (const BlockSchema& known : schema.blocks) types.push_back(known.type);
  Add(to, kUnsupportedBlock, fmt::format("There is no block \"{}\" here.", block.type),
      block.type_range(), DidYouMean(block.type, types));
}

// Only a JSON body may have one twice: it cannot know what is a block.
void AddAttribute(const Attribute& attribute, BodyContent& content) {
  if (content.attributes.emplace(attribute.name, &attribute).second) return;
  Add(content.diagnostics, kDuplicateArgument,
      fmt::format("The argument \"{}\" is set already. An argument is set once in a block.",
                  attribute.name),
      attribute.name_range(), {});
}

bool CheckLabels(const Block& block, const BlockSchema& schema, Diagnostics& to) {
  size_t wanted = schema.label_names.size();
  if (block.labels.size() > wanted) {
    Add(to, kWrongLabels,
        wanted == 0 ? fmt::format("A \"{}\" block has no labels.", block.type)
                    : fmt::format("A \"{}\" block has {} only ({}).", block.type,
                                  Count(static_cast<int64_t>(wanted), "label"),
                                  andon::Join(schema.label_names, ", ")),
        block.label_range(wanted), {});
    return false;
  }
  if (block.labels.size() < wanted) {
    Add(to, kWrongLabels,
        fmt::format("A \"{}\" block has {} ({}); \"{}\" is missing before the brace.", block.type,
                    Count(static_cast<int64_t>(wanted), "label"),
                    andon::Join(schema.label_names, ", "), schema.label_names[block.labels.size()]),
        block.body.file->Range(block.open_brace), {});
    return false;
  }
  return true;
}

}  // namespace

const Attribute* BodyContent::Find(std::string_view name) const {
  auto it = attributes.find(name);
  return it == attributes.end() ? nullptr : it->second;
}

BodyContent PartialContent(const Body& body, const BodySchema& schema) {
  BodyContent content;
  for (const Attribute& attribute : body.attributes) {
    if (FindAttribute(schema, attribute.name) != nullptr) {
      AddAttribute(attribute, content);
    } else if (attribute.file->is_json() && FindBlock(schema, attribute.name) != nullptr) {
      size_t labels = FindBlock(schema, attribute.name)->label_names.size();
      const JsonParts::Blocks& made = attribute.file->json().BlocksOf(attribute, labels);
      for (const Block& block : made.blocks) content.blocks.push_back(&block);
      content.diagnostics.Append(made.diagnostics);
    } else {
      content.other_attributes.push_back(&attribute);
    }
  }
  for (const AttributeSchema& wanted : schema.attributes) {
    if (!wanted.required || content.Find(wanted.name) != nullptr) continue;
    Add(content.diagnostics, kMissingArgument,
        fmt::format("The argument \"{}\" is required here, but is not set.", wanted.name),
        body.end_range(), {});
  }
  for (const Block& block : body.blocks) {
    const BlockSchema* known = FindBlock(schema, block.type);
    if (known == nullptr) {
      content.other_blocks.push_back(&block);
    } else if (CheckLabels(block, *known, content.diagnostics)) {
      content.blocks.push_back(&block);
    }
  }
  return content;
}

BodyContent Content(const Body& body, const BodySchema& schema) {
  BodyContent content = PartialContent(body, schema);
  for (const Attribute* attribute : content.other_attributes) {
    ReportAttribute(*attribute, schema, content.diagnostics);
  }
  for (const Block* block : content.other_blocks) {
    ReportBlock(*block, schema, content.diagnostics);
  }
  return content;
}

BodyContent JustAttributes(const Body& body) {
  BodyContent content;
  for (const Attribute& attribute : body.attributes) AddAttribute(attribute, content);
  for (const Block& block : body.blocks) {
    content.other_blocks.push_back(&block);
    Add(content.diagnostics, kUnsupportedBlock,
        fmt::format("Only arguments may stand here, and \"{}\" is a block.", block.type),
        block.type_range(), {});
  }
  return content;
}

}  // namespace andon::hcl
