#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "jsonschema/formats.h"
#include "jsonschema/program.h"
#include "jsonschema/resources.h"
#include "jsonschema/value_facts.h"

namespace andon::jsonschema {
namespace {

constexpr int kDepthMax = 600;  // Of schemas in schemas: references add to the document's.
constexpr int64_t kStepsMax = 1'000'000;  // Schemas that refer to one another can multiply.

// A path that lives on the stack; it becomes text only where something is wrong.
struct Path {
  const Path* parent = nullptr;
  std::string_view key;
  int64_t index = -1;
  int depth = 0;

  Path Key(std::string_view name) const { return {this, name, -1, depth + 1}; }
  Path Index(size_t i) const { return {this, {}, static_cast<int64_t>(i), depth + 1}; }
};

std::string ToString(const Path& path) {
  std::vector<const Path*> steps;
  for (const Path* p = &path; p->parent; p = p->parent) steps.push_back(p);
  std::string out;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    out += '/';
    out += (*it)->index >= 0 ? std::to_string((*it)->index) : PointerSegment((*it)->key);
  }
  return out;
}

// Which members and items some schema has looked at, for the unevaluated* keywords.
struct Marks {
  std::vector<bool> seen;
  explicit Marks(size_t size) : seen(size) {}
  void Add(const Marks& other) {
    for (size_t i = 0; i < seen.size(); ++i) {
      if (other.seen[i]) seen[i] = true;
    }
  }
  void AddAll() { std::fill(seen.begin(), seen.end(), true); }
};

class Evaluator {
 public:
  Evaluator(const Program& program, size_t violations_max)
      : program_(program), violations_max_(violations_max) {}

  // With no room for violations it stops at the first.
  bool Run(const Json& instance) { return Judge(*program_.root, instance, {}, {}, nullptr); }
  std::vector<Violation> Take() {
    if (gave_up_) {
      if (is_full()) found_.pop_back();
      found_.push_back(*std::move(gave_up_));
    }
    return std::move(found_);
  }

 private:
  bool tells() const { return violations_max_ > 0; }
  bool is_full() const { return found_.size() >= violations_max_; }

  bool Fail(const Path& at, const Path& schema, std::string_view keyword, std::string message) {
    if (!is_full()) {
      found_.push_back(
          {ToString(at), fmt::format("{}/{}", ToString(schema), keyword), std::move(message)});
      depth_of_.push_back(at.depth);
    }
    return false;
  }
  // The message is made only where it is told.
  template <typename F>
  bool Check(bool holds, const Path& at, const Path& schema, std::string_view keyword, F message) {
    if (holds) return true;
    return tells() ? Fail(at, schema, keyword, message()) : false;
  }

  bool Judge(const Node& node, const Json& instance, const Path& at, const Path& schema,
             Marks* marks) {
    if (depth_ >= kDepthMax || steps_ >= kStepsMax) return GiveUp(at, schema);
    ++steps_;
    if (node.is_false)
      return Check(false, at, schema, "", [] { return std::string("nothing may stand here"); });
    ++depth_;
    scope_.push_back(node.resource);
    bool valid = JudgeInScope(node, instance, at, schema, marks);
    scope_.pop_back();
    --depth_;
    return valid;
  }

  bool GiveUp(const Path& at, const Path& schema) {
    if (!gave_up_) {
      bool deep = depth_ >= kDepthMax;
      gave_up_ = Violation{ToString(at), ToString(schema),
                           deep ? "the schema refers to itself without end here"
                                : "the schema is too costly to judge this document by"};
    }
    return false;
  }

  // Whether there is a reason to look on.
  bool GoesOn(bool valid) const { return (valid || tells()) && !gave_up_; }

  bool JudgeInScope(const Node& node, const Json& instance, const Path& at, const Path& schema,
                    Marks* outer) {
    bool is_container = instance.is_object() || instance.is_array();
    bool collects =
        is_container && (outer || node.unevaluated_items || node.unevaluated_properties);
    std::optional<Marks> own;
    if (collects) own.emplace(instance.size());
    Marks* marks = collects ? &*own : nullptr;

    bool valid = References(node, instance, at, schema, marks);
    if (GoesOn(valid)) valid &= Value(node, instance, at, schema);
    if (GoesOn(valid)) valid &= Combined(node, instance, at, schema, marks);
    if (GoesOn(valid) && instance.is_array()) valid &= Items(node, instance, at, schema, marks);
    if (GoesOn(valid) && instance.is_object()) valid &= Members(node, instance, at, schema, marks);
    // Where something is wrong already it is not known what the rest has looked at.
    if (valid && marks) valid &= Unevaluated(node, instance, at, schema, *marks);
    if (valid && outer && marks) outer->Add(*marks);
    return valid && !gave_up_;
  }

  bool References(const Node& node, const Json& instance, const Path& at, const Path& schema,
                  Marks* marks) {
    bool valid = true;
    if (node.reference) valid &= Judge(*node.reference, instance, at, schema.Key("$ref"), marks);
    if (!node.dynamic_reference || !GoesOn(valid)) return valid;
    const DynamicReference& reference = *node.dynamic_reference;
    const Node* target = reference.target;
    for (int resource : scope_) {
      const Resource& outer = program_.resources[resource];
      if (reference.is_recursive && outer.has_recursive_anchor && outer.root_node) {
        target = outer.root_node;
        break;
      }
      auto anchor = outer.dynamic_anchors.find(reference.anchor);
      if (!reference.anchor.empty() && anchor != outer.dynamic_anchors.end()) {
        target = anchor->second;
        break;
      }
    }
    return Judge(*target, instance, at, schema.Key("$dynamicRef"), marks) && valid;
  }

  bool Value(const Node& node, const Json& value, const Path& at, const Path& schema) {
    bool valid = true;
    if (node.types != 0) {
      valid &= Check((node.types & TypesOf(value, node.draft)) != 0, at, schema, "type", [&] {
        return fmt::format("{} is not {}", Short(value), TypeNames(node.types));
      });
    }
    if (node.constant) {
      valid &= Check(AreEqual(*node.constant, value), at, schema, "const", [&] {
        return fmt::format("{} is not {}", Short(value), Short(*node.constant));
      });
    }
    if (node.choices) valid &= Choice(node, value, at, schema);
    if (value.is_number()) valid &= Numbers(node, value, at, schema);
    if (value.is_string()) valid &= Text(node, value, at, schema);
    return valid;
  }

  bool Choice(const Node& node, const Json& value, const Path& at, const Path& schema) {
    const Json::Array& choices = node.choices->items();
    bool among = std::any_of(choices.begin(), choices.end(),
                             [&](const Json& choice) { return AreEqual(choice, value); });
    return Check(among, at, schema, "enum", [&] {
      std::vector<std::string> names, words;
      for (const Json& choice : choices) {
        names.push_back(Short(choice));
        words.push_back(choice.AsString());
      }
      std::string meant = DidYouMean(value.AsString(), words);
      if (!meant.empty())
        return fmt::format("{} is none of the values allowed; did you mean \"{}\"?", Short(value),
                           meant);
      constexpr size_t kShown = 12;
      bool cut = names.size() > kShown;
      if (cut) names.resize(kShown);
      return fmt::format("{} is none of {}{}", Short(value), Join(names, ", "), cut ? ", …" : "");
    });
  }

  bool Numbers(const Node& node, const Json& value, const Path& at, const Path& schema) {
    bool valid = true;
    for (const Bound& bound : node.bounds) {
      std::string_view keyword = bound.keyword;
      int order = CompareNumbers(value, bound.limit);
      bool holds = keyword == "minimum"            ? order >= 0
                   : keyword == "maximum"          ? order <= 0
                   : keyword == "exclusiveMinimum" ? order > 0
                                                   : order < 0;
      valid &= Check(holds, at, schema, keyword, [&] {
        const char* words = keyword == "minimum"            ? "less than"
                            : keyword == "maximum"          ? "more than"
                            : keyword == "exclusiveMinimum" ? "not more than"
                                                            : "not less than";
        return fmt::format("{} is {} {}", value.Dump(), words, bound.limit.Dump());
      });
    }
    if (node.multiple_of) {
      valid &= Check(IsMultiple(value, *node.multiple_of), at, schema, "multipleOf", [&] {
        return fmt::format("{} is no multiple of {}", value.Dump(), node.multiple_of->Dump());
      });
    }
    return valid;
  }

  bool Text(const Node& node, const Json& value, const Path& at, const Path& schema) {
    bool valid = true;
    const std::string& text = value.AsString();
    if (node.length_min || node.length_max) {
      int64_t length = CodePoints(text);
      valid &= Size(length, node.length_min, node.length_max, "character", at, schema, "minLength",
                    "maxLength");
    }
    if (node.pattern) {
      valid &= Check(node.pattern->IsFoundIn(text), at, schema, "pattern", [&] {
        return fmt::format("{} does not match the pattern {}", Short(value), node.pattern->text());
      });
    }
    if (!node.format.empty()) {
      valid &= Check(FitsFormat(node.format, text), at, schema, "format",
                     [&] { return fmt::format("{} is no {}", Short(value), node.format); });
    }
    return valid;
  }

  bool Size(int64_t size, std::optional<int64_t> min, std::optional<int64_t> max,
            std::string_view thing, const Path& at, const Path& schema, std::string_view min_word,
            std::string_view max_word) {
    bool valid = true;
    if (min) {
      valid &= Check(size >= *min, at, schema, min_word, [&] {
        return fmt::format("{}, and at least {} {} needed", Count(size, thing), *min,
                           *min == 1 ? "is" : "are");
      });
    }
    if (max) {
      valid &= Check(size <= *max, at, schema, max_word, [&] {
        return fmt::format("{}, and at most {} {} allowed", Count(size, thing), *max,
                           *max == 1 ? "is" : "are");
      });
    }
    return valid;
  }

  // A branch judged by itself: what is wrong in it is kept aside.
  struct Branch {
    bool valid = false;
    std::vector<Violation> found;
    std::vector<int> depths;
  };
  Branch Try(const Node& node, const Json& instance, const Path& at, const Path& schema,
             Marks* marks) {
    Branch branch;
    std::swap(found_, branch.found);
    std::swap(depth_of_, branch.depths);
    branch.valid = Judge(node, instance, at, schema, marks);
    std::swap(found_, branch.found);
    std::swap(depth_of_, branch.depths);
    return branch;
  }
  // The same where nobody is told why not.
  bool Fits(const Node& node, const Json& instance, const Path& at, const Path& schema,
            Marks* marks) {
    size_t before = violations_max_;
    violations_max_ = 0;
    bool valid = Judge(node, instance, at, schema, marks);
    violations_max_ = before;
    return valid;
  }

  bool Combined(const Node& node, const Json& instance, const Path& at, const Path& schema,
                Marks* marks) {
    bool valid = true;
    if (!node.all_of.empty()) {
      Path here = schema.Key("allOf");
      for (size_t i = 0; i < node.all_of.size() && GoesOn(valid); ++i)
        valid &= Judge(*node.all_of[i], instance, at, here.Index(i), marks);
    }
    if (!node.any_of.empty() && GoesOn(valid))
      valid &= AnyOf(node, instance, at, schema.Key("anyOf"), marks);
    if (!node.one_of.empty() && GoesOn(valid))
      valid &= OneOf(node, instance, at, schema.Key("oneOf"), marks);
    if (node.negated && GoesOn(valid)) {
      bool fits = Fits(*node.negated, instance, at, schema.Key("not"), nullptr);
      valid &= Check(!fits && !gave_up_, at, schema, "not",
                     [&] { return fmt::format("{} is what must not be", Short(instance)); });
    }
    if (node.condition && GoesOn(valid)) valid &= Conditional(node, instance, at, schema, marks);
    return valid;
  }

  bool AnyOf(const Node& node, const Json& instance, const Path& at, const Path& schema,
             Marks* marks) {
    bool valid = false;
    std::vector<Branch> branches;
    for (size_t i = 0; i < node.any_of.size(); ++i) {
      std::optional<Marks> own;
      if (marks) own.emplace(instance.size());
      branches.push_back(
          Try(*node.any_of[i], instance, at, schema.Index(i), own ? &*own : nullptr));
      if (!branches.back().valid) continue;
      valid = true;
      if (!marks) break;
      marks->Add(*own);  // Each branch that fits has looked at something.
    }
    return valid || TellBest(branches, instance, at, schema);
  }

  bool OneOf(const Node& node, const Json& instance, const Path& at, const Path& schema,
             Marks* marks) {
    int first = -1;
    std::optional<Marks> kept;
    std::vector<Branch> branches;
    for (size_t i = 0; i < node.one_of.size(); ++i) {
      std::optional<Marks> own;
      if (marks) own.emplace(instance.size());
      branches.push_back(
          Try(*node.one_of[i], instance, at, schema.Index(i), own ? &*own : nullptr));
      if (!branches.back().valid) continue;
      if (first >= 0) {
        return Check(false, at, *schema.parent, "oneOf", [&] {
          return fmt::format("{} fits the forms {} and {}, and only one may fit", Short(instance),
                             first + 1, i + 1);
        });
      }
      first = static_cast<int>(i);
      kept = std::move(own);
    }
    if (first < 0) return TellBest(branches, instance, at, schema);
    if (marks && kept) marks->Add(*kept);
    return true;
  }

  // Nothing fitted: the branch that came furthest into the document is what was meant.
  bool TellBest(const std::vector<Branch>& branches, const Json& instance, const Path& at,
                const Path& schema) {
    if (!tells() || gave_up_) return false;
    const Branch* best = nullptr;
    int best_depth = at.depth;
    bool is_tie = false;
    for (const Branch& branch : branches) {
      if (branch.depths.empty()) continue;
      int depth = *std::min_element(branch.depths.begin(), branch.depths.end());
      if (depth == best_depth) is_tie = best != nullptr;
      if (depth <= best_depth) continue;
      best = &branch;
      best_depth = depth;
      is_tie = false;
    }
    const Branch* only = branches.size() == 1 ? &branches[0] : nullptr;
    if (!only) only = OnlyOfItsType(branches, schema);
    if ((best && !is_tie) || only) {
      const Branch& told = best && !is_tie ? *best : *only;
      for (size_t i = 0; i < told.found.size() && !is_full(); ++i) {
        found_.push_back(told.found[i]);
        depth_of_.push_back(told.depths[i]);
      }
      return false;
    }
    return Fail(
        at, *schema.parent, schema.key,
        fmt::format("{} fits none of the {} forms allowed", Short(instance), branches.size()));
  }

  // The one branch that does not fail by the instance's type, if there is one.
  static const Branch* OnlyOfItsType(const std::vector<Branch>& branches, const Path& schema) {
    const Branch* only = nullptr;
    for (size_t i = 0; i < branches.size(); ++i) {
      std::string type = fmt::format("{}/{}/type", ToString(schema), i);
      bool other = std::any_of(branches[i].found.begin(), branches[i].found.end(),
                               [&](const Violation& v) { return v.schema_path == type; });
      if (other) continue;
      if (only) return nullptr;
      only = &branches[i];
    }
    return only;
  }

  bool Conditional(const Node& node, const Json& instance, const Path& at, const Path& schema,
                   Marks* marks) {
    std::optional<Marks> own;
    if (marks) own.emplace(instance.size());
    bool holds = Fits(*node.condition, instance, at, schema.Key("if"), own ? &*own : nullptr);
    if (gave_up_) return false;
    if (holds && marks) marks->Add(*own);
    const Node* next = holds ? node.consequence : node.alternative;
    return !next || Judge(*next, instance, at, schema.Key(holds ? "then" : "else"), marks);
  }

  bool Items(const Node& node, const Json& instance, const Path& at, const Path& schema,
             Marks* marks) {
    const Json::Array& items = instance.items();
    bool valid = Size(static_cast<int64_t>(items.size()), node.items_min, node.items_max, "item",
                      at, schema, "minItems", "maxItems");
    if (node.items_unique) {
      valid &= Check(!HasTwins(items), at, schema, "uniqueItems",
                     [] { return std::string("two items are the same"); });
    }
    size_t prefix = std::min(node.prefix_items.size(), items.size());
    Path in_prefix = schema.Key(node.prefix_keyword);
    for (size_t i = 0; i < prefix && GoesOn(valid); ++i) {
      valid &= Judge(*node.prefix_items[i], items[i], at.Index(i), in_prefix.Index(i), nullptr);
      if (marks) marks->seen[i] = true;
    }
    if (node.items) {
      Path in_items = schema.Key(node.items_keyword);
      for (size_t i = prefix; i < items.size() && GoesOn(valid); ++i) {
        valid &= Judge(*node.items, items[i], at.Index(i), in_items, nullptr);
        if (marks) marks->seen[i] = true;
      }
    }
    if (node.contains && GoesOn(valid)) valid &= Contains(node, items, at, schema, marks);
    return valid;
  }

  bool Contains(const Node& node, const Json::Array& items, const Path& at, const Path& schema,
                Marks* marks) {
    int64_t count = 0;
    Path here = schema.Key("contains");
    for (size_t i = 0; i < items.size() && !gave_up_; ++i) {
      if (!Fits(*node.contains, items[i], at.Index(i), here, nullptr)) continue;
      ++count;
      if (marks && node.draft >= Draft::k2020_12) marks->seen[i] = true;
    }
    int64_t least = node.contains_min.value_or(1);
    bool valid = Check(count >= least, at, schema, "contains", [&] {
      return fmt::format("{} fit what the list must contain, and at least {} must",
                         Count(count, "item"), least);
    });
    if (node.contains_max) {
      valid &= Check(count <= *node.contains_max, at, schema, "maxContains", [&] {
        return fmt::format("{} fit what the list may contain, and at most {} may",
                           Count(count, "item"), *node.contains_max);
      });
    }
    return valid;
  }

  bool Members(const Node& node, const Json& instance, const Path& at, const Path& schema,
               Marks* marks) {
    const Json::Members& members = instance.members();
    bool valid = Size(static_cast<int64_t>(members.size()), node.properties_min,
                      node.properties_max, "member", at, schema, "minProperties", "maxProperties");
    for (const std::string& name : node.required) {
      valid &= Check(instance.Has(name), at, schema, "required",
                     [&] { return fmt::format("\"{}\" is missing", name); });
    }
    bool judges = !node.properties.empty() || !node.pattern_properties.empty() ||
                  node.additional_properties || node.property_names;
    for (size_t i = 0; judges && i < members.size() && GoesOn(valid); ++i)
      valid &= Member(node, members[i], at, schema, marks, i);
    for (const Dependency& dependency : node.dependencies) {
      if (!instance.Has(dependency.property) || !GoesOn(valid)) continue;
      for (const std::string& name : dependency.required) {
        valid &= Check(instance.Has(name), at, schema, "dependentRequired", [&] {
          return fmt::format("\"{}\" is missing, which \"{}\" needs", name, dependency.property);
        });
      }
      if (dependency.schema) {
        Path there = schema.Key("dependentSchemas");
        valid &= Judge(*dependency.schema, instance, at, there.Key(dependency.property), marks);
      }
    }
    return valid;
  }

  bool Member(const Node& node, const Json::Member& member, const Path& at, const Path& schema,
              Marks* marks, size_t i) {
    bool valid = true, known = false;
    const auto& [name, value] = member;
    if (node.property_names) {
      valid &= Judge(*node.property_names, Json(name), at.Key(name), schema.Key("propertyNames"),
                     nullptr);
    }
    auto found = node.properties.find(name);
    if (found != node.properties.end()) {
      known = true;
      Path there = schema.Key("properties");
      valid &= Judge(*found->second, value, at.Key(name), there.Key(name), nullptr);
    }
    for (const auto& [pattern, child] : node.pattern_properties) {
      if (!pattern.IsFoundIn(name)) continue;
      known = true;
      Path there = schema.Key("patternProperties");
      valid &= Judge(*child, value, at.Key(name), there.Key(pattern.text()), nullptr);
    }
    if (!known && node.additional_properties) {
      known = true;
      valid &=
          Extra(node, *node.additional_properties, name, value, at, schema, "additionalProperties");
    }
    if (known && marks) marks->seen[i] = true;
    return valid;
  }

  // A member that no keyword names; the schema `false` says that there is to be none.
  bool Extra(const Node& node, const Node& child, const std::string& name, const Json& value,
             const Path& at, const Path& schema, std::string_view keyword) {
    if (!child.is_false) return Judge(child, value, at.Key(name), schema.Key(keyword), nullptr);
    return Check(false, at.Key(name), schema, keyword, [&] {
      std::vector<std::string> names;
      for (const auto& [known, unused] : node.properties) names.push_back(known);
      std::string meant = DidYouMean(name, names);
      return fmt::format("\"{}\" is not known here{}", name,
                         meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant));
    });
  }

  bool Unevaluated(const Node& node, const Json& instance, const Path& at, const Path& schema,
                   Marks& marks) {
    bool valid = true;
    if (node.unevaluated_items && instance.is_array()) {
      for (size_t i = 0; i < instance.items().size() && GoesOn(valid); ++i) {
        if (marks.seen[i]) continue;
        valid &= Judge(*node.unevaluated_items, instance.items()[i], at.Index(i),
                       schema.Key("unevaluatedItems"), nullptr);
      }
      marks.AddAll();
    }
    if (node.unevaluated_properties && instance.is_object()) {
      for (size_t i = 0; i < instance.members().size() && GoesOn(valid); ++i) {
        if (marks.seen[i]) continue;
        const auto& [name, value] = instance.members()[i];
        valid &= Extra(node, *node.unevaluated_properties, name, value, at, schema,
                       "unevaluatedProperties");
      }
      marks.AddAll();
    }
    return valid;
  }

  const Program& program_;
  size_t violations_max_;
  std::vector<Violation> found_;
  std::vector<int> depth_of_;  // Of each violation's place in the instance.
  std::vector<int> scope_;     // Resources entered, outermost first.
  int depth_ = 0;
  int64_t steps_ = 0;
  std::optional<Violation> gave_up_;
};

}  // namespace

std::vector<Violation> Validate(const Schema& schema, const Json& instance, size_t violations_max) {
  Evaluator evaluator(schema.program(), std::max<size_t>(violations_max, 1));
  evaluator.Run(instance);
  return evaluator.Take();
}

bool IsValid(const Schema& schema, const Json& instance) {
  return Evaluator(schema.program(), 0).Run(instance);
}

}  // namespace andon::jsonschema
