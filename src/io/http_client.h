// One HTTP request at a time over TLS that is always verified.
//
// Error messages name scheme, host and port only: the rest of a URL may be a
// secret (webhooks).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
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
};

struct HttpResponse {
  int status = 0;
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
