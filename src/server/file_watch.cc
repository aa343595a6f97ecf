#include "server/file_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace andon::server {

FileWatch::FileWatch(Key, int inotify, int event, std::vector<std::string> names)
    : inotify_(inotify), event_(event), names_(std::move(names)) {}

FileWatch::~FileWatch() {
  close(inotify_);
  close(event_);
}

Result<std::unique_ptr<FileWatch>> FileWatch::Open(const std::string& folder,
                                                   std::vector<std::string> names) {
  int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify < 0) return Error::Io("Cannot watch files: {}", std::strerror(errno));
  // The log is written in place, and made anew after the last writer has left.
  if (inotify_add_watch(inotify, folder.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) <
      0) {
    Error error = Error::Io("Cannot watch {}: {}", folder, std::strerror(errno));
    close(inotify);
    return error;
  }
  int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (event < 0) {
    close(inotify);
    return Error::Io("Cannot watch files: {}", std::strerror(errno));
  }
  return std::make_unique<FileWatch>(Key{}, inotify, event, std::move(names));
}

bool FileWatch::DrainEvents() {
  bool concerns_us = false;
  alignas(inotify_event) char buffer[16 << 10];
  for (;;) {
    ssize_t n = read(inotify_, buffer, sizeof buffer);
    if (n <= 0) return concerns_us;
    for (char* at = buffer; at < buffer + n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      // An overflow lost names: look.
      if (event->mask & IN_Q_OVERFLOW) concerns_us = true;
      if (event->len > 0 &&
          std::find(names_.begin(), names_.end(), std::string(event->name)) != names_.end()) {
        concerns_us = true;
      }
      at += sizeof(inotify_event) + event->len;
    }
  }
}

bool FileWatch::Wait(std::optional<Duration> timeout) {
  auto now = [] {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now())
        .time_since_epoch();
  };
  Duration until = timeout ? now() + *timeout : Duration(0);
  for (;;) {
    timespec left{};
    if (timeout) {
      Duration rest = std::max(Duration(0), until - now());
      left.tv_sec = rest.count() / 1000000;
      left.tv_nsec = rest.count() % 1000000 * 1000;
    }
    pollfd set[2] = {{inotify_, POLLIN, 0}, {event_, POLLIN, 0}};
    int n = ppoll(set, 2, timeout ? &left : nullptr, nullptr);
    if (n == 0) return false;
    if (n < 0 && errno != EINTR) return false;
    if (n < 0) continue;
    if (set[1].revents) {
      uint64_t count = 0;
      ssize_t ignored = read(event_, &count, sizeof count);
      (void)ignored;
      return false;
    }
    if (DrainEvents()) return true;
  }
}

void FileWatch::Wake() {
  uint64_t one = 1;
  ssize_t ignored = write(event_, &one, sizeof one);
  (void)ignored;
}

}  // namespace andon::server
