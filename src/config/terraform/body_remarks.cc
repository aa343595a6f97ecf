// What is to be said of a body beside what it decodes to.
#include <fmt/format.h>

#include "config/codes.h"
#include "config/terraform/body.h"
#include "config/terraform/written_block.h"
#include "provider/schema_values.h"

namespace andon::config {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using provider::NestedBlock;

void Warn(Diagnostics* to, std::string_view what, std::string_view name,
          const std::string& provider_says, SourceRange subject) {
  std::string detail = provider_says.empty()
                           ? fmt::format("The {} \"{}\" is deprecated by its provider.", what, name)
                           : provider_says;
  Diagnostic d = Message(kDeprecatedArgument, std::move(detail), std::move(subject));
  d.severity = Severity::kWarning;
  to->Add(std::move(d));
}

void AddDeprecated(const hcl::Body& body, const BlockSchema& schema, Diagnostics* to) {
  for (const hcl::Attribute& written : body.attributes) {
    const AttributeSchema* known = schema.FindAttribute(written.name);
    if (known != nullptr && known->deprecated)
      Warn(to, "argument", known->name, known->deprecation_message, written.name_range());
  }
  Diagnostics told_by_decoding;
  for (const WrittenBlock& block : WrittenBlocks(body, schema, &told_by_decoding)) {
    const NestedBlock* nested = schema.FindBlock(block.type);
    if (nested == nullptr) continue;
    if (nested->block.deprecated)
      Warn(to, "block", nested->name, nested->block.deprecation_message, block.header_range());
    if (!block.is_dynamic) {
      AddDeprecated(block.body, nested->block, to);
    } else if (auto dynamic = ReadDynamic(block, nested->nesting == provider::Nesting::kMap,
                                          &told_by_decoding)) {
      AddDeprecated(dynamic->content.body, nested->block, to);
    }
  }
}

// The attribute that the path is part of; null where that is a block.
const AttributeSchema* EnclosingAttribute(const BlockSchema& schema, value::Path* path) {
  std::vector<value::Step> steps = path->steps();
  while (!steps.empty()) {
    *path = value::Path(steps);
    if (const AttributeSchema* attribute = provider::AttributeAt(schema, *path)) return attribute;
    steps.pop_back();
  }
  return nullptr;
}

}  // namespace

Diagnostics DeprecationWarnings(const hcl::Body& body, const BlockSchema& schema) {
  Diagnostics warnings;
  AddDeprecated(body, schema, &warnings);
  return warnings;
}

Diagnostics CheckEphemeral(const hcl::Body& body, const BlockSchema& schema,
                           const value::Value& value) {
  Diagnostics errors;
  if (!value.deep_marks().Has(value::Mark::kEphemeral)) return errors;
  for (const value::PathMarks& marked : value::UnmarkDeepWithPaths(value).second) {
    if (!marked.marks.Has(value::Mark::kEphemeral)) continue;
    value::Path path = marked.path;
    const AttributeSchema* attribute = EnclosingAttribute(schema, &path);
    if (attribute != nullptr && attribute->write_only) continue;
    if (attribute == nullptr) path = marked.path;
    Report(&errors, kEphemeralStored,
           fmt::format("\"{}\" would be stored, and an ephemeral value never is: only arguments "
                       "that are write-only take one.",
                       attribute == nullptr ? ToString(path).substr(path.empty() ? 0 : 1)
                                            : attribute->name),
           RangeOf(body, path));
  }
  return errors;
}

}  // namespace andon::config
