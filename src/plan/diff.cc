#include "plan/diff.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "config/value_json.h"

namespace andon::plan {
namespace {

using value::Value;

bool IsObject(const Value& value) {
  return value.is_known_not_null() && (value.type().is_object() || value.type().is_map());
}

std::vector<std::string> NamesOf(const Value& value) {
  if (!IsObject(value)) return {};
  if (value.type().is_object()) return value.attribute_order();
  std::vector<std::string> names;
  for (const auto& [name, unused] : value.members()) names.push_back(name);
  return names;
}

// "file:line" of the part or of the nearest one around it.
std::string PositionOf(const Json& positions, std::vector<std::string> path) {
  while (!path.empty()) {
    const Json& at = positions[Join(path, ".")];
    if (at.is_string()) return at.AsString();
    path.pop_back();
  }
  return positions[""].AsString();
}

class Differ {
 public:
  explicit Differ(const Json& positions) : positions_(positions) {}

  void Members(const Value& before, const Value& after) {
    std::set<std::string> seen;
    for (const std::string& name : NamesOf(after)) {
      seen.insert(name);
      Member(name, IsObject(before) ? before.Find(name) : nullptr, after.Find(name));
    }
    for (const std::string& name : NamesOf(before)) {
      if (!seen.contains(name)) Member(name, before.Find(name), nullptr);
    }
  }

  std::vector<AttributeChange> Take() { return std::move(changes_); }

 private:
  void Member(const std::string& name, const Value* before, const Value* after) {
    if (before != nullptr && before->is_null()) before = nullptr;
    if (after != nullptr && after->is_null()) after = nullptr;
    if (before == nullptr && after == nullptr) return;
    path_.push_back(name);
    bool both_objects =
        before != nullptr && after != nullptr && IsObject(*before) && IsObject(*after);
    if (both_objects) {
      Members(*before, *after);
    } else if (before == nullptr || after == nullptr || !IsEqual(*before, *after)) {
      Add(before, after);
    }
    path_.pop_back();
  }

  static bool IsEqual(const Value& a, const Value& b) {
    return a.RawEquals(b) ||
           (a.is_wholly_known() && b.is_wholly_known() && config::ToJson(a) == config::ToJson(b));
  }

  void Add(const Value* before, const Value* after) {
    AttributeChange change;
    change.action = before == nullptr  ? Action::kCreate
                    : after == nullptr ? Action::kDelete
                                       : Action::kUpdate;
    change.path = path_;
    change.before = before != nullptr ? *before : Value::Null();
    change.after = after != nullptr ? *after : Value::Null();
    change.position = PositionOf(positions_, path_);
    changes_.push_back(std::move(change));
  }

  const Json& positions_;
  std::vector<std::string> path_;
  std::vector<AttributeChange> changes_;
};

// More is no difference that a person reads, and the table is quadratic.
constexpr size_t kLinesMax = 2000;

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines = Split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// All lines of both, marked: the longest common subsequence stays.
std::vector<LineChange> Script(const std::vector<std::string>& a,
                               const std::vector<std::string>& b) {
  size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  size_t tail = 0;
  while (tail + head < a.size() && tail + head < b.size() &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  size_t n = a.size() - head - tail, m = b.size() - head - tail;
  std::vector<LineChange> out;
  for (size_t i = 0; i < head; ++i) out.push_back({' ', int64_t(i) + 1, b[i]});
  size_t i = 0, j = 0;
  if (n <= kLinesMax && m <= kLinesMax) {
    std::vector<std::vector<uint16_t>> common(n + 1, std::vector<uint16_t>(m + 1, 0));
    for (size_t x = n; x-- > 0;) {
      for (size_t y = m; y-- > 0;) {
        common[x][y] = a[head + x] == b[head + y] ? common[x + 1][y + 1] + 1
                                                  : std::max(common[x + 1][y], common[x][y + 1]);
      }
    }
    while (i < n && j < m) {
      if (a[head + i] == b[head + j]) {
        out.push_back({' ', int64_t(head + j) + 1, b[head + j]});
        ++i, ++j;
      } else if (common[i + 1][j] >= common[i][j + 1]) {
        out.push_back({'-', int64_t(head + i) + 1, a[head + i]});
        ++i;
      } else {
        out.push_back({'+', int64_t(head + j) + 1, b[head + j]});
        ++j;
      }
    }
  }
  for (; i < n; ++i) out.push_back({'-', int64_t(head + i) + 1, a[head + i]});
  for (; j < m; ++j) out.push_back({'+', int64_t(head + j) + 1, b[head + j]});
  for (size_t k = 0; k < tail; ++k) {
    size_t at = b.size() - tail + k;
    out.push_back({' ', int64_t(at) + 1, b[at]});
  }
  return out;
}

}  // namespace

std::vector<AttributeChange> DiffObjects(const Value& before, const Value& after,
                                         const Json& positions) {
  Differ differ(positions);
  differ.Members(before, after);
  return differ.Take();
}

std::vector<LineChange> DiffLines(std::string_view before, std::string_view after, int around) {
  std::vector<LineChange> all = Script(Lines(before), Lines(after));
  std::vector<bool> keep(all.size(), false);
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].sign == ' ') continue;
    size_t first = i > size_t(around) ? i - around : 0;
    for (size_t k = first; k < all.size() && k <= i + around; ++k) keep[k] = true;
  }
  std::vector<LineChange> out;
  for (size_t i = 0; i < all.size(); ++i) {
    if (keep[i]) out.push_back(std::move(all[i]));
  }
  return out;
}

}  // namespace andon::plan
