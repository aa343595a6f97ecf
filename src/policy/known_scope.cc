#include "policy/known_scope.h"

#include <string_view>

#include "value/convert.h"

namespace andon::policy {

using value::Value;

namespace {

// Locals that refer to one another in a row; each is a level of the stack.
constexpr size_t kChainMax = 200;

}  // namespace

KnownScope::KnownScope(const config::Module& module, std::map<std::string, Value> variables,
                       const hcl::FunctionTable* functions)
    : module_(module), functions_(functions), variables_(std::move(variables)) {}

KnownScope::KnownScope(const config::Module& module, KnownScope& parent,
                       const config::ModuleCall& call)
    : module_(module), functions_(parent.functions_), parent_(&parent), call_(&call) {}

Value KnownScope::Evaluate(hcl::Expression expression, const std::map<std::string, Value>& more) {
  if (!expression) return Value::Dynamic();
  return EvaluateWhole(expression, more).value.UnmarkDeep();
}

hcl::Evaluated KnownScope::EvaluateWhole(hcl::Expression expression,
                                         const std::map<std::string, Value>& more) {
  hcl::EvalContext context{.functions = functions_};
  std::map<std::string, Value::Members> objects;
  std::set<std::pair<std::string, std::string>> seen;
  for (const hcl::Traversal& traversal : hcl::References(expression)) {
    std::string root(traversal.root);
    if (auto given = more.find(root); given != more.end()) {
      context.variables[root] = given->second;
      continue;
    }
    bool is_ours = root == "var" || root == "local";
    if (!is_ours || traversal.steps.empty()) {
      context.variables[root] = Value::Dynamic();
      continue;
    }
    std::string name(traversal.steps[0].text);
    if (!seen.insert({root, name}).second) continue;
    objects[root].emplace_back(name, root == "var" ? Variable(name) : Local(name));
  }
  for (auto& [root, members] : objects)
    context.variables.try_emplace(root, Value::Object(std::move(members)));
  return hcl::Evaluate(expression, context);
}

Value KnownScope::Variable(const std::string& name) {
  auto declared = module_.variables.find(name);
  if (declared == module_.variables.end()) return Value::Dynamic();
  Value given = Value::Dynamic();
  if (call_ != nullptr) {
    const hcl::Attribute* attribute = call_->body.Find(name);
    if (attribute != nullptr)
      given = parent_->EvaluateWhole(attribute->expression(), {}).value;
    else if (declared->second.fallback)
      given = *declared->second.fallback;
  } else if (auto found = variables_.find(name); found != variables_.end()) {
    given = found->second;
  } else if (declared->second.fallback) {
    given = *declared->second.fallback;
  }
  auto converted = value::Convert(given, declared->second.type.type);
  if (!converted.ok()) return Value::Dynamic();
  return declared->second.sensitive ? converted->WithMarks(value::Mark::kSensitive) : *converted;
}

Value KnownScope::Local(const std::string& name) {
  if (auto known = locals_.find(name); known != locals_.end()) return known->second;
  auto declared = module_.locals.find(name);
  if (declared == module_.locals.end() || open_.size() >= kChainMax) return Value::Dynamic();
  if (!open_.insert(name).second) return Value::Dynamic();  // A circle.
  Value value = declared->second.expression ? EvaluateWhole(declared->second.expression, {}).value
                                            : Value::Dynamic();
  open_.erase(name);
  locals_.emplace(name, value);
  return value;
}

}  // namespace andon::policy
