// Sources that are databases, opened to be asked where they are: a session, and which tables of it
// are meant. Needs neither the lake nor the control store, so that a worker can do it.
//
//   SourceSessions sessions(files, project_dir, {});
//   OpenedSource* rental = TRY(sessions.Open(*project.FindSource("source.rental")));
//   std::string relation = TRY(rental->Relation("payment"));
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "definition/definition.h"
#include "io/file_system.h"
#include "sql/engines/postgres.h"
#include "sql/session.h"

namespace andon::line {

struct SourceLimits {
  int64_t memory_bytes = 0;  // Of DuckDB; 0: a quarter of the machine's.
  int threads = 0;           // Of DuckDB; 0: one for each processor.
  std::string spill_dir;     // Where DuckDB spills.
};

class OpenedSource {
 public:
  OpenedSource(std::unique_ptr<sql::Session> session, std::string schema)
      : session_(std::move(session)), schema_(std::move(schema)) {}

  sql::Session& session() { return *session_; }
  // What stands behind FROM for "payment" or "rental.payment". kNotFound, with what was probably
  // meant, where there is none; kInvalid where the user has no grant.
  Result<std::string> Relation(const std::string& table);

 private:
  std::unique_ptr<sql::Session> session_;
  std::string schema_;
};

// Secrets are read now, and go nowhere else. Of a dbt project the place and the user are those of
// the target in profiles.yml. Errors name the source and what is wrong: kUnavailable where nobody
// answers, else as sql::OpenTarget and definition::ResolveSecrets.
Result<std::unique_ptr<OpenedSource>> OpenSource(const io::FileSystem& files,
                                                 const std::string& project_dir,
                                                 const definition::Source& source,
                                                 const SourceLimits& limits,
                                                 std::stop_token stop = {});

// How the server of a source is reached, with its secrets; nothing for one that is a file.
Result<std::optional<sql::PostgresOptions>> ServerOf(const io::FileSystem& files,
                                                     const std::string& project_dir,
                                                     const definition::Source& source);

// Each source is opened once, with one tunnel, when it is first asked for. Thread: one.
class SourceSessions {
 public:
  // Lifetime: `files` outlives it.
  SourceSessions(const io::FileSystem& files, std::string project_dir, SourceLimits limits,
                 std::stop_token stop = {})
      : files_(files),
        project_dir_(std::move(project_dir)),
        limits_(std::move(limits)),
        stop_(std::move(stop)) {}

  // As OpenSource. What cannot be opened is tried again when it is asked for again.
  Result<OpenedSource*> Open(const definition::Source& source);

 private:
  const io::FileSystem& files_;
  std::string project_dir_;
  SourceLimits limits_;
  std::stop_token stop_;
  std::map<std::string, std::unique_ptr<OpenedSource>> opened_;  // By address.
};

// Whether the tables of a source are read where they are.
bool IsInPlace(const definition::Source& source);

}  // namespace andon::line
