// Comments that allow a leak at a line, with the reason.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/diagnostics.h"

namespace andon::policy {

class Allowed {
 public:
  // What is wrong with the comments themselves goes to `diagnostics`: no reason, no such rule.
  Allowed(const std::string& filename, std::string_view text, Diagnostics* diagnostics);

  bool Allows(std::string_view rule, int32_t line) const;

 private:
  // Rules by line: those of the comment on it, and of the comments right above it.
  std::map<int32_t, std::set<std::string, std::less<>>> by_line_;
};

}  // namespace andon::policy
