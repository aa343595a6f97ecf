// Quarantine: the table beside a dataset with the rows that its checks, and the rules of its
// columns, of severity "quarantine" did not let pass.
//
//   payment_quarantine: the columns of payment, and of each row why, since when and whence
//
// It holds what is open: rows that a corrected delivery brought again are gone from its main, and
// stand in its earlier versions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "definition/definition.h"

namespace andon::definition {

inline constexpr std::string_view kQuarantineSuffix = "_quarantine";

// The columns that it has besides those of the dataset.
inline constexpr char kQuarantineReasons[] = "quarantine_reasons";    // Names of checks.
inline constexpr char kQuarantineDelivery[] = "quarantine_delivery";  // Path; null for a model.
inline constexpr char kQuarantinePeriod[] = "quarantine_period";
inline constexpr char kQuarantineRun[] = "quarantine_run";
inline constexpr char kQuarantineTime[] = "quarantine_time";
const std::vector<Column>& QuarantineColumns();

// "payment_quarantine".
std::string QuarantineTable(std::string_view dataset);
// The table as a dataset: name, address and columns.
Dataset QuarantineOf(const Dataset& dataset);
// Some check of it quarantines, or a rule of a column.
bool HasQuarantine(const Dataset& dataset);

}  // namespace andon::definition
