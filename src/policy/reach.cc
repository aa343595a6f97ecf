#include "policy/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace andon::policy {
namespace {

// One object of the state with its attributes.
struct Known {
  std::string type;
  std::string address;
  Json attributes;
};

std::vector<Known> ObjectsOf(const state::State& state) {
  std::vector<Known> out;
  for (const auto& [resource, content] : state.resources) {
    for (const auto& [key, instance] : content.instances) {
      if (instance.current == nullptr) continue;
      auto json = Json::Parse(instance.current->attributes);
      if (json.ok())
        out.push_back({resource.kind, ToString(resource.WithKey(key)), *std::move(json)});
    }
  }
  return out;
}

// Attributes that say where a server is.
constexpr std::string_view kPlaces[] = {
    "address",   "endpoint",   "reader_endpoint", "private_ip",  "private_dns",
    "public_ip", "public_dns", "dns_name",        "cache_nodes", "configuration_endpoint_address"};

bool IsAt(const Json& place, const std::string& host) {
  if (place.is_string()) {
    const std::string& text = place.AsString();
    return text == host || text.starts_with(host + ":");
  }
  return std::ranges::any_of(place.items(),
                             [&](const Json& one) { return IsAt(one["address"], host); });
}

bool IsServer(const Known& object, const std::string& host) {
  return std::ranges::any_of(
      kPlaces, [&](std::string_view name) { return IsAt(object.attributes[name], host); });
}

std::set<std::string> Texts(const Json& list) {
  std::set<std::string> out;
  for (const Json& one : list.items()) out.insert(one.AsString());
  return out;
}

struct Ingress {
  int64_t from = 0, to = 0;
  std::string protocol;
  std::string who;

  bool Covers(int port) const {
    bool is_any = protocol == "-1" || protocol == "all";
    return is_any || ((protocol == "tcp" || protocol == "6") && from <= port && port <= to);
  }
  std::string Ports() const {
    if (protocol == "-1" || protocol == "all") return "all";
    return from == to ? std::to_string(from) : fmt::format("{}-{}", from, to);
  }
};

std::string WhoOf(const Json& rule) {
  std::set<std::string> who;
  for (const char* list : {"cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids"})
    who.merge(Texts(rule[list]));
  for (const char* one : {"cidr_ipv4", "cidr_ipv6", "referenced_security_group_id",
                          "source_security_group_id", "prefix_list_id"}) {
    if (!rule[one].AsString().empty()) who.insert(rule[one].AsString());
  }
  if (rule["self"].AsBool()) who.insert("itself");
  return Join({who.begin(), who.end()}, ", ");
}

std::vector<Ingress> IngressOf(const Known& group, const std::vector<Known>& objects) {
  std::vector<Ingress> out;
  auto add = [&](const Json& rule, const char* protocol) {
    out.push_back({rule["from_port"].AsInteger(), rule["to_port"].AsInteger(),
                   rule[protocol].AsString(), WhoOf(rule)});
  };
  for (const Json& rule : group.attributes["ingress"].items()) add(rule, "protocol");
  const std::string& id = group.attributes["id"].AsString();
  for (const Known& one : objects) {
    if (one.attributes["security_group_id"].AsString() != id) continue;
    bool is_rule =
        one.type == "aws_security_group_rule" && one.attributes["type"].AsString() == "ingress";
    if (is_rule) add(one.attributes, "protocol");
    if (one.type == "aws_vpc_security_group_ingress_rule") add(one.attributes, "ip_protocol");
  }
  return out;
}

void LookAtGroups(const Known& server, const std::vector<Known>& objects, int port,
                  std::vector<WayFinding>* findings) {
  std::set<std::string> wanted = Texts(server.attributes["vpc_security_group_ids"]);
  wanted.merge(Texts(server.attributes["security_group_ids"]));
  wanted.merge(Texts(server.attributes["security_groups"]));
  std::vector<WayFinding> closed;
  bool is_open = false;
  for (const Known& group : objects) {
    if (group.type != "aws_security_group" || !wanted.contains(group.attributes["id"].AsString()))
      continue;
    std::set<std::string> ports, who;
    for (const Ingress& rule : IngressOf(group, objects)) {
      ports.insert(rule.Ports());
      if (rule.Covers(port)) who.insert(rule.who);
    }
    if (!who.empty()) {
      is_open = true;
      findings->push_back(
          {false, group.address,
           fmt::format("lets in {} at port {}", Join({who.begin(), who.end()}, ", "), port)});
      continue;
    }
    std::string has = ports.empty() ? "it has none at all"
                                    : "it has: " + Join({ports.begin(), ports.end()}, ", ");
    closed.push_back(
        {true, group.address, fmt::format("has no ingress rule for port {} ({})", port, has)});
  }
  // One group that lets in is enough.
  if (!is_open) findings->insert(findings->end(), closed.begin(), closed.end());
}

void LookAtRoutes(const Known& server, const std::vector<Known>& objects,
                  std::vector<WayFinding>* findings) {
  std::set<std::string> subnets;
  if (const std::string& one = server.attributes["subnet_id"].AsString(); !one.empty())
    subnets.insert(one);
  const std::string& name = server.attributes["db_subnet_group_name"].AsString();
  for (const Known& group : objects) {
    if (group.type == "aws_db_subnet_group" && group.attributes["name"].AsString() == name)
      subnets.merge(Texts(group.attributes["subnet_ids"]));
  }
  for (const Known& association : objects) {
    if (association.type != "aws_route_table_association" ||
        !subnets.contains(association.attributes["subnet_id"].AsString()))
      continue;
    const std::string& id = association.attributes["route_table_id"].AsString();
    for (const Known& table : objects) {
      if (table.type != "aws_route_table" || table.attributes["id"].AsString() != id) continue;
      bool has_gateway = std::ranges::any_of(table.attributes["route"].items(), [](const Json& r) {
        return r["gateway_id"].AsString().starts_with("igw-");
      });
      for (const Known& route : objects) {
        has_gateway |= route.type == "aws_route" &&
                       route.attributes["route_table_id"].AsString() == id &&
                       route.attributes["gateway_id"].AsString().starts_with("igw-");
      }
      if (!has_gateway)
        findings->push_back({true, table.address,
                             "has no route to an internet gateway, so nothing from outside "
                             "reaches its subnets"});
    }
  }
}

}  // namespace

std::vector<WayFinding> WayTo(const state::State& state, const std::string& host, int port) {
  std::vector<WayFinding> findings;
  if (host.empty()) return findings;
  const std::vector<Known> objects = ObjectsOf(state);
  for (const Known& server : objects) {
    if (!IsServer(server, host)) continue;
    const Json& is_public = server.attributes["publicly_accessible"];
    if (is_public.is_bool() && !is_public.AsBool()) {
      findings.push_back({true, server.address,
                          "has no public address (publicly_accessible = false): it is reached from "
                          "within its network, or through a bastion (tunnel)"});
    } else if (is_public.AsBool()) {
      LookAtRoutes(server, objects, &findings);
    }
    if (const Json& state_of = server.attributes["status"];
        state_of.is_string() && state_of.AsString() != "available")
      findings.push_back({true, server.address,
                          "stood as \"" + state_of.AsString() + "\" when it was last looked at"});
    LookAtGroups(server, objects, port, &findings);
  }
  return findings;
}

}  // namespace andon::policy
