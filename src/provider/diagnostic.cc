#include "provider/diagnostic.h"

#include <algorithm>

namespace andon::provider {

bool HasErrors(const AttributeDiagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const AttributeDiagnostic& d) {
    return d.diagnostic.severity == Severity::kError;
  });
}

AttributeDiagnostic Refusal(std::string summary, std::string detail, value::Path attribute) {
  return {.diagnostic = {.summary = std::move(summary), .detail = std::move(detail)},
          .attribute = std::move(attribute)};
}

Diagnostics WithoutPaths(AttributeDiagnostics diagnostics) {
  Diagnostics result;
  for (AttributeDiagnostic& d : diagnostics) result.Add(std::move(d.diagnostic));
  return result;
}

AttributeDiagnostics OfTheWhole(const Diagnostics& diagnostics) {
  AttributeDiagnostics result;
  for (const Diagnostic& d : diagnostics) result.push_back({.diagnostic = d});
  return result;
}

}  // namespace andon::provider
