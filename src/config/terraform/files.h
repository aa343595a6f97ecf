// Which files of a folder are Terraform's, told by their names.
//
//   main.tf, main.tofu, main.tf.json, main.tofu.json     configuration
//   override.tf, main_override.tf, …                     merged over the others, last
//   main.tofu                                            is read instead of main.tf
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace andon::config {

// Hidden, or what an editor left behind.
bool IsIgnoredFile(std::string_view name);
bool IsTerraformFile(std::string_view name);
// Requires: IsTerraformFile(name).
bool IsOverrideFile(std::string_view name);
// True where `others` has the same file with OpenTofu's suffix.
bool IsReplacedByTofu(std::string_view name, const std::set<std::string, std::less<>>& others);

}  // namespace andon::config
