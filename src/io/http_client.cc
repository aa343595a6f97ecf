#include "io/http_client.h"

#include <curl/curl.h>

#include <algorithm>

#include "base/shared_library.h"
#include "base/text.h"

namespace andon::io {
namespace {

// Names and values of a response's headers together; servers stay far below.
constexpr size_t kHeadersMax = 256 << 10;

// Scheme, host and port: all of a URL that may be shown.
std::string Shown(const std::string& url) {
  size_t scheme = url.find("://");
  if (scheme == std::string::npos) return "the address";
  size_t end = url.find_first_of("/?#", scheme + 3);
  std::string authority = url.substr(scheme + 3, end == std::string::npos ? end : end - scheme - 3);
  size_t at = authority.rfind('@');
  if (at != std::string::npos) authority.erase(0, at + 1);
  return url.substr(0, scheme + 3) + authority;
}

// clang-format off
#define ANDON_LIBCURL(FUNCTION)                                                             \
  FUNCTION(curl_easy_cleanup) FUNCTION(curl_easy_getinfo) FUNCTION(curl_easy_init)          \
  FUNCTION(curl_easy_perform) FUNCTION(curl_easy_setopt) FUNCTION(curl_easy_strerror)       \
  FUNCTION(curl_global_init) FUNCTION(curl_slist_append) FUNCTION(curl_slist_free_all)
// clang-format on

// libcurl, loaded with the first request: with what it needs itself it would take every command
// that sends none some megabytes and milliseconds.
struct Libcurl {
#define ANDON_FUNCTION(name) decltype(&::name) name = library.Find<decltype(::name)>(#name);
  SharedLibrary library{"libcurl.so.4"};
  ANDON_LIBCURL(ANDON_FUNCTION)
#undef ANDON_FUNCTION

  Libcurl() {
    if (library.error().empty()) curl_global_init(CURL_GLOBAL_DEFAULT);
  }
};

Libcurl& Curl() {
  static Libcurl curl;
  return curl;
}

struct Receiver {
  HttpResponse response;
  const std::function<bool(std::string_view)>* on_body = nullptr;
  int64_t body_max = 0;
  int64_t body_bytes = 0;
  size_t headers_bytes = 0;
  bool is_success = false;
  bool too_large = false;
  bool was_ended = false;
};

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto& to = *static_cast<Receiver*>(user);
  to.body_bytes += static_cast<int64_t>(size);
  if (to.body_bytes > to.body_max) {
    to.too_large = true;
    return 0;  // Ends the transfer.
  }
  if (to.is_success && *to.on_body) {
    to.was_ended = !(*to.on_body)(std::string_view(data, size));
    return to.was_ended ? 0 : size;
  }
  to.response.body.append(data, size);
  return size;
}

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto& to = *static_cast<Receiver*>(user);
  std::string_view line(data, size);
  // Each answer of a chain (100 Continue, redirects) begins anew.
  if (line.starts_with("HTTP/")) {
    to.response.headers.clear();
    to.response.body.clear();
    to.body_bytes = 0;
    to.headers_bytes = 0;
    size_t status = line.find(' ');
    to.is_success = status != line.npos && line.substr(status + 1).starts_with('2');
    return size;
  }
  to.headers_bytes += size;
  if (to.headers_bytes > kHeadersMax) {
    to.too_large = true;
    return 0;
  }
  size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    to.response.headers.emplace_back(AsciiLower(Trim(line.substr(0, colon))),
                                     std::string(Trim(line.substr(colon + 1))));
  }
  return size;
}

// Called at least once a second; anything but 0 ends the transfer.
int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(user)->stop_requested() ? 1 : 0;
}

bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

class CurlHttpClient final : public HttpClient {
 public:
  explicit CurlHttpClient(std::string ca_file) : ca_file_(std::move(ca_file)) {}

  Result<HttpResponse> Send(const HttpRequest& request) override;

 private:
  std::string ca_file_;
};

Error ToError(CURLcode code, const std::string& shown, const Receiver& to,
              const HttpRequest& request) {
  if (to.too_large) {
    return Error::Invalid("{} answered with more than {} bytes", shown, request.response_max);
  }
  if (to.was_ended) return Error::Invalid("the answer of {} was not taken", shown);
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return Error::Interrupted("interrupted");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Error::Invalid("{} is no http or https address", shown);
    case CURLE_TOO_MANY_REDIRECTS:
      return Error::Invalid("{} redirects more than {} times", shown, request.redirects_max);
    case CURLE_PEER_FAILED_VERIFICATION:
      return Error::Unavailable("the certificate of {} cannot be verified", shown);
    case CURLE_OPERATION_TIMEDOUT:
      return Error::Unavailable("{} did not answer within {}", shown,
                                HumanDuration(request.timeout));
    default:
      // libcurl's fixed texts; its error buffer could quote the URL.
      return Error::Unavailable("{} did not answer: {}", shown, Curl().curl_easy_strerror(code));
  }
}

Result<HttpResponse> CurlHttpClient::Send(const HttpRequest& request) {
  std::string shown = Shown(request.url);
  bool is_https = AsciiLower(request.url.substr(0, 8)) == "https://";
  if (!is_https && AsciiLower(request.url.substr(0, 7)) != "http://") {
    return Error::Invalid("{} is no http or https address", shown);
  }
  if (HasLineBreak(request.url) || HasLineBreak(request.method)) {
    return Error::Invalid("the address or method of a request to {} has a line break", shown);
  }

  if (const std::string& error = Curl().library.error(); !error.empty())
    return Error::Invalid("{} is asked by the library libcurl, which cannot be loaded: {}", shown,
                          error);
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(Curl().curl_easy_init(),
                                                           Curl().curl_easy_cleanup);
  if (!curl) return Error::Io("out of memory for a request to {}", shown);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr,
                                                                      Curl().curl_slist_free_all);
  auto add_header = [&](const std::string& line) {
    curl_slist* grown = Curl().curl_slist_append(headers.get(), line.c_str());
    if (grown) {
      (void)headers.release();
      headers.reset(grown);
    }
  };
  for (const auto& [name, value] : request.headers) {
    if (HasLineBreak(name) || HasLineBreak(value)) {
      return Error::Invalid("the header {} of a request to {} has a line break", name, shown);
    }
    // libcurl's notation for a header without a value is "Name;".
    add_header(value.empty() ? name + ";" : name + ": " + value);
  }
  add_header("Expect:");  // No waiting for 100 Continue.

  Receiver to;
  to.body_max = request.response_max;
  to.on_body = &request.on_body;
  CURL* c = curl.get();
  const char* protocols = is_https ? "https" : "http";
  Curl().curl_easy_setopt(c, CURLOPT_URL, request.url.c_str());
  Curl().curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  Curl().curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  Curl().curl_easy_setopt(c, CURLOPT_USERAGENT, "andon");
  Curl().curl_easy_setopt(c, CURLOPT_TIMEOUT_MS,
                          static_cast<long>(std::max<int64_t>(1, request.timeout.count() / 1000)));
  if (request.stall_limit.count() > 0) {
    Curl().curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    Curl().curl_easy_setopt(
        c, CURLOPT_LOW_SPEED_TIME,
        static_cast<long>(std::max<int64_t>(1, request.stall_limit.count() / 1'000'000)));
  }
  if (request.stop.stop_possible()) {
    Curl().curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    Curl().curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, &OnProgress);
    Curl().curl_easy_setopt(c, CURLOPT_XFERINFODATA, &request.stop);
  }
  Curl().curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols);
  Curl().curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  Curl().curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, request.redirects_max > 0 ? 1L : 0L);
  Curl().curl_easy_setopt(c, CURLOPT_MAXREDIRS, static_cast<long>(request.redirects_max));
  Curl().curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
  Curl().curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file_.empty()) Curl().curl_easy_setopt(c, CURLOPT_CAINFO, ca_file_.c_str());
  Curl().curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, &OnBody);
  Curl().curl_easy_setopt(c, CURLOPT_WRITEDATA, &to);
  Curl().curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, &OnHeader);
  Curl().curl_easy_setopt(c, CURLOPT_HEADERDATA, &to);
  if (request.method == "HEAD") {
    Curl().curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
  } else {
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
      Curl().curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                              static_cast<curl_off_t>(request.body.size()));
      Curl().curl_easy_setopt(c, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    Curl().curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  CURLcode code = Curl().curl_easy_perform(c);
  if (code != CURLE_OK) return ToError(code, shown, to, request);
  long status = 0;
  Curl().curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  to.response.status = static_cast<int>(status);
  const char* url = nullptr;
  Curl().curl_easy_getinfo(c, CURLINFO_EFFECTIVE_URL, &url);
  if (url != nullptr) to.response.url = url;
  return std::move(to.response);
}

}  // namespace

std::string HttpResponse::Header(const std::string& name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

std::unique_ptr<HttpClient> NewHttpClient(std::string ca_file) {
  return std::make_unique<CurlHttpClient>(std::move(ca_file));
}

}  // namespace andon::io
