#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "builtin/model_tests.h"
#include "cli/planning.h"
#include "cli/row_differences.h"
#include "cli/tested_models.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "modeltest/case.h"
#include "validation/report.h"

namespace andon::cli {
namespace {

constexpr int kDifferencesShown = 12;
// Given rows are few; a test that needs more is a cross join gone wrong.
constexpr int64_t kMemoryBytes = int64_t{1} << 30;
constexpr int kThreads = 2;

struct DoneTest {
  builtin::ModelTest test;
  modeltest::Outcome outcome;

  const std::string& file() const { return test.declared.filename; }
  std::string target() const { return test.target.substr(test.target.find('.') + 1); }
};

struct Totals {
  int passed = 0, failed = 0, errors = 0;

  void Add(modeltest::State state) {
    ++(state == modeltest::State::kPassed   ? passed
       : state == modeltest::State::kFailed ? failed
                                            : errors);
  }
  std::string_view status() const { return errors > 0 ? "error" : failed > 0 ? "fail" : "pass"; }
};

// One of the words that a test is selected by: its file, its name (with or without its key), its
// dataset by name or address.
bool IsMeant(const builtin::ModelTest& test, std::string_view word) {
  std::string label = test.name.substr(0, test.name.find('['));
  std::string target = test.target.substr(test.target.find('.') + 1);
  std::string file = io::Normalize(std::string(word));
  return word == test.name || word == label || word == "run." + test.name || word == target ||
         word == test.target || file == test.declared.filename ||
         file == io::Basename(test.declared.filename);
}

// Those that the words mean, or all. kInvalid for a word that means none.
Result<std::vector<builtin::ModelTest>> Selected(std::vector<builtin::ModelTest> all,
                                                 const std::vector<std::string>& words) {
  if (words.empty()) return all;
  for (const std::string& word : words) {
    bool means_any =
        std::any_of(all.begin(), all.end(), [&](const auto& test) { return IsMeant(test, word); });
    if (means_any) continue;
    std::vector<std::string> known;
    for (const builtin::ModelTest& test : all) {
      known.push_back(test.name);
      known.push_back(test.target.substr(test.target.find('.') + 1));
      known.push_back(test.declared.filename);
    }
    std::string meant = DidYouMean(word, known);
    return Error::Invalid("No test has the file, the name or the dataset \"{}\"{}", word,
                          meant.empty() ? "." : ": did you mean \"" + meant + "\"?");
  }
  std::erase_if(all, [&](const builtin::ModelTest& test) {
    return std::none_of(words.begin(), words.end(),
                        [&](const std::string& word) { return IsMeant(test, word); });
  });
  return all;
}

// A test that sets variables is made again, in the project as it is with these. Nothing where the
// project is then wrong, which is reported.
std::optional<builtin::ModelTest> WithVariables(Context& context, const Arguments& arguments,
                                                const builtin::ModelTest& test) {
  builtin::ProjectFiles project = LoadProjectFiles(
      context, arguments, nullptr, {.with_tests = true, .variables = test.variables});
  context.Report(project.diagnostics);
  if (project.diagnostics.has_errors()) return std::nullopt;
  for (builtin::ModelTest& again : builtin::ModelTests(project)) {
    if (again.name == test.name) return std::move(again);
  }
  return std::nullopt;
}

void TellFound(const Context& context, const std::vector<builtin::ModelTest>& tests) {
  if (!context.json) return;
  std::map<std::string, Json> files;
  for (const builtin::ModelTest& test : tests) files[test.declared.filename].Push(test.name);
  Json found = Json::Object();
  for (auto& [file, names] : files) found.Set(file, std::move(names));
  context.Event(Json::Object(
      {{"@level", "info"},
       {"@message", fmt::format("Found {} and {}", Count(int64_t(files.size()), "file"),
                                Count(int64_t(tests.size()), "run block"))},
       {"@module", "andon.ui"},
       {"type", "test_abstract"},
       {"test_abstract", std::move(found)}}));
}

// Terraform's event, with what was found.
void TellJson(const Context& context, const DoneTest& done) {
  const modeltest::Outcome& outcome = done.outcome;
  Json run = Json::Object({{"path", done.file()},
                           {"run", done.test.name},
                           {"status", ToString(outcome.state)},
                           {"progress", "complete"},
                           {"elapsed", outcome.duration.count() / 1000},
                           {"target", done.test.target},
                           {"position", config::FileLine(done.test.declared)}});
  if (outcome.state == modeltest::State::kFailed)
    run.Set("differences", DifferencesJson(done.test.made, outcome));
  if (outcome.state == modeltest::State::kError) {
    run.Set("error", outcome.error);
    if (outcome.place.exists()) run.Set("error_position", config::FileLine(outcome.place));
  }
  context.Event(
      Json::Object({{"@level", "info"},
                    {"@message", fmt::format("{}... {}", done.test.name, ToString(outcome.state))},
                    {"@module", "andon.ui"},
                    {"type", "test_run"},
                    {"@testfile", done.file()},
                    {"@testrun", done.test.name},
                    {"test_run", std::move(run)}}));
}

void TellText(const Context& context, const DoneTest& done) {
  const modeltest::Outcome& outcome = done.outcome;
  if (outcome.state == modeltest::State::kPassed) {
    if (!context.quiet)
      context.Line(fmt::format("  {} {}{}", context.Paint("green", "✔"), done.test.name,
                               context.Paint("dim", "  " + done.target())));
    return;
  }
  bool is_error = outcome.state == modeltest::State::kError;
  context.Line(fmt::format("  {} {}  {}  {}", context.Paint("red", "✖"),
                           context.Paint("bold", done.test.name), done.target(),
                           context.Paint("dim", config::FileLine(done.test.declared))));
  if (is_error) {
    SourceRange place = outcome.place.exists() ? outcome.place : SourceRange();
    context.Line(fmt::format("      {}: {}{}", context.Paint("red", "error"), outcome.error,
                             place.exists() ? "  " + config::FileLine(place) : std::string()));
    return;
  }
  context.Line(fmt::format("      {}.", DifferenceSummary(outcome)));
  context.Print(DifferenceTable(context, done.test.made, outcome, "      ", kDifferencesShown));
}

// A file of tests as a validation, so that it is reported as checks are.
std::vector<validation::Validation> AsValidations(const std::vector<DoneTest>& tests) {
  std::vector<validation::Validation> out;
  for (const DoneTest& done : tests) {
    if (out.empty() || out.back().name != done.file())
      out.push_back({.name = done.file(), .suite = done.file(), .trigger = "test"});
    validation::CheckedCheck checked;
    checked.check = {.name = done.test.name, .type = "run", .declared = done.test.declared};
    checked.result.name = done.test.name;
    checked.result.type = "run";
    checked.result.duration = done.outcome.duration;
    out.back().duration += done.outcome.duration;
    if (done.outcome.state == modeltest::State::kFailed) {
      checked.result.state = quality::CheckState::kFailed;
      checked.result.message =
          fmt::format("{}: {}.", done.target(), DifferenceSummary(done.outcome));
      checked.result.sample = DifferenceSample(done.test.made, done.outcome, kDifferencesShown);
    } else if (done.outcome.state == modeltest::State::kError) {
      checked.result.state = quality::CheckState::kError;
      checked.result.message = done.outcome.error;
    }
    out.back().results.push_back(std::move(checked));
  }
  return out;
}

Result<void> WriteReports(const Context& context,
                          const std::vector<validation::ReportTarget>& targets,
                          const std::vector<DoneTest>& tests) {
  if (targets.empty()) return {};
  io::LocalFileSystem files;
  std::string to_stdout;
  validation::ReportOptions options{.tool_version = ANDON_VERSION, .title = "Tests of models"};
  TRY(validation::WriteReports(files, targets, AsValidations(tests), options, &to_stdout));
  context.Print(to_stdout);
  return {};
}

void TellSummary(const Context& context, const Totals& totals, Duration took) {
  std::string counts = fmt::format("{} passed, {} failed", totals.passed, totals.failed);
  if (totals.errors > 0) counts += fmt::format(", {}", Count(totals.errors, "error"));
  std::string_view word = totals.status() == "pass" ? "Success!" : "Failure!";
  if (context.json) {
    context.Event(Json::Object({{"@level", "info"},
                                {"@message", fmt::format("{} {}.", word, counts)},
                                {"@module", "andon.ui"},
                                {"type", "test_summary"},
                                {"test_summary", Json::Object({{"status", totals.status()},
                                                               {"passed", totals.passed},
                                                               {"failed", totals.failed},
                                                               {"errored", totals.errors},
                                                               {"skipped", 0}})}}));
    return;
  }
  bool is_green = totals.status() == "pass";
  context.Line(fmt::format("{} {} in {}.", context.Paint(is_green ? "green" : "red", word), counts,
                           HumanDuration(took)));
}

Result<std::vector<DoneTest>> RunAll(Context& context, const Arguments& arguments,
                                     std::vector<builtin::ModelTest> tests, bool shows) {
  std::vector<DoneTest> out;
  if (tests.empty()) return out;
  auto engine = TRY(sql::Engine::Open({.memory_limit_bytes = kMemoryBytes, .threads = kThreads}));
  std::string file;
  for (builtin::ModelTest& test : tests) {
    if (!test.variables.empty()) {
      auto again = WithVariables(context, arguments, test);
      if (!again)
        return Error::Invalid("The project is not valid with the variables of the test \"{}\".",
                              test.name);
      test = std::move(*again);
    }
    if (shows && !context.json && !context.quiet && test.declared.filename != file)
      context.Line(context.Paint("bold", test.declared.filename));
    file = test.declared.filename;
    auto connection = TRY(engine.Connect());
    modeltest::Outcome outcome = modeltest::Run(connection, test.made, *context.clock);
    out.push_back({std::move(test), std::move(outcome)});
    if (!shows) continue;
    context.json ? TellJson(context, out.back()) : TellText(context, out.back());
  }
  return out;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  std::vector<validation::ReportTarget> reports;
  if (arguments.Has("report")) {
    auto parsed = validation::ParseReportTargets(arguments.String("report"));
    if (!parsed.ok()) return context.Fail(parsed.error());
    reports = std::move(*parsed);
    for (const validation::ReportTarget& report : reports) {
      if (report.format == validation::ReportFormat::kGx)
        return context.Fail(Error::Invalid("Tests are reported as junit, sarif or md, not as gx."));
    }
  }
  bool to_stdout = std::any_of(reports.begin(), reports.end(),
                               [](const auto& report) { return report.path.empty(); });
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr, {.with_tests = true});
  context.Report(project.diagnostics);
  if (project.diagnostics.has_errors()) return ExitCode::kError;
  std::vector<std::string> words = arguments.positional;
  for (const std::string& word : arguments.List("filter")) words.push_back(word);
  auto tests = Selected(builtin::ModelTests(project), words);
  if (!tests.ok()) return context.Fail(tests.error());
  if (!to_stdout) TellFound(context, *tests);
  if (tests->empty() && !context.json && !context.quiet)
    context.Note(
        "The project has no tests. They are run blocks in *.andontest.hcl files: andon "
        "explain run.");
  Timestamp started = context.clock->Now();
  auto done = RunAll(context, arguments, std::move(*tests), !to_stdout);
  if (!done.ok()) return context.Fail(done.error());
  Totals totals;
  for (const DoneTest& test : *done) totals.Add(test.outcome.state);
  auto written = WriteReports(context, reports, *done);
  if (!written.ok()) return context.Fail(written.error());
  if (!to_stdout) TellSummary(context, totals, context.clock->Now() - started);
  return totals.status() == "pass" ? ExitCode::kDone : ExitCode::kError;
}

}  // namespace

Result<std::vector<validation::Validation>> TestModels(Context& context, const Arguments& arguments,
                                                       builtin::ProjectFiles& project) {
  auto done = TRY(RunAll(context, arguments, builtin::ModelTests(project), false));
  return AsValidations(done);
}

extern const Command kTest = {
    .name = "test",
    .group = Group::kTest,
    .summary = "Test the SQL of models on given rows",
    .usage = "[FILE|TEST|DATASET]…",
    .description =
        "Runs the tests of *.andontest.hcl, here and in the folder tests: each gives a few rows to "
        "the SQL of a dataset and says which rows must come. They run in memory; no data, no lake "
        "and no network are touched, and nothing is changed. Rows that differ are shown with the "
        "line where they are expected. Exit code 1 where a test fails, as with Terraform.",
    .positional_max = -1,
    .flags = WithVariableFlags(
        {{"filter", FlagKind::kList, "WORD", "As the arguments: a file, a test or a dataset."},
         {"report", FlagKind::kString, "FORMAT[:FILE]",
          "Also writes junit, sarif or md; several with a comma."}}),
    .examples = {{"andon test", "Every test."},
                 {"andon test daily_revenue", "Those of one dataset."},
                 {"andon test -report=junit:tests.xml", "For CI."}},
    .run = Run,
};

}  // namespace andon::cli
