#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace andon {

void AssertFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr,
               "andon: internal error: %s does not hold (%s:%d). This is a defect of Andon.\n",
               condition, file, line);
  std::abort();
}

}  // namespace andon
