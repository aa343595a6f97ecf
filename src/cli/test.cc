#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "builtin/model_tests.h"
#include "cli/infrastructure.h"
#include "cli/infrastructure_tests.h"
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

  int skipped = 0;
  bool has_models = false;          // Their summary says how long they took.
  bool has_infrastructure = false;  // Theirs has an empty line before it.

  void Add(const infratest::Totals& totals) {
    passed += totals.passed;
    failed += totals.failed;
    errors += totals.errored;
    skipped += totals.skipped;
  }
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

void TellFound(const Context& context, const std::vector<infratest::TestFile>& infrastructure,
               const std::vector<builtin::ModelTest>& tests) {
  if (!context.json) return;
  std::map<std::string, Json> files;
  size_t runs = tests.size();
  for (const infratest::TestFile& file : infrastructure) {
    Json& names = files[file.name] = Json::List();
    for (const infratest::Run& run : file.runs) names.Push(run.name);
    runs += file.runs.size();
  }
  for (const builtin::ModelTest& test : tests) files[test.declared.filename].Push(test.name);
  Json found = Json::Object();
  for (auto& [file, names] : files) found.Set(file, std::move(names));
  context.Event(Json::Object(
      {{"@level", "info"},
       {"@message", fmt::format("Found {} and {}", Count(int64_t(files.size()), "file"),
                                Count(int64_t(runs), "run block"))},
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
  bool is_green = totals.status() == "pass";
  // An error of infrastructure is a failure in its words, as scripts know it.
  int failed = totals.failed + (totals.has_infrastructure ? totals.errors : 0);
  std::string counts = fmt::format("{} passed, {} failed", totals.passed, failed);
  if (totals.errors > 0 && !totals.has_infrastructure)
    counts += fmt::format(", {}", Count(totals.errors, "error"));
  if (totals.skipped > 0) counts += fmt::format(", {} skipped", totals.skipped);
  std::string_view word = is_green ? "Success!" : "Failure!";
  if (context.json) {
    context.Event(Json::Object({{"@level", "info"},
                                {"@message", fmt::format("{} {}.", word, counts)},
                                {"@module", "andon.ui"},
                                {"type", "test_summary"},
                                {"test_summary", Json::Object({{"status", totals.status()},
                                                               {"passed", totals.passed},
                                                               {"failed", totals.failed},
                                                               {"errored", totals.errors},
                                                               {"skipped", totals.skipped}})}}));
    return;
  }
  if (totals.has_infrastructure) context.Line();
  if (totals.has_models) counts += " in " + HumanDuration(took);
  context.Line(fmt::format("{} {}.", context.Paint(is_green ? "green" : "red", word), counts));
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

// Whether the folder has tests of models, or nothing but data that could have some.
bool HasModels(const Context& context, const std::vector<infratest::TestFile>& infrastructure) {
  io::LocalFileSystem files;
  for (const std::string& folder : {std::string("."), std::string(config::kTestFolder)}) {
    auto entries = files.List(folder);
    if (!entries.ok()) continue;
    for (const io::FileInfo& entry : *entries) {
      if (entry.name.ends_with(".andontest.hcl")) return true;
    }
  }
  return infrastructure.empty() && !HasInfrastructure(context);
}

// What is tested: both kinds, as far as the words mean them.
struct Selection {
  std::vector<infratest::TestFile> infrastructure;
  std::vector<builtin::ModelTest> models;
  bool has_models = false;
};

Result<Selection> Select(Context& context, const Arguments& arguments) {
  Selection out;
  std::vector<infratest::TestFile> all = FindInfrastructureTests(arguments);
  std::vector<std::string> words = arguments.positional, of_models;
  for (const std::string& word : arguments.List("filter")) words.push_back(word);
  for (const std::string& word : words) {
    bool means_any = std::any_of(all.begin(), all.end(),
                                 [&](const auto& file) { return IsFileMeant(file, word); });
    if (!means_any) of_models.push_back(word);
  }
  out.has_models = HasModels(context, all) && (words.empty() || !of_models.empty());
  if (!out.has_models && !of_models.empty()) {
    std::vector<std::string> known;
    for (const infratest::TestFile& file : all) known.push_back(file.name);
    std::string meant = DidYouMean(of_models[0], known);
    return Error::Invalid("No file of tests is {}{}", of_models[0],
                          meant.empty() ? "." : ": did you mean " + meant + "?");
  }
  for (infratest::TestFile& file : all) {
    bool is_meant = std::any_of(words.begin(), words.end(),
                                [&](const std::string& word) { return IsFileMeant(file, word); });
    if (words.empty() || is_meant) out.infrastructure.push_back(std::move(file));
  }
  if (!out.has_models) return out;
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles project =
      LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr, {.with_tests = true});
  context.Report(project.diagnostics);
  if (project.diagnostics.has_errors())
    return Error::Invalid("Nothing was tested: the files have mistakes, which are told above.");
  out.models = TRY(Selected(builtin::ModelTests(project), of_models));
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
  auto selected = Select(context, arguments);
  if (!selected.ok()) return context.Fail(selected.error());
  Totals totals{.has_models = selected->has_models,
                .has_infrastructure = !selected->has_models || !selected->infrastructure.empty()};
  if (!to_stdout) TellFound(context, selected->infrastructure, selected->models);
  if (selected->has_models && selected->models.empty() && !context.json && !context.quiet &&
      selected->infrastructure.empty())
    context.Note(
        "The project has no tests. They are run blocks in *.andontest.hcl files: andon "
        "explain run.");
  Timestamp started = context.clock->Now();
  if (totals.has_infrastructure) {
    auto done = RunInfrastructureTests(context, arguments, selected->infrastructure);
    if (!done.ok()) return context.Fail(done.error());
    totals.Add(*done);
  }
  auto done = RunAll(context, arguments, std::move(selected->models), !to_stdout);
  if (!done.ok()) return context.Fail(done.error());
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
    .summary = "Test infrastructure, and the SQL of models on given rows",
    .usage = "[FILE|TEST|DATASET]…",
    .description =
        "Runs the tests of *.tftest.hcl and *.tofutest.hcl, here and in the folder tests, as "
        "Terraform and OpenTofu do: each run plans or applies the configuration with a state of "
        "its file's own, judges what came, and what was made is destroyed at the end. Real "
        "providers make real things; mock_provider makes none. "
        "Runs the tests of *.andontest.hcl, there too: each gives a few rows to "
        "the SQL of a dataset and says which rows must come. They run in memory; no data, no lake "
        "and no network are touched, and nothing is changed. Rows that differ are shown with the "
        "line where they are expected. Exit code 1 where a test fails, as with Terraform.",
    .positional_max = -1,
    .flags = WithVariableFlags(
        {{"filter", FlagKind::kList, "WORD", "As the arguments: a file, a test or a dataset."},
         {"test-directory", FlagKind::kString, "FOLDER",
          "Where tests of infrastructure are, beside this folder; \"tests\" without it."},
         {"verbose", FlagKind::kBool, "", "Shows the plan or the state of each run."},
         {"parallelism", FlagKind::kInteger, "N", "Operations at a time; 10 by default."},
         {"report", FlagKind::kString, "FORMAT[:FILE]",
          "Also writes junit, sarif or md of tests of models; several with a comma."}}),
    .examples = {{"andon test", "Every test."},
                 {"andon test daily_revenue", "Those of one dataset."},
                 {"andon test -filter=main.tftest.hcl -verbose", "One file, with its plans."},
                 {"andon test -report=junit:tests.xml", "For CI."}},
    .run = Run,
};

}  // namespace andon::cli
