// The checks of a dataset: those that its columns imply, and those that it declares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "definition/definition.h"
#include "incident/incident.h"
#include "line/task.h"
#include "quality/check.h"
#include "quality/run.h"
#include "sql/types.h"
#include "validation/mask.h"
#include "validation/validation.h"

namespace andon::line {

// In order: for each column its `required`, `unique` and `references` ("payment_id.required",
// "payment_id.unique", "customer_id.references"; no declared check can have a dot in its name),
// then the declared ones. References to datasets among their arguments are table names.
std::vector<quality::CheckSpec> ChecksOf(const definition::Project& project,
                                         const definition::Dataset& dataset);

// The check that the freshness of an external dataset is: "updated_at.freshness", and where it
// names no column "last_write.freshness". Empty where there is none.
std::string FreshnessCheckOf(const definition::Dataset& dataset);

std::vector<sql::ColumnInfo> ColumnInfosOf(const definition::Dataset& dataset);

// One verdict for each check of those that ran on the deliveries and on the whole dataset: a check
// that fails on both is one failure, told as it is on the delivery.
struct Verdict {
  quality::CheckSpec check;
  quality::CheckResult result;
  std::string scope;        // "delivery", "dataset"
  int64_t delivery_id = 0;  // Of the delivery on which it failed; 0: none.
};
std::vector<Verdict> Merge(const std::vector<quality::CheckSpec>& checks,
                           const CheckOutcome& outcome);

// The values of columns with `pii` leave the verdicts, before anything keeps or shows them.
void Mask(const validation::PiiColumns& pii, std::vector<Verdict>* verdicts);

// As it is kept and reported.
std::vector<validation::CheckedCheck> ToCheckedChecks(const std::vector<Verdict>& verdicts);

// As incidents have it.
incident::FailedCheck ToFailedCheck(const std::string& dataset, const Verdict& verdict);

// Red: a critical check failed or broke.
bool IsRed(const Verdict& verdict);

}  // namespace andon::line
