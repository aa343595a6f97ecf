// The names of providers: globally, as state files and lock files spell them, and
// within one module.
//
//   provider["registry.opentofu.org/hashicorp/aws"].west
//            \______________ ProviderAddress ____/  \_ alias
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace andon::config {

// The host of a source that names none, the namespace of one that names none, and
// where the providers live that are part of the program.
inline constexpr std::string_view kDefaultProviderHost = "registry.opentofu.org";
inline constexpr std::string_view kDefaultProviderNamespace = "hashicorp";
inline constexpr std::string_view kBuiltinProviderHost = "terraform.io";

// A provider in the world. All parts are in lower case.
struct ProviderAddress {
  std::string host;
  std::string space;  // The namespace: "hashicorp", "builtin".
  std::string type;   // "aws".

  auto operator<=>(const ProviderAddress&) const = default;
  bool empty() const { return type.empty(); }
  // Part of the program: terraform.io/builtin/terraform, which has terraform_data.
  bool is_builtin() const { return host == kBuiltinProviderHost; }
};

// "registry.opentofu.org/hashicorp/aws".
std::string ToString(const ProviderAddress& address);

// The source of a required provider: "aws", "hashicorp/aws", "example.com/corp/aws".
// kInvalid, saying in a sentence what is wrong.
Result<ProviderAddress> ParseProviderSource(std::string_view source);

// What a local name stands for where required_providers does not say: "aws" is
// hashicorp/aws, "terraform" is the built-in one.
ProviderAddress ImpliedProvider(std::string_view local_name);

// Why the text is no local name of a provider; empty where it is one.
std::string CheckLocalProviderName(std::string_view name);

// The local name that a resource type implies: what stands before its first "_".
std::string_view ImpliedLocalName(std::string_view resource_type);

// A configuration of a provider, as one module calls it: "aws" or "aws.west".
struct LocalProvider {
  std::string name;
  std::string alias;  // Empty: the default configuration.

  auto operator<=>(const LocalProvider&) const = default;
};

std::string ToString(const LocalProvider& provider);

}  // namespace andon::config
