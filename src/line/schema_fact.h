// A dataset whose columns change with a publish: told as a fact of its own, since what reads it may
// break by that, whatever its rows are.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "definition/definition.h"
#include "store/journal.h"

namespace andon::line {

inline constexpr char kSchemaChanged[] = "schema_changed";

// {"payment_id": "long", …}: what a version is described with.
Json ColumnsOf(const definition::Dataset& dataset);

// {"added": {…}, "removed": {…}, "changed": {"amount": ["decimal(5,2)", "decimal(9,2)"]}}, and both
// schemas as "before" and "after"; nothing where they are the same, or one of them is not known.
std::optional<Json> SchemaChange(const Json& before, const Json& after);

// Appends the fact, where the columns of `previous_version` were others. `fact` has time, actor,
// run and release.
Result<void> WriteSchemaFact(store::Transaction& tx, const definition::Dataset& dataset,
                             std::optional<int64_t> previous_version, store::Fact fact);

}  // namespace andon::line
