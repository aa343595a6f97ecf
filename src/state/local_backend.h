// The local backend: a state in a file of this machine, `terraform.tfstate`, with its
// backup, its lock and its journal; and the workspaces of a folder, each with a state of
// its own in `terraform.tfstate.d/NAME/`.
//
//   auto session = TRY(Session::Open(files, PathsOf(dir, "default"), lock_info, timeout));
//   session.state()...                       // what was read, a journal's changes included
//   TRY(session.Write(new_state));           // serial, lineage and backup follow
//   TRY(session.Close());
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/file_system.h"
#include "state/file.h"
#include "state/journal.h"
#include "state/locked_file.h"

namespace andon::state {

struct LocalPaths {
  std::string state;      // Read here first,
  std::string state_out;  // and written there; the same unless the user says otherwise.
  std::string backup;     // Empty: none is made.
};

inline constexpr const char* kDefaultWorkspace = "default";

// In the folder of the root module.
LocalPaths PathsOf(const std::string& dir, const std::string& workspace);

// "default" and those that have a folder, in order.
Result<std::vector<std::string>> ListWorkspaces(const io::FileSystem& files,
                                                const std::string& dir);
// What .terraform/environment says; "default" where it says nothing.
std::string SelectedWorkspace(const io::FileSystem& files, const std::string& dir);
// kNotFound where there is none of this name.
Result<void> SelectWorkspace(io::FileSystem& files, const std::string& dir,
                             const std::string& name);
// kConflict where it exists, kInvalid where the name cannot stand in a path or URL.
Result<void> CreateWorkspace(io::FileSystem& files, const std::string& dir,
                             const std::string& name);
// kInvalid for "default", for the one that is selected, and for one whose state has
// objects, unless `force`.
Result<void> DeleteWorkspace(io::FileSystem& files, const std::string& dir, const std::string& name,
                             bool force);
bool IsWorkspaceName(std::string_view name);

// What stands in a file.
struct Loaded {
  std::optional<State> state;  // Empty where there is no file, or nothing in it.
  std::string text;            // As it stands in the file, without the journal.
  int recovered = 0;           // Changes of an interrupted apply that are in `state`.
  bool has_journal = false;
  Diagnostics diagnostics;
};

// Reads without a lock, for commands that only look.
Loaded Load(const io::FileSystem& files, const std::string& path);

// Whether `incoming` may replace `existing` without force, as `state push` and migration
// ask: kConflict where it is of another lineage or older.
Result<void> CheckImport(const State& incoming, const State* existing);

// One command's hold on a state: lock, read, change, write, unlock.
class Session {
 public:
  struct Options {
    bool lock = true;
    Duration lock_timeout{0};
    // What the file then names as its writer.
    std::string terraform_version;
  };

  // kHeld where somebody else has the lock. Mistakes in the file are in diagnostics(),
  // and then nothing may be written.
  static Result<Session> Open(io::FileSystem& files, LocalPaths paths, LockInfo info,
                              Options options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const Diagnostics& diagnostics() const;
  // What was read or written last; empty, with a lineage, where there is none.
  const State& state() const;
  int recovered() const;

  // The journal of this session; made at the first call, when a recovered one has been
  // written into the state file.
  Result<Journal*> journal();

  // Writes where the content changed: the serial is one more than that which was read,
  // and the file that stood there becomes the backup, once in a session. Removes the
  // journal, whose changes the state must have. True where something was written.
  Result<bool> Write(State state);
  // With the serial and lineage that it has: for `state push` and migration.
  Result<void> WriteAsItIs(State state);

  Result<void> Close();

 private:
  struct Held;
  explicit Session(std::unique_ptr<Held> held);

  std::unique_ptr<Held> held_;
};

// Writes `dir`/errored.tfstate, for a state that its backend did not take; its path.
Result<std::string> WriteErroredState(io::FileSystem& files, const std::string& dir,
                                      const State& state);

}  // namespace andon::state
