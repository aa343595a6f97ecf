// The data source terraform_remote_state: the outputs of another folder's state. Where states are
// kept is not known here: whoever makes the provider gives the reader.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "provider/provider.h"

namespace andon::provider {

struct RemoteOutput {
  value::Value value;
  bool sensitive = false;
};
using RemoteOutputs = std::map<std::string, RemoteOutput>;

struct RemoteStateRequest {
  std::string backend;    // "s3"
  value::Value config;    // Its arguments, an object; null: none.
  std::string workspace;  // "default"
};

// Checks the arguments, and reads where `only_check` is not set. Empty outputs: there is no state.
using RemoteStateReader = std::function<Result<std::optional<RemoteOutputs>>(
    const RemoteStateRequest& request, bool only_check)>;

inline constexpr char kRemoteState[] = "terraform_remote_state";

Schema RemoteStateSchema();
AttributeDiagnostics ValidateRemoteState(const value::Value& config,
                                         const RemoteStateReader& reader);
// Sensitive outputs are marked.
ReadDataSourceResponse ReadRemoteState(const value::Value& config, const RemoteStateReader& reader);

}  // namespace andon::provider
