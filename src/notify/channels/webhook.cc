// POSTs a CloudEvents 1.0 envelope (structured mode). With a secret it is signed as
// the Standard Webhooks specification has it; the key tells a receiver repeats.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "io/http_client.h"
#include "notify/channel.h"

namespace andon::notify {
namespace {

// A receiver should put the message into a queue of its own and answer.
constexpr auto kTimeout = std::chrono::seconds(10);
constexpr int64_t kAnswerMax = 64 << 10;

std::string HmacSha256(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return {reinterpret_cast<char*>(digest), size};
}

// The specification writes secrets as "whsec_" and base64; any other text is the
// key as it stands.
std::string SigningKey(const std::string& secret) {
  constexpr std::string_view kPrefix = "whsec_";
  std::string bytes;
  if (secret.starts_with(kPrefix) &&
      Base64Decode(std::string_view(secret).substr(kPrefix.size()), &bytes)) {
    return bytes;
  }
  return secret;
}

// Refusals of this very message; all others (a wrong password, a missing page) a
// person can put right while the message waits.
bool IsFinal(int status) {
  return status == 400 || status == 405 || status == 410 || status == 413 || status == 415 ||
         status == 422;
}

class Webhook final : public Channel {
 public:
  Webhook(std::string url, std::string secret,
          std::vector<std::pair<std::string, std::string>> headers, ChannelContext context)
      : url_(std::move(url)),
        secret_(std::move(secret)),
        headers_(std::move(headers)),
        context_(std::move(context)) {}

  Result<void> Send(const Message& message) override {
    io::HttpRequest request;
    request.method = "POST";
    request.url = url_;
    request.timeout = kTimeout;
    request.response_max = kAnswerMax;
    request.body = Envelope(message).Dump();
    request.headers = headers_;
    request.headers.emplace_back("Content-Type", "application/cloudevents+json; charset=utf-8");
    request.headers.emplace_back("Idempotency-Key", message.key);
    Sign(message, request);
    auto response = TRY(context_.http->Send(request));
    if (response.status >= 200 && response.status < 300) return {};
    if (IsFinal(response.status)) {
      return Error::Invalid("the receiver refused the message with status {}", response.status);
    }
    return Error::Unavailable("the receiver answered with status {}", response.status);
  }

 private:
  Json Envelope(const Message& message) const {
    Json data = Json::Object(
        {{"severity", message.severity}, {"title", message.title}, {"text", message.text}});
    for (const auto& [name, value] : message.data.members()) data.Set(name, value);
    return Json::Object({{"specversion", "1.0"},
                         {"id", message.key},
                         {"source", context_.source.empty() ? "andon" : context_.source},
                         {"type", "andon." + message.kind},
                         {"subject", message.address},
                         {"time", ToRfc3339(message.time)},
                         {"datacontenttype", "application/json"},
                         {"data", std::move(data)}});
  }

  void Sign(const Message& message, io::HttpRequest& request) const {
    Timestamp now = context_.clock ? context_.clock->Now() : message.time;
    std::string seconds =
        fmt::format("{}", std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    request.headers.emplace_back("webhook-id", message.key);
    request.headers.emplace_back("webhook-timestamp", seconds);
    if (secret_.empty()) return;
    std::string content = fmt::format("{}.{}.{}", message.key, seconds, request.body);
    request.headers.emplace_back("webhook-signature",
                                 "v1," + Base64Encode(HmacSha256(SigningKey(secret_), content)));
  }

  std::string url_;
  std::string secret_;
  std::vector<std::pair<std::string, std::string>> headers_;
  ChannelContext context_;
};

Result<std::unique_ptr<Channel>> Make(const Json& settings, const ChannelContext& context) {
  const std::string& url = settings["url"].AsString();
  std::string lower = AsciiLower(url.substr(0, 8));
  if (!lower.starts_with("http://") && !lower.starts_with("https://")) {
    return Error::Invalid("a webhook channel needs a url that begins with https:// or http://");
  }
  if (!context.http) return Error::Invalid("a webhook channel needs an HTTP client");
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] : settings["headers"].members()) {
    headers.emplace_back(name, value.AsString());
  }
  return std::unique_ptr<Channel>(
      std::make_unique<Webhook>(url, settings["secret"].AsString(), std::move(headers), context));
}

}  // namespace

extern const ChannelKind kWebhook = {
    .name = "webhook",
    .says = "POSTs each notification as a CloudEvent (JSON) to a url, signed if a secret is set.",
    .make = Make,
};

}  // namespace andon::notify
