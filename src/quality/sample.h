// The bad rows of one failed check: asked for only then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quality/plan.h"
#include "quality/run.h"

namespace andon::quality {

// The predicate of the bad rows of a failed check, in SQL over the relation; empty for a check
// without bad rows.
std::string BadRowsSql(const PlannedCheck& check, std::string_view relation);

// Fills `sample` and `partial_unexpected_list`. Keys first, then the checked columns, then the
// others, then the row's place where the relation has it.
Result<void> AddSample(sql::Connection& connection, std::string_view relation,
                       const Profile& profile, const PlannedCheck& check, const RunOptions& options,
                       CheckResult* result);

// The whole statement of an expect_sql: the checked relation and the other tables stand in it
// under their names.
std::string StatementSql(const std::string& statement, std::string_view select,
                         std::string_view relation, const RunOptions& options);

}  // namespace andon::quality
