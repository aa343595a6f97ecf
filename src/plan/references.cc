#include "plan/references.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/codes.h"
#include "config/terraform/reference.h"
#include "hcl/eval.h"

namespace andon::plan {
namespace {

using config::kInvalidReference;
using config::kUndeclared;

// The name that a step chooses, or nothing where it is a number or no literal.
std::optional<std::string> NameOfStep(const hcl::Step& step) {
  if (step.kind == hcl::StepKind::kAttribute || step.kind == hcl::StepKind::kIndexString) {
    return std::string(step.text);
  }
  return std::nullopt;
}

// The bare words that begin a reference beside the kinds of blocks.
const std::vector<std::string> kRoots = {"var", "local", "each", "count", "path", "terraform"};

class Resolver {
 public:
  Resolver(const config::Module& module, const hcl::Traversal& traversal, const Place& place,
           std::vector<Reference>* out, Diagnostics* diagnostics)
      : module_(module),
        traversal_(traversal),
        place_(place),
        out_(out),
        diagnostics_(diagnostics) {}

  bool Run() {
    std::string_view root = traversal_.root;
    if (root == "var") return Named(ReferenceKind::kVariable, module_.variables, "variable");
    if (root == "local") return Named(ReferenceKind::kLocal, module_.locals, "local value");
    if (root == "each")
      return Only(ReferenceKind::kEach, place_.has_each, "for_each", {"key", "value"});
    if (root == "count") return Only(ReferenceKind::kCount, place_.has_count, "count", {"index"});
    if (root == "path") return Only(ReferenceKind::kPath, true, "", {"module", "root", "cwd"});
    if (root == "terraform") return Only(ReferenceKind::kTerraform, true, "", {"workspace"});
    if (const config::BlockSchema* schema = module_.language->Find(root)) return Block(*schema);
    if (IsInfrastructure()) {
      out_->push_back({.kind = ReferenceKind::kInfrastructure, .name = std::string(root)});
      return true;
    }
    return UnknownRoot();
  }

 private:
  // A resource or module that the project declares. What it gives, only apply can tell.
  bool IsInfrastructure() const {
    auto reference = config::ParseReference(traversal_, nullptr);
    if (!reference) return false;
    if (reference->kind == config::ReferenceKind::kModule)
      return module_.terraform.module_calls.contains(reference->name);
    return reference->kind == config::ReferenceKind::kResource &&
           module_.terraform.resources.contains(reference->address());
  }

  bool Wrong(const config::Code& code, std::string detail, const SourceRange& range,
             const std::string& meant = {}, std::string help = {}) {
    Diagnostic d = config::Message(code, std::move(detail), range);
    d.at_caret = config::Suggest(meant);
    d.help = std::move(help);
    diagnostics_->Add(std::move(d));
    return false;
  }

  template <typename Map>
  bool Named(ReferenceKind kind, const Map& map, std::string_view what) {
    auto name = traversal_.steps.empty() ? std::nullopt : NameOfStep(traversal_.steps[0]);
    if (!name) {
      return Wrong(kInvalidReference,
                   fmt::format("\"{}\" must be followed by a dot and the name of a {}.",
                               traversal_.root, what),
                   traversal_.range());
    }
    if (map.contains(*name)) {
      out_->push_back({.kind = kind, .name = *name});
      return true;
    }
    std::vector<std::string> known;
    for (const auto& [known_name, unused] : map) known.push_back(known_name);
    std::string meant = DidYouMean(*name, known);
    std::string how = kind == ReferenceKind::kVariable ? fmt::format("variable \"{}\" {{}}", *name)
                                                       : fmt::format("locals {{ {} = … }}", *name);
    return Wrong(
        kUndeclared, fmt::format("No file of the project declares a {} \"{}\".", what, *name),
        traversal_.PrefixRange(1), meant, meant.empty() ? "Declare it: " + how : std::string());
  }

  bool Only(ReferenceKind kind, bool is_allowed, std::string_view needs,
            const std::vector<std::string>& names) {
    if (!is_allowed) {
      return Wrong(
          kInvalidReference,
          fmt::format("\"{}\" has a meaning only in a block with {}.", traversal_.root, needs),
          traversal_.range());
    }
    auto name = traversal_.steps.empty() ? std::nullopt : NameOfStep(traversal_.steps[0]);
    if (name && std::find(names.begin(), names.end(), *name) != names.end()) {
      out_->push_back({.kind = kind, .name = *name});
      return true;
    }
    return Wrong(kInvalidReference,
                 fmt::format("\"{}\" has only: {}.", traversal_.root, Join(names, ", ")),
                 traversal_.range(), name ? DidYouMean(*name, names) : std::string());
  }

  bool Block(const config::BlockSchema& schema) {
    size_t at = 0;
    std::string address = schema.kind;
    if (!schema.is_single) {
      auto name = traversal_.steps.empty() ? std::nullopt : NameOfStep(traversal_.steps[0]);
      if (!name) {
        return Wrong(kInvalidReference,
                     fmt::format("\"{}\" must be followed by a dot and the name of a {}.",
                                 schema.kind, schema.kind),
                     traversal_.range());
      }
      address += "." + *name;
      at = 1;
    }
    auto found = module_.block_by_address.find(address);
    if (found == module_.block_by_address.end()) return UnknownBlock(schema, address);
    const config::DataBlock& block = module_.blocks[found->second];
    Reference reference{.kind = ReferenceKind::kBlock, .block = found->second};
    bool is_expanded = block.for_each || block.count;
    if (is_expanded && at < traversal_.steps.size() &&
        traversal_.steps[at].kind != hcl::StepKind::kAttribute)
      ++at;
    if (!Members(block, at, &reference)) return false;
    out_->push_back(std::move(reference));
    return true;
  }

  // What stands behind the block: nothing, a column or table, or an attribute.
  bool Members(const config::DataBlock& block, size_t at, Reference* reference) {
    bool is_expanded = block.for_each || block.count;
    auto name = at < traversal_.steps.size() ? NameOfStep(traversal_.steps[at]) : std::nullopt;
    if (!name) {
      // dataset.x[each.key].…: which instance, and what of it, only evaluation tells.
      reference->is_open = reference->needs_value = is_expanded;
      return true;
    }
    bool has_members = (*name == "column" && block.kind == "dataset") ||
                       (*name == "table" && block.schema->has_tables);
    if (has_members) {
      if (at + 1 < traversal_.steps.size()) {
        reference->member = NameOfStep(traversal_.steps[at + 1]);
      } else {
        reference->is_open = true;
      }
      return true;
    }
    if (*name == "address" || *name == "name") return true;
    reference->needs_value = true;
    if (block.schema->FindAttribute(block.type, *name) != nullptr) return true;
    std::vector<std::string> known = {"address", "name"};
    if (block.kind == "dataset") known.push_back("column");
    if (block.schema->has_tables) known.push_back("table");
    for (auto* a : block.schema->AttributesOf(block.type)) known.push_back(a->name);
    return Wrong(hcl::kUnsupportedAttribute,
                 fmt::format("A {} has no attribute \"{}\".", block.kind, *name),
                 traversal_.StepRange(at), DidYouMean(*name, known));
  }

  bool UnknownBlock(const config::BlockSchema& schema, const std::string& address) {
    std::vector<std::string> names = module_.NamesOf(schema.kind);
    std::string written = address.substr(schema.kind.size() + (schema.is_single ? 0 : 1));
    std::string meant = DidYouMean(written, names);
    std::string help;
    if (meant.empty()) {
      help = !names.empty() ? fmt::format("Declared: {}.", Join(names, ", "))
             : schema.types.empty()
                 ? fmt::format("Declare it: {} \"{}\" {{ … }}", schema.kind, written)
                 : fmt::format("Declare it: {} \"{}\" \"{}\" {{ … }}. Its address has no type: {}.",
                               schema.kind, schema.types[0].name, written, address);
      // source.files.deliveries: the type does not belong into the address.
      if (schema.FindType(written) != nullptr && traversal_.steps.size() > 1) {
        help = fmt::format("Leave the type out: {}.{}", schema.kind, traversal_.steps[1].text);
      }
    }
    SourceRange range = schema.is_single ? traversal_.range() : traversal_.PrefixRange(1);
    return Wrong(kUndeclared, fmt::format("No file of the project declares {}.", address), range,
                 meant.empty() ? meant : schema.kind + "." + meant, help);
  }

  bool UnknownResource() {
    auto reference = config::ParseReference(traversal_, diagnostics_);
    if (!reference) return false;
    std::vector<std::string> known;
    for (const auto& [address, unused] : module_.terraform.resources) known.push_back(address);
    std::string address = reference->kind == config::ReferenceKind::kResource
                              ? reference->address()
                              : traversal_.ToString();
    return Wrong(kUndeclared, fmt::format("No file of the project declares {}.", address),
                 traversal_.PrefixRange(reference->steps), DidYouMean(address, known));
  }

  bool UnknownRoot() {
    std::string root(traversal_.root);
    std::vector<std::string> known = module_.language->Kinds();
    known.insert(known.end(), kRoots.begin(), kRoots.end());
    bool is_word = traversal_.steps.empty();
    if (is_word) {
      return Wrong(
          kInvalidReference,
          fmt::format(
              "\"{}\" is no reference: a reference begins with a kind of block, var or local and "
              "goes on with a dot and a name.",
              root),
          traversal_.range(), {},
          fmt::format("If a text is meant, put it in quotes: \"{}\".", root));
    }
    std::string meant = DidYouMean(root, known);
    bool is_terraform = meant.empty() &&
                        (root == "data" || root == "module" || root.find('_') != std::string::npos);
    if (is_terraform && module_.terraform.has_infrastructure()) return UnknownResource();
    if (is_terraform) {
      return Wrong(
          kUndeclared,
          fmt::format("{} looks like an object of Terraform's, and no *.tf file of this folder "
                      "declares one.",
                      traversal_.ToString()),
          traversal_.range());
    }
    return Wrong(kUndeclared, fmt::format("There is no kind of object \"{}\".", root),
                 traversal_.PrefixRange(0), meant,
                 meant.empty() ? "Kinds: " + Join(known, ", ") + "." : std::string());
  }

  const config::Module& module_;
  const hcl::Traversal& traversal_;
  const Place& place_;
  std::vector<Reference>* out_;
  Diagnostics* diagnostics_;
};

}  // namespace

bool Resolve(const config::Module& module, const hcl::Traversal& traversal, const Place& place,
             std::vector<Reference>* out, Diagnostics* diagnostics) {
  return Resolver(module, traversal, place, out, diagnostics).Run();
}

bool Resolve(const config::Module& module, hcl::Expression expression, const Place& place,
             std::vector<Reference>* out, Diagnostics* diagnostics) {
  bool ok = true;
  for (const hcl::Traversal& traversal : hcl::References(expression)) {
    if (!Resolve(module, traversal, place, out, diagnostics)) ok = false;
  }
  return ok;
}

}  // namespace andon::plan
