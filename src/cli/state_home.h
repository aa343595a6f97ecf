// Where the folder's state lives, and how it is encrypted: the backend block of the files, what
// init remembered of it, the encryption block, TF_ENCRYPTION.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backend/kinds.h"
#include "cli/command.h"
#include "config/module.h"
#include "encryption/codec.h"
#include "state/backend.h"

namespace andon::cli {

struct StateHome {
  std::optional<backend::Settings> block;  // As the files have it, without -backend-config.
  backend::Settings settings;              // Complete: the block's, or init's.
  std::string needs_init;                  // Why nothing may be read or written before init.
  encryption::Configuration encryption;
  encryption::Codec state_codec;
  encryption::Codec plan_codec;
  std::string workspace;
};

// The home of a module whose variables have these values. What is wrong with the blocks is
// reported; the home then is not to be used.
StateHome FindStateHome(const config::Module& module,
                        const std::map<std::string, value::Value>& variables,
                        const std::string& workspace, Diagnostics* diagnostics);
// Of the folder, for commands that need only its state. Mistakes are reported.
Result<StateHome> StateHomeOf(Context& context, const Arguments& arguments);

// What backends need of a command. Lifetime: the context outlives it.
backend::World WorldOf(const Context& context);

// kInvalid where init must come first.
Result<std::shared_ptr<state::Backend>> OpenBackend(const Context& context, const StateHome& home);

// Init's part: makes the backend of the block, with what -backend-config adds, that of the folder,
// and takes the states there on request. Asks, where somebody can be asked.
Result<void> InitBackend(Context& context, const Arguments& arguments, const StateHome& home);
std::vector<Flag> WithBackendFlags(std::vector<Flag> flags);

}  // namespace andon::cli
