// How the outcome of a model's test is shown to a person: the rows that differ as a small table.
#pragma once

#include <string>
#include <string_view>

#include "cli/context.h"
#include "modeltest/case.h"
#include "quality/run.h"

namespace andon::cli {

// "1 of 2 rows came as expected; 1 changed". Requires: the test failed.
std::string DifferenceSummary(const modeltest::Outcome& outcome);

// A header of the columns, then a row for each difference, `-` missing, `+` unexpected, `~` changed
// ("expected → came"), `>` moved; expected ones with the line where they are written. At most
// `rows_max` of them. `test` gives the places.
std::string DifferenceTable(const Context& context, const modeltest::Case& test,
                            const modeltest::Outcome& outcome, std::string_view indent,
                            int rows_max);

// The same as rows of a report.
quality::SampleRows DifferenceSample(const modeltest::Case& test, const modeltest::Outcome& outcome,
                                     int rows_max);

// For programs: [{"kind": "changed", "expected": {…}, "actual": {…}, "columns": […], …}].
Json DifferencesJson(const modeltest::Case& test, const modeltest::Outcome& outcome);

}  // namespace andon::cli
