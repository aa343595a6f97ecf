// Runs files of tests: each file for itself, its runs in their order, with the state of each module
// kept in memory from one run to the next and destroyed at the end, the latest first.
//
//   Suite suite = {.tree = tree, .providers = source, …};
//   Totals totals = RunTests(suite, files);
//
// A run that fails judges on; one with an error ends its file: the runs behind it are skipped. What
// was made is destroyed in any case, and what could not be is told and handed back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "config/terraform/module_tree.h"
#include "infra/plan.h"
#include "infra/providers.h"
#include "infratest/test_file.h"
#include "infratest/variables.h"
#include "state/state.h"

namespace andon::infratest {

// Of a run, or of a file: the worst of its runs.
enum class Status { kPending, kSkip, kPass, kFail, kError };
// "pending", "skip", "pass", "fail", "error"
std::string_view ToString(Status status);

struct Event {
  enum class Kind { kFileBegins, kRunBegins, kRunEnds, kTearsDown, kRunTearsDown, kFileEnds };
  Kind kind = Kind::kFileBegins;
  const TestFile& file;
  const Run* run = nullptr;
  Status status = Status::kPending;          // Of what ended.
  const Diagnostics* diagnostics = nullptr;  // What was said, where something was.
  const infra::Plan* plan = nullptr;         // kRunEnds of a plan that was made.
  const state::State* state = nullptr;       // kRunEnds of an apply; kRunTearsDown: what is left.
  infra::ProviderPool* pool = nullptr;       // With plan or state: for schemas.
};

struct Suite {
  config::ModuleTree* tree = nullptr;  // Of the module under test, without errors.
  const config::Language* language = nullptr;
  infra::ProviderSource* providers = nullptr;
  Executor* executor = nullptr;
  int parallel = 10;
  VariableSource variables;
  std::string workspace = "default";
  std::string cwd;
  std::string language_version;
  std::stop_token stop;  // What runs is ended and cleaned up, the rest skipped.
  std::function<void(const Event&)> listener;
};

struct Totals {
  Status status = Status::kPending;
  int passed = 0, failed = 0, errored = 0, skipped = 0;

  // "Success! 2 passed, 0 failed."
  std::string Summary() const;
};

// All members of the suite but `parallel`, `stop` and the texts are required.
Totals RunTests(const Suite& suite, const std::vector<TestFile>& files);

}  // namespace andon::infratest
