// Expressions: what they name is there, and they give a value of some kind.
#include <fmt/format.h>

#include "base/text.h"
#include "config/terraform/validator.h"
#include "hcl/json_file.h"

namespace andon::config {
namespace {

using value::Value;

template <typename Map>
std::vector<std::string> NamesOf(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : map) names.push_back(name);
  return names;
}

std::string_view Adjective(ResourceMode mode) {
  switch (mode) {
    case ResourceMode::kManaged:
      return "managed";
    case ResourceMode::kData:
      return "data";
    case ResourceMode::kEphemeral:
      return "ephemeral";
  }
  return {};
}

}  // namespace

bool Validator::Wrong(const Code& code, std::string_view summary, std::string detail,
                      SourceRange range, const std::string& meant) {
  Diagnostic d = Mistake(code, summary, std::move(detail), std::move(range));
  d.at_caret = Suggest(meant);
  diagnostics_.Add(std::move(d));
  return false;
}

Value Validator::Evaluate(hcl::Expression expression, ModuleState* state, const Place& place) {
  if (expression.file().is_json()) {
    Diagnostics mistakes = hcl::CheckTemplates(expression);
    bool is_wrong = mistakes.has_errors();
    diagnostics_.Append(std::move(mistakes));
    if (is_wrong) return Value::Dynamic();
  }
  std::vector<hcl::Traversal> references = hcl::References(expression);
  bool is_fine = CheckFunctions(expression, *state);
  for (const hcl::Traversal& traversal : references) {
    if (place.iterators.contains(traversal.root)) continue;
    if (!CheckReference(traversal, *state, place)) is_fine = false;
  }
  if (!is_fine) return Value::Dynamic();
  hcl::Evaluated evaluated = hcl::Evaluate(expression, Context(references, state, place));
  bool is_wrong = evaluated.diagnostics.has_errors();
  diagnostics_.Append(std::move(evaluated.diagnostics));
  return is_wrong ? Value::Dynamic() : evaluated.value;
}

// Those of providers are not known here; their providers are. False: do not evaluate.
bool Validator::CheckFunctions(hcl::Expression expression, const ModuleState& state) {
  constexpr std::string_view kPrefix = "provider::";
  bool is_fine = true;
  for (std::string_view name : hcl::CalledFunctions(expression)) {
    if (!name.starts_with(kPrefix)) continue;
    is_fine = false;
    std::vector<std::string> parts = Split(name.substr(kPrefix.size()), ':');  // aws, "", f
    bool has_form = (parts.size() == 3 || parts.size() == 5) && !parts.back().empty();
    if (!has_form) {
      Wrong(kTerraformReference, "Invalid function format",
            "A function of a provider is called provider::NAME::FUNCTION.", expression.range());
    } else if (parts[0] != "terraform" &&
               !state.terraform().required_providers.contains(parts[0])) {
      Wrong(kTerraformReference, "Unknown function provider",
            fmt::format("required_providers has no provider \"{}\".", parts[0]), expression.range(),
            DidYouMean(parts[0], NamesOf(state.terraform().required_providers)));
    }
  }
  return is_fine;
}

bool Validator::CheckReference(const hcl::Traversal& traversal, const ModuleState& state,
                               const Place& place) {
  auto reference = ParseReference(traversal, &diagnostics_);
  if (!reference) return false;
  std::string name(reference->name);
  switch (reference->kind) {
    case ReferenceKind::kVariable:
      if (state.module().variables.contains(name)) return true;
      return Wrong(kTerraformReference, "Reference to undeclared input variable",
                   fmt::format("No file of the module declares a variable \"{0}\". Declare it: "
                               "variable \"{0}\" {{}}",
                               name),
                   traversal.PrefixRange(1), DidYouMean(name, NamesOf(state.module().variables)));
    case ReferenceKind::kLocal:
      if (state.module().locals.contains(name)) return true;
      return Wrong(kTerraformReference, "Reference to undeclared local value",
                   fmt::format("No file of the module declares a local value \"{}\".", name),
                   traversal.PrefixRange(1), DidYouMean(name, NamesOf(state.module().locals)));
    case ReferenceKind::kResource:
      return CheckResource(*reference, traversal, state, place);
    case ReferenceKind::kModule:
      return CheckModule(*reference, traversal, state);
    default:
      return CheckWord(*reference, traversal, place);
  }
}

bool Validator::CheckResource(const TerraformReference& reference, const hcl::Traversal& traversal,
                              const ModuleState& state, const Place& place) {
  const auto& resources = state.terraform().resources;
  std::string address = reference.address();
  SourceRange range = traversal.PrefixRange(reference.steps);
  auto found = resources.find(address);
  if (found == resources.end()) {
    // A data block of *.andon.hcl: the border is warned of elsewhere.
    const Language* language = state.module().language;
    bool is_data_block = state.parent == nullptr && reference.mode == ResourceMode::kManaged &&
                         language != nullptr && language->Find(reference.type) != nullptr &&
                         state.module().has_data_files;
    if (is_data_block) return true;
    std::string meant;
    for (ResourceMode mode :
         {ResourceMode::kManaged, ResourceMode::kData, ResourceMode::kEphemeral}) {
      TerraformReference other = reference;
      other.mode = mode;
      if (resources.contains(other.address())) meant = other.address();
    }
    if (meant.empty()) meant = DidYouMean(address, NamesOf(resources));
    bool is_type = !meant.empty() || reference.type.find('_') != std::string_view::npos ||
                   reference.mode != ResourceMode::kManaged;
    return Wrong(kTerraformReference, "Reference to undeclared resource",
                 fmt::format("No file of the module declares a {} resource \"{}\" \"{}\".{}",
                             Adjective(reference.mode), reference.type, reference.name,
                             is_type ? ""
                                     : " A reference begins with var, local, module, data or "
                                       "the type of a resource."),
                 range, meant);
  }
  const Resource& resource = found->second;
  if (!resource.check.empty() && resource.check != place.check) {
    return Wrong(
        kTerraformReference, "Reference to scoped resource",
        fmt::format("{} stands inside of the check block \"{}\", and nothing outside of it "
                    "may name it.",
                    address, resource.check),
        range);
  }
  bool is_repeated = resource.count || resource.for_each;
  bool reads_more = reference.steps < traversal.steps.size();
  if (is_repeated && !reference.has_key && reads_more) {
    return Wrong(kTerraformReference, "Missing resource instance key",
                 fmt::format("{0} has {1}, so an instance is named before an attribute of it is "
                             "read: {0}[{2}].",
                             address, resource.count ? "count" : "for_each",
                             resource.count ? "count.index" : "each.key"),
                 range);
  }
  if (!is_repeated && reference.has_key) {
    return Wrong(
        kTerraformReference, "Unexpected resource instance key",
        fmt::format("{} has neither count nor for_each, so there is one, without a key.", address),
        range);
  }
  return true;
}

bool Validator::CheckModule(const TerraformReference& reference, const hcl::Traversal& traversal,
                            const ModuleState& state) {
  std::string name(reference.name);
  if (state.terraform().module_calls.contains(name)) return true;
  return Wrong(kTerraformReference, "Reference to undeclared module",
               fmt::format("No file of the module calls a module \"{}\".", name),
               traversal.PrefixRange(1), DidYouMean(name, NamesOf(state.terraform().module_calls)));
}

bool Validator::CheckWord(const TerraformReference& reference, const hcl::Traversal& traversal,
                          const Place& place) {
  std::string name(reference.name);
  auto attribute = [&](std::vector<std::string> known) {
    for (const std::string& one : known) {
      if (name == one) return true;
    }
    return Wrong(kTerraformReference, fmt::format("Invalid \"{}\" attribute", traversal.root),
                 fmt::format("\"{}\" has only: {}.", traversal.root, Join(known, ", ")),
                 traversal.PrefixRange(1), DidYouMean(name, known));
  };
  switch (reference.kind) {
    case ReferenceKind::kCount:
      if (!attribute({"index"})) return false;
      if (place.has_count) return true;
      return Wrong(kTerraformReference, "Reference to \"count\" in non-counted context",
                   "count.index has a meaning in blocks with count only.", traversal.range());
    case ReferenceKind::kEach:
      if (!attribute({"key", "value"})) return false;
      if (place.has_each) return true;
      return Wrong(kTerraformReference, "Reference to \"each\" in context without for_each",
                   "each has a meaning in blocks with for_each only.", traversal.range());
    case ReferenceKind::kPath:
      return attribute({"module", "root", "cwd"});
    case ReferenceKind::kTerraform:
      return attribute({"workspace", "applying"});
    default:
      if (place.self != nullptr) return true;
      return Wrong(kTerraformReference, "Invalid \"self\" reference",
                   "self has a meaning in provisioner, connection and postcondition blocks only.",
                   traversal.range());
  }
}

// ---------------------------------------------------------------- scopes

const BodyShape* Validator::ShapeOf(const Resource& resource) const {
  if (const BodyShape* shape =
          BuiltinShape(resource.provider_address, resource.mode, resource.type))
    return shape;
  return options_.shapes ? options_.shapes(resource.provider_address, resource.mode, resource.type)
                         : nullptr;
}

Value Validator::ResourceValue(const Resource& resource) {
  const BodyShape* shape = ShapeOf(resource);
  Value value = Value::Dynamic();
  if (shape != nullptr && !resource.count && !resource.for_each)
    value = Value::Unknown(TypeOf(*shape));
  if (resource.mode == ResourceMode::kEphemeral) value = value.WithMarks(value::Mark::kEphemeral);
  return value;
}

Value Validator::ModuleValue(const std::string& name, const ModuleState& state) {
  auto child = state.children.find(name);
  if (child == state.children.end()) return Value::Dynamic();
  const ModuleCall& call = state.terraform().module_calls.find(name)->second;
  std::vector<value::Type::Attribute> attributes;
  for (const auto& [output, unused] : child->second->module().outputs)
    attributes.push_back({output, value::Type::Dynamic()});
  value::Type one = value::Type::Object(std::move(attributes));
  if (call.count) return Value::Unknown(value::Type::List(one));
  if (call.for_each) return Value::Unknown(value::Type::Map(one));
  return Value::Unknown(one);
}

hcl::EvalContext Validator::Context(const std::vector<hcl::Traversal>& references,
                                    ModuleState* state, const Place& place) {
  hcl::EvalContext context{.functions = functions_};
  std::map<std::string, std::map<std::string, Value>> objects;  // By root, by name.
  std::map<ResourceMode, std::map<std::string, std::map<std::string, Value>>> types;
  auto known = [](const auto& values, const std::string& name) {
    auto found = values.find(name);
    return found == values.end() ? Value::Dynamic() : found->second;
  };
  for (const hcl::Traversal& traversal : references) {
    if (place.iterators.contains(traversal.root)) continue;
    auto reference = ParseReference(traversal, nullptr);
    if (!reference) continue;
    std::string name(reference->name);
    auto& root = objects[std::string(traversal.root)];
    switch (reference->kind) {
      case ReferenceKind::kVariable:
        root[name] = known(state->variables, name);
        break;
      case ReferenceKind::kLocal:
        root[name] = known(state->locals, name);
        break;
      case ReferenceKind::kModule:
        root[name] = ModuleValue(name, *state);
        break;
      case ReferenceKind::kResource: {
        objects.erase(std::string(traversal.root));
        auto found = state->terraform().resources.find(reference->address());
        bool is_prefixed = traversal.root == "resource";
        Value value = found == state->terraform().resources.end() ? Value::Dynamic()
                                                                  : ResourceValue(found->second);
        if (is_prefixed)
          context.variables["resource"] = Value::Dynamic();
        else
          types[reference->mode][std::string(reference->type)][name] = std::move(value);
        break;
      }
      case ReferenceKind::kSelf:
        objects.erase(std::string(traversal.root));
        context.variables["self"] = Value::Dynamic();
        if (const BodyShape* shape = ShapeOf(*place.self))
          context.variables["self"] = Value::Unknown(TypeOf(*shape));
        break;
      case ReferenceKind::kCount:
        root[name] = Value::Unknown(value::Type::Number(), {.not_null = true});
        break;
      case ReferenceKind::kEach:
        root[name] = name == "key" ? Value::Unknown(value::Type::String(), {.not_null = true})
                                   : Value::Dynamic();
        break;
      case ReferenceKind::kPath:
        root[name] =
            Value::String(name == "module" ? state->module().dir : tree_.root->module->dir);
        break;
      case ReferenceKind::kTerraform:
        root[name] = name == "workspace" ? Value::Unknown(value::Type::String())
                                         : Value::Unknown(value::Type::Bool());
        break;
    }
  }
  auto object = [](const std::map<std::string, Value>& members) {
    return Value::Object(Value::Members(members.begin(), members.end()));
  };
  for (const auto& [root, members] : objects) context.variables[root] = object(members);
  for (const auto& [mode, of_mode] : types) {
    Value::Members by_type;
    for (const auto& [type, members] : of_mode) {
      if (mode == ResourceMode::kManaged) {
        context.variables[type] = object(members);
      } else {
        by_type.emplace_back(type, object(members));
      }
    }
    if (mode != ResourceMode::kManaged)
      context.variables[std::string(BlockType(mode))] = Value::Object(std::move(by_type));
  }
  for (const auto& [name, value] : place.iterators) context.variables[name] = value;
  return context;
}

}  // namespace andon::config
