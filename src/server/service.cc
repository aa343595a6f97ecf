#include "server/service.h"

#include <arpa/inet.h>

#include <charconv>

namespace andon::server {

bool IsLoopback(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<std::pair<std::string, int>> ParseListen(const std::string& text) {
  auto refuse = [&] {
    return Error::Invalid(
        "\"{}\" is no address to listen on; examples: 127.0.0.1:8080, [::1]:8080, 8080", text);
  };
  size_t colon = text.rfind(':');
  bool has_host = colon != std::string::npos;
  std::string host = has_host ? text.substr(0, colon) : "";
  std::string digits = has_host ? text.substr(colon + 1) : text;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  int port = -1;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 0 || port > 65535)
    return refuse();
  unsigned char bytes[sizeof(in6_addr)];
  if (inet_pton(AF_INET, host.c_str(), bytes) != 1 && inet_pton(AF_INET6, host.c_str(), bytes) != 1)
    return refuse();
  return std::pair<std::string, int>(host, port);
}

Result<std::unique_ptr<Service>> Service::Start(store::Database& db, const Clock& clock,
                                                const ServiceOptions& options) {
  bool is_loopback = IsLoopback(options.address);
  bool has_tls = !options.certificate_file.empty();
  if (has_tls != !options.key_file.empty()) {
    return Error::Invalid("TLS needs both a certificate (-tls-cert) and its key (-tls-key)");
  }
  if (!is_loopback && (!has_tls || options.token.empty())) {
    return Error::Invalid(
        "Listening on {}, which others can reach, needs TLS (-tls-cert, -tls-key) and a token "
        "(-token-file). Without them only 127.0.0.1 and ::1 are allowed.",
        options.address);
  }
  std::unique_ptr<Service> service(new Service);
  service->declared_ = std::make_unique<DeclaredCache>(db);
  service->site_ =
      std::make_unique<Site>(db, clock, *service->declared_, Guard{is_loopback, options.token});
  Site* site = service->site_.get();
  service->http_ =
      TRY(HttpServer::Start({.address = options.address,
                             .port = options.port,
                             .certificate_file = options.certificate_file,
                             .key_file = options.key_file},
                            [site](const Request& request) { return site->Handle(request); }));
  HttpServer* http = service->http_.get();
  Loop::Callbacks callbacks{.on_change = [http](int64_t seq) { http->Broadcast(ChangeEvent(seq)); },
                            .on_run = options.on_run,
                            .on_problem = options.on_problem,
                            .on_heartbeat = [http] { http->Broadcast(": heartbeat\n\n"); }};
  service->loop_ = TRY(Loop::Start(db, clock, *service->declared_,
                                   {.project_dir = options.project_dir,
                                    .database_file = options.database_file,
                                    .program = options.program,
                                    .runs_schedules = options.runs_schedules},
                                   std::move(callbacks)));
  bool is_v6 = options.address.find(':') != std::string::npos;
  service->url_ = fmt::format("{}://{}{}{}:{}/", has_tls ? "https" : "http", is_v6 ? "[" : "",
                              options.address, is_v6 ? "]" : "", http->port());
  return service;
}

// The loop first, for it calls the server; then the server, for it calls the site.
Service::~Service() {
  loop_.reset();
  http_.reset();
}

}  // namespace andon::server
