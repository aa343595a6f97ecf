// andon state versions | diff | restore: what the control store keeps of a state.
#include <fmt/format.h>

#include <charconv>

#include "backend/control_store.h"
#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "state/difference.h"
#include "state/file.h"

namespace andon::cli {
namespace {

ExitCode Ended(const Context& context, const Result<void>& done) {
  return done.ok() ? ExitCode::kDone : context.Fail(done.error());
}

Result<std::vector<backend::StateVersion>> VersionsOf(const Context& context,
                                                      const StateHome& home) {
  if (!home.needs_init.empty()) return Error::Invalid("{}", home.needs_init);
  return backend::ListVersions(home.settings, WorldOf(context), home.workspace);
}

Result<int64_t> ReadNumber(const std::string& text) {
  int64_t number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 1)
    return Error::Invalid("\"{}\" is no version; \"andon state versions\" lists them.", text);
  return number;
}

Result<state::State> StateAt(const Context& context, const StateHome& home, int64_t version) {
  std::string stored =
      TRY(backend::ReadVersion(home.settings, WorldOf(context), home.workspace, version));
  std::string text = TRY(home.state_codec.Open(stored));
  state::ReadResult read = state::ReadState(text, fmt::format("version {}", version));
  if (!read.state) return Error::Corrupt("Version {} of the state cannot be read.", version);
  return *std::move(read.state);
}

ExitCode Versions(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    StateHome home = TRY(StateHomeOf(context, arguments));
    auto versions = TRY(VersionsOf(context, home));
    TextTable table{
        .header = {"VERSION", "TIME", "ACTOR", "SERIAL", "OBJECTS", "CHANGED", "DIGEST"},
        .right = {true, false, false, true, true, true}};
    for (const backend::StateVersion& one : versions) {
      context.Event(Json::Object({{"type", "state_version"},
                                  {"version", one.version},
                                  {"time", ToRfc3339(one.time)},
                                  {"actor", one.actor},
                                  {"serial", one.serial},
                                  {"lineage", one.lineage},
                                  {"digest", one.digest},
                                  {"objects", one.objects},
                                  {"changed", one.changed}}));
      table.rows.push_back({std::to_string(one.version), ToRfc3339(one.time), one.actor,
                            std::to_string(one.serial), std::to_string(one.objects),
                            std::to_string(one.changed), one.digest.substr(0, 12)});
    }
    if (context.json) return {};
    if (!versions.empty()) context.Print(Format(table, context));
    context.Line(Count(static_cast<int64_t>(versions.size()), "version") + ".");
    return {};
  }());
}

std::string Shown(const std::string& json, bool is_sensitive) {
  if (json.empty()) return "(none)";
  return is_sensitive ? "(sensitive value)" : json;
}

void Show(const Context& context, const state::Difference& one) {
  Json attributes = Json::List();
  for (const state::AttributeDifference& attribute : one.attributes) {
    attributes.Push(Json::Object({{"path", attribute.path},
                                  {"before", Shown(attribute.before, attribute.is_sensitive)},
                                  {"after", Shown(attribute.after, attribute.is_sensitive)}}));
  }
  context.Event(Json::Object({{"type", "state_difference"},
                              {"action", std::string(1, static_cast<char>(one.kind))},
                              {"address", one.address},
                              {"attributes", std::move(attributes)}}));
  if (context.json) return;
  const char* color = one.kind == state::Difference::kAdded     ? "green"
                      : one.kind == state::Difference::kRemoved ? "red"
                                                                : "yellow";
  context.Line(fmt::format(
      "{} {}", context.Paint(color, std::string(1, static_cast<char>(one.kind))), one.address));
  for (const state::AttributeDifference& attribute : one.attributes) {
    context.Line(fmt::format("    {}: {} -> {}", attribute.path,
                             Shown(attribute.before, attribute.is_sensitive),
                             Shown(attribute.after, attribute.is_sensitive)));
  }
}

ExitCode Diff(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    StateHome home = TRY(StateHomeOf(context, arguments));
    auto versions = TRY(VersionsOf(context, home));
    int64_t last = versions.empty() ? 0 : versions.back().version;
    if (last == 0) return Error::NotFound("The state has no versions yet: nothing was applied.");
    int64_t from = last - 1, to = last;
    if (!arguments.positional.empty()) from = TRY(ReadNumber(arguments.positional[0]));
    if (arguments.positional.size() > 1) to = TRY(ReadNumber(arguments.positional[1]));
    // Before the first version there was nothing.
    state::State before;
    if (from > 0) before = TRY(StateAt(context, home, from));
    state::State after = TRY(StateAt(context, home, to));
    auto differences = state::Compare(before, after);
    for (const state::Difference& one : differences) Show(context, one);
    if (!context.json)
      context.Line(fmt::format("From version {} to {}: {}.", from, to,
                               Count(static_cast<int64_t>(differences.size()), "difference")));
    return {};
  }());
}

ExitCode Restore(Context& context, const Arguments& arguments) {
  return Ended(context, [&]() -> Result<void> {
    StateHome home = TRY(StateHomeOf(context, arguments));
    TRY(VersionsOf(context, home));
    int64_t version = TRY(ReadNumber(arguments.positional[0]));
    auto session = TRY(OpenState(context, arguments, home, "OperationTypeStateRestore"));
    state::State wanted = TRY(StateAt(context, home, version));
    auto differences = state::Compare(session.state(), wanted);
    if (differences.empty()) {
      TRY(session.Close());
      context.Line(fmt::format("The state is that of version {} already.", version));
      return {};
    }
    for (const state::Difference& one : differences) Show(context, one);
    bool approved = TRY(Approve(context, arguments,
                                fmt::format("Make the state that of version {}? Only what is known "
                                            "of the resources changes, not the resources.",
                                            version)));
    if (!approved) return Error::Interrupted("Nothing was changed.");
    TRY(session.Write(std::move(wanted)));
    uint64_t serial = session.state().serial;
    TRY(session.Close());
    context.Line(fmt::format("Restored version {} as serial {}.", version, serial));
    return {};
  }());
}

}  // namespace

extern const Command kStateVersions = {
    .name = "state versions",
    .group = Group::kChange,
    .summary = "List the versions of the state",
    .usage = "",
    .description =
        "Each write of a state by the backend \"andon\" is a version: when and by whom it was "
        "written, its serial, how many objects it has and how many of them differ from the version "
        "before.",
    .examples = {{"andon state versions", "All of them."},
                 {"andon state versions -json", "For scripts."}},
    .run = Versions,
};

extern const Command kStateDiff = {
    .name = "state diff",
    .group = Group::kChange,
    .summary = "Compare two versions of the state",
    .usage = "[V1 [V2]]",
    .description =
        "Prints what differs, by object and attribute, from the version before to the last one, "
        "from V1 to the last one, or from V1 to V2. Sensitive values are hidden.",
    .positional_max = 2,
    .examples = {{"andon state diff", "What the last write changed."},
                 {"andon state diff 3 7", "From version 3 to 7."}},
    .run = Diff,
};

extern const Command kStateRestore = {
    .name = "state restore",
    .group = Group::kChange,
    .summary = "Make an earlier version the state again",
    .usage = "VERSION",
    .description =
        "Writes the content of VERSION as a new version with the next serial. Resources are not "
        "touched: the next plan says what differs from them.",
    .positional_min = 1,
    .positional_max = 1,
    .flags =
        WithVariableFlags(WithStateFlags({{"auto-approve", FlagKind::kBool, "", "Does not ask."},
                                          {"lock-timeout", FlagKind::kDuration, "DURATION",
                                           "How long to wait for another command."}})),
    .examples = {{"andon state restore 3", "Asks first."},
                 {"andon state restore -auto-approve 3", "For scripts."}},
    .run = Restore,
};

}  // namespace andon::cli
