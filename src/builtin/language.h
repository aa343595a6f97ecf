// The data language: the kinds of blocks that Andon has, each with its schema.
#pragma once

#include "config/schema.h"
#include "hcl/function_table.h"

namespace andon::builtin {

// Immutable, made once.
const config::Language& DataLanguage();

// Adds what only the data language has: one function for each expectation, and
// secret().
void AddFunctions(hcl::FunctionTable* functions);

}  // namespace andon::builtin
