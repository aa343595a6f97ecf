// A fixed pool of threads that runs what it is given, first come first served.
//
// Thread: Submit may be called from any thread, also from a submitted function.
// A submitted function must not block on one that was submitted after it: with
// every thread so blocked nothing would go on.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace andon {

class Executor {
 public:
  // Requires: threads >= 1.
  explicit Executor(int threads);
  // Drains: returns when everything that was submitted has run.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void Submit(std::function<void()> work);

  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  void Loop();

  std::mutex mutex_;  // Guards queue_ and draining_.
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool draining_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace andon
