// A plan as `show -json` gives it: format 1.2, for programs.
#pragma once

#include <string>
#include <string_view>

#include "infra/plan.h"
#include "infratext/configuration_json.h"
#include "infratext/json_writer.h"
#include "infratext/render_options.h"

namespace andon::infratext {

inline constexpr std::string_view kPlanFormatVersion = "1.2";

// The whole document on one line, without a newline at its end. Sensitive values stand in
// it: `before_sensitive`, `after_sensitive` and `sensitive_values` say which they are.
// `schemas` is asked for objects of the state; changes bring their own. Without a configuration
// the member of that name is left out.
void WritePlanJson(const infra::Plan& plan, std::string_view terraform_version,
                   const SchemaOf& schemas, JsonWriter& out,
                   const Configuration* configuration = nullptr);
std::string PlanJson(const infra::Plan& plan, std::string_view terraform_version,
                     const SchemaOf& schemas, const Configuration* configuration = nullptr);

}  // namespace andon::infratext
