#include "state/session.h"

#include <utility>

#include "base/text.h"
#include "io/path.h"
#include "state/codes.h"

namespace andon::state {
namespace {

bool IsEmpty(const State* state) { return state == nullptr || state->empty(); }

Result<std::string> Sealed(const State& state, const encryption::Codec& codec) {
  std::string text = TRY(WriteState(state));
  return codec.SealState(text, state.serial, state.lineage);
}

}  // namespace

Loaded Load(const io::FileSystem& files, Storage& storage, const encryption::Codec& codec) {
  Loaded loaded;
  const std::string& location = storage.names().location;
  auto refuse = [&](const Error& error) {
    Report(loaded.diagnostics, kUnreadableFile, error.message, {});
    loaded.state.reset();
    return std::move(loaded);
  };
  auto stored = storage.Read();
  if (!stored.ok()) return refuse(stored.error());
  loaded.text = std::move(stored->text);
  loaded.replaces = std::move(stored->replaces);
  // An empty text is no state; a lock makes the file before it is written.
  if (!Trim(loaded.text).empty()) {
    auto plain = codec.Open(loaded.text);
    if (!plain.ok()) return refuse(std::move(plain).error().In(location));
    ReadResult read = ReadState(*plain, location);
    loaded.state = std::move(read.state);
    loaded.diagnostics = std::move(read.diagnostics);
    if (loaded.diagnostics.has_errors()) return loaded;
  }

  std::string journal_path = JournalPath(storage.names().beside);
  auto journal = files.Read(journal_path);
  if (!journal.ok()) {
    return journal.error().kind == ErrorKind::kNotFound ? std::move(loaded)
                                                        : refuse(journal.error());
  }
  loaded.has_journal = true;
  State state = loaded.state.value_or(State());
  auto folded = FoldJournal(*journal, journal_path, loaded.text, state, codec);
  if (!folded.ok()) return refuse(folded.error());
  loaded.recovered = folded->changes;
  if (folded->changes > 0) loaded.state = std::move(state);
  return loaded;
}

Result<void> CheckImport(const State& incoming, const State* existing) {
  if (IsEmpty(existing)) return {};
  if (incoming.lineage.empty() || existing->lineage.empty()) return {};
  if (incoming.lineage != existing->lineage) {
    return Error::Conflict(
        "cannot import state with lineage \"{}\" over unrelated state with lineage \"{}\"",
        incoming.lineage, existing->lineage);
  }
  if (incoming.serial < existing->serial) {
    return Error::Conflict("cannot import state with serial {} over newer state with serial {}",
                           incoming.serial, existing->serial);
  }
  if (incoming.serial == existing->serial && !SameContent(incoming, *existing)) {
    return Error::Conflict(
        "cannot overwrite existing state with serial {} with a different state that has the same "
        "serial",
        incoming.serial);
  }
  return {};
}

struct Session::Held {
  io::FileSystem* files;
  Options options;
  std::unique_ptr<Storage> storage;
  State read;  // What is kept, for what has changed.
  bool had_state = false;
  std::string text;         // What is kept: the journal belongs to it,
  std::string overwritten;  // and what is written over.
  bool is_elsewhere = false;
  State state;
  int recovered = 0;
  bool has_journal = false;
  bool has_backup = false;
  std::optional<Journal> journal;
  Diagnostics diagnostics;

  const std::string& beside() const { return storage->names().beside; }

  Result<void> Backup() {
    const std::string& path = storage->names().backup;
    if (has_backup || path.empty() || overwritten.empty()) return {};
    std::string kept = overwritten;
    // A state that is encrypted from now on leaves no copy in the clear.
    if (options.codec.seals() && !encryption::IsSealed(kept)) {
      ReadResult old = ReadState(kept, path);
      if (old.state) kept = TRY(Sealed(*old.state, options.codec));
    }
    TRY(files->WriteAtomically(path, kept));
    has_backup = true;
    return {};
  }

  Result<void> Store(State next) {
    next.terraform_version = options.terraform_version;
    std::string bytes = TRY(Sealed(next, options.codec));
    TRY(Backup());
    if (journal) {
      TRY(journal->Finish(bytes));
    } else if (has_journal) {
      TRY(FinishJournal(*files, beside(), bytes));
    }
    TRY(storage->Write(bytes));
    // A journal that cannot be removed is known to be done by its last line.
    if (journal) {
      (void)journal->Remove();
    } else if (has_journal) {
      (void)files->Remove(JournalPath(beside()));
    }
    journal.reset();
    has_journal = false;
    text = std::move(bytes);
    overwritten = text;
    had_state = true;
    state = std::move(next);
    return {};
  }
};

Session::Session(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::Open(io::FileSystem& files, std::unique_ptr<Storage> storage,
                              LockInfo info, Options options) {
  if (options.lock) TRY(storage->Lock(std::move(info), options.lock_timeout));
  auto held = std::make_unique<Held>();
  held->files = &files;
  held->options = std::move(options);
  Loaded loaded = Load(files, *storage, held->options.codec);
  held->storage = std::move(storage);
  held->has_journal = loaded.has_journal;
  held->recovered = loaded.recovered;
  held->had_state = loaded.state.has_value() && loaded.recovered == 0;
  held->diagnostics = std::move(loaded.diagnostics);
  if (loaded.state) held->state = *std::move(loaded.state);
  if (held->state.lineage.empty()) held->state.lineage = RandomUuid();
  held->read = held->state;
  held->is_elsewhere = loaded.replaces.has_value();
  held->overwritten = loaded.replaces.value_or(loaded.text);
  held->text = held->is_elsewhere ? held->overwritten : std::move(loaded.text);
  return Session(std::move(held));
}

const Diagnostics& Session::diagnostics() const { return held_->diagnostics; }
const State& Session::state() const { return held_->state; }
int Session::recovered() const { return held_->recovered; }

Result<Journal*> Session::journal() {
  if (!held_->journal) {
    // What an older journal holds must not be lost with it.
    if (held_->recovered > 0 && held_->has_journal) {
      State recovered = held_->state;
      TRY(Write(std::move(recovered)));
    }
    held_->journal = TRY(Journal::Begin(*held_->files, held_->beside(), held_->text, held_->state,
                                        held_->options.codec));
  }
  return &*held_->journal;
}

Result<bool> Session::Write(State next) {
  Held& held = *held_;
  if (held.diagnostics.has_errors()) {
    return Error::Corrupt("{} was not read, so it is not written over",
                          held.storage->names().location);
  }
  // One that is in the clear, and is to be encrypted, or the reverse, is written all the same.
  bool is_as_configured = encryption::IsSealed(held.text) == held.options.codec.seals();
  if (held.had_state && !held.is_elsewhere && is_as_configured && SameContent(next, held.state)) {
    if (held.journal) (void)held.journal->Remove();
    held.journal.reset();
    return false;
  }
  next.lineage = held.read.lineage;
  bool is_changed = !held.had_state || !SameContent(next, held.read) || held.recovered > 0;
  next.serial = held.read.serial + (is_changed ? 1 : 0);
  // Two files of one serial are one file; so a second write in a session counts again.
  if (held.state.serial > held.read.serial) next.serial = held.state.serial + 1;
  TRY(held.Store(std::move(next)));
  return true;
}

Result<void> Session::WriteAsItIs(State next) {
  Held& held = *held_;
  TRY(held.Store(std::move(next)));
  held.read = held.state;
  return {};
}

Result<std::string> Session::WriteErrored(const std::string& dir, State state) const {
  std::string path = dir == "." ? "errored.tfstate" : io::Join(dir, "errored.tfstate");
  state.lineage = held_->read.lineage;
  state.serial = held_->state.serial + 1;
  state.terraform_version = held_->options.terraform_version;
  std::string text = TRY(Sealed(state, held_->options.codec));
  TRY(held_->files->WriteAtomically(path, text));
  return path;
}

Result<void> Session::Close() { return held_->storage->Unlock(); }

}  // namespace andon::state
