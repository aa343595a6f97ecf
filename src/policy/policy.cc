#include "policy/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "hcl/eval.h"
#include "infra/provider_resolution.h"
#include "policy/codes.h"
#include "policy/known_scope.h"

namespace andon::policy {

using value::Value;

namespace {

const std::vector<std::string> kActions = {"create", "update", "replace", "delete", "forget"};

class Reader {
 public:
  Reader(const config::Module& module, const hcl::FunctionTable* functions)
      : module_(module), scope_(module, {}, functions) {}

  Policies Run() {
    for (const config::DataBlock& block : module_.rules) {
      if (block.kind == "policy" && !block.is_broken) Read(block);
    }
    return std::move(out_);
  }

 private:
  void Read(const config::DataBlock& block) {
    const hcl::Body& body = block.block->body;
    for (const hcl::Block& inner : body.blocks)
      Wrong("A policy holds no blocks.", inner.type_range());
    Policy policy{.name = block.name, .range = block.range};
    policy.resources = Texts(body, "resources", {"*"});
    policy.actions = Texts(body, "actions", {"create", "update", "replace", "delete"});
    for (const std::string& action : policy.actions) {
      if (std::find(kActions.begin(), kActions.end(), action) == kActions.end())
        Wrong(fmt::format("\"{}\" is no action: there are {}.", action, Join(kActions, ", ")),
              body.Find("actions")->expression().range(),
              config::Suggest(DidYouMean(action, kActions)));
    }
    std::vector<std::string> enforce = Texts(body, "enforce", {"deny"});
    policy.denies = enforce != std::vector<std::string>{"warn"};
    if (policy.denies && enforce != std::vector<std::string>{"deny"})
      Wrong("enforce is \"deny\" or \"warn\".", body.Find("enforce")->expression().range());
    policy.condition = Expression(body, "condition");
    policy.message = Expression(body, "message");
    out_.list.push_back(std::move(policy));
  }

  std::vector<std::string> Texts(const hcl::Body& body, std::string_view name,
                                 std::vector<std::string> otherwise) {
    const hcl::Attribute* attribute = body.Find(name);
    if (attribute == nullptr) return otherwise;
    Value value = scope_.Evaluate(attribute->expression());
    std::vector<std::string> out;
    auto add = [&](const Value& one) {
      bool is_text = one.is_known_not_null() && one.type().is_string();
      if (is_text) out.push_back(one.string());
      return is_text;
    };
    bool is_fine = true;
    if (value.CanIterate()) {
      for (const auto& [key, element] : value.Elements()) is_fine &= add(element);
    } else {
      is_fine = add(value);
    }
    if (!is_fine || out.empty()) {
      Wrong(fmt::format("{} takes texts that are known from the files.", name),
            attribute->expression().range());
      return otherwise;
    }
    return out;
  }

  hcl::Expression Expression(const hcl::Body& body, std::string_view name) {
    const hcl::Attribute* attribute = body.Find(name);
    if (attribute == nullptr) return {};
    for (const hcl::Traversal& traversal : hcl::References(attribute->expression())) {
      std::string root(traversal.root);
      std::string first(traversal.steps.empty() ? "" : traversal.steps[0].text);
      bool is_known = root == "change" || (root == "var" && module_.variables.contains(first)) ||
                      (root == "local" && module_.locals.contains(first));
      if (!is_known)
        Wrong(fmt::format("{} cannot be read here: a policy reads change, and the variables and "
                          "locals of the folder.",
                          traversal.ToString()),
              traversal.range());
    }
    return attribute->expression();
  }

  void Wrong(std::string detail, const SourceRange& range, std::string at_caret = {}) {
    config::Report(&out_.diagnostics, kInvalidPolicy, std::move(detail), range,
                   std::move(at_caret));
  }

  const config::Module& module_;
  KnownScope scope_;
  Policies out_;
};

// * stands for any text.
bool Matches(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool Concerns(const Policy& policy, const infra::ResourceChange& change, std::string_view action) {
  return std::find(policy.actions.begin(), policy.actions.end(), action) != policy.actions.end() &&
         std::any_of(policy.resources.begin(), policy.resources.end(),
                     [&](const std::string& type) { return Matches(type, change.address.kind); });
}

Value ChangeValue(const infra::ResourceChange& change, std::string_view action) {
  std::string module;
  for (const address::ModuleStep& step : change.address.module)
    module += fmt::format("{}module.{}{}", module.empty() ? "" : ".", step.name,
                          address::ToString(step.key));
  auto provider = infra::ParseProviderText(change.provider);
  return Value::Object(
      {{"address", Value::String(ToString(change.address))},
       {"type", Value::String(change.address.kind)},
       {"name", Value::String(change.address.name)},
       {"module", Value::String(module)},
       {"provider", Value::String(provider ? config::ToString(provider->address) : "")},
       {"action", Value::String(action)},
       {"before", change.before},
       {"after", change.after}});
}

class Bench {
 public:
  Bench(const config::Module& module, const std::map<std::string, Value>& variables,
        const hcl::FunctionTable* functions)
      : scope_(module, variables, functions) {}

  void Look(const Policy& policy, const infra::ResourceChange& change, std::string_view action) {
    std::map<std::string, Value> names{{"change", ChangeValue(change, action)}};
    std::string why = Failure(policy, names);
    if (why.empty()) return;
    Diagnostic d = Message(policy.denies ? kPolicyRefuses : kPolicyWarns, {},
                           change.range.exists() ? change.range : policy.range);
    d.severity = policy.denies ? Severity::kError : Severity::kWarning;
    d.address = ToString(change.address);
    d.detail = fmt::format("policy.{}, {} of {}: {}", policy.name, action, d.address,
                           MessageOf(policy, names));
    if (why != "does not hold") d.detail += " " + why;
    if (change.range.exists()) d.labels.push_back({policy.range, "the policy"});
    out_.diagnostics.Add(std::move(d));
    out_.refuses |= policy.denies;
  }

  Judgement Take() {
    out_.diagnostics.Sort();
    return std::move(out_);
  }

 private:
  // Empty: the condition holds.
  std::string Failure(const Policy& policy, const std::map<std::string, Value>& names) {
    if (!policy.condition) return "does not hold";
    hcl::Evaluated evaluated = scope_.EvaluateWhole(policy.condition, names);
    if (evaluated.diagnostics.has_errors()) {
      const Diagnostic& first = evaluated.diagnostics.list().front();
      return fmt::format("(Its condition cannot be evaluated for it: {}: {})", first.summary,
                         first.detail);
    }
    Value result = evaluated.value.UnmarkDeep();
    if (!result.is_known())
      return "(Whether its condition holds only the apply can tell, so it does not count as "
             "holding.)";
    if (result.is_null() || !result.type().is_bool())
      return "(Its condition is neither true nor false.)";
    return result.boolean() ? "" : "does not hold";
  }

  std::string MessageOf(const Policy& policy, const std::map<std::string, Value>& names) {
    std::string otherwise = "its condition does not hold.";
    if (!policy.message) return policy.condition ? otherwise : "it is not allowed.";
    hcl::Evaluated evaluated = scope_.EvaluateWhole(policy.message, names);
    if (evaluated.value.contains_marked())
      return otherwise + " (Its message holds sensitive values.)";
    if (!evaluated.value.is_known_not_null() || !evaluated.value.type().is_string())
      return otherwise;
    return evaluated.value.string();
  }

  KnownScope scope_;
  Judgement out_;
};

}  // namespace

std::string_view ActionName(infra::Action action) {
  switch (action) {
    case infra::Action::kCreate:
      return "create";
    case infra::Action::kUpdate:
      return "update";
    case infra::Action::kDelete:
      return "delete";
    case infra::Action::kDeleteThenCreate:
    case infra::Action::kCreateThenDelete:
    case infra::Action::kForgetThenCreate:
      return "replace";
    case infra::Action::kForget:
      return "forget";
    case infra::Action::kNoOp:
    case infra::Action::kRead:
      break;
  }
  return {};
}

Policies ReadPolicies(const config::Module& module, const hcl::FunctionTable* functions) {
  return Reader(module, functions).Run();
}

Judgement Judge(const std::vector<Policy>& policies, const config::Module& module,
                const std::map<std::string, Value>& variables, const hcl::FunctionTable* functions,
                const infra::Plan& plan) {
  Bench judge(module, variables, functions);
  for (const infra::ResourceChange& change : plan.changes) {
    std::string_view action = ActionName(change.action);
    if (action.empty()) continue;
    for (const Policy& policy : policies) {
      if (Concerns(policy, change, action)) judge.Look(policy, change, action);
    }
  }
  return judge.Take();
}

}  // namespace andon::policy
