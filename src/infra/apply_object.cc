// The state while it changes, and what is told of it.
#include <fmt/format.h>

#include <chrono>

#include "infra/apply_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

state::ObjectPtr Applier::Current(const Address& address) {
  std::lock_guard lock(mutex_);
  const state::Instance* instance = out_.state.FindInstance(address);
  return instance == nullptr ? nullptr : instance->current;
}

void Applier::Save(const Address& address, const ResourceChange& change, const std::string& deposed,
                   state::ObjectPtr object) {
  {
    std::lock_guard lock(mutex_);
    if (deposed.empty()) {
      out_.state.SetCurrent(address, change.provider, std::move(object), change.provider_key);
    } else {
      out_.state.SetDeposed(address, deposed, change.provider, std::move(object),
                            change.provider_key);
    }
  }
  Record(address);
}

void Applier::Record(const Address& address) {
  if (!options_.on_change) return;
  std::optional<state::InstanceChange> change;
  {
    std::lock_guard lock(mutex_);
    change = state::ChangeOf(out_.state, address);
  }
  options_.on_change(*change);
}

void Applier::RecordImports() {
  for (const ResourceChange& change : plan_.changes) {
    if (change.import_id.empty()) continue;
    ++out_.imported;
    Record(change.address);
  }
}

void Applier::Tell(Event::Kind kind, const Address& address, const ResourceChange& change,
                   const Value& object, const Running& running, std::string_view provisioner,
                   std::string_view line) {
  if (!options_.listener) return;
  std::lock_guard lock(listener_mutex_);
  options_.listener({.kind = kind,
                     .address = address,
                     .deposed = change.deposed,
                     .action = change.action,
                     .object = object,
                     .elapsed = std::chrono::duration_cast<Duration>(
                         std::chrono::steady_clock::now() - running.began),
                     .provisioner = std::string(provisioner),
                     .line = std::string(line)});
}

void Applier::Blame(const Code& code, const Address& address, const SourceRange& range,
                    std::string detail) {
  Diagnostics found;
  Diagnostic d = Message(code, std::move(detail), range);
  d.help = "This is a bug in the provider; report it to those who maintain it.";
  found.Add(std::move(d));
  messages_.Add(found, ToString(address));
}

void Applier::Count(Action action) {
  std::lock_guard lock(mutex_);
  if (action == Action::kUpdate) {
    ++out_.changed;
  } else if (action != Action::kRead) {
    ++out_.added;
  }
  if (action == Action::kForgetThenCreate) ++out_.forgotten;
}

}  // namespace andon::infra
