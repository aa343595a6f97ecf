// moved, removed and import blocks, and the addresses in them.
#include <fmt/format.h>

#include <charconv>

#include "config/terraform/decoder.h"
#include "config/terraform/report.h"
#include "hcl/static_form.h"

namespace andon::config {
namespace {

using address::Address;
using hcl::StepKind;

// Names and keys in a row: module.a["x"].aws_y.z[0].
class AddressReader {
 public:
  AddressReader(std::vector<hcl::Step> steps, Diagnostics* diagnostics, SourceRange range)
      : steps_(std::move(steps)), diagnostics_(diagnostics), range_(std::move(range)) {}

  std::optional<Address> Read() {
    Address address;
    while (at_ < steps_.size() && IsName() && steps_[at_].text == "module") {
      ++at_;
      if (!IsName()) return Wrong("The word module is followed by a dot and the name of a call.");
      address::ModuleStep step{std::string(steps_[at_++].text), {}};
      if (!ReadKey(&step.key)) return std::nullopt;
      address.module.push_back(std::move(step));
    }
    if (at_ == steps_.size()) return address;
    if (IsName() && (steps_[at_].text == "data" || steps_[at_].text == "ephemeral" ||
                     steps_[at_].text == "resource")) {
      address.is_data = steps_[at_].text == "data";
      mode_ = steps_[at_].text;
      ++at_;
    }
    if (!IsName()) return Wrong("The type of a resource is expected.");
    address.kind = steps_[at_++].text;
    if (!IsName()) return Wrong("The type of a resource is followed by a dot and its name.");
    address.name = steps_[at_++].text;
    if (!ReadKey(&address.key)) return std::nullopt;
    if (at_ < steps_.size()) return Wrong("Nothing more may follow the address of a resource.");
    return address;
  }

  // "data", "ephemeral", "resource" or nothing, as written.
  std::string_view mode() const { return mode_; }

 private:
  bool IsName() const { return at_ < steps_.size() && steps_[at_].kind == StepKind::kAttribute; }

  std::nullopt_t Wrong(std::string detail) {
    diagnostics_->Error(kTerraformAddress.code, "Invalid address", std::move(detail), range_);
    return std::nullopt;
  }

  bool ReadKey(address::Key* key) {
    if (at_ == steps_.size() || steps_[at_].kind == StepKind::kAttribute) return true;
    const hcl::Step& step = steps_[at_++];
    if (step.kind == StepKind::kIndexString) {
      *key = std::string(step.text);
      return true;
    }
    int64_t number = 0;
    auto [end, failed] =
        std::from_chars(step.text.data(), step.text.data() + step.text.size(), number);
    if (step.kind == StepKind::kIndexNumber && failed == std::errc() &&
        end == step.text.data() + step.text.size() && number >= 0) {
      *key = number;
      return true;
    }
    Wrong("A key is a text or a whole number from 0.");
    return false;
  }

  std::vector<hcl::Step> steps_;
  Diagnostics* diagnostics_;
  SourceRange range_;
  size_t at_ = 0;
  std::string_view mode_;
};

std::vector<hcl::Step> StepsOf(const hcl::Traversal& traversal) {
  std::vector<hcl::Step> steps{{StepKind::kAttribute, traversal.root_span, traversal.root}};
  steps.insert(steps.end(), traversal.steps.begin(), traversal.steps.end());
  return steps;
}

// The names of `to`, without keys, whatever stands in the brackets. False for other forms.
bool CollectNames(hcl::Expression expression, std::vector<hcl::Step>* steps, bool* is_static) {
  const hcl::Node& node = expression.node();
  if (node.kind == hcl::ExprKind::kScopeTraversal) {
    const auto& scope = hcl::As<hcl::ScopeTraversalNode>(node);
    steps->push_back({StepKind::kAttribute, scope.root_span, scope.root});
    steps->insert(steps->end(), scope.steps.begin(), scope.steps.end());
    return true;
  }
  *is_static = false;
  if (node.kind == hcl::ExprKind::kIndex) {
    const auto& index = hcl::As<hcl::IndexNode>(node);
    return CollectNames(expression.At(index.collection), steps, is_static);
  }
  if (node.kind == hcl::ExprKind::kRelativeTraversal) {
    const auto& relative = hcl::As<hcl::RelativeTraversalNode>(node);
    if (!CollectNames(expression.At(relative.source), steps, is_static)) return false;
    steps->insert(steps->end(), relative.steps.begin(), relative.steps.end());
    return true;
  }
  return false;
}

bool HasKeys(const Address& address) {
  bool has = !std::holds_alternative<std::monostate>(address.key);
  for (const address::ModuleStep& step : address.module)
    has |= !std::holds_alternative<std::monostate>(step.key);
  return has;
}

}  // namespace

void Decoder::ReadMoved(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {.attributes = {{"from", true}, {"to", true}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  if (is_override) {
    return Error(kTerraformOverride, "Cannot override 'moved' blocks",
                 "A moved block must not stand in an override file.", block.header_range());
  }
  Moved moved{.range = block.header_range()};
  bool is_whole = true;
  std::string_view modes[2];
  int side = 0;
  for (auto [name, to] : {std::pair("from", &moved.from), std::pair("to", &moved.to)}) {
    auto* attribute = content.Find(name);
    auto traversal = attribute != nullptr ? ReadReference(attribute->expression()) : std::nullopt;
    is_whole &= traversal.has_value();
    if (!traversal) continue;
    AddressReader reader(StepsOf(*traversal), &diagnostics(), traversal->range());
    auto address = reader.Read();
    modes[side++] = reader.mode();
    if (address && (address->is_data || reader.mode() == "ephemeral")) {
      Error(kTerraformAddress,
            address->is_data ? "Data source address is not allowed"
                             : "Ephemeral resource address is not allowed",
            "Only managed resources and modules can be moved: the others have no state of their "
            "own that would go along.",
            traversal->range());
      address.reset();
    }
    is_whole &= address.has_value();
    if (address) *to = std::move(*address);
  }
  if (!is_whole) return;
  if (moved.from.kind.empty() != moved.to.kind.empty()) {
    return Error(kTerraformAddress, "Invalid \"moved\" addresses",
                 "A resource moves to a resource, and a module to a module.", moved.range);
  }
  if (moved.from == moved.to) {
    return Error(kTerraformAddress, "Redundant move statement", "From and to are the same address.",
                 moved.range);
  }
  terraform_->moved.push_back(std::move(moved));
}

void Decoder::ReadRemoved(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {.attributes = {{"from", true}},
                                          .blocks = {{"lifecycle", {}}, {"provisioner", {"type"}}}};
  static const hcl::BodySchema kLifecycle = {.attributes = {{"destroy"}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  if (is_override) {
    return Error(kTerraformOverride, "Cannot override 'Removed' blocks",
                 "A removed block must not stand in an override file.", block.header_range());
  }
  Removed removed{.range = block.header_range()};
  auto* from = content.Find("from");
  auto traversal = from != nullptr ? ReadReference(from->expression()) : std::nullopt;
  std::optional<Address> address;
  if (traversal) {
    AddressReader reader(StepsOf(*traversal), &diagnostics(), traversal->range());
    address = reader.Read();
    if (address && (address->is_data || reader.mode() == "ephemeral")) {
      Error(kTerraformAddress,
            address->is_data ? "Data source address is not allowed"
                             : "Ephemeral resource address is not allowed",
            "Only managed resources and modules can be removed.", traversal->range());
      address.reset();
    } else if (address && HasKeys(*address)) {
      Error(kTerraformAddress,
            address->kind.empty() ? "Module instance address with keys is not allowed"
                                  : "Resource instance address with keys is not allowed",
            "A removed block is about all instances; leave the key out.", traversal->range());
      address.reset();
    }
  }
  bool is_destroy_given = false;
  const hcl::Block* lifecycle = nullptr;
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "lifecycle") {
      if (lifecycle != nullptr) {
        Twice("Duplicate lifecycle block", "A removed block has at most one lifecycle block.",
              inner->header_range(), lifecycle->header_range());
        continue;
      }
      lifecycle = inner;
      is_destroy_given = ReadBool(Take(inner->body, kLifecycle), "destroy", &removed.destroy);
      continue;
    }
    auto provisioner = ReadProvisioner(*inner);
    if (!provisioner) continue;
    if (provisioner->when != ProvisionerWhen::kDestroy) {
      Error(kTerraformProvisioner, "Invalid \"removed.provisioner\" block",
            "What is removed can only be destroyed: write when = destroy.", inner->header_range());
    } else if (address && address->kind.empty()) {
      Error(kTerraformProvisioner, "Invalid \"removed\" block",
            "Provisioners belong to a resource, and this block is about a module.", removed.range);
    } else {
      removed.provisioners.push_back(std::move(*provisioner));
    }
  }
  if (!address) return;
  if (!is_destroy_given) {
    Warn(kTerraformLifecycle, "Missing lifecycle from the removed block",
         "Say whether the object is destroyed or only forgotten: lifecycle { destroy = false }.",
         removed.range);
  } else if (!removed.destroy && !removed.provisioners.empty()) {
    Warn(kTerraformProvisioner, "Removed block provisioners will not be executed",
         "The object is forgotten and not destroyed, so nothing runs.", removed.range);
  }
  removed.from = std::move(*address);
  terraform_->removed.push_back(std::move(removed));
}

void Decoder::ReadImport(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"provider"}, {"id"}, {"identity"}, {"to", true}, {"for_each"}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  if (is_override) {
    return Error(kTerraformOverride, "Cannot override 'import' blocks",
                 "An import block must not stand in an override file.", block.header_range());
  }
  Import import{.range = block.header_range()};
  if (auto* id = content.Find("id")) import.id = id->expression();
  if (auto* identity = content.Find("identity")) import.identity = identity->expression();
  if (auto* for_each = content.Find("for_each")) import.for_each = for_each->expression();
  if (!import.id && !import.identity) {
    Error(kTerraformAddress, "Missing required import argument",
          "\"id\" or \"identity\" says which object is imported.", import.range);
  } else if (import.id && import.identity) {
    Error(kTerraformAddress, "Conflicting import arguments",
          "Either \"id\" or \"identity\" says which object is imported, not both.",
          import.identity.range());
  }
  auto* to = content.Find("to");
  if (to == nullptr) return;
  import.to = hcl::AsNative(to->expression(), &diagnostics());
  std::vector<hcl::Step> steps;
  bool is_static = true;
  if (!CollectNames(import.to, &steps, &is_static)) {
    return Error(kTerraformAddress, "Invalid import address expression",
                 "\"to\" is the address of a resource, like aws_instance.web or "
                 "module.a[each.key].aws_instance.web.",
                 import.to.range());
  }
  AddressReader reader(std::move(steps), &diagnostics(), import.to.range());
  auto address = reader.Read();
  if (!address) return;
  if (address->kind.empty() || address->is_data || reader.mode() == "ephemeral") {
    return Error(kTerraformAddress, "Invalid address", "Only a managed resource can be imported.",
                 import.to.range());
  }
  if (is_static) import.instance = *address;
  address->key = {};
  for (address::ModuleStep& step : address->module) step.key = {};
  import.target = std::move(*address);
  if (auto* provider = content.Find("provider")) {
    if (!import.target.module.empty()) {
      Error(kTerraformProvider, "Invalid import provider argument",
            "What is imported into a module uses the configuration that the module is handed.",
            provider->range());
    }
    import.provider = ReadProviderReference(provider->expression(), "provider");
  }
  for (const Import& other : terraform_->imports) {
    if (!import.instance || other.instance != import.instance) continue;
    Twice(fmt::format("Duplicate import configuration for \"{}\"", ToString(*import.instance)),
          "An object is imported once.", import.range, other.range);
  }
  terraform_->imports.push_back(std::move(import));
}

}  // namespace andon::config
