#include "validation/report.h"

#include <algorithm>

#include "base/text.h"
#include "io/file_system.h"
#include "quality/gx/result.h"
#include "quality/gx/suite.h"

namespace andon::validation {
namespace {

struct FormatName {
  const char* name;
  ReportFormat format;
};
constexpr FormatName kFormats[] = {{"gx", ReportFormat::kGx},
                                   {"junit", ReportFormat::kJUnit},
                                   {"sarif", ReportFormat::kSarif},
                                   {"md", ReportFormat::kMarkdown}};

// Great Expectations' sentence, without the SQL that may stand below it.
std::string SentenceOf(const quality::CheckSpec& check) {
  std::string text = quality::Describe(check);
  return text.substr(0, text.find('\n'));
}

// Rows as JSON say nothing that a table of them does not say better.
std::string MessageOf(const CheckedCheck& checked, bool has_table) {
  const std::string& message = checked.result.message;
  if (message.empty()) return std::string(ToString(checked.result.state));
  return has_table ? message.substr(0, message.find(": {")) : message;
}

std::string AddressOf(const Validation& v, const CheckedCheck& checked) {
  return (v.dataset.empty() ? v.name : v.dataset) + "." + checked.check.name;
}

// A plain table for a terminal or a log, at most `rows_max` rows.
std::string SampleText(const quality::SampleRows& sample, int rows_max) {
  constexpr size_t kCellMax = 60;
  std::vector<std::vector<std::string>> lines;
  lines.emplace_back();
  for (const sql::ColumnInfo& column : sample.columns) lines[0].push_back(column.name);
  for (const auto& row : sample.rows) {
    if (static_cast<int>(lines.size()) > rows_max) break;
    std::vector<std::string>& line = lines.emplace_back();
    for (const Json& value : row) line.push_back(CellText(value));
  }
  std::vector<int64_t> widths(lines[0].size(), 0);
  for (auto& line : lines) {
    for (size_t i = 0; i < line.size() && i < widths.size(); ++i) {
      if (DisplayWidth(line[i]) > static_cast<int64_t>(kCellMax)) {
        size_t end = std::min(line[i].size(), kCellMax);
        while (end > 0 && end < line[i].size() && (line[i][end] & 0xC0) == 0x80) --end;
        line[i] = line[i].substr(0, end) + "…";
      }
      widths[i] = std::max(widths[i], DisplayWidth(line[i]));
    }
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size() && i < widths.size(); ++i) {
      text +=
          (i ? "  " : "") + line[i] +
          std::string(static_cast<size_t>(std::max<int64_t>(0, widths[i] - DisplayWidth(line[i]))),
                      ' ');
    }
    while (text.ends_with(' ')) text.pop_back();
    out += text + "\n";
  }
  return out;
}

std::string FullText(const CheckedCheck& checked, const ReportOptions& options) {
  const quality::CheckResult& r = checked.result;
  const bool has_table = options.sample_rows > 0 && !r.sample.rows.empty();
  std::string out = SentenceOf(checked.check) + "\n" + MessageOf(checked, has_table) + "\n";
  if (checked.scope == "delivery") out += "Looked at: the delivery\n";
  if (!r.first_bad.empty()) out += r.first_bad + "\n";
  std::string position = PositionOf(checked.check);
  if (!position.empty()) out += "Declared: " + position + "\n";
  if (has_table) out += "\n" + SampleText(r.sample, options.sample_rows);
  return out;
}

TestCase CaseOf(const Validation& v, const CheckedCheck& checked, const ReportOptions& options) {
  TestCase test{.name = checked.check.name,
                .class_name = v.dataset.empty() ? v.name : v.dataset,
                .time = checked.result.duration};
  if (checked.check.declared.exists()) {
    test.file = checked.check.declared.filename;
    test.line = checked.check.declared.start.line;
  }
  if (checked.result.success()) return test;
  if (checked.check.severity != quality::CheckSeverity::kCritical) {
    test.output = fmt::format("{}: {}", quality::ToString(checked.check.severity),
                              FullText(checked, options));
    return test;
  }
  test.outcome =
      checked.result.state == quality::CheckState::kError ? TestCase::kError : TestCase::kFailure;
  test.type = checked.check.type;
  const std::string message = MessageOf(checked, true);
  test.message = message.substr(0, message.find('\n'));
  test.text = FullText(checked, options);
  return test;
}

std::string SignOf(std::string_view state) {
  return state == "passed" ? "✔" : state == "warning" ? "▲" : state == "error" ? "!" : "✖";
}

std::string CountsText(const Counts& counts) {
  std::vector<std::string> parts = {Count(counts.checks, "check")};
  if (counts.failed) parts.push_back(fmt::format("{} failed", counts.failed));
  if (counts.errors) parts.push_back(fmt::format("{} broken", counts.errors));
  if (counts.warnings) parts.push_back(Count(counts.warnings, "warning"));
  if (parts.size() == 1) parts.push_back("all passed");
  return Join(parts, ", ");
}

std::string Overview(const std::vector<Validation>& validations) {
  // More rows than anybody reads; those that are not green come first.
  constexpr size_t kRowsMax = 100;
  std::vector<const Validation*> order;
  for (const Validation& v : validations) order.push_back(&v);
  std::stable_partition(order.begin(), order.end(),
                        [](const Validation* v) { return CountsOf(*v).unsuccessful() > 0; });
  MarkdownTable table{.header = {"", "Data", "Checks", "Failed", "Broken", "Warnings", "Took"},
                      .right = {false, false, true, true, true, true, true}};
  for (const Validation* v : order) {
    if (table.rows.size() == kRowsMax) break;
    const Counts counts = CountsOf(*v);
    table.rows.push_back({SignOf(StateOf(counts)), MarkdownCode(v->title()),
                          std::to_string(counts.checks), std::to_string(counts.failed),
                          std::to_string(counts.errors), std::to_string(counts.warnings),
                          HumanDuration(v->duration)});
  }
  std::string out = ToText(table);
  if (order.size() > kRowsMax) {
    out += fmt::format("\n… and {} more.\n", order.size() - kRowsMax);
  }
  return out;
}

std::string SampleMarkdown(const quality::SampleRows& sample, int rows_max) {
  constexpr size_t kColumnsMax = 12, kCellMax = 80;
  auto code = [&](std::string text) {
    if (text.size() > kCellMax) {
      size_t end = kCellMax;
      while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
      text = text.substr(0, end) + "…";
    }
    return MarkdownCode(text);
  };
  MarkdownTable table;
  const size_t columns = std::min(sample.columns.size(), kColumnsMax);
  for (size_t i = 0; i < columns; ++i) table.header.push_back(code(sample.columns[i].name));
  for (const auto& row : sample.rows) {
    if (static_cast<int>(table.rows.size()) == rows_max) break;
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (size_t i = 0; i < columns && i < row.size(); ++i) cells.push_back(code(CellText(row[i])));
  }
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n",
                     Count(static_cast<int64_t>(table.rows.size()), "row"), ToText(table));
}

std::string FailureMarkdown(const CheckedCheck& checked, const ReportOptions& options) {
  const quality::CheckResult& r = checked.result;
  const bool has_table = options.sample_rows > 0 && !r.sample.rows.empty();
  std::string out =
      fmt::format("**{} {}**", SignOf(StateOf(checked)), MarkdownText(checked.check.name));
  if (checked.check.severity != quality::CheckSeverity::kCritical)
    out += fmt::format(" ({})", quality::ToString(checked.check.severity));
  if (checked.scope == "delivery") out += " on the delivery";
  out += fmt::format(": {}  \n{}", MarkdownText(SentenceOf(checked.check)),
                     MarkdownText(MessageOf(checked, has_table)));
  if (!r.first_bad.empty()) out += "  \n" + MarkdownText(r.first_bad);
  const std::string position = PositionOf(checked.check);
  if (!position.empty()) out += "  \n" + MarkdownCode(position);
  out += "\n";
  if (has_table) out += "\n" + SampleMarkdown(r.sample, options.sample_rows);
  return out;
}

}  // namespace

Result<std::vector<ReportTarget>> ParseReportTargets(std::string_view text) {
  std::vector<ReportTarget> targets;
  int to_stdout = 0;
  for (const std::string& part : Split(text, ',')) {
    const size_t colon = part.find(':');
    const std::string word = part.substr(0, colon);
    auto found = std::find_if(std::begin(kFormats), std::end(kFormats),
                              [&](const FormatName& f) { return word == f.name; });
    if (found == std::end(kFormats)) {
      std::string meant = DidYouMean(word, {"gx", "junit", "sarif", "md"});
      return Error::Invalid("There is no report \"{}\"{}; there are gx, junit, sarif and md", word,
                            meant.empty() ? "" : fmt::format(", did you mean \"{}\"?", meant));
    }
    ReportTarget target{.format = found->format};
    if (colon != std::string::npos) {
      target.path = part.substr(colon + 1);
      if (target.path.empty())
        return Error::Invalid("The report \"{}:\" needs a file behind the colon", word);
    } else if (++to_stdout > 1) {
      return Error::Invalid(
          "Only one report can go to standard output; give the others a file: \"{}:FILE\"", word);
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::vector<TestSuite> TestSuitesOf(const std::vector<Validation>& validations,
                                    const ReportOptions& options) {
  std::vector<TestSuite> out;
  for (const Validation& v : validations) {
    TestSuite suite{.name = v.title(), .started = v.started, .time = v.duration};
    auto say = [&](const char* name, std::string value) {
      if (!value.empty()) suite.properties.emplace_back(name, std::move(value));
    };
    say("suite", v.suite);
    say("source", v.source);
    say("batch", v.batch);
    say("branch", v.branch);
    say("version", v.version > 0 ? std::to_string(v.version) : "");
    say("release", v.release_id > 0 ? std::to_string(v.release_id) : "");
    say("run", v.run_id);
    for (const CheckedCheck& checked : v.results)
      suite.cases.push_back(CaseOf(v, checked, options));
    out.push_back(std::move(suite));
  }
  return out;
}

std::string ToJUnit(const std::vector<Validation>& validations, const ReportOptions& options) {
  return JUnitDocument(options.title, TestSuitesOf(validations, options));
}

std::vector<Finding> FindingsOf(const std::vector<Validation>& validations) {
  std::vector<Finding> out;
  for (const Validation& v : validations) {
    for (const CheckedCheck& checked : v.results) {
      const quality::CheckResult& r = checked.result;
      if (r.success()) continue;
      const bool is_critical = checked.check.severity == quality::CheckSeverity::kCritical;
      const bool is_warning =
          !is_critical && checked.check.severity != quality::CheckSeverity::kInfo;
      Finding finding{.rule = checked.check.type,
                      .level = is_critical  ? Finding::kError
                               : is_warning ? Finding::kWarning
                                            : Finding::kNote,
                      .message = fmt::format("{}: {}: {}{}{}", v.title(), checked.check.name,
                                             MessageOf(checked, true),
                                             r.first_bad.empty() ? "" : ". ", r.first_bad),
                      .place = checked.check.declared,
                      .address = AddressOf(v, checked),
                      .properties = Json::Object({{"state", ToString(r.state)},
                                                  {"expectation", SentenceOf(checked.check)},
                                                  {"observed_value", r.observed_value}})};
      if (!v.batch.empty()) finding.properties.Set("batch", v.batch);
      if (!v.run_id.empty()) finding.properties.Set("run", v.run_id);
      if (r.unexpected_count) finding.properties.Set("unexpected_count", *r.unexpected_count);
      if (r.element_count) finding.properties.Set("element_count", *r.element_count);
      out.push_back(std::move(finding));
    }
  }
  return out;
}

Json ToSarif(const std::vector<Validation>& validations, const ReportOptions& options) {
  return SarifLog(FindingsOf(validations), options.tool_version);
}

void AddTo(BoundedMarkdown& out, const std::vector<Validation>& validations,
           const ReportOptions& options) {
  out.Add(Overview(validations));
  for (const Validation& v : validations) {
    const Counts counts = CountsOf(v);
    if (counts.unsuccessful() == 0) continue;
    std::string block =
        fmt::format("### {} {}\n\n", SignOf(StateOf(counts)), MarkdownText(v.title()));
    bool is_first = true;
    for (const CheckedCheck& checked : v.results) {
      if (checked.result.success()) continue;
      // The heading goes with the first of its checks.
      if (!out.Add((is_first ? block : "") + FailureMarkdown(checked, options))) return;
      is_first = false;
    }
  }
}

std::string ToMarkdown(const std::vector<Validation>& validations, const ReportOptions& options) {
  BoundedMarkdown out(options.markdown_bytes_max);
  const Counts counts = CountsOf(validations);
  out.Add(fmt::format("## {} {}\n\n{}.\n", SignOf(StateOf(counts)), MarkdownText(options.title),
                      CountsText(counts)));
  AddTo(out, validations, options);
  return out.Finish();
}

Json ToGx(const Validation& v, const ReportOptions& options) {
  namespace gx = quality::gx;
  std::vector<quality::CheckSpec> checks;
  std::vector<quality::CheckResult> results;
  for (const CheckedCheck& checked : v.results) {
    checks.push_back(checked.check);
    results.push_back(checked.result);
  }
  const gx::ValidationMeta meta{.datasource_name = v.source,
                                .data_asset_name = v.name,
                                .batch_identifiers = v.batch_identifiers,
                                .validation_id = v.id,
                                .run_name = v.run_id,
                                .run_time = v.started,
                                .batch_id = v.title()};
  return gx::ToJson(gx::FromChecks(v.suite.empty() ? v.name : v.suite, checks), results,
                    options.result_format, meta);
}

Json ToGx(const std::vector<Validation>& validations, const ReportOptions& options) {
  if (validations.size() == 1) return ToGx(validations[0], options);
  Json list = Json::List();
  for (const Validation& v : validations) list.Push(ToGx(v, options));
  return list;
}

std::string Render(ReportFormat format, const std::vector<Validation>& validations,
                   const ReportOptions& options) {
  switch (format) {
    case ReportFormat::kGx:
      return ToGx(validations, options).Dump(2) + "\n";
    case ReportFormat::kJUnit:
      return ToJUnit(validations, options);
    case ReportFormat::kSarif:
      return ToSarif(validations, options).Dump(2) + "\n";
    case ReportFormat::kMarkdown:
      return ToMarkdown(validations, options);
  }
  return {};
}

Result<void> WriteReports(io::FileSystem& files, const std::vector<ReportTarget>& targets,
                          const std::vector<Validation>& validations, const ReportOptions& options,
                          std::string* to_stdout) {
  for (const ReportTarget& target : targets) {
    std::string text = Render(target.format, validations, options);
    if (target.path.empty())
      *to_stdout = std::move(text);
    else
      TRY(files.WriteAtomically(target.path, text));
  }
  return {};
}

}  // namespace andon::validation
