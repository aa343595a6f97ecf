#include "infratest/runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/terraform/report.h"
#include "config/terraform/validate.h"
#include "infra/apply.h"
#include "infra/codes.h"
#include "infra/conditions.h"
#include "infra/graph.h"
#include "infra/planner.h"
#include "infra/scope.h"
#include "infratest/arrangement.h"
#include "infratest/codes.h"
#include "infratest/expected_failures.h"
#include "io/path.h"

namespace andon::infratest {
namespace {

using value::Value;

// What assertions said, and the outputs that later runs see.
struct Judgement {
  Status status = Status::kPass;
  Diagnostics diagnostics;
  Value outputs = Value::EmptyObject();
};

Value OutputsOf(const infra::Graph& graph, const infra::Scope& scope) {
  Value::Members members;
  for (const auto& [name, id] : graph.modules[0].outputs)
    members.emplace_back(name, scope.ValueOf(id, 0));
  return Value::Object(std::move(members));
}

Judgement Judge(const Run& run, const infra::Graph& graph, const infra::Scope& scope,
                const RunVariables& variables) {
  Judgement out{.outputs = OutputsOf(graph, scope)};
  Value::Members all(variables.undeclared.begin(), variables.undeclared.end());
  for (const auto& [name, value] : variables.declared) all.emplace_back(name, value);
  Value var = Value::Object(std::move(all));
  for (const config::CheckRule& rule : run.asserts) {
    infra::Uses uses;
    infra::AddUses(graph.modules[0], rule.condition, &uses);
    infra::AddUses(graph.modules[0], rule.error_message, &uses);
    hcl::EvalContext context = scope.Context(0, 0, uses);
    context.variables["var"] = var;
    context.variables["output"] = out.outputs;
    infra::RuleOutcome judged = infra::Judge(rule, context, kAssertionFailed);
    out.diagnostics.Append(std::move(judged.diagnostics));
    if (judged.verdict == infra::Verdict::kPass) continue;
    if (judged.verdict == infra::Verdict::kUnknown) {
      Report(&out.diagnostics, kUnknownCondition,
             run.command == RunCommand::kPlan
                 ? "The condition reads something that only apply can tell. Leave that out, or let "
                   "the run apply: command = apply."
                 : "The condition reads something that is not known.",
             rule.condition.range());
    }
    bool is_failure = judged.verdict == infra::Verdict::kFail;
    out.status = std::max(out.status, is_failure ? Status::kFail : Status::kError);
  }
  return out;
}

std::vector<infra::CheckOutcome> OutcomesOf(const state::State& state) {
  std::vector<infra::CheckOutcome> out;
  for (const state::CheckResult& result : state.check_results) {
    for (const state::CheckObject& object : result.objects)
      out.push_back({result.kind, object.address, object.status, object.failure_messages});
  }
  return out;
}

// The state of one module under test, with the run that changed it last.
struct Kept {
  state::State state;
  const Run* run = nullptr;
};

class FileRunner {
 public:
  FileRunner(const Suite& suite, const TestFile& file) : suite_(suite), file_(file) {}

  Status Execute(Totals* totals) {
    Tell({.kind = Event::Kind::kFileBegins, .file = file_});
    Status status = Status::kPass;
    if (file_.diagnostics.has_errors()) status = Status::kError;
    for (const Run& run : file_.runs) {
      Status of_run = Status::kSkip;
      if (!suite_.stop.stop_requested() && status != Status::kError) {
        Tell({.kind = Event::Kind::kRunBegins, .file = file_, .run = &run});
        of_run = ExecuteRun(run);
      } else {
        Tell({.kind = Event::Kind::kRunEnds, .file = file_, .run = &run, .status = of_run});
      }
      status = std::max(status, of_run);
      totals->passed += of_run == Status::kPass;
      totals->failed += of_run == Status::kFail;
      totals->errored += of_run == Status::kError;
      totals->skipped += of_run == Status::kSkip;
    }
    Tell({.kind = Event::Kind::kTearsDown, .file = file_});
    TearDown();
    Tell({.kind = Event::Kind::kFileEnds,
          .file = file_,
          .status = status,
          .diagnostics = &file_.diagnostics});
    return status;
  }

 private:
  void Tell(const Event& event) {
    if (suite_.listener) suite_.listener(event);
  }

  Value RunsValue() const {
    Value::Members members(outputs_.begin(), outputs_.end());
    return Value::Object(std::move(members));
  }

  // The module that a run is about; null where it cannot be loaded, which is reported.
  config::ModuleTree* TreeOf(const Run& run, Diagnostics* diagnostics) {
    if (run.module_source.empty()) return suite_.tree;
    config::ModuleTree& tree =
        trees_[IsLocalModule(run.module_source) ? run.module_source : InstallationKey(file_, run)];
    if (tree.root == nullptr) tree = Load(run);
    diagnostics->Append(tree.diagnostics);
    return tree.diagnostics.has_errors() ? nullptr : &tree;
  }

  config::ModuleTree Load(const Run& run) {
    config::ModuleTree tree;
    auto refuse = [&](std::string detail) {
      tree.root = std::make_unique<config::ModuleNode>();
      tree.root->module = std::make_unique<config::Module>();
      Report(&tree.diagnostics, kTestModule, std::move(detail), run.module_range);
      return std::move(tree);
    };
    const std::string& source = run.module_source;
    const std::string& project_dir = suite_.tree->root->module->dir;
    const std::string key = InstallationKey(file_, run);
    std::string dir;
    if (IsLocalModule(source)) {
      dir = io::Normalize(io::Join(project_dir, source));
    } else {
      auto installed = config::InstalledModule(*suite_.variables.files, project_dir, key);
      if (!installed.ok()) return refuse("Module not installed: " + installed.error().message);
      dir = *installed;
    }
    auto info = suite_.variables.files->Stat(dir);
    if (!info.ok() || !info->is_dir) return refuse(fmt::format("There is no folder {}.", dir));
    auto module = std::make_unique<config::Module>(
        config::Load(*suite_.variables.files, dir, *suite_.language, {.shown_as = dir}));
    Diagnostics found = module->diagnostics;
    tree = config::LoadModuleTree(
        *suite_.variables.files, std::move(module),
        {.workspace = suite_.workspace, .project_dir = project_dir, .installed_as = key});
    found.Append(std::move(tree.diagnostics));
    tree.diagnostics = std::move(found);
    return tree;
  }

  Status ExecuteRun(const Run& run) {
    Diagnostics said;
    auto end = [&](Status status) {
      Tell({.kind = Event::Kind::kRunEnds,
            .file = file_,
            .run = &run,
            .status = status,
            .diagnostics = &said});
      return status;
    };
    config::ModuleTree* tree = TreeOf(run, &said);
    if (tree == nullptr) return end(Status::kError);
    Arrangement arrangement(tree, file_, run, &said);
    if (!said.has_errors()) Validate(*tree, &said);
    if (said.has_errors()) return end(Status::kError);
    RunVariables variables =
        VariablesOf(suite_.variables, *tree->root->module, file_, run, RunsValue());
    said.Append(variables.diagnostics);
    if (said.has_errors()) return end(Status::kError);
    infra::ProviderPool pool(*suite_.providers, &arrangement.stand_ins());
    Kept& kept = kept_[run.module_source];
    Judgement judgement;
    auto judge = [&](const infra::Graph& graph, const infra::Scope& scope) {
      judgement = Judge(run, graph, scope, variables);
    };
    bool is_plan = run.command == RunCommand::kPlan;
    infra::PlanOptions options = PlanOptionsOf(run, variables, pool);
    if (is_plan) options.on_scope = judge;
    infra::Plan plan = infra::MakePlan(*tree, kept.state, options);
    Event event{.kind = Event::Kind::kRunEnds,
                .file = file_,
                .run = &run,
                .diagnostics = &said,
                .pool = &pool};
    if (is_plan) {
      said.Append(WithoutExpected(*tree->root->module, run, plan.diagnostics, plan.checks));
      if (said.has_errors()) return end(Status::kError);
      event.plan = &plan;
    } else {
      AppendOfPlan(*tree->root->module, run, plan.diagnostics, &said);
      if (said.has_errors()) return end(Status::kError);
      infra::Applied applied =
          infra::Apply(*tree, std::move(plan), ApplyOptionsOf(pool, suite_.stop, judge));
      kept.state = std::move(applied.state);
      kept.run = &run;
      said.Append(
          WithoutExpected(*tree->root->module, run, applied.diagnostics, OutcomesOf(kept.state)));
      if (said.has_errors()) return end(Status::kError);
      event.state = &kept.state;
    }
    outputs_.insert_or_assign(run.name, judgement.outputs);
    said.Append(std::move(judgement.diagnostics));
    event.status = judgement.status;
    Tell(event);
    return event.status;
  }

  // With the providers of the test, whose bodies see names that only tests have.
  void Validate(const config::ModuleTree& tree, Diagnostics* said) const {
    for (const Diagnostic& d : config::Validate(tree)) {
      if (d.subject.filename != file_.name) said->Add(d);
    }
  }

  // Checks are judged again when it is applied; a variable that was meant to fail stops the run.
  static void AppendOfPlan(const config::Module& root, const Run& run, const Diagnostics& plan,
                           Diagnostics* said) {
    for (const Diagnostic& d : plan) {
      if (d.code == infra::kCheckFailed.code) continue;
      said->Add(d);
      std::string object = FailedObject(root, d);
      bool is_expected =
          std::any_of(run.expected_failures.begin(), run.expected_failures.end(),
                      [&](const ExpectedFailure& expected) { return expected.object == object; });
      if (!is_expected) continue;
      said->Add(config::Doubt(
          kMissingFailure, "Failure expected while planning",
          fmt::format("{} failed as expected, but while planning, so nothing could be applied. "
                      "command = plan expects it there.",
                      object),
          d.subject));
    }
  }

  infra::PlanOptions PlanOptionsOf(const Run& run, const RunVariables& variables,
                                   infra::ProviderPool& pool) const {
    infra::PlanOptions out;
    out.functions = suite_.variables.functions;
    out.pool = &pool;
    out.executor = suite_.executor;
    out.parallel = suite_.parallel;
    out.variables = variables.declared;
    out.mode = run.plan.is_refresh_only ? infra::Mode::kRefreshOnly : infra::Mode::kNormal;
    out.refresh = run.plan.refresh;
    out.targets = run.plan.targets;
    out.replace = run.plan.replace;
    out.workspace = suite_.workspace;
    out.cwd = suite_.cwd;
    out.language_version = suite_.language_version;
    out.stop = suite_.stop;
    out.names["run"] = RunsValue();
    return out;
  }

  infra::ApplyOptions ApplyOptionsOf(
      infra::ProviderPool& pool, std::stop_token stop,
      std::function<void(const infra::Graph&, const infra::Scope&)> judge) const {
    infra::ApplyOptions out;
    out.functions = suite_.variables.functions;
    out.pool = &pool;
    out.executor = suite_.executor;
    out.parallel = suite_.parallel;
    out.workspace = suite_.workspace;
    out.cwd = suite_.cwd;
    out.language_version = suite_.language_version;
    out.stop = std::move(stop);
    out.names["run"] = RunsValue();
    out.on_scope = std::move(judge);
    return out;
  }

  void TearDown() {
    std::vector<Kept*> all;
    for (auto& [source, kept] : kept_) {
      if (kept.run != nullptr) all.push_back(&kept);
    }
    // The runs stand in one list, so their addresses are their order.
    std::sort(all.begin(), all.end(), [](const Kept* a, const Kept* b) { return a->run > b->run; });
    for (Kept* kept : all) {
      Diagnostics said;
      Destroy(*kept, &said);
      Tell({.kind = Event::Kind::kRunTearsDown,
            .file = file_,
            .run = kept->run,
            .diagnostics = &said,
            .state = &kept->state});
    }
  }

  // With what the last run that applied had. Not stopped: what is made is destroyed.
  void Destroy(Kept& kept, Diagnostics* said) {
    if (kept.state.empty()) return;
    Diagnostics known;  // The run has told them already.
    config::ModuleTree* tree = TreeOf(*kept.run, &known);
    Arrangement arrangement(tree, file_, *kept.run, &known);
    RunVariables variables =
        VariablesOf(suite_.variables, *tree->root->module, file_, *kept.run, RunsValue());
    if (variables.diagnostics.has_errors()) return said->Append(variables.diagnostics);
    infra::ProviderPool pool(*suite_.providers, &arrangement.stand_ins());
    infra::PlanOptions options = PlanOptionsOf(*kept.run, variables, pool);
    options.mode = infra::Mode::kDestroy;
    options.refresh = true;
    options.targets = {};
    options.replace = {};
    options.stop = {};
    infra::Plan plan = infra::MakePlan(*tree, kept.state, options);
    said->Append(plan.diagnostics);
    if (plan.diagnostics.has_errors()) return;
    infra::Applied applied = infra::Apply(*tree, std::move(plan), ApplyOptionsOf(pool, {}, {}));
    kept.state = std::move(applied.state);
    said->Append(applied.diagnostics);
  }

  const Suite& suite_;
  const TestFile& file_;
  std::map<std::string, config::ModuleTree> trees_;  // By folder, or as what they were installed.
  std::map<std::string, Kept> kept_;                 // By source; empty: the module under test.
  std::map<std::string, Value> outputs_;             // By run.
};

}  // namespace

std::string_view ToString(Status status) {
  switch (status) {
    case Status::kPending:
      return "pending";
    case Status::kSkip:
      return "skip";
    case Status::kPass:
      return "pass";
    case Status::kFail:
      return "fail";
    case Status::kError:
      return "error";
  }
  return "";
}

std::string Totals::Summary() const {
  std::string skips = skipped > 0 ? fmt::format(", {} skipped.", skipped) : ".";
  return fmt::format("{} {} passed, {} failed{}", status == Status::kPass ? "Success!" : "Failure!",
                     passed, failed + errored, skips);
}

Totals RunTests(const Suite& suite, const std::vector<TestFile>& files) {
  Totals totals{.status = Status::kPass};
  for (const TestFile& file : files)
    totals.status = std::max(totals.status, FileRunner(suite, file).Execute(&totals));
  return totals;
}

}  // namespace andon::infratest
