#include "infra/expansion.h"

#include <fmt/format.h>

#include "config/codes.h"
#include "value/convert.h"

namespace andon::infra {

using value::Type;
using value::Value;

namespace {

// More would not fit a state file that anybody could read.
constexpr int64_t kCountMax = 1'000'000;

void ExpandCount(hcl::Expression expression, const Value& value, Expansion* out,
                 Diagnostics* diagnostics) {
  auto wrong = [&](std::string detail) {
    config::Report(diagnostics, config::kInvalidCount, std::move(detail), expression.range());
    out->is_known = false;
  };
  if (value.Has(value::Mark::kSensitive) || value.Has(value::Mark::kEphemeral))
    return wrong(
        "count must not be sensitive or ephemeral: it becomes part of addresses, which "
        "are shown everywhere.");
  auto number = value::Convert(value, Type::Number());
  if (!number.ok() || number->is_null()) return wrong("count takes a whole number from 0.");
  if (!number->is_known()) {
    return wrong(
        "count depends on something that only apply can tell, so the plan cannot say "
        "how many instances there are. Apply first, with -target, what it depends on.");
  }
  auto n = number->number().ToInt64();
  if (!n || *n < 0 || *n > kCountMax)
    return wrong(fmt::format("count takes a whole number from 0 to {}.", kCountMax));
  out->items.reserve(static_cast<size_t>(*n));
  for (int64_t i = 0; i < *n; ++i) out->items.emplace_back(address::Key(i), Value::Number(i));
}

void ExpandForEach(hcl::Expression expression, const Value& value, Expansion* out,
                   Diagnostics* diagnostics) {
  auto wrong = [&](std::string detail) {
    config::Report(diagnostics, config::kInvalidForEach, std::move(detail), expression.range());
    out->is_known = false;
  };
  if (value.Has(value::Mark::kSensitive) || value.Has(value::Mark::kEphemeral))
    return wrong(
        "for_each must not be sensitive or ephemeral: its keys become part of addresses, "
        "which are shown everywhere.");
  const Type& type = value.type();
  if (value.is_null())
    return wrong("for_each must not be null. An empty map or set gives no instances.");
  if (!value.is_known()) {
    return wrong(
        "for_each depends on something that only apply can tell, so the plan cannot say "
        "which instances there are. Apply first, with -target, what it depends on.");
  }
  bool is_map = type.is_map() || type.is_object();
  if (!is_map && !(type.is_set() && (type.element().is_string() || value.size() == 0))) {
    return wrong(
        fmt::format("for_each takes a map, or a set of texts, but this is {}. toset([…]) "
                    "makes a set of a list.",
                    type.FriendlyName()));
  }
  for (const auto& [key, each] : value.Elements()) {
    if (!key.is_known_not_null()) {
      return wrong("A set in for_each must not hold null, or anything that only apply can tell.");
    }
    if (key.is_marked()) return wrong("A key of for_each must not be sensitive.");
    out->items.emplace_back(address::Key(key.string()), is_map ? each : key);
  }
}

}  // namespace

Expansion Expand(hcl::Expression count, hcl::Expression for_each, hcl::Expression enabled,
                 const hcl::EvalContext& context, Diagnostics* diagnostics) {
  Expansion out;
  hcl::Expression expression = count ? count : for_each ? for_each : enabled;
  if (!expression) {
    out.items.emplace_back(address::Key(), Value::Null());
    return out;
  }
  out.repetition = count      ? Repetition::kCount
                   : for_each ? Repetition::kForEach
                              : Repetition::kEnabled;
  auto evaluated = hcl::Evaluate(expression, context);
  diagnostics->Append(evaluated.diagnostics);
  if (evaluated.diagnostics.has_errors()) {
    out.is_known = false;
    return out;
  }
  if (count) {
    ExpandCount(expression, evaluated.value, &out, diagnostics);
  } else if (for_each) {
    ExpandForEach(expression, evaluated.value, &out, diagnostics);
  } else {
    auto is_on = value::Convert(evaluated.value.UnmarkDeep(), Type::Bool());
    if (!is_on.ok() || !is_on->is_known_not_null() || evaluated.value.contains_marked()) {
      config::Report(diagnostics, config::kInvalidCount,
                     "enabled takes true or false, known when planning and not sensitive.",
                     expression.range());
      out.is_known = false;
    } else if (is_on->boolean()) {
      out.items.emplace_back(address::Key(), Value::Null());
    }
  }
  if (!out.is_known) out.items.clear();
  return out;
}

std::map<std::string, Value, std::less<>> RepetitionNames(const address::Key& key,
                                                          const Value& each) {
  if (auto* text = std::get_if<std::string>(&key))
    return {{"each", Value::Object({{"key", Value::String(*text)}, {"value", each}})}};
  if (auto* number = std::get_if<int64_t>(&key))
    return {{"count", Value::Object({{"index", Value::Number(*number)}})}};
  return {};
}

Value Gather(Repetition repetition, const std::vector<address::Key>& keys,
             std::vector<Value> values) {
  switch (repetition) {
    case Repetition::kSingle:
      return values.empty() ? Value::Dynamic() : values[0];
    case Repetition::kEnabled:
      return values.empty() ? Value::Null() : values[0];
    case Repetition::kCount:
      return Value::Tuple(std::move(values));
    case Repetition::kForEach: {
      Value::Members members;
      members.reserve(keys.size());
      for (size_t i = 0; i < keys.size(); ++i) {
        auto* text = std::get_if<std::string>(&keys[i]);
        if (text != nullptr) members.emplace_back(*text, std::move(values[i]));
      }
      return Value::Object(std::move(members));
    }
  }
  return Value::Dynamic();
}

}  // namespace andon::infra
