// The other side of plugin/channel.h, for tests: a server of remote procedure calls
// on a unix socket, in the clear or under TLS, with one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace andon::standin {

struct Reply {
  int status = 0;       // Of gRPC.
  std::string message;  // Of an error.
  std::string body;     // Without its prefix, unless `is_raw`.
  bool is_raw = false;  // The bytes of the answer as they are.
  std::chrono::milliseconds delay{0};
  bool never = false;
  bool is_held = false;  // Until Release.
};

class Server {
 public:
  // Listens at a new path in `folder`. `client_certificate` (PEM) is the only one that
  // is let in; empty: in the clear.
  Server(const std::string& folder, const std::string& client_certificate);
  ~Server();

  const std::string& address() const;
  // Our certificate, DER in base64 without padding; empty in the clear.
  std::string certificate() const;

  using Handler = std::function<Reply(const std::string& path, const std::string& request)>;
  // Until End is called by the handler.
  void Run(const Handler& handler);
  // Sends the answers that are held.
  void Release();
  // After the answer that is being made is sent.
  void End();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace andon::standin
