// Dropped snapshots: what a table lost by a commit (a branch that was dropped, history that was
// expired), remembered in the transaction of that commit until its files are removed.
//
// So garbage is found at the cost of what was dropped, not of the table: of a dropped snapshot's
// files, those go that no snapshot of the table has any more. A reader that began before the
// drop may still be at them, so they stay for a while.
#pragma once

#include <string>
#include <vector>

#include "lake/lake.h"

namespace andon::lake {

struct DroppedSnapshot {
  int64_t id = 0;
  std::string manifest_list;
  Timestamp dropped_at;
};

// Writes down what the commit drops.
Result<void> RememberDropped(store::Transaction& tx, const Lake& lake,
                             const iceberg::Staged& staged);
// True where something was dropped at `until` or before, and its files were not removed yet.
Result<bool> AnyDropped(store::Transaction& tx, Timestamp until);
// Those whose files were not removed yet, by table; oldest first.
Result<std::map<std::string, std::vector<DroppedSnapshot>>> ListDropped(store::Transaction& tx,
                                                                        const Lake& lake);
Result<void> ForgetDropped(store::Transaction& tx, const Lake& lake, const std::string& table,
                           const std::vector<DroppedSnapshot>& dropped);

// The files that only `dropped` need: neither the table nor the snapshots of `kept` have them. In
// the order in which they may be removed: as long as a snapshot's manifest list is there, all that
// it names and that is still there can be found. At most `files_max` data files are looked for; the
// files of snapshots beyond that come with a later call.
//
// Reads the manifest lists of all kept snapshots, and of the manifests those that were written
// since the drop or that only the dropped ones had.
struct DroppedFiles {
  std::vector<std::string> paths;
  std::vector<DroppedSnapshot> done;  // Nothing of these is left once `paths` are removed.
};
Result<DroppedFiles> FilesOfDropped(const Lake& lake, const iceberg::Table& table,
                                    const std::vector<DroppedSnapshot>& dropped,
                                    const std::vector<DroppedSnapshot>& kept, int64_t files_max);

}  // namespace andon::lake
