#include "config/terraform/module_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "config/terraform/report.h"
#include "config/terraform/static_scope.h"
#include "functions/registry.h"
#include "io/path.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using value::Value;

// Calls in calls multiply: more is a mistake, and would not end.
constexpr int kModulesMax = 10'000;
constexpr size_t kDepthMax = 64;

constexpr std::string_view kManifest = ".terraform/modules/modules.json";

ModuleSourceKind KindOf(std::string_view source) {
  if (source.starts_with("./") || source.starts_with("../") || source.starts_with(".\\") ||
      source.starts_with("..\\"))
    return ModuleSourceKind::kLocal;
  // namespace/name/system, with a host before it or not, and a folder behind "//" or not.
  std::string_view package = source.substr(0, source.find("//"));
  std::string_view host = package.substr(0, package.find('/'));
  std::string_view port = host.substr(std::min(host.find(':'), host.size()));
  bool is_port = port.size() > 1 && port.find_first_not_of("0123456789", 1) == port.npos;
  int parts = 1;
  for (const char& c : package) {
    bool is_word = (is_port && &c == port.data()) || (c >= 'a' && c <= 'z') ||
                   (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                   c == '.';
    if (c == '/') ++parts;
    if (c != '/' && !is_word) return ModuleSourceKind::kRemote;
  }
  bool has_host = host.find('.') != host.npos;
  if (package.starts_with("github.com/") || package.starts_with("bitbucket.org/") ||
      package.starts_with("gitlab.com/"))
    return ModuleSourceKind::kRemote;
  return parts == (has_host ? 4 : 3) ? ModuleSourceKind::kRegistry : ModuleSourceKind::kRemote;
}

class TreeLoader {
 public:
  TreeLoader(const io::FileSystem& files, const TreeOptions& options, ModuleTree* tree)
      : files_(files),
        tree_(tree),
        functions_(
            functions::MakeTable({.base_dir = tree->root->module->dir, .only_repeatable = true})) {
    static_options_ = {.root_dir = tree->root->module->dir,
                       .workspace = options.workspace,
                       .functions = &functions_};
    project_dir_ = options.project_dir.empty() ? tree->root->module->dir : options.project_dir;
    if (!options.installed_as.empty()) prefix_ = options.installed_as + ".";
    ReadManifest();
  }

  void Run(const TreeOptions& options) {
    std::map<std::string, Value> known;
    for (const auto& [name, value] : options.variables) {
      if (value.is_wholly_known()) known.emplace(name, value);
    }
    StaticScope scope(*tree_->root->module, std::move(known), static_options_);
    LoadChildren(tree_->root.get(), scope);
  }

 private:
  Diagnostics& diagnostics() { return tree_->diagnostics; }

  void Error(const Code& code, std::string_view summary, std::string detail, SourceRange range) {
    diagnostics().Add(Mistake(code, summary, std::move(detail), std::move(range)));
  }

  // Where installation put the modules that are not local, by the path of their calls.
  void ReadManifest() {
    Result<std::string> text = files_.Read(io::Join(project_dir_, kManifest));
    if (!text.ok()) return;
    Result<Json> json = Json::Parse(*text);
    if (!json.ok()) {
      return Error(kTerraformModule, "Failed to read module manifest file",
                   fmt::format("{} says where installed modules are, and is no JSON: {}.",
                               kManifest, json.error().message),
                   {});
    }
    for (const Json& entry : (*json)["Modules"].items())
      manifest_[entry["Key"].AsString()] = entry["Dir"].AsString();
  }

  void LoadChildren(ModuleNode* node, StaticScope& scope) {
    if (node->module->has_syntax_errors) return;
    for (auto& [name, call] : node->module->terraform.module_calls) {
      if (!ReadSource(call, scope)) continue;
      std::string dir = FolderOf(*node, call);
      if (dir.empty() || !IsLoadable(*node, call, dir)) continue;
      LoadChild(node, call, dir);
      ModuleNode* child = node->children.find(name)->second.get();
      StaticScope inner(*child->module, scope, call);
      LoadChildren(child, inner);
    }
    CheckProviderInstances(*node, scope);
  }

  // What version and source say; false where there is no source to load.
  bool ReadSource(ModuleCall& call, StaticScope& scope) {
    if (call.version) {
      auto text = Text(call.version, fmt::format("module.{}.version", call.name), scope);
      auto constraint = text ? VersionConstraint::Parse(*text) : std::nullopt;
      if (text && !constraint) {
        Error(kTerraformVersion, "Invalid version constraint",
              fmt::format("\"{}\" is no version constraint; one looks like \"~> 1.2\".", *text),
              call.version.range());
      }
      if (constraint) call.version_constraint = std::move(*constraint);
      call.version_constraint.range = call.version.range();
    }
    if (!call.source) return false;  // Reported: it is required.
    auto text = Text(call.source, fmt::format("module.{}.source", call.name), scope);
    if (!text) return false;
    call.source_address = *text;
    call.source_kind = KindOf(*text);
    if (call.version && call.source_kind != ModuleSourceKind::kRegistry) {
      Error(kTerraformModule, "Invalid registry module source address",
            fmt::format("\"version\" is for modules of a registry, and \"{}\" is none of their "
                        "addresses.",
                        *text),
            call.source.range());
      return false;
    }
    bool is_bare = text->empty() || (call.source_kind == ModuleSourceKind::kRemote &&
                                     text->find_first_of("/:.@") == std::string::npos);
    if (is_bare || (call.source_kind == ModuleSourceKind::kRemote && IsPlainPath(*text))) {
      Error(kTerraformModule, "Invalid module source address",
            fmt::format("\"{0}\" does not say where the module is. If it is a folder beside this "
                        "one, write \"./{0}\".",
                        *text),
            call.source.range());
      return false;
    }
    return true;
  }

  // Neither a URL nor an address that a version control system knows.
  static bool IsPlainPath(std::string_view text) {
    return text.find(':') == text.npos && text.find('@') == text.npos && !text.starts_with('/') &&
           text.substr(0, text.find('/')).find('.') == text.npos;
  }

  std::optional<std::string> Text(hcl::Expression expression, const std::string& subject,
                                  StaticScope& scope) {
    hcl::Evaluated evaluated = scope.Evaluate(expression, subject);
    bool is_wrong = evaluated.diagnostics.has_errors();
    diagnostics().Append(std::move(evaluated.diagnostics));
    if (is_wrong) return std::nullopt;
    Result<Value> text = value::Convert(evaluated.value.UnmarkDeep(), value::Type::String());
    bool is_fine = text.ok() && text->is_known_not_null() && !evaluated.value.contains_marked();
    if (is_fine) return text->string();
    if (evaluated.value.is_null() && subject.ends_with(".version")) return std::nullopt;
    Error(
        kTerraformStatic,
        evaluated.value.contains_marked() ? "Sensitive value not allowed" : "Unsuitable value type",
        evaluated.value.contains_marked()
            ? fmt::format("{} must not be sensitive or ephemeral.", subject)
            : fmt::format("{} is a text that is known before planning.", subject),
        expression.range());
    return std::nullopt;
  }

  std::string FolderOf(const ModuleNode& node, const ModuleCall& call) {
    if (call.source_kind == ModuleSourceKind::kLocal) {
      std::string path = call.source_address;
      for (char& c : path) {
        if (c == '\\') c = '/';
      }
      path = io::Normalize(io::Join(node.module->dir, path));
      std::string package = PackageOf(node);
      if (package.empty() || io::IsWithin(path, package)) return path;
      Error(kTerraformModule, "Local module path escapes module package",
            fmt::format("\"{}\" leads out of the package that this module came in.",
                        call.source_address),
            call.source.range());
      return {};
    }
    std::string key = prefix_;
    for (const std::string& step : node.path) key += step + ".";
    auto found = manifest_.find(key + call.name);
    if (found != manifest_.end()) return io::Normalize(io::Join(project_dir_, found->second));
    Error(kTerraformModule, "Module not installed",
          fmt::format("\"{}\" is not in {}: \"andon init\" brings it.", call.source_address,
                      kManifest),
          call.source.range());
    return {};
  }

  // The folder of the package that the module was installed with; empty for one of the project's.
  std::string PackageOf(const ModuleNode& node) const {
    for (const ModuleNode* at = &node; at->call != nullptr; at = at->parent) {
      if (at->call->source_kind == ModuleSourceKind::kLocal) continue;
      std::string package = io::Join(project_dir_, ".terraform/modules");
      std::string key = prefix_.substr(0, prefix_.size() - std::min<size_t>(prefix_.size(), 1));
      for (const std::string& step : at->path) key += (key.empty() ? "" : ".") + step;
      package = io::Normalize(io::Join(package, key));
      // What else a manifest may name is no package of ours.
      return io::IsWithin(node.module->dir, package) ? package : std::string();
    }
    return {};
  }

  bool IsLoadable(const ModuleNode& node, const ModuleCall& call, const std::string& dir) {
    for (const ModuleNode* above = &node; above != nullptr; above = above->parent) {
      if (io::Normalize(above->module->dir) != dir) continue;
      Error(kTerraformCycle, "Module calls itself",
            fmt::format("\"{}\" is a folder that this call stands in, so there would be no end.",
                        call.source_address),
            call.source.range());
      return false;
    }
    if (node.path.size() >= kDepthMax || ++modules_ > kModulesMax) {
      Error(kTerraformModule, "Too many modules",
            fmt::format("A configuration has at most {} modules, nested at most {} deep.",
                        kModulesMax, kDepthMax),
            call.range);
      return false;
    }
    Result<io::FileInfo> info = files_.Stat(dir);
    if (info.ok() && info->is_dir) return true;
    Error(kTerraformModule, "Unreadable module directory",
          fmt::format("\"{}\" is no folder: there is nothing at {}.", call.source_address, dir),
          call.source.range());
    return false;
  }

  void LoadChild(ModuleNode* node, const ModuleCall& call, const std::string& dir) {
    auto child = std::make_unique<ModuleNode>();
    child->path = node->path;
    child->path.push_back(call.name);
    child->parent = node;
    child->call = &call;
    std::string shown = io::Relative(dir, io::Normalize(tree_->root->module->dir));
    child->module = std::make_unique<Module>(
        Load(files_, dir, *node->module->language, {.shown_as = shown, .is_called = true}));
    diagnostics().Append(child->module->diagnostics);
    const Terraform& terraform = child->module->terraform;
    if (terraform.backend) {
      diagnostics().Add(Doubt(kTerraformSettings, "Backend configuration ignored",
                              "The root module alone says where the state is kept.",
                              terraform.backend->range));
    }
    if (!terraform.imports.empty()) {
      Error(kTerraformAddress, "Invalid import configuration",
            "Import blocks stand in the root module only.", terraform.imports[0].range);
    }
    node->children.emplace(call.name, std::move(child));
  }

  // for_each of a provider decides how many there are before anything is planned.
  void CheckProviderInstances(const ModuleNode& node, StaticScope& scope) {
    for (const auto& [local, provider] : node.module->terraform.providers) {
      if (!provider.for_each) continue;
      hcl::Evaluated evaluated =
          scope.Evaluate(provider.for_each, fmt::format("provider.{}.for_each", ToString(local)));
      bool is_wrong = evaluated.diagnostics.has_errors();
      diagnostics().Append(std::move(evaluated.diagnostics));
      if (is_wrong) continue;
      const Value& value = evaluated.value;
      const value::Type& type = value.type();
      bool is_map = type.is_map() || type.is_object();
      bool is_set = type.is_set() && (type.element().is_string() || value.is_null() ||
                                      (value.is_known() && value.size() == 0));
      if (value.is_known_not_null() && !value.contains_marked() && (is_map || is_set)) continue;
      Error(kTerraformMeta, "Invalid for_each argument",
            "for_each of a provider takes a map or a set of texts that is known and not sensitive.",
            provider.for_each.range());
    }
  }

  const io::FileSystem& files_;
  ModuleTree* tree_;
  hcl::FunctionTable functions_;
  StaticScope::Options static_options_;
  std::string project_dir_;
  std::string prefix_;  // Of the keys of all calls: "", "test.main.setup."
  std::map<std::string, std::string> manifest_;
  int modules_ = 0;
};

}  // namespace

std::string ModuleNode::address() const {
  std::string text;
  for (const std::string& step : path)
    text += fmt::format("{}module.{}", text.empty() ? "" : ".", step);
  return text;
}

ModuleTree LoadModuleTree(const io::FileSystem& files, std::unique_ptr<Module> root,
                          const TreeOptions& options) {
  ModuleTree tree;
  tree.root = std::make_unique<ModuleNode>();
  tree.root->module = std::move(root);
  tree.diagnostics.Append(tree.root->module->diagnostics);
  TreeLoader(files, options, &tree).Run(options);
  return tree;
}

Result<std::string> InstalledModule(const io::FileSystem& files, const std::string& project_dir,
                                    const std::string& key) {
  Json manifest = TRY(Json::Parse(files.Read(io::Join(project_dir, kManifest)).value_or("{}")));
  for (const Json& entry : manifest["Modules"].items()) {
    if (entry["Key"].AsString() == key)
      return io::Normalize(io::Join(project_dir, entry["Dir"].AsString()));
  }
  return Error::NotFound("There is no \"{}\" in {}: \"andon init\" brings it.", key, kManifest);
}

}  // namespace andon::config
