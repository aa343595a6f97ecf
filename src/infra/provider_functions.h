// The functions that providers bring, beside those of the language: provider::NAME::FUNCTION(…),
// by the names that a module gives its providers. A provider is started when the first expression
// that calls it is evaluated, and is asked without being configured.
//
//   ProviderFunctions functions(graph, base, pool);
//   context.functions = functions.TableFor(module, {"provider::time::duration_parse"});
//
// What cannot be called says why at the call. Thread: TableFor may be called from several threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hcl/function_table.h"
#include "infra/providers.h"

namespace andon::infra {

struct Graph;

class ProviderFunctions {
 public:
  ProviderFunctions(const Graph& graph, const hcl::FunctionTable& base, ProviderPool& pool)
      : graph_(graph), base_(base), pool_(pool) {}

  // The language's functions and those of the providers that `called` names, as a module calls
  // them. Lifetime: as long as this.
  const hcl::FunctionTable* TableFor(int module, const std::set<std::string, std::less<>>& called);

 private:
  const Graph& graph_;
  const hcl::FunctionTable& base_;
  ProviderPool& pool_;
  std::mutex mutex_;  // Guards tables_; a table that is there does not change.
  // By module and the local names of the providers in it.
  std::map<std::pair<int, std::set<std::string>>, std::unique_ptr<hcl::FunctionTable>> tables_;
};

}  // namespace andon::infra
