// Which backend a folder has, and its arguments, as plain data: from its backend block, from
// -backend-config, from what init remembered, or from a data source's object.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/json.h"
#include "base/result.h"
#include "config/terraform/configuration.h"
#include "hcl/function_table.h"
#include "io/file_system.h"

namespace andon::backend {

struct Settings {
  std::string type = "local";
  // What is set: texts, booleans, whole numbers, lists and maps of texts.
  std::map<std::string, Json> values;

  // Empty, false where it is not set.
  std::string Text(std::string_view name) const;
  bool Bool(std::string_view name) const;
  std::vector<std::string> Texts(std::string_view name) const;
  std::map<std::string, std::string> Map(std::string_view name) const;

  bool operator==(const Settings&) const = default;
};

using Evaluate = std::function<hcl::Evaluated(hcl::Expression, std::string_view subject)>;

// The arguments of the block. Kinds and arguments that do not exist, or that this version does
// not know, are reported. What is required may still come from -backend-config: see Complete.
Settings ReadBlock(const config::Backend& block, const Evaluate& evaluate,
                   Diagnostics* diagnostics);

// Puts "NAME=VALUE" or the arguments of a file over the settings.
Result<void> AddOverride(const io::FileSystem& files, const std::string& text, Settings* settings);

// Of a terraform_remote_state: an object's members.
Result<Settings> FromObject(const std::string& type, const value::Value& object);

// kInvalid where an argument that the kind needs is missing.
Result<void> Complete(const Settings& settings);

// The number by which a record knows the block that it was made of.
uint64_t HashOf(const Settings& settings);

}  // namespace andon::backend
