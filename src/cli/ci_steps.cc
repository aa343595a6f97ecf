#include "cli/ci_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "builtin/language.h"
#include "cli/format_files.h"
#include "cli/git_files.h"
#include "cli/infrastructure_impact.h"
#include "cli/tested_models.h"
#include "cli/world.h"
#include "config/codes.h"
#include "config/value_json.h"
#include "contract/compare.h"
#include "contract/declared.h"
#include "contract/formats/odcs.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "line/check_now.h"
#include "line/sight.h"
#include "lineage/lineage.h"
#include "policy/readers.h"
#include "validation/markdown.h"

namespace andon::cli {
namespace {

using validation::Finding;

// Runs a step's body and keeps the time. An error is a finding like any other.
template <typename Body>
CiStep Timed(const Context& context, std::string name, Body body) {
  const Timestamp started = context.clock->Now();
  CiStep step{.name = std::move(name)};
  Result<void> done = body(step);
  step.took = context.clock->Now() - started;
  if (!done.ok()) {
    step.state = CiStep::kFailed;
    step.says = done.error().message;
    step.code = ExitCodeOf(done.error());
    step.findings.push_back({.rule = "andon/" + step.name, .message = done.error().message});
  }
  return step;
}

void Fail(CiStep& step, ExitCode code) {
  step.state = CiStep::kFailed;
  step.code = code;
}

void Skip(CiStep& step, std::string why) {
  step.state = CiStep::kSkipped;
  step.says = std::move(why);
}

Finding FindingOf(const Diagnostic& d) {
  std::string message = d.summary;
  if (!d.detail.empty()) message += ". " + d.detail;
  if (!d.help.empty()) message += "\nhelp: " + d.help;
  return {.rule = d.code.empty() ? "andon/validate" : d.code,
          .rule_says = d.summary,
          .level = d.severity == Severity::kError ? Finding::kError : Finding::kWarning,
          .message = std::move(message),
          .place = d.subject};
}

// Beside infrastructure a value may be unknown and still be fine: a plan knows what was applied.
Diagnostics WithoutUnknown(const Diagnostics& diagnostics, bool has_infrastructure) {
  Diagnostics out;
  for (const Diagnostic& d : diagnostics) {
    if (!has_infrastructure || d.code != config::kMustBeKnown.code) out.Add(d);
  }
  return out;
}

bool HasMistakes(const Diagnostics& diagnostics, bool has_infrastructure) {
  return WithoutUnknown(diagnostics, has_infrastructure).has_errors();
}

std::string CountsText(const validation::Counts& c, std::string_view what) {
  std::string text = Count(c.checks, what);
  if (c.failed) text += fmt::format(", {} failed", c.failed);
  if (c.errors) text += fmt::format(", {} broken", c.errors);
  if (c.warnings) text += ", " + Count(c.warnings, "warning");
  return text;
}

// Which datasets and consumers a change of this one reaches.
std::string ImpactText(const lineage::Graph& graph, const std::string& address) {
  const lineage::Impact impact = graph.ImpactOf({address});
  return impact.datasets.empty() && impact.consumers.empty() ? "" : impact.ToText();
}

// Resources whose blocks are not what they were, with what happens to them as far as the text
// tells. No provider is asked: whoever reviews needs no credentials.
std::map<std::string, std::string> ChangedResources(const config::Module& before,
                                                    const config::Module& now) {
  auto text = [](const config::Resource& resource) {
    const hcl::File* file = resource.body.file;
    return file == nullptr ? std::string() : std::string(file->Text(resource.body.span));
  };
  std::map<std::string, std::string> out;
  for (const auto& [address, resource] : now.terraform.resources) {
    auto was = before.terraform.resources.find(address);
    if (was == before.terraform.resources.end())
      out[address] = "create";
    else if (text(was->second) != text(resource))
      out[address] = "update";
  }
  for (const auto& [address, resource] : before.terraform.resources) {
    if (!now.terraform.resources.contains(address)) out[address] = "delete";
  }
  return out;
}

std::vector<std::string> InfrastructureImpacts(const builtin::ProjectFiles& project,
                                               const CiBase& base) {
  std::vector<std::string> out;
  if (!base.files || !project.module->terraform.has_infrastructure()) return out;
  config::Module before = config::Load(*base.files, ".", builtin::DataLanguage());
  const policy::Readers read_before = policy::FindReaders(before);
  const policy::Readers read_now = policy::FindReaders(*project.module);
  auto declared = DeclaredBy(project);
  for (const auto& [address, action] : ChangedResources(before, *project.module)) {
    const policy::Readers& readers = action == "delete" ? read_before : read_now;
    auto found = readers.find(address);
    if (found == readers.end()) continue;
    const definition::Project& reached =
        action == "delete" || !declared.ok() ? base.project : *declared;
    out.push_back(
        validation::MarkdownText(ImpactOf(address, action, found->second, reached).ToText()));
  }
  return out;
}

std::string PlanMarkdown(const plan::Plan& plan, const std::vector<std::string>& impacts) {
  std::string out;
  for (const std::string& impact : impacts) out += "- " + impact + "\n";
  if (!out.empty()) out += "\n";
  if (!plan.has_changes()) return out;
  return out + "<details><summary>" + validation::MarkdownText(plan.Summary()) + "</summary>\n\n" +
         validation::MarkdownBlock(plan::RenderPlan(plan), "diff") + "\n</details>\n";
}

struct ContractPair {
  std::string title;
  contract::Document before, after;
  SourceRange place;
  const contract::ReadFile* file = nullptr;  // Of a file: where its members stand.
  std::vector<std::string> consumers;
};

// Whoever a break of this contract reaches: those it names, and those that read the dataset.
std::vector<std::string> ConsumersOf(const definition::Project& project,
                                     const definition::Contract& contract) {
  std::vector<std::string> out = contract.consumers;
  const lineage::Impact impact = lineage::Graph::Build(project).ImpactOf({contract.dataset});
  for (const lineage::Reached& r : impact.datasets) out.push_back(r.id);
  for (const std::string& consumer : impact.consumers) {
    if (std::find(out.begin(), out.end(), consumer) == out.end()) out.push_back(consumer);
  }
  return out;
}

void AddDeclared(const definition::Project& before, const definition::Project& now,
                 std::vector<ContractPair>* pairs) {
  for (const definition::Contract& was : before.contracts) {
    ContractPair pair{.title = was.address,
                      .before = contract::DocumentOf(before, was),
                      .consumers = ConsumersOf(before, was)};
    auto is = std::find_if(now.contracts.begin(), now.contracts.end(),
                           [&](const definition::Contract& c) { return c.address == was.address; });
    if (is == now.contracts.end()) {
      Json retired = pair.before.json;
      retired.Set("status", "retired");
      pair.after = contract::DocumentOf(std::move(retired));
    } else {
      pair.after = contract::DocumentOf(now, *is);
      pair.place = PlaceOf(definition::PositionOf(is->positions, ""));
    }
    pairs->push_back(std::move(pair));
  }
}

bool IsContractFile(std::string_view name) {
  return name.ends_with(".odcs.yaml") || name.ends_with(".odcs.yml") ||
         name.ends_with(".odcs.json");
}

// The contract files below a folder, at most so deep.
Result<void> FindContractFiles(const io::FileSystem& files, const std::string& dir, int depth,
                               std::vector<std::string>* paths) {
  auto entries = TRY(files.List(dir));
  for (const io::FileInfo& entry : entries) {
    if (entry.name.starts_with('.')) continue;
    const std::string path = io::Normalize(io::Join(dir, entry.name));
    if (entry.is_dir) {
      if (depth > 0) TRY(FindContractFiles(files, path, depth - 1, paths));
    } else if (IsContractFile(entry.name)) {
      paths->push_back(path);
    }
  }
  return {};
}

void AddComparison(const ContractPair& pair, CiStep& step) {
  const contract::Comparison compared = contract::Compare(pair.before, pair.after);
  if (compared.changes.empty()) return;
  step.markdown += contract::ToMarkdown(compared, pair.title) + "\n";
  const std::string consumers =
      pair.consumers.empty() ? "" : " It reaches " + Join(pair.consumers, ", ") + ".";
  for (const contract::Change& change : compared.changes) {
    if (!change.is_breaking) continue;
    Fail(step, ExitCode::kBreaking);
    std::string message = change.path + ": " + change.message + consumers;
    if (!change.compatible.empty()) message += "\nhelp: " + change.compatible;
    SourceRange place = pair.place;
    if (pair.file && !change.is_removal) place = pair.file->PlaceOf(change.pointer);
    step.findings.push_back({.rule = "contract/" + change.kind,
                             .rule_says = "A contract breaks its consumers",
                             .message = std::move(message),
                             .place = place,
                             .address = pair.title + "." + change.path});
  }
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The commit that the CI system compares with; empty where there is none.
std::string BaseOfEnvironment() {
  if (std::string base = Environment("GITHUB_BASE_REF"); !base.empty()) return "origin/" + base;
  return Environment("CI_MERGE_REQUEST_DIFF_BASE_SHA");
}

}  // namespace

SourceRange PlaceOf(const std::string& position) {
  const size_t colon = position.rfind(':');
  if (colon == std::string::npos || colon == 0) return {};
  SourceRange range{.filename = position.substr(0, colon)};
  int32_t line = 0;
  for (char c : position.substr(colon + 1)) {
    if (c < '0' || c > '9' || line > 100'000'000) return {};
    line = line * 10 + (c - '0');
  }
  range.start.line = range.end.line = std::max(1, line);
  return range;
}

Result<definition::Project> DeclaredBy(const builtin::ProjectFiles& files) {
  std::vector<definition::Object> objects;
  for (const plan::ObjectState& state : builtin::Desired(files)) {
    objects.push_back({.address = ToString(state.address),
                       .kind = state.address.kind,
                       .type = state.type,
                       .attributes = config::ToJson(state.object),
                       .positions = state.positions,
                       .derived = state.derived});
  }
  return definition::ReadProject(objects);
}

Result<CiBase> FindBase(const Arguments& arguments, store::Database* db) {
  CiBase base{.name = arguments.String("base", BaseOfEnvironment())};
  if (base.name.empty()) {
    if (db == nullptr) return base;
    base.plan = TRY(ReleasedBase(db));
    if (base.plan.release == 0) return base;
    base.name = fmt::format("release {}", base.plan.release);
    base.project = TRY(release::CurrentProject(*db));
    return base;
  }
  base.files = TRY(ReadGitFiles(base.name));
  builtin::ProjectFiles files = builtin::LoadProject(
      *base.files, ".", {.variables = VariablesOf(arguments), .allows_infrastructure = true});
  const bool has_infrastructure = files.module->terraform.has_infrastructure();
  // What was wrong before this change cannot be compared with, and is not its fault.
  if (HasMistakes(files.diagnostics, has_infrastructure)) {
    return Error::Invalid("The project of {} has mistakes, so nothing can be compared with it",
                          base.name);
  }
  base.plan.prior = builtin::Desired(files);
  base.project = TRY(DeclaredBy(files));
  return base;
}

CiStep FormatStep(Context& context) {
  return Timed(context, "format", [&](CiStep& step) -> Result<void> {
    io::LocalFileSystem files;
    Formatting found = TRY(FormatFiles(files, {"."}, true, &context.sources));
    int64_t differ = 0;
    for (const FormattedFile& file : found.files) {
      if (!file.differs()) continue;
      ++differ;
      const size_t same = static_cast<size_t>(std::mismatch(file.before.begin(), file.before.end(),
                                                            file.after.begin(), file.after.end())
                                                  .first -
                                              file.before.begin());
      SourceRange place{.filename = file.path};
      place.start.line = place.end.line = static_cast<int32_t>(
          1 +
          std::count(file.before.begin(), file.before.begin() + static_cast<int64_t>(same), '\n'));
      step.findings.push_back({.rule = "andon/format",
                               .rule_says = "A file is not in the canonical format",
                               .message = file.path + " is not formatted. help: andon fmt",
                               .place = place});
    }
    // What cannot be parsed is told by validate, which reads the same files.
    step.says = Count(static_cast<int64_t>(found.files.size()), "file");
    if (differ == 0) return {};
    step.says += fmt::format(", {} not formatted: andon fmt", differ);
    Fail(step, ExitCode::kChecksFailed);
    return {};
  });
}

CiStep ValidateStep(Context& context, const Arguments& arguments, store::Database* db,
                    std::optional<builtin::ProjectFiles>* project) {
  return Timed(context, "validate", [&](CiStep& step) -> Result<void> {
    project->emplace(LoadProjectFiles(context, arguments, db, {.with_tests = true}));
    const Diagnostics found =
        WithoutUnknown((*project)->diagnostics, (*project)->module->terraform.has_infrastructure());
    const int64_t warnings = static_cast<int64_t>(found.size()) - found.errors();
    for (const Diagnostic& d : found) step.findings.push_back(FindingOf(d));
    step.says = found.has_errors() ? Count(found.errors(), "error") : "no mistakes";
    if (warnings > 0) step.says += ", " + Count(warnings, "warning");
    if (found.has_errors()) Fail(step, ExitCode::kError);
    for (const Diagnostic& d : found)
      step.markdown += validation::MarkdownBlock(Render(d, context.sources, false));
    return {};
  });
}

CiStep TestStep(Context& context, const Arguments& arguments, builtin::ProjectFiles& project) {
  return Timed(context, "test", [&](CiStep& step) -> Result<void> {
    step.validations = TRY(TestModels(context, arguments, project));
    const validation::Counts counts = validation::CountsOf(step.validations);
    if (counts.checks == 0) {
      Skip(step, "the project has no tests");
      return {};
    }
    step.says = CountsText(counts, "test");
    if (counts.is_red()) Fail(step, ExitCode::kError);
    return {};
  });
}

CiStep PlanStep(const Context& context, const Arguments& arguments,
                const builtin::ProjectFiles& project, const CiBase& base) {
  return Timed(context, "plan", [&](CiStep& step) -> Result<void> {
    if (base.name.empty()) {
      Skip(step, "nothing to compare with: give -base=COMMIT, or apply first");
      return {};
    }
    const plan::Plan plan = PlanFiles(project, arguments, base.plan);
    for (const Diagnostic& d : plan.diagnostics) step.findings.push_back(FindingOf(d));
    if (plan.diagnostics.has_errors()) {
      step.says = Count(plan.diagnostics.errors(), "error");
      Fail(step, ExitCode::kError);
      return {};
    }
    step.says = fmt::format("against {}: {}", base.name, plan.Summary());
    std::vector<std::string> impacts = InfrastructureImpacts(project, base);
    if (!plan.has_changes() && impacts.empty()) return {};
    const lineage::Graph graph = lineage::Graph::Build(base.project);
    for (const plan::Step& s : plan.steps) {
      if (s.action == plan::Action::kNone || s.action == plan::Action::kCreate) continue;
      const std::string address = ToString(s.address);
      const std::string impact = ImpactText(graph, address);
      if (!impact.empty())
        impacts.push_back(fmt::format("{} reaches {}", validation::MarkdownCode(address),
                                      validation::MarkdownText(impact)));
    }
    step.markdown = PlanMarkdown(plan, impacts);
    return {};
  });
}

CiStep ContractStep(Context& context, const definition::Project* project, const CiBase& base) {
  return Timed(context, "contract", [&](CiStep& step) -> Result<void> {
    if (base.name.empty()) {
      Skip(step, "nothing to compare with: give -base=COMMIT, or apply first");
      return {};
    }
    std::vector<ContractPair> pairs;
    if (project) AddDeclared(base.project, *project, &pairs);
    std::vector<contract::ReadFile> read;
    if (base.files) {
      constexpr int kDepthMax = 8;
      std::vector<std::string> paths;
      TRY(FindContractFiles(*base.files, ".", kDepthMax, &paths));
      read.reserve(paths.size());
      for (const std::string& path : paths) {
        const std::string before = TRY(base.files->Read(path));
        auto was = contract::ReadOdcs(before, path);
        if (!was.document) continue;  // It was none before either.
        auto now = io::LocalFileSystem().Read(path);
        if (!now.ok() && now.error().kind != ErrorKind::kNotFound) return std::move(now).error();
        ContractPair pair{.title = path, .before = *was.document, .place = {.filename = path}};
        if (now.ok()) {
          read.push_back(contract::ReadOdcs(*now, path));
          context.sources.Add(path, *now);
          for (const Diagnostic& d : read.back().diagnostics) step.findings.push_back(FindingOf(d));
          if (!read.back().document) {
            Fail(step, ExitCode::kError);
            continue;
          }
          pair.after = *read.back().document;
          pair.file = &read.back();
        } else {
          Json retired = pair.before.json;
          retired.Set("status", "retired");
          pair.after = contract::DocumentOf(std::move(retired));
          pair.place = {};
        }
        pairs.push_back(std::move(pair));
      }
    }
    if (pairs.empty()) {
      Skip(step, "there is no contract");
      return {};
    }
    for (const ContractPair& pair : pairs) AddComparison(pair, step);
    const auto breaks =
        std::count_if(step.findings.begin(), step.findings.end(),
                      [](const Finding& f) { return f.rule.starts_with("contract/"); });
    step.says =
        fmt::format("{} against {}: {}", Count(static_cast<int64_t>(pairs.size()), "contract"),
                    base.name, breaks ? Count(breaks, "breaking change") : "nothing breaks");
    return {};
  });
}

CiStep CheckStep(Context& context) {
  return Timed(context, "check", [&](CiStep& step) -> Result<void> {
    auto world = TRY(OpenWorld(context));
    line::Sight sight = TRY(line::Look(world->db(), world->project()));
    for (const pipeline::Unit& unit : sight.line.units) {
      for (const std::string& address : unit.datasets) {
        const Timestamp began = context.clock->Now();
        auto checked =
            TRY(line::CheckNow(*world->world, sight, *world->project().FindDataset(address), {}));
        if (checked.verdicts.empty()) continue;
        step.validations.push_back({.name = checked.name,
                                    .dataset = checked.address,
                                    .branch = checked.branch,
                                    .version = checked.version,
                                    .snapshot_id = checked.snapshot_id,
                                    .trigger = "ci",
                                    .started = began,
                                    .duration = context.clock->Now() - began,
                                    .results = line::ToCheckedChecks(checked.verdicts)});
      }
    }
    const validation::Counts counts = validation::CountsOf(step.validations);
    step.says = fmt::format("{} of {}", CountsText(counts, "check"),
                            Count(static_cast<int64_t>(step.validations.size()), "dataset"));
    if (counts.failed > 0)
      Fail(step, ExitCode::kChecksFailed);
    else if (counts.errors > 0)
      Fail(step, ExitCode::kTaskFailed);
    return {};
  });
}

}  // namespace andon::cli
