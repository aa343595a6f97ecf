#include "dbt/profile.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "base/text.h"
#include "yaml/tree.h"

namespace andon::dbt {
namespace {

using yaml::Node;

std::string TextOf(const Node& mapping, std::string_view key) {
  const Node* node = mapping.Find(key);
  return node != nullptr && node->is_scalar() && !node->is_null() ? node->text : std::string();
}

// The words in quotes of env_var('NAME', 'default'); empty where the text is no such template.
std::vector<std::string> EnvironmentCall(std::string_view text) {
  std::vector<std::string> words;
  std::string_view inside = Trim(text);
  if (!inside.starts_with("{{") || !inside.ends_with("}}")) return words;
  inside = Trim(inside.substr(2, inside.size() - 4));
  if (!inside.starts_with("env_var")) return words;
  size_t close = inside.find(')');
  if (close == std::string_view::npos) return words;
  inside = inside.substr(0, close);
  for (size_t at = inside.find_first_of("'\""); at != std::string_view::npos;
       at = inside.find_first_of("'\"", at)) {
    size_t end = inside.find(inside[at], at + 1);
    if (end == std::string_view::npos) return {};
    words.emplace_back(inside.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

Result<std::string> Filled(const std::string& key, const std::string& text,
                           const Environment& environment) {
  if (text.find("{{") == std::string::npos && text.find("{%") == std::string::npos) return text;
  std::vector<std::string> call = EnvironmentCall(text);
  if (call.empty()) {
    return Error::Invalid(
        "profiles.yml: {} is a template, of which only env_var('NAME') is understood.", key);
  }
  if (auto value = environment(call[0])) return *value;
  if (call.size() > 1) return call[1];
  return Error::Invalid("profiles.yml: {} needs the variable {}, which is not set.", key, call[0]);
}

std::vector<std::string> KeysOf(const Node& mapping) {
  std::vector<std::string> keys;
  for (const yaml::Entry& entry : mapping.entries()) keys.push_back(entry.key.text);
  return keys;
}

Error Unknown(std::string_view what, const std::string& name,
              const std::vector<std::string>& known) {
  std::string meant = DidYouMean(name, known);
  return Error::NotFound("profiles.yml has no {} \"{}\"{}", what, name,
                         !meant.empty()  ? ": did you mean \"" + meant + "\"?"
                         : known.empty() ? "."
                                         : "; it has " + Join(known, ", ") + ".");
}

Result<Node> OutputOf(std::string_view text, const std::string& profile, const std::string& target,
                      const Environment& environment) {
  auto parsed = yaml::Parse(text);
  if (!parsed.ok()) return std::move(parsed).error().In("profiles.yml");
  Node root = std::move(*parsed);
  const Node* found = root.Find(profile);
  if (found == nullptr || !found->is_mapping()) {
    std::vector<std::string> known = KeysOf(root);
    std::erase(known, "config");
    return Unknown("profile", profile, known);
  }
  std::string wanted = target;
  if (wanted.empty()) wanted = TRY(Filled("target", TextOf(*found, "target"), environment));
  if (wanted.empty()) wanted = "default";
  const Node* outputs = found->Find("outputs");
  const Node* output = outputs != nullptr ? outputs->Find(wanted) : nullptr;
  if (output == nullptr || !output->is_mapping()) {
    return Unknown("target", wanted,
                   outputs != nullptr ? KeysOf(*outputs) : std::vector<std::string>());
  }
  return *output;
}

// "pass" is an older word for it.
std::string PasswordText(const Node& output) {
  std::string text = TextOf(output, "password");
  return text.empty() ? TextOf(output, "pass") : text;
}

// Characters that mean something in a URL, as %XX.
std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.' || c == '~';
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

Result<ProjectFile> ReadProjectFile(std::string_view text) {
  auto parsed = yaml::Parse(text);
  if (!parsed.ok()) return std::move(parsed).error().In("dbt_project.yml");
  ProjectFile file{.name = TextOf(*parsed, "name"), .profile = TextOf(*parsed, "profile")};
  if (file.name.empty()) return Error::Invalid("dbt_project.yml has no name.");
  std::string path = TextOf(*parsed, "target-path");
  if (!path.empty() && path.find("{{") == std::string::npos) file.target_path = path;
  return file;
}

Result<Connection> ReadProfile(std::string_view text, const std::string& profile,
                               const std::string& target, const Environment& environment) {
  Node output = TRY(OutputOf(text, profile, target, environment));
  auto read = [&](std::string_view key) -> Result<std::string> {
    return Filled(std::string(key), TextOf(output, key), environment);
  };
  Connection out;
  out.type = TRY(read("type"));
  if (out.type.empty()) return Error::Invalid("profiles.yml: the target says no type.");
  out.path = TRY(read("path"));
  out.host = TRY(read("host"));
  out.user = TRY(read("user"));
  out.schema = TRY(read("schema"));
  out.ssl_mode = TRY(read("sslmode"));
  out.database = TRY(read("dbname"));
  if (out.database.empty()) out.database = TRY(read("database"));
  auto port = TRY(read("port"));
  if (!port.empty()) {
    auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (failed != std::errc() || *end != '\0' || out.port < 1 || out.port > 65535)
      return Error::Invalid("profiles.yml: the port \"{}\" is none.", port);
  }
  std::string password = PasswordText(output);
  std::vector<std::string> call = EnvironmentCall(password);
  if (!call.empty()) {
    out.password_variable = call[0];
  } else {
    out.has_password_in_file = !password.empty();
  }
  return out;
}

Result<std::string> ReadPassword(std::string_view text, const std::string& profile,
                                 const std::string& target, const Environment& environment) {
  Node output = TRY(OutputOf(text, profile, target, environment));
  return Filled("password", PasswordText(output), environment);
}

Result<std::string> UrlOf(const Connection& connection, const std::string& dir) {
  if (connection.type == "duckdb") {
    if (connection.path.empty() || connection.path == ":memory:")
      return Error::Invalid("The dbt target is a DuckDB in memory, of which nothing stays.");
    if (connection.path.starts_with("md:") || connection.path.starts_with("motherduck:"))
      return Error::Invalid("The dbt target is at MotherDuck, which Andon cannot open.");
    bool is_absolute = connection.path.starts_with('/');
    return "duckdb:" + (is_absolute ? connection.path : dir + "/" + connection.path);
  }
  if (connection.type != "postgres" && connection.type != "redshift") {
    return Error::Invalid(
        "The dbt target is of the type \"{}\", which Andon cannot open in this version: duckdb and "
        "postgres it can.",
        connection.type);
  }
  if (connection.host.empty()) return Error::Invalid("profiles.yml: the target says no host.");
  std::string url = "postgres://";
  if (!connection.user.empty()) url += Escaped(connection.user) + "@";
  url += fmt::format("{}:{}/{}", connection.host, connection.port, Escaped(connection.database));
  if (!connection.ssl_mode.empty()) url += "?sslmode=" + Escaped(connection.ssl_mode);
  return url;
}

}  // namespace andon::dbt
