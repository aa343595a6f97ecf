// import { to, id }: objects that exist already and come under management.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "address/address.h"
#include "infra/resource_walk.h"

namespace andon::infra {

struct ImportTarget {
  std::string id;         // One of the two.
  value::Value identity;  // Null where an id is given.
  SourceRange range;
};

// What the files' import blocks name of one block's objects, by address. Ids and addresses
// must be known when planning. Mistakes are reported.
// Requires: what the blocks read was evaluated; the graph's edges see to that.
std::map<address::Address, ImportTarget> FindImports(const Graph& graph, const Scope& scope,
                                                     NodeId node, Diagnostics* diagnostics);

struct ImportedObject {
  value::Value value;
  value::Value identity;
  std::string private_data;
};

// Asks the provider for the object, and reads it. Nothing where that fails; reported.
std::optional<ImportedObject> ReadImport(const ImportTarget& target,
                                         const address::Address& address, const ResourceType& type,
                                         provider::Provider& provider, Diagnostics* diagnostics);

}  // namespace andon::infra
