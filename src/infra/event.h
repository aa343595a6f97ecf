// What happens while a plan is made or carried out, for whoever shows it.
#pragma once

#include <functional>
#include <string>

#include "address/address.h"
#include "base/clock.h"
#include "infra/plan.h"

namespace andon::infra {

struct Event {
  enum class Kind {
    kRefreshStart,
    kRefreshComplete,
    kApplyStart,
    kApplyProgress,  // Still at it, every ten seconds.
    kApplyComplete,
    kApplyErrored,
    kProvisionStart,
    kProvisionProgress,  // A line that the command printed.
    kProvisionComplete,
    kProvisionErrored,
    kEphemeralOpen,
    kEphemeralOpened,
    kEphemeralRenew,
    kEphemeralRenewed,
    kEphemeralClose,
    kEphemeralClosed,
  };
  Kind kind = Kind::kRefreshStart;
  address::Address address;
  std::string deposed;
  Action action = Action::kNoOp;
  // The object, before (at a start) or after; marked where it is sensitive.
  value::Value object;
  Duration elapsed = Duration(0);
  std::string provisioner;
  std::string line;  // Of its output.
};

// Called from several threads, one at a time.
using Listener = std::function<void(const Event&)>;

}  // namespace andon::infra
