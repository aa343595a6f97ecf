// The rows of a test as they are written: a list of objects, or CSV text with a header.
#pragma once

#include <map>
#include <string>

#include "builtin/project_view.h"
#include "hcl/ast.h"
#include "modeltest/rows.h"
#include "value/value.h"

namespace andon::builtin {

// Reads `value`, which `expression` (may be empty) is where it is a literal. What is wrong goes to
// `diagnostics`, at its row or cell, under the test's address: a row that is no object, CSV that
// cannot be read, a column that `dataset` does not have.
//
// Of objects the columns are those that any of them names; a member that one leaves out is null.
// In CSV an empty field is null.
modeltest::Rows ReadTestRows(const Item& test, const Item& dataset, const std::string& part,
                             const value::Value& value, hcl::Expression expression,
                             Diagnostics* diagnostics);

}  // namespace andon::builtin
