// Who speaks for mocked and overridden objects: plans and reads what mock_values.h makes up, and
// does nothing outside. Schemas, validation and upgrades of states are the real provider's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "infra/providers.h"
#include "infratest/test_file.h"
#include "provider/provider.h"

namespace andon::infratest {

// For the objects of one block. Lifetime: `real` outlives it.
std::unique_ptr<provider::Provider> MakeStandIn(provider::Provider& real, Values given);

// Those of one run. Lifetime: the mocks and overrides outlive it.
class RunStandIns : public infra::StandIns {
 public:
  // Mocks by the root module's configuration that they replace; overrides by the address of the
  // block.
  std::map<config::LocalProvider, const MockProvider*> mocks;
  std::map<std::string, const ResourceOverride*> overrides;

  bool IsMocked(const config::LocalProvider& configuration) override {
    return mocks.contains(configuration);
  }
  provider::Provider* For(const std::string& resource, const config::LocalProvider* mock,
                          provider::Provider* real) override;

 private:
  std::mutex mutex_;  // Guards made_.
  std::map<std::pair<std::string, provider::Provider*>, std::unique_ptr<provider::Provider>> made_;
};

}  // namespace andon::infratest
