#include "value/path.h"

#include "value/display.h"

namespace andon::value {

Path Path::Attribute(std::string_view name) const {
  Path longer = *this;
  longer.steps_.push_back(AttributeStep{std::string(name)});
  return longer;
}

Path Path::Index(Value key) const {
  Path longer = *this;
  longer.steps_.push_back(IndexStep{std::move(key)});
  return longer;
}

namespace {

Result<Value> ApplyAttribute(const Value& value, const std::string& name) {
  if (value.type().is_dynamic() && !value.is_known()) return value.Attribute(name);
  if (value.is_null())
    return Error::Invalid("The value is null: it has no attribute \"{}\".", name);
  if (!value.type().is_object() || !value.type().has_attribute(name)) {
    return Error::Invalid("The value has no attribute \"{}\".", name);
  }
  return value.Attribute(name);
}

Result<Value> ApplyIndex(const Value& value, const Value& key) {
  if (value.type().is_set() && value.is_known_not_null()) {
    for (const auto& item : value.items()) {
      if (item == key) return item.WithMarks(value.marks());
    }
    return Error::Invalid("The set has no such element.");
  }
  Value has = value.HasIndex(key);
  if (has.is_known() && !has.boolean()) {
    return Error::Invalid("The value has no element {}.", FormatShort(key));
  }
  return value.Index(key);
}

std::string StepText(const Step& step) {
  if (const auto* attribute = std::get_if<AttributeStep>(&step)) return "." + attribute->name;
  const Value& key = std::get<IndexStep>(step).key;
  bool shown = key.is_known_not_null() && key.type().is_primitive() && !key.is_marked();
  return shown ? "[" + FormatShort(key, 200) + "]" : "[...]";
}

void CollectMarks(const Value& value, Path& path, std::vector<PathMarks>& marks) {
  if (!value.contains_marked()) return;
  if (value.is_marked()) marks.push_back({path, value.marks()});
  if (!value.CanIterate()) return;
  for (const auto& [key, element] : value.Elements()) {
    Path inner =
        value.type().is_object() ? path.Attribute(key.string()) : path.Index(key.UnmarkDeep());
    CollectMarks(element, inner, marks);
  }
}

Value MarkAt(const Value& value, const std::vector<Step>& steps, size_t depth, Marks marks) {
  if (depth == steps.size()) return value.WithMarks(marks);
  if (!value.CanIterate()) return value;
  const Step& step = steps[depth];
  if (value.type().is_object() || value.type().is_map()) {
    Value::Members members = value.members();
    for (auto& [name, member] : members) {
      const auto* attribute = std::get_if<AttributeStep>(&step);
      const auto* index = std::get_if<IndexStep>(&step);
      bool meant = attribute ? attribute->name == name : index->key == Value::String(name);
      if (meant) member = MarkAt(member, steps, depth + 1, marks);
    }
    Value marked = value.type().is_object()
                       ? Value::Object(std::move(members))
                       : Value::Map(value.type().element(), std::move(members));
    return marked.WithMarks(value.marks());
  }
  // Elements of sets have no marks of their own: the set takes them.
  if (value.type().is_set()) return value.WithMarks(marks);
  const auto* index = std::get_if<IndexStep>(&step);
  std::vector<Value> items = value.items();
  for (size_t i = 0; i < items.size() && index; ++i) {
    if (index->key == Value::Number(i)) items[i] = MarkAt(items[i], steps, depth + 1, marks);
  }
  Value marked = value.type().is_tuple() ? Value::Tuple(std::move(items))
                                         : Value::List(value.type().element(), std::move(items));
  return marked.WithMarks(value.marks());
}

}  // namespace

Result<Value> Path::Apply(const Value& value) const {
  Value at = value;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const auto* attribute = std::get_if<AttributeStep>(&steps_[i]);
    auto next = attribute ? ApplyAttribute(at, attribute->name)
                          : ApplyIndex(at, std::get<IndexStep>(steps_[i]).key);
    if (!next.ok()) {
      Path before(std::vector<Step>(steps_.begin(), steps_.begin() + static_cast<long>(i)));
      if (before.empty()) return next;
      return std::move(next).error().In(ToString(before));
    }
    at = *std::move(next);
  }
  return at;
}

bool Path::HasPrefix(const Path& prefix) const {
  return prefix.steps_.size() <= steps_.size() &&
         std::equal(prefix.steps_.begin(), prefix.steps_.end(), steps_.begin());
}

std::string ToString(const Path& path) {
  std::string text;
  for (const auto& step : path.steps()) text += StepText(step);
  return text;
}

std::pair<Value, std::vector<PathMarks>> UnmarkDeepWithPaths(const Value& value) {
  std::vector<PathMarks> marks;
  Path path;
  CollectMarks(value, path, marks);
  return {value.UnmarkDeep(), std::move(marks)};
}

Value MarkWithPaths(const Value& value, const std::vector<PathMarks>& marks) {
  Value marked = value;
  for (const auto& [path, kinds] : marks) marked = MarkAt(marked, path.steps(), 0, kinds);
  return marked;
}

}  // namespace andon::value
