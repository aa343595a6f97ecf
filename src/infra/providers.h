// The providers of one command: each is started when the first object needs it, once for its
// schema and once for each of its configurations, and stopped with the pool.
//
// Thread: all functions may be called at the same time; who needs a provider that another
// thread is just starting waits for it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "address/address.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "graph/dag.h"
#include "provider/provider.h"

namespace andon::infra {

// Where providers come from: the program itself, a folder of plugins, a test.
class ProviderSource {
 public:
  virtual ~ProviderSource() = default;
  // A running provider that is not configured. kNotFound where it is not installed.
  virtual Result<std::unique_ptr<provider::Provider>> Start(
      const config::ProviderAddress& address) = 0;
};

// Who answers in the place of providers, where a test asks for that.
// Thread: called from several at a time.
class StandIns {
 public:
  virtual ~StandIns() = default;
  // Whether the root module's configuration is none: of the provider only the schema is asked.
  virtual bool IsMocked(const config::LocalProvider& configuration) = 0;
  // Who speaks for the objects of one block: `real`, or another. `mock` is the mocked
  // configuration that the block uses, or null. Lifetime: as long as this.
  virtual provider::Provider* For(const std::string& resource, const config::LocalProvider* mock,
                                  provider::Provider* real) = 0;
};

class ProviderPool {
 public:
  // `stand_ins` may be null.
  explicit ProviderPool(ProviderSource& source, StandIns* stand_ins = nullptr)
      : source_(source), stand_ins_(stand_ins) {}

  StandIns* stand_ins() const { return stand_ins_; }

  // For its schema and what else needs no configuration.
  Result<provider::Provider*> Unconfigured(const config::ProviderAddress& address);

  // Which instance of which configuration.
  struct Key {
    graph::NodeId node = -1;
    int module_instance = 0;
    address::Key key;
    auto operator<=>(const Key&) const = default;
  };
  struct Configured {
    provider::Provider* provider = nullptr;  // Null where it could not be configured.
    Diagnostics diagnostics;                 // Told to the first who asks.
  };
  // `configure` is called once, for the first who asks.
  Configured Get(const Key& key, const config::ProviderAddress& address,
                 const std::function<Diagnostics(provider::Provider&)>& configure);

  // Asks all to end what runs.
  void Stop();

 private:
  struct Entry {
    // Set once; Stop() reads it while others configure.
    std::atomic<std::shared_ptr<provider::Provider>> provider;
    std::mutex mutex;  // Held while it is started or configured. Guards all below.
    bool is_done = false;
    std::string error;
    ErrorKind error_kind = ErrorKind::kInvalid;
  };
  Result<std::shared_ptr<provider::Provider>> StartShared(const config::ProviderAddress& address);

  ProviderSource& source_;
  StandIns* const stand_ins_;
  std::mutex mutex_;  // Guards the maps, not their entries.
  std::map<config::ProviderAddress, std::shared_ptr<Entry>> unconfigured_;
  std::map<Key, std::shared_ptr<Entry>> configured_;
  // Whose unconfigured instance was handed out to be configured.
  std::map<config::ProviderAddress, bool> is_taken_;
};

}  // namespace andon::infra
