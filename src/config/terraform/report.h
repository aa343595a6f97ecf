// How the messages about Terraform's language are made: one code for a family of
// mistakes, and the summary that scripts know from the reference.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "config/codes.h"

namespace andon::config {

inline Diagnostic Mistake(const Code& code, std::string_view summary, std::string detail,
                          SourceRange subject) {
  Diagnostic d = Message(code, std::move(detail), std::move(subject));
  d.summary = summary;
  return d;
}

inline Diagnostic Doubt(const Code& code, std::string_view summary, std::string detail,
                        SourceRange subject) {
  Diagnostic d = Mistake(code, summary, std::move(detail), std::move(subject));
  d.severity = Severity::kWarning;
  return d;
}

}  // namespace andon::config
