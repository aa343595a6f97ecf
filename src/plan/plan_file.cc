#include "plan/plan_file.h"

#include "base/json_strings.h"
#include "base/text.h"
#include "config/value_json.h"

namespace andon::plan {
namespace {

using value::Value;

constexpr std::string_view kFormat = "andon-plan";
constexpr int64_t kVersion = 1;

Action ReadAction(const Json& json) {
  for (Action action : {Action::kCreate, Action::kUpdate, Action::kDelete, Action::kReplace}) {
    if (json.AsString() == ToString(action)) return action;
  }
  return Action::kNone;
}

Json ToJson(const AttributeChange& change) {
  return Json::Object({{"action", ToString(change.action)},
                       {"path", Strings(change.path)},
                       {"before", config::ToJson(change.before)},
                       {"after", config::ToJson(change.after)},
                       {"note", change.note},
                       {"breaking", change.is_breaking},
                       {"position", change.position}});
}

AttributeChange ReadChange(const Json& json) {
  return {.action = ReadAction(json["action"]),
          .path = Strings(json["path"]),
          .before = config::FromJson(json["before"]),
          .after = config::FromJson(json["after"]),
          .note = json["note"].AsString(),
          .is_breaking = json["breaking"].AsBool(),
          .position = json["position"].AsString()};
}

Json ToJson(const Step& step) {
  Json changes = Json::List();
  for (const AttributeChange& change : step.changes) changes.Push(ToJson(change));
  return Json::Object({{"action", ToString(step.action)},
                       {"address", ToString(step.address)},
                       {"provider", step.provider},
                       {"type", step.type},
                       {"prior", config::ToJson(step.prior)},
                       {"planned", config::ToJson(step.planned)},
                       {"changes", std::move(changes)},
                       {"reasons", Strings(step.reasons)},
                       {"position", step.position},
                       {"positions", step.positions},
                       {"derived", step.derived}});
}

Result<Step> ReadStep(const Json& json) {
  Step step;
  step.address = TRY(address::Parse(json["address"].AsString()));
  step.action = ReadAction(json["action"]);
  step.provider = json["provider"].AsString();
  step.type = json["type"].AsString();
  step.prior = config::FromJson(json["prior"]);
  step.planned = config::FromJson(json["planned"]);
  for (const Json& change : json["changes"].items()) step.changes.push_back(ReadChange(change));
  step.reasons = Strings(json["reasons"]);
  step.position = json["position"].AsString();
  step.positions = json["positions"];
  step.derived = json["derived"];
  return step;
}

Json ToJson(const OutputChange& output) {
  return Json::Object({{"action", ToString(output.action)},
                       {"name", output.name},
                       {"before", config::ToJson(output.before)},
                       {"after", config::ToJson(output.after)},
                       {"sensitive", output.sensitive}});
}

}  // namespace

std::string WritePlanFile(const Plan& plan) {
  Json steps = Json::List();
  for (const Step& step : plan.steps) steps.Push(ToJson(step));
  Json outputs = Json::List();
  for (const OutputChange& output : plan.outputs) outputs.Push(ToJson(output));
  Json body = Json::Object({{"base_release", plan.base_release},
                            {"targeted", plan.is_targeted},
                            {"destroy", plan.is_destroy},
                            {"steps", std::move(steps)},
                            {"outputs", std::move(outputs)}});
  std::string hash = Sha256(body.Dump());
  return Json::Object({{"format", kFormat},
                       {"version", kVersion},
                       {"hash", hash},
                       {"plan", std::move(body)}})
             .Dump() +
         "\n";
}

Result<Plan> ReadPlanFile(std::string_view text) {
  auto document = Json::Parse(text);
  if (!document.ok() || (*document)["format"].AsString() != kFormat) {
    return Error::Corrupt("This is no plan file of Andon. \"andon plan -out=FILE\" writes one.");
  }
  int64_t version = (*document)["version"].AsInteger();
  if (version != kVersion) {
    return Error::Invalid(
        "The plan file has version {}, and this Andon reads version {}. Make the plan again.",
        version, kVersion);
  }
  const Json& body = (*document)["plan"];
  if (Sha256(body.Dump()) != (*document)["hash"].AsString()) {
    return Error::Corrupt(
        "The plan file was changed after it was written, so nobody has seen this plan. Make it "
        "again.");
  }
  Plan plan;
  plan.base_release = body["base_release"].AsInteger();
  plan.is_targeted = body["targeted"].AsBool();
  plan.is_destroy = body["destroy"].AsBool();
  for (const Json& item : body["steps"].items()) {
    Step step = TRY(ReadStep(item));
    plan.steps.push_back(std::move(step));
  }
  for (const Json& item : body["outputs"].items()) {
    plan.outputs.push_back({.action = ReadAction(item["action"]),
                            .name = item["name"].AsString(),
                            .before = config::FromJson(item["before"]),
                            .after = config::FromJson(item["after"]),
                            .sensitive = item["sensitive"].AsBool()});
  }
  return plan;
}

}  // namespace andon::plan
