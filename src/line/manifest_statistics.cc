#include "line/manifest_statistics.h"

#include <algorithm>
#include <map>
#include <optional>

#include "iceberg/datum.h"
#include "quality/expectation.h"

namespace andon::line {
namespace {

using iceberg::DataFile;

std::optional<int64_t> NullsOf(const DataFile& file, int field) {
  auto nulls = file.null_value_counts.find(field);
  auto values = file.value_counts.find(field);
  if (nulls == file.null_value_counts.end()) return {};
  // Of a list the values are its elements.
  if (values != file.value_counts.end() && values->second != file.record_count) return {};
  return nulls->second;
}

std::optional<int64_t> IntegerBound(const std::map<int, std::string>& bounds,
                                    const iceberg::Field& field) {
  const bool is_integer =
      field.type.id == iceberg::TypeId::kInt || field.type.id == iceberg::TypeId::kLong;
  auto found = bounds.find(field.id);
  if (!is_integer || found == bounds.end()) return {};
  Result<iceberg::Datum> value = iceberg::Decode(field.type, found->second);
  if (!value.ok() || iceberg::IsNull(*value)) return {};
  return std::get<int64_t>(*value);
}

quality::ColumnStatistics StatisticsOf(const lake::Scan& scan, const iceberg::Field& field) {
  quality::ColumnStatistics known{.null_count = 0};
  bool has_bounds = true;
  for (const iceberg::LiveFile& live : scan.files) {
    const DataFile& file = live.file;
    const std::optional<int64_t> nulls = NullsOf(file, field.id);
    if (nulls && known.null_count)
      *known.null_count += *nulls;
    else
      known.null_count.reset();
    if (nulls == file.record_count) continue;  // No value: no bound is needed.
    const std::optional<int64_t> lower = IntegerBound(file.lower_bounds, field),
                                 upper = IntegerBound(file.upper_bounds, field);
    has_bounds = has_bounds && lower && upper;
    if (!has_bounds) continue;
    known.lower = std::min(known.lower.value_or(*lower), *lower);
    known.upper = std::max(known.upper.value_or(*upper), *upper);
  }
  if (!has_bounds) {
    known.lower.reset();
    known.upper.reset();
  }
  return known;
}

}  // namespace

std::set<std::string> NamedColumns(const std::vector<quality::CheckSpec>& checks) {
  std::set<std::string> names;
  for (const quality::CheckSpec& check : checks) {
    const quality::Expectation* expectation = quality::FindExpectation(check.type);
    if (!expectation) continue;
    for (std::string& column : quality::ColumnsOf(*expectation, check.kwargs))
      names.insert(std::move(column));
  }
  return names;
}

std::map<std::string, int64_t> ColumnBytes(const lake::Scan& scan) {
  std::map<std::string, int64_t> bytes;
  for (const iceberg::LiveFile& live : scan.files) {
    for (const iceberg::Field& field : scan.schema.fields) {
      auto size = live.file.column_sizes.find(field.id);
      if (size != live.file.column_sizes.end()) bytes[field.name] += size->second;
    }
  }
  return bytes;
}

int64_t BytesRead(const lake::Scan& scan, const std::vector<quality::CheckSpec>& checks,
                  const quality::Reading& reading) {
  const std::map<std::string, int64_t> bytes = ColumnBytes(scan);
  int64_t sum = 0, rows = 0;
  for (const std::string& name : NamedColumns(checks)) {
    if (auto found = bytes.find(name); found != bytes.end()) sum += found->second;
  }
  for (const iceberg::LiveFile& live : scan.files) rows += live.file.record_count;
  const bool is_all = reading.files == 0 || reading.checks_in_full > 0 || rows == 0;
  if (is_all) return sum;
  return static_cast<int64_t>(static_cast<double>(sum) * static_cast<double>(reading.rows_read) /
                              static_cast<double>(rows));
}

void ReadManifests(const lake::Scan& scan, const std::vector<quality::CheckSpec>& checks,
                   quality::RunOptions* options) {
  if (scan.has_deletes) return;
  int64_t rows = 0;
  for (const iceberg::LiveFile& live : scan.files) rows += live.file.record_count;
  options->rows = rows;
  for (const std::string& name : NamedColumns(checks)) {
    if (const iceberg::Field* field = scan.schema.Find(name))
      options->statistics[name] = StatisticsOf(scan, *field);
  }
}

}  // namespace andon::line
