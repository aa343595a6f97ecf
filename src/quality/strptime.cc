#include "quality/strptime.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace andon::quality {
namespace {

using std::chrono::year;

// One alternative of a directive, character by character: '#' is a digit, [..] a set, all else
// itself in either case.
using Alternatives = std::vector<std::string>;

Alternatives Fractions() {
  Alternatives all;
  for (size_t digits = 6; digits > 0; digits--) all.emplace_back(digits, '#');
  return all;
}

// "+01:30", "+0130", "+01:30:15.123"; the longest first.
Alternatives Offsets() {
  Alternatives all;
  for (std::string colon : {":", ""}) {
    std::string minutes = "[+-]##" + colon + "[0-5]#", seconds = minutes + colon + "[0-5]#";
    for (const std::string& fraction : Fractions()) all.push_back(seconds + "." + fraction);
    all.push_back(seconds);
    all.push_back(minutes);
  }
  all.emplace_back("Z");
  return all;
}

// In the order in which they are tried: the first that lets the rest match is taken.
const std::map<char, Alternatives>& Directives() {
  static const std::map<char, Alternatives> kDirectives = {
      {'a', {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}},
      {'A', {"wednesday", "thursday", "saturday", "tuesday", "monday", "friday", "sunday"}},
      {'b', {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
      {'B',
       {"january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december"}},
      {'d', {"3[01]", "[12]#", "0[1-9]", "[1-9]", " [1-9]"}},
      {'f', Fractions()},
      {'G', {"####"}},
      {'H', {"2[0-3]", "[01]#", "#"}},
      {'I', {"1[0-2]", "0[1-9]", "[1-9]"}},
      {'j', {"36[0-6]", "3[0-5]#", "[12]##", "0[1-9]#", "00[1-9]", "[1-9]#", "0[1-9]", "[1-9]"}},
      {'m', {"1[0-2]", "0[1-9]", "[1-9]"}},
      {'M', {"[0-5]#", "#"}},
      {'p', {"am", "pm"}},
      {'S', {"6[01]", "[0-5]#", "#"}},
      {'u', {"[1-7]"}},
      {'U', {"5[0-3]", "[0-4]#", "#"}},
      {'V', {"5[0-3]", "0[1-9]", "[1-4]#", "#"}},
      {'w', {"[0-6]"}},
      {'W', {"5[0-3]", "[0-4]#", "#"}},
      {'y', {"##"}},
      {'Y', {"####"}},
      {'z', Offsets()},
      {'Z', {"utc", "gmt"}},
  };
  return kDirectives;
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A directive, a literal character, or white space of any length (' ').
struct Item {
  char directive = 0;
  char literal = 0;
};

struct Format {
  std::vector<Item> items;
  std::string mistake;
};

// What the shorthands stand for, in the C locale.
std::string_view Shorthand(char directive) {
  if (directive == 'c') return "%a %b %d %H:%M:%S %Y";
  if (directive == 'x') return "%m/%d/%y";
  return directive == 'X' ? "%H:%M:%S" : "";
}

std::string Expand(std::string_view format) {
  std::string text;
  for (size_t i = 0; i < format.size(); i++) {
    std::string_view shorthand =
        format[i] == '%' && i + 1 < format.size() ? Shorthand(format[i + 1]) : "";
    if (!shorthand.empty()) {
      text += shorthand;
      i++;
    } else if (format[i] == '%' && i + 1 < format.size()) {
      text += format.substr(i++, 2);
    } else {
      text += format[i];
    }
  }
  return text;
}

Format Read(std::string_view written) {
  Format format;
  std::string text = Expand(written);
  std::array<bool, 256> seen{};
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (IsSpace(c)) {
      if (format.items.empty() || format.items.back().literal != ' ')
        format.items.push_back({.literal = ' '});
      continue;
    }
    if (c != '%') {
      format.items.push_back({.literal = c});
      continue;
    }
    if (++i == text.size()) {
      format.mistake = "The format ends with a single %.";
      return format;
    }
    c = text[i];
    if (c == '%') {
      format.items.push_back({.literal = '%'});
      continue;
    }
    if (!Directives().contains(c)) {
      format.mistake = fmt::format("There is no directive %{}.", c);
      return format;
    }
    if (std::exchange(seen[static_cast<unsigned char>(c)], true)) {
      format.mistake = fmt::format("The directive %{} stands twice.", c);
      return format;
    }
    format.items.push_back({.directive = c});
  }
  return format;
}

// The length of the text that the alternative takes at `at`; none: it does not match.
std::optional<size_t> Take(std::string_view text, size_t at, std::string_view pattern) {
  size_t start = at;
  for (size_t i = 0; i < pattern.size(); i++, at++) {
    if (at >= text.size()) return {};
    char c = text[at];
    if (pattern[i] == '#') {
      if (!IsDigit(c)) return {};
    } else if (pattern[i] == '[') {
      size_t close = pattern.find(']', i);
      bool is_in = false;
      for (size_t k = i + 1; k < close; k++) {
        bool is_range = k + 2 < close && pattern[k + 1] == '-';
        is_in = is_in || (is_range ? c >= pattern[k] && c <= pattern[k + 2] : c == pattern[k]);
        if (is_range) k += 2;
      }
      if (!is_in) return {};
      i = close;
    } else if (pattern[i] == 'Z' ? c != 'Z' : Lower(c) != pattern[i]) {
      return {};
    }
  }
  return at - start;
}

// One reading of a text: tries the alternatives in their order, and goes back where the rest does
// not follow.
class Reading {
 public:
  Reading(std::string_view text, const Format& format) : text_(text), format_(format) {}

  // True where the text begins with the format; end() says where that ends.
  bool Read() { return From(0, 0); }
  size_t end() const { return end_; }
  // What a directive took; empty where the format has none.
  std::string_view Of(char directive) const {
    auto found = taken_.find(directive);
    return found == taken_.end() ? std::string_view() : found->second;
  }

 private:
  bool From(size_t item, size_t at) {
    if (++steps_ > kStepsMax) return false;
    if (item == format_.items.size()) {
      end_ = at;
      return true;
    }
    const Item& wanted = format_.items[item];
    if (wanted.directive == 0) return Literal(wanted.literal, item, at);
    for (const std::string& alternative : Directives().at(wanted.directive)) {
      std::optional<size_t> length = Take(text_, at, alternative);
      if (!length) continue;
      taken_[wanted.directive] = text_.substr(at, *length);
      if (From(item + 1, at + *length)) return true;
    }
    return false;
  }

  bool Literal(char literal, size_t item, size_t at) {
    if (literal != ' ')
      return at < text_.size() && Lower(text_[at]) == Lower(literal) && From(item + 1, at + 1);
    size_t end = at;
    while (end < text_.size() && IsSpace(text_[end])) end++;
    for (; end > at; end--) {
      if (From(item + 1, end)) return true;
    }
    return false;
  }

  // A format has a score of directives at most; this only bounds what is hostile.
  static constexpr int kStepsMax = 100'000;
  std::string_view text_;
  const Format& format_;
  std::map<char, std::string_view> taken_;
  size_t end_ = 0;
  int steps_ = 0;
};

int NumberOf(std::string_view text, int otherwise) {
  int number = 0;
  bool any = false;
  for (char c : text) {
    if (!IsDigit(c)) continue;
    number = number * 10 + (c - '0');
    any = true;
  }
  return any ? number : otherwise;
}

int MonthOf(const Reading& reading) {
  for (char directive : {'b', 'B'}) {
    std::string_view name = reading.Of(directive);
    if (name.empty()) continue;
    const Alternatives& names = Directives().at(directive);
    for (size_t i = 0; i < names.size(); i++) {
      if (Take(name, 0, names[i]) == name.size()) return static_cast<int>(i) + 1;
    }
  }
  return NumberOf(reading.Of('m'), 1);
}

int YearOf(const Reading& reading) {
  if (!reading.Of('Y').empty()) return NumberOf(reading.Of('Y'), 0);
  if (reading.Of('y').empty()) return 1900;
  int two_digits = NumberOf(reading.Of('y'), 0);
  return two_digits + (two_digits <= 68 ? 2000 : 1900);
}

bool HasWeekday(const Reading& reading) {
  for (char directive : {'a', 'A', 'w', 'u'}) {
    if (!reading.Of(directive).empty()) return true;
  }
  return false;
}

bool Exists(const Reading& reading) {
  if (NumberOf(reading.Of('S'), 0) > 59) return false;
  std::string_view zone = reading.Of('z');
  if (zone.size() > 3 && NumberOf(zone.substr(1, 2), 0) > 23) return false;
  // The year of ISO weeks needs its week and a day, and counts only where no other year is given.
  bool has_year = !reading.Of('Y').empty() || !reading.Of('y').empty();
  bool has_iso_year = !reading.Of('G').empty(), has_iso_week = !reading.Of('V').empty();
  if (!has_year && has_iso_year)
    return has_iso_week && HasWeekday(reading) && reading.Of('j').empty();
  if (has_iso_week && reading.Of('U').empty() && reading.Of('W').empty()) return false;
  int years = YearOf(reading);
  if (years < 1) return false;
  if (!reading.Of('j').empty()) return true;
  return std::chrono::year_month_day(
             year(years), std::chrono::month(static_cast<unsigned>(MonthOf(reading))),
             std::chrono::day(static_cast<unsigned>(NumberOf(reading.Of('d'), 1))))
      .ok();
}

// The format is the same for a whole column.
const Format& Cached(std::string_view text) {
  thread_local std::string last;
  thread_local Format format = Read(last);
  if (text != last) {
    last = text;
    format = Read(last);
  }
  return format;
}

}  // namespace

std::string TimeFormatMistake(std::string_view format) { return Read(format).mistake; }

bool MatchesTimeFormat(std::string_view text, std::string_view format) {
  const Format& read = Cached(format);
  if (!read.mistake.empty()) return false;
  Reading reading(text, read);
  return reading.Read() && reading.end() == text.size() && Exists(reading);
}

}  // namespace andon::quality
