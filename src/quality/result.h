// From counts and verdicts to a CheckResult with its message.
#pragma once

#include <string>
#include <vector>

#include "quality/plan.h"
#include "quality/run.h"

namespace andon::quality {

CheckResult NewResult(const CheckSpec& check);
// Of an expectation on values: `judged` of `rows` have a value, `bad` of those are bad.
void SetCounts(const PlannedCheck& check, int64_t rows, int64_t judged, int64_t bad,
               CheckResult* result);
// Of an aggregate or the schema; with its message.
void SetVerdict(const PlannedCheck& check, Verdict verdict, CheckResult* result);
void SetError(std::string message, CheckResult* result);
// "37 of 1,157 values of amount are unexpected (3.2 %): -4.99, -2.99, …"
void SetMessage(const PlannedCheck& check, CheckResult* result);
// [{"value": v, "count": n}]: the most frequent first, at most `most` of them.
std::vector<Json> CountValues(const std::vector<Json>& values, size_t most);

}  // namespace andon::quality
