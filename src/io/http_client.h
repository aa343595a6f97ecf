// One HTTP request at a time over TLS that is always verified.
//
// Error messages name scheme, host and port only: the rest of a URL may be a
// secret (webhooks).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::io {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http: or https:; anything else is kInvalid.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Duration timeout = std::chrono::seconds(30);  // Of the whole exchange.
  int64_t response_max = 16 << 20;              // A longer body is kInvalid.
  int redirects_max = 0;                        // Followed within the same protocol only.
  // Ends an exchange in which nothing has come for so long; zero: only `timeout` does.
  Duration stall_limit = Duration(0);
  // Takes the body of an answer 2xx as it comes, instead of the response; false ends the exchange
  // (kInvalid). For files that need not be in memory.
  std::function<bool(std::string_view bytes)> on_body;
  // Ends the exchange within a second or so of being requested: kInterrupted.
  std::stop_token stop;
};

struct HttpResponse {
  int status = 0;
  std::string url;  // Of the answer: another one than was asked for after a redirect.
  std::vector<std::pair<std::string, std::string>> headers;  // Names in lower case.
  std::string body;

  // The first header of that (lower case) name, or "".
  std::string Header(const std::string& name) const;
};

// Thread: Send may be called from several threads at once.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any answer is a response, also 404 or 500. kUnavailable where none came (no
  // connection, time limit); kInvalid where the request or the answer is wrong.
  virtual Result<HttpResponse> Send(const HttpRequest& request) = 0;
};

// `ca_file`: certificates to trust instead of the system's.
std::unique_ptr<HttpClient> NewHttpClient(std::string ca_file = {});

}  // namespace andon::io
