#include "infra/ephemeral.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/terraform/body.h"
#include "infra/conditions.h"
#include "provider/proposed_new.h"
#include "provider/schema_values.h"

namespace andon::infra {

using value::Mark;
using value::Value;

namespace {

class Stopwatch {
 public:
  Duration elapsed() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began_);
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

EphemeralResources::~EphemeralResources() { Close(); }

std::optional<Value> EphemeralResources::Open(NodeId resource, const ResourceType& type,
                                              const DeclaredInstance& instance,
                                              const hcl::EvalContext& module_context, bool waits,
                                              CheckOutcome* outcome) {
  const config::Resource& block = *walk_.graph.At(resource).resource;
  const address::Address& address = instance.address;
  hcl::EvalContext context =
      ResourceWalk::InstanceContext(module_context, instance.key, instance.each);
  if (!JudgeAll(block.preconditions, context, kPrecondition, address, &walk_.messages, outcome))
    return std::nullopt;
  auto decoded = config::DecodeBody(block.body, type.block, context);
  walk_.messages.Add(decoded.diagnostics, ToString(address));
  if (decoded.diagnostics.has_errors()) return std::nullopt;
  auto [config, marks] = value::UnmarkDeepWithPaths(decoded.value);
  Value seen = provider::PlannedDataSource(type.schema->block, config);
  if (!waits && config.is_wholly_known()) {
    ProviderUse use = walk_.ProviderOf(resource, instance.module_instance, &context, {}, {});
    if (use.provider == nullptr) return std::nullopt;
    auto opened =
        Ask({.block = block, .address = address, .type = type, .provider = *use.provider}, config);
    if (!opened) return std::nullopt;
    seen = *opened;
  }
  seen = provider::Storable(type.schema->block, seen, std::move(marks)).WithMarks(Mark::kEphemeral);
  if (block.postconditions.empty()) return seen;
  hcl::EvalContext with_self = context;
  with_self.variables["self"] = seen;
  if (!JudgeAll(block.postconditions, with_self, kPostcondition, address, &walk_.messages, outcome))
    return std::nullopt;
  return seen;
}

std::optional<Value> EphemeralResources::Ask(const Reading& reading, const Value& config) {
  auto tell = [&](const provider::AttributeDiagnostics& said) {
    walk_.Tell(said, &reading.block.body, reading.address, reading.block.range);
    return !HasErrors(said);
  };
  const std::string& type = reading.block.type;
  if (!tell(reading.provider.ValidateEphemeralConfig({.type = type, .config = config})))
    return std::nullopt;
  const Stopwatch watch;
  Tell(Event::Kind::kEphemeralOpen, reading.address);
  auto response = reading.provider.OpenEphemeralResource({.type = type, .config = config});
  if (!tell(response.diagnostics)) return std::nullopt;
  // It is open from here on, whatever is wrong with what it gave.
  Keep({.address = reading.address,
        .range = reading.block.range,
        .provider = &reading.provider,
        .handle = {.type = type, .private_data = std::move(response.private_data)},
        .renew_at = response.renew_at});
  auto wrong = provider::CheckConformance(response.result, reading.type.block.type);
  if (wrong || response.result.is_null() || !response.result.is_wholly_known()) {
    Diagnostics found;
    Report(
        &found, kInvalidObject,
        fmt::format("The provider's answer for {} is not what its own schema says: {}.",
                    ToString(reading.address), wrong ? *wrong : "it is null, or not wholly known"),
        reading.block.range);
    walk_.messages.Add(found, ToString(reading.address));
    return std::nullopt;
  }
  Tell(Event::Kind::kEphemeralOpened, reading.address, watch.elapsed());
  return response.result;
}

void EphemeralResources::Keep(Opened opened) {
  std::lock_guard lock(mutex_);
  const bool must_renew = opened.renew_at.has_value();
  opened_.push_back(std::move(opened));
  if (!must_renew) return;
  if (!renewer_.joinable())
    renewer_ = std::jthread([this](const std::stop_token& stop) { RenewAll(stop); });
  changed_.notify_all();
}

void EphemeralResources::RenewAll(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    std::optional<size_t> next;
    for (size_t i = 0; i < opened_.size(); ++i) {
      if (opened_[i].renew_at && (!next || *opened_[i].renew_at < *opened_[*next].renew_at))
        next = i;
    }
    const size_t known = opened_.size();
    auto is_more = [&] { return opened_.size() != known; };
    if (!next) {
      changed_.wait(lock, stop, is_more);
    } else if (!changed_.wait_until(lock, stop, *opened_[*next].renew_at, is_more) &&
               !stop.stop_requested()) {
      Renew(*next, lock);
    }
  }
}

void EphemeralResources::Renew(size_t index, std::unique_lock<std::mutex>& lock) {
  const address::Address address = opened_[index].address;
  const SourceRange range = opened_[index].range;
  provider::Provider* provider = opened_[index].provider;
  const provider::OpenedEphemeralResource handle = opened_[index].handle;
  // Not under the lock: others open theirs meanwhile. Entries are only added, and none is closed
  // before this thread has ended.
  lock.unlock();
  const Stopwatch watch;
  Tell(Event::Kind::kEphemeralRenew, address);
  auto response = provider->RenewEphemeralResource(handle);
  walk_.Tell(response.diagnostics, nullptr, address, range);
  const bool ok = !HasErrors(response.diagnostics);
  if (ok) Tell(Event::Kind::kEphemeralRenewed, address, watch.elapsed());
  lock.lock();
  Opened& opened = opened_[index];
  opened.renew_at.reset();
  if (!ok) return;  // It runs out now; what uses it fails on its own.
  opened.handle.private_data = std::move(response.private_data);
  opened.renew_at = response.renew_at;
}

void EphemeralResources::Close() {
  if (renewer_.joinable()) {
    renewer_.request_stop();
    renewer_.join();
  }
  std::vector<Opened> opened = std::exchange(opened_, {});
  std::reverse(opened.begin(), opened.end());
  for (const Opened& one : opened) {
    const Stopwatch watch;
    Tell(Event::Kind::kEphemeralClose, one.address);
    auto said = one.provider->CloseEphemeralResource(one.handle);
    walk_.Tell(said, nullptr, one.address, one.range);
    if (!HasErrors(said)) Tell(Event::Kind::kEphemeralClosed, one.address, watch.elapsed());
  }
}

void EphemeralResources::Tell(Event::Kind kind, const address::Address& address, Duration elapsed) {
  if (!listener_) return;
  std::lock_guard lock(listener_mutex_);
  listener_({.kind = kind, .address = address, .elapsed = elapsed});
}

}  // namespace andon::infra
