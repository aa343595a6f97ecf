#include "infra/conditions.h"

#include "value/convert.h"

namespace andon::infra {

using value::Value;

std::string_view ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kError:
      return "error";
    case Verdict::kUnknown:
      return "unknown";
  }
  return "";
}

namespace {

std::string MessageOf(const config::CheckRule& rule, const hcl::EvalContext& context,
                      Diagnostics* diagnostics) {
  if (!rule.error_message) return "The condition does not hold.";
  auto evaluated = hcl::Evaluate(rule.error_message, context);
  diagnostics->Append(evaluated.diagnostics);
  auto text = value::Convert(evaluated.value.UnmarkDeep(), value::Type::String());
  if (!text.ok() || !text->is_known_not_null())
    return "The condition does not hold. (Its error message cannot be told now.)";
  if (evaluated.value.contains_marked())
    return "The condition does not hold. Its error message is made of sensitive or ephemeral "
           "values and is not shown; nonsensitive() says that it may be.";
  return text->string();
}

}  // namespace

RuleOutcome Judge(const config::CheckRule& rule, const hcl::EvalContext& context, const Code& code,
                  bool is_warning) {
  RuleOutcome out;
  auto add = [&](Diagnostics found) {
    for (Diagnostic d : found) {
      if (is_warning) d.severity = Severity::kWarning;
      out.diagnostics.Add(std::move(d));
    }
  };
  auto condition = hcl::Evaluate(rule.condition, context);
  add(condition.diagnostics);
  if (condition.diagnostics.has_errors()) {
    out.verdict = Verdict::kError;
    return out;
  }
  Value value = condition.value.UnmarkDeep();
  auto holds = value::Convert(value, value::Type::Bool());
  if (value.is_known() && (!holds.ok() || holds->is_null())) {
    Diagnostics wrong;
    hcl::Report(wrong, hcl::kInvalidCondition, "A condition must be true or false.",
                rule.condition.range());
    add(std::move(wrong));
    out.verdict = Verdict::kError;
    return out;
  }
  if (!holds.ok() || !holds->is_known()) {
    out.verdict = Verdict::kUnknown;
    return out;
  }
  if (holds->boolean()) return out;
  out.verdict = Verdict::kFail;
  Diagnostics found;
  out.message = MessageOf(rule, context, &found);
  Report(&found, code, out.message, rule.condition.range(), "this does not hold");
  add(std::move(found));
  return out;
}

bool JudgeAll(const std::vector<config::CheckRule>& rules, const hcl::EvalContext& context,
              const Code& code, const address::Address& address, Messages* messages,
              CheckOutcome* outcome, bool is_warning) {
  bool holds = true;
  for (const config::CheckRule& rule : rules) {
    RuleOutcome judged = Judge(rule, context, code, is_warning);
    messages->Add(judged.diagnostics, ToString(address));
    if (judged.verdict == Verdict::kPass) continue;
    if (judged.verdict == Verdict::kFail) outcome->messages.push_back(judged.message);
    // What is not known now may hold later, but a failure stays one.
    bool is_unknown = judged.verdict == Verdict::kUnknown;
    if (!is_unknown || holds) outcome->status = ToString(judged.verdict);
    holds &= is_unknown;
  }
  return holds || is_warning;
}

}  // namespace andon::infra
