// Waits for a change of files in one folder, a point of time, or another thread's call, whichever
// comes first: inotify and eventfd in one poll. Nothing is looked at while nothing happens.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::server {

class FileWatch {
 public:
  // Watches the files of these names in `folder`, which must exist; they need not. kIo.
  static Result<std::unique_ptr<FileWatch>> Open(const std::string& folder,
                                                 std::vector<std::string> names);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // True where one of the files was written; false after `timeout` (nothing: no limit) or Wake.
  bool Wait(std::optional<Duration> timeout);
  // Ends Wait. Thread: any.
  void Wake();

 private:
  struct Key {};

 public:
  FileWatch(Key, int inotify, int event, std::vector<std::string> names);

 private:
  bool DrainEvents();

  int inotify_;
  int event_;
  std::vector<std::string> names_;
};

}  // namespace andon::server
