// A validation: what the checks of one suite said of one batch of a dataset, at one time. Plain
// data; made by a run, by `andon check` or by `andon ci`, kept by validation/record.h, told by
// validation/report.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "quality/check.h"
#include "quality/run.h"

namespace andon::validation {

// One check with what it said.
struct CheckedCheck {
  quality::CheckSpec check;
  quality::CheckResult result;
  std::string scope = "dataset";  // What it looked at: "delivery", "dataset".
  int64_t delivery_id = 0;        // Of the delivery; 0: none.
};

struct Validation {
  int64_t number = 0;   // In the control store; 0: it was not kept.
  std::string id;       // A UUID; empty is given one where it is kept.
  std::string name;     // What was looked at, as a person calls it: "payment", "payment.parquet".
  std::string dataset;  // "dataset.payment"; empty where there is no project.
  std::string suite;    // The suite's name; empty: the dataset's own checks.
  std::string source;   // Where the data are, without passwords: "postgres://db/shop", a path.
  std::string batch;    // "2005-08", "payment-2005-08.csv"; empty: the whole.
  Json batch_identifiers = Json::Object();  // {"year": "2005", "month": "08"}
  std::string branch;                       // "main", "run-…"; empty where there are no branches.
  int64_t version = 0;                      // 0: none.
  int64_t snapshot_id = 0;
  int64_t release_id = 0;
  std::string run_id;   // Of the run; of a checkpoint its name.
  std::string trigger;  // What asked for it: "run", "check", "ci".
  int64_t rows = -1;    // Of the batch; -1: not known.
  int64_t bytes = -1;   // That were read in `duration`, about; -1: not known.
  Timestamp started{};
  Duration duration{0};
  std::vector<CheckedCheck> results;

  // As a heading: "payment", "payment 2005-08", "payment @3".
  std::string title() const;
};

// As Great Expectations counts: every check that did not pass is unsuccessful, whatever its
// severity.
struct Counts {
  int checks = 0;
  int passed = 0;
  int failed = 0;    // Critical ones.
  int warnings = 0;  // Failed or broken, of severity warning or info.
  int errors = 0;    // Broken, critical.

  bool is_red() const { return failed + errors > 0; }
  int unsuccessful() const { return checks - passed; }
  double success_percent() const { return checks ? 100.0 * passed / checks : 100.0; }
};
Counts CountsOf(const Validation& validation);
Counts CountsOf(const std::vector<Validation>& validations);

// "passed", "warning" (only such failed), "failed", "error" (something broke): the worst one.
std::string_view StateOf(const Counts& counts);
std::string_view StateOf(const CheckedCheck& checked);  // The same words for one check.
std::string_view ToString(quality::CheckState state);   // "passed", "failed", "error"

// What was observed, as a person reads it: "37 of 1,157 values unexpected (3.2 %)", "11.99"; empty
// for a broken check.
std::string ObservedText(const quality::CheckResult& result);
// "payments.andon.hcl:55"; empty where the check was not declared in a file.
std::string PositionOf(const quality::CheckSpec& check);
// One cell as a person reads it: texts bare, null as "null".
std::string CellText(const Json& value);

}  // namespace andon::validation
