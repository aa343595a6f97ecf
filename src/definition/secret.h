// Secrets: definitions hold where a secret is, never the secret. It is read here, at the last
// moment, by whoever connects or sends, and goes nowhere else.
//
//   Json settings = TRY(ResolveSecrets(channel.settings, project_dir));
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace andon::definition {

// `json` with each {"secret": "env://NAME"} or {"secret": "file://path"} replaced by its text.
// A file's path is relative to the project; one newline at its end is dropped. kNotFound for what
// is not there; kInvalid for another scheme. No message holds a secret.
Result<Json> ResolveSecrets(const Json& json, const std::string& project_dir);

// The path of a "file://" secret, absolute; for programs that read the file themselves (ssh), and
// of a plain text as well. kInvalid for a secret that is no file.
Result<std::string> SecretFile(const Json& json, const std::string& project_dir);

}  // namespace andon::definition
