#include "infratext/state_json.h"

#include "infratext/check_json.h"
#include "infratext/module_json.h"
#include "infratext/state_objects.h"
#include "infratext/value_json.h"

namespace andon::infratext {
namespace {

void WriteObject(const StateObject& one, const SchemaOf& schemas, JsonWriter& out) {
  const state::Object& object = *one.object;
  const address::Address& address = one.address;
  const provider::Schema* schema = schemas(one.provider, address.is_data, address.kind);
  value::Value value = ValueOf(object, schema);
  out.BeginObject();
  out.Key("address").String(address::ToString(address));
  out.Key("mode").String(address.is_data ? "data" : "managed");
  out.Key("type").String(address.kind);
  out.Key("name").String(address.name);
  WriteIndex(address.key, out);
  out.Key("provider_name").String(ProviderName(one.provider));
  // Of deposed objects the reference says 0.
  uint64_t version = one.deposed.empty() ? object.schema_version : 0;
  out.Key("schema_version").Integer(static_cast<int64_t>(version));
  if (value.size() > 0) {
    out.Key("values");
    WriteValue(value, out);
  }
  out.Key("sensitive_values");
  WriteSensitives(value, out);
  if (object.dependencies != nullptr && !object.dependencies->empty()) {
    out.Key("depends_on").BeginArray();
    for (const std::string& dependency : *object.dependencies) out.String(dependency);
    out.EndArray();
  }
  if (object.status == state::ObjectStatus::kTainted) out.Key("tainted").Bool(true);
  if (!one.deposed.empty()) out.Key("deposed_key").String(one.deposed);
  if (!object.identity.empty()) {
    out.Key("identity").Raw(object.identity);
    if (object.identity_schema_version) {
      out.Key("identity_schema_version")
          .Integer(static_cast<int64_t>(*object.identity_schema_version));
    }
  }
  out.EndObject();
}

void WriteOutputs(const std::map<std::string, state::Output>& outputs, bool type_first,
                  JsonWriter& out) {
  out.BeginObject();
  for (const auto& [name, output] : outputs) {
    out.Key(name).BeginObject();
    out.Key("sensitive").Bool(output.sensitive);
    if (!output.deprecated.empty()) out.Key("deprecated").String(output.deprecated);
    auto write_type = [&] {
      out.Key("type");
      WriteJson(value::ToJson(output.value.type()), out);
    };
    if (type_first) write_type();
    out.Key("value");
    WriteValue(output.value, out);
    if (!type_first) write_type();
    out.EndObject();
  }
  out.EndObject();
}

}  // namespace

void WriteStateJson(const state::State& state, const SchemaOf& schemas, JsonWriter& out,
                    const std::map<std::string, state::Output>* outputs) {
  const bool is_prior = outputs != nullptr;
  if (!is_prior) outputs = &state.outputs;
  out.BeginObject();
  out.Key("format_version").String(kStateFormatVersion);
  if (!state.empty() || !outputs->empty()) {
    if (!state.terraform_version.empty()) {
      out.Key("terraform_version").String(state.terraform_version);
    }
    out.Key("values").BeginObject();
    if (!outputs->empty()) {
      out.Key("outputs");
      WriteOutputs(*outputs, false, out);
    }
    auto objects = ObjectsOf(state);
    std::vector<ModuleEntry> entries;
    for (const StateObject& one : objects) {
      entries.push_back({&one.address, [&] { WriteObject(one, schemas, out); }});
    }
    out.Key("root_module");
    WriteModules(entries, out);
    out.EndObject();
    if (!is_prior && !state.check_results.empty()) {
      out.Key("checks");
      WriteChecks(state.check_results, out);
    }
  }
  out.EndObject();
}

std::string StateJson(const state::State& state, const SchemaOf& schemas) {
  std::string text;
  JsonWriter out([&](std::string_view piece) { text += piece; });
  WriteStateJson(state, schemas, out);
  out.Flush();
  return text;
}

std::string OutputsJson(const std::map<std::string, state::Output>& outputs) {
  std::string text;
  JsonWriter out([&](std::string_view piece) { text += piece; }, 2);
  WriteOutputs(outputs, true, out);
  out.Flush();
  return text;
}

}  // namespace andon::infratext
