#include "infratext/events_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "infratext/diagnostic_json.h"
#include "infratext/module_json.h"
#include "infratext/order.h"
#include "value/json.h"

namespace andon::infratext {
namespace {

using infra::Action;
using infra::Reason;
using infra::ResourceChange;

// With six digits of a second, always.
std::string TimeText(Timestamp now) {
  auto second = std::chrono::floor<std::chrono::seconds>(now);
  std::string text = ToRfc3339(second);
  text.pop_back();
  return fmt::format("{}.{:06}Z", text, (now - second).count());
}

Json Event(const Speaker& speaker, Timestamp now, std::string_view level,
           std::string_view message) {
  return Json::Object({{"@level", level},
                       {"@message", message},
                       {"@module", speaker.module},
                       {"@timestamp", TimeText(now)}});
}

Json Event(const Speaker& speaker, Timestamp now, std::string_view message, std::string_view member,
           Json content, std::string_view type) {
  Json event = Event(speaker, now, "info", message);
  event.Set(member, std::move(content));
  event.Set("type", type);
  return event;
}

// "3s", "1m10s", "2h0m5s": whole seconds.
std::string ElapsedText(Duration elapsed) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(elapsed).count();
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{}m{}s", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

int64_t ElapsedSeconds(Duration elapsed) {
  return std::chrono::floor<std::chrono::seconds>(elapsed).count();
}

Json KeyJson(const address::Key& key) {
  if (const auto* number = std::get_if<int64_t>(&key)) return *number;
  if (const auto* text = std::get_if<std::string>(&key)) return *text;
  return nullptr;
}

Json AddressJson(const address::Address& address) {
  address::Address local = address;
  local.module.clear();
  Json out = Json::Object();
  out.Set("addr", address::ToString(address));
  out.Set("module", ModuleText(address.module));
  out.Set("resource", address::ToString(local));
  out.Set("implied_provider", address.kind.substr(0, address.kind.find('_')));
  out.Set("resource_type", address.kind);
  out.Set("resource_name", address.name);
  out.Set("resource_key", KeyJson(address.key));
  return out;
}

std::string_view ActionWord(Action action) {
  switch (action) {
    case Action::kCreate:
      return "create";
    case Action::kRead:
      return "read";
    case Action::kUpdate:
      return "update";
    case Action::kDelete:
      return "delete";
    case Action::kDeleteThenCreate:
    case Action::kCreateThenDelete:
      return "replace";
    case Action::kForget:
      return "remove";
    case Action::kNoOp:
    case Action::kForgetThenCreate:  // The stream has no word for it.
      return "noop";
  }
  return "noop";
}

// Those of replacements are other words here than in plans.
std::string_view ReasonWord(Reason reason) {
  switch (reason) {
    case Reason::kReplaceTainted:
      return "tainted";
    case Reason::kReplaceRequested:
      return "requested";
    case Reason::kReplaceTriggered:
      return "replace_triggered_by";
    case Reason::kReplaceCannotUpdate:
      return "cannot_update";
    default:
      return infra::ToString(reason);
  }
}

bool IsMoved(const ResourceChange& change) {
  return change.previous_address && *change.previous_address != change.address;
}

// Nothing to tell of: no difference, or a data source that only leaves the state.
bool IsSilent(const ResourceChange& change) {
  if (change.action == Action::kDelete && change.address.is_data) return true;
  return change.action == Action::kNoOp && !IsMoved(change) && change.import_id.empty();
}

std::string_view ChangeWord(const ResourceChange& change) {
  if (change.action != Action::kNoOp) return ActionWord(change.action);
  if (IsMoved(change)) return "move";
  return change.import_id.empty() ? "noop" : "import";
}

Json ChangeJson(const ResourceChange& change) {
  Json out = Json::Object();
  out.Set("resource", AddressJson(change.address));
  if (IsMoved(change)) out.Set("previous_resource", AddressJson(*change.previous_address));
  out.Set("action", ChangeWord(change));
  if (change.reason != Reason::kNone) out.Set("reason", ReasonWord(change.reason));
  if (!change.import_id.empty()) {
    out.Set("importing", Json::Object({{"id", change.import_id}}));
  }
  return out;
}

// By which name people know the object in the remote system: its id, else its name.
std::pair<std::string, std::string> IdOf(const value::Value& object) {
  if (!object.is_known_not_null() || !object.type().is_object() || object.is_marked()) return {};
  for (std::string_view key : {"id", "name"}) {
    const value::Value* part = object.Find(key);
    if (part == nullptr || !part->type().is_string()) continue;
    if (part->is_marked() || !part->is_known_not_null()) return {};
    return {std::string(key), part->string()};
  }
  return {};
}

struct Verbs {
  std::string_view start;
  std::string_view progress;
  std::string_view noun;
};

Verbs VerbsOf(Action action) {
  switch (action) {
    case Action::kCreate:
      return {"Creating", "creating", "Creation"};
    case Action::kUpdate:
      return {"Modifying", "modifying", "Modifications"};
    case Action::kDelete:
      return {"Destroying", "destroying", "Destruction"};
    case Action::kRead:
      return {"Refreshing", "refreshing", "Refresh"};
    case Action::kDeleteThenCreate:
    case Action::kCreateThenDelete:
      return {"Replacing", "replacing", "Replacement"};
    case Action::kForget:
      return {"Removing", "removing", "Removal"};
    default:
      return {"Applying", "applying", "Apply"};
  }
}

// What an event of an object says; its id stands behind the message.
Json ObjectEvent(const Speaker& speaker, Timestamp now, const EventObject& object,
                 std::string_view message, bool has_action, bool has_id, const Duration* elapsed,
                 std::string_view type) {
  Json hook = Json::Object();
  hook.Set("resource", AddressJson(object.address));
  if (has_action) hook.Set("action", ActionWord(object.action));
  std::string text = fmt::format("{}: {}", address::ToString(object.address), message);
  auto [key, id] = has_id ? IdOf(object.value) : std::pair<std::string, std::string>();
  if (!key.empty() && !id.empty()) {
    hook.Set("id_key", key);
    hook.Set("id_value", id);
    text += fmt::format(" [{}={}]", key, id);
  }
  if (elapsed != nullptr) hook.Set("elapsed_seconds", ElapsedSeconds(*elapsed));
  return Event(speaker, now, text, "hook", std::move(hook), type);
}

Json ProvisionEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                    std::string_view provisioner, std::string_view message, std::string_view type) {
  Json hook = Json::Object();
  hook.Set("resource", AddressJson(address));
  hook.Set("provisioner", provisioner);
  return Event(speaker, now, fmt::format("{}: {}", address::ToString(address), message), "hook",
               std::move(hook), type);
}

Json EphemeralEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                    std::string_view message, std::string_view type) {
  Json hook = Json::Object({{"resource", AddressJson(address)}, {"Msg", message}});
  return Event(speaker, now, fmt::format("{}: {}", address::ToString(address), message), "hook",
               std::move(hook), type);
}

}  // namespace

ChangeCounts CountChanges(const infra::Plan& plan) {
  ChangeCounts counts;
  for (const ResourceChange& change : plan.changes) {
    if (IsSilent(change)) continue;
    Action action = change.action;
    counts.add += action == Action::kCreate || infra::IsReplace(action);
    counts.change += action == Action::kUpdate;
    counts.remove += action == Action::kDelete || action == Action::kDeleteThenCreate ||
                     action == Action::kCreateThenDelete;
    counts.forget += action == Action::kForget || action == Action::kForgetThenCreate;
    counts.import += !change.import_id.empty();
  }
  return counts;
}

std::string SummaryText(const ChangeCounts& counts, Operation operation) {
  if (operation == Operation::kDestroy) {
    return fmt::format("Destroy complete! Resources: {} destroyed.", counts.remove);
  }
  bool is_plan = operation == Operation::kPlan;
  std::string out = is_plan ? "Plan: " : "Apply complete! Resources: ";
  if (counts.import > 0) {
    out += fmt::format("{} {}, ", counts.import, is_plan ? "to import" : "imported");
  }
  out += fmt::format("{} {}, {} {}, {} {}", counts.add, is_plan ? "to add" : "added", counts.change,
                     is_plan ? "to change" : "changed", counts.remove,
                     is_plan ? "to destroy" : "destroyed");
  if (counts.forget > 0) {
    out += fmt::format(", {} {}", counts.forget, is_plan ? "to forget" : "forgotten");
  }
  return out + ".";
}

Json VersionEvent(const Speaker& speaker, Timestamp now) {
  Json event = Event(speaker, now, "info", fmt::format("{} {}", speaker.product, speaker.version));
  event.Set(speaker.key, speaker.version);
  event.Set("type", "version");
  event.Set("ui", kEventsVersion);
  return event;
}

Json LogEvent(const Speaker& speaker, Timestamp now, std::string_view message) {
  Json event = Event(speaker, now, "info", message);
  event.Set("type", "log");
  return event;
}

Json DiagnosticEvent(const Speaker& speaker, Timestamp now, const Diagnostic& diagnostic,
                     const Sources& sources) {
  bool is_error = diagnostic.severity == Severity::kError;
  Json event = Event(speaker, now, is_error ? "error" : "warn",
                     fmt::format("{}: {}", is_error ? "Error" : "Warning", diagnostic.summary));
  event.Set("diagnostic", DiagnosticJson(diagnostic, sources));
  event.Set("type", "diagnostic");
  return event;
}

Json PlannedChangeEvent(const Speaker& speaker, Timestamp now, const ResourceChange& change) {
  return Event(speaker, now,
               fmt::format("{}: Plan to {}", address::ToString(change.address), ChangeWord(change)),
               "change", ChangeJson(change), "planned_change");
}

Json ResourceDriftEvent(const Speaker& speaker, Timestamp now, const ResourceChange& drift) {
  return Event(
      speaker, now,
      fmt::format("{}: Drift detected ({})", address::ToString(drift.address), ChangeWord(drift)),
      "change", ChangeJson(drift), "resource_drift");
}

Json ChangeSummaryEvent(const Speaker& speaker, Timestamp now, const ChangeCounts& counts,
                        Operation operation) {
  std::string_view word = operation == Operation::kPlan    ? "plan"
                          : operation == Operation::kApply ? "apply"
                                                           : "destroy";
  Json content = Json::Object({{"add", counts.add},
                               {"change", counts.change},
                               {"import", counts.import},
                               {"remove", counts.remove},
                               {"forget", counts.forget},
                               {"operation", word}});
  return Event(speaker, now, SummaryText(counts, operation), "changes", std::move(content),
               "change_summary");
}

Json OutputsEvent(const Speaker& speaker, Timestamp now,
                  const std::map<std::string, state::Output>& outputs) {
  Json content = Json::Object();
  for (const auto& [name, output] : outputs) {
    Json one = Json::Object({{"sensitive", output.sensitive}});
    if (!output.deprecated.empty()) one.Set("deprecated", output.deprecated);
    one.Set("type", value::ToJson(output.value.type()));
    if (!output.sensitive && !output.value.contains_marked()) {
      auto text = value::ToJsonText(output.value);
      auto parsed = text.ok() ? Json::Parse(*text) : Result<Json>(Json());
      one.Set("value", parsed.ok() ? *parsed : Json());
    }
    content.Set(name, std::move(one));
  }
  return Event(speaker, now, fmt::format("Outputs: {}", outputs.size()), "outputs",
               std::move(content), "outputs");
}

Json PlannedOutputsEvent(const Speaker& speaker, Timestamp now,
                         const std::vector<infra::OutputChange>& outputs) {
  Json content = Json::Object();
  for (const infra::OutputChange& output : outputs) {
    content.Set(output.name, Json::Object({{"sensitive", output.sensitive},
                                           {"action", ActionWord(output.action)}}));
  }
  return Event(speaker, now, fmt::format("Outputs: {}", outputs.size()), "outputs",
               std::move(content), "outputs");
}

std::vector<Json> PlanEvents(const Speaker& speaker, Timestamp now, const infra::Plan& plan) {
  auto in_order = [](const std::vector<ResourceChange>& changes) {
    std::vector<const ResourceChange*> out;
    for (const ResourceChange& change : changes) out.push_back(&change);
    std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
      return ComesBefore(a->address, b->address);
    });
    return out;
  };
  std::vector<Json> events;
  for (const ResourceChange* drift : in_order(plan.drift)) {
    if (drift->action != Action::kNoOp || plan.mode == infra::Mode::kRefreshOnly) {
      events.push_back(ResourceDriftEvent(speaker, now, *drift));
    }
  }
  for (const ResourceChange* change : in_order(plan.changes)) {
    if (!IsSilent(*change)) events.push_back(PlannedChangeEvent(speaker, now, *change));
  }
  events.push_back(ChangeSummaryEvent(speaker, now, CountChanges(plan), Operation::kPlan));
  if (!plan.outputs.empty()) events.push_back(PlannedOutputsEvent(speaker, now, plan.outputs));
  return events;
}

Json RefreshStartEvent(const Speaker& speaker, Timestamp now, const EventObject& object) {
  return ObjectEvent(speaker, now, object, "Refreshing state...", false, true, nullptr,
                     "refresh_start");
}

Json RefreshCompleteEvent(const Speaker& speaker, Timestamp now, const EventObject& object) {
  return ObjectEvent(speaker, now, object, "Refresh complete", false, true, nullptr,
                     "refresh_complete");
}

Json ApplyStartEvent(const Speaker& speaker, Timestamp now, const EventObject& object) {
  return ObjectEvent(speaker, now, object, fmt::format("{}...", VerbsOf(object.action).start), true,
                     true, nullptr, "apply_start");
}

Json ApplyProgressEvent(const Speaker& speaker, Timestamp now, const EventObject& object,
                        Duration elapsed) {
  return ObjectEvent(speaker, now, object,
                     fmt::format("Still {}... [{} elapsed]", VerbsOf(object.action).progress,
                                 ElapsedText(elapsed)),
                     true, false, &elapsed, "apply_progress");
}

Json ApplyCompleteEvent(const Speaker& speaker, Timestamp now, const EventObject& object,
                        Duration elapsed) {
  return ObjectEvent(
      speaker, now, object,
      fmt::format("{} complete after {}", VerbsOf(object.action).noun, ElapsedText(elapsed)), true,
      true, &elapsed, "apply_complete");
}

Json ApplyErroredEvent(const Speaker& speaker, Timestamp now, const EventObject& object,
                       Duration elapsed) {
  return ObjectEvent(
      speaker, now, object,
      fmt::format("{} errored after {}", VerbsOf(object.action).noun, ElapsedText(elapsed)), true,
      false, &elapsed, "apply_errored");
}

Json ProvisionStartEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                         std::string_view provisioner) {
  return ProvisionEvent(speaker, now, address, provisioner,
                        fmt::format("Provisioning with '{}'...", provisioner), "provision_start");
}

Json ProvisionProgressEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                            std::string_view provisioner, std::string_view line) {
  Json event = ProvisionEvent(speaker, now, address, provisioner,
                              fmt::format("({}): {}", provisioner, line), "provision_progress");
  Json hook = event["hook"];
  hook.Set("output", line);
  event.Set("hook", std::move(hook));
  return event;
}

Json ProvisionCompleteEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                            std::string_view provisioner) {
  return ProvisionEvent(speaker, now, address, provisioner,
                        fmt::format("({}) Provisioning complete", provisioner),
                        "provision_complete");
}

Json ProvisionErroredEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                           std::string_view provisioner) {
  return ProvisionEvent(speaker, now, address, provisioner,
                        fmt::format("({}) Provisioning errored", provisioner), "provision_errored");
}

Json EphemeralStartEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                         std::string_view message) {
  return EphemeralEvent(speaker, now, address, message, "ephemeral_action_started");
}

Json EphemeralCompleteEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                            std::string_view message) {
  return EphemeralEvent(speaker, now, address, message, "ephemeral_action_complete");
}

std::string LineOf(const Json& event, Duration elapsed) {
  std::string line = event["@message"].AsString();
  if (event["type"].AsString() == "ephemeral_action_complete")
    return line + " after " + ElapsedText(elapsed);
  if (event["hook"]["action"].AsString() != "read") return line;
  for (auto [said, read] :
       {std::pair<std::string_view, std::string_view>{": Refreshing", ": Reading"},
        {": Still refreshing", ": Still reading"},
        {": Refresh ", ": Read "}}) {
    if (size_t at = line.find(said); at != std::string::npos)
      return line.replace(at, said.size(), read);
  }
  return line;
}

}  // namespace andon::infratext
