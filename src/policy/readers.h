// Which data blocks read which resources: the bridge from a change of infrastructure to the data.
#pragma once

#include <map>
#include <set>
#include <string>

#include "config/module.h"

namespace andon::policy {

// By the address of what is read ("aws_db_instance.shop", "data.x.y", "module.network"), the
// addresses of the data blocks whose expressions read it, also by way of locals.
using Readers = std::map<std::string, std::set<std::string>>;
Readers FindReaders(const config::Module& module);

// "aws_db_instance.shop" of "aws_db_instance.shop[0]"; "module.network" of what is in it.
std::string ReadAs(const std::string& address);

}  // namespace andon::policy
