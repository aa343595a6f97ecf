#include "notify/deliver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/hmac.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "base/text.h"
#include "io/http_client.h"
#include "io/local_file_system.h"
#include "io/memory_file_system.h"
#include "store/journal.h"
#include "store/outbox.h"

namespace andon::notify {
namespace {

using std::chrono::seconds;

struct Request {
  std::string head;  // Request line and headers.
  std::string body;

  std::string Header(const std::string& name) const {
    for (const std::string& line : Split(head, '\n')) {
      size_t colon = line.find(':');
      if (colon == std::string::npos || AsciiLower(line.substr(0, colon)) != name) continue;
      return std::string(Trim(std::string_view(line).substr(colon + 1)));
    }
    return "";
  }
};

// A receiver on 127.0.0.1 that answers with the given lines and keeps what came.
class Receiver {
 public:
  Receiver() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Receiver() { Close(); }

  void Close() {
    if (!thread_.joinable()) return;
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  void Answer(std::string response) {
    std::lock_guard lock(mutex_);
    response_ = std::move(response);
  }
  std::vector<Request> requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  std::string Url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }

 private:
  void Serve() {
    for (;;) {
      int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      Request request = Read(connection);
      std::string response;
      {
        std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
        response = response_;
      }
      (void)!::send(connection, response.data(), response.size(), MSG_NOSIGNAL);
      ::close(connection);
    }
  }

  static Request Read(int connection) {
    std::string text;
    size_t end = std::string::npos, length = 0;
    char buffer[4096];
    for (;;) {
      if (end == std::string::npos && (end = text.find("\r\n\r\n")) != std::string::npos) {
        Request head{text.substr(0, end), ""};
        length = std::strtoul(head.Header("content-length").c_str(), nullptr, 10);
      }
      if (end != std::string::npos && text.size() >= end + 4 + length) break;
      ssize_t n = ::recv(connection, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      text.append(buffer, n);
    }
    if (end == std::string::npos) return {text, ""};
    return {text.substr(0, end), text.substr(end + 4)};
  }

  int socket_ = -1;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;  // Guards all below.
  std::string response_ = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
  std::vector<Request> requests_;
};

std::string Status(std::string_view line) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", line);
}

struct DeliverTest : ::testing::Test {
  DeliverTest() {
    EXPECT_TRUE(io::LocalFileSystem().MakeDirs(dir).ok());
    auto opened = store::OpenSqlite(dir + "/andon.db", {.create = true});
    EXPECT_TRUE(opened.ok());
    db = std::move(*opened);
    context = {.http = http.get(),
               .files = &files,
               .project_dir = "/p",
               .source = "andon/shop",
               .clock = &clock};
  }
  ~DeliverTest() override {
    db.reset();
    (void)io::LocalFileSystem().RemoveAll(dir);
  }

  void Define(const std::string& name, const std::string& kind, Json settings) {
    auto channel = MakeChannel(kind, settings, context);
    ASSERT_TRUE(channel.ok()) << channel.error().message;
    channels["channel." + name] = std::move(*channel);
  }
  Message Incident(const std::string& key) {
    return {.key = key,
            .kind = "incident_opened",
            .severity = "critical",
            .title = "payment: 37 negative amounts",
            .text = "first line\nsecond line",
            .address = "dataset.payment",
            .time = clock.Now(),
            .data = Json::Object({{"incident", 1}})};
  }
  void Tell(const std::string& name, const std::string& key) {
    auto done = db->Write([&](store::Transaction& tx) {
      return Notify(tx, "channel." + name, Incident(key), clock.Now());
    });
    ASSERT_TRUE(done.ok());
  }
  Delivered Deliver() {
    auto delivered = DeliverDue(*db, channels, clock);
    EXPECT_TRUE(delivered.ok());
    return *delivered;
  }
  std::vector<std::string> FactKinds() {
    auto facts = db->Read([](store::Transaction& tx) { return store::ReadFacts(tx, {}); });
    std::vector<std::string> kinds;
    for (const auto& fact : *facts) kinds.push_back(fact.kind);
    return kinds;
  }
  // All that the database says anywhere about notifications.
  std::string Written() {
    std::string text;
    auto rows = db->Query("SELECT last_error AS t FROM outbox UNION ALL SELECT body FROM journal");
    for (const auto& row : *rows) text += row.Text("t") + "\n";
    return text;
  }

  std::string dir = ::testing::TempDir() + "andon-notify-" + RandomUuid();
  ManualClock clock{FromMillis(1700000000000)};
  io::MemoryFileSystem files;
  std::unique_ptr<io::HttpClient> http = io::NewHttpClient();
  ChannelContext context;
  std::unique_ptr<store::Database> db;
  Channels channels;
};

TEST_F(DeliverTest, AWebhookReceivesASignedCloudEventOnce) {
  Receiver receiver;
  Define("oncall", "webhook",
         Json::Object({{"url", receiver.Url("/hook?token=tok")},
                       {"secret", "whsec_" + Base64Encode("the key")},
                       {"headers", Json::Object({{"X-Team", "data"}})}}));
  Tell("oncall", "incident-1-opened");
  Tell("oncall", "incident-1-opened");
  EXPECT_EQ(Deliver().delivered, 1);
  EXPECT_EQ(Deliver().delivered, 0);

  auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1u);
  const Request& request = requests[0];
  EXPECT_TRUE(request.head.starts_with("POST /hook?token=tok HTTP/1.1"));
  EXPECT_EQ(request.Header("content-type"), "application/cloudevents+json; charset=utf-8");
  EXPECT_EQ(request.Header("idempotency-key"), "incident-1-opened");
  EXPECT_EQ(request.Header("x-team"), "data");
  EXPECT_EQ(request.Header("webhook-timestamp"), "1700000000");
  auto event = Json::Parse(request.body);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(*event, *Json::Parse(R"({"specversion":"1.0","id":"incident-1-opened",
      "source":"andon/shop","type":"andon.incident_opened","subject":"dataset.payment",
      "time":"2023-11-14T22:13:20Z","datacontenttype":"application/json",
      "data":{"severity":"critical","title":"payment: 37 negative amounts",
              "text":"first line\nsecond line","incident":1}})"));

  std::string signed_text = "incident-1-opened.1700000000." + request.body;
  unsigned char digest[32];
  unsigned int size = 0;
  HMAC(EVP_sha256(), "the key", 7, reinterpret_cast<const unsigned char*>(signed_text.data()),
       signed_text.size(), digest, &size);
  EXPECT_EQ(request.Header("webhook-signature"),
            "v1," + Base64Encode({reinterpret_cast<char*>(digest), size}));
  EXPECT_EQ(FactKinds(), (std::vector<std::string>{"notified"}));
}

TEST_F(DeliverTest, WhatFailsIsTriedAgainWithGrowingPauses) {
  Receiver receiver;
  receiver.Answer(Status("503 Service Unavailable"));
  Define("oncall", "webhook", Json::Object({{"url", receiver.Url("/secret-path")}}));
  Tell("oncall", "a");
  EXPECT_EQ(Deliver().retried, 1);
  EXPECT_EQ(Deliver().retried, 0) << "not due yet";
  clock.Advance(seconds(5));
  EXPECT_EQ(Deliver().retried, 1);
  clock.Advance(seconds(9));
  EXPECT_EQ(Deliver().retried, 0);
  clock.Advance(seconds(1));
  receiver.Answer(Status("200 OK"));
  EXPECT_EQ(Deliver().delivered, 1);
  EXPECT_EQ(receiver.requests().size(), 3u);
  EXPECT_EQ(FactKinds(), (std::vector<std::string>{"notify_failed", "notified"}));
  EXPECT_NE(Written().find("status 503"), std::string::npos);
  EXPECT_EQ(Written().find("secret-path"), std::string::npos) << "a webhook's URL is a secret";
}

TEST_F(DeliverTest, ASilentReceiverDelaysNobodyElse) {
  Receiver receiver;
  std::string url = receiver.Url("/secret-path");
  receiver.Close();
  Define("dead", "webhook", Json::Object({{"url", url}}));
  Define("log", "log", Json::Object({{"path", "notify.log"}}));
  for (const char* key : {"a", "b", "c"}) {
    Tell("dead", key);
    Tell("log", key);
  }
  Delivered delivered = Deliver();
  EXPECT_EQ(delivered.delivered, 3);
  EXPECT_EQ(delivered.retried, 3);
  EXPECT_EQ(Written().find("secret-path"), std::string::npos);
  EXPECT_NE(Written().find("http://127.0.0.1:"), std::string::npos);
}

TEST_F(DeliverTest, ARefusedMessageIsGivenUp) {
  Receiver receiver;
  receiver.Answer(Status("422 Unprocessable Content"));
  Define("oncall", "webhook", Json::Object({{"url", receiver.Url("/")}}));
  Tell("oncall", "a");
  EXPECT_EQ(Deliver().failed, 1);
  clock.Advance(std::chrono::hours(48));
  EXPECT_EQ(Deliver().failed, 0);
  EXPECT_EQ(FactKinds(), (std::vector<std::string>{"notify_failed"}));
}

TEST_F(DeliverTest, AMessageOfNoChannelEndsAfterAllAttempts) {
  Tell("gone", "a");
  int retried = 0;
  for (int i = 0; i < 100; ++i) {
    Delivered delivered = Deliver();
    retried += delivered.retried;
    if (delivered.failed) break;
    clock.Advance(std::chrono::hours(1));
  }
  EXPECT_EQ(retried, kAttemptsMax - 1);
  EXPECT_EQ(FactKinds(), (std::vector<std::string>{"notify_failed", "notify_failed"}));
  EXPECT_NE(Written().find("channel.gone is not defined"), std::string::npos);
}

TEST_F(DeliverTest, ADeadSenderLosesNothing) {
  Receiver receiver;
  Define("oncall", "webhook", Json::Object({{"url", receiver.Url("/")}}));
  Tell("oncall", "a");
  // A sender claimed it and died before it sent, or before it could write that down.
  EXPECT_EQ(store::ClaimDue(*db, clock.Now(), std::chrono::minutes(2), 1)->size(), 1u);
  EXPECT_EQ(Deliver().delivered, 0);
  clock.Advance(std::chrono::minutes(2));
  EXPECT_EQ(Deliver().delivered, 1);
}

TEST_F(DeliverTest, ALogHasOneLineForEachMessage) {
  Define("log", "log", Json::Object({{"path", "logs/notify.log"}}));
  Define("json", "log", Json::Object({{"path", "/abs.log"}, {"format", "json"}}));
  Tell("log", "a");
  Tell("log", "b");
  Tell("json", "a");
  EXPECT_EQ(Deliver().delivered, 3);
  std::string line =
      "2023-11-14T22:13:20Z critical incident_opened dataset.payment: payment: 37 negative "
      "amounts | first line | second line\n";
  EXPECT_EQ(*files.Read("/p/logs/notify.log"), line + line);
  auto message = FromJson(*Json::Parse(*files.Read("/abs.log")));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->title, "payment: 37 negative amounts");
}

TEST_F(DeliverTest, WrongSettingsAreRefused) {
  struct Case {
    const char* kind;
    const char* settings;
    const char* says;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"webhok", "{}", "did you mean \"webhook\"?"},
           {"carrier pigeon", "{}", "there are webhook, log"},
           {"webhook", "{}", "needs a url"},
           {"webhook", R"({"url": "ftp://x"})", "needs a url"},
           {"webhook", R"({"url": 7})", "needs a url"},
           {"log", R"({"format": "xml"})", "not \"xml\""},
       }) {
    auto made = MakeChannel(c.kind, *Json::Parse(c.settings), context);
    ASSERT_FALSE(made.ok()) << c.kind;
    EXPECT_NE(made.error().message.find(c.says), std::string::npos) << made.error().message;
  }
}

TEST(RetryPause, GrowsToAnHour) {
  EXPECT_EQ(RetryPause(1), seconds(5));
  EXPECT_EQ(RetryPause(2), seconds(10));
  EXPECT_EQ(RetryPause(9), seconds(1280));
  EXPECT_EQ(RetryPause(11), std::chrono::hours(1));
  EXPECT_EQ(RetryPause(1000000), std::chrono::hours(1));
  Duration total{0};
  for (int64_t n = 1; n < kAttemptsMax; ++n) total += RetryPause(n);
  EXPECT_GT(total, std::chrono::hours(30));
  EXPECT_LT(total, std::chrono::hours(48));
}

// The client itself, for which io has no receiver of its own.
TEST(HttpClient, GivesAnswersAndRefusesWhatIsWrong) {
  Receiver receiver;
  auto http = io::NewHttpClient();
  receiver.Answer("HTTP/1.1 404 Not Found\r\nX-Why: gone\r\nContent-Length: 4\r\n\r\nnone");
  auto answer = http->Send({.url = receiver.Url("/x")});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->Header("x-why"), "gone");
  EXPECT_EQ(answer->body, "none");

  auto kind = [&](io::HttpRequest request) { return http->Send(request).error().kind; };
  EXPECT_EQ(kind({.url = receiver.Url("/x"), .response_max = 3}), ErrorKind::kInvalid);
  EXPECT_EQ(kind({.url = "file:///etc/passwd"}), ErrorKind::kInvalid);
  EXPECT_EQ(kind({.url = "http://a\r\nb"}), ErrorKind::kInvalid);
  EXPECT_EQ(kind({.url = receiver.Url("/"), .headers = {{"A", "b\r\nC: d"}}}), ErrorKind::kInvalid);
  EXPECT_EQ(kind({.url = "https" + receiver.Url("/").substr(4),
                  .timeout = std::chrono::milliseconds(200)}),
            ErrorKind::kUnavailable)
      << "it speaks no TLS";

  receiver.Answer(
      "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
      "Content-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(http->Send({.url = receiver.Url("/")})->status, 302) << "not followed unless asked";
  EXPECT_FALSE(http->Send({.url = receiver.Url("/"), .redirects_max = 3}).ok());
  receiver.Answer("");
  EXPECT_EQ(kind({.url = receiver.Url("/")}), ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace andon::notify
