// The backend's part of andon init.
#include <fmt/format.h>

#include "backend/record.h"
#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "cli/state_home.h"
#include "io/local_file_system.h"
#include "state/local_backend.h"

namespace andon::cli {
namespace {

// One state goes from one place to another; both are locked meanwhile.
class Migration {
 public:
  Migration(Context& context, const Arguments& arguments, const StateHome& home)
      : context_(context), arguments_(arguments), home_(home) {}

  // All workspaces of `from` that have a state. False where the user does not want it.
  Result<bool> Run(const backend::Settings& from, const backend::Settings& to) {
    TRY(backend::Complete(from));
    auto source = TRY(backend::Open(from, WorldOf(context_)));
    auto target = TRY(backend::Open(to, WorldOf(context_)));
    std::shared_ptr<state::Backend> source_kept = std::move(source);
    std::shared_ptr<state::Backend> target_kept = std::move(target);
    auto names = TRY(source_kept->Workspaces());
    bool was_asked = false;
    for (const std::string& name : names) {
      auto read = TRY(Open(source_kept, name));
      if (read.state().empty() && read.state().serial == 0) {
        TRY(read.Close());
        continue;
      }
      if (!was_asked) {
        bool wanted = TRY(Ask(fmt::format(
            "Do you want to copy existing state to the new backend?\n  From \"{}\" to \"{}\".",
            from.type, to.type)));
        if (!wanted) return false;
        was_asked = true;
      }
      TRY(Copy(name, read, target_kept, from.type == "local" && from.values.empty()));
    }
    return true;
  }

 private:
  Result<state::Session> Open(const std::shared_ptr<state::Backend>& backend,
                              const std::string& workspace) {
    auto storage = TRY(backend->Open(workspace));
    auto session = TRY(state::Session::Open(
        files_, std::move(storage), state::NewLockInfo("migration", ANDON_VERSION, *context_.clock),
        {.lock = arguments_.Bool("lock", true),
         .lock_timeout = arguments_.Time("lock-timeout"),
         .terraform_version = kLanguageVersion,
         .codec = home_.state_codec,
         .backend = backend}));
    context_.Report(session.diagnostics());
    if (session.diagnostics().has_errors())
      return Error::Corrupt("The state of the workspace \"{}\" cannot be used as it is.",
                            workspace);
    return session;
  }

  Result<bool> Ask(const std::string& question) {
    if (arguments_.Bool("force-copy")) return true;
    if (!context_.interactive || context_.json) {
      return Error::Invalid(
          "There is a state to be taken along, and nobody can be asked here. Give -force-copy to "
          "copy it, or -reconfigure to leave it where it is.");
    }
    return Approve(context_, arguments_, question);
  }

  Result<void> Copy(const std::string& name, state::Session& from,
                    const std::shared_ptr<state::Backend>& target, bool from_files) {
    // What a journal holds must not be put into the old place once more, later.
    if (from.recovered() > 0) TRY(from.Write(from.state()));
    auto to = TRY(Open(target, name));
    auto fits = state::CheckImport(from.state(), &to.state());
    if (!fits.ok()) {
      bool wanted = TRY(Ask(fmt::format(
          "The new backend has another state of the workspace \"{}\" ({}). Overwrite it?", name,
          fits.error().message)));
      if (!wanted) return Error::Interrupted("Nothing was copied over it.");
    }
    TRY(to.WriteAsItIs(from.state()));
    TRY(to.Close());
    // Trust is good; what goes on is built on it.
    auto storage = TRY(target->Open(name));
    state::Loaded loaded = state::Load(files_, *storage, home_.state_codec);
    if (!loaded.state || !state::SameContent(*loaded.state, from.state()))
      return Error::Corrupt("What the new backend keeps is not what was copied there.");
    TRY(from.Close());
    if (!context_.quiet)
      context_.Line(fmt::format("Copied the state of the workspace \"{}\".", name));
    if (from_files && name == state::kDefaultWorkspace) return PutAside();
    return {};
  }

  // The file is no state of the folder any more, and must not be taken for one.
  Result<void> PutAside() {
    state::LocalPaths paths = state::PathsOf(".", state::kDefaultWorkspace);
    if (!files_.Exists(paths.state)) return {};
    std::string text = TRY(files_.Read(paths.state));
    bool leaks = home_.state_codec.seals() && !encryption::IsSealed(text);
    if (leaks) return files_.Remove(paths.state);
    return files_.Rename(paths.state, paths.backup);
  }

  Context& context_;
  const Arguments& arguments_;
  const StateHome& home_;
  io::LocalFileSystem files_;
};

// Whether both keep their states in the same place, and differ in how at most.
bool IsSamePlace(const backend::Settings& a, const backend::Settings& b) {
  if (a.type != b.type) return false;
  auto value = [](const backend::Settings& settings, const char* name) {
    auto it = settings.values.find(name);
    return it == settings.values.end() ? Json() : it->second;
  };
  for (const char* name : {"path", "workspace_dir", "name", "bucket", "key", "workspace_key_prefix",
                           "endpoint", "endpoints"}) {
    if (value(a, name) != value(b, name)) return false;
  }
  return true;
}

}  // namespace

std::vector<Flag> WithBackendFlags(std::vector<Flag> flags) {
  std::vector<Flag> more = {
      {"backend", FlagKind::kBool, "", "Sees to the backend of the state; on by default."},
      {"backend-config", FlagKind::kList, "NAME=VALUE|FILE",
       "An argument of the backend, or a file of them; may be given several times."},
      {"migrate-state", FlagKind::kBool, "", "Takes the state along to a changed backend."},
      {"reconfigure", FlagKind::kBool, "", "Leaves the state where it was."},
      {"force-copy", FlagKind::kBool, "", "As -migrate-state, and asks nothing."},
      {"lock-timeout", FlagKind::kDuration, "DURATION", "How long to wait for another command."},
  };
  flags.insert(flags.end(), more.begin(), more.end());
  return WithStateFlags(std::move(flags));
}

Result<void> InitBackend(Context& context, const Arguments& arguments, const StateHome& home) {
  io::LocalFileSystem files;
  auto record = TRY(backend::ReadRecord(files, "."));
  if (!home.block && !record) {
    if (!arguments.List("backend-config").empty())
      return Error::Invalid("Missing backend configuration: the files have no backend block.");
    return {};
  }
  context.Line("Initializing the backend...");
  backend::Settings wanted = home.block.value_or(backend::Settings());
  for (const std::string& text : arguments.List("backend-config"))
    TRY(backend::AddOverride(files, text, &wanted));
  bool has_overrides = arguments.Has("backend-config");
  bool is_same =
      record && home.block &&
      (record->settings == wanted || (!has_overrides && backend::IsOf(*record, *home.block)));
  if (is_same && !arguments.Bool("reconfigure")) {
    TRY(backend::Complete(record->settings));
    (void)TRY(backend::Open(record->settings, WorldOf(context)));
    return {};
  }
  TRY(backend::Complete(wanted));
  // Opened before anything is remembered: wrong arguments change nothing.
  auto opened = TRY(backend::Open(wanted, WorldOf(context)));
  (void)TRY(opened->Workspaces());
  opened.reset();
  bool migrates = arguments.Bool("migrate-state") || arguments.Bool("force-copy");
  if (arguments.Bool("reconfigure") && migrates)
    return Error::Invalid("The -migrate-state and -reconfigure options are mutually exclusive.");
  if (!arguments.Bool("reconfigure")) {
    if (record && !migrates) {
      return Error::Invalid(
          "Backend configuration changed: the state was kept by \"{}\". Give -migrate-state to "
          "take "
          "it along, or -reconfigure to leave it where it is.",
          record->settings.type);
    }
    // Without a record the state is in local files, or there is none.
    backend::Settings from = record ? record->settings : backend::Settings();
    if (!IsSamePlace(from, wanted)) {
      bool is_done = TRY(Migration(context, arguments, home).Run(from, wanted));
      if (!is_done) return Error::Interrupted("Nothing was changed.");
    }
  }
  if (home.block) {
    TRY(backend::WriteRecord(files, ".", {wanted, backend::HashOf(*home.block)}, kLanguageVersion));
    context.Line(context.Paint(
        "green", fmt::format("Successfully configured the backend \"{}\"!", wanted.type)));
  } else {
    TRY(backend::RemoveRecord(files, "."));
    context.Line(context.Paint(
        "green",
        fmt::format("Successfully unset the backend \"{}\". Andon will now operate locally.",
                    record->settings.type)));
  }
  return {};
}

}  // namespace andon::cli
