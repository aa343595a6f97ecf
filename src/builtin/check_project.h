// What no block can see alone: names that must exist in other blocks, SQL models
// bound against the columns of what they read, contracts against their dataset,
// checks against columns, circles.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/json.h"
#include "config/module.h"
#include "plan/evaluate.h"

namespace andon::builtin {

// Remembers what is costly to find out (the analysis of a statement) under a key
// that names all that it depends on. Both may be null.
struct AnalysisCache {
  std::function<std::optional<std::string>(const std::string& key)> get;
  std::function<void(const std::string& key, const std::string& content)> put;
};

struct CheckedProject {
  // What each object declares, with what follows from others: a model's columns.
  std::map<std::string, Json> attributes;
  // {"inputs": […], "lineage": {…}} by address, of datasets.
  std::map<std::string, Json> derived;
  // What the SQL of each model reads: addresses, by the model's.
  std::map<std::string, std::vector<std::string>> reads;
  Diagnostics diagnostics;
};

// DuckDB is opened only where the cache does not know a statement.
CheckedProject CheckProject(config::Module& module, std::vector<plan::Instance>& instances,
                            const AnalysisCache& cache);

}  // namespace andon::builtin
