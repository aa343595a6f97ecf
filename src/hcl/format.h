// The canonical format of HCL: `terraform fmt`, byte for byte.
//
// It only changes white space between tokens: indentation, spaces around
// operators, and the alignment of "=" and of comments at the end of lines that
// follow one another. Templates and heredocs keep their text, and a missing
// newline at the end of the file stays missing. Format(Format(x)) == Format(x).
#pragma once

#include <string>
#include <string_view>

namespace andon::hcl {

struct FormatOptions {
  // What `terraform fmt` rewrites beyond white space: labels of blocks are
  // quoted, "${x}" as a whole value becomes x, and the type of a variable
  // loses its quotes ("string" is string, list is list(any)).
  bool rewrite_legacy = false;
};

// Text with syntax errors comes back formatted as far as tokens go; callers
// that write files parse first, and leave a file with errors alone.
std::string Format(std::string_view text, const FormatOptions& options = {});

}  // namespace andon::hcl
