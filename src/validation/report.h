// Reports of validations in the formats that other tools read.
//
//   -report=junit                 JUnit's XML to standard output
//   -report=md:out.md,sarif:s.sarif
//
// None of them fails: what a format cannot hold (control characters in XML, a table of a thousand
// rows in a comment) is replaced or cut, and says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "quality/run.h"
#include "validation/junit.h"
#include "validation/markdown.h"
#include "validation/sarif.h"
#include "validation/validation.h"

namespace andon::io {
class FileSystem;
}

namespace andon::validation {

enum class ReportFormat { kGx, kJUnit, kSarif, kMarkdown };

struct ReportTarget {
  ReportFormat format = ReportFormat::kJUnit;
  std::string path;  // Empty: standard output.
};

// "junit", "md:FILE", "gx:a.json,sarif:b.sarif". kInvalid, with did-you-mean, for another word, and
// where two would go to standard output.
Result<std::vector<ReportTarget>> ParseReportTargets(std::string_view text);

struct ReportOptions {
  std::string tool_version;           // Andon's, for SARIF.
  std::string title = "Data checks";  // Heading of the Markdown, name of the JUnit document.
  quality::ResultFormat result_format;
  int sample_rows = 5;                // Of each failing check, in Markdown and JUnit.
  size_t markdown_bytes_max = 60000;  // GitHub refuses comments beyond 65,536 characters.
};

// One test suite for each validation, one test case for each check. A critical failure is a
// failure, a broken check an error; a failed check that is not critical passes, with what it said
// as its output.
std::string ToJUnit(const std::vector<Validation>& validations, const ReportOptions& options);

// SARIF 2.1.0: one result for each check that did not pass, at the file and line where it is
// declared, with a fingerprint that stays the same while the check keeps its name.
Json ToSarif(const std::vector<Validation>& validations, const ReportOptions& options);

// A comment for a pull request: a table of the validations, then each check that did not pass with
// what was observed and some of its rows. Never longer than `markdown_bytes_max`.
std::string ToMarkdown(const std::vector<Validation>& validations, const ReportOptions& options);

// The validation result of Great Expectations; a list of them where there are several.
Json ToGx(const Validation& validation, const ReportOptions& options);
Json ToGx(const std::vector<Validation>& validations, const ReportOptions& options);

// The parts, for reports that tell of more than validations (andon ci).
std::vector<TestSuite> TestSuitesOf(const std::vector<Validation>& validations,
                                    const ReportOptions& options);
std::vector<Finding> FindingsOf(const std::vector<Validation>& validations);
void AddTo(BoundedMarkdown& out, const std::vector<Validation>& validations,
           const ReportOptions& options);

// The text of a report, with a newline at its end.
std::string Render(ReportFormat format, const std::vector<Validation>& validations,
                   const ReportOptions& options);
// Writes the targets that have a path, whole or not at all each; `to_stdout` receives the text of
// the one that has none. kIo.
Result<void> WriteReports(io::FileSystem& files, const std::vector<ReportTarget>& targets,
                          const std::vector<Validation>& validations, const ReportOptions& options,
                          std::string* to_stdout);

}  // namespace andon::validation
