#include "infratext/configuration_json.h"

#include <algorithm>
#include <map>

#include "infratext/expression_json.h"
#include "infratext/value_json.h"

namespace andon::infratext {
namespace {

using config::ModuleNode;
using config::ProviderAddress;

// What is known of a configuration of a provider in one module.
struct ProviderConfig {
  std::string name;
  ProviderAddress address;
  std::string alias;
  std::string version_constraint;
  std::string module_address;
  const config::Provider* block = nullptr;
  std::string parent_key;  // Of the configuration that a module above hands to this one.
};

// By module and name: "module.a:aws.west".
using ProviderConfigs = std::map<std::string, ProviderConfig>;

std::string KeyOf(std::string_view provider, const std::string& module) {
  return module.empty() ? std::string(provider) : module + ":" + std::string(provider);
}

// The configuration that has no other behind it.
std::string SourceKey(const std::string& start, const ProviderAddress& address,
                      const ProviderConfigs& configs) {
  std::string found;
  for (std::string key = start; !key.empty();) {
    auto at = configs.find(key);
    if (at == configs.end() || at->second.address != address) break;
    found = key;
    key = at->second.parent_key;
  }
  return found;
}

// All requirements that the module itself states for a provider, in required_providers and in
// its provider blocks.
std::string ConstraintOf(const config::Terraform& terraform, const ProviderAddress& address) {
  std::string out;
  auto add = [&](const config::VersionConstraint& constraint) {
    std::string text = config::ToString(constraint);
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  };
  for (const auto& [name, required] : terraform.required_providers) {
    if (required.address == address) add(required.version);
  }
  for (const auto& [local, block] : terraform.providers) {
    if (block.address == address) add(block.version);
  }
  return out;
}

void AddProviders(const ModuleNode& node, ProviderConfigs& configs) {
  const config::Terraform& terraform = node.module->terraform;
  const std::string module = node.address();
  auto add = [&](const std::string& key, ProviderConfig one, bool looks_up) {
    if (configs.contains(key)) return;
    one.module_address = module;
    one.version_constraint = ConstraintOf(terraform, one.address);
    if (looks_up && node.parent != nullptr) {
      one.parent_key = SourceKey(KeyOf(one.name, node.parent->address()), one.address, configs);
    }
    configs.emplace(key, std::move(one));
  };
  for (const auto& [local, block] : terraform.providers) {
    add(KeyOf(config::ToString(local), module),
        {.name = local.name, .address = block.address, .alias = local.alias, .block = &block},
        false);
  }
  for (const auto& [name, required] : terraform.required_providers) {
    for (const config::LocalProvider& alias : required.configuration_aliases) {
      add(KeyOf(config::ToString(alias), module), {.name = name, .address = required.address},
          false);
    }
    add(KeyOf(name, module), {.name = name, .address = required.address}, true);
  }
  // What nobody declares is there because a resource uses it.
  for (const auto& [address, resource] : terraform.resources) {
    const ProviderAddress& provider = resource.provider_address;
    if (provider.empty()) continue;
    add(KeyOf(provider.type, module), {.name = provider.type, .address = provider}, true);
  }
  for (const auto& [name, child] : node.children) {
    for (const config::PassedProvider& passed : child->call->providers) {
      ProviderConfig one{.name = config::ToString(passed.in_child),
                         .address = child->module->terraform.AddressOf(passed.in_child.name),
                         .module_address = child->address()};
      one.parent_key = SourceKey(KeyOf(config::ToString(passed.in_parent.provider), module),
                                 one.address, configs);
      configs[KeyOf(one.name, one.module_address)] = one;
    }
    AddProviders(*child, configs);
  }
}

void WriteText(std::string_view name, const std::string& text, JsonWriter& out) {
  if (!text.empty()) out.Key(name).String(text);
}

void WriteFlag(std::string_view name, bool flag, JsonWriter& out) {
  if (flag) out.Key(name).Bool(true);
}

void WriteDependsOn(const std::vector<hcl::Traversal>& depends_on, JsonWriter& out) {
  if (depends_on.empty()) return;
  out.Key("depends_on").BeginArray();
  for (const hcl::Traversal& one : depends_on) out.String(SubjectOf(one));
  out.EndArray();
}

// The member is left out where nothing is written.
void WriteArguments(const hcl::Body& body, const provider::BlockSchema& schema, JsonWriter& out) {
  std::string text;
  JsonWriter inner([&](std::string_view piece) { text += piece; });
  WriteExpressions(body, schema, inner);
  inner.Flush();
  if (text != "{}") out.Key("expressions").Raw(text);
}

void WriteRepetition(hcl::Expression count, hcl::Expression for_each, JsonWriter& out) {
  if (SaysSomething(count)) {
    out.Key("count_expression");
    WriteExpression(count, out);
  } else if (SaysSomething(for_each)) {
    out.Key("for_each_expression");
    WriteExpression(for_each, out);
  }
}

const provider::Schema* ResourceSchema(const config::Resource& resource,
                                       const ProviderSchemaOf& schemas) {
  const provider::ProviderSchema* all = schemas(resource.provider_address);
  if (all == nullptr) return nullptr;
  const auto& types = resource.mode == config::ResourceMode::kManaged ? all->resources
                      : resource.mode == config::ResourceMode::kData  ? all->data_sources
                                                                      : all->ephemeral_resources;
  auto at = types.find(resource.type);
  return at == types.end() ? nullptr : &at->second;
}

// Whatever is written in it: that a provisioner takes no blocks is sure.
void WriteProvisioner(const config::Provisioner& provisioner, JsonWriter& out) {
  provider::BlockSchema schema;
  for (const hcl::Attribute& attribute : provisioner.body.attributes) {
    schema.attributes.push_back({.name = std::string(attribute.name)});
  }
  out.BeginObject();
  out.Key("type").String(provisioner.type);
  WriteArguments(provisioner.body, schema, out);
  out.EndObject();
}

class ConfigurationWriter {
 public:
  ConfigurationWriter(const ModuleNode& root, const ProviderSchemaOf& schemas, JsonWriter& out)
      : schemas_(schemas), out_(out) {
    AddProviders(root, configs_);
  }

  void Write(const ModuleNode& root) {
    out_.BeginObject();
    Providers();
    out_.Key("root_module");
    Module(root);
    out_.EndObject();
  }

 private:
  void Providers() {
    bool is_first = true;
    for (const auto& [key, one] : configs_) {
      if (!one.parent_key.empty()) continue;
      if (is_first) out_.Key("provider_config").BeginObject();
      is_first = false;
      out_.Key(key).BeginObject();
      WriteText("name", one.name, out_);
      WriteText("full_name", config::ToString(one.address), out_);
      WriteText("alias", one.alias, out_);
      WriteText("version_constraint", one.version_constraint, out_);
      WriteText("module_address", one.module_address, out_);
      const provider::ProviderSchema* schema = schemas_(one.address);
      if (one.block != nullptr && schema != nullptr) {
        WriteArguments(one.block->body, schema->provider.block, out_);
      }
      out_.EndObject();
    }
    if (!is_first) out_.EndObject();
  }

  void Module(const ModuleNode& node) {
    const config::Module& module = *node.module;
    out_.BeginObject();
    if (!module.outputs.empty()) {
      out_.Key("outputs").BeginObject();
      for (const auto& [name, output] : module.outputs) Output(output);
      out_.EndObject();
    }
    if (!module.terraform.resources.empty()) {
      out_.Key("resources").BeginArray();
      for (auto mode : {config::ResourceMode::kManaged, config::ResourceMode::kData,
                        config::ResourceMode::kEphemeral}) {
        for (const auto& [address, resource] : module.terraform.resources) {
          if (resource.mode == mode) Resource(resource, node.address());
        }
      }
      out_.EndArray();
    }
    if (!node.children.empty()) {
      out_.Key("module_calls").BeginObject();
      for (const auto& [name, child] : node.children) Call(*child);
      out_.EndObject();
    }
    if (!module.variables.empty()) {
      out_.Key("variables").BeginObject();
      for (const auto& [name, variable] : module.variables) Variable(variable);
      out_.EndObject();
    }
    out_.EndObject();
  }

  void Output(const config::Output& output) {
    out_.Key(output.name).BeginObject();
    WriteFlag("sensitive", output.sensitive, out_);
    WriteFlag("ephemeral", output.ephemeral, out_);
    WriteText("deprecated", output.deprecated, out_);
    out_.Key("expression");
    WriteExpression(output.expression, out_);
    WriteDependsOn(output.depends_on, out_);
    WriteText("description", output.description, out_);
    out_.EndObject();
  }

  void Variable(const config::Variable& variable) {
    out_.Key(variable.name).BeginObject();
    if (!variable.type.type.is_dynamic()) {
      out_.Key("type");
      WriteJson(value::ToJson(variable.type.type), out_);
    }
    if (variable.fallback) {
      out_.Key("default");
      WriteValue(*variable.fallback, out_);
    }
    WriteText("description", variable.description, out_);
    WriteFlag("required", !variable.fallback, out_);
    WriteFlag("sensitive", variable.sensitive, out_);
    WriteFlag("ephemeral", variable.ephemeral, out_);
    WriteText("deprecated", variable.deprecated, out_);
    out_.EndObject();
  }

  void Resource(const config::Resource& resource, const std::string& module) {
    constexpr std::string_view kModes[] = {"managed", "data", "ephemeral"};
    std::string key = KeyOf(config::ToString(resource.provider_local), module);
    auto config = configs_.find(key);
    if (config != configs_.end() && !config->second.parent_key.empty()) {
      key = config->second.parent_key;
    }
    out_.BeginObject();
    out_.Key("address").String(resource.address());
    out_.Key("mode").String(kModes[static_cast<size_t>(resource.mode)]);
    out_.Key("type").String(resource.type);
    out_.Key("name").String(resource.name);
    out_.Key("provider_config_key").String(key);
    if (!resource.provisioners.empty()) {
      out_.Key("provisioners").BeginArray();
      for (const auto& provisioner : resource.provisioners) WriteProvisioner(provisioner, out_);
      out_.EndArray();
    }
    if (const provider::Schema* schema = ResourceSchema(resource, schemas_)) {
      WriteArguments(resource.body, schema->block, out_);
      out_.Key("schema_version").Integer(schema->version);
    }
    WriteRepetition(resource.count, resource.for_each, out_);
    WriteDependsOn(resource.depends_on, out_);
    out_.EndObject();
  }

  void Call(const ModuleNode& child) {
    const config::ModuleCall& call = *child.call;
    provider::BlockSchema inputs;
    for (const auto& [name, variable] : child.module->variables) {
      inputs.attributes.push_back({.name = name});
    }
    out_.Key(call.name).BeginObject();
    WriteText("source", call.source_address, out_);
    WriteArguments(call.body, inputs, out_);
    WriteRepetition(call.count, call.for_each, out_);
    out_.Key("module");
    Module(child);
    WriteText("version_constraint", config::ToString(call.version_constraint), out_);
    WriteDependsOn(call.depends_on, out_);
    out_.EndObject();
  }

  const ProviderSchemaOf& schemas_;
  JsonWriter& out_;
  ProviderConfigs configs_;
};

}  // namespace

void WriteConfigurationJson(const Configuration& configuration, JsonWriter& out) {
  ConfigurationWriter(*configuration.root, configuration.schemas, out).Write(*configuration.root);
}

}  // namespace andon::infratext
