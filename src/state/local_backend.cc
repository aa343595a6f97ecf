#include "state/local_backend.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "io/path.h"
#include "state/codes.h"

namespace andon::state {
namespace {

constexpr const char* kFilename = "terraform.tfstate";

bool IsEmpty(const State* state) { return state == nullptr || state->empty(); }

}  // namespace

Loaded Load(const io::FileSystem& files, const std::string& path) {
  Loaded loaded;
  auto refuse = [&](const Error& error) {
    Report(loaded.diagnostics, kUnreadableFile, error.message, {});
    loaded.state.reset();
    return std::move(loaded);
  };
  auto text = files.Read(path);
  if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return refuse(text.error());
  if (text.ok()) loaded.text = *std::move(text);
  ReadResult read = ReadState(loaded.text, path);
  loaded.state = std::move(read.state);
  loaded.diagnostics = std::move(read.diagnostics);
  if (loaded.diagnostics.has_errors()) return loaded;

  std::string journal_path = JournalPath(path);
  auto journal = files.Read(journal_path);
  if (!journal.ok()) {
    return journal.error().kind == ErrorKind::kNotFound ? std::move(loaded)
                                                        : refuse(journal.error());
  }
  loaded.has_journal = true;
  State state = loaded.state.value_or(State());
  auto folded = FoldJournal(*journal, journal_path, loaded.text, state);
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
  LocalPaths paths;
  Options options;
  LockedFile file;
  State read;  // Of the file, for what has changed.
  bool had_state = false;
  std::string text;  // Of the file that is written over.
  State state;
  int recovered = 0;
  bool has_journal = false;
  bool has_backup = false;
  std::optional<Journal> journal;
  Diagnostics diagnostics;

  Held(io::FileSystem& all, LocalPaths where, Options how, LockedFile locked)
      : files(&all), paths(std::move(where)), options(std::move(how)), file(std::move(locked)) {}

  Result<void> Backup() {
    if (has_backup || paths.backup.empty() || text.empty()) return {};
    TRY(files->WriteAtomically(paths.backup, text));
    has_backup = true;
    return {};
  }

  Result<void> Store(State next) {
    next.terraform_version = options.terraform_version;
    std::string bytes = TRY(WriteState(next));
    TRY(Backup());
    if (journal) {
      TRY(journal->Finish(bytes));
    } else if (has_journal) {
      TRY(FinishJournal(*files, paths.state, bytes));
    }
    TRY(file.Replace([&](const Sink& sink) { return sink(bytes); }));
    // A journal that cannot be removed is known to be done by its last line.
    if (journal) {
      (void)journal->Remove();
    } else if (has_journal) {
      (void)files->Remove(JournalPath(paths.state));
    }
    journal.reset();
    has_journal = false;
    text = std::move(bytes);
    had_state = true;
    state = std::move(next);
    return {};
  }
};

Session::Session(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::Open(io::FileSystem& files, LocalPaths paths, LockInfo info,
                              Options options) {
  if (paths.state_out.empty()) paths.state_out = paths.state;
  LockedFile file = LockedFile::WithoutLock(paths.state_out);
  if (options.lock) {
    file = TRY(LockedFile::Acquire(paths.state_out, std::move(info), options.lock_timeout));
  }
  auto held = std::make_unique<Held>(files, paths, std::move(options), std::move(file));
  Loaded loaded = Load(files, paths.state);
  held->has_journal = loaded.has_journal;
  held->recovered = loaded.recovered;
  held->had_state = loaded.state.has_value() && loaded.recovered == 0;
  held->diagnostics = std::move(loaded.diagnostics);
  if (loaded.state) held->state = *std::move(loaded.state);
  if (held->state.lineage.empty()) held->state.lineage = RandomUuid();
  held->read = held->state;
  // The backup is of the file that is written over.
  if (paths.state_out == paths.state) {
    held->text = std::move(loaded.text);
  } else if (auto old = files.Read(paths.state_out); old.ok()) {
    held->text = *std::move(old);
  }
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
    held_->journal =
        TRY(Journal::Begin(*held_->files, held_->paths.state_out, held_->text, held_->state));
  }
  return &*held_->journal;
}

Result<bool> Session::Write(State next) {
  Held& held = *held_;
  if (held.diagnostics.has_errors()) {
    return Error::Corrupt("{} was not read, so it is not written over", held.paths.state);
  }
  bool is_other_file = held.paths.state_out != held.paths.state;
  if (held.had_state && !is_other_file && SameContent(next, held.state)) {
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

Result<void> Session::Close() { return held_->file.Release(); }

LocalPaths PathsOf(const std::string& dir, const std::string& workspace) {
  bool is_default = workspace.empty() || workspace == kDefaultWorkspace;
  std::string folder = is_default ? dir : io::Join(dir, fmt::format("{}.d", kFilename), workspace);
  std::string state = io::Join(folder, kFilename);
  return {state, state, state + ".backup"};
}

bool IsWorkspaceName(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~$&+=:@").find(c) != std::string_view::npos;
  });
}

Result<std::vector<std::string>> ListWorkspaces(const io::FileSystem& files,
                                                const std::string& dir) {
  std::vector<std::string> names = {kDefaultWorkspace};
  auto entries = files.List(io::Join(dir, fmt::format("{}.d", kFilename)));
  if (!entries.ok()) {
    if (entries.error().kind == ErrorKind::kNotFound) return names;
    return std::move(entries).error();
  }
  for (const io::FileInfo& entry : *entries) {
    if (entry.is_dir) names.push_back(entry.name);
  }
  return names;
}

namespace {

std::string EnvironmentPath(const std::string& dir) {
  return io::Join(dir, ".terraform", "environment");
}

Result<bool> Exists(const io::FileSystem& files, const std::string& dir, const std::string& name) {
  auto names = TRY(ListWorkspaces(files, dir));
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::string SelectedWorkspace(const io::FileSystem& files, const std::string& dir) {
  auto text = files.Read(EnvironmentPath(dir));
  std::string name = text.ok() ? std::string(Trim(*text)) : std::string();
  return name.empty() ? kDefaultWorkspace : name;
}

Result<void> SelectWorkspace(io::FileSystem& files, const std::string& dir,
                             const std::string& name) {
  bool exists = TRY(Exists(files, dir, name));
  if (!exists) return Error::NotFound("Workspace \"{}\" doesn't exist.", name);
  return files.WriteAtomically(EnvironmentPath(dir), name);
}

Result<void> CreateWorkspace(io::FileSystem& files, const std::string& dir,
                             const std::string& name) {
  if (!IsWorkspaceName(name)) {
    return Error::Invalid(
        "The workspace name \"{}\" is not allowed. The name must contain only URL safe characters, "
        "contain no path separators, and not be an empty string.",
        name);
  }
  bool exists = TRY(Exists(files, dir, name));
  if (exists) return Error::Conflict("Workspace \"{}\" already exists", name);
  return files.MakeDirs(io::Dirname(PathsOf(dir, name).state));
}

Result<void> DeleteWorkspace(io::FileSystem& files, const std::string& dir, const std::string& name,
                             bool force) {
  if (name == kDefaultWorkspace) return Error::Invalid("cannot delete default state");
  bool exists = TRY(Exists(files, dir, name));
  if (!exists) return Error::NotFound("Workspace \"{}\" doesn't exist.", name);
  if (name == SelectedWorkspace(files, dir)) {
    return Error::Invalid("Workspace \"{}\" is your active workspace: select another one first.",
                          name);
  }
  std::string path = PathsOf(dir, name).state;
  Loaded loaded = Load(files, path);
  bool is_empty =
      !loaded.diagnostics.has_errors() && IsEmpty(loaded.state ? &*loaded.state : nullptr);
  if (!is_empty && !force) {
    return Error::Invalid(
        "Workspace \"{}\" is currently tracking objects. Destroy them first, or delete it with "
        "-force, and nothing will know of them any more.",
        name);
  }
  return files.RemoveAll(io::Dirname(path));
}

Result<std::string> WriteErroredState(io::FileSystem& files, const std::string& dir,
                                      const State& state) {
  std::string path = io::Join(dir, "errored.tfstate");
  std::string text = TRY(WriteState(state));
  TRY(files.WriteAtomically(path, text));
  return path;
}

}  // namespace andon::state
