#include "quality/expectation.h"

#include <algorithm>

namespace andon::quality {

#define EXPECTATION(variable) extern const Expectation variable;
#define EXPECTATIONS(variable) extern const std::vector<Expectation> variable;
#include "quality/expectations.inc"
#undef EXPECTATION
#undef EXPECTATIONS

const std::vector<const Expectation*>& AllExpectations() {
  static const std::vector<const Expectation*> kAll = [] {
    std::vector<const Expectation*> all;
#define EXPECTATION(variable) all.push_back(&variable);
#define EXPECTATIONS(variable) \
  for (const Expectation& expectation : variable) all.push_back(&expectation);
#include "quality/expectations.inc"
#undef EXPECTATION
#undef EXPECTATIONS
    std::sort(all.begin(), all.end(),
              [](auto* a, auto* b) { return std::string_view(a->name) < b->name; });
    return all;
  }();
  return kAll;
}

const Expectation* FindExpectation(std::string_view name) {
  const std::vector<const Expectation*>& all = AllExpectations();
  auto found = std::lower_bound(
      all.begin(), all.end(), name,
      [](const Expectation* a, auto& wanted) { return std::string_view(a->name) < wanted; });
  return found != all.end() && (*found)->name == name ? *found : nullptr;
}

std::vector<std::string> ColumnsOf(const Expectation& expectation, const Json& kwargs) {
  std::vector<std::string> columns;
  const ColumnIndex no_columns;
  Args args(kwargs, no_columns);
  for (const Param& param : expectation.params) {
    if (param.kind != ParamKind::kColumn && param.kind != ParamKind::kColumns) continue;
    for (std::string& column : args.Strings(param)) {
      if (std::find(columns.begin(), columns.end(), column) == columns.end())
        columns.push_back(std::move(column));
    }
  }
  return columns;
}

}  // namespace andon::quality
