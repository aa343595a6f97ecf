#include "quality/loose_time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace andon::quality {
namespace {

constexpr size_t kLengthMax = 500;  // Longer ones are no times.

// Words, in lower case, and what they count as.
using Words = std::map<std::string, int, std::less<>>;

const Words& Weekdays() {
  static const Words kWords = {{"mon", 0}, {"monday", 0},    {"tue", 1}, {"tuesday", 1},
                               {"wed", 2}, {"wednesday", 2}, {"thu", 3}, {"thursday", 3},
                               {"fri", 4}, {"friday", 4},    {"sat", 5}, {"saturday", 5},
                               {"sun", 6}, {"sunday", 6}};
  return kWords;
}
const Words& Months() {
  static const Words kWords = {
      {"jan", 1},  {"january", 1},  {"feb", 2},    {"february", 2},  {"mar", 3},  {"march", 3},
      {"apr", 4},  {"april", 4},    {"may", 5},    {"jun", 6},       {"june", 6}, {"jul", 7},
      {"july", 7}, {"aug", 8},      {"august", 8}, {"sep", 9},       {"sept", 9}, {"september", 9},
      {"oct", 10}, {"october", 10}, {"nov", 11},   {"november", 11}, {"dec", 12}, {"december", 12}};
  return kWords;
}
// What a number before (or after) such a word is: hours, minutes, seconds.
const Words& Units() {
  static const Words kWords = {{"h", 0}, {"hour", 0},   {"hours", 0},
                               {"m", 1}, {"minute", 1}, {"minutes", 1},
                               {"s", 2}, {"second", 2}, {"seconds", 2}};
  return kWords;
}
const Words& Halves() {
  static const Words kWords = {{"am", 0}, {"a", 0}, {"pm", 1}, {"p", 1}};
  return kWords;
}
// Those that may stand anywhere and say nothing.
const Words& Fillers() {
  static const Words kWords = {{" ", 0}, {".", 0},  {",", 0},  {";", 0},   {"-", 0},  {"/", 0},
                               {"'", 0}, {"at", 0}, {"on", 0}, {"and", 0}, {"ad", 0}, {"m", 0},
                               {"t", 0}, {"of", 0}, {"st", 0}, {"nd", 0},  {"rd", 0}, {"th", 0}};
  return kWords;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
// Letters beyond ASCII are letters, too.
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

// Runs of letters, numbers with at most one point, single other characters; any white space is " ".
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::vector<std::string> All() {
    while (at_ < text_.size()) Next();
    return std::move(tokens_);
  }

 private:
  void Next() {
    char c = text_[at_];
    if (IsSpace(c)) {
      tokens_.emplace_back(" ");
      at_++;
    } else if (IsLetter(c) || IsDigit(c)) {
      Run();
    } else {
      tokens_.emplace_back(1, c);
      at_++;
    }
  }

  void Run() {
    std::string token(1, text_[at_++]);
    bool letters = IsLetter(token[0]), dotted = false, seen_letters = false;
    while (at_ < text_.size()) {
      char c = text_[at_];
      seen_letters = seen_letters || letters;  // A letter at the very end is not yet seen.
      if (letters ? IsLetter(c) : IsDigit(c)) {
        token += c;
      } else if (c == '.' || (!letters && !dotted && c == ',' && token.size() >= 2)) {
        dotted = true;
        token += c;
      } else if (dotted && token.back() == '.' && (letters ? IsDigit(c) : IsLetter(c))) {
        // "a.m.5", "5.Jan": what follows a point may be of the other sort.
        letters = !letters;
        token += c;
      } else {
        break;
      }
      at_++;
    }
    Push(std::move(token), dotted, seen_letters);
  }

  // With letters, with two points, or with a point at its end it is several.
  void Push(std::string token, bool dotted, bool seen_letters) {
    auto points = std::count(token.begin(), token.end(), '.');
    bool ends_open = token.back() == '.' || token.back() == ',';
    if (!dotted || !(seen_letters || points > 1 || ends_open)) {
      if (points == 0) std::replace(token.begin(), token.end(), ',', '.');
      tokens_.push_back(std::move(token));
      return;
    }
    std::string part;
    for (char c : token) {
      if (c != '.' && c != ',') {
        part += c;
        continue;
      }
      if (!part.empty()) tokens_.push_back(std::exchange(part, ""));
      tokens_.emplace_back(1, c);
    }
    if (!part.empty()) tokens_.push_back(std::move(part));
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<std::string> tokens_;
};

std::optional<int> Find(const Words& words, std::string_view token) {
  auto found = words.find(AsciiLower(token));
  if (found == words.end()) return {};
  return found->second;
}

bool IsLeap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
int DaysIn(int64_t year, int64_t month) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

// Up to three numbers of a date, and which of them are known to be what.
class DateParts {
 public:
  bool Add(int64_t value, bool is_year_sized, char label) {
    if (is_year_sized) {
      if (label != 0 && label != 'Y') return false;
      label = 'Y';
      has_century_ = true;
    }
    if (values_.size() == 3) return false;
    if (label == 'M' && std::exchange(month_at_, values_.size())) return false;
    if (label == 'Y' && std::exchange(year_at_, values_.size())) return false;
    values_.push_back(value);
    return true;
  }
  bool Add(std::string_view text, char label = 0) {
    if (!AllDigits(text) || text.size() > 9) return false;
    return Add(std::atoll(std::string(text).c_str()), text.size() > 2, label);
  }

  size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }

  bool CouldBeDay(double value) const {
    if (!month_at_) return value >= 1 && value <= 31;
    int64_t month = values_[*month_at_], year = year_at_ ? values_[*year_at_] : 2000;
    return month >= 1 && month <= 12 && value >= 1 && value <= DaysIn(year, month);
  }

  // Whether there is such a date.
  bool IsGood() {
    Resolve();
    if (year_) {
      if (*year_ < 100 && !has_century_) *year_ += *year_ < 69 ? 2000 : 1900;
      if (*year_ < 1 || *year_ > 9999) return false;
    }
    if (month_ && (*month_ < 1 || *month_ > 12)) return false;
    if (!day_) return true;
    int most = month_ ? DaysIn(year_.value_or(2000), *month_) : 31;
    return *day_ >= 1 && *day_ <= most;
  }

 private:
  using Part = std::optional<int64_t>;

  void Set(Part* first, Part* second, Part* third) {
    Part* parts[] = {first, second, third};
    for (size_t i = 0; i < values_.size(); i++) *parts[i] = values_[i];
  }

  void Resolve() {
    if (values_.size() == 3 && month_at_ && year_at_) {
      month_ = values_[*month_at_];
      year_ = values_[*year_at_];
      day_ = values_[3 - *month_at_ - *year_at_];
    } else if (values_.size() == 2 && month_at_ && year_at_) {
      month_ = values_[*month_at_];
      year_ = values_[*year_at_];
    } else if (values_.size() == 1) {
      if (month_at_)
        month_ = values_[0];
      else
        (year_at_ || values_[0] > 31 ? year_ : day_) = values_[0];
    } else if (values_.size() == 2) {
      ResolveTwo();
    } else if (values_.size() == 3) {
      ResolveThree();
    }
  }

  void ResolveTwo() {
    if (month_at_) {
      month_ = values_[*month_at_];
      int64_t other = values_[1 - *month_at_];
      (other > 31 ? year_ : day_) = other;
    } else if (values_[0] > 31) {
      Set(&year_, &month_, nullptr);
    } else if (values_[1] > 31) {
      Set(&month_, &year_, nullptr);
    } else {
      Set(&month_, &day_, nullptr);
    }
  }

  void ResolveThree() {
    bool second_is_year = values_[1] > 31;
    if (month_at_ == 0) {
      second_is_year ? Set(&month_, &year_, &day_) : Set(&month_, &day_, &year_);
    } else if (month_at_ == 1) {
      values_[0] > 31 ? Set(&year_, &month_, &day_) : Set(&day_, &month_, &year_);
    } else if (month_at_ == 2) {
      second_is_year ? Set(&day_, &year_, &month_) : Set(&year_, &day_, &month_);
    } else if (values_[0] > 31 || year_at_ == 0) {
      Set(&year_, &month_, &day_);
    } else if (values_[0] > 12) {
      Set(&day_, &month_, &year_);
    } else {
      Set(&month_, &day_, &year_);
    }
  }

  std::vector<int64_t> values_;
  std::optional<size_t> month_at_, year_at_;
  bool has_century_ = false;
  Part year_, month_, day_;
};

class Reader {
 public:
  explicit Reader(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  bool Read() {
    for (at_ = 0; at_ < tokens_.size(); at_++) {
      if (!One()) return false;
    }
    bool says_something = !date_.empty() || has_weekday_ || hour_ || minute_ || second_ || zone_;
    return says_something && date_.IsGood() && IsGoodTime();
  }

 private:
  bool Has(size_t ahead) const { return at_ + ahead < tokens_.size(); }
  const std::string& Ahead(size_t ahead) const { return tokens_[at_ + ahead]; }
  bool IsFiller(std::string_view token) const { return Find(Fillers(), token).has_value(); }

  bool IsGoodTime() const {
    return hour_.value_or(0) <= 23 && minute_.value_or(0) <= 59 && second_.value_or(0) <= 59;
  }

  bool One() {
    const std::string token = tokens_[at_];
    if (IsDigit(token[0])) return Number(token);
    if (Find(Weekdays(), token)) return has_weekday_ = true;
    if (std::optional<int> month = Find(Months(), token)) return Month(*month);
    if (std::optional<int> half = Find(Halves(), token)) return Half(*half);
    if (CouldBeZone(token)) return ZoneName(token);
    if (hour_ && (token == "+" || token == "-")) return Offset();
    return IsFiller(token);
  }

  // "Jan", "Jan-01", "Jan/01/99", "Jan of 01".
  bool Month(int month) {
    if (!date_.Add(month, false, 'M')) return false;
    if (!Has(1)) return true;
    const std::string separator = Ahead(1);
    if (separator == "-" || separator == "/") {
      if (!Has(2) || !date_.Add(Ahead(2))) return false;
      if (Has(3) && Ahead(3) == separator) {
        if (!Has(4) || !date_.Add(Ahead(4))) return false;
        at_ += 2;
      }
      at_ += 2;
    } else if (Has(4) && separator == " " && Ahead(3) == " " && AsciiLower(Ahead(2)) == "of") {
      if (AllDigits(Ahead(4)) && !OfYear(Ahead(4))) return false;
      at_ += 4;
    }
    return true;
  }

  bool OfYear(const std::string& text) {
    if (text.size() > 9) return false;
    int64_t year = std::atoll(text.c_str());
    if (year < 100) year += year < 69 ? 2000 : 1900;
    return date_.Add(year, true, 'Y');
  }

  bool Half(int half) {
    if (!hour_ || *hour_ > 12) return false;
    hour_ = Adjusted(*hour_, half);
    return true;
  }

  static int64_t Adjusted(int64_t hour, int half) {
    if (hour < 12 && half == 1) return hour + 12;
    return hour == 12 && half == 0 ? 0 : hour;
  }

  bool CouldBeZone(std::string_view token) const {
    if (!hour_ || has_zone_name_ || has_offset_ || token.size() > 5) return false;
    bool upper =
        std::all_of(token.begin(), token.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    return upper || token == "z";
  }

  bool ZoneName(const std::string& name) {
    zone_ = has_zone_name_ = true;
    bool is_utc = name == "UTC" || name == "GMT" || name == "Z" || name == "z";
    has_offset_ = is_utc;
    if (Has(1) && (Ahead(1) == "+" || Ahead(1) == "-")) {  // "GMT+3"
      has_offset_ = false;
      if (is_utc) has_zone_name_ = false;
    }
    return true;
  }

  // "+0200", "+02:00", "+02", and a name in parentheses behind it.
  bool Offset() {
    if (!Has(1)) return false;
    const std::string hours = Ahead(1);
    if (!AllDigits(hours)) return false;
    if (hours.size() == 4) {
      at_ += 1;
    } else if (Has(2) && Ahead(2) == ":") {
      if (!Has(3) || !AllDigits(Ahead(3))) return false;
      at_ += 3;
    } else if (hours.size() <= 2) {
      at_ += 1;
    } else {
      return false;
    }
    zone_ = has_offset_ = true;
    bool named = Has(4) && IsFiller(Ahead(1)) && Ahead(2) == "(" && Ahead(4) == ")" &&
                 Ahead(3).size() >= 3 && !has_zone_name_;
    if (named) {
      has_offset_ = false;
      bool fits = CouldBeZone(Ahead(3));
      has_offset_ = true;
      if (fits) {
        has_zone_name_ = true;
        at_ += 4;
      }
    }
    return true;
  }

  bool Number(const std::string& token);
  bool Hours(double value);
  bool Separated(const std::string& token);
  bool Seconds(const std::string& text);
  void MinutesAndSeconds(double minutes) {
    minute_ = static_cast<int64_t>(minutes);
    second_.reset();
    double rest = minutes - std::floor(minutes);
    if (rest > 0) second_ = static_cast<int64_t>(60 * rest);
  }
  // The token that says what the number at at_ counts.
  std::optional<size_t> UnitAt() const {
    if (Has(1) && Find(Units(), Ahead(1))) return at_ + 1;
    if (Has(2) && Ahead(1) == " " && Find(Units(), Ahead(2))) return at_ + 2;
    if (at_ > 0 && Find(Units(), tokens_[at_ - 1])) return at_ - 1;
    bool is_last = at_ + 1 == tokens_.size();
    if (at_ > 1 && is_last && tokens_[at_ - 1] == " " && Find(Units(), tokens_[at_ - 2]))
      return at_ - 2;
    return {};
  }
  bool WithUnit(const std::string& token, size_t unit_at);

  std::vector<std::string> tokens_;
  size_t at_ = 0;
  DateParts date_;
  bool has_weekday_ = false, zone_ = false, has_zone_name_ = false, has_offset_ = false;
  std::optional<int64_t> hour_, minute_, second_;
};

int64_t Whole(std::string_view text) { return std::atoll(std::string(text).c_str()); }

bool Reader::Seconds(const std::string& text) {
  size_t point = text.find('.');
  if (!AllDigits(text.substr(0, point))) return false;
  if (point != std::string::npos && !AllDigits(text.substr(point + 1))) return false;
  second_ = Whole(text);
  return true;
}

bool Reader::Number(const std::string& token) {
  size_t size = token.size(), point = token.find('.');
  char* end = nullptr;
  double value = std::strtod(token.c_str(), &end);
  constexpr double kValueMax = 1e15;
  if (end != token.c_str() + size || value > kValueMax) return false;  // "31,56.8", "28.Z"
  bool alone = !Has(1) || (Ahead(1) != ":" && !Find(Units(), Ahead(1)));
  if (date_.size() == 3 && (size == 2 || size == 4) && !hour_ && alone) {
    if (point != std::string::npos) return false;  // 20050820T10[36]
    hour_ = Whole(token.substr(0, 2));
    if (size == 4) minute_ = Whole(token.substr(2));
    return true;
  }
  if (size == 6 || (size > 6 && point == 6)) {  // YYMMDD, HHMMSS[.ss]
    if (date_.empty() && point == std::string::npos)
      return date_.Add(token.substr(0, 2)) && date_.Add(token.substr(2, 2)) &&
             date_.Add(token.substr(4));
    if (point < 6) return false;
    hour_ = Whole(token.substr(0, 2));
    minute_ = Whole(token.substr(2, 2));
    return Seconds(token.substr(4));
  }
  if (size == 8 || size == 12 || size == 14) {  // YYYYMMDD[HHMM[SS]]
    if (point != std::string::npos) return false;
    if (!date_.Add(token.substr(0, 4), 'Y') || !date_.Add(token.substr(4, 2)) ||
        !date_.Add(token.substr(6, 2)))
      return false;
    if (size > 8) hour_ = Whole(token.substr(8, 2));
    if (size > 8) minute_ = Whole(token.substr(10, 2));
    if (size > 12) second_ = Whole(token.substr(12));
    return true;
  }
  if (std::optional<size_t> unit = UnitAt()) return WithUnit(token, *unit);
  if (Has(2) && Ahead(1) == ":") return Hours(value);
  if (Has(1) && (Ahead(1) == "-" || Ahead(1) == "/" || Ahead(1) == ".")) return Separated(token);
  if (!Has(1) || IsFiller(Ahead(1))) {
    std::optional<int> half = Has(2) ? Find(Halves(), Ahead(2)) : std::nullopt;
    if (half) {  // "12 am"
      hour_ = Adjusted(static_cast<int64_t>(value), *half);
      at_ += 2;
      return true;
    }
    at_ += 1;
    return value <= 1e9 && date_.Add(static_cast<int64_t>(value), value > 100, 0);
  }
  if (std::optional<int> half = Find(Halves(), Ahead(1)); half && value < 24) {  // "12am"
    hour_ = Adjusted(static_cast<int64_t>(value), *half);
    at_ += 1;
    return true;
  }
  return date_.CouldBeDay(value) && date_.Add(static_cast<int64_t>(value), false, 0);
}

// "10h", "36 m", "28.5 s"; a number behind a unit is of the next smaller one ("10h36").
bool Reader::WithUnit(const std::string& token, size_t unit_at) {
  double value = std::strtod(token.c_str(), nullptr);
  int unit = *Find(Units(), tokens_[unit_at]) + (unit_at > at_ ? 0 : 1);
  if (unit_at > at_) at_ = unit_at;
  if (unit == 0) {
    hour_ = static_cast<int64_t>(value);
    double rest = value - std::floor(value);
    if (rest > 0) minute_ = static_cast<int64_t>(60 * rest);
  } else if (unit == 1) {
    MinutesAndSeconds(value);
  } else if (unit == 2) {
    return Seconds(token);
  }
  return true;
}

// "10:36", "10:36:28.5"
bool Reader::Hours(double value) {
  hour_ = static_cast<int64_t>(value);
  const std::string minutes = Ahead(2);
  char* end = nullptr;
  double past = std::strtod(minutes.c_str(), &end);
  if (!IsDigit(minutes[0]) || *end != '\0' || past > 1e9) return false;
  MinutesAndSeconds(past);
  if (Has(4) && Ahead(3) == ":") {
    if (!Seconds(Ahead(4))) return false;
    at_ += 2;
  }
  at_ += 2;
  return true;
}

// "20-08-2005", "20/Aug/2005", "08.20"
bool Reader::Separated(const std::string& token) {
  const std::string separator = Ahead(1);
  if (!date_.Add(token)) return false;
  if (Has(2) && !IsFiller(Ahead(2))) {
    std::optional<int> month = Find(Months(), Ahead(2));
    bool added = AllDigits(Ahead(2)) ? date_.Add(Ahead(2)) : month && date_.Add(*month, false, 'M');
    if (!added) return false;
    if (Has(3) && Ahead(3) == separator) {
      if (!Has(4)) return false;
      std::optional<int> last = Find(Months(), Ahead(4));
      if (!(last ? date_.Add(*last, false, 'M') : date_.Add(Ahead(4)))) return false;
      at_ += 2;
    }
    at_ += 1;
  }
  at_ += 1;
  return true;
}

}  // namespace

bool IsLooseTime(std::string_view text) {
  if (text.empty() || text.size() > kLengthMax) return false;
  return Reader(Tokens(text).All()).Read();
}

}  // namespace andon::quality
