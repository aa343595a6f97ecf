// One command's hold on a state: lock, read, change, write, unlock, wherever it is kept.
//
//   auto session = TRY(Session::Open(files, TRY(backend.Open("default")), lock_info, options));
//   session.state()...                       // what was read, a journal's changes included
//   TRY(session.Write(new_state));           // serial, lineage and backup follow
//   TRY(session.Close());
//
// What is written anywhere (state, backup, journal, errored.tfstate) goes through the codec of
// the options, so nothing of an encrypted state stands in the clear beside it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "encryption/codec.h"
#include "io/file_system.h"
#include "state/backend.h"
#include "state/file.h"
#include "state/journal.h"

namespace andon::state {

// What is kept of a state.
struct Loaded {
  std::optional<State> state;           // Empty where there is none.
  std::string text;                     // As it is kept, without the journal.
  std::optional<std::string> replaces;  // See Stored.
  int recovered = 0;                    // Changes of an interrupted apply that are in `state`.
  bool has_journal = false;
  Diagnostics diagnostics;
};

// Reads without a lock, for commands that only look. The journal is in `files`.
Loaded Load(const io::FileSystem& files, Storage& storage, const encryption::Codec& codec = {});

// Whether `incoming` may replace `existing` without force, as `state push` and migration
// ask: kConflict where it is of another lineage or older.
Result<void> CheckImport(const State& incoming, const State* existing);

class Session {
 public:
  struct Options {
    bool lock = true;
    Duration lock_timeout{0};
    // What the file then names as its writer.
    std::string terraform_version;
    encryption::Codec codec;
    std::shared_ptr<Backend> backend;  // Of the storage, where somebody must keep it.
  };

  // kHeld where somebody else has the lock. Mistakes in the state are in diagnostics(),
  // and then nothing may be written. Lifetime: `files` and the storage's backend are kept.
  static Result<Session> Open(io::FileSystem& files, std::unique_ptr<Storage> storage,
                              LockInfo info, Options options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const Diagnostics& diagnostics() const;
  // What was read or written last; empty, with a lineage, where there is none.
  const State& state() const;
  int recovered() const;

  // The journal of this session; made at the first call, when a recovered one has been
  // written into the state.
  Result<Journal*> journal();

  // Writes where the content changed: the serial is one more than that which was read,
  // and what stood there becomes the backup, once in a session. Removes the
  // journal, whose changes the state must have. True where something was written.
  Result<bool> Write(State state);
  // With the serial and lineage that it has: for `state push` and migration.
  Result<void> WriteAsItIs(State state);
  // Writes `dir`/errored.tfstate, for a state that its backend did not take, as the next
  // one of those that were read; its path.
  Result<std::string> WriteErrored(const std::string& dir, State state) const;

  Result<void> Close();

 private:
  struct Held;
  explicit Session(std::unique_ptr<Held> held);

  std::unique_ptr<Held> held_;
};

}  // namespace andon::state
