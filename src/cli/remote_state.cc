#include "cli/remote_state.h"

#include "builtin/language.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "cli/state_home.h"
#include "io/local_file_system.h"
#include "state/session.h"

namespace andon::cli {
namespace {

// A provider is not told which data source asks: the methods of all of them are tried.
Result<encryption::Codec> RemoteCodec(const io::FileSystem& files) {
  config::Module module = config::Load(files, ".", builtin::DataLanguage());
  config::VariableValues variables = config::ReadVariables(files, module, VariablesOf({}));
  Diagnostics found;
  StateHome home = FindStateHome(module, variables.values, SelectedWorkspace(), &found);
  if (found.has_errors()) return Error::Invalid("{}", found.list()[0].detail);
  encryption::Methods methods = home.encryption.remote_default;
  for (const auto& [name, more] : home.encryption.remote)
    methods.insert(methods.end(), more.begin(), more.end());
  return encryption::Codec(home.encryption, std::move(methods), "state");
}

}  // namespace

provider::RemoteStateReader RemoteStates(const Context& context) {
  return [&context](const provider::RemoteStateRequest& request,
                    bool only_check) -> Result<std::optional<provider::RemoteOutputs>> {
    backend::Settings settings = TRY(backend::FromObject(request.backend, request.config));
    TRY(backend::Complete(settings));
    if (only_check) return std::optional<provider::RemoteOutputs>();
    io::LocalFileSystem files;
    auto backend = TRY(backend::Open(settings, WorldOf(context)));
    auto storage = TRY(backend->Open(request.workspace));
    auto stored = TRY(storage->Read());
    if (stored.text.empty()) return std::optional<provider::RemoteOutputs>();
    encryption::Codec codec = TRY(RemoteCodec(files));
    std::string text = TRY(codec.Open(stored.text));
    state::ReadResult read = state::ReadState(text, storage->names().location);
    if (!read.state) {
      return Error::Corrupt("{} cannot be read: {}", storage->names().location,
                            read.diagnostics.empty() ? "" : read.diagnostics.list()[0].detail);
    }
    provider::RemoteOutputs outputs;
    for (const auto& [name, output] : read.state->outputs)
      outputs[name] = {output.value, output.sensitive};
    return std::optional<provider::RemoteOutputs>(std::move(outputs));
  };
}

}  // namespace andon::cli
