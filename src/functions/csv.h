// Reading of CSV text as csvdecode takes it (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace andon::functions {

struct CsvRecord {
  std::vector<std::string> fields;
  int line = 0;  // Where it begins; counts from 1.
};

// Empty lines are passed over. kInvalid with the line for quotes that are not closed or
// stand where they cannot, and for records that have not as many fields as the first.
Result<std::vector<CsvRecord>> ParseCsv(std::string_view text);

}  // namespace andon::functions
