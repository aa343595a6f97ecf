#include "builtin/source_database.h"

#include <fmt/format.h>

#include "base/text.h"
#include "io/host_and_port.h"
#include "sql/engines/postgres.h"

namespace andon::builtin {
namespace {

using config::Form;

// What `url` says already.
constexpr std::string_view kParts[] = {"host", "port",    "database",
                                       "user", "sslmode", "sslrootcert"};

bool IsWritten(const Item& item, std::string_view part) {
  return item.instance->positions.contains(part);
}

void CheckUrl(const Item& item, Diagnostics* diagnostics) {
  for (std::string_view part : kParts) {
    if (!IsWritten(item, part)) continue;
    ReportAt(item, config::kNotAllowed,
             fmt::format("\"{}\" stands beside \"url\", which says it already.", part), part,
             diagnostics);
  }
  const Json& url = item.attributes["url"];
  if (!url.is_string()) return;  // A secret is read when a check runs.
  auto read = sql::ReadPostgresUrl(url.AsString());
  if (!read.ok())
    return ReportAt(item, config::kInvalidText, read.error().message, "url", diagnostics,
                    "url = \"postgres://andon_reader@db.shop:5432/rental\"");
  if (read->password.empty()) return;
  ReportAt(
      item, config::kSensitive,
      "The url holds a password, which would be recorded with each release.", "url", diagnostics,
      "Leave it out of the url and write password = secret(\"env://RENTAL_PASSWORD\"), or read "
      "the whole url from a secret.");
}

void CheckServer(const Item& item, Diagnostics* diagnostics) {
  if (IsWritten(item, "url")) {
    CheckUrl(item, diagnostics);
  } else {
    for (const char* part : {"host", "database"}) {
      if (IsWritten(item, part)) continue;
      ReportAt(item, hcl::kMissingArgument,
               fmt::format("The source does not say where it is: it needs \"url\", or \"host\" and "
                           "\"database\"; there is no \"{}\".",
                           part),
               "", diagnostics, "host = \"db.shop\", database = \"rental\"");
      break;
    }
  }
  int64_t port = item.attributes["port"].AsInteger(1);
  if (port < 1 || port > 65535) {
    ReportAt(item, config::kNotAllowed, fmt::format("The port {} is not within 1 to 65535.", port),
             "port", diagnostics);
  }
}

void CheckPassword(const Item& item, Diagnostics* diagnostics) {
  if (!item.attributes["password"].is_string()) return;
  ReportAt(item, config::kSensitive,
           "The password stands in the file, and would be recorded with each release.", "password",
           diagnostics, "password = secret(\"env://RENTAL_PASSWORD\")");
}

void CheckTunnel(const Item& item, Diagnostics* diagnostics) {
  const Json& tunnel = item.attributes["tunnel"];
  if (!tunnel.is_object()) return;
  const std::string& ssh = tunnel["ssh"].AsString();
  if (size_t at = ssh.find('@'); at != std::string::npos) {
    ReportAt(item, config::kInvalidText,
             fmt::format("\"{}\" is no host: the user of the bastion has a word of its own.", ssh),
             "tunnel.ssh", diagnostics,
             fmt::format("ssh = \"{}\", user = \"{}\"", ssh.substr(at + 1), ssh.substr(0, at)));
  } else if (auto host = io::ReadHostAndPort(ssh); !ssh.empty() && !host.ok()) {
    ReportAt(item, config::kInvalidText, host.error().message, "tunnel.ssh", diagnostics,
             "ssh = \"bastion.shop\", or with its port \"bastion.shop:2222\"");
  }
  const std::string& key = tunnel["key"]["secret"].AsString();
  if (key.empty() || key.starts_with("file://")) return;
  ReportAt(item, config::kInvalidText, "The key of a tunnel is a file, which ssh reads itself.",
           "tunnel.key", diagnostics, "key = secret(\"file://bastion.pem\")");
}

config::AttributeSchema Tunnel() {
  return {.name = "tunnel",
          .form = Form::kObject,
          .doc = "Through a bastion host, by the program ssh with the user's own configuration.",
          .example =
              "{ ssh = \"bastion.shop\", user = \"ec2-user\", key = "
              "secret(\"file://bastion.pem\") }",
          .nested = {{.name = "ssh",
                      .form = Form::kString,
                      .required = true,
                      .doc = "The bastion: its host, with a port where it is not ssh's own.",
                      .example = "\"bastion.shop:2222\""},
                     {.name = "user",
                      .form = Form::kString,
                      .fallback = "ssh's own",
                      .doc = "Who is let in there."},
                     {.name = "key",
                      .form = Form::kSecret,
                      .fallback = "ssh's own keys and agent",
                      .doc = "The file of the private key, without a passphrase.",
                      .example = "secret(\"file://bastion.pem\")"},
                     {.name = "known_hosts",
                      .form = Form::kString,
                      .fallback = "ssh's own file and rules",
                      .doc = "The file that names the bastion's key. A key that it does not name, "
                             "or that changed, is refused.",
                      .example = "\"known_hosts\""}}};
}

}  // namespace

bool IsDatabase(std::string_view type) {
  return type == "postgres" || type == "sqlite" || type == "duckdb";
}

config::TypeSchema PostgresSource() {
  return {
      .name = "postgres",
      .doc =
          "A PostgreSQL server, and what speaks like one. Its tables are checked where they are, "
          "to read only; TLS is verified, but on this machine.",
      .attributes = {
          {.name = "url",
           .form = Form::kSecret,
           .doc = "Host, database and user in one text, without the password; or all of it from a "
                  "secret.",
           .example = "\"postgres://andon_reader@db.shop/rental\""},
          {.name = "host",
           .form = Form::kString,
           .doc = "Its name or address; with a tunnel as the bastion knows it.",
           .example = "\"db.shop\""},
          {.name = "port", .form = Form::kInteger, .fallback = "5432", .doc = "Of the server."},
          {.name = "database", .form = Form::kString, .doc = "Its name.", .example = "\"rental\""},
          {.name = "user",
           .form = Form::kString,
           .fallback = "PGUSER, or the user of this machine",
           .doc = "Who reads: a role with SELECT on the tables is enough.",
           .example = "\"andon_reader\""},
          {.name = "password",
           .form = Form::kSecret,
           .fallback = "PGPASSWORD, ~/.pgpass",
           .doc = "Always by secret(): it is read when a check runs, and recorded nowhere.",
           .example = "secret(\"env://RENTAL_PASSWORD\")"},
          {.name = "schema",
           .form = Form::kString,
           .fallback = "the user's search path",
           .doc = "Where its tables are looked for.",
           .example = "\"public\""},
          {.name = "sslmode",
           .form = Form::kString,
           .fallback = "\"verify-full\"; on this machine \"prefer\"",
           .doc = "How far TLS is asked for, as libpq has it.",
           .allowed = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
          {.name = "sslrootcert",
           .form = Form::kString,
           .fallback = "~/.postgresql/root.crt, else the system's",
           .doc = "The file of the authority that signed the server's certificate.",
           .example = "\"rental-ca.pem\""},
          Tunnel()}};
}

config::TypeSchema SqliteSource() {
  return {.name = "sqlite",
          .doc = "A file of SQLite. Its tables are checked where they are, to read only.",
          .attributes = {{.name = "path",
                          .form = Form::kString,
                          .required = true,
                          .doc = "The file, relative to the project's folder.",
                          .example = "\"rental.db\""}}};
}

config::TypeSchema DuckDbSource() {
  return {.name = "duckdb",
          .doc = "A file of DuckDB. Its tables are checked where they are, to read only.",
          .attributes = {{.name = "path",
                          .form = Form::kString,
                          .required = true,
                          .doc = "The file, relative to the project's folder.",
                          .example = "\"rental.duckdb\""},
                         {.name = "schema",
                          .form = Form::kString,
                          .fallback = "\"main\"",
                          .doc = "Where its tables are looked for."}}};
}

void CheckDatabase(const Item& item, Diagnostics* diagnostics) {
  if (item.instance->type == "postgres") {
    CheckServer(item, diagnostics);
    CheckPassword(item, diagnostics);
    return CheckTunnel(item, diagnostics);
  }
  const std::string& path = item.attributes["path"].AsString();
  size_t scheme = path.find("://");
  if (scheme == std::string::npos) return;
  ReportAt(item, config::kNotYet,
           fmt::format("A file can only be read from folders of this machine in this version, not "
                       "from {}://.",
                       path.substr(0, scheme)),
           "path", diagnostics);
}

}  // namespace andon::builtin
