// Path: the way from a value to a part of it, `.a["b"][0]`.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "value/value.h"

namespace andon::value {

struct AttributeStep {
  std::string name;
  bool operator==(const AttributeStep&) const = default;
};

// Into a list or tuple by number, a map by string, a set by the element itself.
struct IndexStep {
  Value key;
  bool operator==(const IndexStep&) const = default;
};

using Step = std::variant<AttributeStep, IndexStep>;

class Path {
 public:
  Path() = default;
  explicit Path(std::vector<Step> steps) : steps_(std::move(steps)) {}

  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  Path Attribute(std::string_view name) const;
  Path Index(Value key) const;

  // The part, with the marks on the way; kInvalid with the step that does not fit.
  Result<Value> Apply(const Value& value) const;

  bool HasPrefix(const Path& prefix) const;
  bool operator==(const Path&) const = default;

 private:
  std::vector<Step> steps_;
};

// `.a["b"][0]`; a set's element is shown as `[...]` unless it is primitive. Empty for
// the empty path.
std::string ToString(const Path& path);

struct PathMarks {
  Path path;
  Marks marks;
};

// The value without marks, and where they were.
std::pair<Value, std::vector<PathMarks>> UnmarkDeepWithPaths(const Value& value);
// The value with marks at the paths; paths that lead nowhere are passed over.
Value MarkWithPaths(const Value& value, const std::vector<PathMarks>& marks);

}  // namespace andon::value
