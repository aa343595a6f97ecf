// For tests: a plugin that does what a script says (tests/standin).
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include "base/json.h"
#include "plugin/plugin.h"

namespace andon::plugin {

// One resource of most kinds of attributes, a data source, a function, an ephemeral
// resource; `more` is put over it, member by member.
inline Json StandinScript(int protocol, const std::string& more = "{}") {
  Json script = *Json::Parse(R"({
    "schema": {
      "provider": {"version": 0, "block": {"attributes": {
        "region": {"type": "string", "required": true, "description": "Where.", "description_kind": "markdown"}}}},
      "resource_schemas": {
        "thing": {"version": 2, "block": {
          "attributes": {
            "id": {"type": "string", "computed": true},
            "name": {"type": "string", "required": true},
            "size": {"type": "number", "optional": true, "computed": true},
            "tags": {"type": ["map", "string"], "optional": true},
            "secret": {"type": "string", "optional": true, "sensitive": true},
            "password": {"type": "string", "optional": true, "write_only": true},
            "any": {"type": "dynamic", "optional": true}},
          "block_types": {
            "rule": {"nesting_mode": "set", "min_items": 0, "max_items": 3, "block": {"attributes": {
              "port": {"type": "number", "required": true}}}}}}}},
      "data_source_schemas": {
        "thing": {"version": 0, "block": {"attributes": {
          "name": {"type": "string", "required": true},
          "id": {"type": "string", "computed": true}}}}},
      "ephemeral_resource_schemas": {
        "token": {"version": 0, "block": {"attributes": {
          "value": {"type": "string", "computed": true}}}}},
      "functions": {
        "echo": {"return_type": "string", "summary": "Says it again.",
          "parameters": [{"name": "text", "type": "string", "is_nullable": true}],
          "variadic_parameter": {"name": "more", "type": "number"}}}},
    "capabilities": {"move_resource_state": true},
    "facts": {"thing": {"requires_replace": ["name"]}},
    "rules": []})");
  script.Set("protocol", protocol);
  Json over = *Json::Parse(more);
  for (const auto& [name, value] : over.members()) script.Set(name, value);
  return script;
}

// A folder of its own, which is gone afterwards.
class Folder {
 public:
  Folder() {
    std::string path = (std::filesystem::temp_directory_path() / "andon-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class StandinTest : public testing::Test {
 protected:
  // Options for the stand-in with this script.
  Options With(const Json& script) {
    std::string path = folder_.path() + "/script.json";
    std::ofstream(path) << script.Dump();
    Options options{.name = "example/standin",
                    .command = {ANDON_STANDIN, path},
                    .env = {{"TMPDIR", folder_.path()}}};
    options.start_limit = std::chrono::seconds(20);
    options.on_line = [this](const LogLine& line) {
      std::lock_guard lock(mutex_);
      lines_.push_back(line.message);
    };
    return options;
  }
  std::unique_ptr<Plugin> StartWith(const Json& script) {
    auto plugin = Start(With(script));
    if (!plugin.ok()) ADD_FAILURE() << plugin.error().message;
    return plugin.ok() ? std::move(*plugin) : nullptr;
  }
  std::vector<std::string> lines() {
    std::lock_guard lock(mutex_);
    return lines_;
  }

  Folder folder_;
  std::mutex mutex_;
  std::vector<std::string> lines_;  // Guarded by mutex_.
};

// An object of the stand-in's resource "thing".
inline value::Value Thing(const char* name, value::Value id, value::Value size) {
  using value::Type;
  using value::Value;
  return Value::Object({{"any", Value::True()},
                        {"id", std::move(id)},
                        {"name", Value::String(name)},
                        {"password", Value::Null(Type::String())},
                        {"rule", Value::Set(Type::Object({{"port", Type::Number()}}),
                                            {Value::Object({{"port", Value::Number(443)}})})},
                        {"secret", Value::Null(Type::String())},
                        {"size", std::move(size)},
                        {"tags", Value::Map({{"a", Value::String("b")}})}});
}
inline value::Value ConfiguredThing(const char* name) {
  using value::Type;
  return Thing(name, value::Value::Null(Type::String()), value::Value::Null(Type::Number()));
}

}  // namespace andon::plugin
