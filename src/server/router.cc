#include "server/router.h"

#include <openssl/crypto.h>

#include "base/json.h"
#include "base/text.h"

namespace andon::server {
namespace {

// No script, style or picture but our own files; nobody frames a page; nothing is sent elsewhere.
constexpr char kContentPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

void AddSafetyHeaders(Response& response) {
  auto add = [&](const char* name, const char* value) {
    for (const auto& header : response.headers) {
      if (header.first == name) return;
    }
    response.headers.emplace_back(name, value);
  };
  add("Content-Security-Policy", kContentPolicy);
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cache-Control", "no-store");
}

// Equal in a time that does not tell how much of it is.
bool IsSecretEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// True with the part that the star stands for.
bool Matches(std::string_view pattern, std::string_view path, std::string* rest) {
  rest->clear();
  if (!pattern.ends_with("*")) return pattern == path;
  std::string_view prefix = pattern.substr(0, pattern.size() - 1);
  if (!path.starts_with(prefix) || path.size() == prefix.size()) return false;
  *rest = std::string(path.substr(prefix.size()));
  return true;
}

std::string_view HostName(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

Response ErrorResponse(const Request& request, int status, std::string_view text) {
  Response response{.status = status};
  if (request.path.starts_with("/api/")) {
    response.content_type = "application/json";
    response.body = Json::Object({{"error", text}}).Dump() + "\n";
  } else {
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::string(text) + "\n";
  }
  return response;
}

bool Router::HasToken(const Request& request) const {
  if (guard_.token.empty()) return false;
  std::string authorization = request.Header("authorization");
  if (authorization.starts_with("Bearer "))
    return IsSecretEqual(authorization.substr(7), guard_.token);
  if (!authorization.starts_with("Basic ")) return false;
  // A browser asks for a name and a password; the name does not matter.
  std::string pair;
  if (!Base64Decode(std::string_view(authorization).substr(6), &pair)) return false;
  size_t colon = pair.find(':');
  return colon != std::string::npos &&
         IsSecretEqual(std::string_view(pair).substr(colon + 1), guard_.token);
}

bool Router::IsSameOrigin(const Request& request) const {
  std::string site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  std::string origin = request.Header("origin");
  if (origin.empty()) return true;
  return origin == (request.is_secure ? "https://" : "http://") + request.Header("host");
}

// A page of another site can make a browser ask 127.0.0.1 under that site's own name.
bool Router::IsExpectedHost(const Request& request) const {
  if (!guard_.is_loopback) return true;
  std::string host = AsciiLower(request.Header("host"));
  std::string_view name = HostName(host);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" ||
         name.ends_with(".localhost");
}

Response Router::Refuse(int status, const Request& request, std::string_view why) const {
  Response response = ErrorResponse(request, status, why);
  if (status == 401)
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"andon\", charset=\"UTF-8\"");
  return response;
}

Response Router::Dispatch(const Request& request) const {
  if (!IsExpectedHost(request)) {
    return Refuse(421, request, "This server answers to localhost and 127.0.0.1 only.");
  }
  std::string allowed, rest;
  for (const Route& route : routes_) {
    if (!Matches(route.pattern, request.path, &rest)) continue;
    if (route.method != request.method) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    bool needs_token =
        route.access == Access::kChange || (route.access == Access::kRead && !guard_.is_loopback);
    if (needs_token && guard_.token.empty()) {
      return Refuse(403, request,
                    "Changes need a token, and this server was started without one (-token-file).");
    }
    if (needs_token && !HasToken(request)) return Refuse(401, request, "A token is needed.");
    if (route.access == Access::kChange && !IsSameOrigin(request)) {
      return Refuse(403, request, "Changes are accepted from pages of this server only.");
    }
    return route.handle(request, rest);
  }
  if (allowed.empty()) return Refuse(404, request, "There is no such page.");
  Response response = Refuse(405, request, "This page does not understand " + request.method + ".");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response Router::Handle(const Request& request) const {
  Response response;
  try {
    response = Dispatch(request);
  } catch (const std::exception& e) {
    response = ErrorResponse(request, 500, std::string("Something went wrong: ") + e.what());
  }
  AddSafetyHeaders(response);
  return response;
}

}  // namespace andon::server
