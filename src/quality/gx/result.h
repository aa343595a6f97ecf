// Validation results in the JSON shapes of Great Expectations 1.24: what a BashOperator, a
// notebook or a store that reads the reference's results can read.
//
// The keys of each result format are the reference's own; percentages are computed as it does, to
// the last digit, and lists of values end where its own do (200, with partial_unexpected_count
// 20). Results stand in the suite's order (the reference groups them by column).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "quality/gx/suite.h"
#include "quality/run.h"

namespace andon::quality::gx {

// What a validation result says of its batch and run.
struct ValidationMeta {
  std::string datasource_name;
  std::string data_asset_name;
  Json batch_identifiers = Json::Object();
  Json batch_parameters = Json::Object();
  std::string validation_id;  // A UUID.
  std::string checkpoint_id;  // Empty: null.
  std::string run_name;       // Empty: null.
  Timestamp run_time{};
  std::string batch_id;
  std::map<std::string, Json> suite_parameters;
  // Columns of numbers: decimals, which are exact texts elsewhere, become the reference's numbers.
  std::set<std::string> number_columns;
  // Rows have numbers (files): index lists are there though nothing is unexpected.
  bool has_row_numbers = true;
};

// One expectation's result, with as much as `format` says.
Json ToJson(const SuiteExpectation& expectation, const CheckResult& result,
            const ResultFormat& format, const ValidationMeta& meta);
// The result of a suite over one batch: results, statistics, suite_parameters, meta.
// Requires: one result for each expectation, in order.
Json ToJson(const Suite& suite, const std::vector<CheckResult>& results, const ResultFormat& format,
            const ValidationMeta& meta);

// What a checkpoint says of several validations: success, statistics, validation_results, which
// are results of the function above, shortened as the reference describes them.
Json ToCheckpointJson(const std::vector<Json>& validations);

}  // namespace andon::quality::gx
