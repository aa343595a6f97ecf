#include "infra/moves.h"

#include <fmt/format.h>

#include <vector>

#include "infra/codes.h"

namespace andon::infra {

using address::Address;

namespace {

// One statement, at one instance of its module.
struct Statement {
  std::vector<std::string> module;  // Where it stands, without keys.
  const config::Moved* moved = nullptr;
};

void Collect(const config::ModuleNode& node, std::vector<Statement>* out) {
  for (const config::Moved& moved : node.module->terraform.moved)
    out->push_back({node.path, &moved});
  for (const auto& [name, child] : node.children) Collect(*child, out);
}

bool HasKey(const address::Key& key) { return !std::holds_alternative<std::monostate>(key); }

// What the object's address becomes by the statement; nothing where it is not meant.
std::optional<Address> Apply(const Statement& statement, const Address& object) {
  size_t depth = statement.module.size();
  if (object.module.size() < depth) return std::nullopt;
  for (size_t i = 0; i < depth; ++i) {
    if (object.module[i].name != statement.module[i]) return std::nullopt;
  }
  const Address& from = statement.moved->from;
  const Address& to = statement.moved->to;
  size_t rest = object.module.size() - depth;
  if (rest < from.module.size()) return std::nullopt;
  Address out = object;
  out.module.assign(object.module.begin(), object.module.begin() + static_cast<ptrdiff_t>(depth));
  for (size_t i = 0; i < from.module.size(); ++i) {
    const address::ModuleStep& has = object.module[depth + i];
    const address::ModuleStep& wants = from.module[i];
    if (has.name != wants.name) return std::nullopt;
    // A module with no key written means all its instances, where it is the subject; on the
    // way to a resource it means the one that has none.
    bool is_subject = from.kind.empty() && i + 1 == from.module.size();
    if (has.key != wants.key && !(is_subject && !HasKey(wants.key))) return std::nullopt;
  }
  if (from.kind.empty()) {
    for (size_t i = 0; i < to.module.size(); ++i) {
      address::ModuleStep step = to.module[i];
      // module.a → module.b keeps the keys of the instances.
      bool is_last = i + 1 == to.module.size();
      if (is_last && !HasKey(step.key) && !HasKey(from.module.back().key))
        step.key = object.module[depth + from.module.size() - 1].key;
      out.module.push_back(std::move(step));
    }
    out.module.insert(out.module.end(),
                      object.module.begin() + static_cast<ptrdiff_t>(depth + from.module.size()),
                      object.module.end());
    return out;
  }
  if (rest != from.module.size()) return std::nullopt;
  if (object.is_data != from.is_data || object.kind != from.kind || object.name != from.name)
    return std::nullopt;
  if (HasKey(from.key) && object.key != from.key) return std::nullopt;
  out.module.insert(out.module.end(), to.module.begin(), to.module.end());
  out.kind = to.kind;
  out.name = to.name;
  if (HasKey(to.key)) {
    // x → y[0] means the instance without a key.
    if (!HasKey(from.key) && HasKey(object.key)) return std::nullopt;
    out.key = to.key;
  } else if (HasKey(from.key)) {
    out.key = {};
  }
  return out;
}

// What the files say of the block of an object; null where they do not have it.
const config::Resource* BlockOf(const config::ModuleTree& tree, const Address& object) {
  const config::ModuleNode* node = tree.root.get();
  for (const address::ModuleStep& step : object.module) {
    auto it = node->children.find(step.name);
    if (it == node->children.end()) return nullptr;
    node = it->second.get();
  }
  auto it = node->module->terraform.resources.find(
      ToString(Address{.is_data = object.is_data, .kind = object.kind, .name = object.name}));
  return it == node->module->terraform.resources.end() ? nullptr : &it->second;
}

}  // namespace

std::map<Address, Address> Move(const config::ModuleTree& tree, state::State& state,
                                Diagnostics* diagnostics) {
  std::vector<Statement> statements;
  Collect(*tree.root, &statements);
  std::vector<std::pair<Address, Address>> moves;
  for (const auto& [resource, content] : state.resources) {
    for (const auto& [key, instance] : content.instances) {
      Address at = resource.WithKey(key);
      Address now = at;
      // A chain is at most as long as there are statements; a circle ends there too.
      for (size_t round = 0; round <= statements.size(); ++round) {
        bool any = false;
        for (const Statement& statement : statements) {
          auto next = Apply(statement, now);
          if (!next || *next == now) continue;
          now = *next;
          any = true;
        }
        if (!any) break;
      }
      if (now == at && !at.is_data) {
        const config::Resource* block = BlockOf(tree, at);
        bool is_first = at.key == address::Key(int64_t{0});
        if (block != nullptr && block->count && !HasKey(at.key)) now.key = int64_t{0};
        if (block != nullptr && !block->count && !block->for_each && is_first) now.key = {};
      }
      if (now != at) moves.emplace_back(at, now);
    }
  }
  std::map<Address, Address> out;
  // What makes room goes first: as long as something moves, go on.
  for (bool any = true; any && !moves.empty();) {
    any = false;
    for (size_t i = 0; i < moves.size();) {
      const auto& [from, to] = moves[i];
      if (state.FindInstance(to) != nullptr) {
        ++i;
        continue;
      }
      state::Instance instance = *state.FindInstance(from);
      std::string provider = state.FindResource(from)->provider;
      state.RemoveInstance(from);
      if (instance.current) state.SetCurrent(to, provider, instance.current, instance.provider_key);
      for (const auto& [key, object] : instance.deposed)
        state.SetDeposed(to, key, provider, object, instance.provider_key);
      out.emplace(to, from);
      moves.erase(moves.begin() + static_cast<ptrdiff_t>(i));
      any = true;
    }
  }
  for (const auto& [from, to] : moves) {
    Diagnostics found;
    found.Warning(kMoveTarget.code, kMoveTarget.summary,
                  fmt::format("{} should become {}, but there is an object of that address "
                              "already. Move or remove one of them with andon state mv or rm.",
                              ToString(from), ToString(to)));
    diagnostics->Append(std::move(found));
  }
  return out;
}

}  // namespace andon::infra
