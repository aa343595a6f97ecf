#include "cli/infrastructure_plan_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.h"
#include "infratext/plan_json.h"
#include "infratext/render.h"
#include "state/file.h"
#include "value/json.h"

namespace andon::cli {
namespace {

constexpr std::string_view kFormat = "andon-infrastructure-plan";
constexpr int64_t kVersion = 1;

// What decides which plan comes out, beside files, variables and state.
constexpr const char* kFlags[] = {"target", "exclude", "replace"};

}  // namespace

std::string DigestOfChanges(const infra::Plan& plan) {
  std::string all;
  for (const infra::ResourceChange& change : plan.changes) {
    if (change.action == infra::Action::kNoOp) continue;
    all += fmt::format("{} {} {} {}\n", ToString(change.address), change.deposed,
                       static_cast<int>(change.action), change.after.DebugString());
  }
  for (const infra::OutputChange& output : plan.outputs) {
    if (output.action == infra::Action::kNoOp) continue;
    all += fmt::format("output {} {}\n", output.name, output.after.DebugString());
  }
  return Sha256(all);
}

bool IsSavedPlan(std::string_view text) {
  return text.starts_with(fmt::format("{{\"format\":\"{}\"", kFormat)) ||
         encryption::IsSealed(text);
}

Result<void> SavePlan(const std::string& path, const Context&, const Arguments& arguments,
                      const Infrastructure& infrastructure, const state::State& prior,
                      const infra::Plan& plan, infra::ProviderPool& pool, const SavedData& data,
                      const std::string& text, const Json& data_document) {
  Json flags = Json::Object();
  for (const char* name : kFlags) {
    Json list = Json::List();
    for (const std::string& text : arguments.List(name)) list.Push(text);
    if (list.size() > 0) flags.Set(name, std::move(list));
  }
  Json variables = Json::Object();
  for (const auto& [name, value] : infrastructure.variables) {
    // It is said anew to whoever applies the plan.
    if (value.Has(value::Mark::kEphemeral)) continue;
    std::string typed = TRY(value::ToJsonText(value.UnmarkDeep(), value::Type::Dynamic()));
    variables.Set(
        name, Json::Object({{"value", typed}, {"sensitive", value.Has(value::Mark::kSensitive)}}));
  }
  Json imports = Json::Object();
  for (const infra::ResourceChange& change : plan.changes) {
    if (!change.import_id.empty()) imports.Set(ToString(change.address), change.import_id);
  }
  std::string state = TRY(state::WriteState(plan.state));
  infratext::Configuration configuration{infrastructure.tree.root.get(), ProviderSchemasOf(pool)};
  // Appended as text: numbers beyond 64 bits must not pass through a Json.
  std::string json = infratext::PlanJson(plan, kLanguageVersion, SchemasOf(pool), &configuration);
  if (!data_document.is_null()) {
    json.pop_back();
    json += fmt::format(",\"data\":{}}}", data_document.Dump());
  }
  Json document = Json::Object({{"format", kFormat},
                                {"version", kVersion},
                                {"configuration", ConfigurationDigest(infrastructure)},
                                {"lineage", prior.lineage},
                                {"serial", static_cast<int64_t>(prior.serial)},
                                {"changes", DigestOfChanges(plan)},
                                {"mode", static_cast<int64_t>(plan.mode)},
                                {"flags", std::move(flags)},
                                {"variables", std::move(variables)},
                                {"imports", std::move(imports)},
                                {"state", state},
                                {"json", json},
                                {"text", text}});
  if (!data.plan.empty()) document.Set("data", data.plan);
  if (data.waits) document.Set("data_waits", true);
  std::string sealed = TRY(infrastructure.home.plan_codec.Seal(document.Dump()));
  io::LocalFileSystem files;
  // Before anything stands in it.
  TRY(files.WriteAtomically(path, ""));
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
    return Error::Io("The plan {} cannot be kept from others' eyes.", path);
  return files.Append(path, sealed + "\n");
}

Result<SavedPlan> ReadSavedPlan(const std::string& path, const encryption::Codec& codec) {
  io::LocalFileSystem files;
  std::string stored = TRY(files.Read(path));
  auto opened = codec.Open(stored);
  if (!opened.ok()) return std::move(opened).error().In(path);
  const std::string& text = *opened;
  auto json = Json::Parse(text);
  if (!json.ok()) return std::move(json).error().In(path);
  if ((*json)["version"].AsInteger() != kVersion)
    return Error::Invalid("{} was saved by another version of Andon. Plan again.", path);
  SavedPlan out;
  out.configuration = (*json)["configuration"].AsString();
  out.lineage = (*json)["lineage"].AsString();
  out.serial = static_cast<uint64_t>((*json)["serial"].AsInteger());
  out.changes = (*json)["changes"].AsString();
  int64_t mode = (*json)["mode"].AsInteger();
  if (mode < 0 || mode > static_cast<int64_t>(infra::Mode::kRefreshOnly))
    return Error::Corrupt("{} is damaged. Plan again.", path);
  out.mode = static_cast<infra::Mode>(mode);
  for (const auto& [name, list] : (*json)["flags"].members()) {
    for (const Json& one : list.items()) out.flags[name].push_back(one.AsString());
  }
  for (const auto& [name, variable] : (*json)["variables"].members()) {
    value::Value value =
        TRY(value::FromJsonText(variable["value"].AsString(), value::Type::Dynamic()));
    if (variable["sensitive"].AsBool()) value = value.WithMarks(value::Mark::kSensitive);
    out.variables.emplace_back(name, std::move(value));
  }
  for (const auto& [address, id] : (*json)["imports"].members())
    out.imports[address] = id.AsString();
  state::ReadResult state = state::ReadState((*json)["state"].AsString(), path);
  if (!state.state) return Error::Corrupt("{} is damaged. Plan again.", path);
  out.state = std::move(*state.state);
  out.json = (*json)["json"].AsString();
  out.text = (*json)["text"].AsString();
  out.data = {(*json)["data"].AsString(), (*json)["data_waits"].AsBool()};
  return out;
}

}  // namespace andon::cli
