// Values of contracts in SQL.
#pragma once

#include <string>

#include "base/json.h"

namespace andon::contract {

// A scalar as an SQL literal: 5, 'it''s', NULL. Anything else as JSON writes it.
std::string SqlLiteral(const Json& value);

}  // namespace andon::contract
