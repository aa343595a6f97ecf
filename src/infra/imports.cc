#include "infra/imports.h"

#include <fmt/format.h>

#include "infra/codes.h"
#include "provider/legacy_object.h"
#include "provider/schema_values.h"
#include "value/convert.h"

namespace andon::infra {

using address::Address;
using value::Value;

namespace {

// The key that an expression of `to` ends with, as in x.y[each.key].
std::optional<address::Key> KeyOf(hcl::Expression to, const hcl::EvalContext& context,
                                  Diagnostics* diagnostics) {
  if (to.kind() != hcl::ExprKind::kIndex) return std::nullopt;
  const auto& index = hcl::As<hcl::IndexNode>(to.node());
  auto key = hcl::Evaluate(to.At(index.key), context);
  diagnostics->Append(key.diagnostics);
  Value value = key.value.UnmarkDeep();
  if (!value.is_known_not_null()) return std::nullopt;
  if (value.type().is_string()) return address::Key(value.string());
  auto number = value::Convert(value, value::Type::Number());
  if (number.ok() && number->is_known_not_null())
    return address::Key(number->number().ToInt64().value_or(0));
  return std::nullopt;
}

void FindOne(const config::Import& import, const hcl::EvalContext& context, const Address& target,
             std::map<Address, ImportTarget>* out, Diagnostics* diagnostics) {
  auto wrong = [&](std::string detail) {
    Report(diagnostics, kImportInvalid, std::move(detail), import.range);
  };
  ImportTarget found{.identity = Value::Null(), .range = import.range};
  if (import.id) {
    auto id = hcl::Evaluate(import.id, context);
    diagnostics->Append(id.diagnostics);
    if (id.diagnostics.has_errors()) return;
    auto text = value::Convert(id.value.UnmarkDeep(), value::Type::String());
    if (!text.ok() || !text->is_known_not_null() || text->string().empty())
      return wrong("The id of an import must be a text that is known when planning and not empty.");
    if (id.value.contains_marked()) return wrong("The id of an import must not be sensitive.");
    found.id = text->string();
  } else {
    auto identity = hcl::Evaluate(import.identity, context);
    diagnostics->Append(identity.diagnostics);
    if (identity.diagnostics.has_errors()) return;
    found.identity = identity.value.UnmarkDeep();
    if (!found.identity.is_wholly_known())
      return wrong("The identity of an import must be known when planning.");
  }
  if (!out->emplace(target, std::move(found)).second)
    wrong(fmt::format("Two import blocks speak of {}.", ToString(target)));
}

}  // namespace

std::map<Address, ImportTarget> FindImports(const Graph& graph, const Scope& scope, NodeId node,
                                            Diagnostics* diagnostics) {
  std::map<Address, ImportTarget> out;
  auto blocks = graph.imports.find(node);
  if (blocks == graph.imports.end()) return out;
  for (const config::Import* import : blocks->second) {
    if (!import->for_each) {
      hcl::EvalContext context = scope.ContextFor(0, 0, import->id ? import->id : import->identity);
      Address target = import->instance.value_or(import->target);
      if (!import->instance) {
        if (auto key = KeyOf(import->to, scope.ContextFor(0, 0, import->to), diagnostics))
          target.key = *key;
      }
      FindOne(*import, context, target, &out, diagnostics);
      continue;
    }
    Expansion expansion =
        Expand({}, import->for_each, {}, scope.ContextFor(0, 0, import->for_each), diagnostics);
    hcl::EvalContext base = scope.ContextFor(0, 0, import->id ? import->id : import->identity);
    hcl::EvalContext to_base = scope.ContextFor(0, 0, import->to);
    for (const auto& [key, each] : expansion.items) {
      hcl::EvalContext context = ResourceWalk::InstanceContext(base, key, each);
      hcl::EvalContext to_context = ResourceWalk::InstanceContext(to_base, key, each);
      Address target = import->target;
      if (auto at = KeyOf(import->to, to_context, diagnostics)) target.key = *at;
      FindOne(*import, context, target, &out, diagnostics);
    }
  }
  return out;
}

std::optional<ImportedObject> ReadImport(const ImportTarget& target, const Address& address,
                                         const ResourceType& type, provider::Provider& provider,
                                         Diagnostics* diagnostics) {
  auto tell = [&](const provider::AttributeDiagnostics& said) {
    for (provider::AttributeDiagnostic one : said) {
      if (one.diagnostic.code.empty()) one.diagnostic.code = kFromProvider.code;
      one.diagnostic.subject = target.range;
      diagnostics->Add(std::move(one.diagnostic));
    }
    return !HasErrors(said);
  };
  auto wrong = [&](std::string detail) {
    Report(diagnostics, kImportInvalid, std::move(detail), target.range);
    return std::nullopt;
  };
  auto imported = provider.ImportResourceState(
      {.type = address.kind, .id = target.id, .identity = target.identity});
  if (!tell(imported.diagnostics)) return std::nullopt;
  const provider::ImportedResource* found = nullptr;
  for (const provider::ImportedResource& one : imported.resources) {
    if (one.type == address.kind) found = &one;
  }
  if (found == nullptr || found->state.is_null())
    return wrong(fmt::format("The provider found nothing to import for {}.", ToString(address)));
  auto read = provider.ReadResource({.type = address.kind,
                                     .prior = found->state,
                                     .identity = found->identity,
                                     .private_data = found->private_data});
  if (!tell(read.diagnostics)) return std::nullopt;
  if (read.state.is_null()) {
    return wrong(
        fmt::format("There is no object with the id \"{}\", so {} cannot be imported. "
                    "Check the id, and that the provider is configured for the right "
                    "account and region.",
                    target.id, ToString(address)));
  }
  if (auto bad = provider::CheckConformance(read.state, type.block.type)) {
    return wrong(fmt::format("The provider's answer for {} has not the form of its own schema: {}.",
                             ToString(address), *bad));
  }
  Value value = provider::NormalizeLegacyObject(type.schema->block, read.state);
  value = provider::Storable(type.schema->block, value);
  return ImportedObject{value, read.identity, read.private_data};
}

}  // namespace andon::infra
