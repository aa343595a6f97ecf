// Checks and results as the control store holds them. Only for this folder.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "validation/validation.h"

namespace andon::validation {

Json ToJson(const quality::CheckSpec& check);
quality::CheckSpec CheckFromJson(const Json& json);

// A result without its bad rows and values, and those alone; null where there are none.
Json ResultBody(const quality::CheckResult& result);
Json SampleBody(const quality::CheckResult& result);
// The result again. `sample` may be null.
Result<quality::CheckResult> ResultFrom(Json body, const Json& sample);

// A message without the values that it quotes behind its colon.
std::string WithoutValues(const std::string& message);

}  // namespace andon::validation
