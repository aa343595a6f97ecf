// `andon ci`: everything that a change in review must pass, in one command.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "cli/ci_report.h"
#include "cli/ci_steps.h"
#include "cli/command.h"
#include "cli/planning.h"
#include "io/local_file_system.h"

namespace andon::cli {
namespace {

constexpr char kNeedsValid[] = "the files have mistakes";

bool IsSet(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

CiStep Skipped(std::string name, std::string why) {
  return {.name = std::move(name), .state = CiStep::kSkipped, .says = std::move(why)};
}

// A repository may hold contracts alone.
bool HasProject(const builtin::ProjectFiles& project) {
  return project.evaluation && !project.evaluation->instances().empty();
}

class Ci {
 public:
  Ci(Context& context, const Arguments& arguments) : context_(context), arguments_(arguments) {}

  Result<std::vector<CiStep>> Run() {
    auto db = TRY(OpenDatabaseIfAny(context_));
    Add(FormatStep(context_));
    std::optional<builtin::ProjectFiles> project;
    Add(ValidateStep(context_, arguments_, db.get(), &project));
    const bool is_valid = steps_.back().state == CiStep::kPassed;
    // Tests are no part of a plan.
    std::optional<builtin::ProjectFiles> planned;
    if (is_valid) planned.emplace(LoadProjectFiles(context_, arguments_, db.get()));
    const bool has_project = is_valid && HasProject(*planned);
    const std::string why = is_valid ? "there is no project in this folder" : kNeedsValid;
    Add(has_project ? TestStep(context_, arguments_, *project) : Skipped("test", why));
    auto base = FindBase(arguments_, db.get());
    if (!base.ok()) {
      CiStep step{.name = "plan",
                  .state = CiStep::kFailed,
                  .says = base.error().message,
                  .code = ExitCode::kError};
      step.findings.push_back({.rule = "andon/plan", .message = base.error().message});
      Add(std::move(step));
      Add(Skipped("contract", "there is nothing to compare with"));
    } else {
      Add(has_project ? PlanStep(context_, arguments_, *planned, *base) : Skipped("plan", why));
      TRY(Contracts(has_project ? &*planned : nullptr, is_valid, *base));
    }
    if (arguments_.Bool("check")) Add(CheckStep(context_));
    return std::move(steps_);
  }

 private:
  Result<void> Contracts(const builtin::ProjectFiles* project, bool is_valid, const CiBase& base) {
    if (!is_valid) {
      Add(Skipped("contract", kNeedsValid));
      return {};
    }
    std::optional<definition::Project> declared;
    if (project) declared = TRY(DeclaredBy(*project));
    Add(ContractStep(context_, declared ? &*declared : nullptr, base));
    return {};
  }

  void Add(CiStep step) {
    Tell(step);
    steps_.push_back(std::move(step));
  }

  void Tell(const CiStep& step) {
    context_.Event(Json::Object({{"type", "ci_step"},
                                 {"step", step.name},
                                 {"state", step.state == CiStep::kPassed   ? "passed"
                                           : step.state == CiStep::kFailed ? "failed"
                                                                           : "skipped"},
                                 {"message", step.says},
                                 {"findings", static_cast<int64_t>(step.findings.size())},
                                 {"duration_ms", step.took.count() / 1000}}));
    if (context_.json) return;
    const auto [sign, style] = step.state == CiStep::kPassed   ? std::pair("✔", "green")
                               : step.state == CiStep::kFailed ? std::pair("✖", "red")
                                                               : std::pair("○", "dim");
    context_.Note(fmt::format("{} {:<9}{}", context_.Paint(style, sign), step.name, step.says));
    constexpr size_t kShownMax = 10;
    if (step.state != CiStep::kFailed) return;
    std::vector<validation::Finding> findings = step.findings;
    auto more = validation::FindingsOf(step.validations);
    findings.insert(findings.end(), more.begin(), more.end());
    for (size_t i = 0; i < findings.size() && i < kShownMax; ++i) {
      const validation::Finding& f = findings[i];
      context_.Note(fmt::format(
          "    {}{}",
          f.place.exists() ? fmt::format("{}:{}: ", f.place.filename, f.place.start.line) : "",
          f.message));
    }
    if (findings.size() > kShownMax)
      context_.Note(fmt::format("    … and {} more", findings.size() - kShownMax));
  }

  Context& context_;
  const Arguments& arguments_;
  std::vector<CiStep> steps_;
};

// What is worst for whoever reads the change: files that are wrong, consumers that break, data.
ExitCode CodeOf(const std::vector<CiStep>& steps) {
  for (ExitCode code :
       {ExitCode::kError, ExitCode::kBreaking, ExitCode::kTaskFailed, ExitCode::kChecksFailed}) {
    if (std::any_of(steps.begin(), steps.end(), [&](const CiStep& s) { return s.code == code; }))
      return code;
  }
  for (const CiStep& step : steps) {
    if (step.code != ExitCode::kDone) return step.code;
  }
  return ExitCode::kDone;
}

Result<void> Write(const Context& context, const Arguments& arguments,
                   const std::vector<CiStep>& steps) {
  validation::ReportOptions options{.tool_version = ANDON_VERSION,
                                    .title = arguments.String("title", "Andon")};
  io::LocalFileSystem files;
  bool prints = context.json;
  for (const std::string& text : arguments.List("report")) {
    auto targets = TRY(validation::ParseReportTargets(text));
    for (const validation::ReportTarget& target : targets) {
      const std::string report = RenderCi(target.format, steps, options);
      if (!target.path.empty()) {
        TRY(files.WriteAtomically(target.path, report));
        continue;
      }
      if (prints)
        return Error::Invalid("Only one of -json and a -report without a file can be printed");
      prints = true;
      context.Print(report);
    }
  }
  if (!IsSet("GITHUB_ACTIONS")) return {};
  if (!prints) {
    for (const std::string& line : GitHubAnnotations(steps)) context.Line(line);
  }
  if (IsSet("GITHUB_STEP_SUMMARY")) {
    TRY(files.Append(std::getenv("GITHUB_STEP_SUMMARY"),
                     RenderCi(validation::ReportFormat::kMarkdown, steps, options)));
  }
  return {};
}

// Before anything runs: a wrong word must not cost the whole job.
Result<void> Verify(const Arguments& arguments) {
  for (const std::string& text : arguments.List("report")) {
    auto targets = TRY(validation::ParseReportTargets(text));
    for (const validation::ReportTarget& target : targets) {
      if (target.format == validation::ReportFormat::kGx)
        return Error::Invalid(
            "\"andon ci\" reports junit, sarif and md, not gx: that is of checks alone");
    }
  }
  return {};
}

ExitCode Run(Context& context, const Arguments& arguments) {
  if (auto good = Verify(arguments); !good.ok()) return context.Fail(good.error());
  const Timestamp started = context.clock->Now();
  auto steps = Ci(context, arguments).Run();
  if (!steps.ok()) return context.Fail(steps.error());
  if (auto written = Write(context, arguments, *steps); !written.ok())
    return context.Fail(written.error());
  const ExitCode code = CodeOf(*steps);
  const auto failed = std::count_if(steps->begin(), steps->end(),
                                    [](const CiStep& s) { return s.state == CiStep::kFailed; });
  const Duration took = context.clock->Now() - started;
  context.Event(Json::Object({{"type", "ci_ended"},
                              {"exit_code", static_cast<int>(code)},
                              {"failed", static_cast<int64_t>(failed)},
                              {"duration_ms", took.count() / 1000}}));
  if (!context.json) {
    context.Note(failed == 0 ? fmt::format("{} All steps passed in {}.",
                                           context.Paint("green", "Success!"), HumanDuration(took))
                             : fmt::format("{} {} failed in {}.", context.Paint("red", "Failure!"),
                                           Count(failed, "step"), HumanDuration(took)));
  }
  return code;
}

}  // namespace

extern const Command kCi = {
    .name = "ci",
    .group = Group::kTest,
    .summary = "Everything that a change in review must pass",
    .usage = "",
    .description =
        "Looks at the format of the files, validates them, runs the tests of models, plans against "
        "a base with what the change reaches, and compares contracts with that base; with -check "
        "also the published data. One comment, JUnit and SARIF are written, and one exit code says "
        "the worst: 1 for files that are wrong or tests that fail, 5 where a contract breaks its "
        "consumers, 3 for failing data and for files that are not formatted. Changes nothing.\n"
        "The base is a commit: -base, or the one that GitHub and GitLab name in a pull request; "
        "without one, the current release. Needs no lake and no control store, so it runs in the "
        "repository of whoever makes the data. On GitHub it marks the lines and adds to the job's "
        "summary.",
    .flags = WithVariableFlags(
        {{"base", FlagKind::kString, "COMMIT", "What the change is compared with: origin/main."},
         {"report", FlagKind::kList, "FORMAT:FILE,…",
          "md, junit and sarif, each to its file; one without a file is printed."},
         {"title", FlagKind::kString, "TEXT", "The comment's heading; default: Andon."},
         {"check", FlagKind::kBool, "", "Also runs the checks on what is published."}}),
    .examples = {{"andon ci", "Against the current release."},
                 {"andon ci -base=HEAD~1 -report=md:comment.md,junit:junit.xml,sarif:andon.sarif",
                  "Against another commit, with all reports."}},
    .run = Run,
};

}  // namespace andon::cli
