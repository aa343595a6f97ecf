// The steps of `andon ci`: each looks at one thing and says what it found, as data. Only for
// ci*.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "builtin/project.h"
#include "cli/command.h"
#include "cli/planning.h"
#include "definition/definition.h"
#include "io/memory_file_system.h"
#include "validation/sarif.h"
#include "validation/validation.h"

namespace andon::cli {

struct CiStep {
  enum State { kPassed, kFailed, kSkipped };
  std::string name;  // "format"
  State state = kPassed;
  std::string says;  // "12 files", "2 of 9 checks failed", why it is left out.
  ExitCode code = ExitCode::kDone;
  Duration took{0};
  std::vector<validation::Finding> findings;
  std::vector<validation::Validation> validations;
  std::string markdown;  // What else there is to read; may be empty.
};

// What the change is compared with.
struct CiBase {
  std::string name;  // "release 12", "origin/main"; empty: there is nothing.
  PlanBase plan;
  definition::Project project;
  std::unique_ptr<io::MemoryFileSystem> files;  // Of a commit.
};

CiStep FormatStep(Context& context);
// `project` receives the files; they have errors where the step failed.
CiStep ValidateStep(Context& context, const Arguments& arguments, store::Database* db,
                    std::optional<builtin::ProjectFiles>* project);
CiStep TestStep(Context& context, const Arguments& arguments, builtin::ProjectFiles& project);
CiStep PlanStep(const Context& context, const Arguments& arguments,
                const builtin::ProjectFiles& project, const CiBase& base);
// `project`: as the files declare it; null where there is none.
CiStep ContractStep(Context& context, const definition::Project* project, const CiBase& base);
// The data of the current release, as they are published.
CiStep CheckStep(Context& context);

// The commit that -base or the CI system names, else the current release.
Result<CiBase> FindBase(const Arguments& arguments, store::Database* db);

// The project as its files declare it. Requires: they have no errors.
Result<definition::Project> DeclaredBy(const builtin::ProjectFiles& files);

// "payments.andon.hcl:55" as a place; one that does not exist for anything else.
SourceRange PlaceOf(const std::string& position);

}  // namespace andon::cli
