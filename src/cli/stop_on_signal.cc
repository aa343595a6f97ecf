#include "cli/stop_on_signal.h"

#include <pthread.h>
#include <unistd.h>

namespace andon::cli {

StopOnSignal::StopOnSignal() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGUSR2);  // Ours: no more waiting.
  pthread_sigmask(SIG_BLOCK, &set_, &before_);
  waiter_ = std::thread([this] {
    for (int signal = 0; sigwait(&set_, &signal) == 0 && signal != SIGUSR2;) {
      if (source_.stop_requested()) _exit(130);
      source_.request_stop();
    }
  });
}

StopOnSignal::~StopOnSignal() {
  pthread_kill(waiter_.native_handle(), SIGUSR2);
  waiter_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

StopAfter::StopAfter(std::stop_token first, Duration limit)
    : forward_(std::move(first), [this] { source_.request_stop(); }) {
  if (limit <= Duration(0)) return;
  timer_ = std::thread([this, limit] {
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, limit, [this] { return ended_; })) return;
    is_over_ = !source_.stop_requested();
    lock.unlock();
    source_.request_stop();
  });
}

StopAfter::~StopAfter() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  if (timer_.joinable()) timer_.join();
}

bool StopAfter::is_over() const {
  std::lock_guard lock(mutex_);
  return is_over_;
}

}  // namespace andon::cli
