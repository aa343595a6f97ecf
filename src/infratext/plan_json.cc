#include "infratext/plan_json.h"

#include <algorithm>

#include "base/clock.h"
#include "infratext/check_json.h"
#include "infratext/module_json.h"
#include "infratext/order.h"
#include "infratext/sensitive.h"
#include "infratext/state_json.h"
#include "infratext/value_json.h"

namespace andon::infratext {
namespace {

using infra::Action;
using infra::ResourceChange;
using value::Value;

void WriteActions(Action action, JsonWriter& out) {
  auto list = [&](std::initializer_list<std::string_view> words) {
    out.BeginArray();
    for (std::string_view word : words) out.String(word);
    out.EndArray();
  };
  switch (action) {
    case Action::kNoOp:
      return list({"no-op"});
    case Action::kCreate:
      return list({"create"});
    case Action::kRead:
      return list({"read"});
    case Action::kUpdate:
      return list({"update"});
    case Action::kDelete:
      return list({"delete"});
    case Action::kDeleteThenCreate:
      return list({"delete", "create"});
    case Action::kCreateThenDelete:
      return list({"create", "delete"});
    case Action::kForget:
      return list({"forget"});
    case Action::kForgetThenCreate:
      return list({"forget", "create"});
  }
}

void WritePath(const value::Path& path, JsonWriter& out) {
  out.BeginArray();
  for (const value::Step& step : path.steps()) {
    if (const auto* attribute = std::get_if<value::AttributeStep>(&step)) {
      out.String(attribute->name);
    } else {
      WriteValue(std::get<value::IndexStep>(step).key, out);
    }
  }
  out.EndArray();
}

void WritePaths(const std::vector<value::Path>& paths, JsonWriter& out) {
  out.BeginArray();
  for (const value::Path& path : paths) WritePath(path, out);
  out.EndArray();
}

// The members that changes of resources and of outputs have in common; what is known wholly is
// written as `nothing_unknown`.
void WriteSides(const Value& before, const Value& after, std::string_view nothing_unknown,
                JsonWriter& out) {
  out.Key("before");
  WriteValue(before, out);
  if (after.is_known()) {
    out.Key("after");
    WriteValue(after, out);
  }
  out.Key("after_unknown");
  if (after.is_wholly_known()) {
    out.Raw(nothing_unknown);
  } else {
    WriteUnknowns(after, out);
  }
}

void WriteIdentity(std::string_view name, const Value& identity, JsonWriter& out) {
  if (!identity.is_known_not_null()) return;
  out.Key(name);
  WriteValue(identity, out);
}

void WriteAddress(const address::Address& address, JsonWriter& out) {
  out.Key("mode").String(address.is_data ? "data" : "managed");
  out.Key("type").String(address.kind);
  out.Key("name").String(address.name);
  WriteIndex(address.key, out);
}

void WriteChange(const ResourceChange& change, JsonWriter& out) {
  const address::Address& address = change.address;
  Value before = MarkSensitive(change.before, change.schema);
  Value after = MarkSensitive(change.after, change.schema);
  out.BeginObject();
  out.Key("address").String(address::ToString(address));
  if (change.previous_address && *change.previous_address != address) {
    out.Key("previous_address").String(address::ToString(*change.previous_address));
  }
  if (!address.module.empty()) out.Key("module_address").String(ModuleText(address.module));
  WriteAddress(address, out);
  out.Key("provider_name").String(ProviderName(change.provider));
  if (!change.deposed.empty()) out.Key("deposed").String(change.deposed);
  out.Key("change").BeginObject();
  out.Key("actions");
  WriteActions(change.action, out);
  WriteSides(before, after, "{}", out);
  out.Key("before_sensitive");
  WriteSensitives(before, out);
  out.Key("after_sensitive");
  WriteSensitives(after, out);
  if (!change.replace_paths.empty()) {
    out.Key("replace_paths");
    WritePaths(change.replace_paths, out);
  }
  if (!change.import_id.empty()) {
    out.Key("importing").BeginObject();
    out.Key("id").String(change.import_id);
    out.EndObject();
  }
  WriteIdentity("before_identity", change.before_identity, out);
  WriteIdentity("after_identity", change.after_identity, out);
  out.EndObject();
  if (change.reason != infra::Reason::kNone) {
    out.Key("action_reason").String(infra::ToString(change.reason));
  }
  out.EndObject();
}

// As the order of lists of changes is; data sources that only leave the state are not in it.
std::vector<const ResourceChange*> InOrder(const std::vector<ResourceChange>& changes) {
  std::vector<const ResourceChange*> out;
  for (const ResourceChange& change : changes) {
    if (!(change.address.is_data && change.action == Action::kDelete)) out.push_back(&change);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    if (a->address != b->address) return ComesBefore(a->address, b->address);
    return a->deposed < b->deposed;
  });
  return out;
}

void WriteChanges(std::string_view name, const std::vector<const ResourceChange*>& changes,
                  JsonWriter& out) {
  if (changes.empty()) return;
  out.Key(name).BeginArray();
  for (const ResourceChange* change : changes) WriteChange(*change, out);
  out.EndArray();
}

void WritePlannedResource(const ResourceChange& change, JsonWriter& out) {
  Value after = MarkSensitive(change.after, change.schema);
  out.BeginObject();
  out.Key("address").String(address::ToString(change.address));
  WriteAddress(change.address, out);
  out.Key("provider_name").String(ProviderName(change.provider));
  out.Key("schema_version").Integer(change.schema == nullptr ? 0 : change.schema->version);
  if (after.CanIterate() && after.size() > 0) {
    out.Key("values");
    WriteValue(after, out);
  }
  out.Key("sensitive_values");
  WriteSensitives(after, out);
  WriteIdentity("identity", change.after_identity, out);
  out.EndObject();
}

void WritePlannedOutputs(const std::vector<infra::OutputChange>& outputs, JsonWriter& out) {
  out.BeginObject();
  for (const infra::OutputChange& output : outputs) {
    if (output.action == Action::kDelete) continue;
    out.Key(output.name).BeginObject();
    out.Key("sensitive").Bool(output.sensitive);
    if (output.after.is_wholly_known()) {
      out.Key("type");
      WriteJson(value::ToJson(output.after.type()), out);
      out.Key("value");
      WriteValue(output.after, out);
    }
    out.EndObject();
  }
  out.EndObject();
}

void WritePlannedValues(const infra::Plan& plan, JsonWriter& out) {
  out.Key("planned_values").BeginObject();
  if (std::any_of(plan.outputs.begin(), plan.outputs.end(),
                  [](const auto& output) { return output.action != Action::kDelete; })) {
    out.Key("outputs");
    WritePlannedOutputs(plan.outputs, out);
  }
  std::vector<std::pair<std::string, const ResourceChange*>> kept;
  for (const ResourceChange& change : plan.changes) {
    if (!change.deposed.empty() || change.action == Action::kDelete) continue;
    kept.emplace_back(address::ToString(change.address), &change);
  }
  std::sort(kept.begin(), kept.end());
  std::vector<ModuleEntry> entries;
  for (const auto& one : kept) {
    const ResourceChange* change = one.second;
    entries.push_back({&change->address, [change, &out] { WritePlannedResource(*change, out); }});
  }
  out.Key("root_module");
  WriteModules(entries, out);
  out.EndObject();
}

void WriteOutputChange(const infra::OutputChange& output, JsonWriter& out) {
  out.Key(output.name).BeginObject();
  out.Key("actions");
  WriteActions(output.action, out);
  WriteSides(output.before, output.after, "false", out);
  out.Key("before_sensitive").Bool(output.sensitive);
  out.Key("after_sensitive").Bool(output.sensitive);
  out.EndObject();
}

// The state that a plan is made against has those outputs already that are known by then.
std::map<std::string, state::Output> OutputsWhenPlanned(const infra::Plan& plan) {
  std::map<std::string, state::Output> outputs = plan.state.outputs;
  if (plan.mode == infra::Mode::kDestroy) return outputs;
  for (const infra::OutputChange& change : plan.outputs) {
    if (change.action == Action::kDelete) continue;
    if (change.after.is_null()) {
      outputs.erase(change.name);
    } else if (change.after.is_wholly_known()) {
      outputs[change.name] = {.value = change.after.UnmarkDeep(), .sensitive = change.sensitive};
    }
  }
  return outputs;
}

}  // namespace

void WritePlanJson(const infra::Plan& plan, std::string_view terraform_version,
                   const SchemaOf& schemas, JsonWriter& out, const Configuration* configuration) {
  out.BeginObject();
  out.Key("format_version").String(kPlanFormatVersion);
  out.Key("terraform_version").String(terraform_version);
  if (!plan.variables.empty()) {
    out.Key("variables").BeginObject();
    for (const auto& [name, value] : plan.variables) {
      if (value.deep_marks().Has(value::Mark::kEphemeral)) continue;  // Never stored.
      out.Key(name).BeginObject();
      out.Key("value");
      WriteValue(value, out);
      out.EndObject();
    }
    out.EndObject();
  }
  WritePlannedValues(plan, out);
  auto drift = InOrder(plan.drift);
  if (plan.mode != infra::Mode::kRefreshOnly) {
    std::erase_if(drift, [](const auto* change) { return change->action == Action::kNoOp; });
  }
  WriteChanges("resource_drift", drift, out);
  WriteChanges("resource_changes", InOrder(plan.changes), out);
  if (!plan.outputs.empty()) {
    out.Key("output_changes").BeginObject();
    for (const infra::OutputChange& output : plan.outputs) WriteOutputChange(output, out);
    out.EndObject();
  }
  const std::map<std::string, state::Output> outputs = OutputsWhenPlanned(plan);
  if (!plan.state.empty() || !outputs.empty()) {
    out.Key("prior_state");
    WriteStateJson(plan.state, schemas, out, &outputs);
  }
  if (configuration != nullptr) {
    out.Key("configuration");
    WriteConfigurationJson(*configuration, out);
  }
  if (!plan.relevant.empty()) {
    out.Key("relevant_attributes").BeginArray();
    for (const infra::RelevantAttribute& one : plan.relevant) {
      out.BeginObject();
      out.Key("resource").String(address::ToString(one.address));
      out.Key("attribute");
      WritePath(one.path, out);
      out.EndObject();
    }
    out.EndArray();
  }
  if (!plan.checks.empty()) {
    out.Key("checks");
    WriteChecks(GatherChecks(plan.checks), out);
  }
  if (plan.time) {
    auto second = std::chrono::floor<std::chrono::seconds>(*plan.time);
    out.Key("timestamp").String(ToRfc3339(second));
  }
  out.Key("errored").Bool(plan.diagnostics.has_errors());
  out.EndObject();
}

std::string PlanJson(const infra::Plan& plan, std::string_view terraform_version,
                     const SchemaOf& schemas, const Configuration* configuration) {
  std::string text;
  JsonWriter out([&](std::string_view piece) { text += piece; });
  WritePlanJson(plan, terraform_version, schemas, out, configuration);
  out.Flush();
  return text;
}

}  // namespace andon::infratext
