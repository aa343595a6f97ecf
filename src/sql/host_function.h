// HostFunction: a predicate that SQL cannot say, written in C++ and called by the engine for each
// row; so one expectation is one expression, on files and on SQLite alike.
//
//   constexpr HostFunction kIsJson = {"andon_is_json", [](std::string_view text, std::string_view)
//   {
//     return Json::Parse(text).ok();
//   }};
//   TRY(session.Register({kIsJson}));
//   TRY(session.Query("SELECT count(*) FROM payment WHERE NOT andon_is_json(note, '')"));
#pragma once

#include <string_view>

namespace andon::sql {

// In SQL: name(value, argument), both text, gives a boolean; null where either is null.
struct HostFunction {
  const char* name;  // Of static storage; a lower-case identifier.
  // Thread: any, several at once. Pure: the engine may call it less often than there are rows.
  // What is costly to read out of `argument` (a schema, a format) is best kept by it for its
  // thread: the argument is nearly always the same.
  bool (*test)(std::string_view value, std::string_view argument);
};

}  // namespace andon::sql
