#include "aws/configuration.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"
#include "io/path.h"

namespace andon::aws {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string FirstOf(std::initializer_list<std::string> candidates) {
  for (const std::string& one : candidates) {
    if (!one.empty()) return one;
  }
  return {};
}

std::string AtHome(const std::string& path) {
  return path.starts_with("~/") ? io::Join(Environment("HOME"), path.substr(2)) : path;
}

// The files that an argument, the environment or custom names, read one behind the other.
std::string TextOf(const io::FileSystem& files, std::vector<std::string> paths,
                   const char* variable, const char* usual) {
  if (paths.empty()) paths = {FirstOf({Environment(variable), usual})};
  std::string text;
  for (const std::string& path : paths) text += files.Read(AtHome(path)).value_or("") + "\n";
  return text;
}

}  // namespace

std::optional<std::string> FindInProfile(std::string_view text, std::string_view section,
                                         std::string_view key) {
  bool is_here = false;
  for (const std::string& full : Split(text, '\n')) {
    std::string_view line = Trim(full);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      is_here = Trim(line.substr(1, line.size() - 2)) == section;
      continue;
    }
    size_t equals = line.find('=');
    if (!is_here || equals == std::string_view::npos) continue;
    if (Trim(line.substr(0, equals)) == key) return std::string(Trim(line.substr(equals + 1)));
  }
  return std::nullopt;
}

Result<Configuration> ReadConfiguration(const Choice& choice, const io::FileSystem& files) {
  const std::string& named = choice.profile;
  std::string profile = FirstOf({named, Environment("AWS_PROFILE"), "default"});
  std::string keys =
      TextOf(files, choice.credentials_files, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
  std::string options = TextOf(files, choice.config_files, "AWS_CONFIG_FILE", "~/.aws/config");
  std::string section = profile == "default" ? profile : "profile " + profile;
  auto of_profile = [&](std::string_view key) {
    auto found = FindInProfile(keys, profile, key);
    return found ? *found : FindInProfile(options, section, key).value_or("");
  };

  Configuration out;
  out.region = FirstOf({choice.region, Environment("AWS_REGION"), Environment("AWS_DEFAULT_REGION"),
                        of_profile("region")});
  if (out.region.empty()) {
    return Error::NotFound(
        "No region: set \"region\", AWS_REGION, or the region of the profile "
        "\"{}\".",
        profile);
  }
  Credentials from_profile{of_profile("aws_access_key_id"), of_profile("aws_secret_access_key"),
                           of_profile("aws_session_token")};
  Credentials from_environment{Environment("AWS_ACCESS_KEY_ID"),
                               Environment("AWS_SECRET_ACCESS_KEY"),
                               Environment("AWS_SESSION_TOKEN")};
  auto is_whole = [](const Credentials& one) {
    return !one.access_key.empty() && !one.secret_key.empty();
  };
  if (is_whole(choice.credentials)) {
    out.credentials = choice.credentials;
  } else if (!named.empty() && is_whole(from_profile)) {
    out.credentials = from_profile;
  } else if (named.empty() && is_whole(from_environment)) {
    out.credentials = from_environment;
  } else if (is_whole(from_profile)) {
    out.credentials = from_profile;
  } else {
    return Error::NotFound(
        "No keys for AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put keys of the "
        "profile \"{}\" into ~/.aws/credentials. Roles, single sign-on and the metadata of "
        "machines "
        "are not asked yet.",
        profile);
  }
  return out;
}

}  // namespace andon::aws
