// The tree of modules: the root folder's, and below each the modules that it calls.
//
//   ModuleTree tree = LoadModuleTree(files, std::make_unique<Module>(Load(files, ".", language)));
//   tree.root->module->terraform.resources …
//   for (const auto& [name, child] : tree.root->children) …   // By the name of the call.
//
// A local source ("./x") is read from its folder; any other is looked up in the manifest
// .terraform/modules/modules.json, where installation wrote its folder down. A call whose
// module is not there is reported and has no child.
//
// Lifetime: nodes own their modules and children; parents are never null but at the root.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "config/module.h"
#include "config/variables.h"
#include "io/file_system.h"

namespace andon::config {

// One module in the tree, before count and for_each: module.a.module.b.
struct ModuleNode {
  std::vector<std::string> path;  // Names of the calls from the root; empty: the root.
  const ModuleNode* parent = nullptr;
  const ModuleCall* call = nullptr;  // In the parent's module; null: the root.
  std::unique_ptr<Module> module;    // Never null.
  std::map<std::string, std::unique_ptr<ModuleNode>, std::less<>> children;

  // "module.a.module.b"; empty for the root.
  std::string address() const;
};

struct ModuleTree {
  std::unique_ptr<ModuleNode> root;  // Never null.
  // Of all modules, file names relative to the root folder.
  Diagnostics diagnostics;
};

struct TreeOptions {
  // Values of root variables, which sources and versions may refer to.
  std::map<std::string, value::Value> variables;
  std::string workspace = "default";
  // Where .terraform/modules is, and as what the root was installed there, for the module of a
  // test's run ("test.main.setup"). Empty: the root is that of the project.
  std::string project_dir;
  std::string installed_as;
};

// `root` is what Load gave; its children are loaded below it.
ModuleTree LoadModuleTree(const io::FileSystem& files, std::unique_ptr<Module> root,
                          const TreeOptions& options = {});

// The folder that installation gave the module of a call; kNotFound where it was not installed.
Result<std::string> InstalledModule(const io::FileSystem& files, const std::string& project_dir,
                                    const std::string& key);

}  // namespace andon::config
