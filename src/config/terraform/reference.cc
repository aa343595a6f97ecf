#include "config/terraform/reference.h"

#include <fmt/format.h>

#include "config/terraform/report.h"

namespace andon::config {
namespace {

using hcl::StepKind;

class Reader {
 public:
  Reader(const hcl::Traversal& traversal, Diagnostics* diagnostics)
      : traversal_(traversal), diagnostics_(diagnostics) {}

  std::optional<TerraformReference> Read() {
    std::string_view root = traversal_.root;
    if (root == "var") return Named(ReferenceKind::kVariable);
    if (root == "local") return Named(ReferenceKind::kLocal);
    if (root == "count") return Named(ReferenceKind::kCount);
    if (root == "each") return Named(ReferenceKind::kEach);
    if (root == "path") return Named(ReferenceKind::kPath);
    if (root == "terraform" || root == "tofu") return Named(ReferenceKind::kTerraform);
    if (root == "module") return Module();
    if (root == "self") return TerraformReference{.kind = ReferenceKind::kSelf};
    if (root == "data") return Resource(ResourceMode::kData, 1);
    if (root == "ephemeral") return Resource(ResourceMode::kEphemeral, 1);
    if (root == "resource") return Resource(ResourceMode::kManaged, 1);
    if (root == "template" || root == "lazy" || root == "arg") {
      return Wrong("Reserved symbol name",
                   fmt::format("\"{0}\" is kept for later versions of the language. Where a "
                               "resource type has this name, write resource.{0}.",
                               root),
                   traversal_.PrefixRange(0));
    }
    return Resource(ResourceMode::kManaged, 0);
  }

 private:
  std::nullopt_t Wrong(std::string_view summary, std::string detail, SourceRange range) {
    if (diagnostics_ != nullptr)
      diagnostics_->Error(kTerraformReference.code, std::string(summary), std::move(detail),
                          std::move(range));
    return std::nullopt;
  }

  bool IsName(size_t step) const {
    return step < traversal_.steps.size() && traversal_.steps[step].kind == StepKind::kAttribute;
  }

  // A whole number or a text in brackets; nothing is wrong where there is none.
  bool ReadKey(size_t step, TerraformReference* reference, bool* is_wrong) {
    if (step >= traversal_.steps.size()) return false;
    const hcl::Step& key = traversal_.steps[step];
    if (key.kind == StepKind::kAttribute) return false;
    bool is_whole = key.kind == StepKind::kIndexNumber &&
                    key.text.find_first_not_of("0123456789") == std::string_view::npos;
    if (key.kind != StepKind::kIndexString && !is_whole) {
      Wrong("Invalid index key", "The key of an instance is a text or a whole number from 0.",
            traversal_.StepRange(step));
      *is_wrong = true;
      return false;
    }
    reference->has_key = true;
    ++reference->steps;
    return true;
  }

  std::optional<TerraformReference> Named(ReferenceKind kind) {
    if (IsName(0)) {
      return TerraformReference{.kind = kind, .name = traversal_.steps[0].text, .steps = 1};
    }
    if (traversal_.steps.empty()) {
      return Wrong("Invalid reference",
                   fmt::format("\"{0}\" is no value of its own: write {0}. and a name behind it.",
                               traversal_.root),
                   traversal_.range());
    }
    return Wrong("Invalid reference",
                 fmt::format("\"{}\" must be followed by a dot and a name.", traversal_.root),
                 traversal_.StepRange(0));
  }

  std::optional<TerraformReference> Module() {
    auto reference = Named(ReferenceKind::kModule);
    if (!reference) return std::nullopt;
    bool is_wrong = false;
    ReadKey(1, &*reference, &is_wrong);
    if (is_wrong) return std::nullopt;
    size_t next = reference->steps;
    if (next < traversal_.steps.size() && !IsName(next)) {
      return Wrong(
          "Invalid reference",
          "A module is read by its outputs: module.NAME.OUTPUT, or module.NAME[KEY].OUTPUT.",
          traversal_.StepRange(next));
    }
    return reference;
  }

  std::optional<TerraformReference> Resource(ResourceMode mode, size_t at) {
    if (traversal_.steps.size() < at + 1 || (at == 1 && !IsName(0)) || !IsName(at)) {
      return Wrong("Invalid reference",
                   at == 0 ? fmt::format("\"{}\" is no reference: the type of a resource is "
                                         "followed by a dot and the resource's name.",
                                         traversal_.ToString())
                           : fmt::format("\"{0}\" is followed by two names: {0}.TYPE.NAME.",
                                         traversal_.root),
                   traversal_.range());
    }
    TerraformReference reference{.kind = ReferenceKind::kResource, .mode = mode, .steps = at + 1};
    reference.type = at == 0 ? traversal_.root : traversal_.steps[0].text;
    reference.name = traversal_.steps[at].text;
    bool is_wrong = false;
    ReadKey(at + 1, &reference, &is_wrong);
    if (is_wrong) return std::nullopt;
    return reference;
  }

  const hcl::Traversal& traversal_;
  Diagnostics* diagnostics_;
};

}  // namespace

std::string TerraformReference::address() const {
  std::string text = fmt::format("{}.{}", type, name);
  return mode == ResourceMode::kManaged ? text : fmt::format("{}.{}", BlockType(mode), text);
}

std::optional<TerraformReference> ParseReference(const hcl::Traversal& traversal,
                                                 Diagnostics* diagnostics) {
  return Reader(traversal, diagnostics).Read();
}

}  // namespace andon::config
