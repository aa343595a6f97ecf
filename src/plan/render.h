// A plan as text for people and as JSON Lines for programs.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "plan/plan.h"

namespace andon::plan {

struct RenderOptions {
  // Paints a text in "green", "red", "yellow", "bold", "dim"; null: plain.
  std::function<std::string(std::string_view style, std::string_view text)> paint;
  int width = 100;
  bool is_part = false;  // Of a larger plan: without its summary.
};

// The steps that change something, each with its parts, and the summary. Ends with
// a newline.
std::string RenderPlan(const Plan& plan, const RenderOptions& options = {});

// Terraform's machine-readable events: planned_change, outputs, change_summary.
std::vector<Json> PlanEvents(const Plan& plan);

// The document of `show -json`: format_version, resource_changes, output_changes.
Json PlanDocument(const Plan& plan);

// A value on one line: "[\"a\", \"b\"]", "{a = 1}", cut at `width` cells.
std::string OneLine(const value::Value& value, int width);

}  // namespace andon::plan
