#include "provider/problem.h"

namespace andon::provider {

std::string ToString(const Problem& problem) {
  return problem.path.empty() ? problem.text : value::ToString(problem.path) + ": " + problem.text;
}

}  // namespace andon::provider
