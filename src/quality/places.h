// Where in a table of PostgreSQL the bad rows stand, noted by the statement that counts them: so
// that they are shown from the same reading, and no second one looks for them.
//
// The statement lists the ctid of each bad row, which also gives their number; the first few are
// given back. A list takes the server's memory, so only checks with seldom a bad row are asked so:
// a sample of the table's blocks tells which. Where bad rows are many, a statement of its own finds
// the first ones in the first blocks that it reads.
//
// A place holds within one view (sql/session.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quality/plan.h"
#include "quality/run.h"

namespace andon::quality {

// A check of a scan whose bad rows' places are noted.
struct Placed {
  size_t check = 0;
  sql::Aggregate bad;                 // What counts them.
  std::optional<size_t> metric = {};  // The metric that the count is, if it is one.
};

// The checks of the scan whose places are worth noting; the session is asked for a sample of a
// large table. Fails only with kInterrupted.
Result<std::vector<Placed>> ChoosePlaced(sql::Session& session, std::string_view relation,
                                         const Plan& plan, const Scan& scan, const Profile& profile,
                                         const RunOptions& options);

// ScanSql with one more column for each of `placed`: the places of the first bad rows, as text.
std::string ScanWithPlacesSql(const Plan& plan, const Scan& scan, const std::vector<Placed>& placed,
                              std::string_view relation, const RunOptions& options);

// The rows at these places, to stand behind FROM.
std::string RowsAt(std::string_view relation, std::string_view places);

}  // namespace andon::quality
