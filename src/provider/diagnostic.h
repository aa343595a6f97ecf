// What a provider says is wrong, and where inside of the object that it was asked
// about. The caller knows which source text the path stands for.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "value/path.h"

namespace andon::provider {

struct AttributeDiagnostic {
  Diagnostic diagnostic;
  value::Path attribute;  // From the object's root; empty: the object as a whole.
};

using AttributeDiagnostics = std::vector<AttributeDiagnostic>;

bool HasErrors(const AttributeDiagnostics& diagnostics);
// An error of fixed words and what they mean here.
AttributeDiagnostic Refusal(std::string summary, std::string detail, value::Path attribute = {});
// Without the paths, for a caller who has no source to point at.
Diagnostics WithoutPaths(AttributeDiagnostics diagnostics);
// The other way: about objects as a whole.
AttributeDiagnostics OfTheWhole(const Diagnostics& diagnostics);

}  // namespace andon::provider
