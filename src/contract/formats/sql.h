// A contract as CREATE TABLE statements of standard SQL, and such statements as a contract.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "contract/document.h"

namespace andon::contract {

// One statement for each table: types, NOT NULL, UNIQUE, primary and foreign keys, limits and valid
// values as CHECK, descriptions as comments. Names are quoted where they must be.
std::string SqlOf(const Document& document);

// The contract that the CREATE TABLE statements of a script stand for, in whatever dialect; other
// statements but COMMENT ON are left out. `name`: the contract's. kInvalid, with line and column,
// where a statement does not end or no table is created.
Result<Json> OdcsFromSql(std::string_view script, std::string_view name);

}  // namespace andon::contract
