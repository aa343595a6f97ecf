// A suite that the data suggest: checks that hold on them now, each with what was seen.
//
//   auto proposals = TRY(ProposeChecks(*target.session, target.relation, columns, {}));
//   proposals[0].check.type;  // "expect_column_values_to_not_be_null"
//   proposals[0].evidence;    // "10,180 rows, none null"
//
// Nothing is claimed that the data do not show: every proposal passes on the data that it was made
// from. What the data show by chance only is left out: few rows give no ranges, sets or forms, a
// range has room beyond what was seen, identifiers have none. It is for a person to read, and to
// keep what is meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "quality/check.h"
#include "sql/session.h"

namespace andon::quality {

struct Proposal {
  CheckSpec check;
  std::string evidence;
};

// The key of another dataset, in the same session: what a foreign key may refer to.
struct KnownKey {
  std::string table;     // The dataset's name.
  std::string relation;  // SQL that may stand behind FROM.
  std::string column;    // Unique and never null there.
  std::string type;
};

struct ProposeOptions {
  std::vector<KnownKey> keys;
  // Rows are added over time: the count has a least, and no most.
  bool grows = true;
  // The engine says the types (a database, Parquet): they are worth a check.
  bool has_types = false;
  sql::QueryOptions query;
};

// By column, in their order: nulls, uniqueness, type, then what its values are; the table's own
// checks come first. None where the relation has no rows.
Result<std::vector<Proposal>> ProposeChecks(sql::Session& session, std::string_view relation,
                                            const std::vector<sql::TableColumn>& columns,
                                            const ProposeOptions& options);

}  // namespace andon::quality
