#include "infratest/expected_failures.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "infra/codes.h"
#include "infratest/codes.h"

namespace andon::infratest {
namespace {

bool IsOf(const std::vector<config::CheckRule>& rules, const Diagnostic& d) {
  return std::any_of(rules.begin(), rules.end(), [&](const config::CheckRule& rule) {
    return rule.condition.range() == d.subject;
  });
}

bool Names(const std::string& expected, const std::string& object) {
  if (expected == object) return true;
  auto instance = address::Parse(object);
  return instance.ok() && ToString(instance->WithoutKey()) == expected;
}

SourceRange RangeOf(const config::Module& root, const std::string& check) {
  auto declared = root.terraform.checks.find(check.substr(check.find('.') + 1));
  return declared == root.terraform.checks.end() ? SourceRange() : declared->second.range;
}

}  // namespace

std::string FailedObject(const config::Module& root, const Diagnostic& d) {
  if (d.code == infra::kVariableCondition.code) {
    for (const auto& [name, variable] : root.variables) {
      if (variable.range == d.subject) return "var." + name;
    }
  }
  if (d.code == infra::kOutputCondition.code) {
    for (const auto& [name, output] : root.outputs) {
      if (IsOf(output.preconditions, d)) return "output." + name;
    }
  }
  if (d.code == infra::kCheckFailed.code) {
    for (const auto& [name, check] : root.terraform.checks) {
      if (IsOf(check.asserts, d)) return "check." + name;
    }
  }
  bool is_resource = d.code == infra::kPrecondition.code || d.code == infra::kPostcondition.code;
  if (is_resource && !d.address.starts_with("module.")) return d.address;
  return {};
}

Diagnostics WithoutExpected(const config::Module& root, const Run& run, const Diagnostics& said,
                            const std::vector<infra::CheckOutcome>& outcomes) {
  Diagnostics out;
  std::set<std::string> told;
  std::vector<bool> failed(run.expected_failures.size(), false);
  auto expects = [&](const std::string& object) {
    bool is_expected = false;
    for (size_t i = 0; i < failed.size(); ++i) {
      if (!Names(run.expected_failures[i].object, object)) continue;
      failed[i] = true;
      is_expected = true;
    }
    return is_expected;
  };
  for (Diagnostic d : said) {
    bool is_check = d.code == infra::kCheckFailed.code;
    std::string object = FailedObject(root, d);
    bool counts = is_check || d.severity == Severity::kError;
    if (!object.empty() && counts && expects(object)) continue;
    if (is_check) d.severity = Severity::kError;
    told.insert(object);
    out.Add(std::move(d));
  }
  for (const infra::CheckOutcome& outcome : outcomes) {
    if (outcome.kind == "check" && outcome.status == "unknown" && !expects(outcome.address))
      Report(&out, kUnknownCheck,
             fmt::format("{} reads something that only apply can tell. Let the run apply, or "
                         "expect the failure.",
                         outcome.address),
             RangeOf(root, outcome.address));
    bool is_instance = outcome.kind == "resource" && outcome.status == "fail" &&
                       !outcome.address.starts_with("module.");
    if (is_instance && !expects(outcome.address) && !told.contains(outcome.address)) {
      for (const std::string& message : outcome.messages)
        Report(&out, infra::kPostcondition, fmt::format("{}: {}", outcome.address, message), {});
    }
  }
  for (size_t i = 0; i < failed.size(); ++i) {
    if (failed[i]) continue;
    const ExpectedFailure& expected = run.expected_failures[i];
    Report(&out, kMissingFailure,
           fmt::format("The checkable object, {}, was expected to report an error but did not.",
                       expected.object),
           expected.range);
  }
  return out;
}

}  // namespace andon::infratest
