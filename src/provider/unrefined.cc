#include "provider/unrefined.h"

#include "provider/elements.h"

namespace andon::provider {

using value::Value;

namespace {

Value Unrefined(const Value& value) {
  if (value.is_wholly_known()) return value;
  if (!value.is_known()) return Value::Unknown(value.type()).WithMarks(value.marks());
  return ChangeElements(value, Unrefined);
}

}  // namespace

bool EqualUnrefined(const Value& a, const Value& b) {
  if (a.RawEquals(b)) return true;
  // Refinements are of unknown parts only: both have some, or they differ.
  if (a.is_wholly_known() || b.is_wholly_known()) return false;
  return Unrefined(a).RawEquals(Unrefined(b));
}

}  // namespace andon::provider
