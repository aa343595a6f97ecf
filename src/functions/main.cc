// Reads expressions, one on each line, and prints for each what the console prints, or
// "Error: " and why, with a NUL behind it.
#include <fmt/format.h>

#include <iostream>
#include <string>

#include "functions/registry.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "value/display.h"

namespace andon {
namespace {

std::string Print(const std::string& text, const hcl::EvalContext& context) {
  auto parsed = hcl::ParseExpression(text, "<console-input>");
  Diagnostics diagnostics = parsed.diagnostics;
  if (!diagnostics.has_errors()) {
    auto evaluated = hcl::Evaluate(parsed.expression, context);
    if (!evaluated.diagnostics.has_errors()) return value::Format(evaluated.value);
    diagnostics = evaluated.diagnostics;
  }
  for (const auto& d : diagnostics) {
    if (d.severity == Severity::kError) return fmt::format("Error: {}: {}", d.summary, d.detail);
  }
  return "Error";
}

}  // namespace
}  // namespace andon

int main() {
  andon::SystemClock clock;
  auto table = andon::functions::MakeTable({.clock = &clock});
  andon::hcl::EvalContext context;
  context.functions = &table;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << andon::Print(line, context) << '\0' << std::flush;
  }
  return 0;
}
