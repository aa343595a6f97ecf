// ASSERT: for mistakes of the programmer, in every build; never for input.
#pragma once

namespace andon {

// Prints the place and the condition to stderr and aborts.
[[noreturn]] void AssertFailed(const char* condition, const char* file, int line);

}  // namespace andon

#define ASSERT(condition)                                         \
  do {                                                            \
    if (__builtin_expect(!(condition), 0))                        \
      ::andon::AssertFailed(#condition, __FILE_NAME__, __LINE__); \
  } while (false)
