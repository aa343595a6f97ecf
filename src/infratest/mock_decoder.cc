// Overrides and mocks.
#include <fmt/format.h>

#include <algorithm>

#include "hcl/eval.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "infratest/test_decoder.h"

namespace andon::infratest {

using value::Value;

Values TestDecoder::ReadValues(const hcl::Attribute& attribute) {
  Values out;
  auto evaluated = hcl::EvaluateConstant(attribute.expression());
  diagnostics().Append(evaluated.diagnostics);
  if (evaluated.diagnostics.has_errors()) return out;
  if (!evaluated.value.is_known_not_null() || !evaluated.value.type().is_object()) {
    Error("Object expected", fmt::format("The attribute `{}` must be an object.", attribute.name),
          attribute.range());
    return out;
  }
  for (const auto& [name, value] : evaluated.value.members()) out.emplace(name, value);
  return out;
}

void TestDecoder::ReadOverride(const hcl::Block& block, std::vector<ResourceOverride>* to) {
  static const hcl::BodySchema kSchema = {.attributes = {{"target", true}, {"values"}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  const hcl::Attribute* target = content.Find("target");
  if (target == nullptr) return;
  auto address = ReadAddress(target->expression());
  if (!address) return;
  SourceRange range = target->expression().range();
  std::string named = ToString(*address);
  *address = address->WithoutKey();
  for (address::ModuleStep& step : address->module) step.key = {};
  if (ToString(*address) != named || address->kind.empty())
    return Error("Invalid address", "A target is the block of a resource: no key stands in it.",
                 range);
  if (address->is_data != (block.type == "override_data")) {
    std::string_view other = address->is_data ? "data" : "resource";
    return Error(fmt::format("Unsupported `{}` target in `{}` block", other, block.type),
                 fmt::format("Target `{0}` is `{1}` block itself and cannot be overridden with "
                             "`{2}`.",
                             named, other, block.type),
                 range);
  }
  bool is_again = std::any_of(to->begin(), to->end(), [&](const ResourceOverride& other) {
    return other.target == *address;
  });
  if (is_again) {
    return Error(fmt::format("Duplicated `{}` block", block.type),
                 fmt::format("It is not allowed to have multiple `{}` blocks with the same "
                             "target: `{}`.",
                             block.type, named),
                 range);
  }
  ResourceOverride read{.target = std::move(*address), .range = range};
  if (auto* values = content.Find("values")) read.values = ReadValues(*values);
  to->push_back(std::move(read));
}

void TestDecoder::ReadModuleOverride(const hcl::Block& block, std::vector<ModuleOverride>* to) {
  static const hcl::BodySchema kSchema = {.attributes = {{"target", true}, {"outputs"}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  const hcl::Attribute* target = content.Find("target");
  if (target == nullptr) return;
  auto address = ReadAddress(target->expression());
  if (!address) return;
  ModuleOverride read{.range = target->expression().range()};
  bool has_key = false;
  for (const address::ModuleStep& step : address->module) {
    read.target.push_back(step.name);
    has_key |= !std::holds_alternative<std::monostate>(step.key);
  }
  if (!address->kind.empty() || has_key || read.target.empty())
    return Error("Invalid address", "A target is a module: module.a, without a key.", read.range);
  bool is_again = std::any_of(to->begin(), to->end(), [&](const ModuleOverride& other) {
    return other.target == read.target;
  });
  if (is_again) {
    return Error("Duplicated `override_module` block",
                 fmt::format("It is not allowed to have multiple `override_module` blocks with "
                             "the same target: `{}`.",
                             ToString(*address)),
                 read.range);
  }
  if (auto* outputs = content.Find("outputs")) read.outputs = ReadValues(*outputs);
  to->push_back(std::move(read));
}

void TestDecoder::ReadMock(const hcl::Block& block) {
  static const hcl::BodySchema kSchema = {.attributes = {{"alias"}, {"for_each"}},
                                          .blocks = {{"mock_resource", {"type"}},
                                                     {"mock_data", {"type"}},
                                                     {"override_resource", {}},
                                                     {"override_data", {}}}};
  static const hcl::BodySchema kDefaults = {.attributes = {{"defaults"}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  MockProvider mock{.local = {std::string(block.labels[0].text), {}},
                    .range = block.header_range()};
  if (std::string wrong = config::CheckLocalProviderName(mock.local.name); !wrong.empty())
    return Error("Invalid provider local name", std::move(wrong), block.label_range(0));
  if (auto* alias = content.Find("alias")) {
    auto evaluated = hcl::EvaluateConstant(alias->expression());
    diagnostics().Append(evaluated.diagnostics);
    bool is_text = evaluated.value.is_known_not_null() && evaluated.value.type().is_string();
    if (is_text && hcl::IsIdentifier(evaluated.value.string())) {
      mock.local.alias = evaluated.value.string();
    } else {
      Error("Invalid mock provider configuration alias", "An alias must be a valid name.",
            alias->expression().range());
    }
  }
  if (auto* for_each = content.Find("for_each")) {
    mock.for_each = for_each->expression();
    if (mock.local.alias.empty())
      Error("Alias required when using \"for_each\"",
            "The for_each argument is allowed only for provider configurations with an alias.",
            mock.for_each.range());
  }
  for (const hcl::Block* inner : content.blocks) {
    if (inner->labels.empty()) {
      ReadOverride(*inner, &mock.overrides);
      continue;
    }
    MockDefaults defaults{.is_data = inner->type == "mock_data",
                          .type = std::string(inner->labels[0].text)};
    bool is_again =
        std::any_of(mock.defaults.begin(), mock.defaults.end(), [&](const MockDefaults& other) {
          return other.is_data == defaults.is_data && other.type == defaults.type;
        });
    if (is_again) {
      Error(fmt::format("Duplicated `{}` block", inner->type),
            fmt::format("`{}.{}` is already defined in `mock_provider` block.", inner->type,
                        defaults.type),
            inner->header_range());
      continue;
    }
    hcl::BodyContent read = Take(inner->body, kDefaults);
    if (auto* values = read.Find("defaults")) defaults.values = ReadValues(*values);
    mock.defaults.push_back(std::move(defaults));
  }
  config::LocalProvider local = mock.local;
  if (!file_->mocks.emplace(local, std::move(mock)).second)
    Error("Duplicated `mock_provider` block",
          fmt::format("It is not allowed to have multiple `mock_provider` blocks with the same "
                      "address: `{}`.",
                      ToString(local)),
          block.header_range());
}

}  // namespace andon::infratest
