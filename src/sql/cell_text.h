// Values of cells as a person reads them, the same whichever engine gave them. Only for this
// folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"

namespace andon::sql {

// Always with a point or an exponent: "1.0", "1e+300", "nan", "-inf".
std::string DoubleText(double value);
std::string FloatText(float value);
// "2005-08-20", "0044-03-15 (BC)"; int32's ends are "infinity" and "-infinity".
std::string DateText(int64_t days);
// `fraction` in units of 10^-digits of a second; trailing zeros are left out.
std::string TimeText(int64_t seconds, int64_t fraction, int digits);
// `value` in units of 1 / per_second since 1970; int64's ends are "infinity" and "-infinity".
std::string TimestampText(int64_t value, int64_t per_second, int digits);
// Printable ASCII as it is, other bytes as \x0A.
std::string BlobText(std::string_view bytes);
// A list as ResultSet::Text shows it: [1, 'a', NULL].
std::string ListText(const Json& list);

// The integer nearest to zero, cut off at int64's ends; 0 for NaN.
int64_t CutOff(double value);

}  // namespace andon::sql
