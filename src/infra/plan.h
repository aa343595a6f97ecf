// What will change in the resources of a project, and why, as data. Apply, the terminal and
// the JSON forms read the same list.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "address/address.h"
#include "base/clock.h"
#include "base/diagnostics.h"
#include "provider/schema.h"
#include "state/state.h"
#include "value/path.h"
#include "value/value.h"

namespace andon::infra {

// In the words of `show -json`: "no-op", "create", "read", "update", "delete", and the two
// orders of a replacement.
enum class Action {
  kNoOp,
  kCreate,
  kRead,
  kUpdate,
  kDelete,
  kDeleteThenCreate,
  kCreateThenDelete,
  kForget,            // Leaves the state, stays in the world.
  kForgetThenCreate,  // Replaced, with `destroy = false`.
};
inline bool IsReplace(Action action) {
  return action == Action::kDeleteThenCreate || action == Action::kCreateThenDelete ||
         action == Action::kForgetThenCreate;
}

// Why an action is what it is, where the difference alone does not say it. The words in the
// comments are those of `action_reason`.
enum class Reason {
  kNone,
  kReplaceTainted,         // replace_because_tainted
  kReplaceRequested,       // replace_by_request: -replace
  kReplaceTriggered,       // replace_by_triggers
  kReplaceCannotUpdate,    // replace_because_cannot_update
  kDeleteNoConfig,         // delete_because_no_resource_config
  kDeleteWrongRepetition,  // delete_because_wrong_repetition
  kDeleteCountIndex,       // delete_because_count_index
  kDeleteEachKey,          // delete_because_each_key
  kDeleteNoModule,         // delete_because_no_module
  kDeleteNotEnabled,       // delete_because_enabled_false
  kReadConfigUnknown,      // read_because_config_unknown
  kReadDependencyPending,  // read_because_dependency_pending
  kReadCheckNested,        // read_because_check_nested
};
std::string_view ToString(Reason reason);

// One input that made a difference: the argument, what it reads, and where that is written.
struct Cause {
  std::string argument;  // "instance_type"
  std::string text;      // "var.size", the expression as it is written
  SourceRange range;
};

struct ResourceChange {
  address::Address address;
  std::optional<address::Address> previous_address;  // Where it was moved from.
  std::string deposed;                               // Key of a deposed object; empty: the current.
  std::string provider;                              // As state files name its configuration.
  address::Key provider_key;
  Action action = Action::kNoOp;
  Reason reason = Reason::kNone;
  value::Value before;  // Null where it does not exist. Marked where sensitive.
  value::Value after;   // Null where it will not exist. Unknown where only apply can tell.
  value::Value before_identity;
  value::Value after_identity;
  std::vector<value::Path> replace_paths;  // Whose difference asks for a new object.
  std::string private_data;
  std::string import_id;  // Not empty: it is imported first.
  std::vector<Cause> causes;
  SourceRange range;                         // The head of its block, where there is one.
  const provider::Schema* schema = nullptr;  // Lives as long as the providers.
  state::Dependencies dependencies;          // For the state.
  bool create_before_destroy = false;
};

struct OutputChange {
  std::string name;
  Action action = Action::kNoOp;
  value::Value before;
  value::Value after;
  bool sensitive = false;
};

struct CheckOutcome {
  std::string kind;     // "resource", "output", "check", "var"
  std::string address;  // Of the object, with its keys.
  std::string status;   // "pass", "fail", "error", "unknown"
  std::vector<std::string> messages;
};

// An attribute of a resource that had a part in what changes (infra/relevant.h).
struct RelevantAttribute {
  address::Address address;
  value::Path path;
};

enum class Mode { kNormal, kDestroy, kRefreshOnly };

struct Plan {
  Mode mode = Mode::kNormal;
  std::vector<ResourceChange> changes;  // Also those that do nothing; by address, deposed last.
  std::vector<ResourceChange> drift;    // What the world changed since the last apply.
  std::vector<OutputChange> outputs;    // Of the root module, by name.
  std::vector<CheckOutcome> checks;
  std::vector<RelevantAttribute> relevant;  // By address.
  // As read from the world: what the changes are made against. Its serial and lineage are
  // those of the state that the plan began with.
  state::State state;
  std::map<std::string, value::Value> variables;  // Of the root module.
  std::optional<Timestamp> time;                  // What plantimestamp() says.
  bool is_partial = false;                        // -target or -exclude.
  Diagnostics diagnostics;

  int Count(Action action) const;
  // Something would change in the world, the state or the outputs.
  bool has_changes() const;
  // "Plan: 1 to add, 0 to change, 0 to destroy."; with imports and forgotten ones where there
  // are any.
  std::string Summary() const;
};

}  // namespace andon::infra
