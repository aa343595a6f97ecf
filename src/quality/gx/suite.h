// Suites of Great Expectations (1.x) as JSON, read and written.
//
//   Suite suite = ReadSuite(text, {.filename = "suite.json", .parameters = values}, &diagnostics);
//   Json again = ToJson(suite);  // The same expectations, ids, meta, notes; in their order.
//
// What a user of the reference may write is accepted: `type` or the older `expectation_type`,
// suite parameters ({"$PARAMETER": "name"}), row conditions as text (pandas, spark and
// great_expectations parsers, SQL) or as the typed tree, severity, `mostly`, meta, notes,
// description, NaN and Infinity as Python writes them.
//
// Two sorts of mistakes are told apart. What makes the suite another one than was meant (no JSON,
// an expectation or an argument that does not exist, a parameter without a value) goes to the
// diagnostics, with line and column; such a suite must not run. What only breaks its own
// expectation (arguments of a wrong kind, a row condition that cannot be read) becomes that
// expectation's error when it runs, as catch_exceptions has it, and never loses the others.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/json.h"
#include "quality/check.h"
#include "quality/gx/condition.h"
#include "quality/gx/suite_parameter.h"
#include "quality/run.h"
#include "quality/run_batches.h"
#include "sql/session.h"

namespace andon::quality::gx {

struct SuiteExpectation {
  // In Andon's form: named "amount.values_to_be_between", parameters replaced, the row condition as
  // SQL (of DuckDB until Bind), without what is not the expectation's own (batch_id,
  // result_format, condition_parser, …). `declared` is the place of its type in the file.
  CheckSpec check;
  // As it was written, with parameters replaced; for results.
  Json config = Json::Object();
  // As it was written; to be written again.
  Json written = Json::Object();
  std::optional<Condition> condition;
  std::optional<ResultFormat> result_format;  // Its own.
  std::string broken;                         // Why it cannot run; empty: it can.
};

struct Suite {
  std::string name;
  std::string id;
  std::vector<SuiteExpectation> expectations;
  Json meta;
  Json notes;
};

struct SuiteOptions {
  std::string filename;  // For diagnostics.
  std::map<std::string, Json> parameters;
  Timestamp now{};  // Of now() in suite parameters.
};

Suite ReadSuite(std::string_view text, const SuiteOptions& options, Diagnostics* diagnostics);
Suite ReadSuite(std::string_view text, std::string filename,
                const std::map<std::string, Json>& parameters, Diagnostics* diagnostics);

// As the reference stores it.
Json ToJson(const Suite& suite);

// A suite of checks that were declared elsewhere (HCL), for results and exports. Their row
// conditions are SQL.
Suite FromChecks(std::string name, const std::vector<CheckSpec>& checks);

// The checks of the suite for one target: row conditions as SQL of its engine. Where a condition
// does not fit the target, the expectation becomes `broken`.
void Bind(Suite* suite, const ConditionTarget& target);

// Runs a suite over a relation: Bind, then RunChecks on what is not broken. One result for each
// expectation, in order. Fails as RunChecks does.
Result<std::vector<CheckResult>> RunSuite(sql::Session& session, std::string_view relation,
                                          Suite* suite, const RunOptions& options);

// The same over all batches, in one pass; see quality/run_batches.h.
Result<std::vector<BatchResults>> RunSuite(sql::Session& session, std::string_view relation,
                                           Suite* suite, const BatchDefinition& definition,
                                           const RunOptions& options);

// What RunSuite would do, as ExplainChecks tells it; broken expectations come last.
Result<Explanation> ExplainSuite(sql::Session& session, std::string_view relation, Suite* suite,
                                 const RunOptions& options);

// "BASIC", or the reference's object as JSON: {"result_format": "COMPLETE",
// "unexpected_index_column_names": ["id"], …}. kInvalid, with did-you-mean.
Result<ResultFormat> ParseResultFormat(std::string_view text);
Result<ResultFormat> ReadResultFormat(const Json& json);

}  // namespace andon::quality::gx
