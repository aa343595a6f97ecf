#include "infra/providers.h"

#include "infra/codes.h"

namespace andon::infra {

Result<provider::Provider*> ProviderPool::Unconfigured(const config::ProviderAddress& address) {
  auto started = TRY(StartShared(address));
  return started.get();
}

Result<std::shared_ptr<provider::Provider>> ProviderPool::StartShared(
    const config::ProviderAddress& address) {
  std::shared_ptr<Entry> entry;
  {
    std::lock_guard lock(mutex_);
    std::shared_ptr<Entry>& slot = unconfigured_[address];
    if (slot == nullptr) slot = std::make_shared<Entry>();
    entry = slot;
  }
  std::lock_guard lock(entry->mutex);
  if (!entry->is_done) {
    entry->is_done = true;
    auto started = source_.Start(address);
    if (started.ok()) {
      entry->provider = std::shared_ptr<provider::Provider>(std::move(*started));
    } else {
      entry->error = started.error().message;
      entry->error_kind = started.error().kind;
    }
  }
  std::shared_ptr<provider::Provider> provider = entry->provider;
  if (provider == nullptr) return Error{entry->error_kind, entry->error};
  return provider;
}

ProviderPool::Configured ProviderPool::Get(
    const Key& key, const config::ProviderAddress& address,
    const std::function<Diagnostics(provider::Provider&)>& configure) {
  std::shared_ptr<Entry> entry;
  bool is_first = false;
  {
    std::lock_guard lock(mutex_);
    std::shared_ptr<Entry>& slot = configured_[key];
    if (slot == nullptr) slot = std::make_shared<Entry>();
    entry = slot;
  }
  Configured out;
  std::lock_guard lock(entry->mutex);
  if (!entry->is_done) {
    entry->is_done = true;
    {
      std::lock_guard pool_lock(mutex_);
      is_first = !std::exchange(is_taken_[address], true);
    }
    // The one that was asked for the schema serves the first configuration.
    Result<std::shared_ptr<provider::Provider>> started =
        is_first ? StartShared(address) : [&]() -> Result<std::shared_ptr<provider::Provider>> {
      auto one = TRY(source_.Start(address));
      return std::shared_ptr<provider::Provider>(std::move(one));
    }();
    if (!started.ok()) {
      Report(&out.diagnostics, kProviderFailed, started.error().message, {});
      return out;
    }
    out.diagnostics = configure(**started);
    if (!out.diagnostics.has_errors()) entry->provider = std::move(*started);
  }
  out.provider = entry->provider.load().get();
  return out;
}

void ProviderPool::Stop() {
  std::lock_guard lock(mutex_);
  for (const auto& [key, entry] : configured_) {
    // Not under the entry's mutex: it is held while a provider is configured.
    if (std::shared_ptr<provider::Provider> provider = entry->provider) (void)provider->Stop();
  }
}

}  // namespace andon::infra
