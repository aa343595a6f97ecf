// Releases: one history of what the project declares.
//
// A release is opened before the first change and closed after the last. Open
// writes down the whole of what it will declare (contents by hash, manifest by
// address), so that one left open by a crash can be finished by the next command
// with nothing but the control store. The current release is the newest closed one.
//
//   int64_t id = TRY(release::Open(db, clock, {.actor = "ana@host", .changes = changes}));
//   ... the provider applies ...
//   TRY(release::Close(db, clock, id));
//   definition::Project project = TRY(release::CurrentProject(db));
//
// Every change of a definition is a fact `object_changed` in the journal, written
// with the close.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "store/database.h"

namespace andon::release {

// One object that a release adds, changes or removes.
struct Change {
  std::string address;
  std::optional<definition::Object> object;  // Nothing: removed.
};

struct Opening {
  std::string actor;
  std::string message;      // "apply", "rollback to release 1"
  std::string git_commit;   // Empty where the project is no clean git tree.
  int64_t base = 0;         // The release that the plan was made against; 0: none.
  int64_t rollback_of = 0;  // The release whose definitions it brings back; 0: none.
  std::vector<Change> changes;
  // Values of `output` blocks, kept for `andon output`.
  Json outputs = Json::Object();
};

// Counts of what changed against the release before.
struct Counts {
  int64_t added = 0;
  int64_t changed = 0;
  int64_t removed = 0;
};

struct Release {
  int64_t id = 0;
  std::string state;  // "open", "closed"
  Timestamp opened_at;
  std::optional<Timestamp> closed_at;
  std::string actor;
  std::string message;
  std::string git_commit;
  int64_t base = 0;
  int64_t rollback_of = 0;
  bool is_recovered = false;  // Closed by a later command, after a crash.
  Counts counts;
  Json outputs;
};

// Writes the release down, in one transaction, as open. kConflict where `base` is
// no longer the current release: the plan is stale. kHeld where another is open.
Result<int64_t> Open(store::Database& db, const Clock& clock, const Opening& opening);

// Makes it the current release and writes its facts, in one transaction.
Result<void> Close(store::Database& db, const Clock& clock, int64_t id);

// Closes a release that a crash left open: what it declares was written down and
// approved, and definitions have no other effect. The release, where there was
// one. Call with the apply lease held.
Result<std::optional<Release>> Reconcile(store::Database& db, const Clock& clock);

// The release that is open, where there is one.
Result<std::optional<int64_t>> OpenId(store::Database& db);

// The id of the newest closed release, or 0.
Result<int64_t> CurrentId(store::Transaction& tx);
Result<int64_t> CurrentId(store::Database& db);

// Newest first.
Result<std::vector<Release>> List(store::Database& db);
// kNotFound, naming the releases that there are.
Result<Release> Find(store::Database& db, int64_t id);

// What a release declares, ordered by address; nothing for release 0.
Result<std::vector<definition::Object>> Objects(store::Database& db, int64_t id);
Result<std::vector<definition::Object>> CurrentObjects(store::Database& db);

// The project as the current release declares it. kNotFound where there is none yet.
Result<definition::Project> CurrentProject(store::Database& db);

// What an object changed from and to, one for each address that differs.
struct Difference {
  std::string address;
  std::optional<definition::Object> before;
  std::optional<definition::Object> after;
  std::string position;  // "file:line": of the first changed line of SQL, else of the block.
};
std::vector<Difference> Diff(const std::vector<definition::Object>& before,
                             const std::vector<definition::Object>& after);

// The hash of what an object declares: kind, type and attributes in canonical order.
std::string HashOf(const definition::Object& object);

// The 0-based index of the first line that differs; -1 where the texts are equal.
int64_t FirstChangedLine(std::string_view before, std::string_view after);

}  // namespace andon::release
