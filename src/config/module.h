// A folder of *.tf and *.andon.hcl files as one module: its variables, locals,
// outputs, data blocks and Terraform's blocks, still unevaluated.
//
//   Module module = Load(files, ".", builtin::DataLanguage());
//   if (module.diagnostics.has_errors()) …
//
// Loading always gives a module, partial where files are wrong. File names in
// ranges are relative to the folder, behind ReadOptions::shown_as.
// Lifetime: blocks and expressions point into `files`, which the module keeps. It can be
// moved, not copied.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/source.h"
#include "config/schema.h"
#include "config/terraform/configuration.h"
#include "config/type_constraint.h"
#include "hcl/ast.h"
#include "io/file_system.h"

namespace andon::config {

using Validation = CheckRule;

struct Variable {
  std::string name;
  TypeConstraint type;
  std::optional<value::Value> fallback;  // Converted to the type.
  std::string description;
  bool sensitive = false;
  bool ephemeral = false;
  bool nullable = true;
  // const = …: true, its value must be known before planning; false, it may not be used there.
  bool is_const = false;
  bool has_const = false;  // Whether it is said.
  std::string deprecated;  // What to use instead; empty: it is not.
  std::vector<Validation> validations;
  SourceRange range;
};

struct Local {
  std::string name;
  hcl::Expression expression;
  SourceRange range;  // Of the name.
};

struct Output {
  std::string name;
  hcl::Expression expression;  // May be empty after an error.
  std::string description;
  bool sensitive = false;
  bool ephemeral = false;
  std::string deprecated;  // What to use instead; empty: it is not.
  std::vector<hcl::Traversal> depends_on;
  std::vector<CheckRule> preconditions;
  SourceRange range;
};

// One block of the data language.
struct DataBlock {
  std::string kind;
  std::string type;  // First of two labels; else empty.
  std::string name;  // Empty for single blocks.
  const BlockSchema* schema = nullptr;
  const hcl::Block* block = nullptr;
  hcl::Expression for_each;  // Empty where there is none.
  hcl::Expression count;
  std::vector<hcl::Traversal> depends_on;
  bool prevent_destroy = false;
  std::vector<std::string> ignore_changes;  // Names of attributes.
  // Its head is wrong and was reported. It stands for itself, so that references
  // to it are no further mistakes, but nobody looks inside.
  bool is_broken = false;
  SourceRange range;  // The header.
  std::any kept;      // Of BlockSchema::expand.

  // "dataset.payment"; "andon" for the single block.
  std::string address() const { return name.empty() ? kind : kind + "." + name; }
};

struct Module {
  std::string dir;
  std::vector<std::shared_ptr<const hcl::File>> files;
  std::map<std::string, Variable, std::less<>> variables;
  std::map<std::string, Local, std::less<>> locals;
  std::map<std::string, Output, std::less<>> outputs;
  std::vector<DataBlock> blocks;  // In order of file name and line.
  std::map<std::string, size_t, std::less<>> block_by_address;
  std::vector<DataBlock> rules;  // Those whose schema says is_rule; unevaluated.
  Terraform terraform;
  const Language* language = nullptr;
  Sources sources;
  // Where a file cannot be parsed: only that, since what it leaves out makes
  // mistakes of what is sound.
  bool has_syntax_errors = false;
  bool has_data_files = false;  // *.andon.hcl
  bool has_terraform_files = false;
  Diagnostics diagnostics;

  const DataBlock* FindBlock(std::string_view address) const;
  // Names of the blocks of a kind, for did-you-mean.
  std::vector<std::string> NamesOf(std::string_view kind) const;
};

// The folder of tests beside those that stand in the folder itself.
inline constexpr std::string_view kTestFolder = "tests";

struct ReadOptions {
  // Also reads *.andontest.hcl, of the folder and of its kTestFolder. They see the whole project;
  // they hold tests and locals only.
  bool with_tests = false;
  // How messages name the folder: put before the names of files.
  std::string shown_as;
  // A module that another calls: Terraform's files only; data blocks in it are refused.
  bool is_called = false;
};

// Reports every block of infrastructure (AN1106): for commands that would leave it out.
void RefuseInfrastructure(Module* module);

// Reads the folder. `language` must outlive the module.
Module Load(const io::FileSystem& files, const std::string& dir, const Language& language,
            const ReadOptions& options = {});

}  // namespace andon::config
