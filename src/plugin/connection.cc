#include "plugin/connection.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "plugin/wire.h"

namespace andon::plugin {
namespace {

// What tells a plugin that it was started by the right kind of program, and not by hand.
constexpr const char* kCookieName = "TF_PLUGIN_MAGIC_COOKIE";
constexpr const char* kCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

constexpr const char* kLogLevel = "TF_LOG_SDK";

// How long a plugin whose connection broke may take to be seen to have ended.
constexpr Duration kEndingLimit = std::chrono::seconds(1);

std::map<std::string, std::string> Environment(const Options& options, const Identity* identity) {
  std::map<std::string, std::string> env = options.env;
  env[kCookieName] = kCookie;
  env["PLUGIN_PROTOCOL_VERSIONS"] = "5,6";
  env["PLUGIN_MIN_PORT"] = "10000";
  env["PLUGIN_MAX_PORT"] = "25000";
  // Left to themselves plugins report each step of theirs, a good part of what a call
  // costs. Where nobody reads it, they are asked for errors only.
  bool is_asked_for = options.on_line || std::getenv(kLogLevel) != nullptr;
  if (!is_asked_for && !env.contains(kLogLevel)) env[kLogLevel] = "ERROR";
  env["PLUGIN_CLIENT_CERT"] = identity != nullptr ? identity->certificate_pem() : "";
  return env;
}

// What the plugin's code prints goes through the connection, not to its own output;
// unread, it would stand still.
void ListenToOutput(Connection* connection) {
  PluginProcess* process = connection->process.get();
  connection->channel->Listen("/plugin.GRPCStdio/StreamStdio", "",
                              [process](std::string_view message) {
                                Reader reader(message);
                                while (reader.Next()) {
                                  if (reader.number() == 2) process->Hear(reader.text());
                                }
                              });
}

Result<Handshake> Introduce(Connection* connection, const Options& options) {
  ProcessOptions process{.command = options.command,
                         .env = Environment(options, connection->identity.get()),
                         .on_line = options.on_line};
  connection->process = TRY(PluginProcess::Start(std::move(process)));
  std::string line = TRY(connection->process->FirstLine(options.start_limit));
  return ParseHandshake(line);
}

Result<void> Establish(Connection* connection, const Options& options) {
  auto deadline = std::chrono::steady_clock::now() + options.start_limit;
  std::string certificate;
  if (options.reattach) {
    connection->protocol = options.reattach->protocol;
    connection->endpoint = options.reattach->endpoint;
  } else {
    if (options.encrypted) connection->identity = TRY(Identity::Make());
    Handshake handshake = TRY(Introduce(connection, options));
    connection->protocol = handshake.protocol;
    connection->endpoint = handshake.endpoint;
    certificate = handshake.certificate;
  }
  auto stream =
      TRY(Stream::Open(connection->endpoint, connection->identity.get(), certificate, deadline));
  connection->channel = std::make_unique<Channel>(std::move(stream));
  if (connection->process) ListenToOutput(connection);
  return connection->channel->WaitUntilReady(deadline);
}

// One that was killed leaves its socket behind. Only a socket is taken away: the path
// is what the plugin said.
void RemoveSocket(const Endpoint& endpoint) {
  struct stat found;
  bool is_socket =
      endpoint.is_unix && ::lstat(endpoint.address.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
  if (is_socket) ::unlink(endpoint.address.c_str());
}

// At once, and nothing is left of it.
void Drop(Connection* connection) {
  if (connection->channel) connection->channel->Close();
  if (!connection->process) return;
  connection->process->End();
  RemoveSocket(connection->endpoint);
}

std::string_view Advice(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return "Run \"andon init\" to install it again.";
    case ErrorKind::kInterrupted:
      return "Run the command again; where it happens each time, the provider's log (TF_LOG=trace) "
             "says what it waits for.";
    default:
      return "Run \"andon init -upgrade\" for another version, and report it to who makes the "
             "provider where that does not help.";
  }
}

}  // namespace

std::string LastWords(const Connection& connection) {
  if (!connection.process) return "";
  std::vector<std::string> lines = connection.process->LastLines();
  if (lines.empty()) return "";
  return "\nIt printed last:\n  " + Join(lines, "\n  ");
}

Result<Connection> Connect(const Options& options) {
  Connection connection;
  Result<void> established = Establish(&connection, options);
  if (established.ok()) return connection;
  const Error& error = established.error();
  // Why a connection fails is mostly that the plugin has ended, and it said why.
  if (connection.process && error.kind == ErrorKind::kUnavailable)
    connection.process->WaitForExit(kEndingLimit);
  Drop(&connection);
  bool is_ended = error.message.ends_with('?') || error.message.ends_with('.');
  return Error{error.kind, fmt::format("The provider {} cannot be started: {}{} {}{}", options.name,
                                       error.message, is_ended ? "" : ".", Advice(error.kind),
                                       LastWords(connection))};
}

void Disconnect(Connection* connection, Duration limit) {
  if (connection->process && connection->channel && connection->channel->is_open()) {
    // The answer may not come: the plugin ends before it has sent it.
    (void)connection->channel->Call("/plugin.GRPCController/Shutdown", "", limit);
    connection->process->WaitForExit(limit);
  }
  Drop(connection);
}

}  // namespace andon::plugin
