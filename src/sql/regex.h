// Regular expressions as their writers mean them.
#pragma once

#include <string>
#include <string_view>

namespace andon::sql {

// RE2 takes \w, \d and \s for ASCII only, where Python and PostgreSQL mean every letter, digit and
// space: "été" is a word. The same expression with Unicode's classes in their place; what is no
// such class stays as it is.
std::string WithUnicodeClasses(std::string_view regex);

}  // namespace andon::sql
