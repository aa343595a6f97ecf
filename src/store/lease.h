// Named leases: one holder at a time, over processes and hosts. Two applies or
// runs of one project exclude one another so.
//
//   auto lease = TRY(store::Lease::Acquire(db, clock, "run", store::ThisProcess("andon run"),
//                                          {.wait = 30s}));
//   ... holds until `lease` is destroyed, or the process ends, however it ends.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"

namespace andon::store {

struct Holder {
  std::string host;
  int pid = 0;
  int64_t pid_start = 0;  // io::ProcessStart: tells a process id that was given out again.
  std::string command;
  std::string user;
};

// Host, pid and user of this process.
Holder ThisProcess(std::string command);

struct LeaseOptions {
  Duration wait{0};  // How long to wait for a holder that is alive.
  // For holders on other hosts, whose life cannot be seen: theirs ends when they
  // have not renewed it for so long.
  Duration expiry = std::chrono::minutes(2);
  // A thread renews it every third of the expiry. Without: call Renew.
  bool renew = true;
};

struct LeaseInfo {
  std::string name;
  Holder holder;
  Timestamp since;
  Timestamp expires_at;
};

class Lease {
  struct Key {
    explicit Key() = default;
  };

 public:
  // By Acquire alone.
  Lease(Key, Database& db, const Clock& clock, std::string name, std::string token,
        Duration expiry);
  // kHeld, naming the holder, since when and how to free it. The lease of a
  // process of this host that no longer runs is taken over at once.
  // Lifetime: `db` and `clock` must outlive the lease.
  static Result<std::unique_ptr<Lease>> Acquire(Database& db, const Clock& clock,
                                                const std::string& name, const Holder& holder,
                                                LeaseOptions options = {});
  ~Lease();  // Gives it back.

  // kHeld where someone took it over.
  Result<void> Renew();
  // The same inside a transaction that must not happen without the lease.
  Result<void> Confirm(Transaction& tx) const;

  const std::string& name() const { return name_; }

 private:
  void KeepRenewing(std::stop_token stop);

  Database& db_;
  const Clock& clock_;
  std::string name_;
  std::string token_;  // Random; whose row it is.
  Duration expiry_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread renewer_;  // Last: it ends before the members that it uses.
};

// Who holds it, or nothing. A dead holder of this host does not count.
Result<std::optional<LeaseInfo>> FindLease(Database& db, const Clock& clock,
                                           const std::string& name);
// Takes the lease away from whoever has it ("andon unlock"); false where nobody had it.
Result<bool> BreakLease(Database& db, const std::string& name);

}  // namespace andon::store
