#include "infra/resource_walk.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/terraform/body.h"
#include "infra/provider_resolution.h"
#include "infra/value_walk.h"
#include "value/convert.h"

namespace andon::infra {

using value::Value;

std::optional<ResourceType> ResourceWalk::TypeOf(NodeId resource) {
  const Node& node = graph.At(resource);
  SourceRange range = node.resource != nullptr ? node.resource->type_range : SourceRange{};
  Diagnostics wrong;
  auto provider = pool.Unconfigured(node.provider_address);
  if (!provider.ok()) {
    Report(&wrong, kProviderFailed, provider.error().message, range);
    messages.Add(wrong, graph.AddressOf(resource));
    return std::nullopt;
  }
  const provider::GetSchemaResponse& got = (*provider)->GetSchema();
  if (HasErrors(got.diagnostics)) {
    Tell(got.diagnostics, nullptr, {}, range);
    return std::nullopt;
  }
  bool is_data = node.is_data();
  bool is_ephemeral = node.is_ephemeral();
  std::string_view type = node.name;
  if (is_data || is_ephemeral) type.remove_prefix(type.find('.') + 1);
  type = type.substr(0, type.find('.'));
  const auto& known = is_data        ? got.schema.data_sources
                      : is_ephemeral ? got.schema.ephemeral_resources
                                     : got.schema.resources;
  auto it = known.find(type);
  if (it == known.end()) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : known) names.push_back(name);
    std::string meant = DidYouMean(type, names);
    Report(
        &wrong, kNoSchema,
        fmt::format("The provider {} has no {} \"{}\"{}", config::ToString(node.provider_address),
                    is_data        ? "data source"
                    : is_ephemeral ? "ephemeral resource"
                                   : "resource",
                    type, meant.empty() ? "." : ": did you mean \"" + meant + "\"?"),
        range);
    messages.Add(wrong, graph.AddressOf(resource));
    return std::nullopt;
  }
  ResourceType out{.schema = &it->second,
                   .block = provider::TypedBlock(it->second.block),
                   .plan_destroy = got.schema.capabilities.plan_destroy};
  auto identity = got.schema.identities.find(type);
  if (!is_data && !is_ephemeral && identity != got.schema.identities.end())
    out.identity = &identity->second;
  return out;
}

Declared ResourceWalk::Declare(NodeId resource) {
  const Node& node = graph.At(resource);
  Declared out;
  if (node.resource == nullptr) return out;
  const config::Resource& block = *node.resource;
  const auto& modules = scope.InstancesOf(node.module);
  for (size_t i = 0; i < modules.size(); ++i) {
    int instance = static_cast<int>(i);
    out.contexts.push_back(scope.Context(node.module, instance, node.uses));
    Diagnostics found;
    Expansion expansion =
        Expand(block.count, block.for_each, block.enabled, out.contexts.back(), &found);
    messages.Add(found, ModulePrefix(modules[i].path) + node.name);
    out.repetition = expansion.repetition;
    out.is_known &= expansion.is_known;
    for (auto& [key, each] : expansion.items) {
      address::Address address{.module = modules[i].path,
                               .is_data = block.mode == config::ResourceMode::kData,
                               .is_ephemeral = block.mode == config::ResourceMode::kEphemeral,
                               .kind = block.type,
                               .name = block.name,
                               .key = key};
      out.instances.push_back({instance, key, std::move(each), std::move(address)});
    }
  }
  return out;
}

hcl::EvalContext ResourceWalk::InstanceContext(const hcl::EvalContext& base,
                                               const address::Key& key, const Value& each) {
  hcl::EvalContext context;
  context.parent = &base;
  context.variables = RepetitionNames(key, each);
  return context;
}

namespace {

// The ancestor's instance, of an instance of a module.
int InstanceAbove(const Graph& graph, const Scope& scope, int module, int instance, int above) {
  while (module != above && module >= 0) {
    const auto& instances = scope.InstancesOf(module);
    if (static_cast<size_t>(instance) >= instances.size()) return 0;
    instance = instances[static_cast<size_t>(instance)].parent;
    module = graph.modules[static_cast<size_t>(module)].parent;
  }
  return instance;
}

}  // namespace

ProviderUse ResourceWalk::ProviderOf(NodeId resource, int module_instance,
                                     const hcl::EvalContext* context, const std::string& state_text,
                                     const address::Key& state_key) {
  const Node& node = graph.At(resource);
  ProviderUse out{.text = state_text, .key = state_key};
  if (node.provider_node < 0) {
    Diagnostics wrong;
    Report(&wrong, kProviderFailed,
           fmt::format("The state names a provider that cannot be read: {}.", state_text), {});
    messages.Add(wrong, graph.AddressOf(resource));
    return out;
  }
  const Node& configuration = graph.At(node.provider_node);
  int instance = 0;
  if (context != nullptr) {
    ProviderText text{.module = graph.modules[static_cast<size_t>(configuration.module)].path,
                      .address = configuration.provider_address,
                      .alias = configuration.provider_local.alias};
    if (text.address.host == config::kDefaultProviderHost && !provider_host.empty())
      text.address.host = provider_host;
    out.text = ToString(text);
    out.key = {};
    if (node.provider_key) {
      Result<Value> key = Error::Invalid("");
      if (node.provider_key_module == node.module) {
        auto evaluated = hcl::Evaluate(node.provider_key, *context);
        messages.Add(evaluated.diagnostics);
        key = value::Convert(evaluated.value.UnmarkDeep(), value::Type::String());
      } else {
        int above =
            InstanceAbove(graph, scope, node.module, module_instance, node.provider_key_module);
        // The call's own each or count is in scope where the module was handed a provider.
        int below = node.module;
        int at = module_instance;
        while (graph.modules[static_cast<size_t>(below)].parent != node.provider_key_module) {
          at = scope.InstancesOf(below)[static_cast<size_t>(at)].parent;
          below = graph.modules[static_cast<size_t>(below)].parent;
        }
        const ModuleInstance& called = scope.InstancesOf(below)[static_cast<size_t>(at)];
        hcl::EvalContext base =
            scope.ContextFor(node.provider_key_module, above, node.provider_key);
        hcl::EvalContext own = InstanceContext(base, called.key, called.each);
        auto evaluated = hcl::Evaluate(node.provider_key, own);
        messages.Add(evaluated.diagnostics);
        key = value::Convert(evaluated.value.UnmarkDeep(), value::Type::String());
      }
      if (!key.ok() || !key->is_known_not_null()) {
        Diagnostics wrong;
        Report(&wrong, kProviderConfig,
               "Which instance of a provider manages an object must be known when planning.",
               node.provider_key.range());
        messages.Add(wrong, graph.AddressOf(resource));
        return out;
      }
      out.key = key->string();
    }
    instance = InstanceAbove(graph, scope, node.module, module_instance, configuration.module);
  }
  if (scope.InstancesOf(configuration.module).empty()) {
    // The module that configured it is gone with its objects' blocks.
    Diagnostics wrong;
    Report(&wrong, kProviderConfig,
           fmt::format("{} was configured in a module that the files no longer have. Put the "
                       "module back, destroy its objects first, or configure the provider in "
                       "the root module.",
                       out.text),
           {});
    messages.Add(wrong, graph.AddressOf(resource));
    return out;
  }
  StandIns* stand_ins = pool.stand_ins();
  const config::LocalProvider* mock = nullptr;
  if (stand_ins != nullptr && configuration.module == 0 &&
      stand_ins->IsMocked(configuration.provider_local))
    mock = &configuration.provider_local;
  ProviderPool::Configured configured =
      mock != nullptr
          ? Mocked(configuration.provider_address)
          : pool.Get({node.provider_node, instance, out.key}, configuration.provider_address,
                     [&](provider::Provider& provider) {
                       return Configure(node.provider_node, instance, out.key, provider);
                     });
  messages.Add(configured.diagnostics, graph.AddressOf(node.provider_node));
  out.provider = configured.provider;
  if (stand_ins != nullptr && out.provider != nullptr)
    out.provider = stand_ins->For(graph.AddressOf(resource), mock, out.provider);
  return out;
}

ProviderPool::Configured ResourceWalk::Mocked(const config::ProviderAddress& address) {
  ProviderPool::Configured out;
  auto started = pool.Unconfigured(address);
  if (started.ok()) {
    out.provider = *started;
  } else {
    Report(&out.diagnostics, kProviderFailed, started.error().message, {});
  }
  return out;
}

Diagnostics ResourceWalk::Configure(NodeId provider_node, int module_instance,
                                    const address::Key& key, provider::Provider& provider) {
  const Node& node = graph.At(provider_node);
  Diagnostics out;
  const provider::GetSchemaResponse& schema = provider.GetSchema();
  Messages told;
  hcl::EvalContext base = scope.Context(node.module, module_instance, node.uses);
  hcl::EvalContext context;
  context.parent = &base;
  if (node.provider != nullptr && node.provider->for_each) {
    auto all = hcl::Evaluate(node.provider->for_each, base);
    out.Append(all.diagnostics);
    auto* text = std::get_if<std::string>(&key);
    Value each = Value::Dynamic();
    if (text != nullptr && all.value.CanIterate()) {
      bool found = false;
      for (const auto& [name, element] : all.value.Elements()) {
        bool is_set = all.value.type().is_set();
        if (!name.is_known_not_null() || name.string() != *text) continue;
        each = is_set ? name : element;
        found = true;
      }
      if (!found) {
        Report(&out, kProviderConfig,
               fmt::format("The provider \"{}\" has no instance with the key \"{}\".", node.name,
                           *text),
               node.provider->range);
        return out;
      }
    }
    if (text != nullptr) context.variables = RepetitionNames(key, each);
  }
  Value config = Value::Null(provider::ImpliedType(schema.schema.provider.block));
  static const hcl::Body kEmpty;
  const hcl::Body& body = node.provider != nullptr ? node.provider->body : kEmpty;
  auto decoded = config::DecodeBody(body, schema.schema.provider.block, context);
  out.Append(decoded.diagnostics);
  if (out.has_errors()) return out;
  config = decoded.value.UnmarkDeep();
  auto tell = [&](const provider::AttributeDiagnostics& said) {
    for (provider::AttributeDiagnostic one : said) {
      one.diagnostic.subject = node.provider != nullptr ? node.provider->range : SourceRange{};
      if (one.diagnostic.code.empty()) one.diagnostic.code = kFromProvider.code;
      out.Add(std::move(one.diagnostic));
    }
  };
  tell(provider.ValidateProviderConfig({.config = config}));
  if (out.has_errors()) return out;
  tell(provider.Configure({.terraform_version = language_version, .config = config}));
  return out;
}

std::map<NodeId, std::vector<address::Address>> ResourceWalk::StateByNode(
    const Graph& graph, const state::State& state) {
  std::map<NodeId, std::vector<address::Address>> out;
  for (const auto& [address, resource] : state.resources) {
    NodeId node = graph.FindResource(address);
    if (node >= 0) out[node].push_back(address);
  }
  return out;
}

std::set<NodeId> ResourceWalk::NodesOf(
    const std::map<NodeId, std::vector<address::Address>>& by_node) {
  std::set<NodeId> out;
  for (const auto& [node, addresses] : by_node) out.insert(node);
  return out;
}

void ResourceWalk::SetFromState(NodeId resource, const ResourceType& type,
                                const std::map<NodeId, std::vector<address::Address>>& by_node,
                                const state::State& state) {
  const Node& node = graph.At(resource);
  auto found = by_node.find(resource);
  if (found == by_node.end()) return;
  for (const address::Address& address : found->second) {
    int module_instance = scope.FindInstance(node.module, address.module);
    const state::Resource* recorded = state.FindResource(address);
    if (module_instance < 0 || recorded == nullptr) continue;
    std::vector<address::Key> keys;
    std::vector<Value> values;
    Repetition repetition = Repetition::kSingle;
    for (const auto& [key, instance] : recorded->instances) {
      if (instance.current == nullptr) continue;
      auto value = Read(*instance.current, type, address.WithKey(key), node.provider_address);
      if (!value) continue;
      repetition = std::holds_alternative<int64_t>(key)       ? Repetition::kCount
                   : std::holds_alternative<std::string>(key) ? Repetition::kForEach
                                                              : Repetition::kSingle;
      keys.push_back(key);
      values.push_back(*value);
    }
    if (!values.empty())
      scope.Set(resource, module_instance, Gather(repetition, keys, std::move(values)));
  }
}

std::optional<Value> ResourceWalk::Read(const state::Object& object, const ResourceType& type,
                                        const address::Address& address,
                                        const config::ProviderAddress& provider_address) {
  auto version = static_cast<uint64_t>(type.schema->version);
  if (object.schema_version == version && !object.attributes_flat) {
    auto value = state::Decode(object, type.block.type);
    if (value.ok()) return *value;
  }
  Diagnostics wrong;
  auto refuse = [&](std::string detail) {
    Report(&wrong, kStateUpgrade, std::move(detail), {});
    messages.Add(wrong, ToString(address));
    return std::nullopt;
  };
  if (object.schema_version > version) {
    return refuse(fmt::format(
        "The object was written by a newer version of the provider (its schema has version {}, "
        "this one {}). Use a provider of that version or newer.",
        object.schema_version, version));
  }
  auto provider = pool.Unconfigured(provider_address);
  if (!provider.ok()) return refuse(provider.error().message);
  provider::UpgradeResourceStateRequest request{
      .type = address.kind, .version = static_cast<int64_t>(object.schema_version)};
  if (object.attributes_flat) {
    request.state = *object.attributes_flat;
  } else {
    request.state = object.attributes;
  }
  auto upgraded = (*provider)->UpgradeResourceState(request);
  Tell(upgraded.diagnostics, nullptr, address, {});
  if (HasErrors(upgraded.diagnostics)) return std::nullopt;
  return upgraded.state;
}

void ResourceWalk::Tell(const provider::AttributeDiagnostics& said, const hcl::Body* body,
                        const address::Address& address, const SourceRange& range) {
  Diagnostics out;
  for (provider::AttributeDiagnostic one : said) {
    Diagnostic& d = one.diagnostic;
    if (d.code.empty()) d.code = kFromProvider.code;
    if (!d.subject.exists()) {
      d.subject = range;
      if (body != nullptr && !one.attribute.empty()) {
        SourceRange part = config::RangeOf(*body, one.attribute);
        if (part.exists()) d.subject = part;
      }
    }
    out.Add(std::move(d));
  }
  messages.Add(out, address.kind.empty() ? std::string() : ToString(address));
}

}  // namespace andon::infra
