// Conversion: turns a value into the type that its reader asks for, by the rules of
// go-cty, so that what Terraform accepts is accepted and nothing else.
//
// A conversion is safe where no value of the type can fail ("number to string") and
// unsafe where some can ("string to number"). Unification, which finds the one type
// of several, only uses safe ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "value/path.h"
#include "value/type.h"
#include "value/value.h"

namespace andon::value {

struct ConversionError {
  Path path;            // Empty where the value as a whole does not fit.
  std::string message;  // "a number is required"; no full stop.
};

// "a.b[0]: a number is required", or the message alone for the empty path.
std::string ToString(const ConversionError& error);

// The value in `wanted`, marks kept, unknown for unknown. Where `wanted` holds
// "dynamic", that part keeps the type it has. kInvalid with ToString of the
// ConversionError, which `why` receives where it is given.
Result<Value> Convert(const Value& value, const Type& wanted, ConversionError* why = nullptr);

// Whether values of `from` can be converted: all of them (safe), or some.
bool CanConvertSafely(const Type& from, const Type& to);
bool CanConvert(const Type& from, const Type& to);

// Why values of type `got` cannot be converted: "list of string required".
std::string MismatchMessage(const Type& got, const Type& wanted);
// The same with the path into the type at which it fails first.
ConversionError MismatchError(const Type& got, const Type& wanted);

// The one type that all can be converted to; empty where there is none. Dynamic
// where that depends on something unknown. `unsafe` allows conversions that may fail.
std::optional<Type> Unify(const std::vector<Type>& types, bool unsafe = false);

}  // namespace andon::value
