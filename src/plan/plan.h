// Plan: what will change and why, as data. Apply, the terminal, -json and the web
// page visit the same list of steps.
//
//   Plan plan = MakePlan(desired, prior, {.provider = &builtin});
//   plan.Summary();  // "Plan: 3 to add, 1 to change, 0 to destroy."
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "address/address.h"
#include "base/diagnostics.h"
#include "base/json.h"
#include "provider/provider.h"
#include "value/value.h"

namespace andon::plan {

// The symbol that the user sees.
enum class Action : char {
  kNone = ' ',
  kCreate = '+',
  kUpdate = '~',
  kDelete = '-',
  kReplace = 'R',  // Printed "-/+".
};
std::string_view Symbol(Action action);    // "+", "~", "-", "-/+", " "
std::string_view ToString(Action action);  // "create", "update", "delete", "replace", "no-op"

// One difference inside of an object: the smallest part that differs.
struct AttributeChange {
  Action action = Action::kUpdate;  // Added, changed or removed.
  std::vector<std::string> path;    // {"columns", "amount", "type"}
  value::Value before;
  value::Value after;
  std::string note;  // "compatible, metadata only"
  bool is_breaking = false;
  std::string position;  // "file:line" of the part, where it is known.
};

struct Step {
  Action action = Action::kNone;
  address::Address address;
  std::string provider;  // "andon"
  std::string type;      // Second label.
  value::Value prior;    // Null: did not exist.
  value::Value planned;  // Null: is removed.
  std::vector<AttributeChange> changes;
  std::vector<std::string> reasons;  // Sentences: why, and what follows for the data.
  std::string position;              // "file:line" of the block.
  Json positions;                    // Of the parts (definition::Object).
  Json derived;
};

struct OutputChange {
  Action action = Action::kNone;
  std::string name;
  value::Value before;
  value::Value after;
  bool sensitive = false;
};

struct Plan {
  int64_t base_release = 0;  // What it was made against; apply refuses another.
  bool is_targeted = false;
  bool is_destroy = false;
  std::vector<Step> steps;  // Every object, also those that stay as they are.
  std::vector<OutputChange> outputs;
  Diagnostics diagnostics;

  int Count(Action action) const;
  bool has_changes() const;  // Objects or outputs.
  // "Plan: 3 to add, 1 to change, 0 to destroy." or "No changes. …".
  std::string Summary() const;
};

// What the configuration wants, or what a release has.
struct ObjectState {
  address::Address address;
  std::string type;
  value::Value object;
  Json positions;
  Json derived;
  bool prevent_destroy = false;
  std::vector<std::string> ignore_changes;
};

struct PlanOptions {
  provider::Provider* provider = nullptr;  // Required.
  std::string provider_name = "andon";
  int64_t base_release = 0;
  std::vector<std::string> targets;  // Addresses as written by -target.
  // For -target: the objects that one needs, by address.
  std::map<std::string, std::vector<std::string>> needs;
  bool destroy = false;  // Everything is to be removed.
  std::map<std::string, value::Value> prior_outputs;
  std::map<std::string, std::pair<value::Value, bool>> outputs;  // Value, sensitive.
};

// Cost is linear in the number of objects.
Plan MakePlan(const std::vector<ObjectState>& desired, const std::vector<ObjectState>& prior,
              const PlanOptions& options);

}  // namespace andon::plan
