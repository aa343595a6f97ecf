// Where AWS's programs find keys and region: arguments, the environment, and the shared files
// ~/.aws/credentials and ~/.aws/config.
#pragma once

#include <optional>
#include <string>

#include "backend/aws_signature.h"
#include "backend/settings.h"
#include "io/file_system.h"

namespace andon::backend {

struct AwsConfiguration {
  AwsCredentials credentials;
  std::string region;
};

// Keys: access_key and secret_key; the profile, where one is named by an argument;
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; the profile of AWS_PROFILE, or "default". kNotFound,
// naming these, where none of them has keys, or nothing names the region.
Result<AwsConfiguration> ReadAwsConfiguration(const Settings& settings,
                                              const io::FileSystem& files);

// The value of `key` in [section] of a file of this form.
std::optional<std::string> FindInProfile(std::string_view text, std::string_view section,
                                         std::string_view key);

}  // namespace andon::backend
