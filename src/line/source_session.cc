#include "line/source_session.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dbt/profile.h"
#include "definition/secret.h"
#include "io/host_and_port.h"
#include "io/path.h"
#include "sql/target.h"

namespace andon::line {
namespace {

std::optional<std::string> Variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// Where a dbt project says that its tables are.
class DbtTarget {
 public:
  DbtTarget(const io::FileSystem& files, const std::string& project_dir,
            const definition::Source& source)
      : files_(files),
        project_dir_(project_dir),
        source_(source),
        folder_(io::Join(project_dir, source.path)) {}

  // The address of the database, and its password.
  Result<std::pair<std::string, std::string>> Find() {
    std::string text = TRY(files_.Read(io::Join(folder_, "dbt_project.yml")));
    dbt::ProjectFile project = TRY(dbt::ReadProjectFile(text));
    std::string profile = source_.options["profile"].AsString(project.profile);
    if (profile.empty()) {
      return Error::Invalid("dbt_project.yml names no profile; say profile = \"…\".");
    }
    const std::string& target = source_.options["target"].AsString();
    std::string file = TRY(ProfilesFile());
    text = TRY(files_.Read(file));
    dbt::Connection connection = TRY(dbt::ReadProfile(text, profile, target, Variable));
    std::string url = TRY(dbt::UrlOf(connection, folder_));
    std::string password = TRY(dbt::ReadPassword(text, profile, target, Variable));
    return std::pair(std::move(url), std::move(password));
  }

 private:
  Result<std::string> ProfilesFile() {
    constexpr std::string_view kName = "profiles.yml";
    std::vector<std::string> folders;
    if (const std::string& said = source_.options["profiles_dir"].AsString(); !said.empty()) {
      folders.push_back(io::Join(project_dir_, said));
    } else {
      if (auto said_so = Variable("DBT_PROFILES_DIR")) folders.push_back(*said_so);
      folders.push_back(folder_);
      if (auto home = Variable("HOME")) folders.push_back(io::Join(*home, ".dbt"));
    }
    for (const std::string& folder : folders) {
      std::string path = io::Join(folder, kName);
      if (files_.Exists(path)) return path;
    }
    return Error::NotFound(
        "There is no profiles.yml, which says where its tables are, in {}. Say profiles_dir = "
        "\"…\", or set DBT_PROFILES_DIR.",
        Join(folders, ", "));
  }

  const io::FileSystem& files_;
  const std::string& project_dir_;
  const definition::Source& source_;
  std::string folder_;
};

// How a source is opened: its address, and what goes beside it.
struct Way {
  std::string url;
  sql::TargetOptions options;
};

// Everything but letters, digits and a few signs as %XX.
std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.' || c == '~';
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// The parts of a server as the one text that sql::OpenTarget reads; without the password.
std::string UrlOf(const Json& options, const std::string& project_dir) {
  std::string host = options["host"].AsString();
  bool is_ipv6 = host.find(':') != std::string::npos;
  std::string url = "postgres://";
  if (options.Has("user")) url += Escaped(options["user"].AsString()) + "@";
  url += is_ipv6 ? "[" + host + "]" : Escaped(host);
  if (options.Has("port")) url += fmt::format(":{}", options["port"].AsInteger());
  url += "/" + Escaped(options["database"].AsString());
  std::vector<std::string> words;
  if (options.Has("sslmode")) words.push_back("sslmode=" + options["sslmode"].AsString());
  if (options.Has("sslrootcert")) {
    words.push_back("sslrootcert=" +
                    Escaped(io::Join(project_dir, options["sslrootcert"].AsString())));
  }
  return words.empty() ? url : url + "?" + Join(words, "&");
}

Result<io::SshTunnelOptions> TunnelOf(const Json& tunnel, const std::string& project_dir) {
  io::SshTunnelOptions out{.user = tunnel["user"].AsString()};
  auto [host, port] = TRY(io::ReadHostAndPort(tunnel["ssh"].AsString()));
  out.host = std::move(host);
  out.port = port;
  if (tunnel.Has("key")) {
    auto key = definition::SecretFile(tunnel["key"], project_dir);
    if (!key.ok()) return std::move(key).error().In("The key of the tunnel");
    out.key_file = *key;
  }
  if (tunnel.Has("known_hosts")) {
    out.known_hosts_file = io::Join(project_dir, tunnel["known_hosts"].AsString());
    out.adds_unknown_host = false;
  }
  return out;
}

Result<Way> ServerWay(const Json& written, const std::string& project_dir) {
  Way way;
  const Json& tunnel = written["tunnel"];
  if (tunnel.is_object()) way.options.tunnel = TRY(TunnelOf(tunnel, project_dir));
  Json wanted = Json::Object({{"url", written["url"]}, {"password", written["password"]}});
  Json secrets = TRY(definition::ResolveSecrets(wanted, project_dir));
  way.url = secrets["url"].is_string() ? secrets["url"].AsString() : UrlOf(written, project_dir);
  way.options.password = secrets["password"].AsString();
  return way;
}

Result<Way> WayTo(const io::FileSystem& files, const std::string& project_dir,
                  const definition::Source& source) {
  if (source.type == "postgres") return ServerWay(source.options, project_dir);
  if (source.type == "sqlite" || source.type == "duckdb")
    return Way{.url = source.type + ":" + io::Join(project_dir, source.path)};
  if (source.type == "dbt") {
    auto [url, password] = TRY(DbtTarget(files, project_dir, source).Find());
    return Way{.url = std::move(url), .options = {.password = std::move(password)}};
  }
  return Error::Invalid("The tables of {} cannot be read where they are in this version",
                        source.type);
}

}  // namespace

Result<std::string> OpenedSource::Relation(const std::string& table) {
  sql::TargetOptions options{.table = table, .schema = schema_};
  // "rental.payment" says its schema itself.
  size_t dot = table.find('.');
  if (dot != std::string::npos) {
    options.schema = table.substr(0, dot);
    options.table = table.substr(dot + 1);
  }
  return sql::FindRelation(*session_, options);
}

bool IsInPlace(const definition::Source& source) { return source.type != "files"; }

Result<std::unique_ptr<OpenedSource>> OpenSource(const io::FileSystem& files,
                                                 const std::string& project_dir,
                                                 const definition::Source& source,
                                                 const SourceLimits& limits, std::stop_token stop) {
  auto way = WayTo(files, project_dir, source);
  if (!way.ok()) return std::move(way).error().In(source.address);
  way->options.session_only = true;
  way->options.memory_limit_bytes = limits.memory_bytes;
  way->options.threads = limits.threads;
  way->options.temp_directory = limits.spill_dir;
  way->options.stop = std::move(stop);
  auto target = sql::OpenTarget(way->url, way->options);
  if (!target.ok()) return std::move(target).error().In(source.address);
  return std::make_unique<OpenedSource>(std::move(target->session),
                                        source.options["schema"].AsString());
}

Result<std::optional<sql::PostgresOptions>> ServerOf(const io::FileSystem& files,
                                                     const std::string& project_dir,
                                                     const definition::Source& source) {
  auto way = WayTo(files, project_dir, source);
  if (!way.ok()) return std::move(way).error();
  if (!sql::IsPostgresUrl(way->url)) return std::optional<sql::PostgresOptions>();
  sql::PostgresOptions options = TRY(sql::ReadPostgresUrl(way->url));
  if (!way->options.password.empty()) options.password = way->options.password;
  options.tunnel = way->options.tunnel;
  return std::optional(std::move(options));
}

Result<OpenedSource*> SourceSessions::Open(const definition::Source& source) {
  auto known = opened_.find(source.address);
  if (known != opened_.end()) return known->second.get();
  auto opened = TRY(OpenSource(files_, project_dir_, source, limits_, stop_));
  auto [it, is_new] = opened_.emplace(source.address, std::move(opened));
  return it->second.get();
}

}  // namespace andon::line
