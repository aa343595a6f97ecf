#include "config/terraform/decoder.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/terraform/reference.h"
#include "config/terraform/report.h"
#include "hcl/codes.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "value/convert.h"

namespace andon::config {

using value::Value;

const hcl::BodySchema& Decoder::FileSchema() {
  static const hcl::BodySchema kSchema = {.blocks = {{"terraform", {}},
                                                     {"language", {}},
                                                     {"required_providers", {}},
                                                     {"provider", {"name"}},
                                                     {"variable", {"name"}},
                                                     {"locals", {}},
                                                     {"output", {"name"}},
                                                     {"module", {"name"}},
                                                     {"resource", {"type", "name"}},
                                                     {"data", {"type", "name"}},
                                                     {"ephemeral", {"type", "name"}},
                                                     {"moved", {}},
                                                     {"import", {}},
                                                     {"removed", {}},
                                                     {"check", {"name"}}}};
  return kSchema;
}

bool Decoder::Read(const hcl::Block& block, bool is_override) {
  std::string_view type = block.type;
  if (type == "resource") return ReadResource(block, ResourceMode::kManaged, is_override), true;
  if (type == "data") return ReadResource(block, ResourceMode::kData, is_override), true;
  if (type == "ephemeral") return ReadResource(block, ResourceMode::kEphemeral, is_override), true;
  if (type == "variable") return ReadVariable(block, is_override), true;
  if (type == "locals") return ReadLocals(block, is_override), true;
  if (type == "output") return ReadOutput(block, is_override), true;
  if (type == "module") return ReadModuleCall(block, is_override), true;
  if (type == "provider") return ReadProvider(block, is_override), true;
  if (type == "terraform") return ReadTerraform(block, is_override), true;
  if (type == "language") return ReadLanguage(block, is_override), true;
  if (type == "moved") return ReadMoved(block, is_override), true;
  if (type == "removed") return ReadRemoved(block, is_override), true;
  if (type == "import") return ReadImport(block, is_override), true;
  if (type == "check") return ReadCheck(block, is_override), true;
  if (type != "required_providers") return false;
  Error(kTerraformSettings, "Invalid required_providers block",
        "required_providers stands inside of a terraform block.", block.type_range());
  return true;
}

void Decoder::Finish() {
  for (auto& [local, provider] : terraform_->providers)
    provider.address = terraform_->AddressOf(local.name);
  auto address_of = [&](const LocalProvider& local) {
    return CheckLocalProviderName(local.name).empty() ? terraform_->AddressOf(local.name)
                                                      : ProviderAddress();
  };
  for (auto& [address, resource] : terraform_->resources) {
    resource.provider_local = resource.provider
                                  ? resource.provider->provider
                                  : LocalProvider{std::string(ImpliedLocalName(resource.type)), ""};
    resource.provider_address = address_of(resource.provider_local);
  }
  for (Import& import : terraform_->imports) {
    import.provider_address = address_of(
        import.provider ? import.provider->provider
                        : LocalProvider{std::string(ImpliedLocalName(import.target.kind)), ""});
  }
  for (ProviderMeta& meta : terraform_->provider_metas) {
    for (const ProviderMeta& other : terraform_->provider_metas) {
      if (&other == &meta) break;
      if (terraform_->AddressOf(other.provider) != terraform_->AddressOf(meta.provider)) continue;
      Twice("Duplicate provider_meta block",
            fmt::format("The provider \"{}\" has a provider_meta block already.", meta.provider),
            meta.range, other.range);
    }
  }
}

// --- What many blocks have.

Diagnostic Decoder::MakeError(const Code& code, std::string_view summary, std::string detail,
                              SourceRange range) {
  return Mistake(code, summary, std::move(detail), std::move(range));
}

void Decoder::Warn(const Code& code, std::string_view summary, std::string detail,
                   SourceRange range) {
  diagnostics().Add(Doubt(code, summary, std::move(detail), std::move(range)));
}

void Decoder::Twice(std::string_view summary, std::string detail, const SourceRange& again,
                    const SourceRange& first) {
  Diagnostic d = Mistake(kTerraformDuplicate, summary, std::move(detail), again);
  d.labels.push_back({first, "the first one"});
  diagnostics().Add(std::move(d));
}

bool Decoder::CheckLabel(const hcl::Block& block, size_t label, std::string_view summary) {
  std::string_view name = block.labels[label].text;
  if (hcl::IsIdentifier(name)) return true;
  Error(kTerraformName, summary,
        fmt::format("\"{}\" is no name: it must begin with a letter or underscore and contain only "
                    "letters, digits, underscores and dashes.",
                    name),
        block.label_range(label));
  return false;
}

hcl::BodyContent Decoder::Take(const hcl::Body& body, const hcl::BodySchema& schema) {
  hcl::BodyContent content = hcl::Content(body, schema);
  diagnostics().Append(std::move(content.diagnostics));
  return content;
}

hcl::BodyContent Decoder::TakePart(const hcl::Body& body, const hcl::BodySchema& schema) {
  hcl::BodyContent content = hcl::PartialContent(body, schema);
  diagnostics().Append(std::move(content.diagnostics));
  return content;
}

std::optional<Value> Decoder::Constant(const hcl::Attribute& attribute, const value::Type& type) {
  hcl::Evaluated evaluated = hcl::EvaluateConstant(attribute.expression());
  bool is_wrong = evaluated.diagnostics.has_errors();
  diagnostics().Append(std::move(evaluated.diagnostics));
  if (is_wrong || !evaluated.value.is_known()) return std::nullopt;
  Result<Value> converted = value::Convert(evaluated.value, type);
  if (converted.ok() && !converted->is_null()) return *converted;
  Error(kTerraformSettings, "Unsuitable value type",
        fmt::format("\"{}\" does not take this value: {}.", attribute.name,
                    converted.ok() ? "it must not be null" : converted.error().message),
        attribute.expression().range());
  return std::nullopt;
}

bool Decoder::ReadBool(const hcl::BodyContent& content, std::string_view name, bool* to) {
  const hcl::Attribute* attribute = content.Find(name);
  if (attribute == nullptr) return false;
  if (auto value = Constant(*attribute, value::Type::Bool())) *to = value->boolean();
  return true;
}

bool Decoder::ReadText(const hcl::BodyContent& content, std::string_view name, std::string* to) {
  const hcl::Attribute* attribute = content.Find(name);
  if (attribute == nullptr) return false;
  auto value = Constant(*attribute, value::Type::String());
  if (value) *to = value->string();
  return value.has_value();
}

std::optional<VersionConstraint> Decoder::ReadVersion(const hcl::Attribute& attribute) {
  hcl::Evaluated evaluated = hcl::EvaluateConstant(attribute.expression());
  bool is_wrong = evaluated.diagnostics.has_errors();
  diagnostics().Append(std::move(evaluated.diagnostics));
  if (is_wrong || !evaluated.value.is_known() || evaluated.value.is_null()) return std::nullopt;
  Result<Value> text = value::Convert(evaluated.value, value::Type::String());
  auto constraint = text.ok() ? VersionConstraint::Parse(text->string()) : std::nullopt;
  if (!constraint) {
    Error(kTerraformVersion, "Invalid version constraint",
          text.ok() ? fmt::format("\"{}\" is no version constraint; one looks like \">= 1.2, < 2\" "
                                  "or \"~> 1.2\".",
                                  text->string())
                    : fmt::format("A text is required for \"{}\".", attribute.name),
          attribute.expression().range());
    return std::nullopt;
  }
  constraint->range = attribute.range();
  return constraint;
}

std::optional<hcl::Traversal> Decoder::ReadReference(hcl::Expression expression) {
  if (auto traversal = hcl::AsTraversal(expression)) return traversal;
  auto text = hcl::AsStringLiteral(expression);
  if (!text) {
    Error(kTerraformReference, "Invalid expression",
          "A reference is expected here, with constant keys only: like aws_instance.web or "
          "module.network.",
          expression.range());
    return std::nullopt;
  }
  SourceRange range = expression.range();
  SourcePos start = range.start;
  ++start.column;
  ++start.byte;
  hcl::ParsedTraversal parsed = hcl::ParseTraversal(std::string(*text), range.filename, start);
  diagnostics().Append(std::move(parsed.diagnostics));
  module_->files.push_back(parsed.file);
  if (parsed.traversal) {
    Warn(kTerraformDeprecated, "Quoted references are deprecated",
         "A reference stands here without quotes.", range);
  }
  return parsed.traversal;
}

std::string_view Decoder::ReadKeyword(hcl::Expression expression) {
  std::string_view word = hcl::AsKeyword(expression);
  if (!word.empty()) return word;
  auto text = hcl::AsStringLiteral(expression);
  if (!text) return {};
  Warn(kTerraformDeprecated, "Quoted keywords are deprecated",
       "A keyword stands here without quotes.", expression.range());
  return *text;
}

std::vector<hcl::Traversal> Decoder::ReadDependsOn(const hcl::Attribute& attribute,
                                                   bool is_override) {
  std::vector<hcl::Traversal> references;
  auto items = hcl::AsList(attribute.expression());
  if (!items) {
    Error(kTerraformMeta, "Invalid expression",
          "depends_on takes a list of references, like [aws_instance.web, module.network].",
          attribute.expression().range());
    return references;
  }
  for (hcl::Expression item : *items) {
    if (auto reference = ReadReference(item)) references.push_back(*reference);
  }
  if (is_override && !references.empty()) {
    Error(kTerraformOverride, "Unsupported override", "depends_on cannot be overridden.",
          references[0].range());
    references.clear();
  }
  return references;
}

std::optional<CheckRule> Decoder::ReadRule(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"condition", true}, {"error_message", true}}};
  if (is_override) {
    Error(kTerraformOverride, fmt::format("Can't override {} blocks", block.type),
          fmt::format("A {} block must not stand in an override file.", block.type),
          block.header_range());
    return std::nullopt;
  }
  hcl::BodyContent content = Take(block.body, kSchema);
  CheckRule rule{.range = block.header_range()};
  if (auto* condition = content.Find("condition")) {
    rule.condition = condition->expression();
    if (hcl::References(rule.condition).empty()) {
      Error(kTerraformCondition, fmt::format("Invalid {} expression", block.type),
            "The condition refers to nothing, so it would check nothing.", rule.condition.range());
    }
  }
  if (auto* message = content.Find("error_message")) rule.error_message = message->expression();
  if (!rule.condition || !rule.error_message) return std::nullopt;
  return rule;
}

void Decoder::CheckRepetition(const hcl::Attribute* count, const hcl::Attribute* for_each,
                              const hcl::Attribute* enabled, std::string_view what) {
  std::vector<std::string> given;
  const hcl::Attribute* last = nullptr;
  for (const hcl::Attribute* attribute : {count, enabled, for_each}) {
    if (attribute == nullptr) continue;
    given.push_back(fmt::format("\"{}\"", attribute->name));
    last = attribute;
  }
  if (given.size() < 2) return;
  std::string last_name = given.back();
  given.pop_back();
  std::string names = Join(given, ", ") + " and " + last_name;
  Error(kTerraformMeta, "Invalid combination of " + names,
        fmt::format("At most one of them can say how many {} there are.", what),
        last->name_range());
}

bool Decoder::CheckProviderName(std::string_view name, const SourceRange& range) {
  std::string why = CheckLocalProviderName(name);
  if (why.empty()) return true;
  Error(kTerraformProvider, "Invalid provider local name",
        fmt::format("\"{}\" cannot name a provider: {}.", name, why), range);
  return false;
}

std::optional<ProviderReference> Decoder::ReadProviderReference(hcl::Expression expression,
                                                                std::string_view argument) {
  constexpr std::string_view kSummary = "Invalid provider configuration reference";
  expression = hcl::AsNative(expression, &diagnostics());
  ProviderReference reference{.range = expression.range()};
  size_t steps_max = 2;
  if (expression.kind() == hcl::ExprKind::kIndex) {
    const auto& index = hcl::As<hcl::IndexNode>(expression.node());
    reference.key = expression.At(index.key);
    expression = expression.At(index.collection);
    steps_max = 1;
  }
  std::optional<hcl::Traversal> traversal = hcl::AsTraversal(expression);
  if (!traversal && hcl::AsStringLiteral(expression)) traversal = ReadReference(expression);
  if (!traversal || traversal->steps.size() > steps_max) {
    Error(kTerraformProvider, kSummary,
          fmt::format("\"{}\" takes the name of a provider, with a dot and an alias behind it "
                      "where one is meant, and with the key of an instance in brackets: aws, "
                      "aws.west, aws.by_region[each.key].",
                      argument),
          reference.range);
    return std::nullopt;
  }
  reference.provider.name = traversal->root;
  if (!CheckProviderName(traversal->root, traversal->PrefixRange(0))) return std::nullopt;
  if (!traversal->steps.empty()) {
    if (traversal->steps[0].kind != hcl::StepKind::kAttribute) {
      Error(kTerraformProvider, kSummary, "A dot and an alias follow the name of a provider.",
            traversal->StepRange(0));
      return std::nullopt;
    }
    reference.provider.alias = traversal->steps[0].text;
  }
  if (traversal->steps.size() == 2) {
    const hcl::Step& key = traversal->steps[1];
    if (key.kind == hcl::StepKind::kAttribute) {
      Error(kTerraformProvider, kSummary, "Nothing but a key in brackets follows an alias.",
            traversal->StepRange(1));
      return std::nullopt;
    }
    hcl::LiteralNode node;
    node.kind = hcl::ExprKind::kLiteral;
    node.span = key.span;
    node.literal = key.kind == hcl::StepKind::kIndexString ? hcl::LiteralKind::kString
                                                           : hcl::LiteralKind::kNumber;
    node.text = key.text;
    reference.key = hcl::Expression(traversal->file, terraform_->arena->New(node));
  }
  if (reference.key && reference.provider.alias.empty()) {
    Error(kTerraformProvider, kSummary,
          "Only a configuration with an alias has instances: write NAME.ALIAS[KEY].",
          reference.range);
  }
  return reference;
}

// --- Terraform, as a whole.

ProviderAddress Terraform::AddressOf(std::string_view local_name) const {
  auto found = required_providers.find(local_name);
  return found != required_providers.end() ? found->second.address : ImpliedProvider(local_name);
}

std::string_view BlockType(ResourceMode mode) {
  switch (mode) {
    case ResourceMode::kManaged:
      return "resource";
    case ResourceMode::kData:
      return "data";
    case ResourceMode::kEphemeral:
      return "ephemeral";
  }
  return {};
}

std::string Resource::address() const {
  std::string text = type + "." + name;
  return mode == ResourceMode::kManaged ? text : fmt::format("{}.{}", BlockType(mode), text);
}

}  // namespace andon::config
