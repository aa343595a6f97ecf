// The bad rows of checks that have some: asked for only then, and of many checks in one statement
// (quality/sample_together.cc).
#pragma once

#include <optional>
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

// The rows of a statement with a window over the relation: on one thread, where several might
// give that window rows at the same time (sql/one_thread.h).
Result<sql::ResultSet> QueryWindow(sql::Session& session, const Profile& profile,
                                   const std::string& sql, const sql::QueryOptions& query);

// A check whose bad rows are to be shown in its result, which has its counts already.
struct Shown {
  const PlannedCheck* check = nullptr;
  CheckResult* result = nullptr;
  // The part of the relation that holds the bad rows, with kRowPosition; empty: the relation.
  std::string holding = {};
  std::optional<Error> error = {};  // Why they could not be had.
};

// Fills what the result format asks for: the sample (of a check that failed), the bad values, their
// places and counts, a query that finds them. Keys first, then the checked columns, then the
// others, then the row's place where the relation has it.
//
// Checks share a statement where that reads less than one for each; what is shown is the same.
// Fails only with kInterrupted; what else went wrong stands with its check.
Result<void> AddBadRows(sql::Session& session, std::string_view relation, const Profile& profile,
                        const RunOptions& options, std::vector<Shown>* shown);

// Of a statement for several checks, what concerns one of them.
struct FoundRows {
  const sql::ResultSet* set = nullptr;
  std::vector<int64_t> rows;  // The first bad ones, in order.
};

// What a check needs of each bad row, and of how many; of a plain predicate.
struct WantedRows {
  std::vector<std::string> columns;
  int64_t limit = 0;
};
WantedRows RowsWanted(sql::Session& session, const Profile& profile, const RunOptions& options,
                      const Shown& shown);
// The relation, with kRowPosition where that is what tells a row's place.
std::string PlacedRelation(std::string_view relation, const Profile& profile,
                           const RunOptions& options);

// The bad rows of one check, from a statement of its own or from `found`.
Result<void> AddBadRowsOf(sql::Session& session, std::string_view relation, const Profile& profile,
                          const RunOptions& options, Shown& shown,
                          const FoundRows* found = nullptr);

// The same for a user's statement: what it returns is bad.
Result<void> AddReturnedRows(sql::Session& session, const std::string& sql,
                             const RunOptions& options, CheckResult* result);

// The whole statement of an expect_sql: the checked relation and the other tables stand in it
// under their names.
std::string StatementSql(const std::string& statement, std::string_view select,
                         std::string_view relation, const RunOptions& options);

}  // namespace andon::quality
