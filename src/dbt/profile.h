// Where the tables of a dbt project lie: dbt_project.yml and profiles.yml.
//
// Only env_var() of their templates is understood, as `{{ env_var('NAME', 'default') }}`, also with
// a filter behind it. A password is never taken out of a file: it is the name of its variable, or
// nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace andon::dbt {

struct ProjectFile {
  std::string name;
  std::string profile;
  std::string target_path = "target";
};
// kInvalid for a text that is no dbt_project.yml.
Result<ProjectFile> ReadProjectFile(std::string_view text);

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct Connection {
  std::string type;  // "duckdb", "postgres", …
  std::string path;  // duckdb: the file, as written.
  std::string host;  // postgres, as are those below.
  int port = 5432;
  std::string user;
  std::string database;
  std::string ssl_mode;
  std::string schema;             // Where models are built.
  std::string password_variable;  // The variable that holds it; empty: none, or in the file.
  bool has_password_in_file = false;
};

// The output of a profile; `target` empty: the profile's own. kNotFound, with did-you-mean, for an
// unknown profile or target; kInvalid for what cannot be read, or a variable that is not set and
// has no default.
Result<Connection> ReadProfile(std::string_view text, const std::string& profile,
                               const std::string& target, const Environment& environment);

// The password of the same output, where it stands in the file or in a variable. Never to be
// printed or kept. Empty where there is none.
Result<std::string> ReadPassword(std::string_view text, const std::string& profile,
                                 const std::string& target, const Environment& environment);

// postgres://user@host:port/database?sslmode=…, without the password; duckdb:PATH with `dir` before
// a relative one. kInvalid for a type that Andon cannot open, naming it.
Result<std::string> UrlOf(const Connection& connection, const std::string& dir);

}  // namespace andon::dbt
