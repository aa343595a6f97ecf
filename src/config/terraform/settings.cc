// terraform, language and provider blocks.
#include <fmt/format.h>

#include <algorithm>

#include "config/terraform/decoder.h"
#include "config/terraform/language_version.h"
#include "config/terraform/report.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using value::Value;

bool IsTofuFile(std::string_view filename) {
  return filename.ends_with(".tofu") || filename.ends_with(".tofu.json");
}

const Version& LanguageVersion() {
  static const Version kVersion = *Version::Parse(kLanguageVersion);
  return kVersion;
}

const hcl::BodySchema& TerraformSchema() {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"required_version"}, {"experiments"}, {"language"}},
      .blocks = {{"backend", {"type"}},
                 {"cloud", {}},
                 {"required_providers", {}},
                 {"provider_meta", {"provider"}},
                 {"encryption", {}}}};
  return kSchema;
}

// The text of a constant; nothing where it is something else.
std::optional<std::string> ConstantText(hcl::Expression expression) {
  hcl::Evaluated evaluated = hcl::EvaluateConstant(expression);
  bool is_text = !evaluated.diagnostics.has_errors() && evaluated.value.is_known_not_null() &&
                 evaluated.value.type().is_string();
  return is_text ? std::optional(evaluated.value.string()) : std::nullopt;
}

}  // namespace

// --- Which version.

bool Decoder::CheckVersion(const hcl::Body& file) {
  static const hcl::BodySchema kSchema = {.blocks = {{"terraform", {}}, {"language", {}}}};
  static const hcl::BodySchema kRequired = {.attributes = {{"required_version"}}};
  static const hcl::BodySchema kCompatible = {.blocks = {{"compatible_with", {}}}};
  static const hcl::BodySchema kOpenTofu = {.attributes = {{"opentofu"}}};
  std::vector<const hcl::Attribute*> constraints;
  hcl::BodyContent content = hcl::PartialContent(file, kSchema);
  for (const hcl::Block* block : content.blocks) {
    if (block->type == "terraform") {
      // In other files it is about another program.
      if (!IsTofuFile(file.file->filename())) continue;
      constraints.push_back(hcl::PartialContent(block->body, kRequired).Find("required_version"));
    } else {
      for (const hcl::Block* inner : hcl::PartialContent(block->body, kCompatible).blocks)
        constraints.push_back(hcl::PartialContent(inner->body, kOpenTofu).Find("opentofu"));
    }
  }
  for (const hcl::Attribute* attribute : constraints) {
    if (attribute == nullptr) continue;
    auto constraint = ReadVersion(*attribute);
    if (!constraint) continue;
    for (const VersionConstraint::Term& term : constraint->terms) {
      if (term.version.prerelease.empty()) continue;
      Error(kTerraformVersion, "Invalid required_version constraint",
            fmt::format("\"{}\" names a version that is no release; leave what follows the dash "
                        "out.",
                        term.text),
            constraint->range);
      return true;
    }
    if (constraint->Allows(LanguageVersion())) continue;
    Error(kTerraformVersion, "Incompatible module",
          fmt::format("The module asks for {}, and this program speaks the language of version {}.",
                      ToString(*constraint), kLanguageVersion),
          constraint->range);
    return false;
  }
  return true;
}

void Decoder::ReadLanguage(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {.attributes = {{"edition"}, {"experiments"}},
                                          .blocks = {{"compatible_with", {}}}};
  constexpr std::string_view kEdition = "tofu2024";
  if (is_override) {
    return Error(kTerraformOverride, "Language selections in override file",
                 "A language block must not stand in an override file.", block.header_range());
  }
  hcl::BodyContent content = Take(block.body, kSchema);
  if (auto* edition = content.Find("edition")) {
    std::string_view word = hcl::AsKeyword(edition->expression());
    if (word != kEdition) {
      Error(kTerraformSettings,
            word.empty() ? "Invalid language edition" : "Unsupported language edition",
            fmt::format("The only edition is {}, without quotes.", kEdition),
            edition->expression().range());
    }
  }
  if (auto* experiments = content.Find("experiments")) {
    auto items = hcl::AsList(experiments->expression());
    if (!items) {
      Error(kTerraformSettings, "Invalid expression", "\"experiments\" takes a list of keywords.",
            experiments->expression().range());
    }
    for (hcl::Expression item : items.value_or(std::vector<hcl::Expression>{})) {
      Error(kTerraformSettings, "Unknown experiment keyword",
            "This version of the language has no experiments.", item.range());
    }
  }
  bool was_there = false;
  for (const hcl::Block* inner : content.blocks) {
    if (was_there) {
      Error(kTerraformDuplicate, "Duplicate compatible_with block",
            "A language block has one compatible_with block.", inner->header_range());
    }
    was_there = true;
  }
}

void Decoder::ReadTerraform(const hcl::Block& block, bool is_override) {
  hcl::BodyContent content = Take(block.body, TerraformSchema());
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "required_providers") {
      ReadRequiredProviders(*inner, is_override);
    } else if (inner->type == "backend") {
      ReadBackend(*inner, std::string(inner->labels[0].text), is_override);
    } else if (inner->type == "cloud") {
      ReadBackend(*inner, "cloud", is_override);
    } else if (inner->type == "provider_meta") {
      ReadProviderMeta(*inner);
    } else {
      ReadEncryption(*inner, is_override);
    }
  }
}

void Decoder::ReadBackend(const hcl::Block& block, std::string type, bool is_override) {
  Backend backend{.type = std::move(type), .body = block.body, .range = block.header_range()};
  std::optional<Backend>& known = terraform_->backend;
  // An override takes the place of whatever the other files say; two in one file are still two.
  bool is_replaced = is_override && (!known || known->range.filename != backend.range.filename);
  if (!known || is_replaced) {
    known = std::move(backend);
  } else if ((known->type == "cloud") != (backend.type == "cloud")) {
    Twice("Both a backend and a cloud configuration are present",
          "A module keeps its state in one place: a backend or a cloud block.", backend.range,
          known->range);
  } else {
    Twice(backend.type == "cloud" ? "Duplicate cloud configurations"
                                  : "Duplicate backend configuration",
          "A module has one backend.", backend.range, known->range);
  }
}

void Decoder::ReadEncryption(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {.blocks = {{"key_provider", {"type", "name"}},
                                                     {"method", {"type", "name"}},
                                                     {"state", {}},
                                                     {"plan", {}},
                                                     {"remote_state_data_sources", {}}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  std::set<std::string> seen;
  for (const hcl::Block* inner : content.blocks) {
    std::string key(inner->type);
    for (size_t i = 0; i < inner->labels.size(); ++i) {
      CheckLabel(*inner, i, fmt::format("Invalid {} label", inner->type));
      key += "." + std::string(inner->labels[i].text);
    }
    if (seen.insert(key).second) continue;
    Error(kTerraformDuplicate, fmt::format("Duplicate {}", inner->type),
          fmt::format("{} stands in this block already.", key), inner->header_range());
  }
  std::optional<Encryption>& known = terraform_->encryption;
  if (known && !is_override) {
    return Twice("Duplicate encryption configuration", "A module has one encryption block.",
                 block.header_range(), known->range);
  }
  if (!known) known = Encryption{.range = block.header_range()};
  known->bodies.push_back(block.body);
}

void Decoder::ReadProviderMeta(const hcl::Block& block) {
  hcl::BodyContent content = hcl::JustAttributes(block.body);
  for (const auto& [name, attribute] : content.attributes)
    content.diagnostics.Append(hcl::EvaluateConstant(attribute->expression()).diagnostics);
  bool is_wrong = content.diagnostics.has_errors();
  diagnostics().Append(std::move(content.diagnostics));
  if (is_wrong || !CheckProviderName(block.labels[0].text, block.header_range())) return;
  terraform_->provider_metas.push_back({.provider = std::string(block.labels[0].text),
                                        .body = block.body,
                                        .range = block.header_range()});
}

// --- Required providers.

void Decoder::ReadRequiredProviders(const hcl::Block& block, bool is_override) {
  hcl::BodyContent content = hcl::JustAttributes(block.body);
  diagnostics().Append(std::move(content.diagnostics));
  if (!is_override) {
    if (required_providers_at_.exists()) {
      return Twice("Duplicate required providers configuration",
                   "A module has one required_providers block.", block.header_range(),
                   required_providers_at_);
    }
    required_providers_at_ = block.header_range();
  }
  for (const auto& [name, attribute] : content.attributes) {
    if (auto provider = ReadRequiredProvider(*attribute))
      terraform_->required_providers.insert_or_assign(provider->name, std::move(*provider));
  }
}

std::optional<RequiredProvider> Decoder::ReadRequiredProvider(const hcl::Attribute& attribute) {
  RequiredProvider provider{.name = std::string(attribute.name),
                            .range = attribute.expression().range()};
  auto items = hcl::AsMap(attribute.expression());
  if (!items) {
    // The version alone, as before there were sources.
    hcl::Evaluated constant = hcl::EvaluateConstant(attribute.expression());
    if (constant.diagnostics.has_errors() || !constant.value.type().is_primitive()) {
      Error(kTerraformProvider, "Invalid required_providers object",
            "A required provider is written { source = \"…\", version = \"…\" }.", provider.range);
      return std::nullopt;
    }
    if (auto version = ReadVersion(attribute)) provider.version = std::move(*version);
    if (!CheckProviderName(provider.name, provider.range)) return std::nullopt;
    provider.address = ImpliedProvider(provider.name);
    return provider;
  }
  if (!CheckProviderName(provider.name, provider.range)) return std::nullopt;
  for (const hcl::StaticItem& item : *items) {
    if (!ReadRequirement(item, &provider)) return std::nullopt;
  }
  if (provider.address.empty()) provider.address = ImpliedProvider(provider.name);
  return provider;
}

bool Decoder::ReadRequirement(const hcl::StaticItem& item, RequiredProvider* provider) {
  std::string key(item.parenthesized ? std::string_view() : hcl::AsKeyword(item.key));
  if (auto text = ConstantText(item.key)) key = *text;
  if (key == "configuration_aliases") {
    ReadConfigurationAliases(item.value, provider);
    return true;
  }
  if (key != "version" && key != "source") {
    Error(kTerraformProvider, "Invalid required_providers object",
          "A required provider has source, version and configuration_aliases. Its configuration "
          "goes into a provider block.",
          item.key.range());
    return false;
  }
  auto text = ConstantText(item.value);
  if (key == "version") {
    auto constraint = text ? VersionConstraint::Parse(*text) : std::nullopt;
    if (constraint) {
      provider->version = std::move(*constraint);
      provider->version.range = item.value.range();
      return true;
    }
    Error(kTerraformVersion, "Invalid version constraint",
          text ? fmt::format("\"{}\" is no version constraint; one looks like \">= 1.2, < 2\".",
                             *text)
               : "The version of a provider is a constant text.",
          item.value.range());
    return false;
  }
  if (!text) {
    Error(kTerraformProvider, "Invalid source", "The source of a provider is a constant text.",
          item.value.range());
    return false;
  }
  Result<ProviderAddress> address = ParseProviderSource(*text);
  if (!address.ok()) {
    Error(kTerraformProvider, "Invalid provider source string",
          fmt::format("This is no source of a provider: {}.", address.error().message),
          item.value.range());
    return false;
  }
  provider->source = *text;
  provider->address = *address;
  return true;
}

void Decoder::ReadConfigurationAliases(hcl::Expression expression, RequiredProvider* provider) {
  constexpr std::string_view kSummary = "Invalid configuration_aliases value";
  auto items = hcl::AsList(expression);
  if (!items) {
    return Error(kTerraformProvider, kSummary,
                 "configuration_aliases takes a list of references like aws.west.",
                 expression.range());
  }
  for (hcl::Expression item : *items) {
    auto traversal = hcl::AsTraversal(item);
    bool is_alias =
        traversal && traversal->steps.size() <= 1 &&
        (traversal->steps.empty() || traversal->steps[0].kind == hcl::StepKind::kAttribute);
    if (!is_alias || traversal->root != provider->name) {
      Error(kTerraformProvider, kSummary,
            fmt::format("An alias is written {}.ALIAS here.", provider->name), item.range());
      continue;
    }
    provider->configuration_aliases.push_back(
        {std::string(traversal->root),
         traversal->steps.empty() ? std::string() : std::string(traversal->steps[0].text)});
  }
}

// --- provider "aws" { … }

void Decoder::ReadProvider(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"alias"}, {"version"}, {"for_each"}, {"count"}, {"depends_on"}, {"source"}},
      .blocks = {{"_", {}}, {"lifecycle", {}}, {"locals", {}}}};
  hcl::BodyContent content = TakePart(block.body, kSchema);
  std::string name(block.labels[0].text);
  if (!CheckProviderName(name, block.header_range())) return;
  Provider provider{.local = {name, {}}, .range = block.header_range()};
  if (ReadText(content, "alias", &provider.local.alias) &&
      !hcl::IsIdentifier(provider.local.alias)) {
    Error(kTerraformProvider, "Invalid provider configuration alias",
          fmt::format("\"{}\" is no name.", provider.local.alias),
          content.Find("alias")->expression().range());
  }
  if (auto* version = content.Find("version")) {
    Warn(kTerraformDeprecated,
         "Version constraints inside provider configuration blocks are deprecated",
         "Write the version into required_providers, in a terraform block.",
         version->expression().range());
    if (auto constraint = ReadVersion(*version)) provider.version = std::move(*constraint);
  }
  if (auto* for_each = content.Find("for_each")) {
    provider.for_each = for_each->expression();
    if (provider.local.alias.empty()) {
      Error(kTerraformProvider, "Alias required when using \"for_each\"",
            "Only a configuration with an alias may have instances.", provider.for_each.range());
    }
  }
  for (std::string_view reserved : {"count", "depends_on", "source"}) {
    if (auto* attribute = content.Find(reserved)) {
      Error(kTerraformProvider, "Reserved argument name in provider block",
            fmt::format("\"{}\" has no meaning in a provider block.", reserved),
            attribute->name_range());
    }
  }
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "_") continue;
    Error(kTerraformProvider, "Reserved block type name in provider block",
          fmt::format("A {} block has no meaning in a provider block.", inner->type),
          inner->type_range());
  }
  hcl::Body body = Remaining(block, content);
  auto existing = terraform_->providers.find(provider.local);
  if (!is_override || (existing == terraform_->providers.end() && provider.local.alias.empty())) {
    provider.body = body;
    auto [it, is_new] = terraform_->providers.try_emplace(provider.local, std::move(provider));
    if (!is_new) {
      Twice("Duplicate provider configuration",
            it->first.alias.empty()
                ? fmt::format("\"{}\" has a configuration without an alias already; give each "
                              "further one an alias of its own.",
                              name)
                : fmt::format("\"{}\" has a configuration with the alias \"{}\" already.", name,
                              it->first.alias),
            block.header_range(), it->second.range);
    }
    return;
  }
  if (existing == terraform_->providers.end()) {
    return Error(kTerraformOverride, "Missing base provider configuration for override",
                 fmt::format("No other file configures {}.", ToString(provider.local)),
                 block.header_range());
  }
  if (!provider.version.empty()) existing->second.version = std::move(provider.version);
  SetBody(&existing->second.body, body, true);
}

}  // namespace andon::config
