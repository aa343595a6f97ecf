// Threads and signals: those of this folder take none, so that Ctrl-C reaches who
// waits for it, and a connection that breaks is an error of a call and no SIGPIPE.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <time.h>

namespace andon::plugin {

// For the calling thread, for good.
inline void BlockSignals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

// For a thread that is not ours, as long as it lives.
class BrokenPipeIsNoSignal {
 public:
  BrokenPipeIsNoSignal() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BrokenPipeIsNoSignal() {
    timespec now{};
    if (!::sigismember(&before_, SIGPIPE)) ::sigtimedwait(&pipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  BrokenPipeIsNoSignal(const BrokenPipeIsNoSignal&) = delete;
  BrokenPipeIsNoSignal& operator=(const BrokenPipeIsNoSignal&) = delete;

 private:
  sigset_t pipe_, before_;
};

}  // namespace andon::plugin
