// Ephemeral resources, for as long as one plan or one apply lasts: opened at their turn, renewed
// before their time runs out, closed when the walk is over. Nothing of them is planned or stored.
//
//   EphemeralResources ephemeral(walk, listener);
//   std::optional<value::Value> token = ephemeral.Open(id, type, instance, context, waits,
//   &outcome); … ephemeral.Close();   // Before the providers stop. The last that was opened first.
//
// Thread: Open may be called from several threads. Renewal runs on a thread of its own, which
// begins with the first object that asks for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "infra/event.h"
#include "infra/resource_walk.h"

namespace andon::infra {

class EphemeralResources {
 public:
  EphemeralResources(ResourceWalk& walk, const Listener& listener, std::mutex& listener_mutex)
      : walk_(walk), listener_(listener), listener_mutex_(listener_mutex) {}
  ~EphemeralResources();
  EphemeralResources(const EphemeralResources&) = delete;

  // What expressions see of one instance, marked as ephemeral. Unknown where its configuration is
  // not known yet, or it `waits` for changes: then nothing is opened. Nothing after an error,
  // which was reported. What its conditions said is added to `outcome`.
  std::optional<value::Value> Open(NodeId resource, const ResourceType& type,
                                   const DeclaredInstance& instance,
                                   const hcl::EvalContext& module_context, bool waits,
                                   CheckOutcome* outcome);

  // Closes all that stand open, and reports what went wrong with them meanwhile. Idempotent.
  void Close();

 private:
  struct Opened {
    address::Address address;
    SourceRange range;
    provider::Provider* provider = nullptr;
    provider::OpenedEphemeralResource handle;
    std::optional<Timestamp> renew_at;
  };
  struct Reading {
    const config::Resource& block;
    const address::Address& address;
    const ResourceType& type;
    provider::Provider& provider;
  };

  std::optional<value::Value> Ask(const Reading& reading, const value::Value& config);
  void Keep(Opened opened);
  void RenewAll(const std::stop_token& stop);
  void Renew(size_t index, std::unique_lock<std::mutex>& lock);
  void Tell(Event::Kind kind, const address::Address& address, Duration elapsed = Duration(0));

  ResourceWalk& walk_;
  const Listener& listener_;
  std::mutex& listener_mutex_;
  std::mutex mutex_;  // Guards opened_.
  std::condition_variable_any changed_;
  std::vector<Opened> opened_;
  std::jthread renewer_;
};

}  // namespace andon::infra
