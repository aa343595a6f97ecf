// What an expression refers to, found before it is evaluated: so a misspelled name
// is told once, with the name that was meant, and edges are known without values.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "config/module.h"
#include "hcl/ast.h"

namespace andon::plan {

enum class ReferenceKind {
  kVariable,
  kLocal,
  kBlock,
  kEach,
  kCount,
  kPath,
  kTerraform,
  kInfrastructure
};

struct Reference {
  ReferenceKind kind = ReferenceKind::kBlock;
  std::string name;          // Of a variable or local.
  size_t block = 0;          // Index into module.blocks.
  bool needs_value = false;  // An attribute of the block is read, not its address alone.
  // Columns or tables that are named behind `.column` or `.table`.
  std::optional<std::string> member;
  bool is_open = false;  // …`.column[x]`: which one only evaluation tells.
};

// Where an expression stands decides what it may say.
struct Place {
  bool has_each = false;
  bool has_count = false;
};

// Appends to `out`; false where a reference is wrong, and then `diagnostics` says so.
bool Resolve(const config::Module& module, hcl::Expression expression, const Place& place,
             std::vector<Reference>* out, Diagnostics* diagnostics);
bool Resolve(const config::Module& module, const hcl::Traversal& traversal, const Place& place,
             std::vector<Reference>* out, Diagnostics* diagnostics);

}  // namespace andon::plan
