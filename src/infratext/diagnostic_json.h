// A diagnostic as programs read it, from `-json` and `validate -json`.
#pragma once

#include "base/diagnostics.h"
#include "base/json.h"
#include "base/source.h"

namespace andon::infratext {

// With the lines of source that it is about, where they are known.
Json DiagnosticJson(const Diagnostic& diagnostic, const Sources& sources);

}  // namespace andon::infratext
