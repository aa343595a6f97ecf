// Ctrl-C, or a polite end from outside: what runs comes to a safe point. A second one ends the
// program at once.
#pragma once

#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"

namespace andon::cli {

// Made before any other thread starts, so that all of them leave the signals to it.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool stop_requested() const { return source_.stop_requested(); }

 private:
  sigset_t set_, before_;
  std::stop_source source_;
  std::thread waiter_;
};

// Asks for a stop when `first` does, or when the time is over.
class StopAfter {
 public:
  // `limit` 0: no limit of time.
  StopAfter(std::stop_token first, Duration limit);
  ~StopAfter();
  StopAfter(const StopAfter&) = delete;
  StopAfter& operator=(const StopAfter&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  // The time was over before anything else asked.
  bool is_over() const;

 private:
  std::stop_source source_;
  std::stop_callback<std::function<void()>> forward_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;    // Guarded by mutex_.
  bool is_over_ = false;  // Guarded by mutex_.
  std::thread timer_;
};

}  // namespace andon::cli
