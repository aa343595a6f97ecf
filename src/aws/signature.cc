#include "aws/signature.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace andon::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return {reinterpret_cast<char*>(digest), size};
}

struct UrlParts {
  std::string host, path, query;
};

UrlParts PartsOf(const std::string& url) {
  size_t begin = url.find("://") + 3;
  size_t end = std::min(url.find_first_of("/?", begin), url.size());
  UrlParts out{.host = url.substr(begin, end - begin)};
  // As clients leave them out of the Host header.
  for (std::string_view port : {":80", ":443"}) {
    bool is_default = url.starts_with(port == ":80" ? "http://" : "https://");
    if (is_default && out.host.ends_with(port)) out.host.resize(out.host.size() - port.size());
  }
  size_t mark = std::min(url.find('?', end), url.size());
  out.path = url.substr(end, mark - end);
  if (out.path.empty()) out.path = "/";
  if (mark < url.size()) out.query = url.substr(mark + 1);
  return out;
}

}  // namespace

std::string UriEncode(std::string_view text, bool keep_slash) {
  std::string out;
  for (char c : text) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    std::string_view("-_.~").find(c) != std::string_view::npos ||
                    (c == '/' && keep_slash);
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

void Sign(const Credentials& credentials, std::string_view region, std::string_view service,
          Timestamp now, io::HttpRequest* request) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  std::string time =
      fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
  std::string date = time.substr(0, 8);
  std::string body_hash = Sha256(request->body);
  request->headers.emplace_back("x-amz-date", time);
  request->headers.emplace_back("x-amz-content-sha256", body_hash);
  if (!credentials.token.empty())
    request->headers.emplace_back("x-amz-security-token", credentials.token);

  UrlParts parts = PartsOf(request->url);
  std::map<std::string, std::string> headers = {{"host", parts.host}};
  for (const auto& [name, value] : request->headers)
    headers[AsciiLower(name)] = std::string(Trim(value));
  std::string lines, names;
  for (const auto& [name, value] : headers) {
    lines += fmt::format("{}:{}\n", name, value);
    names += (names.empty() ? "" : ";") + name;
  }
  std::string canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request->method, parts.path,
                                      parts.query, lines, names, body_hash);
  std::string scope = fmt::format("{}/{}/{}/aws4_request", date, region, service);
  std::string to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope, Sha256(canonical));
  std::string key = Hmac("AWS4" + credentials.secret_key, date);
  key = Hmac(Hmac(Hmac(key, region), service), "aws4_request");
  request->headers.emplace_back(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials.access_key, scope, names, HexEncode(Hmac(key, to_sign))));
}

}  // namespace andon::aws
