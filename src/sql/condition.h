// A condition that a user wrote in DuckDB's SQL, read so far that its columns are known:
//
//   ReadCondition("amount > 5 and note is not null", {"id", "amount", "note"}).Columns()
//     // {"amount", "note"}, and not has_written()
//
// Then it says the same of the same row tomorrow, and a count of the rows it holds for may be kept.
// Only what is sure to be so is taken: columns, literals, comparisons, arithmetic, AND, OR, NOT,
// IN, BETWEEN, LIKE, CASE, casts, and functions of a list. Everything else (a subquery, now(), a
// comment, a struct's field) is Expr::Written, of which nothing is known.
#pragma once

#include <string>
#include <vector>

#include "sql/expr.h"

namespace andon::sql {

// `columns`: all names that the relation has. Never fails: what is no SQL is told by the engine.
Expr ReadCondition(const std::string& text, const std::vector<std::string>& columns);

}  // namespace andon::sql
