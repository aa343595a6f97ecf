#include "cli/planning.h"

#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <set>

#include "base/text.h"
#include "builtin/provider.h"
#include "cli/infrastructure.h"
#include "cli/one_plan.h"
#include "cli/open_project.h"
#include "config/codes.h"
#include "config/value_json.h"
#include "io/local_file_system.h"
#include "io/process.h"
#include "plan/apply.h"
#include "store/meta.h"

namespace andon::cli {
namespace {

constexpr char kAnalysisKind[] = "sql_analysis";
constexpr char kApplyLease[] = "apply";

// The analyses of a project's SQL, read at once and written at once: a document
// each, and those that were not asked for are dropped.
class AnalysisStore {
 public:
  explicit AnalysisStore(store::Database* db, const Clock& clock) : db_(db), clock_(clock) {}

  builtin::AnalysisCache cache() {
    return {.get = [this](const std::string& key) { return Get(key); },
            .put = [this](const std::string& key,
                          const std::string& content) { added_[key] = content; }};
  }

  // Best effort: where it cannot be written the next command finds it out again.
  void Save(std::map<std::string, std::string>* unsaved) {
    if (db_ == nullptr && unsaved != nullptr) *unsaved = std::move(added_);
    if (db_ == nullptr || added_.empty()) return;
    Timestamp now = clock_.Now();
    Result<void> saved = db_->Write([&](store::Transaction& tx) -> Result<void> {
      for (const auto& [key, content] : added_) {
        TRY(store::PutDocument(tx, {.kind = kAnalysisKind,
                                    .key = key,
                                    .updated_at = now,
                                    .body = Json::Object({{"content", content}})}));
      }
      for (const auto& [key, content] : known_) {
        if (!used_.contains(key)) TRY(store::RemoveDocument(tx, kAnalysisKind, key));
      }
      return {};
    });
    (void)saved.ok();
  }

 private:
  std::optional<std::string> Get(const std::string& key) {
    if (!is_read_ && db_ != nullptr) Read();
    auto it = known_.find(key);
    if (it == known_.end()) return std::nullopt;
    used_.insert(key);
    return it->second;
  }

  void Read() {
    is_read_ = true;
    auto documents =
        db_->Read([](store::Transaction& tx) { return store::ListDocuments(tx, kAnalysisKind); });
    if (!documents.ok()) return;
    for (const store::Document& document : *documents)
      known_[document.key] = document.body["content"].AsString();
  }

  store::Database* db_;
  const Clock& clock_;
  bool is_read_ = false;
  std::map<std::string, std::string> known_;
  std::map<std::string, std::string> added_;
  std::set<std::string> used_;
};

std::map<std::string, value::Value> PriorOutputs(const Json& outputs) {
  std::map<std::string, value::Value> out;
  for (const auto& [name, output] : outputs.members())
    out[name] = config::FromJson(output["value"]);
  return out;
}

Json OutputsJson(const plan::Plan& plan) {
  Json out = Json::Object();
  for (const plan::OutputChange& output : plan.outputs) {
    if (output.action == plan::Action::kDelete) continue;
    out.Set(output.name, Json::Object({{"value", config::ToJson(output.after)},
                                       {"sensitive", output.sensitive}}));
  }
  return out;
}

// The commit of the project's git tree, where it is one and nothing in it is changed.
std::string GitCommit(const Context& context) {
  auto run = [&](std::vector<std::string> argv) -> std::optional<std::string> {
    auto done = io::Run({.argv = std::move(argv),
                         .cwd = context.project_dir,
                         .time_limit = std::chrono::seconds(5)});
    if (!done.ok() || !done->status.ok()) return std::nullopt;
    return std::string(Trim(done->out));
  };
  auto commit = run({"git", "rev-parse", "HEAD"});
  if (!commit) return {};
  auto changes = run({"git", "status", "--porcelain", "--", "."});
  return changes && changes->empty() ? *commit : std::string();
}

}  // namespace

config::VariableInput VariablesOf(const Arguments& arguments) {
  config::VariableInput input{.environment = config::VariableEnvironment()};
  for (const std::string& file : arguments.List("var-file"))
    input.flags.emplace_back("var-file", file);
  for (const std::string& text : arguments.List("var")) input.flags.emplace_back("var", text);
  return input;
}

std::vector<Flag> WithVariableFlags(std::vector<Flag> flags) {
  flags.push_back(
      {"var", FlagKind::kList, "NAME=VALUE", "Sets a variable; may be given several times."});
  flags.push_back(
      {"var-file", FlagKind::kList, "FILE", "Reads values of variables from a file; -var wins."});
  return flags;
}

builtin::ProjectFiles LoadProjectFiles(Context& context, const Arguments& arguments,
                                       store::Database* db, const ReadingOptions& reading,
                                       std::unique_ptr<config::Module> module) {
  io::LocalFileSystem files;
  AnalysisStore analyses(db, *context.clock);
  builtin::LoadOptions options{.variables = VariablesOf(arguments),
                               .cache = analyses.cache(),
                               .with_tests = reading.with_tests,
                               .allows_infrastructure = reading.allows_infrastructure};
  options.variables.values = reading.variables;
  options.allows_infrastructure = true;
  options.infrastructure =
      RecordedInfrastructure(context, arguments, module.get(), reading.infrastructure);
  if (reading.is_console) options.console_clock = context.clock;
  builtin::ProjectFiles project = builtin::LoadProject(files, ".", options, std::move(module));
  context.sources = project.module->sources;
  analyses.Save(reading.analyses);
  return project;
}

void RememberAnalyses(const Context& context, store::Database& db,
                      const std::map<std::string, std::string>& analyses) {
  AnalysisStore store(&db, *context.clock);
  for (const auto& [key, content] : analyses) store.cache().put(key, content);
  store.Save(nullptr);
}

Result<std::unique_ptr<store::Database>> OpenDatabaseIfAny(const Context& context) {
  auto db = OpenDatabase(context, false);
  if (!db.ok() && db.error().kind == ErrorKind::kNotFound)
    return std::unique_ptr<store::Database>();
  return db;
}

Result<std::unique_ptr<store::Lease>> AcquireApplyLease(const Context& context, store::Database& db,
                                                        std::string_view command, Duration wait) {
  return store::Lease::Acquire(db, *context.clock, kApplyLease,
                               store::ThisProcess(fmt::format("andon {}", command)),
                               {.wait = wait});
}

Result<void> ReconcileRelease(const Context& context, store::Database& db) {
  auto open = TRY(release::OpenId(db));
  if (!open) return {};
  auto lease = AcquireApplyLease(context, db, "reconcile", Duration(0));
  if (!lease.ok()) return {};  // Somebody is at work on it.
  auto recovered = TRY(release::Reconcile(db, *context.clock));
  if (recovered && !context.quiet) {
    context.Note(
        fmt::format("Release {} was interrupted by a crash and is finished now.", recovered->id));
  }
  return {};
}

Result<PlanBase> ReleasedBase(store::Database* db) {
  PlanBase base;
  if (db == nullptr) return base;
  base.release = TRY(release::CurrentId(*db));
  if (base.release == 0) return base;
  std::vector<definition::Object> objects = TRY(release::Objects(*db, base.release));
  base.prior = builtin::Prior(objects);
  release::Release current = TRY(release::Find(*db, base.release));
  base.outputs = PriorOutputs(current.outputs);
  return base;
}

plan::Plan PlanFiles(const builtin::ProjectFiles& project, const Arguments& arguments,
                     const PlanBase& base) {
  const bool is_mixed = project.module->terraform.has_infrastructure();
  plan::PlanOptions options{
      .base_release = base.release,
      .targets = is_mixed ? TargetsOf(arguments).data : arguments.List("target"),
      .destroy = arguments.Bool("destroy"),
      .prior_outputs = base.outputs};
  auto provider = builtin::NewProvider();
  options.provider = provider.get();
  for (const plan::Instance& instance : project.evaluation->instances()) {
    options.needs[ToString(instance.address)] = instance.references;
  }
  for (const plan::OutputValue& output : project.evaluation->outputs()) {
    options.outputs[output.name] = {output.value, output.sensitive};
  }
  return plan::MakePlan(builtin::Desired(project), base.prior, options);
}

Result<PlannedProject> PlanProject(Context& context, const Arguments& arguments,
                                   store::Database* db, PlannedBefore before) {
  PlannedProject out;
  out.project = std::make_unique<builtin::ProjectFiles>(LoadProjectFiles(
      context, arguments, db, {.infrastructure = before.infrastructure, .analyses = &out.analyses},
      std::move(before.module)));
  const builtin::ProjectFiles& project = *out.project;
  bool only_waits = before.infrastructure != nullptr && project.diagnostics.has_errors();
  for (const Diagnostic& d : project.diagnostics)
    only_waits &= d.severity != Severity::kError || d.code == config::kMustBeKnown.code;
  if (only_waits) {
    out.waits = true;
    return out;
  }
  context.Report(project.diagnostics);
  if (project.diagnostics.has_errors()) {
    out.has_errors = true;
    return out;
  }
  PlanBase base = TRY(ReleasedBase(db));
  out.plan = PlanFiles(project, arguments, base);
  context.Report(out.plan.diagnostics);
  out.has_errors = out.plan.diagnostics.has_errors();
  return out;
}

plan::RenderOptions RenderOptionsOf(const Context& context) {
  plan::RenderOptions options{.width = context.width};
  if (context.color)
    options.paint = [&context](std::string_view style, std::string_view text) {
      return context.Paint(style, text);
    };
  return options;
}

void ShowPlan(const Context& context, const plan::Plan& plan) {
  if (context.json) {
    context.Event(Json::Object({{"@level", "info"},
                                {"@message", "Andon " ANDON_VERSION},
                                {"@module", "andon.ui"},
                                {"type", "version"},
                                {"andon", ANDON_VERSION},
                                {"ui", "1.2"}}));
    for (const Json& event : plan::PlanEvents(plan)) context.Event(event);
  } else {
    context.Print(plan::RenderPlan(plan, RenderOptionsOf(context)));
  }
}

std::vector<release::Change> ChangesOf(const plan::Plan& plan) {
  std::vector<release::Change> changes;
  for (const plan::Step& step : plan.steps) {
    if (step.action == plan::Action::kNone) continue;
    release::Change change{.address = ToString(step.address)};
    if (step.action != plan::Action::kDelete) change.object = builtin::ToObject(step);
    changes.push_back(std::move(change));
  }
  return changes;
}

Result<bool> Approve(const Context& context, const Arguments& arguments,
                     std::string_view question) {
  if (arguments.Bool("auto-approve")) return true;
  if (context.speaks_as_other() && context.interactive) {
    context.Print(
        fmt::format("\n{}\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: ",
                    context.Paint("bold", question)));
    std::string answer;
    std::getline(std::cin, answer);
    context.Line();
    return Trim(answer) == "yes";
  }
  if (!context.interactive || context.json) {
    return Error::Invalid(
        "This needs an approval, and nobody can be asked here. Give -auto-approve, or apply a "
        "saved plan "
        "(andon plan -out=FILE, andon apply FILE).");
  }
  context.Print(
      fmt::format("{}\n  Only \"yes\" is an approval: ", context.Paint("bold", question)));
  std::string answer;
  std::getline(std::cin, answer);
  context.Line();
  return Trim(answer) == "yes";
}

Result<ApplyOutcome> ApplyPlan(const Context& context, store::Database& db, const plan::Plan& plan,
                               std::string message, int64_t rollback_of) {
  ApplyOutcome outcome;
  release::Opening opening{.actor = context.actor,
                           .message = std::move(message),
                           .git_commit = GitCommit(context),
                           .base = plan.base_release,
                           .rollback_of = rollback_of,
                           .changes = ChangesOf(plan),
                           .outputs = OutputsJson(plan)};
  outcome.release = TRY(release::Open(db, *context.clock, opening));
  auto provider = builtin::NewProvider();
  plan::ApplyOptions options{.provider = provider.get()};
  options.progress = [&](const plan::Step& step, bool done) {
    if (!done || !context.json) return;
    context.Event(Json::Object(
        {{"type", "apply_complete"},
         {"hook", Json::Object({{"resource", Json::Object({{"addr", ToString(step.address)}})},
                                {"action", plan::ToString(step.action)}})}}));
  };
  plan::Applied applied = plan::Apply(plan, options);
  outcome.diagnostics = std::move(applied.diagnostics);
  outcome.summary = applied.Summary();
  TRY(release::Close(db, *context.clock, outcome.release));
  return outcome;
}

}  // namespace andon::cli
