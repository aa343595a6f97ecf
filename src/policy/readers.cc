#include "policy/readers.h"

#include <vector>

#include "address/address.h"
#include "hcl/eval.h"

namespace andon::policy {
namespace {

constexpr int kChainMax = 100;  // Locals that name locals.

class Walk {
 public:
  Walk(const config::Module& module, std::set<std::string>* out) : module_(module), out_(out) {}

  void Body(const hcl::Body& body) {
    for (const hcl::Attribute& attribute : body.attributes) Look(attribute.expression(), 0);
    for (const hcl::Block& block : body.blocks) {
      // One level is all that the data language has.
      for (const hcl::Attribute& attribute : block.body.attributes) Look(attribute.expression(), 0);
    }
  }

 private:
  void Look(hcl::Expression expression, int depth) {
    if (!expression || depth > kChainMax) return;
    for (const hcl::Traversal& traversal : hcl::References(expression)) {
      std::vector<std::string> names{std::string(traversal.root)};
      for (const hcl::Step& step : traversal.steps) {
        if (step.kind != hcl::StepKind::kAttribute || names.size() == 3) break;
        names.emplace_back(step.text);
      }
      if (names.size() < 2) continue;
      if (names[0] == "local") {
        auto local = module_.locals.find(names[1]);
        if (local != module_.locals.end() && locals_.insert(names[1]).second)
          Look(local->second.expression, depth + 1);
      } else if (names[0] == "module") {
        if (module_.terraform.module_calls.contains(names[1])) out_->insert("module." + names[1]);
      } else {
        std::string address = names[0] + "." + names[1];
        if (names[0] == "data" && names.size() == 3) address += "." + names[2];
        if (module_.terraform.resources.contains(address)) out_->insert(address);
      }
    }
  }

  const config::Module& module_;
  std::set<std::string>* out_;
  std::set<std::string> locals_;  // Seen already.
};

}  // namespace

Readers FindReaders(const config::Module& module) {
  Readers out;
  for (const config::DataBlock& block : module.blocks) {
    if (block.block == nullptr) continue;
    std::set<std::string> read;
    Walk(module, &read).Body(block.block->body);
    for (const std::string& address : read) out[address].insert(block.address());
  }
  return out;
}

std::string ReadAs(const std::string& text) {
  auto address = address::Parse(text);
  if (!address.ok()) return text;
  if (!address->module.empty()) return "module." + address->module[0].name;
  return ToString(address->WithoutKey());
}

}  // namespace andon::policy
