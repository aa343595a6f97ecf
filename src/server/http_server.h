// HTTP/1.1 as the rest of the server sees it: a request in, a response out. Boost.Beast stands
// behind it, in one file.
//
// What protects it: bounds on header, body, connections and time; TLS where it is asked for; a
// handler that throws nothing. Who may do what is the router's business (server/router.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::server {

struct Request {
  std::string method;                                       // "GET"
  std::string path;                                         // Percent-decoded, without the query.
  std::map<std::string, std::string> query;                 // The first value of each name.
  std::map<std::string, std::string, std::less<>> headers;  // Names in lower case.
  std::string body;
  bool is_secure = false;  // Came over TLS.

  // Empty where it is absent.
  std::string Header(std::string_view name) const;
  std::string Query(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Server-sent events: `body` goes out at once, the connection stays open, and Broadcast's text
  // follows until either side closes.
  bool is_stream = false;
};

// Thread: called from several threads at once.
using Handler = std::function<Response(const Request&)>;

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // A literal IPv4 or IPv6 address.
  int port = 0;                       // 0: the system chooses.
  std::string certificate_file;       // PEM, with its chain; empty: no TLS.
  std::string key_file;               // PEM.
  int threads = 4;                    // Handlers read SQLite, which is short; more would only wait.
};

// The bounds. What a page or a form of ours needs is far below.
inline constexpr size_t kHeaderMax = 16 << 10;
inline constexpr size_t kBodyMax = 1 << 20;
inline constexpr int kConnectionsMax = 512;
inline constexpr int kStreamsMax = 128;  // Of those, open for events.
inline constexpr size_t kStreamBacklogMax = 256
                                            << 10;  // A reader that falls further behind is closed.
inline constexpr Duration kReadTimeout = std::chrono::seconds(30);  // Also of an idle connection.

class HttpServer {
 public:
  // Listens when it returns. kInvalid for a bad address or certificate; kIo where the port is
  // taken.
  static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                   Handler handler);
  virtual ~HttpServer() = default;  // Closes all connections and waits for the handlers.

  virtual int port() const = 0;
  // Sends `text` to every open stream. Thread: any.
  virtual void Broadcast(const std::string& text) = 0;
};

// Takes a request's target ("/d/payment?q=x") apart into its path and query. False for one that is
// no path, has a broken escape, or is no UTF-8; then the request is as good as not read.
bool ReadTarget(std::string_view target, Request* request);
// "a%20b+c" → "a b c" with `plus_is_space`. False for a broken escape.
bool PercentDecode(std::string_view text, bool plus_is_space, std::string* decoded);

}  // namespace andon::server
