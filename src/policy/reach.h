// Why a server of the infrastructure may not be reached, as far as the state of the last apply
// knows: its security groups, whether it has a public address, the routes of its subnets.
#pragma once

#include <string>
#include <vector>

#include "state/state.h"

namespace andon::policy {

// One thing that the state says of the way to a server.
struct WayFinding {
  bool hinders = false;
  std::string address;  // Of the resource that says it.
  std::string says;     // "has no ingress rule for port 5432 (it has: 443, 22)"
};

// Of the resource whose address, endpoint or name `host` is; empty where the state has none. Knows
// AWS's instances, databases, clusters and caches.
std::vector<WayFinding> WayTo(const state::State& state, const std::string& host, int port);

}  // namespace andon::policy
