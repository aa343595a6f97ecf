// A provider that is a program of its own: a plugin. It is started, asked over its
// connection, and ended; to the planner it is a provider like any other.
//
//   auto plugin = TRY(plugin::Start({.name = "hashicorp/random", .command = {path}}));
//   plugin->ReadResource({.type = "random_id", …});
//
// A plugin that ends, hangs or answers nonsense never takes us with it: each call
// then gives diagnostics that name the provider, say what it printed last, and what
// to do. After the end every further call says the same at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "plugin/handshake.h"
#include "plugin/log_line.h"
#include "provider/provider.h"

namespace andon::plugin {

// A plugin that somebody else started, mostly in a debugger.
struct Reattach {
  Protocol protocol = Protocol::kV6;
  Endpoint endpoint;
  int pid = 0;
};

// What TF_REATTACH_PROVIDERS says, by the address of the provider; kInvalid.
Result<std::map<std::string, Reattach>> ReadReattach(std::string_view json);

// The schema of a plugin, to be shared by all that run of the same file: several
// configurations of one provider need it once.
using SharedSchema = std::shared_ptr<const provider::GetSchemaResponse>;

struct Options {
  std::string name;                        // As messages shall call it: its address.
  std::vector<std::string> command;        // The program and its arguments.
  std::map<std::string, std::string> env;  // Over ours.
  std::optional<Reattach> reattach;        // Instead of a command.
  bool encrypted = true;                   // False for TF_DISABLE_PLUGIN_TLS.
  SharedSchema schema;                     // Known from another one; null: asked for.
  // Until it has introduced itself and is connected.
  Duration start_limit = std::chrono::seconds(60);
  // From the request to end until it is killed.
  Duration stop_limit = std::chrono::seconds(2);
  // What it prints, line by line, on a thread of the plugin's. Where it is empty, the
  // plugin is asked to report errors only (TF_LOG_SDK), which makes it faster.
  std::function<void(const LogLine&)> on_line;
};

class Plugin : public provider::Provider {
 public:
  virtual Protocol protocol() const = 0;
  // 0 where it is not ours, or has ended.
  virtual int pid() const = 0;
  // To be handed to the next one of the same file; null where it could not be had.
  virtual SharedSchema schema() = 0;
  // Ends it cleanly, and by force after the limit; one that is not ours is left
  // alone. The destructor does the same.
  virtual void Close() = 0;
  // Ends it at once; calls that run fail.
  virtual void Kill() = 0;
};

// Starts the program and connects to it. An error names the provider and says what to
// do: kNotFound where there is no such program, kInterrupted where it took too long,
// kInvalid where it is no plugin or speaks another version, kUnavailable where it ended.
// Thread: may be called at the same time for several.
Result<std::unique_ptr<Plugin>> Start(Options options);

}  // namespace andon::plugin
