// Running a plan whose metrics are partly known already: of one batch among many that one scan
// answered together.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "quality/plan.h"
#include "quality/run.h"

namespace andon::quality {

// One metric's value, or why it could not be had.
struct MetricValue {
  Json json = {};
  std::optional<Error> error = {};
  Duration duration{0};
};

// Of a session that will ask many statements of the same files: DuckDB would read and take apart
// their footers for each. It takes none for known whose file changed, or may have just now.
void KeepFooters(sql::Session& session);

// By metric of a plan; nothing (or beyond the end): it is to be asked.
using KnownValues = std::vector<std::optional<MetricValue>>;

// What is found out before checks are planned.
struct Prepared {
  Profile profile;
  ColumnIndex columns;  // As declared, and beyond that as the data has them.
};

// Profiles the relation and makes the functions of the checks known to the session.
Result<Prepared> Prepare(sql::Session& session, std::string_view relation,
                         const std::vector<sql::ColumnInfo>& columns,
                         const std::vector<CheckSpec>& checks, const RunOptions& options);

// The same for an explanation: no row is read but the first ones, and nothing registered.
Result<Prepared> PrepareToExplain(sql::Session& session, std::string_view relation,
                                  const std::vector<sql::ColumnInfo>& columns,
                                  const std::vector<CheckSpec>& checks, const RunOptions& options);

// Asks what is not known, and judges. As RunChecks: fails only with kInterrupted.
Result<std::vector<CheckResult>> RunPlan(sql::Session& session, std::string_view relation,
                                         const PlanInputs& inputs, Plan plan, KnownValues known);

}  // namespace andon::quality
