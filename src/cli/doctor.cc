// andon doctor: why a source cannot be read.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/ci_steps.h"
#include "cli/command.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "cli/stop_on_signal.h"
#include "line/source_doctor.h"
#include "policy/reach.h"

namespace andon::cli {
namespace {

using Step = line::DoctorStep;

// The tables that datasets read of it, each once.
std::vector<std::string> TablesOf(const definition::Project& project,
                                  const definition::Source& source) {
  std::vector<std::string> tables;
  for (const definition::Dataset& dataset : project.datasets) {
    std::string table = dataset.external_source == source.address ? dataset.external_table
                        : dataset.source == source.address        ? dataset.source_table
                                                                  : std::string();
    if (!table.empty() && std::ranges::find(tables, table) == tables.end())
      tables.push_back(std::move(table));
  }
  std::ranges::sort(tables);
  return tables;
}

Result<std::vector<const definition::Source*>> Chosen(const definition::Project& project,
                                                      const Arguments& arguments) {
  std::vector<const definition::Source*> chosen;
  std::vector<std::string> known;
  for (const definition::Source& source : project.sources) {
    known.push_back(source.address);
    known.push_back(source.name);
  }
  for (const std::string& word : arguments.positional) {
    auto found = std::ranges::find_if(project.sources, [&](const definition::Source& source) {
      return source.address == word || source.name == word;
    });
    if (found == project.sources.end()) {
      std::string meant = DidYouMean(word, known);
      return Error::NotFound("There is no source \"{}\"{}", word,
                             meant.empty() ? "." : ": did you mean " + meant + "?");
    }
    chosen.push_back(&*found);
  }
  if (arguments.positional.empty()) {
    for (const definition::Source& source : project.sources) chosen.push_back(&source);
  }
  if (chosen.empty()) return Error::NotFound("The project has no source.");
  return chosen;
}

void Show(const Context& context, const Step& step) {
  std::string_view style = step.state == Step::State::kPassed   ? "green"
                           : step.state == Step::State::kFailed ? "red"
                                                                : "dim";
  std::string line = fmt::format("{:<9} {}", step.name, step.says);
  std::string state = fmt::format("{:<7}", ToString(step.state));
  context.Line(fmt::format("  {}  {}", context.Paint(style, state), Trim(line)));
  if (!step.cure.empty()) context.Line(fmt::format("                     {}", step.cure));
}

// What the infrastructure's state knows of the way, where there is infrastructure.
std::vector<policy::WayFinding> FindingsOf(Context& context, const Arguments& arguments,
                                           const line::Examination& examined) {
  if (examined.host.empty() || !HasInfrastructure(context)) return {};
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return {};
  return policy::WayTo(*state, examined.host, examined.port);
}

ExitCode Run(Context& context, const Arguments& arguments) {
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles files = LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr);
  context.Report(files.diagnostics);
  if (files.diagnostics.has_errors()) return ExitCode::kError;
  auto project = DeclaredBy(files);
  if (!project.ok()) return context.Fail(project.error());
  auto chosen = Chosen(*project, arguments);
  if (!chosen.ok()) return context.Fail(chosen.error());
  StopOnSignal stop;
  io::LocalFileSystem disk;
  bool is_well = true;
  for (const definition::Source* source : *chosen) {
    if (!context.json) context.Line(context.Paint("bold", source->address));
    line::Examination examined = line::Examine(disk, context.project_dir, *source,
                                               TablesOf(*project, *source), stop.token());
    for (const Step& step : examined.steps) {
      Json event = ToJson(step);
      event.Set("type", "doctor_step");
      event.Set("source", source->address);
      context.Event(event);
      if (!context.json) Show(context, step);
    }
    const Step* failed = examined.failed();
    is_well &= failed == nullptr;
    // Of a server that answers, nothing hinders.
    if (failed == nullptr || (failed->name != "name" && failed->name != "port")) continue;
    for (const policy::WayFinding& finding : FindingsOf(context, arguments, examined)) {
      context.Event(Json::Object({{"type", "doctor_finding"},
                                  {"source", source->address},
                                  {"address", finding.address},
                                  {"hinders", finding.hinders},
                                  {"says", finding.says}}));
      if (!context.json)
        context.Line(fmt::format(
            "  {}  {} {}",
            finding.hinders ? context.Paint("yellow", "hinders") : context.Paint("dim", "known  "),
            finding.address, finding.says));
    }
  }
  return is_well ? ExitCode::kDone : ExitCode::kError;
}

}  // namespace

extern const Command kDoctor = {
    .name = "doctor",
    .group = Group::kHelp,
    .summary = "Say why a source cannot be read",
    .usage = "[SOURCE…]",
    .description =
        "Goes the way to each source step by step, and names the one that fails, with its cure: "
        "settings and secrets, the tunnel, the server's name, its port, TLS, the login, the grants "
        "on the tables that datasets read; of files the folder. Where a server of this project's "
        "infrastructure does not answer, it says what the state of the last apply knows of the "
        "way: "
        "security groups without a rule for the port, no public address, no route. Changes nothing "
        "and reads no row. Exit code 1 where a step fails.",
    .positional_max = -1,
    .flags = WithVariableFlags({}),
    .examples = {{"andon doctor", "All sources."},
                 {"andon doctor source.rental -json", "One of them, for programs."}},
    .run = Run,
};

}  // namespace andon::cli
