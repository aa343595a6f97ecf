#include "policy/leaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "policy/allowed.h"
#include "policy/leak_rule.h"

namespace andon::policy {
namespace {

// A resource block with the scope of its module.
struct Block {
  const config::Resource* resource = nullptr;
  std::string module;  // "module.website", without keys; empty: the root.
  SourceRange head;
  Item written;
};

class Search {
 public:
  Search(const config::ModuleTree& tree, const LeakOptions& options)
      : tree_(tree), options_(options) {}

  Diagnostics Run() {
    FindInstances();
    KnownScope root(*tree_.root->module, options_.variables, options_.functions);
    Visit(*tree_.root, root);
    Diagnostics out = std::move(comments_);
    for (const auto& [key, diagnostic] : found_) out.Add(diagnostic);
    out.Sort();
    return out;
  }

 private:
  void Visit(const config::ModuleNode& node, KnownScope& scope) {
    ReadComments(*node.module);
    for (const auto& [name, resource] : node.module->terraform.resources) {
      if (resource.mode == config::ResourceMode::kEphemeral || !IsLookedAt(resource)) continue;
      Block block{.resource = &resource,
                  .module = node.address(),
                  .head = resource.range,
                  .written = ReadBody(resource.body, resource.range, scope)};
      Look(block);
    }
    for (const auto& [name, child] : node.children) {
      KnownScope inner(*child->module, scope, *child->call);
      Visit(*child, inner);
    }
  }

  static std::string TypeOf(const config::Resource& resource) {
    return resource.mode == config::ResourceMode::kData ? "data." + resource.type : resource.type;
  }

  static bool IsLookedAt(const config::Resource& resource) {
    const auto& rules = LeakRules();
    std::string type = TypeOf(resource);
    return std::any_of(rules.begin(), rules.end(), [&](const LeakRule* rule) {
      return std::find(rule->types.begin(), rule->types.end(), type) != rule->types.end();
    });
  }

  void Look(const Block& block) {
    bool is_data = block.resource->mode == config::ResourceMode::kData;
    std::string address =
        (block.module.empty() ? "" : block.module + ".") + block.resource->address();
    if (options_.plan == nullptr || is_data)
      return Judge(block, {address, block.resource->type, is_data, block.written});
    auto [from, to] = instances_.equal_range(address);
    for (auto it = from; it != to; ++it) {
      Judge(block, {ToString(it->second->address), block.resource->type, false,
                    ReadPlanned(it->second->after, block.written)});
    }
  }

  void FindInstances() {
    if (options_.plan == nullptr) return;
    for (const infra::ResourceChange& change : options_.plan->changes) {
      if (!change.deposed.empty() || change.address.is_data || !change.after.is_known_not_null())
        continue;
      std::string module = ModuleOf(change.address);
      std::string name = change.address.kind + "." + change.address.name;
      instances_.emplace(module.empty() ? name : module + "." + name, &change);
    }
  }

  // Without the keys of its instances.
  static std::string ModuleOf(const address::Address& address) {
    std::string out;
    for (const address::ModuleStep& step : address.module)
      out += (out.empty() ? "module." : ".module.") + step.name;
    return out;
  }

  void Judge(const Block& block, const Subject& subject) {
    std::string type = TypeOf(*block.resource);
    for (const LeakRule* rule : LeakRules()) {
      if (std::find(rule->types.begin(), rule->types.end(), type) == rule->types.end()) continue;
      std::vector<Leak> leaks;
      rule->find(subject, &leaks);
      for (const Leak& leak : leaks) {
        if (!IsAllowed(*rule, leak.range) && !IsAllowed(*rule, block.head))
          Tell(*rule, subject, leak);
      }
    }
  }

  // Instances of one block say the same once.
  void Tell(const LeakRule& rule, const Subject& subject, const Leak& leak) {
    std::string key = fmt::format("{} {} {}", ToString(leak.range), rule.code, leak.what);
    if (found_.contains(key)) return;
    Diagnostic d{.severity = Severity::kWarning,
                 .code = std::string(rule.code),
                 .summary = std::string(rule.summary),
                 .detail = leak.what,
                 .subject = leak.range,
                 .address = subject.address};
    d.help =
        fmt::format("{}; or say why it is meant: # andon: allow {} REASON", rule.cure, rule.id);
    found_.emplace(std::move(key), std::move(d));
  }

  bool IsAllowed(const LeakRule& rule, const SourceRange& range) const {
    auto file = allowed_.find(range.filename);
    return file != allowed_.end() && file->second.Allows(rule.id, range.start.line);
  }

  void ReadComments(const config::Module& module) {
    for (const auto& file : module.files) {
      if (!file->is_json() && !allowed_.contains(file->filename()))
        allowed_.emplace(file->filename(), Allowed(file->filename(), file->text(), &comments_));
    }
  }

  const config::ModuleTree& tree_;
  const LeakOptions& options_;
  std::map<std::string, Allowed> allowed_;                              // By file.
  std::multimap<std::string, const infra::ResourceChange*> instances_;  // By their block's address.
  std::map<std::string, Diagnostic> found_;
  Diagnostics comments_;  // What is wrong with comments.
};

}  // namespace

const std::vector<const LeakRule*>& LeakRules() {
  static const std::vector<const LeakRule*> kRules = [] {
    std::vector<const LeakRule*> all;
    for (const auto* table : {&kAccessLeaks, &kNetworkLeaks, &kStorageLeaks}) {
      for (const LeakRule& rule : *table) all.push_back(&rule);
    }
    return all;
  }();
  return kRules;
}

Diagnostics FindLeaks(const config::ModuleTree& tree, const LeakOptions& options) {
  return Search(tree, options).Run();
}

}  // namespace andon::policy
