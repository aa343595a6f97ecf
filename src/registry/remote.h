// Requests to registries and mirrors: with time limits, tried again where the other side may only
// be busy, and with a token that no message ever shows.
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "io/http_client.h"

namespace andon::registry {

// The tokens that hosts ask for, by host ("example.com", "localhost:8443"), in lower case.
using Tokens = std::map<std::string, std::string>;

struct RemoteOptions {
  Duration request_limit = std::chrono::seconds(10);  // Of one question.
  int retries = 1;                                    // After an answer of 429 or 5xx, or none.
  int download_retries = 2;                           // The same of a package.
  Duration pause = std::chrono::seconds(1);  // Before the first retry; twice as long each time.
  std::stop_token stop;
};

// Thread: every function may be called from any thread.
class Remote {
 public:
  // `client` must outlive it.
  Remote(io::HttpClient& client, RemoteOptions options)
      : client_(client), options_(std::move(options)) {}

  // Any answer but 429 and 5xx, also 404; kUnavailable where none came even after the retries.
  // `token` is sent along where it is not empty, over TLS only, and not after a redirect to
  // another host.
  Result<io::HttpResponse> Get(const std::string& url, const std::string& token = {}) const;

  // The file behind the address, into a new file at `path`. kInvalid where there is none, or it is
  // larger than any package.
  Result<void> Download(const std::string& url, const std::string& path,
                        const std::string& token = {}) const;

 private:
  io::HttpClient& client_;
  RemoteOptions options_;
};

// "404 Not Found": what a message says of a status.
std::string StatusText(int status);

}  // namespace andon::registry
