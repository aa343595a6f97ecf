#include "cli/check_suite.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/check_batches.h"
#include "cli/check_costs.h"
#include "cli/check_reports.h"
#include "cli/check_target.h"
#include "cli/failed_checks.h"
#include "cli/red_since.h"
#include "cli/stop_on_signal.h"
#include "io/local_file_system.h"
#include "line/check_specs.h"
#include "line/manifest_statistics.h"
#include "quality/batch_files.h"
#include "quality/gx/result.h"
#include "quality/gx/suite.h"
#include "quality/run_batches.h"
#include "quality/statistics.h"
#include "sql/engine.h"
#include "sql/types.h"
#include "validation/report.h"

namespace andon::cli {
namespace {

using quality::BatchResults;
using quality::CheckResult;
using quality::CheckState;
namespace gx = quality::gx;

// What the flags say, read and checked before any data are touched.
struct Request {
  gx::Suite suite;
  quality::ResultFormat format;
  std::vector<validation::ReportTarget> reports;
  std::map<std::string, Json> parameters;
  BatchChoice batches;
  bool prints_gx = false;
  bool prints_text = true;
};

struct Tally {
  int failed = 0, warned = 0, errors = 0;
};

void Add(const std::vector<CheckResult>& results, Tally* tally) {
  for (const CheckResult& result : results) {
    if (result.success()) continue;
    if (result.severity != quality::CheckSeverity::kCritical)
      ++tally->warned;
    else
      ++(result.state == CheckState::kError ? tally->errors : tally->failed);
  }
}

Result<void> CheckFlags(const Arguments& arguments) {
  if (!arguments.Has("suite"))
    return Error::Invalid("-data needs a suite: -suite=FILE.\nhelp: andon help check");
  if (!arguments.Has("data"))
    return Error::Invalid(
        "-suite needs data: -data=FILE, -data=postgres://… -table=NAME, -data=sqlite:FILE "
        "-table=NAME.\nhelp: andon help check");
  if (!arguments.positional.empty())
    return Error::Invalid("-suite looks at -data alone; \"{}\" is a dataset of a project.",
                          arguments.positional[0]);
  for (const char* flag : {"select", "at", "full"}) {
    if (arguments.Has(flag))
      return Error::Invalid("-{} goes with a project, not with -suite.", flag);
  }
  const std::string output = arguments.String("o", "text");
  if (output != "text" && output != "gx")
    return Error::Invalid("-o is \"text\" or \"gx\", not \"{}\".", output);
  return {};
}

// Whose result format counts: the command line's, or else each expectation's own.
quality::ResultFormat FormatOf(const gx::Suite& suite, const Arguments& arguments,
                               const quality::ResultFormat& given) {
  quality::ResultFormat format = given;
  if (arguments.Has("result-format")) return format;
  for (const gx::SuiteExpectation& e : suite.expectations) {
    if (e.result_format && e.result_format->level > format.level) format = *e.result_format;
  }
  return format;
}

Result<Request> ReadRequest(Context& context, const Arguments& arguments,
                            Diagnostics* diagnostics) {
  TRY(CheckFlags(arguments));
  Request request;
  request.prints_gx = arguments.String("o") == "gx";
  request.batches = TRY(ReadBatchChoice(arguments));
  request.format = TRY(gx::ParseResultFormat(arguments.String("result-format", "SUMMARY")));
  for (const std::string& text : arguments.List("param")) {
    auto parameter = TRY(gx::ReadParameter(text));
    request.parameters.insert_or_assign(parameter.first, parameter.second);
  }
  bool takes_stdout = request.prints_gx || context.json;
  request.reports = TRY(ReadReports(arguments, &takes_stdout));
  request.prints_text = !takes_stdout;
  const std::string filename = arguments.String("suite");
  auto text = io::LocalFileSystem().Read(filename);
  if (!text.ok()) return std::move(text).error();
  context.sources.Add(filename, *text);
  request.suite = gx::ReadSuite(
      *text, {.filename = filename, .parameters = request.parameters, .now = context.clock->Now()},
      diagnostics);
  return request;
}

class SuiteCheck {
 public:
  SuiteCheck(Context& context, const Arguments& arguments, Request request)
      : context_(context), arguments_(arguments), request_(std::move(request)) {}

  ExitCode Run() {
    started_ = context_.clock->Now();
    StopOnSignal signals;
    StopAfter stop(signals.token(), arguments_.Time("timeout"));
    stop_ = stop.token();
    Result<std::vector<BatchResults>> batches = RunChecks();
    if (signals.stop_requested()) return Interrupted();
    if (stop.is_over()) return TimedOut();
    if (!batches.ok()) return context_.Fail(batches.error());
    if (arguments_.Bool("explain")) return ExitCode::kDone;
    took_ = context_.clock->Now() - started_;
    validation::TellRedSince(Judged(&*batches));
    return Tell(&*batches);
  }

 private:
  ExitCode Interrupted() {
    context_.Fail(Error::Interrupted("Stopped; no result is told."));
    return ExitCode::kInterrupted;
  }
  // A check that had no time is not a check that failed.
  ExitCode TimedOut() {
    context_.Fail(
        Error::Interrupted("The checks took longer than {} (-timeout); no result is told.",
                           HumanDuration(arguments_.Time("timeout"))));
    return ExitCode::kTaskFailed;
  }

  Result<std::vector<BatchResults>> RunChecks() {
    const std::string data = arguments_.String("data");
    if (!request_.batches.definition.file_regex.empty()) return RunFiles(data);
    sql::Target target = TRY(Open(data));
    name_ = target.name;
    auto sources = TRY(OpenSources(arguments_, stop_));
    quality::RunOptions options = Options(target, sources);
    if (arguments_.Bool("explain")) return ExplainOnly(target, options);
    const BatchChoice& choice = request_.batches;
    if (choice.definition.is_whole()) {
      auto results = TRY(gx::RunSuite(*target.session, target.relation, &request_.suite, options));
      return Whole(std::move(results));
    }
    if (choice.all) {
      auto batches = TRY(gx::RunSuite(*target.session, target.relation, &request_.suite,
                                      choice.definition, options));
      if (batches.empty()) return Error::NotFound("{} has no rows, and so no batch.", name_);
      return batches;
    }
    auto list = TRY(
        quality::ListBatches(*target.session, target.relation, choice.definition, options.query));
    BatchResults one;
    one.batch = TRY(quality::PickBatch(list, choice.name));
    one.results =
        TRY(gx::RunSuite(*target.session, quality::BatchRelation(target.relation, one.batch),
                         &request_.suite, options));
    return std::vector{std::move(one)};
  }

  // Each file is a batch, and is read once.
  Result<std::vector<BatchResults>> RunFiles(const std::string& data) {
    const BatchChoice& choice = request_.batches;
    auto engine = TRY(sql::Engine::Open({.threads = 1}));
    auto connection = TRY(engine.Connect());
    auto files = TRY(quality::ListFileBatches(connection, data, choice.definition.file_regex));
    if (!choice.all) {
      auto file = TRY(quality::PickFile(files, choice.name));
      files = {std::move(file)};
    }
    auto sources = TRY(OpenSources(arguments_, stop_));
    std::vector<BatchResults> batches;
    for (quality::FileBatch& file : files) {
      sql::Target target = TRY(Open(file.path));
      if (name_.empty()) name_ = NameOfFiles(data, target.name);
      quality::RunOptions options = Options(target, sources);
      if (arguments_.Bool("explain")) return ExplainOnly(target, options);
      auto results = TRY(gx::RunSuite(*target.session, target.relation, &request_.suite, options));
      batches.push_back({std::move(file.batch), std::move(results)});
    }
    return batches;
  }

  static std::vector<BatchResults> Whole(std::vector<CheckResult> results) {
    std::vector<BatchResults> whole(1);
    whole[0].results = std::move(results);
    return whole;
  }

  // Of a pattern what its files have in common.
  static std::string NameOfFiles(const std::string& pattern, const std::string& first) {
    std::string name = pattern.substr(pattern.rfind('/') + 1);
    name.resize(std::min(name.size(), name.find_first_of("*?[{.")));
    while (name.ends_with('-') || name.ends_with('_')) name.pop_back();
    return name.empty() ? first : name;
  }

  Result<sql::Target> Open(const std::string& data) {
    sql::Target target = TRY(OpenCheckTarget(data, arguments_, stop_, &scan_));
    auto columns = target.session->Columns(target.relation);
    if (columns.ok()) {
      table_columns_ = *columns;
      for (const sql::TableColumn& column : *columns) {
        if (sql::ClassOf(column.type) == sql::TypeClass::kNumber)
          number_columns_.insert(column.name);
      }
    }
    is_file_ = target.session->dialect() == sql::Dialect::kDuckDb;
    return target;
  }

  quality::RunOptions Options(const sql::Target& target,
                              std::map<std::string, sql::Target>& sources) {
    quality::RunOptions options;
    options.result_format = FormatOf(request_.suite, arguments_, request_.format);
    options.table_name = target.name;
    options.sample_rows = static_cast<int>(
        std::max<int64_t>(arguments_.Integer("sample", 3), request_.reports.empty() ? 0 : 5));
    options.key_columns = options.result_format.unexpected_index_column_names;
    for (auto& [name, source] : sources) options.sources[name] = source.session.get();
    options.query.stop = stop_;
    options.now = started_;
    // What is known of the whole says nothing of a batch; a file that is one has its own footer.
    const quality::BatchDefinition& batches = request_.batches.definition;
    const bool is_file_whole = batches.is_whole() || !batches.file_regex.empty();
    std::vector<quality::CheckSpec> checks;
    for (const gx::SuiteExpectation& e : request_.suite.expectations) checks.push_back(e.check);
    if (scan_ && is_file_whole) line::ReadManifests(*scan_, checks, &options);
    (target.format == "parquet" ? options.parquet_files : options.text_files) = target.files;
    if (target.format == "parquet" && is_file_whole) {
      quality::ReadFooters(*target.session, target.files, table_columns_, checks, &options);
    }
    return options;
  }

  Result<std::vector<BatchResults>> ExplainOnly(sql::Target& target,
                                                const quality::RunOptions& options) {
    quality::Explanation explained =
        TRY(gx::ExplainSuite(*target.session, target.relation, &request_.suite, options));
    const std::string time = EstimateTime(nullptr, name_, &explained.json);
    context_.Event(Json::Object({{"type", "explanation"},
                                 {"dataset", name_},
                                 {"text", explained.text},
                                 {"plan", explained.json}}));
    if (!context_.json) context_.Line(Trim(explained.text));
    if (!context_.json && !time.empty()) context_.Line("  " + time);
    if (!context_.json && !request_.batches.definition.is_whole())
      context_.Line(ExplainBatches(request_.batches));
    return std::vector<BatchResults>();
  }

  gx::ValidationMeta Meta(const quality::Batch& batch) const {
    return {.datasource_name = is_file_ ? "files" : "database",
            .data_asset_name = name_,
            .batch_identifiers = batch.identifiers,
            .batch_parameters = batch.identifiers,
            .validation_id = RandomUuid(),
            .run_name = arguments_.String("run-name"),
            .run_time = started_,
            .batch_id =
                quality::BatchId((is_file_ ? "files-" : "database-") + name_, batch.identifiers),
            .suite_parameters = request_.parameters,
            .number_columns = number_columns_,
            .has_row_numbers = is_file_};
  }

  // One validation result, or a list of them.
  Json GxResults(const std::vector<BatchResults>& batches) const {
    if (batches.size() == 1) return GxResult(batches[0]);
    Json list = Json::List();
    for (const BatchResults& batch : batches) list.Push(GxResult(batch));
    return list;
  }

  Json GxResult(const BatchResults& batch) const {
    const std::vector<CheckResult>& results = batch.results;
    gx::ValidationMeta meta = Meta(batch.batch);
    Json json = gx::ToJson(request_.suite, results, request_.format, meta);
    if (arguments_.Has("result-format")) return json;
    Json list = Json::List();
    for (size_t i = 0; i < results.size(); i++) {
      const gx::SuiteExpectation& e = request_.suite.expectations[i];
      list.Push(gx::ToJson(e, results[i], e.result_format.value_or(request_.format), meta));
    }
    return json.Set("results", std::move(list));
  }

  std::vector<line::Verdict> Verdicts(const std::vector<CheckResult>& results) const {
    std::vector<line::Verdict> verdicts;
    for (size_t i = 0; i < results.size(); i++)
      verdicts.push_back({.check = request_.suite.expectations[i].check,
                          .result = results[i],
                          .scope = "dataset"});
    return verdicts;
  }

  ExitCode Tell(std::vector<BatchResults>* judged) {
    const std::vector<BatchResults>& batches = *judged;
    Tally tally;
    int64_t checks = 0;
    for (const BatchResults& batch : batches) {
      Add(batch.results, &tally);
      checks += static_cast<int64_t>(batch.results.size());
      const std::vector<line::Verdict> verdicts = Verdicts(batch.results);
      if (context_.json) TellEvents(verdicts, batch.batch);
      if (request_.prints_text) TellText(verdicts, batch.batch, batches.size() > 1);
    }
    TellRedBatches(context_, name_, Judged(judged), request_.prints_text);
    if (context_.json) TellEnd(checks, tally);
    if (request_.prints_gx) context_.Line(GxResults(batches).Dump(2));
    if (request_.prints_text) TellTotal(batches, checks, tally);
    auto reported = Report(batches);
    if (!reported.ok()) return context_.Fail(reported.error());
    if (tally.failed > 0) return ExitCode::kChecksFailed;
    return tally.errors > 0 ? ExitCode::kTaskFailed : ExitCode::kDone;
  }

  void TellEvents(const std::vector<line::Verdict>& verdicts, const quality::Batch& batch) {
    for (const line::Verdict& v : verdicts) {
      Json event = Json::Object({{"type", "check"}, {"dataset", name_}});
      if (!batch.name.empty()) event.Set("batch", batch.name);
      const Json result = quality::ToJson(v.result);
      for (const auto& [key, value] : result.members())
        event.Set(key == "type" ? "expectation" : key, value);
      context_.Event(event);
    }
  }

  void TellEnd(int64_t checks, const Tally& tally) {
    context_.Event(Json::Object({{"type", "check_ended"},
                                 {"checks", checks},
                                 {"failed", tally.failed},
                                 {"errors", tally.errors},
                                 {"warnings", tally.warned},
                                 {"duration_ms", took_.count() / 1000}}));
  }

  // Of many batches only what is wrong: what passes is the same in each.
  void TellText(const std::vector<line::Verdict>& verdicts, const quality::Batch& batch,
                bool is_one_of_many) {
    const int sample = static_cast<int>(arguments_.Integer("sample", 3));
    std::string passed = is_one_of_many ? PassedText(verdicts) : "";
    if (!context_.quiet)
      context_.Line(context_.Paint("bold", name_ + (batch.name.empty() ? "" : " " + batch.name)) +
                    (passed.empty() ? "" : context_.Paint("green", "  ✔ ") + passed));
    for (const line::Verdict& v : verdicts) {
      if (!v.result.success()) {
        incident::FailedCheck failed = line::ToFailedCheck(name_, v);
        // A check that broke says nothing of the data.
        if (v.result.state == CheckState::kError) failed.message = "error: " + failed.message;
        PrintFailedChecks(context_, {std::move(failed)}, "  ", sample);
      } else if (!context_.quiet && !is_one_of_many) {
        std::string says = quality::Describe(v.check);
        context_.Line(fmt::format("  {} {}{}", context_.Paint("green", "✔"), v.check.name,
                                  context_.Paint("dim", "  " + says.substr(0, says.find('\n')))));
      }
    }
  }

  static std::string PassedText(const std::vector<line::Verdict>& verdicts) {
    int64_t passed = 0;
    for (const line::Verdict& v : verdicts) passed += v.result.success();
    return fmt::format("{} of {} passed", passed, verdicts.size());
  }

  void TellTotal(const std::vector<BatchResults>& batches, int64_t checks, const Tally& tally) {
    std::string others;
    if (tally.errors > 0) others += fmt::format(", {}", Count(tally.errors, "error"));
    if (tally.warned > 0) others += fmt::format(", {}", Count(tally.warned, "warning"));
    std::string what = name_;
    if (batches.size() == 1 && !batches[0].batch.name.empty()) what += " " + batches[0].batch.name;
    if (batches.size() > 1)
      what += " in " + Count(static_cast<int64_t>(batches.size()), "batch", "batches");
    context_.Line(fmt::format("Checked {}: {}, {} failed{} in {}.", what,
                              Count(checks, "expectation"), tally.failed, others,
                              HumanDuration(took_)));
  }

  // The reference's own result keeps what the suite says besides the checks (ids, notes, meta).
  Result<void> Report(const std::vector<BatchResults>& batches) {
    std::vector<validation::Validation> validations;
    for (const BatchResults& batch : batches) {
      validations.push_back({.id = RandomUuid(),
                             .name = name_,
                             .suite = request_.suite.name,
                             .source = name_,
                             .batch = batch.batch.name,
                             .batch_identifiers = batch.batch.identifiers,
                             .trigger = "check",
                             .rows = batch.batch.rows,
                             .started = started_,
                             .duration = took_,
                             .results = line::ToCheckedChecks(Verdicts(batch.results))});
    }
    validation::ReportOptions options{.tool_version = ANDON_VERSION,
                                      .result_format = request_.format};
    std::vector<validation::ReportTarget> others;
    for (const validation::ReportTarget& target : request_.reports) {
      if (target.format != validation::ReportFormat::kGx) {
        others.push_back(target);
        continue;
      }
      std::string text = GxResults(batches).Dump(2) + "\n";
      if (target.path.empty())
        context_.Print(text);
      else
        TRY(io::LocalFileSystem().WriteAtomically(target.path, text));
    }
    return TellReports(context_, others, validations, options);
  }

  Context& context_;
  const Arguments& arguments_;
  Request request_;
  std::stop_token stop_;
  std::string name_;
  std::set<std::string> number_columns_;
  std::vector<sql::TableColumn> table_columns_;
  std::optional<lake::Scan> scan_;  // Of an Iceberg table.
  bool is_file_ = true;
  Timestamp started_{};
  Duration took_{0};
};

}  // namespace

bool AsksForSuite(const Arguments& arguments) {
  return arguments.Has("suite") || arguments.Has("data");
}

ExitCode RunSuiteCheck(Context& context, const Arguments& arguments) {
  Diagnostics diagnostics;
  auto request = ReadRequest(context, arguments, &diagnostics);
  if (!request.ok()) return context.Fail(request.error());
  context.Report(diagnostics);
  if (diagnostics.has_errors()) {
    if (!context.json)
      context.Note(
          fmt::format("The suite was not run: {}.", Count(diagnostics.errors(), "mistake")));
    return ExitCode::kError;
  }
  return SuiteCheck(context, arguments, std::move(*request)).Run();
}

}  // namespace andon::cli
