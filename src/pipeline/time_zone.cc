#include "pipeline/time_zone.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>

namespace andon::pipeline {
namespace {

constexpr int64_t kDay = 86400;
constexpr size_t kFileMax = 1 << 20;  // Real files have a few kilobytes.
constexpr size_t kTransitionsMax = 1 << 16;
constexpr char kZoneDir[] = "/usr/share/zoneinfo";

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// One of the two changes of a year in a POSIX TZ rule: "M3.2.0/2", "J60", "59".
struct ChangeRule {
  enum Form { kMonthWeekDay, kJulian, kDayOfYear } form = kMonthWeekDay;
  int month = 1, week = 1, day = 0;
  int64_t time = 2 * 3600;  // On the wall clock before the change.
};

// What holds after the last listed transition.
struct Footer {
  int64_t standard = 0;  // Offset.
  bool has_daylight = false;
  int64_t daylight = 0;
  ChangeRule start, end;
};

// A reader over "CET-1CEST,M3.5.0,M10.5.0/3".
class FooterReader {
 public:
  explicit FooterReader(std::string_view text) : text_(text) {}

  std::optional<Footer> Read() {
    Footer footer;
    if (!Name() || !Offset(&footer.standard)) return std::nullopt;
    footer.standard = -footer.standard;
    if (text_.empty()) return footer;
    if (!Name()) return std::nullopt;
    footer.has_daylight = true;
    footer.daylight = footer.standard + 3600;
    if (!text_.empty() && text_[0] != ',') {
      if (!Offset(&footer.daylight)) return std::nullopt;
      footer.daylight = -footer.daylight;
    }
    if (!Eat(',') || !Rule(&footer.start) || !Eat(',') || !Rule(&footer.end)) return std::nullopt;
    if (!text_.empty()) return std::nullopt;
    return footer;
  }

 private:
  bool Eat(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool Name() {
    size_t n = 0;
    if (Eat('<')) {
      n = text_.find('>');
      if (n == std::string_view::npos) return false;
      text_.remove_prefix(n + 1);
      return true;
    }
    while (n < text_.size() && std::isalpha(static_cast<unsigned char>(text_[n]))) ++n;
    text_.remove_prefix(n);
    return n >= 3;
  }
  bool Number(int* number) {
    size_t n = 0;
    *number = 0;
    while (n < text_.size() && n < 4 && std::isdigit(static_cast<unsigned char>(text_[n]))) {
      *number = *number * 10 + (text_[n++] - '0');
    }
    text_.remove_prefix(n);
    return n > 0;
  }
  bool Offset(int64_t* seconds) {
    int64_t sign = 1;
    if (Eat('-'))
      sign = -1;
    else
      Eat('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!Number(&hours)) return false;
    if (Eat(':') && !Number(&minutes)) return false;
    if (Eat(':') && !Number(&rest)) return false;
    *seconds = sign * (hours * 3600 + minutes * 60 + rest);
    return true;
  }
  bool Rule(ChangeRule* rule) {
    if (Eat('M')) {
      rule->form = ChangeRule::kMonthWeekDay;
      if (!Number(&rule->month) || !Eat('.') || !Number(&rule->week) || !Eat('.') ||
          !Number(&rule->day)) {
        return false;
      }
      if (rule->month < 1 || rule->month > 12 || rule->week < 1 || rule->week > 5 ||
          rule->day > 6) {
        return false;
      }
    } else {
      rule->form = Eat('J') ? ChangeRule::kJulian : ChangeRule::kDayOfYear;
      if (!Number(&rule->day) || rule->day > 366) return false;
    }
    return !Eat('/') || Offset(&rule->time);
  }

  std::string_view text_;
};

// Seconds on the wall clock at which the rule's change happens in `year`.
int64_t LocalOf(const ChangeRule& rule, int64_t year) {
  int64_t days = DaysFromCivil(year, 1, 1);
  if (rule.form == ChangeRule::kDayOfYear) {
    days += rule.day;
  } else if (rule.form == ChangeRule::kJulian) {
    bool after_leap_day = DaysInMonth(year, 2) == 29 && rule.day >= 60;
    days += rule.day - 1 + (after_leap_day ? 1 : 0);
  } else {
    int64_t first = DaysFromCivil(year, rule.month, 1);
    int64_t day = first + (rule.day - WeekdayOf(first) + 7) % 7 + int64_t{rule.week - 1} * 7;
    while (day >= first + DaysInMonth(year, rule.month)) day -= 7;
    days = day;
  }
  return days * kDay + rule.time;
}

uint32_t Be32(const char* p) {
  auto u = reinterpret_cast<const unsigned char*>(p);
  return uint32_t{u[0]} << 24 | uint32_t{u[1]} << 16 | uint32_t{u[2]} << 8 | u[3];
}
int64_t Be64(const char* p) { return static_cast<int64_t>(uint64_t{Be32(p)} << 32 | Be32(p + 4)); }

struct Header {
  size_t isutc, isstd, leap, times, types, chars;
  size_t BodySize(size_t width) const {
    return times * width + times + types * 6 + chars + leap * (width + 4) + isstd + isutc;
  }
};
constexpr size_t kHeaderSize = 44;

std::optional<Header> ReadHeader(std::string_view bytes) {
  if (bytes.size() < kHeaderSize || bytes.substr(0, 4) != "TZif") return std::nullopt;
  const char* p = bytes.data() + 20;
  Header h{Be32(p), Be32(p + 4), Be32(p + 8), Be32(p + 12), Be32(p + 16), Be32(p + 20)};
  if (h.times > kTransitionsMax || h.types == 0 || h.types > 256 || h.chars > 4096 ||
      h.leap > 4096 || h.isstd > 256 || h.isutc > 256) {
    return std::nullopt;
  }
  return h;
}

}  // namespace

struct TimeZone::Rules {
  std::string name;
  int64_t before = 0;           // Offset before the first transition.
  std::vector<int64_t> at;      // Transitions, ascending.
  std::vector<int64_t> offset;  // From each of them on.
  std::optional<Footer> footer;

  // The two changes of the footer's rule around `year`, as (instant, offset from then on).
  std::vector<std::pair<int64_t, int64_t>> FooterChanges(int64_t year) const {
    std::vector<std::pair<int64_t, int64_t>> out;
    for (int64_t y = year - 1; y <= year + 1; ++y) {
      out.emplace_back(LocalOf(footer->start, y) - footer->standard, footer->daylight);
      out.emplace_back(LocalOf(footer->end, y) - footer->daylight, footer->standard);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  bool InFooter(int64_t utc) const { return footer && (at.empty() || utc >= at.back()); }
};

TimeZone TimeZone::Utc() {
  static const auto kRules = [] {
    auto rules = std::make_shared<Rules>();
    rules->name = "UTC";
    return std::shared_ptr<const Rules>(std::move(rules));
  }();
  return TimeZone(kRules);
}

const std::string& TimeZone::name() const { return rules_->name; }

namespace {

bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] == '/' || name.find("..") != name.npos) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

// Empty where there is none. "Europe" is a folder, from which a stream would throw.
std::string ReadZoneFile(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return "";
  std::ifstream file(path, std::ios::binary);
  if (!file) return "";
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Result<TimeZone> TimeZone::Load(std::string_view name, const std::string& zone_dir) {
  if (name == "UTC" || name == "Etc/UTC" || name == "Z") return Utc();
  if (!IsZoneName(name)) {
    return Error::NotFound("\"{}\" is no time zone; write an IANA name such as \"Europe/Berlin\"",
                           name);
  }
  const std::string dir = zone_dir.empty() ? kZoneDir : zone_dir;
  const std::string path = fmt::format("{}/{}", dir, name);
  std::string bytes = ReadZoneFile(path);
  if (bytes.empty()) {
    if (!std::ifstream(dir + "/Europe/Berlin", std::ios::binary)) {
      return Error::NotFound(
          "The time zone \"{}\" is not known, as this system has no time zone data under {}; "
          "install the package tzdata, or use \"UTC\"",
          name, dir);
    }
    return Error::NotFound(
        "\"{}\" is no time zone of this system; write an IANA name such as \"Europe/Berlin\"",
        name);
  }
  auto corrupt = [&] { return Error::Corrupt("{} is not a time zone file", path); };
  if (bytes.size() > kFileMax) return corrupt();
  std::string_view rest = bytes;
  auto header = ReadHeader(rest);
  if (!header) return corrupt();
  size_t width = 4;
  if (rest[4] >= '2') {
    // The second block has the same in 64 bits.
    size_t skip = kHeaderSize + header->BodySize(4);
    if (rest.size() < skip) return corrupt();
    rest.remove_prefix(skip);
    header = ReadHeader(rest);
    if (!header) return corrupt();
    width = 8;
  }
  rest.remove_prefix(kHeaderSize);
  if (rest.size() < header->BodySize(width)) return corrupt();
  const char* times = rest.data();
  const char* indices = times + header->times * width;
  const char* types = indices + header->times;
  auto offset_of = [&](size_t i) { return int64_t{static_cast<int32_t>(Be32(types + i * 6))}; };
  auto rules = std::make_shared<Rules>();
  rules->name = std::string(name);
  rules->before = offset_of(0);
  for (size_t i = 0; i < header->times; ++i) {
    size_t type = static_cast<unsigned char>(indices[i]);
    if (type >= header->types) return corrupt();
    int64_t at = width == 8 ? Be64(times + i * 8) : static_cast<int32_t>(Be32(times + i * 4));
    if (!rules->at.empty() && at <= rules->at.back()) return corrupt();
    rules->at.push_back(at);
    rules->offset.push_back(offset_of(type));
  }
  rest.remove_prefix(header->BodySize(width));
  if (width == 8 && rest.size() >= 2 && rest[0] == '\n') {
    rest.remove_prefix(1);
    rest = rest.substr(0, rest.find('\n'));
    if (!rest.empty()) {
      rules->footer = FooterReader(rest).Read();
      if (!rules->footer) return corrupt();
    }
  }
  return TimeZone(std::shared_ptr<const Rules>(std::move(rules)));
}

int64_t TimeZone::OffsetAt(int64_t utc) const {
  const Rules& r = *rules_;
  if (r.InFooter(utc)) {
    if (!r.footer->has_daylight) return r.footer->standard;
    int64_t offset = r.footer->standard;
    for (const auto& [at, then] : r.FooterChanges(CivilFromDays(FloorDiv(utc, kDay)).year)) {
      if (at <= utc) offset = then;
    }
    return offset;
  }
  auto it = std::upper_bound(r.at.begin(), r.at.end(), utc);
  return it == r.at.begin() ? r.before : r.offset[it - r.at.begin() - 1];
}

int64_t TimeZone::NextChange(int64_t utc) const {
  const Rules& r = *rules_;
  auto it = std::upper_bound(r.at.begin(), r.at.end(), utc);
  if (it != r.at.end()) return *it;
  if (r.footer && r.footer->has_daylight) {
    for (const auto& change : r.FooterChanges(CivilFromDays(FloorDiv(utc, kDay)).year)) {
      if (change.first > utc) return change.first;
    }
  }
  return std::numeric_limits<int64_t>::max();
}

TimeZone::Instants TimeZone::FromLocal(int64_t local) const {
  // Offsets lie within a day of UTC, so the two that matter hold a day before and after.
  const int64_t early = OffsetAt(local - kDay), late = OffsetAt(local + kDay);
  const int64_t a = local - early, b = local - late;
  const bool a_holds = OffsetAt(a) == early, b_holds = OffsetAt(b) == late;
  if (a_holds && b_holds) return {std::min(a, b), std::max(a, b), false};
  if (a_holds) return {a, a, false};
  if (b_holds) return {b, b, false};
  // In a gap: `a` was taken with the offset before the change, so it lies behind it.
  const int64_t change = NextChange(std::min(a, b) - 1);
  return {change, change, true};
}

int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = FloorDiv(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = FloorDiv(days, 146097);
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2), month,
          static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

int WeekdayOf(int64_t days) { return static_cast<int>(((days + 4) % 7 + 7) % 7); }

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

}  // namespace andon::pipeline
