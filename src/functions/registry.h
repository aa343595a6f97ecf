// The function library: every function that expressions can call.
//
//   FilesRead read;
//   auto table = MakeTable({.base_dir = "/project", .clock = &clock, .files_read = &read});
//   hcl::EvalContext context{.functions = &table};
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "functions/environment.h"
#include "hcl/function_table.h"

namespace andon::functions {

// What a reference page needs of a function.
struct Documentation {
  std::string name;
  std::string group;      // "string", "collection" …
  std::string signature;  // "substr(string, offset, length)"
  std::string description;
};

// All functions, by name, also as "core::name". The environment is copied.
hcl::FunctionTable MakeTable(const Environment& environment);

// Ordered by name.
std::vector<Documentation> All();

// What a program needs of a function.
struct FunctionSignature {
  std::string name;
  std::string description;
  std::vector<hcl::Parameter> parameters;
  std::optional<hcl::Parameter> variadic;
  value::Type returns;  // Dynamic where the arguments decide.
};

// Ordered by name; also as "core::name".
std::vector<FunctionSignature> Signatures();

}  // namespace andon::functions
