#include "validation/validation.h"

#include "base/text.h"

namespace andon::validation {
namespace {

void Count(const CheckedCheck& checked, Counts* counts) {
  ++counts->checks;
  if (checked.result.success()) {
    ++counts->passed;
  } else if (checked.check.severity != quality::CheckSeverity::kCritical) {
    ++counts->warnings;
  } else if (checked.result.state == quality::CheckState::kError) {
    ++counts->errors;
  } else {
    ++counts->failed;
  }
}

// At most `max` bytes, not cut inside a character.
std::string Shortened(std::string text, size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && (text[max] & 0xC0) == 0x80) --max;
  return text.substr(0, max) + "…";
}

// {"self": 10180, "other": 10179} is "self 10180, other 10179"; what is nested stays JSON.
std::string Observed(const Json& value) {
  if (!value.is_object()) return CellText(value);
  std::string text;
  for (const auto& [name, part] : value.members()) {
    if (part.is_object() || part.is_array()) return value.Dump();
    if (!text.empty()) text += ", ";
    text += name + " " + CellText(part);
  }
  return text;
}

}  // namespace

std::string Validation::title() const {
  std::string out = name;
  if (!batch.empty()) out += " " + batch;
  if (version > 0) out += fmt::format(" @{}", version);
  return out;
}

Counts CountsOf(const Validation& validation) {
  Counts counts;
  for (const CheckedCheck& checked : validation.results) Count(checked, &counts);
  return counts;
}

Counts CountsOf(const std::vector<Validation>& validations) {
  Counts counts;
  for (const Validation& validation : validations) {
    for (const CheckedCheck& checked : validation.results) Count(checked, &counts);
  }
  return counts;
}

std::string_view StateOf(const Counts& counts) {
  if (counts.errors > 0) return "error";
  if (counts.failed > 0) return "failed";
  return counts.warnings > 0 ? "warning" : "passed";
}

std::string_view StateOf(const CheckedCheck& checked) {
  Counts counts;
  Count(checked, &counts);
  return StateOf(counts);
}

std::string_view ToString(quality::CheckState state) {
  switch (state) {
    case quality::CheckState::kPassed:
      return "passed";
    case quality::CheckState::kFailed:
      return "failed";
    case quality::CheckState::kError:
      return "error";
  }
  return "";
}

std::string ObservedText(const quality::CheckResult& result) {
  constexpr size_t kObservedMax = 200;
  if (result.state == quality::CheckState::kError) return {};
  if (result.unexpected_count && result.element_count) {
    const int64_t judged = *result.element_count - result.missing_count.value_or(0);
    std::string text = fmt::format("{} of {} unexpected", WithThousands(*result.unexpected_count),
                                   andon::Count(judged, "value"));
    if (*result.unexpected_count == 0) return text;
    const double percent = result.unexpected_percent.value_or(0);
    return text + (percent > 0 && percent < 0.01
                       ? " (under 0.01 %)"
                       : fmt::format(" ({:.{}f} %)", percent, percent < 1 ? 2 : 1));
  }
  if (result.unexpected_count) return andon::Count(*result.unexpected_count, "row");
  if (result.observed_value.is_null()) return {};
  return Shortened(Observed(result.observed_value), kObservedMax);
}

std::string PositionOf(const quality::CheckSpec& check) {
  if (!check.declared.exists()) return {};
  return fmt::format("{}:{}", check.declared.filename, check.declared.start.line);
}

std::string CellText(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_string()) return value.AsString();
  return value.Dump();
}

}  // namespace andon::validation
