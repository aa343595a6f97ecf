// A connection to a plugin: a socket, in the clear or under TLS.
//
// Each side proves itself to the other and to nobody else: we make a certificate for
// one start of one plugin and hand it over in the plugin's environment; the plugin
// makes one and names it in its handshake, and exactly that is trusted.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "plugin/handshake.h"

namespace andon::plugin {

// Our side's certificate, signed by itself, with its key (P-521, as plugins expect).
class Identity {
 public:
  // kIo where the library for it fails.
  static Result<std::unique_ptr<Identity>> Make();
  ~Identity();
  const std::string& certificate_pem() const;

 private:
  friend class Stream;
  struct State;

 public:
  // By the function above only: nobody else has a State.
  explicit Identity(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

// Thread: one, with SIGPIPE blocked (plugin/signals.h).
class Stream {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Connects. `identity` may be null where `server_certificate` (DER) is empty:
  // in the clear. kUnavailable where nobody answers, or a stranger; kInterrupted
  // after the deadline.
  static Result<std::unique_ptr<Stream>> Open(const Endpoint& endpoint, const Identity* identity,
                                              const std::string& server_certificate,
                                              Deadline deadline);
  ~Stream();

  // To be polled for reading always, for writing where wants_write().
  int descriptor() const;
  bool wants_write() const;
  bool is_encrypted() const;

  // How many bytes; 0 where there are none yet. kUnavailable at the end.
  Result<size_t> Read(char* to, size_t size);
  // How many were taken; 0 where there is no room yet. kUnavailable at the end.
  Result<size_t> Write(std::string_view bytes);

 private:
  struct State;

 public:
  // By the function above only: nobody else has a State.
  explicit Stream(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace andon::plugin
