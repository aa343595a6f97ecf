// Where AWS's programs find keys and region: arguments, the environment, and the shared files
// ~/.aws/credentials and ~/.aws/config.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/signature.h"
#include "io/file_system.h"

namespace andon::aws {

struct Configuration {
  Credentials credentials;
  std::string region;
};

// What somebody chose instead of the usual; what is empty is looked for.
struct Choice {
  Credentials credentials;
  std::string profile;
  std::string region;
  std::vector<std::string> credentials_files;
  std::vector<std::string> config_files;
};

// Keys: those chosen; the profile, where one was chosen; AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY; the profile of AWS_PROFILE, or "default". kNotFound, naming these, where
// none of them has keys, or nothing names the region.
Result<Configuration> ReadConfiguration(const Choice& choice, const io::FileSystem& files);

// The value of `key` in [section] of a file of this form.
std::optional<std::string> FindInProfile(std::string_view text, std::string_view section,
                                         std::string_view key);

}  // namespace andon::aws
