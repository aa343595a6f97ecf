// Address: the name of one object of a project, as messages, plans and journals
// print it and as -target reads it.
//
//   dataset.payment                     a block of the data language
//   source.deliveries["eu"]             one instance of a block with for_each
//   aws_s3_bucket.lake, data.x.y        Terraform's
//   module.eu.module.b[0].dataset.x     inside modules
//
// Data blocks are named by kind and name alone: `source "files" "deliveries"` is
// source.deliveries, since names are unique over the types of a kind.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace andon::address {

// Which instance: none, a number (count), or a text (for_each). In that order.
using Key = std::variant<std::monostate, int64_t, std::string>;

// "", "[0]" or "[\"eu\"]".
std::string ToString(const Key& key);

struct ModuleStep {
  std::string name;
  Key key;
  auto operator<=>(const ModuleStep&) const = default;
};

struct Address {
  std::vector<ModuleStep> module;
  bool is_data = false;       // Terraform's `data.`
  bool is_ephemeral = false;  // Terraform's `ephemeral.`
  std::string kind;           // "dataset", "aws_s3_bucket"
  std::string name;
  Key key;

  // Ordered by module, then data sources and ephemeral resources last, kind, name, key.
  auto operator<=>(const Address&) const = default;

  // All instances of the block.
  Address WithoutKey() const;
  Address WithKey(Key key) const;
  // True where `this` is `other`, or the block or a module around it: what -target takes.
  bool Contains(const Address& other) const;
};

std::string ToString(const Address& address);

// kInvalid, saying what is expected. A module alone has an empty kind and name.
Result<Address> Parse(std::string_view text);

}  // namespace andon::address
