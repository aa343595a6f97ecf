#include "sql/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace andon::sql {

std::string DoubleText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string FloatText(float value) {
  if (!std::isfinite(value)) return DoubleText(value);
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// std::chrono's years are too short for DuckDB's. After Howard Hinnant's days_from_civil, inverted.
std::string DateText(int64_t days) {
  if (days == std::numeric_limits<int32_t>::max()) return "infinity";
  if (days == -std::numeric_limits<int32_t>::max()) return "-infinity";
  int64_t shifted = days + 719'468;
  int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  int64_t day_of_era = shifted - era * 146'097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month_index = (5 * day_of_year + 2) / 153;
  int64_t day = day_of_year - (153 * month_index + 2) / 5 + 1;
  int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
  int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  if (year > 0) return fmt::format("{:04}-{:02}-{:02}", year, month, day);
  return fmt::format("{:04}-{:02}-{:02} (BC)", 1 - year, month, day);
}

std::string TimeText(int64_t seconds, int64_t fraction, int digits) {
  std::string text =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction == 0) return text;
  std::string tail = fmt::format("{:0{}}", fraction, digits);
  tail.erase(tail.find_last_not_of('0') + 1);
  return text + "." + tail;
}

std::string TimestampText(int64_t value, int64_t per_second, int digits) {
  if (value == std::numeric_limits<int64_t>::max()) return "infinity";
  if (value == -std::numeric_limits<int64_t>::max()) return "-infinity";
  int64_t per_day = 86'400 * per_second;
  int64_t days = value / per_day;
  int64_t rest = value % per_day;
  if (rest < 0) {
    rest += per_day;
    days--;
  }
  return DateText(days) + " " + TimeText(rest / per_second, rest % per_second, digits);
}

std::string BlobText(std::string_view bytes) {
  std::string out;
  for (unsigned char c : bytes) {
    if (c >= 32 && c < 127 && c != '\\') {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("\\x{:02X}", c);
    }
  }
  return out;
}

std::string ListText(const Json& list) {
  std::string out = "[";
  for (const Json& item : list.items()) {
    if (out.size() > 1) out += ", ";
    if (item.is_array()) {
      out += ListText(item);
    } else if (item.is_string()) {
      out += "'" + item.AsString() + "'";
    } else {
      out += item.is_null() ? "NULL" : item.Dump();
    }
  }
  return out + "]";
}

int64_t CutOff(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 9.3e18) return std::numeric_limits<int64_t>::max();
  if (value <= -9.3e18) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(
      std::min(std::max(value, -9223372036854775808.0), 9223372036854774784.0));
}

}  // namespace andon::sql
