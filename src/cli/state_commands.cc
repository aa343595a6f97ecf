// andon state list | show | mv | rm | pull | push | replace-provider, taint, untaint,
// force-unlock: what stands in the state, looked at and moved by hand.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "infra/provider_resolution.h"
#include "infratext/state_json.h"
#include "infratext/state_text.h"
#include "state/file.h"

namespace andon::cli {
namespace {

using address::Address;

ExitCode Ended(const Context& context, const Result<void>& done) {
  return done.ok() ? ExitCode::kDone : context.Fail(done.error());
}

Result<Address> ReadAddress(const std::string& text) {
  auto parsed = address::Parse(text);
  if (!parsed.ok()) return Error::Invalid("\"{}\" is no address: {}", text, parsed.error().message);
  return *parsed;
}

// Locks, changes a copy, writes it where it is another.
Result<void> ChangeState(Context& context, const Arguments& arguments,
                         const std::function<Result<void>(state::State&)>& change) {
  StateHome home = TRY(StateHomeOf(context, arguments));
  auto session = TRY(OpenState(context, arguments, home, "OperationTypeState"));
  if (session.state().empty() && session.state().serial == 0)
    return Error::NotFound("There is no state: nothing was applied.");
  state::State state = session.state();
  TRY(change(state));
  if (!arguments.Bool("dry-run")) TRY(session.Write(std::move(state)));
  return session.Close();
}

// The instances that an address names: itself, those of a resource, those of a module.
std::vector<Address> InstancesOf(const state::State& state, const Address& wanted) {
  std::vector<Address> out;
  for (const auto& [resource, content] : state.resources) {
    for (const auto& [key, instance] : content.instances) {
      Address at = resource.WithKey(key);
      if (wanted.Contains(at)) out.push_back(at);
    }
  }
  return out;
}

Error NoSuch(const state::State& state, const Address& wanted) {
  std::vector<std::string> known = infratext::StateList(state, {});
  std::string meant = DidYouMean(ToString(wanted), known);
  return Error::NotFound("The state has no {}{}", ToString(wanted),
                         meant.empty() ? std::string(".") : ": did you mean " + meant + "?");
}

// ---- list, show

ExitCode List(Context& context, const Arguments& arguments) {
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return context.Fail(state.error());
  std::vector<Address> filters;
  for (const std::string& text : arguments.positional) {
    auto parsed = ReadAddress(text);
    if (!parsed.ok()) return context.Fail(parsed.error());
    if (InstancesOf(*state, *parsed).empty()) return context.Fail(NoSuch(*state, *parsed));
    filters.push_back(*parsed);
  }
  std::string id = arguments.String("id");
  for (const std::string& line : infratext::StateList(*state, filters)) {
    if (!id.empty()) {
      const state::Instance* instance = state->FindInstance(*address::Parse(line));
      auto json = Json::Parse(instance->current->attributes);
      if (!json.ok() || (*json)["id"].AsString() != id) continue;
    }
    context.Line(line);
  }
  return ExitCode::kDone;
}

ExitCode Show(Context& context, const Arguments& arguments) {
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return context.Fail(state.error());
  auto wanted = ReadAddress(arguments.positional[0]);
  if (!wanted.ok()) return context.Fail(wanted.error());
  auto source = InstalledProviders(context);
  infra::ProviderPool pool(*source);
  if (state->FindInstance(*wanted) == nullptr) return context.Fail(NoSuch(*state, *wanted));
  auto text = infratext::RenderStateObject(*state, *wanted, SchemasOf(pool),
                                           TextOptionsOf(context, arguments));
  if (!text.ok()) return context.Fail(text.error());
  context.Print(*text);
  return ExitCode::kDone;
}

// ---- mv, rm

Result<void> MoveInstance(state::State& state, const Address& from, const Address& to) {
  if (state.FindInstance(to) != nullptr)
    return Error::Conflict("The state has {} already, so {} cannot get its address.", ToString(to),
                           ToString(from));
  state::Instance instance = *state.FindInstance(from);
  std::string provider = state.FindResource(from)->provider;
  state.RemoveInstance(from);
  if (instance.current != nullptr)
    state.SetCurrent(to, provider, instance.current, instance.provider_key);
  for (const auto& [key, object] : instance.deposed)
    state.SetDeposed(to, key, provider, object, instance.provider_key);
  return {};
}

// Where an instance below `from` goes when `from` becomes `to`.
Address Moved(const Address& at, const Address& from, const Address& to) {
  Address out = at;
  if (from.kind.empty()) {
    out.module = to.module;
    out.module.insert(out.module.end(),
                      at.module.begin() + static_cast<ptrdiff_t>(from.module.size()),
                      at.module.end());
    return out;
  }
  out.module = to.module;
  out.kind = to.kind;
  out.name = to.name;
  bool is_whole = std::holds_alternative<std::monostate>(from.key);
  bool keeps_key = is_whole && std::holds_alternative<std::monostate>(to.key);
  if (!keeps_key) out.key = to.key;
  return out;
}

ExitCode Move(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    Address from = TRY(ReadAddress(arguments.positional[0]));
    Address to = TRY(ReadAddress(arguments.positional[1]));
    if (from.kind.empty() != to.kind.empty())
      return Error::Invalid("A module moves to a module, a resource to a resource.");
    if (!from.kind.empty() && (from.kind != to.kind || from.is_data != to.is_data))
      return Error::Invalid(
          "{} and {} are of different types. An object keeps its type: a moved block can change "
          "it, "
          "where its provider knows how.",
          ToString(from), ToString(to));
    int count = 0;
    TRY(ChangeState(context, arguments, [&](state::State& state) -> Result<void> {
      std::vector<Address> all = InstancesOf(state, from);
      if (all.empty()) return NoSuch(state, from);
      for (const Address& at : all) {
        Address there = Moved(at, from, to);
        TRY(MoveInstance(state, at, there));
        context.Line(fmt::format("{} \"{}\" to \"{}\"",
                                 arguments.Bool("dry-run") ? "Would move" : "Move", ToString(at),
                                 ToString(there)));
        ++count;
      }
      return {};
    }));
    if (!arguments.Bool("dry-run"))
      context.Line(fmt::format("Successfully moved {} object(s).", count));
    return {};
  }());
}

ExitCode Remove(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    int count = 0;
    TRY(ChangeState(context, arguments, [&](state::State& state) -> Result<void> {
      for (const std::string& text : arguments.positional) {
        Address wanted = TRY(ReadAddress(text));
        std::vector<Address> all = InstancesOf(state, wanted);
        if (all.empty()) return NoSuch(state, wanted);
        for (const Address& at : all) {
          state.RemoveInstance(at);
          context.Line(fmt::format("{} {}", arguments.Bool("dry-run") ? "Would remove" : "Removed",
                                   ToString(at)));
          ++count;
        }
      }
      return {};
    }));
    if (!arguments.Bool("dry-run"))
      context.Line(fmt::format("Successfully removed {} resource instance(s).", count));
    return {};
  }());
}

ExitCode ReplaceProvider(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    auto from = config::ParseProviderSource(arguments.positional[0]);
    if (!from.ok()) return std::move(from).error();
    auto to = config::ParseProviderSource(arguments.positional[1]);
    if (!to.ok()) return std::move(to).error();
    int count = 0;
    TRY(ChangeState(context, arguments, [&](state::State& state) -> Result<void> {
      for (auto& [address, resource] : state.resources) {
        auto text = infra::ParseProviderText(resource.provider);
        if (!text || text->address != *from) continue;
        text->address = *to;
        resource.provider = infra::ToString(*text);
        ++count;
      }
      if (count == 0)
        return Error::NotFound("No object of the state is managed by {}.", config::ToString(*from));
      if (!arguments.Bool("auto-approve")) {
        bool approved =
            TRY(Approve(context, arguments,
                        fmt::format("Replace {} by {} for {} resource(s)?", config::ToString(*from),
                                    config::ToString(*to), count)));
        if (!approved) return Error::Interrupted("Nothing was changed.");
      }
      return {};
    }));
    context.Line(fmt::format("Successfully replaced provider for {} resource(s).", count));
    return {};
  }());
}

// ---- pull, push

ExitCode Pull(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    state::State state = TRY(ReadStateOnly(context, arguments));
    if (state.lineage.empty() && state.empty()) return {};
    std::string text = TRY(state::WriteState(state));
    context.Print(text);
    return {};
  }());
}

ExitCode Push(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    const std::string& path = arguments.positional[0];
    io::LocalFileSystem files;
    std::string text;
    if (path == "-") {
      text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
      text = TRY(files.Read(path));
    }
    StateHome home = TRY(StateHomeOf(context, arguments));
    // One in the clear is as good as an encrypted one: it is encrypted now.
    if (encryption::IsSealed(text)) text = TRY(home.state_codec.Open(text));
    state::ReadResult read = state::ReadState(text, path);
    context.sources.Add(path, text);
    context.Report(read.diagnostics);
    if (!read.state) return Error::Invalid("{} is no state that could be put in place.", path);
    auto session = TRY(OpenState(context, arguments, home, "OperationTypeStatePush"));
    if (!arguments.Bool("force")) TRY(state::CheckImport(*read.state, &session.state()));
    TRY(session.WriteAsItIs(std::move(*read.state)));
    return session.Close();
  }());
}

// ---- taint, untaint

ExitCode SetStatus(Context& context, const Arguments& arguments, state::ObjectStatus status) {
  bool is_taint = status == state::ObjectStatus::kTainted;
  return Ended(context, [&]() -> Result<void> {
    Address wanted = TRY(ReadAddress(arguments.positional[0]));
    if (wanted.is_data) return Error::Invalid("A data source cannot be tainted: it is only read.");
    TRY(ChangeState(context, arguments, [&](state::State& state) -> Result<void> {
      const state::Instance* instance = state.FindInstance(wanted);
      if (instance == nullptr || instance->current == nullptr) {
        if (arguments.Bool("allow-missing")) return {};
        return NoSuch(state, wanted);
      }
      if (instance->current->status == status && !is_taint)
        return Error::Invalid("{} is not tainted.", ToString(wanted));
      auto object = std::make_shared<state::Object>(*instance->current);
      object->status = status;
      std::string provider = state.FindResource(wanted)->provider;
      state.SetCurrent(wanted, provider, object, instance->provider_key);
      return {};
    }));
    context.Line(fmt::format("Resource instance {} has been {}.", ToString(wanted),
                             is_taint ? "marked as tainted" : "successfully untainted"));
    return {};
  }());
}

ExitCode Taint(Context& context, const Arguments& arguments) {
  return SetStatus(context, arguments, state::ObjectStatus::kTainted);
}

ExitCode Untaint(Context& context, const Arguments& arguments) {
  return SetStatus(context, arguments, state::ObjectStatus::kReady);
}

const Flag kDryRun{"dry-run", FlagKind::kBool, "", "Only says what it would do."};
const Flag kLockTimeout{"lock-timeout", FlagKind::kDuration, "DURATION",
                        "How long to wait for another command."};

}  // namespace

extern const Command kStateList = {
    .name = "state list",
    .group = Group::kChange,
    .summary = "List the resources of the state",
    .usage = "[ADDRESS…]",
    .description =
        "Prints the address of each object that the state has, or of those below the "
        "addresses given: modules, resources, instances.",
    .positional_max = -1,
    .flags = WithVariableFlags({{"id", FlagKind::kString, "ID", "Only the object with this id."}}),
    .examples = {{"andon state list", "All of them."},
                 {"andon state list module.network", "Those of a module."}},
    .run = List,
};

extern const Command kStateShow = {
    .name = "state show",
    .group = Group::kChange,
    .summary = "Show one resource as the state has it",
    .usage = "ADDRESS",
    .description = "Prints the attributes of one object. Sensitive ones are hidden.",
    .positional_min = 1,
    .positional_max = 1,
    .flags =
        WithVariableFlags({{"show-sensitive", FlagKind::kBool, "", "Shows sensitive values."}}),
    .examples = {{"andon state show aws_s3_bucket.lake", "A resource."},
                 {"andon state show 'terraform_data.x[\"a\"]'",
                  "One instance; quote it for the shell."}},
    .run = Show,
};

extern const Command kStateMv = {
    .name = "state mv",
    .group = Group::kChange,
    .summary = "Give an object of the state another address",
    .usage = "FROM TO",
    .description =
        "Moves instances, resources or modules within the state; nothing outside "
        "changes. In files, a moved block does the same for everybody.",
    .positional_min = 2,
    .positional_max = 2,
    .flags = WithVariableFlags(WithStateFlags({kDryRun, kLockTimeout})),
    .examples = {{"andon state mv aws_s3_bucket.old aws_s3_bucket.new", "After a rename."},
                 {"andon state mv -dry-run module.a module.b", "What would move."}},
    .run = Move,
};

extern const Command kStateRm = {
    .name = "state rm",
    .group = Group::kChange,
    .summary = "Forget objects, which stay in the world",
    .usage = "ADDRESS…",
    .description =
        "Removes objects from the state without destroying them. In files, a removed "
        "block does the same for everybody.",
    .positional_min = 1,
    .positional_max = -1,
    .flags = WithVariableFlags(WithStateFlags({kDryRun, kLockTimeout})),
    .examples = {{"andon state rm aws_s3_bucket.lake", "It is managed elsewhere from now on."},
                 {"andon state rm -dry-run module.old", "What would be forgotten."}},
    .run = Remove,
};

extern const Command kStateReplaceProvider = {
    .name = "state replace-provider",
    .group = Group::kChange,
    .summary = "Hand the objects of one provider to another",
    .usage = "FROM TO",
    .description = "Changes which provider manages objects, as after a move to another registry.",
    .positional_min = 2,
    .positional_max = 2,
    .flags = WithVariableFlags(
        WithStateFlags({{"auto-approve", FlagKind::kBool, "", "Does not ask."}, kLockTimeout})),
    .examples =
        {{"andon state replace-provider hashicorp/aws example.com/acme/aws", "A fork takes over."},
         {"andon state replace-provider -auto-approve registry.terraform.io/hashicorp/random "
          "hashicorp/random",
          "From one registry to the default one."}},
    .run = ReplaceProvider,
};

extern const Command kStatePull = {
    .name = "state pull",
    .group = Group::kChange,
    .summary = "Print the state file",
    .usage = "",
    .description = "Prints the state as it is stored, sensitive values included.",
    .flags = WithVariableFlags({}),
    .examples = {{"andon state pull", "The file."}, {"andon state pull > copy.tfstate", "A copy."}},
    .run = Pull,
};

extern const Command kStatePush = {
    .name = "state push",
    .group = Group::kChange,
    .summary = "Put a state file in place of the state",
    .usage = "FILE",
    .description =
        "Writes FILE (- for standard input) as the state. One of another lineage, or an "
        "older one, is refused without -force.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags(WithStateFlags(
        {{"force", FlagKind::kBool, "", "Also an older or a foreign one."}, kLockTimeout})),
    .examples = {{"andon state push errored.tfstate", "After a state could not be written."},
                 {"andon state push -force old.tfstate", "Back to an older one."}},
    .run = Push,
};

extern const Command kTaint = {
    .name = "taint",
    .group = Group::kChange,
    .summary = "Mark a resource to be made anew",
    .usage = "ADDRESS",
    .description =
        "The next plan replaces the instance. \"andon apply -replace=ADDRESS\" does it "
        "in one step.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags(WithStateFlags(
        {{"allow-missing", FlagKind::kBool, "", "It is fine if there is none."}, kLockTimeout})),
    .examples = {{"andon taint aws_instance.web", "It is broken."},
                 {"andon taint -allow-missing aws_instance.web", "For scripts."}},
    .run = Taint,
};

extern const Command kUntaint = {
    .name = "untaint",
    .group = Group::kChange,
    .summary = "Take the mark of taint back",
    .usage = "ADDRESS",
    .description = "The next plan no longer replaces the instance for that reason.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags(WithStateFlags(
        {{"allow-missing", FlagKind::kBool, "", "It is fine if there is none."}, kLockTimeout})),
    .examples = {{"andon untaint aws_instance.web", "It is fine after all."},
                 {"andon untaint -allow-missing aws_instance.web", "For scripts."}},
    .run = Untaint,
};

}  // namespace andon::cli
