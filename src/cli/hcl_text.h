// HCL as text, for commands that write files: values on one line, calls of expectations.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/json.h"
#include "quality/check.h"

namespace andon::cli {

// {"a": [1, "x"]} gives { a = [1, "x"] }. Texts are read back as they are, templates too.
std::string HclValue(const Json& json);
// A key of an object: bare where it is an identifier.
std::string HclKey(std::string_view name);
// A name that can stand in an address, made of any text: "Sales 2024" gives "sales_2024".
std::string HclName(std::string_view text);

// expect_column_values_to_be_in_set("staff_id", { value_set = [1, 2] }). Tables that are among
// `datasets` (names) are references to them.
std::string CheckCall(const quality::CheckSpec& check, const std::set<std::string>& datasets);

}  // namespace andon::cli
