// Who may ask for what. Denied by default: a path that no route names is 404, and each route says
// who may use it. Every answer carries the headers that keep a page to its own origin.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http_server.h"

namespace andon::server {

enum class Access {
  kOpen,    // Anyone who reaches the port: assets, /healthz.
  kRead,    // On the loopback anyone; beyond it whoever has the token.
  kChange,  // Whoever has the token, from a page of this origin or from no page at all.
};

struct Route {
  std::string method;   // "GET", "POST"
  std::string pattern;  // "/d/*": the rest of the path, which may hold slashes; or exact.
  Access access = Access::kRead;
  std::function<Response(const Request&, const std::string& rest)> handle;
};

struct Guard {
  bool is_loopback = true;
  std::string token;  // Empty: nobody has one, and nothing can be changed.
};

class Router {
 public:
  explicit Router(Guard guard) : guard_(std::move(guard)) {}
  void Add(Route route) { routes_.push_back(std::move(route)); }

  // Never throws. Errors below /api/ are JSON: {"error": "…"}.
  Response Handle(const Request& request) const;

 private:
  Response Dispatch(const Request& request) const;
  // Empty where it may; else why not.
  Response Refuse(int status, const Request& request, std::string_view why) const;
  bool HasToken(const Request& request) const;
  bool IsSameOrigin(const Request& request) const;
  bool IsExpectedHost(const Request& request) const;

  Guard guard_;
  std::vector<Route> routes_;
};

// As text or JSON, by the path.
Response ErrorResponse(const Request& request, int status, std::string_view text);

}  // namespace andon::server
