// The bad rows of one failed check: asked for only then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quality/plan.h"
#include "quality/run.h"

namespace andon::quality {

// The column that tells a row's place, from 0, where the relation has none of its own.
inline constexpr std::string_view kRowPosition = "row position";

// The predicate of the bad rows of a failed check, in SQL over the relation and in its dialect;
// empty for a check without bad rows, and for one that needs the rows in order.
std::string BadRowsSql(const PlannedCheck& check, std::string_view relation, sql::Dialect dialect);

// The relation in which a check in order finds kPreviousColumn: the judged rows with a value, each
// with the value before. It stands behind FROM.
std::string InOrderSql(const PlannedCheck& check, std::string_view relation,
                       const Profile& profile);

// Fills what the result format asks for: the sample, the bad values, their places and counts, a
// query that finds them. Keys first, then the checked columns, then the others, then the row's
// place where the relation has it. `holding`: the part of the relation that holds them, with
// kRowPosition; empty: the relation.
Result<void> AddBadRows(sql::Session& session, std::string_view relation, const Profile& profile,
                        const PlannedCheck& check, const RunOptions& options, CheckResult* result,
                        std::string holding = {});

// The same for a user's statement: what it returns is bad.
Result<void> AddReturnedRows(sql::Session& session, const std::string& sql,
                             const RunOptions& options, CheckResult* result);

// The whole statement of an expect_sql: the checked relation and the other tables stand in it
// under their names.
std::string StatementSql(const std::string& statement, std::string_view select,
                         std::string_view relation, const RunOptions& options);

}  // namespace andon::quality
