// The diagnostics of a walk, from all its threads. The instances of one block share their
// text, so what is wrong in it is told once.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "base/diagnostics.h"

namespace andon::infra {

class Messages {
 public:
  void Add(const Diagnostics& diagnostics, const std::string& address = {}) {
    if (diagnostics.empty()) return;
    std::lock_guard lock(mutex_);
    for (Diagnostic d : diagnostics) {
      if (d.address.empty()) d.address = address;
      // Without a place in the text, each object has its own.
      std::string whose = d.subject.exists() ? std::string() : d.address;
      if (told_.emplace(d.code, ToString(d.subject), d.detail, whose).second)
        diagnostics_.Add(std::move(d));
    }
  }

  // The same, with what is an error told as a warning.
  void AddAsWarnings(const Diagnostics& diagnostics) {
    Diagnostics warnings;
    for (Diagnostic d : diagnostics) {
      d.severity = Severity::kWarning;
      warnings.Add(std::move(d));
    }
    Add(warnings);
  }

  bool has_errors() const {
    std::lock_guard lock(mutex_);
    return diagnostics_.has_errors();
  }

  Diagnostics Take() {
    std::lock_guard lock(mutex_);
    diagnostics_.Sort();
    return std::move(diagnostics_);
  }

 private:
  mutable std::mutex mutex_;  // Guards all below.
  Diagnostics diagnostics_;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> told_;
};

}  // namespace andon::infra
