// The order in which Terraform lists objects, which readers and programs know.
#pragma once

#include "address/address.h"

namespace andon::infratext {

// Modules that are nested less deeply first, and by name and key; in each, data sources first,
// then by type, name and key.
bool ComesBefore(const address::Address& a, const address::Address& b);
bool ComesBefore(const std::vector<address::ModuleStep>& a,
                 const std::vector<address::ModuleStep>& b);

}  // namespace andon::infratext
