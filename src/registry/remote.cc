#include "registry/remote.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>

#include "base/text.h"
#include "registry/url.h"

namespace andon::registry {
namespace {

constexpr int64_t kAnswerMax = 32 << 20;
constexpr int64_t kPackageMax = int64_t{2} << 30;
constexpr Duration kPauseMax = std::chrono::seconds(30);
// A large package on a slow line takes its time, but something comes all the time.
constexpr Duration kDownloadLimit = std::chrono::hours(2);
constexpr Duration kStallLimit = std::chrono::seconds(30);

bool MayBeBusy(int status) { return status == 429 || (status >= 500 && status != 501); }

// False where it was stopped.
bool WaitUnlessStopped(Duration pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); });
}

// The server's wish ("Retry-After: 3"), as far as it is sensible.
Duration PauseAfter(const Result<io::HttpResponse>& answer, Duration usual) {
  if (!answer.ok()) return usual;
  std::string wish = answer->Header("retry-after");
  if (wish.empty() || wish.size() > 4 || wish.find_first_not_of("0123456789") != wish.npos)
    return usual;
  return std::min<Duration>(std::chrono::seconds(std::stoi(wish)), kPauseMax);
}

Result<io::HttpResponse> WithRetries(const std::string& url, int retries,
                                     const RemoteOptions& options,
                                     const std::function<Result<io::HttpResponse>()>& send) {
  Duration pause = options.pause;
  for (int attempt = 1;; ++attempt) {
    Result<io::HttpResponse> answer = send();
    bool is_final =
        answer.ok() ? !MayBeBusy(answer->status) : answer.error().kind != ErrorKind::kUnavailable;
    if (is_final) return answer;
    std::string why =
        answer.ok() ? fmt::format("{} returned from {}", StatusText(answer->status), HostOf(url))
                    : answer.error().message;
    if (attempt > retries) {
      return Error::Unavailable("the request failed after {} attempt{}, please try again later: {}",
                                attempt, attempt == 1 ? "" : "s", why);
    }
    if (!WaitUnlessStopped(PauseAfter(answer, pause), options.stop))
      return Error::Interrupted("interrupted");
    pause = std::min<Duration>(pause * 2, kPauseMax);
  }
}

io::HttpRequest RequestOf(const std::string& url, const std::string& token,
                          const RemoteOptions& options) {
  io::HttpRequest request{.url = url, .redirects_max = 5, .stop = options.stop};
  // In clear text it would be everybody's.
  bool is_secret = AsciiLower(url.substr(0, 8)) == "https://";
  if (!token.empty() && is_secret) request.headers.emplace_back("Authorization", "Bearer " + token);
  return request;
}

}  // namespace

std::string StatusText(int status) {
  switch (status) {
    case 400:
      return "400 Bad Request";
    case 401:
      return "401 Unauthorized";
    case 403:
      return "403 Forbidden";
    case 404:
      return "404 Not Found";
    case 410:
      return "410 Gone";
    case 429:
      return "429 Too Many Requests";
    case 500:
      return "500 Internal Server Error";
    case 502:
      return "502 Bad Gateway";
    case 503:
      return "503 Service Unavailable";
    case 504:
      return "504 Gateway Timeout";
    default:
      return fmt::format("status {}", status);
  }
}

Result<io::HttpResponse> Remote::Get(const std::string& url, const std::string& token) const {
  io::HttpRequest request = RequestOf(url, token, options_);
  request.timeout = options_.request_limit;
  request.response_max = kAnswerMax;
  return WithRetries(url, options_.retries, options_, [&] { return client_.Send(request); });
}

Result<void> Remote::Download(const std::string& url, const std::string& path,
                              const std::string& token) const {
  auto once = [&]() -> Result<io::HttpResponse> {
    int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return Error::Io("cannot write {}: {}", path, std::strerror(errno));
    int failed = 0;
    io::HttpRequest request = RequestOf(url, token, options_);
    request.timeout = kDownloadLimit;
    request.stall_limit = kStallLimit;
    request.response_max = kPackageMax;
    request.on_body = [&](std::string_view bytes) {
      while (!bytes.empty() && failed == 0) {
        ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) failed = errno;
        if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
      }
      return bytes.empty();
    };
    Result<io::HttpResponse> answer = client_.Send(request);
    ::close(fd);
    if (failed != 0) return Error::Io("cannot write {}: {}", path, std::strerror(failed));
    return answer;
  };
  auto answer = WithRetries(url, options_.download_retries, options_, once);
  bool is_there = answer.ok() && answer->status == 200;
  if (!is_there) ::unlink(path.c_str());
  if (!answer.ok()) return std::move(answer).error();
  if (!is_there)
    return Error::Invalid("unsuccessful request to {}: {}", ShownUrl(url),
                          StatusText(answer->status));
  return {};
}

}  // namespace andon::registry
