#include "io/probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

namespace andon::io {
namespace {

using std::chrono::steady_clock;

class Socket {
 public:
  explicit Socket(int number) : number_(number) {}
  ~Socket() {
    if (number_ >= 0) close(number_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses AddressOf(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return {};
  return Addresses(found);
}

std::string ReasonOf(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "refused: nothing listens there";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return "no route leads there";
    case ETIMEDOUT:
      return "no answer";
    default:
      return std::strerror(error);
  }
}

// True once the socket is ready, false where the time is over.
bool Wait(int socket, short events, steady_clock::time_point deadline) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    pollfd one{socket, events, 0};
    int ready = poll(&one, 1, static_cast<int>(std::max<int64_t>(0, left.count())));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

Result<std::unique_ptr<Socket>> Connect(const std::string& address, int port,
                                        steady_clock::time_point deadline, Duration limit) {
  Addresses to = AddressOf(address, port);
  if (!to) return Error::Invalid("\"{}\" is no address", address);
  auto opened = std::make_unique<Socket>(
      socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (opened->number() < 0) return Error::Io("{}", std::strerror(errno));
  if (connect(opened->number(), to->ai_addr, to->ai_addrlen) == 0) return opened;
  if (errno != EINPROGRESS) return Error::Unavailable("{}", ReasonOf(errno));
  if (!Wait(opened->number(), POLLOUT, deadline))
    return Error::Unavailable("no answer within {}", HumanDuration(limit));
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(opened->number(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Error::Unavailable("{}", ReasonOf(error));
  return opened;
}

}  // namespace

Result<std::vector<std::string>> ResolveHost(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  int failed = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  Addresses list(found);
  if (failed == EAI_NONAME || failed == EAI_NODATA)
    return Error::NotFound("nobody knows the name \"{}\"", host);
  if (failed != 0)
    return Error::Unavailable("the name \"{}\" could not be looked up: {}", host,
                              gai_strerror(failed));
  std::vector<std::string> addresses;
  for (addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    char text[INET6_ADDRSTRLEN] = "";
    const void* raw =
        one->ai_family == AF_INET
            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(one->ai_addr)->sin_addr)
            : static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(one->ai_addr)->sin6_addr);
    if (inet_ntop(one->ai_family, raw, text, sizeof text) != nullptr) addresses.emplace_back(text);
  }
  return addresses;
}

Result<void> ProbePort(const std::string& address, int port, Duration limit) {
  auto opened = TRY(Connect(address, port, steady_clock::now() + limit, limit));
  return {};
}

// The SSLRequest of PostgreSQL's protocol (its documentation, "Message Formats"): length 8 and the
// code 80877103; the answer is one byte.
Result<bool> ProbePostgresTls(const std::string& address, int port, Duration limit) {
  const auto deadline = steady_clock::now() + limit;
  auto opened = TRY(Connect(address, port, deadline, limit));
  constexpr unsigned char kRequest[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
  if (send(opened->number(), kRequest, sizeof kRequest, MSG_NOSIGNAL) != sizeof kRequest)
    return Error::Unavailable("it hung up");
  if (!Wait(opened->number(), POLLIN, deadline))
    return Error::Unavailable("no answer within {}", HumanDuration(limit));
  char answer = 0;
  if (recv(opened->number(), &answer, 1, 0) != 1) return Error::Unavailable("it hung up");
  if (answer == 'S') return true;
  if (answer == 'N') return false;
  return Error::Invalid("what answers there is no PostgreSQL");
}

}  // namespace andon::io
