// The places where states are kept, behind one interface: files of this machine
// (state/local_backend.h), a bucket, the control store (src/backend). A backend has workspaces,
// each with a state of its own; Storage is one of them. Both move texts and know nothing of
// what is in them; Session (state/session.h) makes states of the texts.
//
//   auto storage = TRY(backend.Open("default"));
//   TRY(storage->Lock(NewLockInfo(…), timeout));
//   Stored stored = TRY(storage->Read());
//   TRY(storage->Write(text));
//   TRY(storage->Unlock());
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "state/locked_file.h"

namespace andon::state {

inline constexpr const char* kDefaultWorkspace = "default";

struct Stored {
  std::string text;  // Empty: there is no state yet.
  // What Write will take the place of, where that is not `text`.
  std::optional<std::string> replaces;
};

class Storage {
 public:
  struct Names {
    std::string location;  // For messages: "terraform.tfstate", "s3://bucket/key".
    std::string beside;    // A path on this machine, beside which the journal lies.
    std::string backup;    // Where what is written over goes; empty: nowhere.
  };

  virtual ~Storage() = default;  // Unlocks.

  const Names& names() const { return names_; }

  // kUnavailable where nobody answers; kCorrupt where what was kept is damaged.
  virtual Result<Stored> Read() = 0;
  // Waits up to `timeout`, then kHeld with the holder's "Lock Info:". Fine where the place
  // cannot be locked, or is not to be.
  virtual Result<void> Lock(LockInfo info, Duration timeout) = 0;
  // On failure what stood there stands. kConflict where somebody has written since Read.
  virtual Result<void> Write(std::string_view text) = 0;
  virtual Result<void> Unlock() = 0;

 protected:
  explicit Storage(Names names) : names_(std::move(names)) {}

  Names names_;
};

class Backend {
 public:
  virtual ~Backend() = default;

  // "default" first, the others in order.
  virtual Result<std::vector<std::string>> Workspaces() = 0;
  // Any name; one that is not there yet is made by the first Write. Lifetime: the backend
  // outlives the storage.
  virtual Result<std::unique_ptr<Storage>> Open(const std::string& workspace) = 0;
  // The checks are those of state/workspaces.h. `empty` is the text of a state without anything,
  // for places where a workspace is there only with its state.
  virtual Result<void> MakeWorkspace(const std::string& name, std::string_view empty) = 0;
  virtual Result<void> RemoveWorkspace(const std::string& name) = 0;
  // Removes the lock with this id that somebody left behind. kNotFound where there is none,
  // kInvalid where the id is another's, kHeld where its holder is known to be alive.
  virtual Result<void> ForceUnlock(const std::string& workspace, const std::string& id) = 0;
};

}  // namespace andon::state
