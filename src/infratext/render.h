// A plan of resources as text for people. Symbols, wording of the heads, order and layout
// are those that readers of Terraform's plans know, and that scripts look for:
//
//     # aws_instance.web will be updated in-place
//     # because main.tf:12 instance_type = var.size
//     ~ resource "aws_instance" "web" {
//           id            = "i-1"
//         ~ instance_type = "t3.small" -> "t3.large"
//           # (8 unchanged attributes hidden)
//       }
//
//   Plan: 0 to add, 1 to change, 0 to destroy.
//
// What is sensitive, by its mark or by its schema, is never written, unless asked for.
// Pure: the same data give the same bytes.
#pragma once

#include <string>

#include "infra/plan.h"
#include "infratext/render_options.h"

namespace andon::infratext {

// The whole plan: what changed outside, the legend, every change, the summary, the outputs;
// or why there is nothing to do. Begins with an empty line, ends with a newline.
// Diagnostics are not in it.
std::string RenderPlan(const infra::Plan& plan, const RenderOptions& options);

// Where a change comes from: the head says "will be destroyed" or "has been deleted".
enum class ChangeOrigin { kPlanned, kDetected };

// One change with its head, without a newline at the end; empty where there is nothing to
// say of it: no difference, no move, no import.
std::string RenderChange(const infra::ResourceChange& change, ChangeOrigin origin,
                         const RenderOptions& options);

// The lines below "Changes to Outputs:"; empty where none changes.
std::string RenderOutputChanges(const std::vector<infra::OutputChange>& outputs,
                                const RenderOptions& options);

}  // namespace andon::infratext
