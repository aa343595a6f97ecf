#include "jsonschema/formats.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "base/text.h"
#include "jsonschema/pattern.h"

namespace andon::jsonschema {
namespace {

bool Matches(std::string_view text, const re2::RE2& regex) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), regex);
}

bool IsDigits(std::string_view text, size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int Number(std::string_view digits) { return std::stoi(std::string(digits)); }

bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!IsDigits(text.substr(0, 4), 4) || !IsDigits(text.substr(5, 2), 2) ||
      !IsDigits(text.substr(8), 2))
    return false;
  return std::chrono::year_month_day(std::chrono::year(Number(text.substr(0, 4))),
                                     std::chrono::month(Number(text.substr(5, 2))),
                                     std::chrono::day(Number(text.substr(8))))
      .ok();
}

// "12:34:56.7+01:00"; second 60 only where it is one in UTC.
bool IsTime(std::string_view text) {
  static const re2::RE2 kTime(R"((\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[zZ]|([+-])(\d\d):(\d\d)))");
  std::string sign, offset_hours, offset_minutes;
  int hour = 0, minute = 0, second = 0;
  if (!re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kTime, &hour, &minute,
                           &second, &sign, &offset_hours, &offset_minutes))
    return false;
  int offset = 0;
  if (!sign.empty()) {
    if (Number(offset_hours) > 23 || Number(offset_minutes) > 59) return false;
    offset = (Number(offset_hours) * 60 + Number(offset_minutes)) * (sign == "-" ? -1 : 1);
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  return second < 60 || (hour * 60 + minute - offset + 2880) % 1440 == 1439;
}

bool IsDateTime(std::string_view text) {
  return text.size() > 11 && (text[10] == 'T' || text[10] == 't') && IsDate(text.substr(0, 10)) &&
         IsTime(text.substr(11));
}

bool IsDuration(std::string_view text) {
  static const re2::RE2 kDuration(R"(P(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?)"
                                  R"((?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?))");
  return text.size() > 1 && Matches(text, kDuration);
}

bool IsIpv4(std::string_view text) {
  std::vector<std::string> parts = Split(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           return !part.empty() && part.size() <= 3 && IsDigits(part, part.size()) &&
                  (part.size() == 1 || part[0] != '0') && Number(part) <= 255;
         });
}

bool IsIpv6(std::string_view text) {
  if (text.size() < 2 || text.size() > 45) return false;
  size_t gap = text.find("::");
  if (gap != std::string_view::npos && text.find("::", gap + 1) != std::string_view::npos)
    return false;
  auto groups = [](std::string_view half, bool is_last) -> int {
    if (half.empty()) return 0;
    int count = 0;
    std::vector<std::string> parts = Split(half, ':');
    for (size_t i = 0; i < parts.size(); ++i) {
      if (is_last && i + 1 == parts.size() && IsIpv4(parts[i])) return count + 2;
      bool hex = !parts[i].empty() && parts[i].size() <= 4 &&
                 parts[i].find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
      if (!hex) return -1;
      ++count;
    }
    return count;
  };
  if (gap == std::string_view::npos) return groups(text, true) == 8;
  int before = groups(text.substr(0, gap), false), after = groups(text.substr(gap + 2), true);
  return before >= 0 && after >= 0 && before + after <= 7;
}

bool IsHostname(std::string_view text) {
  static const re2::RE2 kHostname(
      R"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)");
  return text.size() <= 253 && Matches(text, kHostname);
}

bool IsEmail(std::string_view text) {
  static const re2::RE2 kLocal(
      R"re((?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*|"(?:[^"\\]|\\.)*"))re");
  size_t at = text.rfind('@');
  if (at == std::string_view::npos || !Matches(text.substr(0, at), kLocal)) return false;
  std::string_view host = text.substr(at + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return host.starts_with("IPv6:") ? IsIpv6(host.substr(5)) : IsIpv4(host);
  }
  return IsHostname(host);
}

bool IsUriReference(std::string_view text) {
  static const re2::RE2 kReference(
      R"((?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@?(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::\d*)?)?(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?)");
  return Matches(text, kReference);
}

bool IsUri(std::string_view text) {
  static const re2::RE2 kScheme(R"([A-Za-z][A-Za-z0-9+.-]*:.*)");
  return Matches(text, kScheme) && IsUriReference(text);
}

bool IsUuid(std::string_view text) {
  static const re2::RE2 kUuid(
      R"([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})");
  return Matches(text, kUuid);
}

bool IsPointer(std::string_view text) {
  static const re2::RE2 kPointer(R"((?s)(?:/(?:[^~/]|~[01])*)*)");
  return Matches(text, kPointer);
}

bool IsRelativePointer(std::string_view text) {
  static const re2::RE2 kPointer(R"((?s)(?:0|[1-9]\d*)(?:#|(?:/(?:[^~/]|~[01])*)*))");
  return Matches(text, kPointer);
}

bool IsRegex(std::string_view text) { return Pattern::Compile(text).ok(); }

constexpr std::array<std::pair<std::string_view, bool (*)(std::string_view)>, 14> kFormats = {{
    {"date", IsDate},
    {"time", IsTime},
    {"date-time", IsDateTime},
    {"duration", IsDuration},
    {"ipv4", IsIpv4},
    {"ipv6", IsIpv6},
    {"hostname", IsHostname},
    {"email", IsEmail},
    {"uri", IsUri},
    {"uri-reference", IsUriReference},
    {"uuid", IsUuid},
    {"json-pointer", IsPointer},
    {"relative-json-pointer", IsRelativePointer},
    {"regex", IsRegex},
}};

}  // namespace

bool IsKnownFormat(std::string_view name) {
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [&](const auto& row) { return row.first == name; });
}

bool FitsFormat(std::string_view name, std::string_view text) {
  for (const auto& [known, fits] : kFormats) {
    if (known == name) return fits(text);
  }
  return true;
}

}  // namespace andon::jsonschema
