// The functions of the built-in provider, provider::terraform::…: texts of Terraform's language
// made of values, and read back.
#pragma once

#include <map>
#include <string>

#include "provider/provider.h"

namespace andon::provider {

std::map<std::string, FunctionSchema, std::less<>> TerraformFunctions();
CallFunctionResponse CallTerraformFunction(const CallFunctionRequest& request);

}  // namespace andon::provider
