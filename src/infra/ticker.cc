#include "infra/ticker.h"

#include <algorithm>

namespace andon::infra {

Ticker::Ticker(Listener listener, Duration interval)
    : listener_(std::move(listener)), interval_(interval) {}

Listener Ticker::listener() {
  if (!listener_) return {};
  return [this](const Event& event) { Hear(event); };
}

void Ticker::Hear(const Event& event) {
  std::lock_guard lock(mutex_);
  const std::pair object{event.address, event.deposed};
  if (event.kind == Event::Kind::kApplyStart) {
    const Clock::time_point now = Clock::now();
    running_[object] = {.event = event, .began = now, .due = now + interval_};
    // Only a plan or apply that works on something needs a thread.
    if (!thread_.joinable())
      thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  } else if (event.kind == Event::Kind::kApplyComplete ||
             event.kind == Event::Kind::kApplyErrored) {
    running_.erase(object);
  }
  listener_(event);
}

void Ticker::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    auto next =
        std::min_element(running_.begin(), running_.end(),
                         [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
    const Clock::time_point now = Clock::now();
    if (next == running_.end() || now < next->second.due) {
      // What begins meanwhile is due later than this, so nobody needs to wake the thread.
      const Clock::time_point due = next == running_.end() ? now + interval_ : next->second.due;
      stopped_.wait_until(lock, stop, due, [] { return false; });
      continue;
    }
    Running& running = next->second;
    Event event = running.event;
    event.kind = Event::Kind::kApplyProgress;
    event.elapsed = std::chrono::duration_cast<Duration>(running.due - running.began);
    running.due += interval_;
    listener_(event);
  }
}

}  // namespace andon::infra
