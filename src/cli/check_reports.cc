#include "cli/check_reports.h"

#include "io/local_file_system.h"

namespace andon::cli {

Result<std::vector<validation::ReportTarget>> ReadReports(const Arguments& arguments,
                                                          bool* takes_stdout) {
  std::vector<validation::ReportTarget> all;
  for (const std::string& text : arguments.List("report")) {
    auto targets = TRY(validation::ParseReportTargets(text));
    for (const validation::ReportTarget& target : targets) {
      if (target.path.empty() && *takes_stdout)
        return Error::Invalid(
            "Only one of -json, -o=gx and a -report without a file can be printed.");
      *takes_stdout |= target.path.empty();
      all.push_back(target);
    }
  }
  return all;
}

Result<void> TellReports(const Context& context,
                         const std::vector<validation::ReportTarget>& targets,
                         const std::vector<validation::Validation>& validations,
                         const validation::ReportOptions& options) {
  if (targets.empty()) return {};
  io::LocalFileSystem files;
  std::string printed;
  TRY(validation::WriteReports(files, targets, validations, options, &printed));
  context.Print(printed);
  return {};
}

}  // namespace andon::cli
