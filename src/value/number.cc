#include "value/number.h"

#include <fmt/format.h>
#include <mpfr.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <vector>

namespace andon::value {

// Exponents that a text may have: the digits of 10^100,000 still fit into a line
// of a log; those of 10^1,000,000,000 fit into no memory.
constexpr int64_t kExponentMax = 100'000;
// Digits of an integer in text; 512 bits are 155 of them.
constexpr size_t kDigitsMax = 100'000;

namespace {

// MPFR keeps memory of its own for each thread, and leaves it there when the thread ends.
struct ThreadMemory {
  ~ThreadMemory() { mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE); }
};

}  // namespace

class Number::Big {
 public:
  explicit Big(int precision) {
    thread_local ThreadMemory memory;
    (void)memory;
    mpfr_init2(value_, precision);
  }
  ~Big() { mpfr_clear(value_); }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
  mpfr_ptr get() { return value_; }
  mpfr_srcptr get() const { return value_; }

 private:
  mpfr_t value_;
};

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The text is a decimal literal; *exponent receives its magnitude in powers of ten.
bool IsDecimal(std::string_view text, int64_t* exponent) {
  size_t i = 0;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  size_t digits = 0;
  int64_t whole = 0;
  for (; i < text.size() && IsDigit(text[i]); ++i, ++digits) ++whole;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && IsDigit(text[i]); ++i) ++digits;
  }
  if (digits == 0) return false;
  int64_t e = 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool negative = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (i == text.size()) return false;
    for (; i < text.size() && IsDigit(text[i]); ++i) {
      e = std::min<int64_t>(e * 10 + (text[i] - '0'), int64_t{1} << 40);
    }
    if (negative) e = -e;
  }
  *exponent = e + whole;
  return i == text.size();
}

struct Digits {
  bool negative = false;
  std::string digits;  // Without trailing zeros; "0" for zero.
  int64_t point = 0;   // The value is 0.digits × 10^point.
};

Digits NearestDigits(mpfr_srcptr value, size_t count) {
  mpfr_exp_t exponent = 0;
  char* text = mpfr_get_str(nullptr, &exponent, 10, count, value, MPFR_RNDN);
  Digits result;
  std::string_view all(text);
  if (all.starts_with('-')) {
    result.negative = true;
    all.remove_prefix(1);
  }
  size_t last = all.find_last_not_of('0');
  result.digits = last == std::string_view::npos ? "0" : std::string(all.substr(0, last + 1));
  result.point = exponent;
  mpfr_free_str(text);
  return result;
}

std::string ScientificText(const Digits& d) {
  return fmt::format("{}0.{}e{}", d.negative ? "-" : "", d.digits, d.point);
}

bool ReadsBack(const Digits& digits, mpfr_srcptr value, mpfr_ptr scratch) {
  mpfr_strtofr(scratch, ScientificText(digits).c_str(), nullptr, 10, MPFR_RNDN);
  return mpfr_equal_p(scratch, value) != 0;
}

// The fewest digits that read back to `value` at its precision. A nearest decimal of
// more digits lies nearer, so that the count can be found by bisection.
Digits ShortestDigits(mpfr_srcptr value) {
  auto precision = mpfr_get_prec(value);
  mpfr_t scratch;
  mpfr_init2(scratch, precision);
  size_t high = static_cast<size_t>(2 + std::ceil(static_cast<double>(precision) * 0.30103));
  // Most numbers have few digits: try as many as a double has before all of them.
  if (high > 17 && ReadsBack(NearestDigits(value, 17), value, scratch)) high = 17;
  size_t low = 1;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (ReadsBack(NearestDigits(value, middle), value, scratch)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  mpfr_clear(scratch);
  return NearestDigits(value, low);
}

std::string Positional(const Digits& d) {
  std::string out = d.negative ? "-" : "";
  auto size = static_cast<int64_t>(d.digits.size());
  if (d.point <= 0) {
    out += "0." + std::string(static_cast<size_t>(-d.point), '0') + d.digits;
  } else if (d.point >= size) {
    out += d.digits + std::string(static_cast<size_t>(d.point - size), '0');
  } else {
    out += d.digits.substr(0, static_cast<size_t>(d.point)) + "." +
           d.digits.substr(static_cast<size_t>(d.point));
  }
  return out;
}

std::string Exponential(const Digits& d, char verb) {
  std::string out = d.negative ? "-" : "";
  out += d.digits[0];
  if (d.digits.size() > 1) out += "." + d.digits.substr(1);
  int64_t exponent = d.digits == "0" ? 0 : d.point - 1;
  return out + fmt::format("{}{}{:02}", verb, exponent < 0 ? '-' : '+', std::abs(exponent));
}

std::string Infinite(int sign) { return sign < 0 ? "-Inf" : "+Inf"; }

}  // namespace

Number::Number(Exact, uint64_t integer) {
  if (integer <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    integer_ = static_cast<int64_t>(integer);
    return;
  }
  auto big = std::make_shared<Big>(kPrecision);
  mpfr_set_ui(big->get(), integer, MPFR_RNDN);
  *this = FromBig(std::move(big), kPrecision);
}

Number Number::FromDouble(double real) {
  ASSERT(!std::isnan(real));
  Number result;
  result.precision_ = 53;
  if (real == std::trunc(real) && std::fabs(real) < 9.2e18 && !(real == 0 && std::signbit(real))) {
    result.integer_ = static_cast<int64_t>(real);
    return result;
  }
  result.kind_ = Kind::kDouble;
  result.real_ = real;
  return result;
}

Number Number::FromBig(std::shared_ptr<const Big> big, int precision) {
  Number result;
  result.precision_ = static_cast<int16_t>(precision);
  mpfr_srcptr value = big->get();
  bool negative_zero = mpfr_zero_p(value) && mpfr_signbit(value);
  if (!negative_zero && mpfr_integer_p(value) && mpfr_fits_slong_p(value, MPFR_RNDN)) {
    result.integer_ = mpfr_get_si(value, MPFR_RNDN);
    return result;
  }
  double real = mpfr_get_d(value, MPFR_RNDN);
  if (mpfr_inf_p(value) || (std::isfinite(real) && mpfr_cmp_d(value, real) == 0)) {
    result.kind_ = Kind::kDouble;
    result.real_ = real;
    return result;
  }
  result.kind_ = Kind::kBig;
  result.big_ = std::move(big);
  return result;
}

std::shared_ptr<const Number::Big> Number::ToBig() const {
  if (kind_ == Kind::kBig) return big_;
  auto big = std::make_shared<Big>(std::max<int>(precision_, 64));
  if (kind_ == Kind::kInteger) {
    mpfr_set_si(big->get(), integer_, MPFR_RNDN);
  } else {
    mpfr_set_d(big->get(), real_, MPFR_RNDN);
  }
  return big;
}

Result<Number> Number::Parse(std::string_view text) {
  int64_t exponent = 0;
  if (!IsDecimal(text, &exponent)) return Error::Invalid("a number is required");
  // Whole numbers of up to 18 digits need no floats.
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.size() <= 18) {
    int64_t integer = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
    bool is_negative_zero = integer == 0 && digits.starts_with('-');
    if (error == std::errc() && end == digits.data() + digits.size() && !is_negative_zero)
      return Number(integer);
  }
  if (std::abs(exponent) > kExponentMax || text.size() > kDigitsMax) {
    return Error::Invalid("a number between 1e-{} and 1e{} is required", kExponentMax,
                          kExponentMax);
  }
  auto big = std::make_shared<Big>(kPrecision);
  mpfr_strtofr(big->get(), std::string(text).c_str(), nullptr, 10, MPFR_RNDN);
  return FromBig(std::move(big), kPrecision);
}

Result<Number> Number::ParseInteger(std::string_view text, int base) {
  ASSERT(base >= 2 && base <= 62);
  bool negative = text.starts_with('-');
  std::string digits(text.substr(negative || text.starts_with('+') ? 1 : 0));
  if (digits.empty() || digits.size() > kDigitsMax) return Error::Invalid("not an integer");
  for (char& c : digits) {
    int digit = -1;
    if (IsDigit(c)) digit = c - '0';
    if (c >= 'a' && c <= 'z') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') digit = c - 'A' + (base > 36 ? 36 : 10);
    if (digit < 0 || digit >= base) return Error::Invalid("not an integer in base {}", base);
    // GMP has the capitals first where the base tells them apart.
    if (base > 36 && c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 'a' + 'A');
    } else if (base > 36 && c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  mpz_t integer;
  mpz_init(integer);
  mpz_set_str(integer, digits.c_str(), base);
  if (negative) mpz_neg(integer, integer);
  auto big = std::make_shared<Big>(kPrecision);
  mpfr_set_z(big->get(), integer, MPFR_RNDN);
  mpz_clear(integer);
  return FromBig(std::move(big), kPrecision);
}

Number Number::WithPrecision(int bits) const {
  if (kind_ == Kind::kBig && bits < precision_) {
    auto big = std::make_shared<Big>(bits);
    mpfr_set(big->get(), big_->get(), MPFR_RNDN);
    return FromBig(std::move(big), bits);
  }
  Number result = *this;
  result.precision_ = static_cast<int16_t>(bits);
  return result;
}

bool Number::is_integer() const {
  switch (kind_) {
    case Kind::kInteger:
      return true;
    case Kind::kDouble:
      return std::isfinite(real_) && real_ == std::trunc(real_);
    case Kind::kBig:
      return mpfr_integer_p(big_->get()) != 0;
  }
  return false;
}

bool Number::is_infinite() const { return kind_ == Kind::kDouble && std::isinf(real_); }

int Number::sign() const {
  switch (kind_) {
    case Kind::kInteger:
      return integer_ < 0 ? -1 : integer_ > 0 ? 1 : 0;
    case Kind::kDouble:
      return real_ < 0 ? -1 : real_ > 0 ? 1 : 0;
    case Kind::kBig:
      return mpfr_sgn(big_->get());
  }
  return 0;
}

std::optional<int64_t> Number::ToInt64() const {
  if (kind_ == Kind::kInteger) return integer_;
  if (is_zero()) return 0;  // Negative zero is the only double that is an int64.
  return std::nullopt;
}

double Number::ToDouble() const {
  switch (kind_) {
    case Kind::kInteger:
      return static_cast<double>(integer_);
    case Kind::kDouble:
      return real_;
    case Kind::kBig:
      return mpfr_get_d(big_->get(), MPFR_RNDN);
  }
  return 0;
}

std::string Number::ToString() const {
  if (kind_ == Kind::kInteger) {
    constexpr int64_t kExact53 = int64_t{1} << 53;
    if (precision_ >= 64 || std::abs(static_cast<double>(integer_)) <= double{kExact53}) {
      return fmt::format("{}", integer_);
    }
  }
  return Format('f', -1);
}

std::string Number::Format(char verb, int precision) const {
  // Small integers are most of all numbers, and need no floats: all their digits count.
  constexpr int64_t kDigits = 10, kSmall = 1'000'000'000;
  bool is_plain = kind_ == Kind::kInteger && verb == 'g' && precision >= kDigits &&
                  integer_ > -kSmall && integer_ < kSmall;
  if (is_plain) return fmt::format("{}", integer_);
  if (is_infinite()) return Infinite(sign());
  auto big = ToBig();
  std::shared_ptr<const Big> rounded = big;
  if (precision_ < 64) {
    auto copy = std::make_shared<Big>(precision_);
    mpfr_set(copy->get(), big->get(), MPFR_RNDN);
    rounded = std::move(copy);
  }
  if (precision >= 0) {
    std::string format = fmt::format("%.{}R{}", std::min(precision, 10'000), verb);
    char* text = nullptr;
    if (mpfr_asprintf(&text, format.c_str(), rounded->get()) < 0) return "";
    std::string result(text);
    mpfr_free_str(text);
    return result;
  }
  Digits digits = ShortestDigits(rounded->get());
  bool far = std::abs(digits.point) > 2 * kExponentMax;
  char lower = static_cast<char>(verb | 0x20);
  char e = verb < 'a' ? 'E' : 'e';
  if (lower == 'e' || far) return Exponential(digits, e);
  if (lower == 'g') {
    // An exponent below 1e-4 and from 1e6 on, however many digits there are.
    int64_t exponent = digits.digits == "0" ? 0 : digits.point - 1;
    if (exponent < -4 || exponent >= 6) return Exponential(digits, e);
  }
  if (digits.digits == "0") return digits.negative ? "-0" : "0";
  return Positional(digits);
}

std::string Number::IntegerText(int base) const {
  ASSERT(base >= 2 && base <= 62 && !is_infinite());
  mpz_t integer;
  mpz_init(integer);
  mpfr_get_z(integer, ToBig()->get(), MPFR_RNDZ);
  std::vector<char> text(mpz_sizeinbase(integer, base) + 2);
  mpz_get_str(text.data(), base, integer);
  mpz_clear(integer);
  return text.data();
}

namespace {

using Operation = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);

}  // namespace

Number Number::operator-() const {
  Number result = *this;
  if (kind_ == Kind::kInteger && integer_ == 0) {
    // Zero has a sign, and the console shows it.
    result.kind_ = Kind::kDouble;
    result.real_ = -0.0;
  } else if (is_zero()) {
    return Number(0).WithPrecision(precision_);
  } else if (kind_ == Kind::kInteger && integer_ != std::numeric_limits<int64_t>::min()) {
    result.integer_ = -integer_;
  } else if (kind_ == Kind::kDouble) {
    result.real_ = -real_;
    // 2^63 is a double and its negative an int64.
    if (result.real_ == -0x1p63) {
      result.kind_ = Kind::kInteger;
      result.integer_ = std::numeric_limits<int64_t>::min();
    }
  } else {
    auto big = std::make_shared<Big>(std::max<int>(precision_, 64));
    mpfr_neg(big->get(), ToBig()->get(), MPFR_RNDN);
    return FromBig(std::move(big), precision_);
  }
  return result;
}

#define ANDON_ROUND(name, function)                                  \
  Number Number::name() const {                                      \
    if (kind_ == Kind::kInteger || is_infinite()) return *this;      \
    auto big = std::make_shared<Big>(std::max<int>(precision_, 64)); \
    function(big->get(), ToBig()->get());                            \
    return FromBig(std::move(big), precision_);                      \
  }
ANDON_ROUND(Floor, mpfr_floor)
ANDON_ROUND(Ceil, mpfr_ceil)
ANDON_ROUND(Truncate, mpfr_trunc)
#undef ANDON_ROUND

Number Number::Calculate(Calculation calculation, const Number& a, const Number& b) {
  int precision = std::max(a.precision_, b.precision_);
  if (a.kind_ == Kind::kInteger && b.kind_ == Kind::kInteger && precision >= 64) {
    int64_t result = 0;
    bool exact = false;
    switch (calculation) {
      case Calculation::kAdd:
        exact = !__builtin_add_overflow(a.integer_, b.integer_, &result);
        break;
      case Calculation::kSubtract:
        exact = !__builtin_sub_overflow(a.integer_, b.integer_, &result);
        break;
      case Calculation::kMultiply:
        exact = !__builtin_mul_overflow(a.integer_, b.integer_, &result) &&
                (result != 0 || (a.integer_ >= 0 && b.integer_ >= 0));
        break;
      case Calculation::kDivide:
        exact = b.integer_ != 0 && b.integer_ != -1 && a.integer_ % b.integer_ == 0 &&
                (a.integer_ != 0 || b.integer_ > 0);
        if (exact) result = a.integer_ / b.integer_;
        break;
    }
    if (exact) return Number(result).WithPrecision(precision);
  }
  auto big = std::make_shared<Big>(precision);
  auto x = a.ToBig();
  auto y = b.ToBig();
  Operation operation = calculation == Calculation::kAdd        ? mpfr_add
                        : calculation == Calculation::kSubtract ? mpfr_sub
                        : calculation == Calculation::kMultiply ? mpfr_mul
                                                                : mpfr_div;
  operation(big->get(), x->get(), y->get(), MPFR_RNDN);
  // Infinity against infinity: there is no number for it; the callers refuse it.
  if (mpfr_nan_p(big->get())) mpfr_set_ui(big->get(), 0, MPFR_RNDN);
  return FromBig(std::move(big), precision);
}

Number operator+(const Number& a, const Number& b) {
  return Number::Calculate(Number::Calculation::kAdd, a, b);
}
Number operator-(const Number& a, const Number& b) {
  return Number::Calculate(Number::Calculation::kSubtract, a, b);
}
Number operator*(const Number& a, const Number& b) {
  return Number::Calculate(Number::Calculation::kMultiply, a, b);
}
Number operator/(const Number& a, const Number& b) {
  return Number::Calculate(Number::Calculation::kDivide, a, b);
}

Number operator%(const Number& a, const Number& b) {
  if (a.is_infinite() || b.is_infinite()) return a * b;
  if (b.is_zero()) return a;
  if (auto x = a.ToInt64(), y = b.ToInt64(); x && y) {
    return Number(*y == -1 ? 0 : *x % *y).WithPrecision(std::max(a.precision(), b.precision()));
  }
  return a - b * (a / b).Truncate();
}

int Number::Compare(const Number& a, const Number& b) {
  if (a.kind_ == Kind::kInteger && b.kind_ == Kind::kInteger) {
    return a.integer_ < b.integer_ ? -1 : a.integer_ > b.integer_ ? 1 : 0;
  }
  if (a.kind_ == Kind::kDouble && b.kind_ == Kind::kDouble) {
    return a.real_ < b.real_ ? -1 : a.real_ > b.real_ ? 1 : 0;
  }
  int order = mpfr_cmp(a.ToBig()->get(), b.ToBig()->get());
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

size_t Number::Hash() const {
  // Equal numbers have the same kind: what fits an int64 is one, what fits a double
  // is one. Big ones hash by their nearest double.
  if (kind_ == Kind::kInteger) return std::hash<int64_t>()(integer_);
  if (is_zero()) return std::hash<int64_t>()(0);
  return std::hash<double>()(ToDouble());
}

}  // namespace andon::value
