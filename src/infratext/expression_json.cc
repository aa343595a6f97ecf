#include "infratext/expression_json.h"

#include <functional>

#include "hcl/eval.h"
#include "hcl/schema.h"
#include "infratext/value_json.h"
#include "value/display.h"

namespace andon::infratext {
namespace {

// Of a body that is nested deeper no schema speaks.
constexpr int kDepthMax = 64;

std::string StepText(const hcl::Step& step) {
  switch (step.kind) {
    case hcl::StepKind::kAttribute:
      return "." + std::string(step.text);
    case hcl::StepKind::kIndexString:
      return "[" + value::Quote(step.text) + "]";
    default:
      return "[" + std::string(step.text) + "]";
  }
}

bool IsIndex(const hcl::Step& step) { return step.kind != hcl::StepKind::kAttribute; }

// How the steps of a traversal divide: those that name the object, with the key of an instance
// among them, and the rest, which it reads.
struct Subject {
  size_t steps = 0;
  size_t without_key = 0;   // Less than `steps` where there is a key.
  size_t module_steps = 0;  // Of an output of a module: those that name the call; else 0.
};

Subject Divide(const hcl::Traversal& traversal) {
  const auto& steps = traversal.steps;
  auto is_index = [&](size_t i) { return i < steps.size() && IsIndex(steps[i]); };
  auto up_to = [&](size_t count) { return std::min(count, steps.size()); };
  std::string_view root = traversal.root;
  if (root == "self") return {};
  for (std::string_view name : {"var", "local", "each", "count", "path", "terraform", "tofu"}) {
    if (root == name) return {up_to(1), up_to(1)};
  }
  size_t name = root == "data" || root == "ephemeral" ? 2 : 1;
  size_t call = up_to(name + (is_index(name) ? 1 : 0));
  if (root == "module" && call < steps.size() && !IsIndex(steps[call])) {
    return {call + 1, call + 1, call};
  }
  return {call, up_to(name)};
}

std::string Prefix(const hcl::Traversal& traversal, size_t steps) {
  std::string out(traversal.root);
  for (size_t i = 0; i < steps; ++i) out += StepText(traversal.steps[i]);
  return out;
}

// From all that is read down to the object itself, and what it is a part of.
void WriteReferences(const hcl::Traversal& traversal, JsonWriter& out) {
  Subject subject = Divide(traversal);
  for (size_t n = traversal.steps.size(); n > subject.steps; --n) out.String(Prefix(traversal, n));
  out.String(Prefix(traversal, subject.steps));
  if (subject.without_key < subject.steps) out.String(Prefix(traversal, subject.without_key));
  if (subject.module_steps > 0) out.String(Prefix(traversal, subject.module_steps));
}

hcl::BodySchema BodySchemaOf(const provider::BlockSchema& schema) {
  hcl::BodySchema out;
  for (const auto& attribute : schema.attributes) out.attributes.push_back({attribute.name});
  for (const auto& block : schema.blocks) {
    hcl::BlockSchema one{.type = block.name};
    if (block.nesting == provider::Nesting::kMap) one.label_names = {"key"};
    out.blocks.push_back(std::move(one));
  }
  return out;
}

std::string AsText(const std::function<void(JsonWriter&)>& write) {
  std::string text;
  JsonWriter out([&](std::string_view piece) { text += piece; });
  write(out);
  out.Flush();
  return text;
}

void WriteBody(const hcl::Body& body, const provider::BlockSchema& schema, int depth,
               JsonWriter& out) {
  std::map<std::string, std::string, std::less<>> members;  // Already JSON.
  hcl::BodyContent content;
  if (body.file != nullptr && depth < kDepthMax)
    content = hcl::PartialContent(body, BodySchemaOf(schema));
  for (const auto& [name, attribute] : content.attributes) {
    members[std::string(name)] =
        AsText([&](JsonWriter& inner) { WriteExpression(attribute->expression(), inner); });
  }
  for (const provider::NestedBlock& nested : schema.blocks) {
    std::vector<std::pair<std::string, std::string>> blocks;  // By label, where they have one.
    for (const hcl::Block* block : content.blocks) {
      if (block->type != nested.name) continue;
      blocks.emplace_back(block->labels.empty() ? "" : block->labels[0].text,
                          AsText([&](JsonWriter& inner) {
                            WriteBody(block->body, nested.block, depth + 1, inner);
                          }));
    }
    if (blocks.empty()) continue;
    members[nested.name] = AsText([&](JsonWriter& inner) {
      switch (nested.nesting) {
        case provider::Nesting::kSingle:
        case provider::Nesting::kGroup:
          inner.Raw(blocks.back().second);
          return;
        case provider::Nesting::kMap: {
          inner.BeginObject();
          for (const auto& [label, text] :
               std::map<std::string, std::string>(blocks.begin(), blocks.end())) {
            inner.Key(label).Raw(text);
          }
          inner.EndObject();
          return;
        }
        default:
          inner.BeginArray();
          for (const auto& [label, text] : blocks) inner.Raw(text);
          inner.EndArray();
      }
    });
  }
  out.BeginObject();
  for (const auto& [name, text] : members) out.Key(name).Raw(text);
  out.EndObject();
}

}  // namespace

std::string SubjectOf(const hcl::Traversal& traversal) {
  return Prefix(traversal, Divide(traversal).steps);
}

bool SaysSomething(hcl::Expression expression) {
  if (!expression) return false;
  return !hcl::References(expression).empty() ||
         !hcl::EvaluateConstant(expression).diagnostics.has_errors();
}

void WriteExpression(hcl::Expression expression, JsonWriter& out) {
  out.BeginObject();
  if (expression) {
    auto references = hcl::References(expression);
    if (references.empty()) {
      hcl::Evaluated constant = hcl::EvaluateConstant(expression);
      if (!constant.diagnostics.has_errors()) {
        out.Key("constant_value");
        WriteValue(constant.value, out);
      }
    } else {
      out.Key("references").BeginArray();
      for (const hcl::Traversal& reference : references) WriteReferences(reference, out);
      out.EndArray();
    }
  }
  out.EndObject();
}

void WriteExpressions(const hcl::Body& body, const provider::BlockSchema& schema, JsonWriter& out) {
  WriteBody(body, schema, 0, out);
}

}  // namespace andon::infratext
