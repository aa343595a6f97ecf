// The names that people give to column types: Andon's, DuckDB's, a database's own, those of
// SQLAlchemy, pandas and Spark that stand in suites of Great Expectations.
#pragma once

#include <string>
#include <string_view>

#include "sql/session.h"

namespace andon::quality {

// Whether the column is of the type that `wanted` names. A name without length or precision means
// any: "VARCHAR" is true of character varying(30).
bool IsOfType(const sql::TableColumn& column, std::string_view wanted);

// What a result calls the column's type: Andon's name on files, on databases the name that
// SQLAlchemy, and so Great Expectations, has for it ("INTEGER", "DOUBLE_PRECISION").
std::string ObservedType(const sql::TableColumn& column, sql::Dialect dialect);

// What was probably meant by a name that is no type's; empty for names of types, and for names
// that resemble none: a database may have types of its own.
std::string MeantType(std::string_view name);

}  // namespace andon::quality
