#include "base/executor.h"

#include <utility>

#include "base/assert.h"

namespace andon {

Executor::Executor(int threads) {
  ASSERT(threads >= 1);
  threads_.reserve(threads);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

Executor::~Executor() {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Executor::Submit(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void Executor::Loop() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return draining_ || !queue_.empty(); });
      // Work may submit more work while draining, so a thread leaves only when the
      // queue is empty; whoever runs the work that submits is itself still here.
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace andon
