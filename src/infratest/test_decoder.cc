#include "infratest/test_decoder.h"

#include <fmt/format.h>

#include "config/terraform/decoder.h"
#include "config/terraform/report.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "infratest/codes.h"
#include "value/convert.h"

namespace andon::infratest {

using address::Address;
using value::Value;

void TestDecoder::Error(std::string_view summary, std::string detail, SourceRange range) {
  diagnostics().Add(
      config::Mistake(kInvalidTestFile, summary, std::move(detail), std::move(range)));
}

hcl::BodyContent TestDecoder::Take(const hcl::Body& body, const hcl::BodySchema& schema) {
  hcl::BodyContent content = hcl::Content(body, schema);
  diagnostics().Append(content.diagnostics);
  return content;
}

bool TestDecoder::IsFirst(const SourceRange& first, const hcl::Block& block) {
  if (!first.exists()) return true;
  Error(fmt::format("Multiple \"{}\" blocks", block.type),
        fmt::format("There is a {} block already, at {}.", block.type, ToString(first)),
        block.header_range());
  return false;
}

void TestDecoder::Read() {
  static const hcl::BodySchema kSchema = {.blocks = {{"run", {"name"}},
                                                     {"provider", {"name"}},
                                                     {"variables", {}},
                                                     {"override_resource", {}},
                                                     {"override_data", {}},
                                                     {"override_module", {}},
                                                     {"mock_provider", {"name"}}}};
  hcl::BodyContent content = Take(file_->source->body(), kSchema);
  for (const hcl::Block* block : content.blocks) {
    if (block->type == "run") ReadRun(*block);
    if (block->type == "provider") ReadProvider(*block);
    if (block->type == "override_module") ReadModuleOverride(*block, &file_->module_overrides);
    if (block->type == "override_resource" || block->type == "override_data")
      ReadOverride(*block, &file_->overrides);
    if (block->type == "mock_provider") ReadMock(*block);
    if (block->type == "variables" && IsFirst(variables_at_, *block)) {
      variables_at_ = block->header_range();
      file_->variables = ReadVariables(*block);
    }
  }
}

void TestDecoder::ReadProvider(const hcl::Block& block) {
  config::Decoder decoder(file_->settings.get());
  decoder.Read(block, false);
  diagnostics().Append(std::exchange(file_->settings->diagnostics, {}));
}

Expressions TestDecoder::ReadVariables(const hcl::Block& block) {
  Expressions out;
  hcl::BodyContent content = hcl::JustAttributes(block.body);
  diagnostics().Append(content.diagnostics);
  for (const auto& [name, attribute] : content.attributes)
    out.emplace(name, attribute->expression());
  return out;
}

void TestDecoder::ReadRun(const hcl::Block& block) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"command"}, {"providers"}, {"expect_failures"}},
      .blocks = {{"plan_options", {}},
                 {"assert", {}},
                 {"variables", {}},
                 {"module", {}},
                 {"override_resource", {}},
                 {"override_data", {}},
                 {"override_module", {}}}};
  Run run{.name = std::string(block.labels[0].text), .range = block.header_range()};
  if (!hcl::IsIdentifier(run.name)) {
    Error("Invalid run block name",
          fmt::format("\"{}\" is no name: one begins with a letter or underscore and has only "
                      "letters, digits, underscores and dashes.",
                      run.name),
          block.label_range(0));
  }
  hcl::BodyContent content = Take(block.body, kSchema);
  SourceRange variables_at, options_at;
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "assert") {
      if (auto rule = ReadRule(*inner)) run.asserts.push_back(std::move(*rule));
    } else if (inner->type == "variables" && IsFirst(variables_at, *inner)) {
      variables_at = inner->header_range();
      run.variables = ReadVariables(*inner);
    } else if (inner->type == "plan_options" && IsFirst(options_at, *inner)) {
      options_at = inner->header_range();
      ReadPlanOptions(*inner, &run);
    } else if (inner->type == "module" && IsFirst(run.module_range, *inner)) {
      ReadModule(*inner, &run);
    } else if (inner->type == "override_module") {
      ReadModuleOverride(*inner, &run.module_overrides);
    } else if (inner->type == "override_resource" || inner->type == "override_data") {
      ReadOverride(*inner, &run.overrides);
    }
  }
  if (const hcl::Attribute* command = content.Find("command")) {
    std::string_view word = hcl::AsKeyword(hcl::AsNative(command->expression(), &diagnostics()));
    run.command = word == "plan" ? RunCommand::kPlan : RunCommand::kApply;
    if (word != "plan" && word != "apply") {
      Error("Invalid \"command\" keyword",
            "The \"command\" argument requires one of the following keywords without quotes: "
            "apply or plan.",
            command->expression().range());
    }
  }
  if (auto* providers = content.Find("providers")) ReadPassedProviders(*providers, &run);
  if (auto* failures = content.Find("expect_failures")) ReadExpectedFailures(*failures, &run);
  file_->runs.push_back(std::move(run));
}

std::optional<config::CheckRule> TestDecoder::ReadRule(const hcl::Block& block) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"condition", true}, {"error_message", true}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  config::CheckRule rule{.range = block.header_range()};
  if (auto* condition = content.Find("condition")) {
    rule.condition = condition->expression();
    if (hcl::References(rule.condition).empty())
      Error("Invalid assert expression",
            "The condition refers to nothing, so it would check nothing.", rule.condition.range());
  }
  if (auto* message = content.Find("error_message")) rule.error_message = message->expression();
  if (!rule.condition || !rule.error_message) return std::nullopt;
  return rule;
}

void TestDecoder::ReadPlanOptions(const hcl::Block& block, Run* run) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"mode"}, {"refresh"}, {"replace"}, {"target"}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  if (auto* mode = content.Find("mode")) {
    hcl::Expression native = hcl::AsNative(mode->expression(), &diagnostics());
    std::string_view word = hcl::AsKeyword(native);
    run->plan.is_refresh_only = word == "refresh-only";
    if (word != "refresh-only" && word != "normal") {
      Error("Invalid \"mode\" keyword",
            "The \"mode\" argument requires one of the following keywords without quotes: normal "
            "or refresh-only",
            mode->expression().range());
    }
  }
  const hcl::Attribute* refresh = content.Find("refresh");
  if (refresh != nullptr) {
    auto evaluated = hcl::EvaluateConstant(refresh->expression());
    diagnostics().Append(evaluated.diagnostics);
    auto asked = value::Convert(evaluated.value, value::Type::Bool());
    if (asked.ok() && asked->is_known_not_null()) {
      run->plan.refresh = asked->boolean();
    } else if (!evaluated.diagnostics.has_errors()) {
      Error("Unsuitable value type", "\"refresh\" is true or false.",
            refresh->expression().range());
    }
  }
  if (auto* replace = content.Find("replace")) run->plan.replace = ReadAddresses(*replace);
  if (auto* target = content.Find("target")) run->plan.targets = ReadAddresses(*target);
  for (const Address& address : run->plan.replace) {
    if (address.is_data || address.kind.empty())
      Error(
          "Invalid replace address",
          fmt::format("Only managed resources can be replaced, and {} is none.", ToString(address)),
          content.Find("replace")->expression().range());
  }
  if (!run->plan.refresh && run->plan.is_refresh_only) {
    Error("Incompatible plan options",
          "The \"refresh\" option cannot be set to false when running a test in "
          "\"refresh-only\" mode.",
          refresh->range());
  }
}

void TestDecoder::ReadModule(const hcl::Block& block, Run* run) {
  static const hcl::BodySchema kSchema = {.attributes = {{"source"}, {"version"}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  run->module_range = block.header_range();
  const hcl::Attribute* source = content.Find("source");
  if (source == nullptr) {
    return Error("Missing \"source\" attribute for module block",
                 "The module block of a run says with \"source\" which module it is.",
                 run->module_range);
  }
  run->module_source_expression = source->expression();
  if (auto* version = content.Find("version")) run->module_version = version->expression();
  auto evaluated = hcl::EvaluateConstant(source->expression());
  diagnostics().Append(evaluated.diagnostics);
  if (evaluated.value.is_known_not_null() && evaluated.value.type().is_string()) {
    run->module_source = evaluated.value.string();
  } else if (!evaluated.diagnostics.has_errors()) {
    Error("Unsuitable value type", "The source of a module is a text.",
          source->expression().range());
  }
}

std::optional<config::LocalProvider> TestDecoder::ReadLocalProvider(hcl::Expression expression) {
  auto traversal = hcl::AsTraversal(hcl::AsNative(expression, &diagnostics()));
  bool is_alias = traversal && traversal->steps.size() == 1 &&
                  traversal->steps[0].kind == hcl::StepKind::kAttribute;
  if (traversal && (traversal->steps.empty() || is_alias)) {
    return config::LocalProvider{std::string(traversal->root),
                                 is_alias ? std::string(traversal->steps[0].text) : std::string()};
  }
  Error("Invalid provider reference",
        "A provider is named by its local name and perhaps an alias: aws, aws.west.",
        expression.range());
  return std::nullopt;
}

void TestDecoder::ReadPassedProviders(const hcl::Attribute& attribute, Run* run) {
  auto items = hcl::AsMap(attribute.expression());
  if (!items) {
    return Error("Invalid expression", "\"providers\" takes an object: { aws = aws.west }.",
                 attribute.expression().range());
  }
  for (const hcl::StaticItem& item : *items) {
    auto in_module = ReadLocalProvider(item.key);
    auto in_file = ReadLocalProvider(item.value);
    if (in_module && in_file) run->providers.push_back({*in_module, *in_file, item.value.range()});
  }
}

void TestDecoder::ReadExpectedFailures(const hcl::Attribute& attribute, Run* run) {
  auto items = hcl::AsList(attribute.expression());
  if (!items) {
    return Error("Invalid expression", "\"expect_failures\" takes a list of references.",
                 attribute.expression().range());
  }
  for (hcl::Expression item : *items) {
    auto traversal = hcl::AsTraversal(hcl::AsNative(item, &diagnostics()));
    if (!traversal) {
      Error("Invalid expression", "A reference is expected: var.x, check.y, aws_vpc.main.",
            item.range());
      continue;
    }
    std::string_view root = traversal->root;
    std::string object = traversal->ToString();
    if (object.starts_with("resource.")) object = object.substr(9);
    bool is_checkable = !traversal->steps.empty();
    if (root == "var" || root == "output" || root == "check") {
      is_checkable = traversal->steps.size() == 1;
    } else {
      auto parsed = address::Parse(object);
      is_checkable = parsed.ok() && parsed->module.empty() && !parsed->kind.empty() &&
                     root != "local" && root != "run" && root != "path" && root != "terraform";
    }
    if (is_checkable) {
      run->expected_failures.push_back({object, traversal->range()});
      continue;
    }
    Error("Invalid `expect_failures` reference",
          fmt::format("You cannot expect failures from {}. You can only expect failures from "
                      "checkable objects such as input variables, output values, check blocks, "
                      "managed resources and data sources.",
                      object),
          traversal->range());
  }
}

std::optional<Address> TestDecoder::ReadAddress(hcl::Expression expression) {
  auto traversal = hcl::AsTraversal(hcl::AsNative(expression, &diagnostics()));
  if (!traversal) {
    Error("Invalid expression", "The address of an object is expected.", expression.range());
    return std::nullopt;
  }
  auto parsed = address::Parse(traversal->ToString());
  if (parsed.ok()) return *parsed;
  Error("Invalid address", parsed.error().message, expression.range());
  return std::nullopt;
}

std::vector<Address> TestDecoder::ReadAddresses(const hcl::Attribute& attribute) {
  std::vector<Address> out;
  auto items = hcl::AsList(attribute.expression());
  if (!items) {
    Error("Invalid expression", fmt::format("\"{}\" takes a list of addresses.", attribute.name),
          attribute.expression().range());
    return out;
  }
  for (hcl::Expression item : *items) {
    if (auto address = ReadAddress(item)) out.push_back(std::move(*address));
  }
  return out;
}

}  // namespace andon::infratest
