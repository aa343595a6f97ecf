// `andon serve` as a whole: pages, API, events, schedules, freshness, notifications.
//
//   auto service = TRY(Service::Start(db, clock, {.project_dir = dir, …}));
//   fmt::print("http://127.0.0.1:{}/\n", service->port());
//   … until a signal …          // the destructor stops all
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "server/http_server.h"
#include "server/loop.h"
#include "server/site.h"
#include "store/database.h"

namespace andon::server {

struct ServiceOptions {
  std::string address = "127.0.0.1";
  int port = 8420;  // 0: the system chooses.
  std::string certificate_file;
  std::string key_file;
  std::string token;  // For changes, and beyond the loopback for everything.
  std::string project_dir;
  std::string database_file;
  std::string program;
  bool runs_schedules = true;
  std::function<void(const ScheduledRun&)> on_run;
  std::function<void(const std::string&)> on_problem;
};

// True for 127.0.0.0/8 and ::1.
bool IsLoopback(const std::string& address);
// "127.0.0.1:8080", "[::1]:8080", ":8080" (loopback), "8080". kInvalid with an example.
Result<std::pair<std::string, int>> ParseListen(const std::string& text);

class Service {
 public:
  // kInvalid where it would listen beyond the loopback without TLS and a token.
  static Result<std::unique_ptr<Service>> Start(store::Database& db, const Clock& clock,
                                                const ServiceOptions& options);
  ~Service();

  int port() const { return http_->port(); }
  std::string url() const { return url_; }

 private:
  Service() = default;

  std::string url_;
  std::unique_ptr<DeclaredCache> declared_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace andon::server
