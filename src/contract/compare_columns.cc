#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json_strings.h"
#include "base/text.h"
#include "contract/column_type.h"
#include "contract/compare_internal.h"
#include "contract/contract.h"
#include "contract/rule_bounds.h"

namespace andon::contract {
namespace {

std::string Quoted(std::string_view name) { return fmt::format("\"{}\"", name); }

// Whether a missing and a new one are the same thing under another name.
bool IsSame(const Property& before, const Property& after) {
  if (!before.id.empty() && before.id == after.id) return true;
  if (!before.physical_name.empty() && before.physical_name == after.physical_name) return true;
  bool fits = before.type.empty() || after.type.empty() || before.type == after.type ||
              Widens(before.type, after.type);
  return fits && IsNearName(before.name, after.name);
}
bool IsSame(const Table& before, const Table& after) {
  if (!before.id.empty() && before.id == after.id) return true;
  return !before.physical_name.empty() && before.physical_name == after.physical_name;
}

template <typename T>
Pairs<T> Pair(const std::vector<T>& before, const std::vector<T>& after) {
  Pairs<T> pairs;
  ByIdentity<T> by_name;
  for (const T& item : after) by_name.Add(item.name, &item);
  for (const T& item : before) {
    if (const T* same = by_name.Take(item.name))
      pairs.both.emplace_back(&item, same);
    else
      pairs.removed.push_back(&item);
  }
  for (const T& item : after) {
    if (by_name.IsLeft(item.name, &item)) pairs.added.push_back(&item);
  }
  // A rename is told only where there is no choice.
  std::vector<const T*> removed = std::move(pairs.removed);
  pairs.removed.clear();
  for (const T* gone : removed) {
    std::vector<const T*> candidates;
    for (const T* item : pairs.added) {
      if (IsSame(*gone, *item)) candidates.push_back(item);
    }
    auto rivals = std::count_if(removed.begin(), removed.end(), [&](const T* other) {
      return !candidates.empty() && IsSame(*other, *candidates[0]);
    });
    if (candidates.size() == 1 && rivals == 1) {
      pairs.renamed.emplace_back(gone, candidates[0]);
      std::erase(pairs.added, candidates[0]);
    } else {
      pairs.removed.push_back(gone);
    }
  }
  return pairs;
}

// One column in two versions.
class ColumnComparison {
 public:
  ColumnComparison(const Property& before, const Property& after, std::string path,
                   Changes& changes)
      : before_(before), after_(after), path_(std::move(path)), changes_(changes) {}

  void Run() {
    Type();
    Promise("required", before_.required, after_.required, "its values may be missing now",
            "its values are always there now");
    Promise("unique", before_.unique, after_.unique, "its values may be repeated now",
            "its values are never repeated now");
    Options();
    Meaning();
    References();
    CompareRules(before_.quality, after_.quality, path_, changes_);
  }

 private:
  Change& Add(std::string kind, Direction direction, std::string message) {
    return changes_.Add(std::move(kind), path_, direction, std::move(message));
  }

  void Type() {
    std::string was = before_.type, is = after_.type;
    if (was.empty() || is.empty()) {
      was = before_.physical_type.empty() ? before_.logical_type : before_.physical_type;
      is = after_.physical_type.empty() ? after_.logical_type : after_.physical_type;
    }
    if (AsciiLower(was) != AsciiLower(is)) {
      TypeChange(was, is);
    } else {
      Length();
    }
    bool is_nested = !before_.properties.empty() || !after_.properties.empty();
    if (is_nested) {
      Table was_inside{.properties = before_.properties},
          is_inside{.properties = after_.properties};
      CompareColumns(was_inside, is_inside, path_, changes_);
    }
    if (!before_.items.empty() && !after_.items.empty())
      ColumnComparison(before_.items[0], after_.items[0], path_ + "[]", changes_).Run();
  }

  void TypeChange(const std::string& was, const std::string& is) {
    bool widens = Widens(was, is), narrows = Widens(is, was);
    if (widens) {
      Change& c =
          Add("type_widened", Direction::kLoosens,
              fmt::format("The type was {} and is {}, which holds every value of it.", was, is));
      c.is_breaking = false;
      c.demands = Bump::kMinor;
      Values(c, was, is);
    } else {
      Change& c =
          Add(narrows ? "type_narrowed" : "type_changed",
              narrows ? Direction::kTightens : Direction::kLoosens,
              narrows ? fmt::format("The type was {} and is {}, which does not hold all that "
                                    "was promised.",
                                    was, is)
                      : fmt::format("The type was {} and is {}.", was, is));
      Break(c);
      c.compatible = fmt::format("keep {}, or add a new column of type {}", was, is);
      Values(c, was, is);
    }
  }

  void Length() {
    int64_t was = LengthOf(before_.physical_type), is = LengthOf(after_.physical_type);
    if (was == is) return;
    bool longer = is == 0 || (was != 0 && is > was);
    Change& c =
        Add(longer ? "length_widened" : "length_narrowed",
            longer ? Direction::kLoosens : Direction::kTightens,
            fmt::format("The type was {} and is {}.", before_.physical_type, after_.physical_type));
    c.is_breaking = false;
    c.demands = Bump::kMinor;
    Values(c, before_.physical_type, after_.physical_type);
  }

  void Promise(std::string_view what, bool was, bool is, std::string_view loosened,
               std::string_view tightened) {
    if (was == is) return;
    Change& c = Add(fmt::format("{}_{}", what, was ? "dropped" : "added"),
                    was ? Direction::kLoosens : Direction::kTightens,
                    fmt::format("It is {} {}: {}.", was ? "no longer" : "now", what,
                                was ? loosened : tightened));
    if (was) c.compatible = fmt::format("keep {} = true", what);
    Values(c, was ? "true" : "false", is ? "true" : "false");
  }

  // A limit of values; `sign` is 1 where a higher one promises more.
  void Limit(const char* name, int sign) {
    const Json &was = before_.options[name], &is = after_.options[name];
    if (was == is) return;
    bool tightens = was.is_null();
    if (!was.is_null() && !is.is_null()) {
      bool more = was.is_number() && is.is_number() ? is.AsDouble() > was.AsDouble()
                                                    : is.AsString() > was.AsString();
      tightens = more == (sign > 0);
    }
    Change& c = Add(fmt::format("{}_{}", name, tightens ? "tightened" : "loosened"),
                    tightens ? Direction::kTightens : Direction::kLoosens,
                    fmt::format("{} was {} and is {}.", name, Shown(was), Shown(is)));
    if (!tightens) c.compatible = fmt::format("keep {} = {}", name, Shown(was));
    Values(c, Shown(was), Shown(is));
  }

  void Options() {
    for (const char* name :
         {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
      Limit(name, 1);
    for (const char* name :
         {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
      Limit(name, -1);
    for (const char* name :
         {"pattern", "format", "multipleOf", "uniqueItems", "timezone", "required"}) {
      const Json &was = before_.options[name], &is = after_.options[name];
      if (was == is) continue;
      bool added = was.is_null();
      Change& c = Add(fmt::format("{}_{}", name,
                                  added          ? "added"
                                  : is.is_null() ? "dropped"
                                                 : "changed"),
                      added ? Direction::kTightens : Direction::kLoosens,
                      fmt::format("{} was {} and is {}.", name, Shown(was), Shown(is)));
      if (!added) c.compatible = fmt::format("keep {} = {}", name, Shown(was));
      Values(c, Shown(was), Shown(is));
    }
  }

  void Meaning() {
    if (before_.unit != after_.unit && !before_.unit.empty()) {
      Change& c =
          Add("unit_changed", Direction::kLoosens,
              fmt::format("The unit was {} and is {}: the same number means something else.",
                          before_.unit, after_.unit.empty() ? "nothing" : after_.unit));
      c.compatible = "add a new column in the new unit";
      Values(c, before_.unit, after_.unit);
    }
    if (before_.classification != after_.classification) {
      Change& c = Add("classification_changed", Direction::kNeutral,
                      fmt::format("The classification was {} and is {}.",
                                  Shown(before_.classification), Shown(after_.classification)));
      c.demands = Bump::kMinor;
      Values(c, before_.classification, after_.classification);
    }
    auto text = [&](const char* kind, const std::string& was, const std::string& is) {
      if (was == is) return;
      Change& c = Add(kind, Direction::kNeutral, "What is said of its meaning changed.");
      Values(c, was, is);
    };
    text("description_changed", before_.description, after_.description);
    text("business_name_changed", before_.business_name, after_.business_name);
    if (before_.physical_name != after_.physical_name && !before_.physical_name.empty()) {
      Change& c =
          Add("physical_name_changed", Direction::kLoosens,
              fmt::format("Its physical name was {} and is {}: queries name the physical one.",
                          before_.physical_name, Shown(after_.physical_name)));
      Values(c, before_.physical_name, after_.physical_name);
    }
  }

  void References() {
    auto targets = [](const Property& p) {
      std::set<std::string> all;
      for (const Reference& r : p.references) all.insert(r.to.begin(), r.to.end());
      return all;
    };
    std::set<std::string> was = targets(before_), is = targets(after_);
    for (const std::string& to : was) {
      if (is.contains(to)) continue;
      Change& c = Add("reference_dropped", Direction::kLoosens,
                      fmt::format("Its values need not exist in {} any longer.", to));
      Values(c, to, "");
    }
    for (const std::string& to : is) {
      if (was.contains(to)) continue;
      Change& c = Add("reference_added", Direction::kTightens,
                      fmt::format("Its values exist in {} now.", to));
      Values(c, "", to);
    }
  }

  // Whatever the direction is.
  void Break(Change& c) {
    c.is_breaking = changes_.place.is_promised;
    c.demands = c.is_breaking ? Bump::kMajor : Bump::kMinor;
  }
  static void Values(Change& c, std::string was, std::string is) {
    c.before = std::move(was);
    c.after = std::move(is);
  }

  const Property& before_;
  const Property& after_;
  std::string path_;
  Changes& changes_;
};

bool IsPromised(const Table& table, const std::string& column) {
  return table.promised.empty() ||
         std::find(table.promised.begin(), table.promised.end(), column) != table.promised.end();
}

void CompareKeys(const Table& before, const Table& after, const std::string& path,
                 Changes& changes) {
  std::vector<std::string> was = before.Key(), is = after.Key();
  if (was == is) return;
  changes.place.pointer = after.path;
  bool added = was.empty();
  Change& c = changes.Add(
      added        ? "primary_key_added"
      : is.empty() ? "primary_key_dropped"
                   : "primary_key_changed",
      path, added ? Direction::kTightens : Direction::kLoosens,
      fmt::format("The primary key was ({}) and is ({}).", Join(was, ", "), Join(is, ", ")));
  c.before = Join(was, ", ");
  c.after = Join(is, ", ");
}

void CompareTable(const Table& before, const Table& after, Changes& changes) {
  changes.place = {.table = before.name, .pointer = after.path};
  if (before.description != after.description) {
    Change& c = changes.Add("description_changed", before.name, Direction::kNeutral,
                            "What is said of its meaning changed.");
    c.before = before.description;
    c.after = after.description;
  }
  if (before.physical_name != after.physical_name && !before.physical_name.empty()) {
    Change& c = changes.Add(
        "physical_name_changed", before.name, Direction::kLoosens,
        fmt::format("Its physical name was {} and is {}: queries name the physical one.",
                    before.physical_name, Shown(after.physical_name)));
    c.before = before.physical_name;
    c.after = after.physical_name;
  }
  CompareColumns(before, after, before.name, changes);
  changes.place = {.table = before.name, .pointer = after.path};
  CompareKeys(before, after, before.name, changes);
  CompareRules(before.quality, after.quality, before.name, changes);
  for (const std::string& column : before.promised) {
    bool kept = after.promised.empty() || IsPromised(after, column) || !after.Find(column);
    if (kept) continue;
    changes.place = {.table = before.name, .column = column, .pointer = after.path};
    Change& c = changes.Add("promise_withdrawn", fmt::format("{}.{}", before.name, column),
                            Direction::kLoosens, "It is there, and no longer promised.");
    c.compatible = "keep it among the promised columns";
  }
}

}  // namespace

std::string Shown(const Json& value) {
  if (value.is_null() || (value.is_string() && value.AsString().empty())) return "nothing";
  return value.is_string() ? Quoted(value.AsString()) : value.Dump();
}

void CompareColumns(const Table& before, const Table& after, const std::string& path,
                    Changes& changes) {
  Changes::Place outer = changes.place;
  Pairs<Property> pairs = Pair(before.properties, after.properties);
  // Of an object inside a column the column itself is what was promised.
  auto enter = [&](const Property& column, const Property& at) {
    bool inside = !outer.column.empty();
    changes.place = {.table = outer.table,
                     .column = inside ? outer.column : column.name,
                     .pointer = at.path,
                     .is_promised = inside ? outer.is_promised : IsPromised(before, column.name)};
  };
  for (const auto& [was, is] : pairs.both) {
    enter(*was, *is);
    ColumnComparison(*was, *is, fmt::format("{}.{}", path, was->name), changes).Run();
  }
  for (const auto& [was, is] : pairs.renamed) {
    enter(*was, *is);
    std::string place = fmt::format("{}.{}", path, was->name);
    Change& c = changes.Add("column_renamed", place, Direction::kLoosens,
                            fmt::format("It is called {} now.", Quoted(is->name)));
    c.before = was->name;
    c.after = is->name;
    c.compatible = fmt::format("keep {} beside {} until its readers have moved", Quoted(was->name),
                               Quoted(is->name));
    ColumnComparison(*was, *is, place, changes).Run();
  }
  for (const Property* gone : pairs.removed) {
    enter(*gone, *gone);
    Change& c = changes.Add("column_removed", fmt::format("{}.{}", path, gone->name),
                            Direction::kLoosens, "The column is no longer there.");
    c.before = gone->type;
    c.is_removal = true;
    c.compatible = "keep the column, and mark it deprecated in its description";
  }
  for (const Property* added : pairs.added) {
    enter(*added, *added);
    Change& c = changes.Add(
        "column_added", fmt::format("{}.{}", path, added->name), Direction::kNeutral,
        fmt::format("A new column{}.",
                    added->type.empty() ? std::string() : fmt::format(" of type {}", added->type)));
    c.after = added->type;
    c.demands = Bump::kMinor;
  }
  changes.place = outer;
}

// What only warned, or was only said, nobody can rely on.
bool IsReliable(const Rule& rule) {
  return rule.kind != "text" && rule.severity != "info" && rule.severity != "warning";
}

void Soften(Change& change) {
  if (!change.is_breaking) return;
  change.is_breaking = false;
  change.demands = Bump::kMinor;
}

void CompareRules(const std::vector<Rule>& before, const std::vector<Rule>& after,
                  const std::string& path, Changes& changes) {
  ByIdentity<Rule> by_identity;
  for (const Rule& rule : after) by_identity.Add(IdentityOf(rule), &rule);
  std::string pointer = changes.place.pointer;
  for (const Rule& was : before) {
    const Rule* now = by_identity.Take(IdentityOf(was));
    if (!now) {
      changes.place.pointer = was.path;
      Change& c =
          changes.Add("rule_removed", path, Direction::kLoosens,
                      fmt::format("The rule {} is no longer promised.", Quoted(Describe(was))));
      c.before = Describe(was);
      c.is_removal = true;
      c.compatible = "keep the rule";
      if (!IsReliable(was)) Soften(c);
      continue;
    }
    const Rule& is = *now;
    Strictness strictness = CompareRules(was, is);
    if (strictness == Strictness::kSame) continue;
    changes.place.pointer = is.path;
    bool stricter = strictness == Strictness::kStricter;
    bool unknown = strictness == Strictness::kUnknown;
    Change& c = changes.Add(stricter  ? "rule_tightened"
                            : unknown ? "rule_changed"
                                      : "rule_loosened",
                            path, stricter ? Direction::kTightens : Direction::kLoosens,
                            fmt::format("The rule {} is {}{}.", Quoted(Describe(was)),
                                        stricter  ? "stricter now"
                                        : unknown ? "another one now, which may promise less"
                                                  : "weaker now",
                                        Describe(is) == Describe(was) ? "" : ": " + Describe(is)));
    c.before = Describe(was);
    c.after = Describe(is);
    if (!stricter) c.compatible = "keep the rule, or add the new one beside it";
    if (!stricter && !IsReliable(was)) Soften(c);
  }
  for (const Rule& is : after) {
    if (!by_identity.IsLeft(IdentityOf(is), &is)) continue;
    changes.place.pointer = is.path;
    Change& c = changes.Add("rule_added", path, Direction::kTightens,
                            fmt::format("The rule {} is promised now.", Quoted(Describe(is))));
    c.after = Describe(is);
  }
  changes.place.pointer = pointer;
}

void CompareTables(const Document& before, const Document& after, Changes& changes) {
  Pairs<Table> pairs = Pair(before.tables, after.tables);
  for (const auto& [was, is] : pairs.both) CompareTable(*was, *is, changes);
  for (const auto& [was, is] : pairs.renamed) {
    changes.place = {.table = was->name, .pointer = is->path};
    Change& c = changes.Add("table_renamed", was->name, Direction::kLoosens,
                            fmt::format("It is called {} now.", Quoted(is->name)));
    c.before = was->name;
    c.after = is->name;
    CompareTable(*was, *is, changes);
  }
  for (const Table* gone : pairs.removed) {
    changes.place = {.table = gone->name, .pointer = gone->path};
    Change& c = changes.Add("table_removed", gone->name, Direction::kLoosens,
                            "The table is no longer there.");
    c.is_removal = true;
    c.compatible = "keep the table until its readers have moved";
  }
  for (const Table* added : pairs.added) {
    changes.place = {.table = added->name, .pointer = added->path};
    changes.Add("table_added", added->name, Direction::kNeutral, "A new table.").demands =
        Bump::kMinor;
  }
  changes.place = {};
}

}  // namespace andon::contract
