// dbt's tests as expectations of Great Expectations: its own four, those of dbt_utils that have an
// equal, and those of dbt_expectations, which bear the same names.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "dbt/manifest.h"

namespace andon::dbt {

struct MappedTest {
  std::string type;  // "expect_column_values_to_not_be_null"; empty: there is no equal.
  Json kwargs = Json::Object();
  bool is_warning = false;
  std::string reason;  // Why there is none: a sentence.
};

// `name_of` gives the name of the dataset of a node (unique id), or nothing. Pure. Whether the
// expectation exists, and takes these arguments, is the caller's to check.
MappedTest MapTest(const Test& test,
                   const std::function<std::optional<std::string>(std::string_view)>& name_of);

// Andon's name of a column type as warehouses spell it ("character varying(20)", "NUMBER(38,0)"),
// or nothing.
std::string ColumnType(std::string_view native);

}  // namespace andon::dbt
