// A listener's clock: while an object is created, changed, destroyed or read, the listener hears of
// it every so often, so that a person knows that nothing hangs.
//
//   Ticker ticker(print, std::chrono::seconds(10));
//   options.listener = ticker.listener();   // The ticker outlives its use.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "infra/event.h"

namespace andon::infra {

class Ticker {
 public:
  // Nothing is heard, and no thread runs, where `listener` is empty.
  Ticker(Listener listener, Duration interval);

  // Passes on each event, and between a kApplyStart and the end of it a kApplyProgress after each
  // interval.
  Listener listener();

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    Event event;
    Clock::time_point began;
    Clock::time_point due;
  };

  void Hear(const Event& event);
  void Run(const std::stop_token& stop);

  const Listener listener_;
  const Duration interval_;
  std::mutex mutex_;  // Guards what runs, and is held while the listener hears.
  std::condition_variable_any stopped_;
  std::map<std::pair<address::Address, std::string>, Running> running_;  // By object.
  std::jthread thread_;
};

}  // namespace andon::infra
