#include "cli/insert_checks.h"

#include <algorithm>

#include "base/text.h"
#include "hcl/format.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"

namespace andon::cli {

Result<std::string> InsertChecks(const config::DataBlock& block, std::string_view items) {
  const hcl::Body& body = block.block->body;
  const std::string& text = body.file->text();
  const hcl::Attribute* checks = body.Find("checks");
  std::string added;
  size_t at = 0;
  size_t begin = std::string::npos;  // Where what is written anew begins; at `at` otherwise.
  if (checks != nullptr) {
    if (!hcl::AsMap(checks->expression())) {
      return Error::Invalid(
          "{}: the checks of {} are no literal map, so nothing can be put into it.",
          ToString(checks->range()), block.address());
    }
    // Before its closing brace, which is its last character.
    at = checks->value->span.end - 1;
    added = "\n" + std::string(items);
    std::string_view inside(text);
    inside = Trim(inside.substr(checks->value->span.begin + 1, at - checks->value->span.begin - 1));
    if (!inside.empty() && inside.find('\n') == std::string_view::npos) {
      // A map on one line gets lines of its own.
      added = "\n" + std::string(inside) + added;
      begin = checks->value->span.begin + 1;
    }
  } else {
    at = block.block->close_brace.begin;
    added = "\nchecks = {\n" + std::string(items) + "}\n";
  }
  std::string changed = text.substr(0, std::min(begin, at));
  // The closing brace gets a line of its own, and no empty one before it.
  while (changed.ends_with(' ') || changed.ends_with('\t')) changed.pop_back();
  if (changed.ends_with('\n')) added.erase(0, 1);
  changed += added + text.substr(at);
  if (hcl::Format(text) == text) changed = hcl::Format(changed);
  auto parsed = hcl::ParseFile(body.file->filename(), changed);
  if (parsed.diagnostics.has_errors()) {
    return Error::Invalid("{}: the checks cannot be put into {} without breaking the file.",
                          ToString(block.range), block.address());
  }
  return changed;
}

}  // namespace andon::cli
