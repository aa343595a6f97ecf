#include "infratext/check_json.h"

#include <algorithm>
#include <map>
#include <optional>

#include "infratext/module_json.h"

namespace andon::infratext {
namespace {

// In JSON outputs have a longer name than in states.
std::string_view KindText(std::string_view kind) {
  return kind == "output" ? std::string_view("output_value") : kind;
}

std::optional<address::Address> AddressOf(const std::string& text) {
  auto parsed = address::Parse(text);
  if (!parsed.ok()) return std::nullopt;
  return *parsed;
}

std::string WithoutKeys(const std::string& text) {
  auto address = AddressOf(text);
  if (!address) return text;
  for (address::ModuleStep& step : address->module) step.key = {};
  return address::ToString(address->WithoutKey());
}

// Members in the order of their names.
void WriteStaticAddress(const state::CheckResult& result, JsonWriter& out) {
  auto address = AddressOf(result.address);
  out.BeginObject();
  out.Key("kind").String(KindText(result.kind));
  if (address) {
    bool is_resource = result.kind == "resource";
    if (is_resource) out.Key("mode").String(address->is_data ? "data" : "managed");
    if (!address->module.empty()) out.Key("module").String(ModuleText(address->module));
    out.Key("name").String(address->name);
    out.Key("to_display").String(result.address);
    if (is_resource) out.Key("type").String(address->kind);
  } else {
    out.Key("to_display").String(result.address);
  }
  out.EndObject();
}

void WriteInstanceAddress(const std::string& text, JsonWriter& out) {
  auto address = AddressOf(text);
  out.BeginObject();
  if (address) {
    if (!std::holds_alternative<std::monostate>(address->key)) {
      out.Key("instance_key");
      WriteKey(address->key, out);
    }
    if (!address->module.empty()) out.Key("module").String(ModuleText(address->module));
  }
  out.Key("to_display").String(text);
  out.EndObject();
}

int Badness(std::string_view status) {
  return status == "error" ? 3 : status == "fail" ? 2 : status == "unknown" ? 1 : 0;
}

}  // namespace

void WriteChecks(std::vector<state::CheckResult> results, JsonWriter& out) {
  auto by_address = [](const auto& a, const auto& b) { return a.address < b.address; };
  std::sort(results.begin(), results.end(), by_address);
  out.BeginArray();
  for (state::CheckResult& result : results) {
    out.BeginObject();
    out.Key("address");
    WriteStaticAddress(result, out);
    out.Key("status").String(result.status);
    std::sort(result.objects.begin(), result.objects.end(), by_address);
    if (!result.objects.empty()) out.Key("instances").BeginArray();
    for (state::CheckObject& object : result.objects) {
      out.BeginObject();
      out.Key("address");
      WriteInstanceAddress(object.address, out);
      out.Key("status").String(object.status);
      std::sort(object.failure_messages.begin(), object.failure_messages.end());
      if (!object.failure_messages.empty()) {
        out.Key("problems").BeginArray();
        for (const std::string& message : object.failure_messages) {
          out.BeginObject();
          out.Key("message").String(message);
          out.EndObject();
        }
        out.EndArray();
      }
      out.EndObject();
    }
    if (!result.objects.empty()) out.EndArray();
    out.EndObject();
  }
  out.EndArray();
}

std::vector<state::CheckResult> GatherChecks(const std::vector<infra::CheckOutcome>& outcomes) {
  std::map<std::pair<std::string, std::string>, state::CheckResult> gathered;
  for (const infra::CheckOutcome& outcome : outcomes) {
    std::string address = WithoutKeys(outcome.address);
    auto [at, is_new] = gathered.try_emplace({outcome.kind, address});
    state::CheckResult& result = at->second;
    if (is_new) result = {.kind = outcome.kind, .address = address, .status = outcome.status};
    if (Badness(outcome.status) > Badness(result.status)) result.status = outcome.status;
    result.objects.push_back({outcome.address, outcome.status, outcome.messages});
  }
  std::vector<state::CheckResult> out;
  for (auto& [key, result] : gathered) out.push_back(std::move(result));
  return out;
}

}  // namespace andon::infratext
