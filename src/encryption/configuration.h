// What an encryption block says, as plain data:
//
//   encryption {
//     key_provider "pbkdf2" "main" { passphrase = var.passphrase }
//     method "aes_gcm" "main"      { keys = key_provider.pbkdf2.main }
//     method "unencrypted" "none"  {}
//     state {
//       method = method.aes_gcm.main
//       fallback { method = method.unencrypted.none }
//     }
//   }
//
// Bodies of override files, and of the variable TF_ENCRYPTION, are put over those before them:
// arguments of a block of the same labels take the place of its arguments.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encryption/cryptography.h"
#include "hcl/ast.h"
#include "hcl/function_table.h"

namespace andon::encryption {

// key_provider "pbkdf2" "NAME"
struct KeyProvider {
  std::string address;       // key_provider.pbkdf2.NAME
  std::string metadata_key;  // Under which a sealed text keeps salt and iterations.
  std::string passphrase;
  std::string chain;  // Instead of a passphrase: the address of the provider whose key it is.
  int key_length = 32;
  int iterations = 600'000;
  HashFunction hash = HashFunction::kSha512;
  int salt_length = 32;
};

// method "aes_gcm" "NAME", method "unencrypted" "NAME"
struct Method {
  std::string address;
  bool is_unencrypted = false;
  std::string keys;             // Address of the key provider.
  std::string additional_data;  // Authenticated, not encrypted ("aad").
};

// The first method seals; a text may be of any of them. None: nothing is ever encrypted.
using Methods = std::vector<Method>;

struct Configuration {
  std::map<std::string, KeyProvider> key_providers;  // By address.
  Methods state;
  Methods plan;
  Methods remote_default;
  std::map<std::string, Methods> remote;  // By the name of the data source.

  bool empty() const {
    return state.empty() && plan.empty() && remote_default.empty() && remote.empty();
  }
};

// Evaluates what stands in the block: variables and locals. `subject` is for messages.
using Evaluate = std::function<hcl::Evaluated(hcl::Expression, std::string_view subject)>;

// What is wrong is reported, with its place; the configuration is then not to be used.
Configuration Decode(const std::vector<hcl::Body>& bodies, const Evaluate& evaluate,
                     Diagnostics* diagnostics);

}  // namespace andon::encryption
