// The checks that follow from a contract: each promise about data as an expectation.
//
//   DerivedChecks derived = ChecksOf(*contract.Find("payment"));
//   // amount.required  expect_column_values_to_not_be_null {"column": "amount"}
//
// Their names say which promise they are: "amount.required", "amount.minimum", a rule's own name,
// or "amount.nullValues". That the columns are there and of their types is CompareColumns' affair.
#pragma once

#include <string>
#include <vector>

#include "contract/document.h"
#include "definition/definition.h"

namespace andon::contract {

struct DerivedCheck {
  definition::Check check;
  std::string path;    // Of the promise, in Document::json.
  std::string column;  // Empty: of the table.
};

// A promise that no check of Andon's can prove, and why: "is said for people", "is Soda's".
struct UnprovenRule {
  std::string name;
  std::string path;
  std::string why;
};

struct DerivedChecks {
  std::vector<DerivedCheck> checks;
  std::vector<UnprovenRule> unproven;
};

// Names are unique within the table. Statements name the table "{batch}".
DerivedChecks ChecksOf(const Table& table);

// The columns of a table with Andon's types; a column of a type that nobody knows is a string.
std::vector<definition::Column> ColumnsOf(const Table& table);

// The other way: a declared check as a rule of the standard. The metrics of the library where they
// say the same, else Great Expectations' own. `column`, where the check is about one, receives it.
Json RuleOf(const definition::Check& check, std::string* column);

}  // namespace andon::contract
