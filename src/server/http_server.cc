#include "server/http_server.h"

#include <atomic>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/text.h"

namespace andon::server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
using tcp = net::ip::tcp;

std::string ToStd(beast::string_view text) { return {text.data(), text.size()}; }

// An open stream of events.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  virtual void Push(std::shared_ptr<const std::string> text) = 0;
  virtual void Close() = 0;
};

// What all connections of one server share.
struct Hub {
  Handler handler;
  std::atomic<int> connections{0};
  std::mutex mutex;
  std::set<std::weak_ptr<Subscriber>, std::owner_less<>> subscribers;  // Guarded by mutex.

  bool Add(const std::shared_ptr<Subscriber>& one) {
    std::lock_guard lock(mutex);
    std::erase_if(subscribers, [](const auto& weak) { return weak.expired(); });
    if (subscribers.size() >= kStreamsMax) return false;
    subscribers.insert(one);
    return true;
  }

  void Broadcast(const std::string& text) {
    auto shared = std::make_shared<const std::string>(text);
    std::vector<std::shared_ptr<Subscriber>> all;
    {
      std::lock_guard lock(mutex);
      for (const auto& weak : subscribers) {
        if (auto one = weak.lock()) all.push_back(std::move(one));
      }
    }
    for (const auto& one : all) one->Push(shared);
  }
};

Response Plain(int status, std::string_view text) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::string(text) + "\n"};
}

// One connection; `Stream` is a plain or a TLS one. All of its work runs on the stream's strand.
template <typename Stream>
class Session final : public Subscriber, public std::enable_shared_from_this<Session<Stream>> {
 public:
  static constexpr bool kIsTls = !std::is_same_v<Stream, beast::tcp_stream>;

  template <typename... Args>
  explicit Session(std::shared_ptr<Hub> hub, Args&&... args)
      : hub_(std::move(hub)), stream_(std::forward<Args>(args)...) {
    ++hub_->connections;
  }
  ~Session() override { --hub_->connections; }

  void Run() {
    net::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->Begin(); });
  }

  void Push(std::shared_ptr<const std::string> text) override {
    net::post(stream_.get_executor(),
              [self = this->shared_from_this(), text = std::move(text)] { self->Enqueue(text); });
  }

  void Close() override {
    net::post(stream_.get_executor(), [self = this->shared_from_this()] { self->Shut(); });
  }

 private:
  void Begin() {
    if constexpr (kIsTls) {
      beast::get_lowest_layer(stream_).expires_after(kReadTimeout);
      stream_.async_handshake(net::ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code error) {
                                if (!error) self->Read();
                              });
    } else {
      Read();
    }
  }

  void Read() {
    parser_.emplace();
    parser_->header_limit(kHeaderMax);
    parser_->body_limit(kBodyMax);
    beast::get_lowest_layer(stream_).expires_after(kReadTimeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](beast::error_code error, size_t) {
                       self->OnRead(error);
                     });
  }

  void OnRead(beast::error_code error) {
    if (error == http::error::end_of_stream) return Shut();
    if (error == http::error::header_limit)
      return Answer(Plain(431, "The header is too large."), false);
    if (error == http::error::body_limit)
      return Answer(Plain(413, "The body is too large."), false);
    if (error && error.category() == http::make_error_code(http::error::bad_version).category()) {
      return Answer(Plain(400, "That is no HTTP request."), false);
    }
    if (error) return Shut();
    const auto& message = parser_->get();
    Request request;
    request.method = ToStd(message.method_string());
    request.is_secure = kIsTls;
    for (const auto& field : message) {
      request.headers.try_emplace(AsciiLower(ToStd(field.name_string())), ToStd(field.value()));
    }
    request.body = message.body();
    bool keep = message.keep_alive();
    if (!ReadTarget(ToStd(message.target()), &request))
      return Answer(Plain(400, "That is no path."), false);
    is_head_ = request.method == "HEAD";
    if (is_head_) request.method = "GET";
    Answer(hub_->handler(request), keep);
  }

  void Answer(Response response, bool keep) {
    if (response.is_stream && !is_head_) return BeginStream(std::move(response));
    reply_.emplace(static_cast<http::status>(response.status), 11);
    for (const auto& [name, value] : response.headers) reply_->set(name, value);
    reply_->set(http::field::content_type, response.content_type);
    reply_->keep_alive(keep);
    size_t size = response.body.size();
    if (!is_head_) reply_->body() = std::move(response.body);
    reply_->content_length(size);
    beast::get_lowest_layer(stream_).expires_after(kReadTimeout);
    auto done = [self = this->shared_from_this(), keep](beast::error_code error, size_t) {
      if (error || !keep) return self->Shut();
      self->Read();
    };
    if (is_head_) {
      // The length is told, the body is not sent.
      head_.emplace(*reply_);
      http::async_write_header(stream_, *head_, done);
    } else {
      http::async_write(stream_, *reply_, done);
    }
  }

  void BeginStream(Response response) {
    if (!hub_->Add(this->shared_from_this())) {
      return Answer(Plain(503, "Too many open streams; reload later."), false);
    }
    stream_head_.emplace(static_cast<http::status>(response.status), 11);
    for (const auto& [name, value] : response.headers) stream_head_->set(name, value);
    stream_head_->set(http::field::content_type, response.content_type);
    stream_head_->keep_alive(false);  // Without a length, its end is the connection's.
    stream_serializer_.emplace(*stream_head_);
    beast::get_lowest_layer(stream_).expires_never();
    auto first = std::make_shared<const std::string>(std::move(response.body));
    writing_ = true;
    http::async_write_header(
        stream_, *stream_serializer_,
        [self = this->shared_from_this(), first](beast::error_code error, size_t) {
          if (error) return self->Shut();
          self->writing_ = false;
          self->Enqueue(first);
          self->WatchForEnd();
        });
  }

  // Nothing more is expected from the reader: what comes is its goodbye.
  void WatchForEnd() {
    stream_.async_read_some(
        net::buffer(&ignored_, 1),
        [self = this->shared_from_this()](beast::error_code, size_t) { self->Shut(); });
  }

  void Enqueue(std::shared_ptr<const std::string> text) {
    if (is_shut_) return;
    backlog_ += text->size();
    queue_.push_back(std::move(text));
    if (backlog_ > kStreamBacklogMax) return Shut();
    if (!writing_) WriteNext();
  }

  void WriteNext() {
    if (queue_.empty()) return;
    writing_ = true;
    beast::get_lowest_layer(stream_).expires_never();
    net::async_write(stream_, net::buffer(*queue_.front()),
                     [self = this->shared_from_this()](beast::error_code error, size_t) {
                       self->writing_ = false;
                       if (error) return self->Shut();
                       self->backlog_ -= self->queue_.front()->size();
                       self->queue_.pop_front();
                       self->WriteNext();
                     });
  }

  void Shut() {
    if (is_shut_) return;
    is_shut_ = true;
    beast::error_code ignored;
    auto& socket = beast::get_lowest_layer(stream_).socket();
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
  }

  std::shared_ptr<Hub> hub_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> reply_;
  std::optional<http::response_serializer<http::string_body>> head_;
  std::optional<http::response<http::empty_body>> stream_head_;
  std::optional<http::response_serializer<http::empty_body>> stream_serializer_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  size_t backlog_ = 0;
  bool writing_ = false;
  bool is_head_ = false;
  bool is_shut_ = false;
  char ignored_ = 0;
};

class BeastServer final : public HttpServer {
 public:
  explicit BeastServer(Handler handler)
      : hub_(std::make_shared<Hub>()), acceptor_(net::make_strand(io_)) {
    hub_->handler = std::move(handler);
  }

  ~BeastServer() override {
    io_.stop();
    for (auto& thread : threads_) thread.join();
    // Handlers that were queued hold their sessions; the context's end lets go of both.
  }

  Result<void> Listen(const HttpServerOptions& options) {
    beast::error_code error;
    auto address = net::ip::make_address(options.address, error);
    if (error) return Error::Invalid("\"{}\" is no IP address to listen on", options.address);
    if (!options.certificate_file.empty()) TRY(LoadCertificate(options));
    tcp::endpoint endpoint(address, static_cast<unsigned short>(options.port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error) {
      return Error::Io("Cannot listen on {}:{}: {}", options.address, options.port,
                       error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    Accept();
    for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Loop(); });
    return {};
  }

  int port() const override { return port_; }
  void Broadcast(const std::string& text) override { hub_->Broadcast(text); }

 private:
  // An exception out of a completion must not end the server: it goes on with the next one.
  void Loop() {
    while (!io_.stopped()) {
      try {
        io_.run();
        return;
      } catch (const std::exception&) {
      }
    }
  }

  Result<void> LoadCertificate(const HttpServerOptions& options) {
    tls_.emplace(net::ssl::context::tls_server);
    beast::error_code error;
    tls_->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 |
                          net::ssl::context::no_sslv3 | net::ssl::context::no_tlsv1 |
                          net::ssl::context::no_tlsv1_1,
                      error);
    tls_->use_certificate_chain_file(options.certificate_file, error);
    if (error) {
      return Error::Invalid("Cannot use the certificate {}: {}", options.certificate_file,
                            error.message());
    }
    tls_->use_private_key_file(options.key_file, net::ssl::context::pem, error);
    if (error)
      return Error::Invalid("Cannot use the private key {}: {}", options.key_file, error.message());
    return {};
  }

  void Accept() {
    acceptor_.async_accept(
        net::make_strand(io_), [this](beast::error_code error, tcp::socket socket) {
          if (error == net::error::operation_aborted) return;
          if (!error && hub_->connections < kConnectionsMax) {
            if (tls_) {
              std::make_shared<Session<beast::ssl_stream<beast::tcp_stream>>>(
                  hub_, std::move(socket), *tls_)
                  ->Run();
            } else {
              std::make_shared<Session<beast::tcp_stream>>(hub_, std::move(socket))->Run();
            }
          }
          Accept();
        });
  }

  std::shared_ptr<Hub> hub_;
  std::optional<net::ssl::context> tls_;
  net::io_context io_;
  tcp::acceptor acceptor_;
  std::vector<std::thread> threads_;
  int port_ = 0;
};

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Request::Header(std::string_view name) const {
  auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Request::Query(const std::string& name) const {
  auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                      Handler handler) {
  try {
    auto server = std::make_unique<BeastServer>(std::move(handler));
    TRY(server->Listen(options));
    return std::unique_ptr<HttpServer>(std::move(server));
  } catch (const std::exception& e) {
    return Error::Io("Cannot start the server: {}", e.what());
  }
}

bool ReadTarget(std::string_view target, Request* request) {
  size_t question = target.find('?');
  if (!PercentDecode(target.substr(0, question), false, &request->path)) return false;
  if (request->path.empty() || request->path[0] != '/' || !IsUtf8(request->path)) return false;
  if (question == std::string_view::npos) return true;
  for (const std::string& pair : Split(target.substr(question + 1), '&')) {
    size_t equals = pair.find('=');
    std::string name, value;
    if (!PercentDecode(std::string_view(pair).substr(0, equals), true, &name)) return false;
    if (equals != std::string::npos &&
        !PercentDecode(std::string_view(pair).substr(equals + 1), true, &value)) {
      return false;
    }
    if (!IsUtf8(name) || !IsUtf8(value)) return false;
    if (!name.empty()) request->query.try_emplace(name, value);
  }
  return true;
}

bool PercentDecode(std::string_view text, bool plus_is_space, std::string* decoded) {
  decoded->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      *decoded += ' ';
    } else if (text[i] != '%') {
      *decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return false;
      int high = HexOf(text[i + 1]), low = HexOf(text[i + 2]);
      if (high < 0 || low < 0) return false;
      *decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded->find('\0') == std::string::npos;
}

}  // namespace andon::server
