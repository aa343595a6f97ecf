// From where something can be reached.
#include <fmt/format.h>

#include <algorithm>

#include "policy/leak_rule.h"

namespace andon::policy {
namespace {

struct Port {
  int64_t number;
  const char* of;
};

// Where databases, caches and brokers listen if nobody says otherwise.
constexpr Port kDatabasePorts[] = {
    {1433, "SQL Server"},    {1521, "Oracle"},     {3306, "MySQL"},     {5432, "PostgreSQL"},
    {5439, "Redshift"},      {5984, "CouchDB"},    {6379, "Redis"},     {7687, "Neo4j"},
    {8086, "InfluxDB"},      {8123, "ClickHouse"}, {9042, "Cassandra"}, {9092, "Kafka"},
    {9200, "Elasticsearch"}, {11211, "memcached"}, {27017, "MongoDB"},  {50000, "Db2"},
};

bool IsEverywhere(const std::string& block) {
  return block == "0.0.0.0/0" || block == "::/0" || block == "0::/0" || block == "0.0.0.0";
}

std::optional<int64_t> NumberOf(const Item& rule, std::string_view name) {
  const Field* field = rule.Find(name);
  if (field == nullptr || !field->value.is_known_not_null()) return std::nullopt;
  if (field->value.type().is_number()) return field->value.number().ToInt64();
  if (!field->value.type().is_string()) return std::nullopt;
  auto number = value::Number::Parse(field->value.string());
  return number.ok() ? number->ToInt64() : std::nullopt;
}

// "5432 (PostgreSQL)"; empty where no database listens in that range.
std::string DatabasePorts(const Item& rule, std::string_view protocol) {
  if (protocol == "udp" || protocol == "icmp" || protocol == "icmpv6") return {};
  if (protocol == "-1" || protocol == "all") return "Every port";
  auto from = NumberOf(rule, "from_port"), to = NumberOf(rule, "to_port");
  if (!from || !to) return {};
  std::string first;
  int count = 0;
  for (const Port& port : kDatabasePorts) {
    if (port.number < *from || port.number > *to) continue;
    if (count++ == 0) first = fmt::format("Port {} ({})", port.number, port.of);
  }
  return count > 1 ? fmt::format("{} and {} more", first, count - 1) : first;
}

void FindIn(const Item& rule, std::string_view protocol, std::vector<Leak>* leaks) {
  std::string ports = DatabasePorts(rule, protocol);
  if (ports.empty()) return;
  for (const char* name : {"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"}) {
    for (const std::string& block : TextsOf(rule.Find(name))) {
      if (!IsEverywhere(block)) continue;
      leaks->push_back({rule.RangeOf(name), fmt::format("{} can be reached from {}: from the whole "
                                                        "internet.",
                                                        ports, block)});
    }
  }
}

std::string ProtocolOf(const Item& rule, std::string_view name) {
  if (std::string text = rule.Text(name); !text.empty()) return text;
  return NumberOf(rule, name) == -1 ? "-1" : "";
}

void FindOpenPorts(const Subject& subject, std::vector<Leak>* leaks) {
  const Item& body = subject.body;
  if (subject.type == "aws_security_group_rule") {
    if (body.Text("type") == "ingress") FindIn(body, ProtocolOf(body, "protocol"), leaks);
    return;
  }
  if (subject.type == "aws_vpc_security_group_ingress_rule")
    return FindIn(body, ProtocolOf(body, "ip_protocol"), leaks);
  for (const Item& rule : body.Items("ingress")) FindIn(rule, ProtocolOf(rule, "protocol"), leaks);
}

void FindPublicDatabase(const Subject& subject, std::vector<Leak>* leaks) {
  if (subject.body.Is("publicly_accessible", true))
    leaks->push_back({subject.body.RangeOf("publicly_accessible"),
                      "It gets an address that can be reached from outside."});
}

void FindOpenFirewall(const Subject& subject, std::vector<Leak>* leaks) {
  if (subject.type == "google_sql_database_instance") {
    for (const Item& settings : subject.body.Items("settings")) {
      for (const Item& ip : settings.Items("ip_configuration")) {
        for (const Item& network : ip.Items("authorized_networks")) {
          if (IsEverywhere(network.Text("value")))
            leaks->push_back({network.RangeOf("value"), "The whole internet is authorized."});
        }
      }
    }
    return;
  }
  if (subject.body.Text("start_ip_address") == "0.0.0.0" &&
      subject.body.Text("end_ip_address") == "255.255.255.255")
    leaks->push_back({subject.body.RangeOf("start_ip_address"), "The rule lets every address in."});
}

}  // namespace

const std::vector<LeakRule> kNetworkLeaks = {
    {.id = "open-database-port",
     .code = "AN5111",
     .summary = "A database's port is open to the internet",
     .meaning = "A rule of a security group lets 0.0.0.0/0 or ::/0 in to a port on which databases "
                "listen.",
     .cure = "Let in the security group or the network of those who read it, or go through a "
             "bastion host",
     .types = {"aws_security_group", "aws_default_security_group", "aws_security_group_rule",
               "aws_vpc_security_group_ingress_rule"},
     .find = FindOpenPorts},
    {.id = "public-database",
     .code = "AN5112",
     .summary = "A database can be reached from outside",
     .meaning = "A database asks for a public address.",
     .cure = "Set publicly_accessible to false",
     .types = {"aws_db_instance", "aws_rds_cluster_instance", "aws_redshift_cluster",
               "aws_redshiftserverless_workgroup", "aws_dms_replication_instance",
               "aws_docdb_cluster_instance", "aws_neptune_cluster_instance"},
     .find = FindPublicDatabase},
    {.id = "open-database-firewall",
     .code = "AN5113",
     .summary = "A database's firewall lets everybody in",
     .meaning = "A rule of a managed database's firewall spans every address.",
     .cure = "Give the addresses of those who need it",
     .types = {"google_sql_database_instance", "azurerm_mssql_firewall_rule",
               "azurerm_postgresql_firewall_rule",
               "azurerm_postgresql_flexible_server_firewall_rule",
               "azurerm_mysql_flexible_server_firewall_rule"},
     .find = FindOpenFirewall},
};

}  // namespace andon::policy
