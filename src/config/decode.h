// From an evaluated body to the object that it declares, by the block's schema:
// conversion, allowed words, forms, did-you-mean for every name inside of objects.
// A mistake is reported once and leaves its attribute out.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "config/module.h"
#include "hcl/eval.h"
#include "value/value.h"

namespace andon::config {

// Where the parts of an object are written: "" (the header), "sql", "columns",
// "columns.amount", "checks.amount_in_range", "load.mode".
using Positions = std::map<std::string, SourceRange, std::less<>>;

struct Decoded {
  value::Value object;  // Only what is set; in the order of the source.
  Positions positions;
  std::vector<std::pair<std::string, std::string>> texts;  // SQL files, for Sources.
  Diagnostics diagnostics;
};

// `skip`: attributes whose references are known to be wrong already. `dir` is the
// module's folder, which SQL files are named relative to.
Decoded Decode(const DataBlock& block, const hcl::EvalContext& context, const std::string& dir,
               const std::set<std::string_view>& skip = {});

// One call of an expectation as a value: its type, its arguments and where it
// stands, which goes along through locals, concat and for.
value::Value CheckValue(std::string_view type, value::Value::Members kwargs,
                        const SourceRange& call);
// The range that CheckValue put in; empty where it is no check.
SourceRange CallOf(const value::Value& check);

// "file:line".
std::string FileLine(const SourceRange& range);

}  // namespace andon::config
