#include "server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nghttp2/nghttp2.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <list>
#include <map>
#include <vector>

#include "base/text.h"

namespace andon::standin {
namespace {

using Time = std::chrono::steady_clock::time_point;

struct Call {
  std::string path;
  std::string request;
  Reply reply;
  Time due;
  bool is_answered = false;
  size_t sent = 0;
};

[[noreturn]] void Die(const char* what) {
  dprintf(2, "stand-in: %s\n", what);
  ::_exit(70);
}

int OnlyTheOne(X509_STORE_CTX* store, void* wanted) {
  X509* given = X509_STORE_CTX_get0_cert(store);
  return given != nullptr && X509_cmp(given, static_cast<X509*>(wanted)) == 0 ? 1 : 0;
}

nghttp2_nv Header(std::string_view name, std::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct Server::State {
  struct Connection {
    int fd = -1;
    SSL* ssl = nullptr;
    nghttp2_session* session = nullptr;
    State* server = nullptr;
    std::map<int32_t, Call> calls;
    std::string out;
    size_t out_sent = 0;  // Of `out`.
    bool is_dead = false;
    ~Connection() {
      if (session) nghttp2_session_del(session);
      if (ssl) SSL_free(ssl);
      if (fd >= 0) ::close(fd);
    }
  };

  std::string address;
  int listener = -1;
  SSL_CTX* context = nullptr;
  X509* own = nullptr;
  X509* client = nullptr;
  std::list<Connection> connections;
  const Handler* handler = nullptr;
  bool is_ending = false;

  void Encrypt(const std::string& client_pem);
  void Accept();
  void Receive(Connection& c);
  void Send(Connection& c);
  void Submit(Connection& c, int32_t id, Call& call);
  int Answer(Connection& c);

  static ssize_t OnSend(nghttp2_session*, int32_t id, uint8_t* to, size_t size, uint32_t* flags,
                        nghttp2_data_source*, void* self);
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                      void* self);
  static int OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                    void* self);
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int OnClose(nghttp2_session*, int32_t id, uint32_t, void* self) {
    static_cast<Connection*>(self)->calls.erase(id);
    return 0;
  }
};

int Server::State::OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                            size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                            void* self) {
  std::string_view key(reinterpret_cast<const char*>(name), name_size);
  if (key == ":path")
    static_cast<Connection*>(self)->calls[frame->hd.stream_id].path.assign(
        reinterpret_cast<const char*>(value), value_size);
  return 0;
}

int Server::State::OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                          void* self) {
  static_cast<Connection*>(self)->calls[id].request.append(reinterpret_cast<const char*>(data),
                                                           size);
  return 0;
}

int Server::State::OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  auto* c = static_cast<Connection*>(self);
  bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
                (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS);
  if (!is_end) return 0;
  Call& call = c->calls[frame->hd.stream_id];
  call.reply = (*c->server->handler)(
      call.path, call.request.size() < 5 ? std::string() : call.request.substr(5));
  call.due = std::chrono::steady_clock::now() + call.reply.delay;
  call.is_answered = call.reply.never;
  if (!call.reply.is_raw) {
    std::string prefix(1, '\0');
    for (int shift = 24; shift >= 0; shift -= 8)
      prefix += static_cast<char>(call.reply.body.size() >> shift);
    call.reply.body.insert(0, prefix);
  }
  return 0;
}

ssize_t Server::State::OnSend(nghttp2_session* session, int32_t id, uint8_t* to, size_t size,
                              uint32_t* flags, nghttp2_data_source*, void* self) {
  auto& calls = static_cast<Connection*>(self)->calls;
  auto found = calls.find(id);
  if (found == calls.end()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  Call& call = found->second;
  size_t n = std::min(size, call.reply.body.size() - call.sent);
  memcpy(to, call.reply.body.data() + call.sent, n);
  call.sent += n;
  if (call.sent == call.reply.body.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const nghttp2_nv trailer[] = {Header("grpc-status", "0")};
    nghttp2_submit_trailer(session, id, trailer, 1);
  }
  return static_cast<ssize_t>(n);
}

void Server::State::Submit(Connection& c, int32_t id, Call& call) {
  call.is_answered = true;
  if (call.reply.status != 0) {
    std::string status = std::to_string(call.reply.status), message;
    for (char ch : call.reply.message)
      message += ch > 0x20 && ch < 0x7f && ch != '%' ? std::string(1, ch)
                                                     : fmt::format("%{:02X}", uint8_t(ch));
    const nghttp2_nv headers[] = {Header(":status", "200"),
                                  Header("content-type", "application/grpc"),
                                  Header("grpc-status", status), Header("grpc-message", message)};
    nghttp2_submit_response(c.session, id, headers, 4, nullptr);
    return;
  }
  const nghttp2_nv headers[] = {Header(":status", "200"),
                                Header("content-type", "application/grpc")};
  nghttp2_data_provider body{.source = {}, .read_callback = OnSend};
  nghttp2_submit_response(c.session, id, headers, 2, &body);
}

// Sends what is due; the milliseconds until the next is, or -1.
int Server::State::Answer(Connection& c) {
  auto now = std::chrono::steady_clock::now();
  int64_t wait = -1;
  for (auto& [id, call] : c.calls) {
    if (call.is_answered || call.due == Time() || call.reply.is_held) continue;
    if (call.due <= now) {
      Submit(c, id, call);
      continue;
    }
    auto left = std::chrono::ceil<std::chrono::milliseconds>(call.due - now).count();
    if (wait < 0 || left < wait) wait = left;
  }
  return static_cast<int>(wait);
}

void Server::State::Accept() {
  int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  Connection& c = connections.emplace_back();
  c.fd = fd;
  c.server = this;
  if (context) {
    c.ssl = SSL_new(context);
    SSL_set_fd(c.ssl, fd);
    SSL_set_accept_state(c.ssl);
  }
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_server_new(&c.session, callbacks, &c);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(c.session, NGHTTP2_FLAG_NONE, nullptr, 0);
}

void Server::State::Receive(Connection& c) {
  char buffer[64 << 10];
  for (;;) {
    ssize_t n =
        c.ssl ? SSL_read(c.ssl, buffer, sizeof buffer) : ::recv(c.fd, buffer, sizeof buffer, 0);
    if (n <= 0) {
      int why = c.ssl ? SSL_get_error(c.ssl, static_cast<int>(n)) : 0;
      bool is_waiting = c.ssl ? why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE
                              : n < 0 && errno == EAGAIN;
      c.is_dead |= !is_waiting;
      return;
    }
    if (nghttp2_session_mem_recv(c.session, reinterpret_cast<uint8_t*>(buffer),
                                 static_cast<size_t>(n)) < 0) {
      c.is_dead = true;
      return;
    }
  }
}

void Server::State::Send(Connection& c) {
  if (c.ssl && !SSL_is_init_finished(c.ssl)) return;
  const uint8_t* data = nullptr;
  for (ssize_t n; (n = nghttp2_session_mem_send(c.session, &data)) > 0;)
    c.out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(n));
  while (c.out_sent < c.out.size()) {
    const char* at = c.out.data() + c.out_sent;
    size_t size = c.out.size() - c.out_sent;
    ssize_t n =
        c.ssl ? SSL_write(c.ssl, at, static_cast<int>(size)) : ::send(c.fd, at, size, MSG_NOSIGNAL);
    if (n <= 0) return;
    c.out_sent += static_cast<size_t>(n);
  }
  c.out.clear();
  c.out_sent = 0;
}

void Server::State::Encrypt(const std::string& client_pem) {
  BIO* memory = BIO_new_mem_buf(client_pem.data(), static_cast<int>(client_pem.size()));
  client = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  BIO_free(memory);
  if (!client) Die("the client's certificate cannot be read");
  EVP_PKEY* key = EVP_EC_gen("P-521");
  own = X509_new();
  X509_set_version(own, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(own), 7);
  X509_gmtime_adj(X509_getm_notBefore(own), -30);
  X509_gmtime_adj(X509_getm_notAfter(own), 3600);
  X509_set_pubkey(own, key);
  X509_NAME* name = X509_get_subject_name(own);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(own, name);
  X509_sign(own, key, EVP_sha512());
  context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(context, own);
  SSL_CTX_use_PrivateKey(context, key);
  EVP_PKEY_free(key);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, OnlyTheOne, client);
  SSL_CTX_set_alpn_select_cb(
      context,
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned,
         void*) {
        *out = reinterpret_cast<const unsigned char*>("h2");
        *size = 2;
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
}

Server::Server(const std::string& folder, const std::string& client_certificate)
    : state_(std::make_unique<State>()) {
  ::signal(SIGPIPE, SIG_IGN);
  state_->address = fmt::format("{}/standin-{}.sock", folder, ::getpid());
  ::unlink(state_->address.c_str());
  state_->listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (state_->address.size() >= sizeof address.sun_path) Die("the path of the socket is too long");
  state_->address.copy(address.sun_path, state_->address.size());
  if (::bind(state_->listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(state_->listener, 8) != 0)
    Die("cannot listen");
  if (!client_certificate.empty()) state_->Encrypt(client_certificate);
}

Server::~Server() {
  ::unlink(state_->address.c_str());
  state_->connections.clear();
  ::close(state_->listener);
  SSL_CTX_free(state_->context);
  X509_free(state_->own);
  X509_free(state_->client);
}

const std::string& Server::address() const { return state_->address; }

std::string Server::certificate() const {
  if (!state_->own) return "";
  unsigned char* der = nullptr;
  int size = i2d_X509(state_->own, &der);
  std::string text =
      Base64Encode(std::string_view(reinterpret_cast<char*>(der), static_cast<size_t>(size)));
  OPENSSL_free(der);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

void Server::Release() {
  for (State::Connection& c : state_->connections) {
    for (auto& [id, call] : c.calls) call.reply.is_held = false;
  }
}

void Server::End() { state_->is_ending = true; }

void Server::Run(const Handler& handler) {
  State& s = *state_;
  s.handler = &handler;
  while (!s.is_ending) {
    std::vector<pollfd> watched = {{s.listener, POLLIN, 0}};
    int wait = -1;
    for (State::Connection& c : s.connections) {
      int next = s.Answer(c);
      if (next >= 0 && (wait < 0 || next < wait)) wait = next;
      s.Send(c);
      watched.push_back({c.fd, static_cast<short>(c.out.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    }
    if (::poll(watched.data(), watched.size(), wait) < 0 && errno != EINTR) Die("cannot poll");
    size_t i = 1;
    for (State::Connection& c : s.connections) {
      if (watched[i++].revents != 0) s.Receive(c);
    }
    s.connections.remove_if([](const State::Connection& c) { return c.is_dead; });
    if (watched[0].revents != 0) s.Accept();
  }
  for (State::Connection& c : s.connections) {
    s.Answer(c);
    s.Send(c);
  }
}

}  // namespace andon::standin
