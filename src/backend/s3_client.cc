#include "backend/s3_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "io/process.h"

namespace andon::backend {
namespace {

constexpr auto kTimeout = std::chrono::seconds(60);
constexpr int64_t kStateMax = int64_t{1} << 30;
constexpr Duration kPauseMin = std::chrono::milliseconds(100);
// Pages of a listing; more workspaces than this are a loop of the server's.
constexpr int kPagesMax = 10'000;

bool IsTemporary(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

std::string Decoded(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}};
  std::string out;
  while (!text.empty()) {
    bool is_entity = false;
    for (const auto& [entity, c] : kEntities) {
      if (!text.starts_with(entity)) continue;
      out += c;
      text.remove_prefix(entity.size());
      is_entity = true;
      break;
    }
    if (is_entity) continue;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

std::string FirstElement(std::string_view xml, std::string_view name) {
  auto all = ElementsOf(xml, name);
  return all.empty() ? std::string() : all[0];
}

}  // namespace

std::vector<std::string> ElementsOf(std::string_view xml, std::string_view name) {
  std::string open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  std::vector<std::string> out;
  for (size_t at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at)) {
    at += open.size();
    size_t end = xml.find(close, at);
    if (end == std::string_view::npos) break;
    out.push_back(Decoded(xml.substr(at, end - at)));
    at = end;
  }
  return out;
}

S3Client::S3Client(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), http_(io::NewHttpClient(options_.ca_file)) {
  if (options_.endpoint.empty()) {
    options_.endpoint = fmt::format("https://s3.{}.amazonaws.com{}", options_.aws.region,
                                    options_.aws.region.starts_with("cn-") ? ".cn" : "");
  }
  if (options_.endpoint.find("://") == std::string::npos)
    options_.endpoint = "https://" + options_.endpoint;
  while (options_.endpoint.ends_with('/')) options_.endpoint.pop_back();
}

std::string S3Client::Location(const std::string& key) const {
  return fmt::format("s3://{}/{}", options_.bucket, key);
}

Result<io::HttpResponse> S3Client::Send(
    const std::string& method, const std::string& key, const std::string& query,
    std::string_view body, const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string base = options_.endpoint;
  std::string path = "/" + aws::UriEncode(key, true);
  if (options_.path_style) {
    path = "/" + aws::UriEncode(options_.bucket, false) + (key.empty() ? "" : path);
  } else {
    base.insert(base.find("://") + 3, options_.bucket + ".");
  }
  Duration pause = kPauseMin;
  for (int attempt = 0;; ++attempt) {
    io::HttpRequest request{.method = method,
                            .url = base + path + (query.empty() ? "" : "?" + query),
                            .headers = headers,
                            .body = std::string(body),
                            .timeout = kTimeout,
                            .response_max = kStateMax};
    aws::Sign(options_.aws.credentials, options_.aws.region, "s3", clock_.Now(), &request);
    auto response = http_->Send(request);
    bool may_help = response.ok() ? IsTemporary(response->status)
                                  : response.error().kind == ErrorKind::kUnavailable;
    if (!may_help || attempt >= options_.retries_max) return response;
    (void)io::WaitForExit(0, pause);
    pause *= 2;
  }
}

Error S3Client::Refused(const io::HttpResponse& response, std::string_view action,
                        const std::string& key) const {
  std::string code = FirstElement(response.body, "Code");
  std::string message = FirstElement(response.body, "Message");
  if (code == "NoSuchBucket") {
    return Error::NotFound("S3 bucket does not exist: {}. Make it first; backends make no buckets.",
                           options_.bucket);
  }
  std::string said = code.empty() ? fmt::format("status {}", response.status)
                                  : fmt::format("{} ({})", code, response.status);
  if (!message.empty()) said += ": " + message;
  Error error = Error::Invalid("{} cannot be {}: {}", Location(key), action, said);
  if (IsTemporary(response.status)) error.kind = ErrorKind::kUnavailable;
  return error;
}

Result<std::optional<S3Object>> S3Client::Get(const std::string& key) {
  io::HttpResponse response = TRY(Send("GET", key, "", "", {}));
  if (response.status == 200)
    return std::optional<S3Object>({std::move(response.body), response.Header("etag")});
  bool is_bucket = FirstElement(response.body, "Code") == "NoSuchBucket";
  if (response.status == 404 && !is_bucket) return std::optional<S3Object>();
  return Refused(response, "read", key);
}

Result<std::string> S3Client::Put(const std::string& key, std::string_view text,
                                  std::vector<std::pair<std::string, std::string>> headers) {
  headers.emplace_back("Content-Type", "application/json");
  io::HttpResponse response = TRY(Send("PUT", key, "", text, headers));
  if (response.status == 200) return response.Header("etag");
  // Of two that come at the same time, 409 is the one that comes second.
  if (response.status == 412 || response.status == 409)
    return Error::Conflict("{} was written by somebody else since it was read", Location(key));
  bool is_conditional = std::ranges::any_of(
      headers, [](const auto& header) { return header.first.starts_with("If-"); });
  if (response.status == 501 && is_conditional &&
      FirstElement(response.body, "Code") == "NotImplemented") {
    Error error = Refused(response, "written on a condition", key);
    error.kind = ErrorKind::kNotFound;  // The server has no conditions.
    return error;
  }
  return Refused(response, "written", key);
}

Result<void> S3Client::Delete(const std::string& key) {
  io::HttpResponse response = TRY(Send("DELETE", key, "", "", {}));
  if (response.status == 200 || response.status == 204 || response.status == 404) return {};
  return Refused(response, "deleted", key);
}

Result<std::vector<std::string>> S3Client::List(const std::string& prefix) {
  std::vector<std::string> keys;
  std::string token;
  for (int page = 0; page < kPagesMax; ++page) {
    // In order of name, as the signature asks.
    std::string query;
    if (!token.empty()) query = "continuation-token=" + aws::UriEncode(token, false) + "&";
    query += "list-type=2&max-keys=1000&prefix=" + aws::UriEncode(prefix, false);
    io::HttpResponse response = TRY(Send("GET", "", query, "", {}));
    if (response.status != 200) return Refused(response, "listed", prefix);
    for (std::string& key : ElementsOf(response.body, "Key")) keys.push_back(std::move(key));
    if (FirstElement(response.body, "IsTruncated") != "true") break;
    token = FirstElement(response.body, "NextContinuationToken");
    if (token.empty()) break;
  }
  return keys;
}

}  // namespace andon::backend
