// State files of format version 4, read and written byte for byte as Terraform and
// OpenTofu write them: a file that they wrote, read and written again, is the same file.
//
// What is kept: every field that the format has. What the format does not name is left
// out when the state is written again, as there. Files of versions 1 to 3 (Terraform 0.11
// and before) and of versions to come are refused with what to do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "state/state.h"

namespace andon::state {

struct ReadResult {
  std::optional<State> state;  // Empty where there are errors, and for an empty text.
  Diagnostics diagnostics;     // With line and column in `filename`.
};

// An empty text is no state, and no mistake: a lock makes the file before it is written.
ReadResult ReadState(std::string_view text, const std::string& filename);

// Receives the file from front to back, in pieces of about 64 KiB.
using Sink = std::function<Result<void>(std::string_view)>;

// Indented by two spaces, resources and instances in order, a newline at the end. The
// first failure of the sink ends it. kInvalid where an output has no place in JSON.
Result<void> WriteState(const State& state, const Sink& sink);
Result<std::string> WriteState(const State& state);

// One object with its address, as a line of JSON without the newline; for the journal.
// The provider is that of the resource, without an instance's key.
std::string ObjectText(const Object& object);
// kCorrupt where it is none.
Result<ObjectPtr> ObjectFromText(std::string_view text);

}  // namespace andon::state
