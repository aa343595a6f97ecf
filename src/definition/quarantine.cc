#include "definition/quarantine.h"

#include <algorithm>

namespace andon::definition {

const std::vector<Column>& QuarantineColumns() {
  static const std::vector<Column> kColumns = {
      {.name = kQuarantineReasons, .type = "list<string>", .doc = "The checks that it failed."},
      {.name = kQuarantineDelivery, .type = "string", .doc = "The file that it came with."},
      {.name = kQuarantinePeriod, .type = "string", .doc = "The period of that file."},
      {.name = kQuarantineRun, .type = "string", .doc = "The run that took it aside."},
      {.name = kQuarantineTime, .type = "timestamptz", .doc = "When that was."},
  };
  return kColumns;
}

std::string QuarantineTable(std::string_view dataset) {
  return std::string(dataset) + std::string(kQuarantineSuffix);
}

Dataset QuarantineOf(const Dataset& dataset) {
  Dataset out{.address = dataset.address + std::string(kQuarantineSuffix),
              .name = QuarantineTable(dataset.name),
              .columns = dataset.columns};
  for (Column& column : out.columns) {
    column.required = column.unique = false;
    column.references.reset();
    column.severity.clear();
    column.quarantine_max.reset();
  }
  out.columns.insert(out.columns.end(), QuarantineColumns().begin(), QuarantineColumns().end());
  return out;
}

bool HasQuarantine(const Dataset& dataset) {
  return std::any_of(dataset.checks.begin(), dataset.checks.end(),
                     [](const Check& check) { return check.severity == "quarantine"; }) ||
         std::any_of(dataset.columns.begin(), dataset.columns.end(),
                     [](const Column& column) { return column.quarantines(); });
}

}  // namespace andon::definition
