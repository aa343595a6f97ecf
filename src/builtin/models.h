// SQL models: what they read, in which order they can be analyzed, and the columns
// that they return.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "builtin/check_project.h"
#include "builtin/project_view.h"
#include "sql/analyze.h"

namespace andon::builtin {

// An analyzer that is opened when it is first needed, and remembers what it found.
class CachedAnalyzer {
 public:
  explicit CachedAnalyzer(const AnalysisCache& cache);
  ~CachedAnalyzer();

  sql::Analysis Parse(const std::string& text, const std::string& filename);
  sql::Analysis Analyze(const std::string& text, const std::string& filename,
                        const std::vector<sql::KnownTable>& tables);
  // The diagnostics of a validation that may need the analyzer; those without
  // errors are remembered under `key`.
  Diagnostics Validate(const std::string& key,
                       const std::function<Diagnostics(sql::Analyzer*)>& validate);

 private:
  sql::Analyzer* Get(Diagnostics* diagnostics);
  template <typename Run>
  sql::Analysis Remembered(const std::string& key, const std::string& filename, Run run);

  const AnalysisCache& cache_;
  std::unique_ptr<sql::Analyzer> analyzer_;
};

// Completes the columns of every model, in the order in which models read one
// another. `inputs` receives the addresses that each dataset's SQL reads.
void CheckModels(ProjectView& project, CachedAnalyzer& analyzer,
                 std::map<std::string, std::vector<std::string>>* inputs,
                 std::map<std::string, Json>* lineage, Diagnostics* diagnostics);

// Unknown tables of a statement, with the name that was meant; true where there are none.
bool CheckTables(const ProjectView& project, const Item& item, const sql::Analysis& analysis,
                 const std::function<SourceRange(SourceRange)>& place,
                 std::vector<std::string>* inputs, Diagnostics* diagnostics);

// From a place in a statement to the place in the file where it is written. `base`
// is where the statement begins: a file of its own (without positions), or a text.
std::function<SourceRange(SourceRange)> PlaceInFile(const config::Module& module,
                                                    const SourceRange& base,
                                                    const std::string& sql);

// The columns of those of the statement's tables that declare any.
// False where one of them does not, so that binding would tell nonsense.
bool KnownTables(const ProjectView& project, const sql::Analysis& analysis,
                 std::vector<sql::KnownTable>* tables);

}  // namespace andon::builtin
