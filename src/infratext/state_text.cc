#include "infratext/state_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "infratext/difference_text.h"
#include "infratext/sensitive.h"
#include "infratext/state_objects.h"
#include "value/display.h"

namespace andon::infratext {
namespace {

using value::Value;

TextStyle StyleOf(const RenderOptions& options) {
  return {.color = options.color,
          .show_sensitive = options.show_sensitive,
          .shows_unchanged = true,
          .shows_symbols = false};
}

// Without a newline at the end.
std::string ObjectText(const StateObject& one, const SchemaOf& schemas,
                       const RenderOptions& options) {
  const address::Address& address = one.address;
  const provider::Schema* schema = schemas(one.provider, address.is_data, address.kind);
  Value value = ValueOf(*one.object, schema);
  std::string remark;
  if (!one.deposed.empty()) {
    remark = fmt::format(" (deposed object {})", one.deposed);
  } else if (one.object->status == state::ObjectStatus::kTainted) {
    remark = " (tainted)";
  }
  Difference same =
      schema == nullptr ? Differ(value, value) : Differ(value, value, schema->block, {});
  return fmt::format("# {}:{}\n{} \"{}\" \"{}\" {}", address::ToString(address), remark,
                     address.is_data ? "data" : "resource", address.kind, address.name,
                     DifferenceText(same, 0, StyleOf(options)));
}

}  // namespace

std::string RenderState(const state::State& state, const SchemaOf& schemas,
                        const RenderOptions& options) {
  auto objects = ObjectsOf(state);
  if (objects.empty() && state.outputs.empty()) {
    return "The state file is empty. No resources are represented.\n";
  }
  std::string out;
  const StateObject* last = nullptr;
  for (const StateObject& one : objects) {
    if (last != nullptr) {
      out += last->address.module == one.address.module ? "\n" : "\n\n";
    }
    out += ObjectText(one, schemas, options) + "\n";
    last = &one;
  }
  if (state.outputs.empty()) return out;
  out += "\n\nOutputs:\n\n";
  for (const auto& [name, output] : state.outputs) {
    Value shown = output.sensitive ? output.value.WithMarks(value::Mark::kSensitive) : output.value;
    Difference same = Differ(shown, shown, shown.type());
    out += fmt::format("{} = {}\n", name, DifferenceText(same, 0, StyleOf(options)));
  }
  return out;
}

Result<std::string> RenderStateObject(const state::State& state, const address::Address& instance,
                                      const SchemaOf& schemas, const RenderOptions& options) {
  const state::Resource* resource = state.FindResource(instance.WithoutKey());
  const state::Instance* found = state.FindInstance(instance);
  if (resource == nullptr || found == nullptr || found->current == nullptr) {
    return Error::NotFound(
        "No instance with the address {} is in the state. `{} state list` shows those that are.",
        address::ToString(instance), options.command);
  }
  StateObject one{
      .address = instance, .provider = resource->provider, .object = found->current.get()};
  return ObjectText(one, schemas, options) + "\n";
}

std::string RenderOutputs(const std::map<std::string, state::Output>& outputs,
                          const RenderOptions& options) {
  std::string out;
  for (const auto& [name, output] : outputs) {
    bool is_hidden = output.sensitive && !options.show_sensitive;
    out += fmt::format("{} = {}\n", name, is_hidden ? "<sensitive>" : value::Format(output.value));
  }
  return out;
}

std::vector<std::string> StateList(const state::State& state,
                                   const std::vector<address::Address>& filters) {
  std::vector<std::string> out;
  for (const StateObject& one : ObjectsOf(state)) {
    bool is_wanted = filters.empty() ||
                     std::any_of(filters.begin(), filters.end(),
                                 [&](const auto& filter) { return filter.Contains(one.address); });
    if (is_wanted && one.deposed.empty()) out.push_back(address::ToString(one.address));
  }
  return out;
}

}  // namespace andon::infratext
