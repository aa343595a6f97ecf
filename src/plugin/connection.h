// A plugin that runs and is connected: its process, where it is ours, and its channel.
#pragma once

#include <memory>
#include <string>

#include "plugin/channel.h"
#include "plugin/plugin.h"
#include "plugin/plugin_process.h"

namespace andon::plugin {

struct Connection {
  Protocol protocol = Protocol::kV6;
  Endpoint endpoint;
  std::unique_ptr<Identity> identity;
  std::unique_ptr<PluginProcess> process;  // Null: not ours.
  std::unique_ptr<Channel> channel;        // Ends before the process: it tells it things.
};

// As Start in plugin.h, without the provider around it.
Result<Connection> Connect(const Options& options);

// Asks the plugin to end, and kills it after the limit. What is not ours is only
// let go. Thread: calls that run meanwhile fail; a second time nothing happens.
void Disconnect(Connection* connection, Duration limit);

// "\nIt printed last:\n  …", or empty where it printed nothing.
std::string LastWords(const Connection& connection);

}  // namespace andon::plugin
