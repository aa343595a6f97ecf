#include "definition/secret.h"

#include <cstdlib>

#include "io/local_file_system.h"
#include "io/path.h"

namespace andon::definition {
namespace {

// Settings nest a few levels; deeper is no setting.
constexpr int kDepthMax = 32;

Result<std::string> ReadSecret(std::string_view reference, const std::string& project_dir) {
  if (reference.starts_with("env://")) {
    std::string name(reference.substr(6));
    const char* value = std::getenv(name.c_str());
    if (!value) return Error::NotFound("The environment variable {} of a secret is not set", name);
    return std::string(value);
  }
  if (reference.starts_with("file://")) {
    std::string path = io::Join(project_dir, reference.substr(7));
    io::LocalFileSystem files;
    auto text = files.Read(path);
    if (!text.ok()) return std::move(text).error().In("A secret");
    if (text->ends_with('\n')) text->pop_back();
    return *text;
  }
  std::string scheme(reference.substr(0, reference.find("://")));
  return Error::Invalid("Secrets of the kind \"{}\" cannot be read: use env:// or file://", scheme);
}

Result<Json> Resolve(const Json& json, const std::string& project_dir, int depth) {
  if (depth > kDepthMax) return Error::Invalid("Settings are nested too deeply");
  if (json.is_array()) {
    Json out = Json::List();
    for (const Json& item : json.items()) {
      Json resolved = TRY(Resolve(item, project_dir, depth + 1));
      out.Push(std::move(resolved));
    }
    return out;
  }
  if (!json.is_object()) return json;
  if (json.size() == 1 && json["secret"].is_string()) {
    std::string secret = TRY(ReadSecret(json["secret"].AsString(), project_dir));
    return Json(std::move(secret));
  }
  Json out = Json::Object();
  for (const auto& [name, value] : json.members()) {
    Json resolved = TRY(Resolve(value, project_dir, depth + 1));
    out.Set(name, std::move(resolved));
  }
  return out;
}

}  // namespace

Result<std::string> SecretFile(const Json& json, const std::string& project_dir) {
  std::string reference = json["secret"].AsString(json.AsString());
  constexpr std::string_view kFile = "file://";
  if (reference.starts_with(kFile)) reference.erase(0, kFile.size());
  if (reference.empty() || reference.find("://") != std::string::npos)
    return Error::Invalid("It must be a file: a path, or secret(\"file://PATH\")");
  return io::Join(project_dir, reference);
}

Result<Json> ResolveSecrets(const Json& json, const std::string& project_dir) {
  return Resolve(json, project_dir, 0);
}

}  // namespace andon::definition
