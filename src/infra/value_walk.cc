#include "infra/value_walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "infra/codes.h"
#include "infra/conditions.h"
#include "value/convert.h"

namespace andon::infra {

using value::Value;

std::string ModulePrefix(const std::vector<address::ModuleStep>& path) {
  std::string out;
  for (const address::ModuleStep& step : path)
    out += fmt::format("module.{}{}.", step.name, address::ToString(step.key));
  return out;
}

bool ValueWalk::Visit(NodeId id) {
  const Node& node = graph_.At(id);
  scope_.Prepare(id);
  switch (node.kind) {
    case NodeKind::kVariable:
      return VisitVariable(id);
    case NodeKind::kModule:
      return VisitModule(id);
    case NodeKind::kOutput:
      return VisitOutput(id);
    case NodeKind::kCheck:
      return VisitCheck(id);
    case NodeKind::kLocal: {
      bool all = true;
      for (size_t i = 0; i < scope_.InstancesOf(node.module).size(); ++i) {
        int instance = static_cast<int>(i);
        auto evaluated =
            hcl::Evaluate(node.local->expression, scope_.Context(node.module, instance, node.uses));
        messages_.Add(evaluated.diagnostics);
        all &= !evaluated.diagnostics.has_errors();
        scope_.Set(id, instance, evaluated.value);
      }
      return all;
    }
    case NodeKind::kProvider:
    case NodeKind::kResource:
      break;
  }
  return true;
}

bool ValueWalk::VisitVariable(NodeId id) {
  const Node& node = graph_.At(id);
  const config::Variable& variable = *node.variable;
  const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
  if (module.call < 0) {
    auto it = variables_.find(node.name);
    Value value = it == variables_.end() ? Value::Dynamic() : it->second;
    scope_.Set(id, 0, value);
    return JudgeVariable(id, 0);
  }
  const hcl::Attribute* input = graph_.At(module.call).call->body.Find(node.name);
  bool all = true;
  const auto& instances = scope_.InstancesOf(node.module);
  for (size_t i = 0; i < instances.size(); ++i) {
    Value value = Value::Null(variable.type.type);
    Diagnostics found;
    if (input != nullptr) {
      hcl::EvalContext context = scope_.Context(module.parent, instances[i].parent, node.uses);
      context.variables.merge(RepetitionNames(instances[i].key, instances[i].each));
      auto evaluated = hcl::Evaluate(input->expression(), context);
      found.Append(evaluated.diagnostics);
      value = evaluated.value;
      if (variable.type.defaults && value.is_known_not_null())
        value = config::ApplyDefaults(value, *variable.type.defaults);
      auto converted = value::Convert(value, variable.type.type);
      if (!converted.ok()) {
        Report(&found, kInvalidModuleInput,
               fmt::format("The value does not suit the variable \"{}\" of the module: {}.",
                           variable.name, converted.error().message),
               input->expression().range());
        value = Value::Unknown(variable.type.type);
      } else {
        value = *converted;
      }
    }
    if (input == nullptr || (value.is_null() && !variable.nullable)) {
      if (variable.fallback) {
        value = *variable.fallback;
      } else if (input != nullptr) {
        Report(&found, kInvalidModuleInput,
               fmt::format("The variable \"{}\" of the module must not be null.", variable.name),
               input->expression().range());
      }
    }
    if (variable.sensitive) value = value.WithMarks(value::Mark::kSensitive);
    if (variable.ephemeral) value = value.WithMarks(value::Mark::kEphemeral);
    messages_.Add(found);
    scope_.Set(id, static_cast<int>(i), value);
    all &= !found.has_errors() && JudgeVariable(id, static_cast<int>(i));
  }
  return all;
}

bool ValueWalk::JudgeVariable(NodeId id, int instance) {
  const Node& node = graph_.At(id);
  if (is_destroy_ || node.variable->validations.empty()) return true;
  CheckOutcome outcome{
      .kind = "var",
      .address = ModulePrefix(scope_.InstancesOf(node.module)[static_cast<size_t>(instance)].path) +
                 "var." + node.name,
      .status = "pass"};
  bool holds = true;
  for (const config::Validation& validation : node.variable->validations) {
    // The names of `var` that both ask for, and the variable itself in any case.
    Uses uses;
    const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
    uses.variables.insert(id);
    for (hcl::Expression e : {validation.condition, validation.error_message}) {
      if (e) AddUses(module, e, &uses);
    }
    hcl::EvalContext context = scope_.Context(node.module, instance, uses);
    RuleOutcome judged = Judge(validation, context, kVariableCondition);
    if (judged.verdict == Verdict::kFail) {
      Diagnostics found;
      Diagnostic d =
          Message(kVariableCondition, fmt::format("var.{}: {}", node.name, judged.message),
                  node.variable->range);
      d.labels.push_back({validation.condition.range(), "this condition does not hold"});
      found.Add(std::move(d));
      messages_.Add(found);
      outcome.messages.push_back(judged.message);
    } else {
      messages_.Add(judged.diagnostics);
    }
    if (judged.verdict == Verdict::kFail || judged.verdict == Verdict::kError) {
      holds = false;
      outcome.status = ToString(judged.verdict);
    } else if (judged.verdict == Verdict::kUnknown && holds) {
      outcome.status = "unknown";
    }
  }
  AddCheck(std::move(outcome));
  return holds;
}

bool ValueWalk::VisitModule(NodeId id) {
  const Node& node = graph_.At(id);
  const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
  auto child = module.children.find(node.name);
  if (child == module.children.end()) return true;
  std::vector<ModuleInstance> found;
  bool all = true;
  const auto& around = scope_.InstancesOf(node.module);
  for (size_t i = 0; i < around.size(); ++i) {
    Diagnostics diagnostics;
    Expansion expansion =
        Expand(node.call->count, node.call->for_each, node.call->enabled,
               scope_.Context(node.module, static_cast<int>(i), node.uses), &diagnostics);
    messages_.Add(diagnostics);
    all &= expansion.is_known;
    scope_.SetRepetition(id, expansion.repetition);
    for (auto& [key, each] : expansion.items) {
      ModuleInstance instance{
          .path = around[i].path, .parent = static_cast<int>(i), .key = key, .each = each};
      instance.path.push_back({node.name, key});
      found.push_back(std::move(instance));
    }
  }
  scope_.SetInstances(child->second, std::move(found));
  return all;
}

bool ValueWalk::VisitOutput(NodeId id) {
  const Node& node = graph_.At(id);
  const config::Output& output = *node.output;
  bool is_root = graph_.modules[static_cast<size_t>(node.module)].call < 0;
  bool all = true;
  const auto& instances = scope_.InstancesOf(node.module);
  for (size_t i = 0; i < instances.size(); ++i) {
    hcl::EvalContext context = scope_.Context(node.module, static_cast<int>(i), node.uses);
    Diagnostics found;
    if (!is_destroy_ && !output.preconditions.empty()) {
      CheckOutcome outcome{.kind = "output",
                           .address = ModulePrefix(instances[i].path) + "output." + node.name,
                           .status = "pass"};
      for (const config::CheckRule& rule : output.preconditions) {
        RuleOutcome judged = Judge(rule, context, kOutputCondition);
        found.Append(judged.diagnostics);
        if (judged.verdict != Verdict::kPass) outcome.status = ToString(judged.verdict);
        if (judged.verdict == Verdict::kFail) outcome.messages.push_back(judged.message);
      }
      AddCheck(std::move(outcome));
    }
    Value value = Value::Dynamic();
    if (!found.has_errors() && output.expression) {
      auto evaluated = hcl::Evaluate(output.expression, context);
      found.Append(evaluated.diagnostics);
      value = evaluated.value;
    }
    if (is_root && value.deep_marks().Has(value::Mark::kSensitive) && !output.sensitive &&
        !is_destroy_) {
      Report(&found, kSensitiveOutput,
             "This output would show a sensitive value. Mark it with sensitive = true to say that "
             "this is meant.",
             output.range);
    }
    if (output.sensitive) value = value.WithMarks(value::Mark::kSensitive);
    if (output.ephemeral) value = value.WithMarks(value::Mark::kEphemeral);
    messages_.Add(found);
    all &= !found.has_errors();
    scope_.Set(id, static_cast<int>(i), value);
  }
  return all;
}

bool ValueWalk::VisitCheck(NodeId id) {
  if (is_destroy_) return true;
  const Node& node = graph_.At(id);
  const auto& instances = scope_.InstancesOf(node.module);
  for (size_t i = 0; i < instances.size(); ++i) {
    hcl::EvalContext context = scope_.Context(node.module, static_cast<int>(i), node.uses);
    CheckOutcome outcome{.kind = "check",
                         .address = ModulePrefix(instances[i].path) + "check." + node.name,
                         .status = "pass"};
    for (const config::CheckRule& rule : node.check->asserts) {
      // A check tells; it does not stop anything.
      RuleOutcome judged = Judge(rule, context, kCheckFailed, true);
      messages_.Add(judged.diagnostics);
      if (judged.verdict == Verdict::kFail) outcome.messages.push_back(judged.message);
      if (judged.verdict != Verdict::kPass && outcome.status != "fail")
        outcome.status = ToString(judged.verdict);
    }
    AddCheck(std::move(outcome));
  }
  return true;
}

void ValueWalk::AddCheck(CheckOutcome outcome) {
  std::lock_guard lock(mutex_);
  checks_.push_back(std::move(outcome));
}

std::vector<CheckOutcome> ValueWalk::TakeChecks() {
  std::lock_guard lock(mutex_);
  std::sort(checks_.begin(), checks_.end(), [](const CheckOutcome& a, const CheckOutcome& b) {
    return std::tie(a.kind, a.address) < std::tie(b.kind, b.address);
  });
  return std::move(checks_);
}

}  // namespace andon::infra
