// Data of people stay where they are: the values of columns with `pii` are taken out of results
// before anything keeps or shows them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "definition/definition.h"
#include "quality/check.h"
#include "quality/run.h"

namespace andon::validation {

// What stands instead of a value.
inline constexpr char kMasked[] = "•••";

struct PiiColumns {
  std::set<std::string> masked;
  std::set<std::string> shown;  // The other columns that are known by name.

  bool empty() const { return masked.empty(); }
};

// Of a dataset, and of those that its checks compare it with.
PiiColumns PiiColumnsOf(const definition::Project& project, const definition::Dataset& dataset,
                        const std::vector<std::string>& compared_with = {});

// Takes the values of those columns out of a result: samples, lists, message, and what an aggregate
// observed, but for counts and shares. Nulls stay nulls. Of a check that is a statement, columns
// that nobody declared are masked as well: they may hold such a value under another name.
void Mask(const PiiColumns& pii, const quality::CheckSpec& check, quality::CheckResult* result);

}  // namespace andon::validation
