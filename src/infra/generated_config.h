// The block of a resource written from an object that exists: what an import begins with where
// nobody has written it. Formatted as `fmt` does.
//
//   resource "aws_vpc" "main" {
//     cidr_block = "10.0.0.0/16"
//     secret     = null # sensitive
//   }
//
// What only the provider sets is left out, and what it calls deprecated.
#pragma once

#include <string>

#include "address/address.h"
#include "config/terraform/provider_address.h"
#include "provider/schema.h"
#include "value/value.h"

namespace andon::infra {

// `object` is of the schema's type, sensitive parts marked. The provider is written where the
// resource's type does not imply it. Ends with a newline.
std::string GenerateResource(const address::Address& address, const provider::BlockSchema& schema,
                             const config::LocalProvider& provider, const value::Value& object);

}  // namespace andon::infra
