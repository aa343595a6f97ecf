#include "plugin/stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <climits>

#include "plugin/signals.h"

namespace andon::plugin {
namespace {

template <auto F>
struct Free {
  template <typename T>
  void operator()(T* t) const {
    F(t);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Free<SSL_free>>;

// Long enough for any run; the clocks of both sides are the same one.
constexpr long kValidSeconds = 30L * 365 * 24 * 3600;

std::string Reason(int number) {
  char text[256];
  return strerror_r(number, text, sizeof text);
}

std::string TlsReason() {
  char text[256] = "no reason given";
  if (unsigned long code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

bool AddExtension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  bool ok = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return ok;
}

bool Fill(X509* certificate, EVP_PKEY* key) {
  X509_NAME* name = X509_get_subject_name(certificate);
  auto text = [&](const char* field, const char* value) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(value), -1, -1,
                                      0) == 1;
  };
  return X509_set_version(certificate, 2) == 1 &&
         ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -30) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kValidSeconds) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 && text("O", "Andon") && text("CN", "localhost") &&
         X509_set_issuer_name(certificate, name) == 1 &&
         AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         AddExtension(certificate, NID_key_usage,
                      "critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign") &&
         AddExtension(certificate, NID_ext_key_usage, "clientAuth,serverAuth") &&
         AddExtension(certificate, NID_subject_alt_name, "DNS:localhost") &&
         X509_sign(certificate, key, EVP_sha512()) > 0;
}

std::string Pem(X509* certificate) {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate);
  char* data = nullptr;
  long size = BIO_get_mem_data(memory, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(memory);
  return pem;
}

// The one certificate that is trusted is the one that was announced.
int IsAnnounced(X509_STORE_CTX* store, void* announced) {
  X509* given = X509_STORE_CTX_get0_cert(store);
  bool is_same = given != nullptr && X509_cmp(given, static_cast<X509*>(announced)) == 0;
  if (!is_same) X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
  return is_same ? 1 : 0;
}

Result<void> PollFor(int fd, short events, Stream::Deadline deadline) {
  for (;;) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Error::Interrupted("it did not answer in time");
    pollfd watched{fd, events, 0};
    int n = ::poll(&watched, 1, static_cast<int>(std::min<int64_t>(left.count(), INT_MAX)));
    if (n > 0) return {};
    if (n < 0 && errno != EINTR) return Error::Io("cannot wait for a socket: {}", Reason(errno));
  }
}

union SocketAddress {
  sockaddr any;
  sockaddr_un local;
  sockaddr_in internet;
};

// The address itself is numeric: a plugin runs on this host.
Result<socklen_t> Fill(const Endpoint& endpoint, SocketAddress* address) {
  *address = {};
  if (endpoint.is_unix) {
    if (endpoint.address.size() >= sizeof address->local.sun_path)
      return Error::Invalid("the path {} of its socket is too long", endpoint.address);
    address->local.sun_family = AF_UNIX;
    endpoint.address.copy(address->local.sun_path, endpoint.address.size());
    return socklen_t{sizeof address->local};
  }
  size_t colon = endpoint.address.rfind(':');
  std::string host = endpoint.address.substr(0, colon);
  uint16_t port = 0;
  if (colon != std::string::npos) {
    const char* end = endpoint.address.data() + endpoint.address.size();
    std::from_chars(endpoint.address.data() + colon + 1, end, port);
  }
  address->internet.sin_family = AF_INET;
  address->internet.sin_port = htons(port);
  if (port == 0 || ::inet_pton(AF_INET, host.c_str(), &address->internet.sin_addr) != 1)
    return Error::Invalid("its address \"{}\" is not that of a local port", endpoint.address);
  return socklen_t{sizeof address->internet};
}

}  // namespace

struct Identity::State {
  Key key;
  Certificate certificate;
  std::string pem;
};

Identity::Identity(std::unique_ptr<State> state) : state_(std::move(state)) {}
Identity::~Identity() = default;
const std::string& Identity::certificate_pem() const { return state_->pem; }

Result<std::unique_ptr<Identity>> Identity::Make() {
  auto state = std::make_unique<State>();
  state->key.reset(EVP_EC_gen("P-521"));
  state->certificate.reset(X509_new());
  bool ok = state->key && state->certificate && Fill(state->certificate.get(), state->key.get());
  if (!ok) return Error::Io("cannot make a certificate: {}", TlsReason());
  state->pem = Pem(state->certificate.get());
  return std::make_unique<Identity>(std::move(state));
}

struct Stream::State {
  ~State() {
    if (fd >= 0) ::close(fd);
  }
  int fd = -1;
  Certificate announced;
  Context context;
  Session session;  // Null: in the clear.
  bool wants_write = false;
};

Stream::Stream(std::unique_ptr<State> state) : state_(std::move(state)) {}
Stream::~Stream() = default;
int Stream::descriptor() const { return state_->fd; }
bool Stream::wants_write() const { return state_->wants_write; }
bool Stream::is_encrypted() const { return state_->session != nullptr; }

namespace {

Result<int> ConnectSocket(const Endpoint& endpoint, Stream::Deadline deadline) {
  SocketAddress address;
  socklen_t size = TRY(Fill(endpoint, &address));
  int fd = ::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error::Io("cannot make a socket: {}", Reason(errno));
  int number = ::connect(fd, &address.any, size) == 0 ? 0 : errno;
  if (number == EINPROGRESS) {
    Result<void> ready = PollFor(fd, POLLOUT, deadline);
    if (!ready.ok()) {
      ::close(fd);
      return std::move(ready).error();
    }
    socklen_t length = sizeof number;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length);
  }
  if (number != 0) {
    ::close(fd);
    return Error::Unavailable("cannot connect to its socket {}: {}", endpoint.address,
                              Reason(number));
  }
  int on = 1;
  if (!endpoint.is_unix) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

Result<void> HandshakeTls(SSL* session, int fd, Stream::Deadline deadline) {
  for (;;) {
    int n = SSL_connect(session);
    if (n == 1) break;
    int why = SSL_get_error(session, n);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
      return Error::Unavailable("the encrypted connection to it was refused: {}", TlsReason());
    TRY(PollFor(fd, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Stream>> Stream::Open(const Endpoint& endpoint, const Identity* identity,
                                             const std::string& server_certificate,
                                             Deadline deadline) {
  BrokenPipeIsNoSignal guard;
  auto state = std::make_unique<State>();
  state->fd = TRY(ConnectSocket(endpoint, deadline));
  if (server_certificate.empty()) return std::make_unique<Stream>(std::move(state));
  if (identity == nullptr)
    return Error::Invalid("it wants an encrypted connection, which it was not asked for");
  const auto* der = reinterpret_cast<const unsigned char*>(server_certificate.data());
  state->announced.reset(d2i_X509(nullptr, &der, static_cast<long>(server_certificate.size())));
  if (!state->announced)
    return Error::Invalid("the certificate that it gave cannot be read: {}", TlsReason());
  state->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = state->context.get();
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  bool ok = context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
            SSL_CTX_use_certificate(context, identity->state_->certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(context, identity->state_->key.get()) == 1 &&
            SSL_CTX_set_alpn_protos(context, kHttp2, sizeof kHttp2) == 0;
  if (!ok) return Error::Io("cannot set up an encrypted connection: {}", TlsReason());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, IsAnnounced, state->announced.get());
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  state->session.reset(SSL_new(context));
  SSL* session = state->session.get();
  if (session == nullptr || SSL_set_fd(session, state->fd) != 1 ||
      SSL_set_tlsext_host_name(session, "localhost") != 1)
    return Error::Io("cannot set up an encrypted connection: {}", TlsReason());
  TRY(HandshakeTls(session, state->fd, deadline));
  return std::make_unique<Stream>(std::move(state));
}

namespace {

Error Ended() { return Error::Unavailable("the connection to it has ended"); }

// What came of an operation of TLS: how many bytes, none yet, or the end.
Result<size_t> Outcome(SSL* session, int n, bool* wants_write) {
  if (n > 0) return static_cast<size_t>(n);
  int why = SSL_get_error(session, n);
  ERR_clear_error();
  if (why == SSL_ERROR_WANT_READ) return size_t{0};
  if (why != SSL_ERROR_WANT_WRITE) return Ended();
  *wants_write = true;
  return size_t{0};
}

Result<size_t> Outcome(ssize_t n) {
  if (n > 0) return static_cast<size_t>(n);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return size_t{0};
  return Ended();
}

}  // namespace

Result<size_t> Stream::Read(char* to, size_t size) {
  if (!state_->session) return Outcome(::recv(state_->fd, to, size, 0));
  ERR_clear_error();
  int n = SSL_read(state_->session.get(), to, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  return Outcome(state_->session.get(), n, &state_->wants_write);
}

Result<size_t> Stream::Write(std::string_view bytes) {
  state_->wants_write = false;
  if (bytes.empty()) return size_t{0};
  if (!state_->session) {
    auto taken = Outcome(::send(state_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    state_->wants_write = taken.ok() && *taken < bytes.size();
    return taken;
  }
  ERR_clear_error();
  int size = static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX));
  int n = SSL_write(state_->session.get(), bytes.data(), size);
  auto taken = Outcome(state_->session.get(), n, &state_->wants_write);
  if (taken.ok() && *taken < bytes.size()) state_->wants_write = true;
  return taken;
}

}  // namespace andon::plugin
