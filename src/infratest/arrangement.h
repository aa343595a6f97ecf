// A configuration as one run sees it: with the provider configurations of the test's file, its
// mocks and its overrides. The tree is changed while an Arrangement lives, and as it was after it.
//
//   Arrangement arrangement(&tree, file, run, &diagnostics);
//   infra::ProviderPool pool(source, &arrangement.stand_ins());
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "config/terraform/module_tree.h"
#include "hcl/parser.h"
#include "infratest/stand_in.h"
#include "infratest/test_file.h"

namespace andon::infratest {

class Arrangement {
 public:
  // Lifetime: all outlive it.
  Arrangement(config::ModuleTree* tree, const TestFile& file, const Run& run,
              Diagnostics* diagnostics);
  ~Arrangement();
  Arrangement(const Arrangement&) = delete;
  Arrangement& operator=(const Arrangement&) = delete;

  RunStandIns& stand_ins() { return stand_ins_; }

 private:
  void SetProviders();
  void SetProvider(const config::LocalProvider& in_module, const config::LocalProvider& in_file,
                   const SourceRange& range);
  void SetOverrides();
  void SetModules();
  void Empty(config::ModuleNode* node, const ModuleOverride& with);
  hcl::Expression Constant(const value::Value& value);
  config::ModuleNode* Find(const std::vector<std::string>& path);

  config::ModuleTree* tree_;
  const TestFile& file_;
  const Run& run_;
  Diagnostics* diagnostics_;
  RunStandIns stand_ins_;
  std::vector<hcl::ParsedExpression> constants_;
  std::vector<std::function<void()>> undo_;  // From the last to the first.
};

}  // namespace andon::infratest
