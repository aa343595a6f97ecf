// A contract as JSON Schema (2020-12), and JSON Schema as a contract.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "contract/document.h"

namespace andon::contract {

// What one row of the table is as a JSON object: types, required members, limits, patterns, and
// the valid values of its rules. A value that may be missing may be null.
Json JsonSchemaOf(const Table& table);
// Of a document with one table its schema, else an object with each table as a list of rows.
Json JsonSchemaOf(const Document& document);

// The contract that a schema of one object, or of a list of them, stands for. `name`: the table's
// where the schema has no title. References within the schema are followed.
Json OdcsFromJsonSchema(const Json& schema, std::string_view name);

}  // namespace andon::contract
