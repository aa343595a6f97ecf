// Journal: what an apply has changed since the state file was written, one line for each
// change, so that the file need not be written anew for each. It lies beside the state
// file and is folded into it at the end of the apply, or by the next command after a
// crash. The format is in docs/formats/state-journal.md.
//
//   Journal journal = TRY(Journal::Begin(files, path, base));
//   TRY(journal.Append(SetInstance(address, resource, instance), Journal::kDurable));
//
// Thread: Append may be called from any thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "encryption/codec.h"
#include "io/file_system.h"
#include "state/state.h"

namespace andon::state {

// `dir/.terraform.tfstate.journal`
std::string JournalPath(const std::string& state_path);

// One change: what an instance, or an output, is now. Null or empty means that there is
// none any more.
struct InstanceChange {
  address::Address address;
  std::string provider;
  Instance instance;
};
struct OutputChange {
  std::string name;
  std::optional<Output> output;
};

// The instance as it stands in the state.
InstanceChange ChangeOf(const State& state, const address::Address& instance);

// One change as a line of JSON, without the newline; for keepers of single changes.
std::string ToText(const InstanceChange& change);
// kCorrupt where it is none.
Result<void> ApplyText(std::string_view text, State& state);

class Journal {
 public:
  // When Append returns.
  enum Durability {
    kWritten,  // It survives the end of the process: for what is nowhere but in the state.
    kDurable,  // It survives a power cut. Callers that wait at the same time share a sync.
  };

  // Replaces a journal that is there. `base` is the text of the state file, which may be
  // empty. Changes are sealed by the codec. Lifetime: `files` is kept.
  static Result<Journal> Begin(io::FileSystem& files, const std::string& state_path,
                               std::string_view base, const State& state,
                               encryption::Codec codec = {});
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();  // The file stays.

  // After a failure every later call fails too: what would follow might not fit.
  Result<void> Append(const InstanceChange& change, Durability durability);
  Result<void> Append(const OutputChange& change, Durability durability);

  // Says that all of it is in the state file whose text is `result`, which is about to be
  // written; then Remove. A crash between leaves a journal that is known to be done.
  Result<void> Finish(std::string_view result);
  Result<void> Remove();

 private:
  struct Shared;
  explicit Journal(std::unique_ptr<Shared> shared);
  Result<void> AppendLine(std::string line, Durability durability);

  std::unique_ptr<Shared> shared_;
};

// Journal::Finish for a journal that another process left behind.
Result<void> FinishJournal(io::FileSystem& files, const std::string& state_path,
                           std::string_view result);

struct Folded {
  int changes = 0;       // That were put into the state.
  bool is_done = false;  // The journal is in the state file already, and only to be removed.
};

// Puts the changes of the journal into `state`, which was read from `base`. A line that
// is torn ends the journal: it was never acknowledged. kConflict, with what to do, where
// the state file is neither that which the journal began with nor that which it ended in:
// another program has written it since. kCorrupt where it is no journal; kInvalid where it is
// sealed and the codec cannot open it.
Result<Folded> FoldJournal(std::string_view journal, const std::string& journal_path,
                           std::string_view base, State& state,
                           const encryption::Codec& codec = {});

}  // namespace andon::state
