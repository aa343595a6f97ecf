// A tunnel through a bastion host: a port of this machine that leads to a server which only the
// bastion can reach. The program `ssh` makes it, with the user's own configuration.
//
//   auto tunnel = TRY(OpenSshTunnel({.host = "bastion.shop", .user = "ada", .key_file = "id",
//                                    .target_host = "db.internal", .target_port = 5432}));
//   Connect("127.0.0.1", tunnel->local_port());
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace andon::io {

struct SshTunnelOptions {
  std::string host;
  int port = 0;          // 0: ssh's own default.
  std::string user;      // Empty: likewise.
  std::string key_file;  // Empty: ssh's own keys and agent. No passphrase is ever asked for.
  // Where host keys are remembered. A host that is not in it is added at the first connection; a
  // key that changed is refused. Empty: ssh's own file, with its own rules.
  std::string known_hosts_file;
  bool adds_unknown_host = true;  // False: the file names every host that is allowed.
  std::string config_file;        // Instead of ~/.ssh/config; "none" for no file at all.
  Duration connect_timeout = std::chrono::seconds(15);

  std::string target_host;  // As the bastion sees it.
  int target_port = 0;
};

// Thread: any. The destructor ends ssh, and waits for it; so does the end of this process.
class SshTunnel {
  struct Key {
    explicit Key() = default;
  };
  struct State;

 public:
  SshTunnel(Key, std::unique_ptr<State> state);  // By OpenSshTunnel alone.
  ~SshTunnel();

  int local_port() const;
  bool is_open() const;
  // What ssh said last: why the tunnel ended, or why nothing answers behind it. Waits a moment for
  // it where there is nothing yet.
  std::string LastWords() const;

 private:
  friend Result<std::unique_ptr<SshTunnel>> OpenSshTunnel(const SshTunnelOptions&, std::stop_token);
  std::unique_ptr<State> state_;
};

// Returns when the port leads to the bastion. Errors name the cause: no ssh program (kNotFound);
// the bastion is not known, refuses or does not answer (kUnavailable); the key is refused, the
// host's key changed or is not known (kInvalid).
Result<std::unique_ptr<SshTunnel>> OpenSshTunnel(const SshTunnelOptions& options,
                                                 std::stop_token stop = {});

}  // namespace andon::io
