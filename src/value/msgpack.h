// Values as MessagePack, the form in which plugins exchange them. Bytes are read
// and written by a type that both sides know:
//
//   null              nil
//   unknown           extension 0, one byte; with refinements extension 12, a map
//   string, bool      str, bool
//   number            the shortest integer; float 64 where that is exact; else its
//                     decimal digits as a str, so that 512 bits survive
//   list, set, tuple  array; sets in their canonical order
//   map, object       map with str keys, ordered
//   dynamic           array of two: the type's JSON as bin, and the value
//
// Refinements are kept; others (a prefix, bounds) are read,
// checked for their form, and left out, which makes a value less known, never wrong.
#pragma once

#include <string>
#include <string_view>

#include "value/value.h"

namespace andon::value {

// Values that are nested deeper are refused in both directions. Types end at
// kTypeDepthMax; this bounds dynamic values inside of dynamic values too.
inline constexpr int kMsgpackDepthMax = 512;

// kInvalid, with the path, where the value does not have the type or has marks: a
// caller takes these off first and remembers where they were.
Result<std::string> ToMsgpack(const Value& value, const Type& type);
// kInvalid, with the path, where the bytes are no value of the type. Bytes behind
// the value are not looked at.
Result<Value> FromMsgpack(std::string_view bytes, const Type& type);

}  // namespace andon::value
