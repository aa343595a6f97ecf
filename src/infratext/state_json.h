// A state as `show -json` gives it: format 1.0, for programs.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "infratext/json_writer.h"
#include "infratext/render_options.h"
#include "state/state.h"

namespace andon::infratext {

inline constexpr std::string_view kStateFormatVersion = "1.0";

// The whole document on one line, without a newline at its end. Sensitive values stand in
// it, as in the state itself, and `sensitive_values` says which they are.
// With `outputs`, the state that a plan is made against: with these instead of its own, and
// without what its checks said.
void WriteStateJson(const state::State& state, const SchemaOf& schemas, JsonWriter& out,
                    const std::map<std::string, state::Output>* outputs = nullptr);
std::string StateJson(const state::State& state, const SchemaOf& schemas);

// `output -json`: {"name":{"sensitive":…,"type":…,"value":…}} with an indent of two.
std::string OutputsJson(const std::map<std::string, state::Output>& outputs);

}  // namespace andon::infratext
