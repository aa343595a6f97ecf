#include "cli/ci_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace andon::cli {
namespace {

using validation::Finding;
using validation::MarkdownText;

const char* SignOf(const CiStep& step) {
  return step.state == CiStep::kPassed ? "✔" : step.state == CiStep::kFailed ? "✖" : "○";
}

bool IsGreen(const std::vector<CiStep>& steps) {
  return std::none_of(steps.begin(), steps.end(),
                      [](const CiStep& s) { return s.state == CiStep::kFailed; });
}

std::vector<Finding> AllFindings(const std::vector<CiStep>& steps) {
  std::vector<Finding> out;
  for (const CiStep& step : steps) {
    out.insert(out.end(), step.findings.begin(), step.findings.end());
    auto more = validation::FindingsOf(step.validations);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

std::string FindingsMarkdown(const std::vector<Finding>& findings) {
  constexpr size_t kFindingsMax = 50;
  std::string out;
  for (size_t i = 0; i < findings.size() && i < kFindingsMax; ++i) {
    const Finding& f = findings[i];
    out += fmt::format("- {}{}\n",
                       f.place.exists() ? validation::MarkdownCode(fmt::format(
                                              "{}:{}", f.place.filename, f.place.start.line)) +
                                              " "
                                        : "",
                       MarkdownText(f.message));
  }
  if (findings.size() > kFindingsMax)
    out += fmt::format("- … and {} more\n", findings.size() - kFindingsMax);
  return out;
}

std::string Markdown(const std::vector<CiStep>& steps, const validation::ReportOptions& options) {
  validation::BoundedMarkdown out(options.markdown_bytes_max);
  validation::MarkdownTable table{.header = {"", "Step", "Result", "Took"},
                                  .right = {false, false, false, true}};
  for (const CiStep& step : steps) {
    table.rows.push_back({SignOf(step), step.name, MarkdownText(step.says),
                          step.state == CiStep::kSkipped ? "" : HumanDuration(step.took)});
  }
  out.Add(fmt::format("## {} {}\n\n{}", IsGreen(steps) ? "✔" : "✖", MarkdownText(options.title),
                      ToText(table)));
  // What stops the change comes first.
  std::vector<const CiStep*> order;
  for (const CiStep& step : steps) order.push_back(&step);
  std::stable_partition(order.begin(), order.end(),
                        [](const CiStep* s) { return s->state == CiStep::kFailed; });
  for (const CiStep* step : order) {
    const bool has_findings = !step->findings.empty() && step->markdown.empty();
    const bool has_failures = validation::CountsOf(step->validations).unsuccessful() > 0;
    if (step->markdown.empty() && !has_findings && !has_failures) continue;
    std::string block = fmt::format("### {} {}\n\n", SignOf(*step), step->name);
    block += has_findings ? FindingsMarkdown(step->findings) : step->markdown;
    out.Add(block);
    if (has_failures) validation::AddTo(out, step->validations, options);
  }
  return out.Finish();
}

std::string JUnit(const std::vector<CiStep>& steps, const validation::ReportOptions& options) {
  validation::TestSuite own{.name = "andon ci"};
  std::vector<validation::TestSuite> suites;
  for (const CiStep& step : steps) {
    validation::TestCase test{.name = step.name, .class_name = "andon.ci", .time = step.took};
    own.time += step.took;
    if (step.state == CiStep::kSkipped) {
      test.outcome = validation::TestCase::kSkipped;
      test.message = step.says;
    } else if (step.state == CiStep::kFailed) {
      test.outcome = validation::TestCase::kFailure;
      test.type = step.name;
      test.message = step.says;
      for (const Finding& f : step.findings) {
        if (f.place.exists())
          test.text += fmt::format("{}:{}: ", f.place.filename, f.place.start.line);
        test.text += f.message + "\n";
      }
    } else {
      test.output = step.says;
    }
    own.cases.push_back(std::move(test));
    auto more = validation::TestSuitesOf(step.validations, options);
    suites.insert(suites.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
  }
  suites.insert(suites.begin(), std::move(own));
  return validation::JUnitDocument(options.title, suites);
}

// GitHub's escapes of a message, and of a property.
std::string Escaped(std::string_view text, bool is_property) {
  std::string out;
  for (char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (is_property && c == ':')
      out += "%3A";
    else if (is_property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string RenderCi(validation::ReportFormat format, const std::vector<CiStep>& steps,
                     const validation::ReportOptions& options) {
  switch (format) {
    case validation::ReportFormat::kMarkdown:
      return Markdown(steps, options);
    case validation::ReportFormat::kSarif:
      return validation::SarifLog(AllFindings(steps), options.tool_version).Dump(2) + "\n";
    case validation::ReportFormat::kJUnit:
    case validation::ReportFormat::kGx:
      break;
  }
  return JUnit(steps, options);
}

std::vector<std::string> GitHubAnnotations(const std::vector<CiStep>& steps) {
  // GitHub shows ten of a kind in a step; more only make the log longer.
  constexpr size_t kAnnotationsMax = 50;
  std::vector<std::string> out;
  for (const Finding& f : AllFindings(steps)) {
    if (out.size() == kAnnotationsMax) break;
    std::string line = f.level == Finding::kError     ? "::error "
                       : f.level == Finding::kWarning ? "::warning "
                                                      : "::notice ";
    if (f.place.exists()) {
      line += fmt::format("file={},line={},", Escaped(f.place.filename, true),
                          std::max(1, f.place.start.line));
    }
    out.push_back(line +
                  fmt::format("title={}::{}", Escaped(f.rule, true), Escaped(f.message, false)));
  }
  return out;
}

}  // namespace andon::cli
