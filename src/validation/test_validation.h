// Validations for this folder's tests.
#pragma once

#include <string>

#include "validation/validation.h"

namespace andon::validation {

inline Timestamp T0() { return *ParseTimestamp("2026-11-20T08:00:00Z"); }

inline CheckedCheck Made(std::string name, std::string column, int64_t bad = 0,
                         quality::CheckSeverity severity = quality::CheckSeverity::kCritical) {
  CheckedCheck c;
  c.check = {.name = std::move(name),
             .type = "expect_column_values_to_be_between",
             .kwargs = Json::Object({{"column", column}, {"min_value", 0}}),
             .severity = severity};
  c.check.declared.filename = "payment.andon.hcl";
  c.check.declared.start.line = c.check.declared.end.line = 12;
  c.result.name = c.check.name;
  c.result.type = c.check.type;
  c.result.severity = severity;
  c.result.columns = {column};
  c.result.element_count = 1157;
  c.result.missing_count = 0;
  c.result.unexpected_count = bad;
  c.result.unexpected_percent = 100.0 * static_cast<double>(bad) / 1157;
  c.result.observed_value = bad;
  if (bad == 0) return c;
  c.result.state = quality::CheckState::kFailed;
  c.result.message =
      fmt::format("{} of 1,157 values of {} are unexpected (3.2 %): \"a@b\", -4.99", bad, column);
  c.result.partial_unexpected_list = {"a@b", -4.99};
  c.result.sample.columns = {{"payment_id", "long"}, {column, "string"}};
  c.result.sample.rows = {{1, "a@b"}, {2, nullptr}, {3, "<script>|`"}};
  return c;
}

inline CheckedCheck Broken(std::string name, std::string column, std::string message) {
  CheckedCheck c = Made(std::move(name), std::move(column));
  c.result.state = quality::CheckState::kError;
  c.result.message = std::move(message);
  return c;
}

inline Validation Payment(std::vector<CheckedCheck> results) {
  return {.name = "payment",
          .dataset = "dataset.payment",
          .batch = "2005-08",
          .branch = "main",
          .version = 3,
          .snapshot_id = 30,
          .release_id = 1,
          .run_id = "run1",
          .trigger = "run",
          .rows = 1157,
          .started = T0(),
          .duration = std::chrono::milliseconds(12),
          .results = std::move(results)};
}

}  // namespace andon::validation
