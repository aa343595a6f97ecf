// Why a source cannot be read: each step on the way to it, until one fails.
//
//   files           settings  folder  files
//   sqlite, duckdb  settings  open    tables
//   postgres        settings  (tunnel)  name  port  tls  login  tables
//
// Nothing is changed, and no row is read. Steps behind the one that failed are skipped.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/json.h"
#include "definition/definition.h"
#include "io/file_system.h"

namespace andon::line {

struct DoctorStep {
  enum class State { kPassed, kFailed, kSkipped };
  std::string name;  // "port"
  State state = State::kPassed;
  std::string says;  // "10.0.3.7:5432 answers", "refused: nothing listens there"
  std::string cure;  // Of one that failed.
  Duration took{0};
};
std::string_view ToString(DoctorStep::State state);  // "passed", "failed", "skipped"
Json ToJson(const DoctorStep& step);

struct Examination {
  std::vector<DoctorStep> steps;
  std::string host;  // Of a server; empty for others.
  int port = 0;

  // Null where all passed.
  const DoctorStep* failed() const;
};

// `tables`: those whose grants are looked at, as the source calls them.
Examination Examine(const io::FileSystem& files, const std::string& project_dir,
                    const definition::Source& source, const std::vector<std::string>& tables,
                    std::stop_token stop = {});

}  // namespace andon::line
