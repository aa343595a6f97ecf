#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "hcl/eval_internal.h"
#include "value/convert.h"

namespace andon::hcl {

using value::Marks;
using value::Type;
using value::Value;

// One run through a collection: the scope whose variables change, and what is
// known of the result.
struct Evaluator::ForLoop {
  const ForNode& node;
  std::vector<std::pair<Value, Value>> elements;
  EvalContext scope;
  Marks marks;
  bool known = true;  // False after an unknown or mistaken condition or key.

  void Set(size_t i) {
    if (!node.key_name.empty()) Variable(node.key_name) = elements[i].first;
    Variable(node.value_name) = elements[i].second;
  }
  Value& Variable(std::string_view name) {
    auto it = scope.variables.find(name);
    if (it == scope.variables.end()) {
      it = scope.variables.emplace(std::string(name), Value::Dynamic()).first;
    }
    return it->second;
  }
};

Value Evaluator::EvalFor(const ForNode& node, const EvalContext& context) {
  Value collection = Eval(*node.collection, context);
  if (collection.is_null()) {
    Error(kInvalidIteration, "This is null, so \"for\" cannot go through its elements.",
          node.collection->span);
    return Value::Dynamic();
  }
  if (collection.type().is_dynamic()) return Value::Dynamic().WithMarks(collection.marks());
  ForLoop loop{node, {}, {}, collection.marks()};
  collection = collection.Unmark();
  if (collection.type().is_primitive()) {
    Error(kInvalidIteration,
          fmt::format("This is {}, which has no elements for \"for\" to go through.",
                      collection.type().FriendlyName()),
          node.collection->span);
    return Value::Dynamic();
  }
  loop.scope.parent = &context;
  if (!node.key_name.empty()) loop.Variable(node.key_name) = Value::Dynamic();
  loop.Variable(node.value_name) = Value::Dynamic();
  Marks condition_marks;
  if (node.condition != nullptr && !CheckForCondition(node, loop.scope, condition_marks)) {
    return Value::Dynamic();
  }
  if (!collection.is_known()) {
    return Value::Dynamic().WithMarks(loop.marks.With(condition_marks));
  }
  loop.elements = collection.Elements();
  return node.is_object ? EvalForObject(loop) : EvalForTuple(loop);
}

// Evaluates the condition once for unknown variables: a mistake that does not
// depend on the element is told once, not for each.
bool Evaluator::CheckForCondition(const ForNode& node, EvalContext& scope, Marks& marks) {
  int before = out_->errors();
  Value condition = Eval(*node.condition, scope);
  if (condition.is_null()) {
    Error(kInvalidCondition, "The condition of \"for\" is null; it must be true or false.",
          node.condition->span);
    return false;
  }
  marks = condition.marks();
  if (!value::Convert(condition, Type::Bool()).ok()) {
    Error(kInvalidCondition,
          fmt::format("The condition of \"for\" must be true or false, and is {}.",
                      condition.type().FriendlyName()),
          node.condition->span);
    return false;
  }
  return out_->errors() == before;
}

// Whether the element that is set now belongs to the result. The first mistake
// makes the result unknown, and more of the same are not told.
bool Evaluator::Includes(ForLoop& loop) {
  const Node* node = loop.node.condition;
  if (node == nullptr) return true;
  Diagnostics mistakes;
  Value condition = EvalAside(*node, loop.scope, mistakes);
  bool failed = mistakes.has_errors();
  if (loop.known || !failed) out_->Append(std::move(mistakes));
  loop.marks |= condition.marks();
  condition = condition.Unmark();
  auto give_up = [&](std::string detail) {
    if (loop.known && !failed) Error(kInvalidCondition, std::move(detail), node->span);
    loop.known = false;
    return false;
  };
  if (condition.is_null())
    return give_up("The condition of \"for\" must be true or false, not null.");
  if (!condition.is_known()) {
    loop.known = false;
    return false;
  }
  auto result = value::Convert(condition, Type::Bool());
  if (!result.ok()) {
    return give_up(fmt::format("The condition of \"for\" must be true or false, and is {}.",
                               condition.type().FriendlyName()));
  }
  return result->boolean();
}

// Runs `visit` for every element. Elements that fail in the same way tell it once;
// after some failures the rest is left out. False where the result is unknown.
bool Evaluator::RunLoop(ForLoop& loop, const std::function<void()>& visit) {
  constexpr int kFailuresMax = 5;
  int failures = 0;
  const size_t told_before = out_->size();
  for (size_t i = 0; i < loop.elements.size(); ++i) {
    loop.Set(i);
    Diagnostics mistakes;
    Diagnostics* out = std::exchange(out_, &mistakes);
    if (Includes(loop)) visit();
    out_ = out;
    if (mistakes.empty()) continue;
    for (const Diagnostic& mistake : mistakes) {
      auto same = [&](const Diagnostic& told) {
        return told.code == mistake.code && told.subject == mistake.subject;
      };
      const auto& list = out_->list();
      if (std::none_of(list.begin() + static_cast<ptrdiff_t>(told_before), list.end(), same)) {
        out_->Add(mistake);
      }
    }
    if (mistakes.has_errors() && ++failures == kFailuresMax) return false;
  }
  return loop.known;
}

Value Evaluator::EvalForTuple(ForLoop& loop) {
  std::vector<Value> results;
  results.reserve(loop.elements.size());
  bool known = RunLoop(loop, [&] { results.push_back(Eval(*loop.node.value, loop.scope)); });
  if (!known) return Value::Dynamic().WithMarks(loop.marks);
  return Value::Tuple(std::move(results)).WithMarks(loop.marks);
}

std::optional<std::string> Evaluator::ForKey(ForLoop& loop) {
  const Node& node = *loop.node.key;
  int before = out_->errors();
  Value key = Eval(node, loop.scope);
  bool failed = out_->errors() > before;
  auto give_up = [&](std::string detail) {
    if (loop.known && !failed) Error(kInvalidKey, std::move(detail), node.span);
    loop.known = false;
    return std::nullopt;
  };
  if (key.is_null()) return give_up("The key of an object must not be null.");
  loop.marks |= key.marks();
  key = key.Unmark();
  if (!key.is_known()) {
    loop.known = false;
    return std::nullopt;
  }
  auto text = value::Convert(key, Type::String());
  if (!text.ok()) {
    return give_up(fmt::format("This cannot be the key of an object: {}.", text.error().message));
  }
  return text->string();
}

Value Evaluator::EvalForObject(ForLoop& loop) {
  std::map<std::string, std::vector<Value>> results;
  bool known = RunLoop(loop, [&] {
    std::optional<std::string> key = ForKey(loop);
    if (!key) return;
    Value value = Eval(*loop.node.value, loop.scope);
    auto& values = results[*key];
    if (values.empty() || loop.node.group) {
      values.push_back(std::move(value));
      return;
    }
    // A key that must not be shown may come from a marked value.
    std::string shown = loop.marks.empty() ? fmt::format(" \"{}\"", *key) : "";
    Error(kDuplicateKey,
          fmt::format("Two elements give the same key{}. Make keys that differ, or group the "
                      "values by key with \"...\" after the value.",
                      shown),
          loop.node.key->span);
  });
  if (!known) return Value::Dynamic().WithMarks(loop.marks);
  Value::Members members;
  members.reserve(results.size());
  for (auto& [key, values] : results) {
    members.emplace_back(key, loop.node.group ? Value::Tuple(std::move(values)) : values.front());
  }
  return Value::Object(std::move(members)).WithMarks(loop.marks);
}

// --- Splats.

Value Evaluator::EvalEach(const SplatNode& node, Value item, const EvalContext& context) {
  items_.emplace_back(node.item, std::move(item));
  Value value = Eval(*node.each, context);
  items_.pop_back();
  return value;
}

// The type of the result for a source whose elements are not known.
Type Evaluator::SplatType(const SplatNode& node, const Type& source, const EvalContext& context) {
  if (source.is_tuple()) {
    std::vector<Type> types;
    for (const Type& element : source.elements()) {
      types.push_back(EvalEach(node, Value::Unknown(element), context).type());
    }
    return Type::Tuple(std::move(types));
  }
  return Type::List(EvalEach(node, Value::Unknown(source.element()), context).type());
}

Value Evaluator::EvalSplat(const SplatNode& node, const EvalContext& context) {
  int before = out_->errors();
  Value source = Eval(*node.source, context);
  if (out_->errors() > before) return Value::Dynamic();
  Marks marks = source.marks();
  source = source.Unmark();
  const Type type = source.type();
  bool is_sequence = type.is_tuple() || type.is_list() || type.is_set();
  if (source.is_null()) {
    // What is no sequence counts as one of one element, or none for null.
    if (!is_sequence) return Value::EmptyTuple().WithMarks(marks);
    Error(kInvalidIteration, "This list is null, so a splat cannot go through its elements.",
          node.source->span);
    return Value::Dynamic();
  }
  if (type.is_dynamic()) return Value::Dynamic().WithMarks(marks);
  if (!is_sequence) {
    // Unknown: it may yet be null, and then the result has no element.
    bool open = !source.is_known() && !source.is_definitely_not_null();
    Value result = EvalEach(node, source, context);
    if (open || out_->errors() > before) return Value::Dynamic().WithMarks(marks);
    return Value::Tuple({std::move(result)}).WithMarks(marks);
  }
  if (!source.is_known()) {
    Type result = SplatType(node, type, context);
    return Value::Unknown(result, {.not_null = true}).WithMarks(marks);
  }
  std::vector<Value> results;
  results.reserve(source.items().size());
  for (const Value& item : source.items()) {
    results.push_back(EvalEach(node, item, context));
    if (out_->errors() > before) {
      // The other elements would most often tell the same.
      Diagnostics aside;
      Diagnostics* out = std::exchange(out_, &aside);
      Type result = SplatType(node, type, context);
      out_ = out;
      return Value::Unknown(result).WithMarks(marks);
    }
  }
  if (type.is_tuple()) return Value::Tuple(std::move(results)).WithMarks(marks);
  if (results.empty()) {
    return Value::List(SplatType(node, type, context).element(), {}).WithMarks(marks);
  }
  const Type element = results.front().type();
  for (const Value& result : results) {
    if (result.type() == element) continue;
    Error(
        kInvalidIteration,
        "The elements of this splat give values of different types, which no list can hold. Write "
        "a \"for\" expression instead: [for x in ... : x].",
        node.each->span);
    return Value::Dynamic().WithMarks(marks);
  }
  return Value::List(std::move(results)).WithMarks(marks);
}

}  // namespace andon::hcl
