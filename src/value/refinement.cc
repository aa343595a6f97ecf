#include "value/refinement.h"

namespace andon::value {
namespace {

// Every number of `a` is below every number of `b`; or, with `or_equal`, not above.
bool EndsBefore(const Refinement& a, const Refinement& b, bool or_equal) {
  if (!a.max || !b.min) return false;
  if (a.max->at < b.min->at) return true;
  if (a.max->at != b.min->at) return false;
  return or_equal || !a.max->is_inclusive || !b.min->is_inclusive;
}

}  // namespace

std::optional<bool> IsLess(const Refinement& a, const Refinement& b) {
  if (EndsBefore(a, b, false)) return true;
  if (EndsBefore(b, a, true)) return false;
  return std::nullopt;
}

std::optional<bool> IsLessOrEqual(const Refinement& a, const Refinement& b) {
  if (EndsBefore(a, b, true)) return true;
  if (EndsBefore(b, a, false)) return false;
  return std::nullopt;
}

Refinement Exactly(const Number& number) {
  return {.not_null = true, .min = Bound{number}, .max = Bound{number}};
}

bool Includes(const Refinement& range, const Number& number) {
  Refinement one = Exactly(number);
  return !EndsBefore(range, one, false) && !EndsBefore(one, range, false);
}

std::string_view SafePrefix(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.remove_suffix(1);
  auto joins = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '<' ||
           c == '>' || c == '=' || c == '\r';
  };
  if (!text.empty() && joins(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace andon::value
