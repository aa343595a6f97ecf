#include "infratest/arrangement.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/terraform/report.h"
#include "infratest/codes.h"
#include "value/json.h"

namespace andon::infratest {

using value::Value;

Arrangement::Arrangement(config::ModuleTree* tree, const TestFile& file, const Run& run,
                         Diagnostics* diagnostics)
    : tree_(tree), file_(file), run_(run), diagnostics_(diagnostics) {
  SetProviders();
  SetOverrides();
  SetModules();
}

Arrangement::~Arrangement() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) (*undo)();
}

void Arrangement::SetProviders() {
  auto& providers = tree_->root->module->terraform.providers;
  undo_.push_back([&providers, before = providers] { providers = before; });
  for (const PassedProvider& passed : run_.providers)
    SetProvider(passed.in_module, passed.in_file, passed.range);
  if (!run_.providers.empty()) return;
  for (const auto& [local, provider] : file_.settings->terraform.providers)
    SetProvider(local, local, provider.range);
  for (const auto& [local, mock] : file_.mocks) SetProvider(local, local, mock.range);
}

void Arrangement::SetProvider(const config::LocalProvider& in_module,
                              const config::LocalProvider& in_file, const SourceRange& range) {
  config::Terraform& terraform = tree_->root->module->terraform;
  const auto& written = file_.settings->terraform.providers;
  auto provider = written.find(in_file);
  auto mock = file_.mocks.find(in_file);
  config::Provider set;
  if (mock != file_.mocks.end()) {
    stand_ins_.mocks[in_module] = &mock->second;
    set.for_each = mock->second.for_each;
    set.range = mock->second.range;
  } else if (provider != written.end()) {
    set = provider->second;
  } else {
    return diagnostics_->Add(
        config::Mistake(kTestProvider, "Missing provider definition",
                        fmt::format("The file configures no provider {}: a provider or "
                                    "mock_provider block does that.",
                                    ToString(in_file)),
                        range));
  }
  set.local = in_module;
  set.address = terraform.AddressOf(in_module.name);
  terraform.providers.insert_or_assign(in_module, std::move(set));
}

config::ModuleNode* Arrangement::Find(const std::vector<std::string>& path) {
  config::ModuleNode* node = tree_->root.get();
  for (const std::string& name : path) {
    auto child = node->children.find(name);
    if (child == node->children.end()) return nullptr;
    node = child->second.get();
  }
  return node;
}

void Arrangement::SetOverrides() {
  auto set = [&](const ResourceOverride& one) {
    auto wrong = [&](std::string detail) {
      Report(diagnostics_, kInvalidOverride, std::move(detail), one.range);
    };
    std::vector<std::string> path;
    for (const address::ModuleStep& step : one.target.module) path.push_back(step.name);
    const config::ModuleNode* node = Find(path);
    std::string named = ToString(one.target);
    if (node == nullptr)
      return wrong(fmt::format("The configuration has no module around {}.", named));
    address::Address inside = one.target;
    inside.module.clear();
    if (!node->module->terraform.resources.contains(ToString(inside)))
      return wrong(fmt::format("The configuration has no {}.", named));
    if (stand_ins_.overrides.emplace(named, &one).second) return;
    diagnostics_->Add(config::Doubt(
        kInvalidOverride,
        fmt::format("Multiple `{}` blocks for the same address",
                    one.target.is_data ? "override_data" : "override_resource"),
        fmt::format("`{}` is overridden in both global file and local run blocks. The declaration "
                    "in global file block will be ignored.",
                    named),
        one.range));
  };
  for (const ResourceOverride& one : run_.overrides) set(one);
  for (const ResourceOverride& one : file_.overrides) set(one);
}

void Arrangement::SetModules() {
  std::vector<const ModuleOverride*> all;
  for (const ModuleOverride& one : run_.module_overrides) all.push_back(&one);
  for (const ModuleOverride& one : file_.module_overrides) {
    bool is_again = std::any_of(all.begin(), all.end(), [&](const ModuleOverride* other) {
      return other->target == one.target;
    });
    if (!is_again) {
      all.push_back(&one);
      continue;
    }
    diagnostics_->Add(config::Doubt(
        kInvalidOverride, "Multiple `override_module` blocks for the same address",
        fmt::format("Module `module.{}` is overridden in both global file and local run blocks. "
                    "The declaration in global file block will be ignored.",
                    Join(one.target, ".module.")),
        one.range));
  }
  // Found before any is emptied: one may be inside of another.
  std::vector<config::ModuleNode*> nodes;
  for (const ModuleOverride* one : all) {
    nodes.push_back(Find(one->target));
    if (nodes.back() == nullptr)
      Report(diagnostics_, kInvalidOverride,
             fmt::format("The configuration has no module.{}.", Join(one->target, ".module.")),
             one->range);
  }
  for (size_t i = 0; i < all.size(); ++i) {
    if (nodes[i] != nullptr) Empty(nodes[i], *all[i]);
  }
}

// A value as an expression: JSON is one, but for the signs that begin a template.
hcl::Expression Arrangement::Constant(const Value& value) {
  auto json = value::ToJsonText(value);
  std::string text;
  for (char c : json.ok() ? *json : std::string("null")) {
    bool escapes = c == '{' && !text.empty() && (text.back() == '$' || text.back() == '%');
    if (escapes) text += text.back();
    text += c;
  }
  constants_.push_back(hcl::ParseExpression(std::move(text), "<override>"));
  return constants_.back().expression;
}

void Arrangement::Empty(config::ModuleNode* node, const ModuleOverride& with) {
  config::Module& module = *node->module;
  auto take = [&](auto* member) {
    undo_.push_back([member, before = std::make_shared<std::decay_t<decltype(*member)>>(
                                 std::move(*member))] { *member = std::move(*before); });
    member->clear();
  };
  take(&node->children);
  take(&module.terraform.module_calls);
  take(&module.terraform.resources);
  take(&module.terraform.checks);
  take(&module.locals);
  for (const auto& [name, value] : with.outputs) {
    if (module.outputs.contains(name)) continue;
    diagnostics_->Add(config::Doubt(
        kInvalidOverride, fmt::format("Output not found: {}", name),
        "Specified output to override is not present in the module and will be ignored.",
        with.range));
  }
  undo_.push_back([&module, before = module.outputs] { module.outputs = before; });
  for (auto& [name, output] : module.outputs) {
    auto given = with.outputs.find(name);
    output.expression = Constant(given == with.outputs.end() ? Value::Null() : given->second);
    output.depends_on.clear();
    output.preconditions.clear();
  }
}

}  // namespace andon::infratest
