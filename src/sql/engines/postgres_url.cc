// How a server is named: URLs, and what libpq is told.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "sql/engines/postgres_internal.h"

namespace andon::sql {
namespace {

constexpr std::string_view kSchemes[] = {"postgres://", "postgresql://"};
constexpr std::string_view kModes[] = {"disable", "allow",     "prefer",
                                       "require", "verify-ca", "verify-full"};

// libpq's words that a URL may have besides those with a member of their own.
const std::vector<std::string> kOthers = {
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "options",
    "target_session_attrs",
    "passfile",
    "channel_binding",
    "gssencmode",
    "krbsrvname",
    "service",
    "require_auth",
    "keepalives",
    "keepalives_idle",
    "keepalives_count",
    "keepalives_interval",
    "tcp_user_timeout",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "fallback_application_name",
};

// Where distributions keep the authorities that they trust.
constexpr const char* kSystemAuthorities[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",                             // SUSE
};

// The length of "postgresql+psycopg2://", or 0.
size_t SchemeLength(std::string_view text) {
  for (std::string_view scheme : kSchemes) {
    if (AsciiLower(text.substr(0, scheme.size())) == scheme) return scheme.size();
  }
  constexpr std::string_view kWithDriver = "postgresql+";
  size_t end = text.find("://");
  if (end == std::string_view::npos ||
      AsciiLower(text.substr(0, kWithDriver.size())) != kWithDriver)
    return 0;
  return end + 3;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `what` names the part, as its content may be a secret.
Result<std::string> Decode(std::string_view text, std::string_view what) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) {
      return Error::Invalid(
          "The {} in the URL has a \"%\" that two hexadecimal digits do not follow; "
          "a percent sign itself is written %25.",
          what);
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Result<int> ReadPort(const std::string& text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos)
    return Error::Invalid("The port in the URL is no number.");
  int port = std::stoi(text);
  if (port < 1 || port > 65535)
    return Error::Invalid("The port {} is not within 1 to 65535.", port);
  return port;
}

Result<void> SetWord(const std::string& name, std::string value, PostgresOptions* options) {
  if (name == "host" || name == "hostaddr") {
    options->host = std::move(value);
  } else if (name == "port") {
    options->port = TRY(ReadPort(value));
  } else if (name == "dbname") {
    options->database = std::move(value);
  } else if (name == "user") {
    options->user = std::move(value);
  } else if (name == "password") {
    options->password = std::move(value);
  } else if (name == "sslmode") {
    options->sslmode = std::move(value);
  } else if (name == "sslrootcert") {
    options->sslrootcert = std::move(value);
  } else if (name == "application_name") {
    options->application_name = std::move(value);
  } else if (name == "connect_timeout") {
    if (value.empty() || value.size() > 6 ||
        value.find_first_not_of("0123456789") != std::string::npos)
      return Error::Invalid("The URL's connect_timeout is a number of seconds.");
    options->connect_timeout = std::chrono::seconds(std::stoi(value));
  } else if (std::find(kOthers.begin(), kOthers.end(), name) != kOthers.end()) {
    options->others[name] = std::move(value);
  } else {
    std::vector<std::string> known = {
        "host",    "port",        "dbname",           "user",           "password",
        "sslmode", "sslrootcert", "application_name", "connect_timeout"};
    known.insert(known.end(), kOthers.begin(), kOthers.end());
    std::string meant = DidYouMean(name, known);
    return Error::Invalid("The URL has an unknown parameter \"{}\".{}", name,
                          meant.empty() ? "" : " Did you mean \"" + meant + "\"?");
  }
  return {};
}

Result<void> ReadHost(std::string_view text, PostgresOptions* options) {
  size_t colon = text.rfind(':');
  if (text.starts_with("[")) {
    size_t end = text.find(']');
    if (end == std::string_view::npos)
      return Error::Invalid("The host in the URL has a \"[\" without its \"]\".");
    options->host = std::string(text.substr(1, end - 1));
    if (end + 1 == text.size()) return {};
    if (text[end + 1] != ':') return Error::Invalid("The URL has a text behind the host's \"]\".");
    colon = end + 1;
  } else {
    options->host = TRY(Decode(text.substr(0, colon), "host"));
  }
  if (colon != std::string_view::npos)
    options->port = TRY(ReadPort(std::string(text.substr(colon + 1))));
  return {};
}

bool IsLoopback(const std::string& host) {
  return host.empty() || host.starts_with("/") || host.starts_with("@") || host == "localhost" ||
         host == "::1" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string HostOf(const PostgresOptions& options) {
  return options.host.empty() ? Environment("PGHOST") : options.host;
}

bool Verifies(std::string_view sslmode) { return sslmode.starts_with("verify-"); }

// Empty where libpq's own default holds.
std::string RootCertificate(const PostgresOptions& options) {
  if (!options.sslrootcert.empty() && options.sslrootcert != "system") return options.sslrootcert;
  if (options.sslrootcert.empty()) {
    std::string own = Environment("HOME") + "/.postgresql/root.crt";
    if (!Environment("PGSSLROOTCERT").empty() || access(own.c_str(), F_OK) == 0) return {};
  }
  for (const char* path : kSystemAuthorities) {
    if (access(path, R_OK) == 0) return path;
  }
  return {};
}

}  // namespace

bool IsPostgresUrl(std::string_view text) { return SchemeLength(text) > 0; }

Result<PostgresOptions> ReadPostgresUrl(std::string_view url) {
  size_t scheme = SchemeLength(url);
  if (scheme == 0) return Error::Invalid("A PostgreSQL URL begins with \"postgres://\".");
  std::string_view rest = url.substr(scheme);
  std::string_view query;
  if (size_t mark = rest.find('?'); mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  PostgresOptions options;
  // A password may hold a "/" or an "@" that nobody escaped: the last "@" ends it.
  size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    std::string_view who = rest.substr(0, at);
    size_t colon = who.find(':');
    options.user = TRY(Decode(who.substr(0, colon), "user"));
    if (colon != std::string_view::npos)
      options.password = TRY(Decode(who.substr(colon + 1), "password"));
    rest = rest.substr(at + 1);
  }
  size_t slash = rest.find('/');
  TRY(ReadHost(rest.substr(0, slash), &options));
  if (slash != std::string_view::npos)
    options.database = TRY(Decode(rest.substr(slash + 1), "database's name"));
  if (query.empty()) return options;
  for (const std::string& pair : Split(query, '&')) {
    size_t equals = pair.find('=');
    if (equals == std::string::npos)
      return Error::Invalid("The URL's parameter \"{}\" has no \"=\".", pair);
    std::string name = pair.substr(0, equals);
    std::string value = TRY(Decode(std::string_view(pair).substr(equals + 1), name));
    TRY(SetWord(name, std::move(value), &options));
  }
  if (!options.sslmode.empty() &&
      std::find(std::begin(kModes), std::end(kModes), options.sslmode) == std::end(kModes)) {
    return Error::Invalid("sslmode is one of {}.",
                          Join({std::begin(kModes), std::end(kModes)}, ", "));
  }
  return options;
}

std::string ServerName(const PostgresOptions& options) {
  std::string host = HostOf(options);
  std::string port = options.port > 0 ? std::to_string(options.port) : Environment("PGPORT");
  if (host.empty()) host = "this machine's socket";
  if (host.starts_with("/")) return port.empty() ? host : host + "/.s.PGSQL." + port;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return host + ":" + (port.empty() ? "5432" : port);
}

std::vector<std::pair<std::string, std::string>> ConnectionWords(const PostgresOptions& options,
                                                                 const std::string& address,
                                                                 int port) {
  std::vector<std::pair<std::string, std::string>> words;
  auto add = [&](std::string name, std::string value) {
    if (!value.empty()) words.emplace_back(std::move(name), std::move(value));
  };
  add("host", options.host);
  add("hostaddr", address);
  add("port", port > 0 ? std::to_string(port) : "");
  add("dbname", options.database);
  add("user", options.user);
  add("password", options.password);
  add("application_name", options.application_name);
  add("client_encoding", "UTF8");
  std::string sslmode = options.sslmode.empty() ? Environment("PGSSLMODE") : options.sslmode;
  if (sslmode.empty()) sslmode = IsLoopback(HostOf(options)) ? "prefer" : "verify-full";
  add("sslmode", sslmode);
  if (Verifies(sslmode)) add("sslrootcert", RootCertificate(options));
  // A network that is gone is noticed within a minute or so, also in the middle of a long scan.
  add("keepalives_idle", "30");
  add("keepalives_interval", "10");
  add("keepalives_count", "3");
  // The last of a word counts.
  for (const auto& [name, value] : options.others) add(name, value);
  return words;
}

}  // namespace andon::sql
