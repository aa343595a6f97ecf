#include "store/lease.h"

#include <unistd.h>

#include "base/text.h"
#include "io/process.h"

namespace andon::store {
namespace {

// A waiter asks again: the holder is another process, which cannot call us. Short
// against what a person notices, long against the cost of one look-up.
constexpr auto kAskAgain = std::chrono::milliseconds(100);

struct Found {
  LeaseInfo info;
  std::string token;
};

Result<std::optional<Found>> Find(Transaction& tx, const std::string& name) {
  auto row = TRY(QueryOne(tx,
                          "SELECT token, host, pid, pid_start, command, user_name, since,"
                          " expires_at FROM leases WHERE name = ?",
                          {name}));
  if (!row) return std::optional<Found>();
  Found found;
  found.token = row->Text("token");
  found.info.name = name;
  found.info.holder = {row->Text("host"), static_cast<int>(row->Integer("pid")),
                       row->Integer("pid_start"), row->Text("command"), row->Text("user_name")};
  found.info.since = row->Time("since");
  found.info.expires_at = row->Time("expires_at");
  return std::optional<Found>(std::move(found));
}

// On this host the process table tells; of other hosts only their renewing does.
bool IsAlive(const LeaseInfo& info, Timestamp now) {
  if (info.holder.host == io::HostName()) {
    return io::IsProcessAlive(info.holder.pid, info.holder.pid_start);
  }
  return info.expires_at > now;
}

Error HeldBy(const LeaseInfo& info) {
  const Holder& holder = info.holder;
  return Error::Held(
      "\"{}\" is held by \"{}\" (process {} of {} on {}, since {}). Wait until it has ended, end "
      "it, or wait for it with -lock-timeout",
      info.name, holder.command, holder.pid, holder.user, holder.host, ToRfc3339(info.since));
}

// True where the lease is ours now; otherwise `holder` says whose it is.
Result<bool> TryAcquire(Transaction& tx, Timestamp now, const std::string& name,
                        const std::string& token, const Holder& holder, Duration expiry,
                        std::optional<LeaseInfo>& present) {
  auto found = TRY(Find(tx, name));
  if (found && IsAlive(found->info, now)) {
    present = found->info;
    return false;
  }
  TRY(tx.Execute("DELETE FROM leases WHERE name = ?", {name}));
  TRY(
      tx.Execute("INSERT INTO leases (name, token, host, pid, pid_start, command, user_name,"
                 " since, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 {name, token, holder.host, holder.pid, holder.pid_start, holder.command,
                  holder.user, now, now + expiry}));
  return true;
}

}  // namespace

Holder ThisProcess(std::string command) {
  int pid = ::getpid();
  return {io::HostName(), pid, io::ProcessStart(pid), std::move(command), io::UserName()};
}

Result<std::unique_ptr<Lease>> Lease::Acquire(Database& db, const Clock& clock,
                                              const std::string& name, const Holder& holder,
                                              LeaseOptions options) {
  std::string token = RandomUuid();
  auto end = std::chrono::steady_clock::now() + options.wait;
  for (;;) {
    std::optional<LeaseInfo> present;
    bool ours = TRY(db.Write([&](Transaction& tx) {
      return TryAcquire(tx, clock.Now(), name, token, holder, options.expiry, present);
    }));
    if (ours) break;
    if (std::chrono::steady_clock::now() >= end) return HeldBy(*present);
    bool is_here = present->holder.host == io::HostName();
    (void)io::WaitForExit(is_here ? present->holder.pid : 0, kAskAgain);
  }
  auto lease = std::make_unique<Lease>(Key(), db, clock, name, token, options.expiry);
  if (options.renew) {
    lease->renewer_ =
        std::jthread([raw = lease.get()](std::stop_token stop) { raw->KeepRenewing(stop); });
  }
  return lease;
}

Lease::Lease(Key, Database& db, const Clock& clock, std::string name, std::string token,
             Duration expiry)
    : db_(db), clock_(clock), name_(std::move(name)), token_(std::move(token)), expiry_(expiry) {}

Lease::~Lease() {
  if (renewer_.joinable()) {
    renewer_.request_stop();
    renewer_.join();
  }
  // Where this fails the lease is found dead with the process.
  (void)db_.Execute("DELETE FROM leases WHERE name = ? AND token = ?", {name_, token_});
}

void Lease::KeepRenewing(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, stop, expiry_ / 3, [] { return false; })) {
    if (stop.stop_requested()) return;
    // A lease that was taken over is noticed by Confirm, where it matters.
    (void)Renew();
  }
}

Result<void> Lease::Renew() {
  auto changed = TRY(db_.Execute("UPDATE leases SET expires_at = ? WHERE name = ? AND token = ?",
                                 {clock_.Now() + expiry_, name_, token_}));
  if (changed == 1) return {};
  return Error::Held("\"{}\" was taken over by another process; run the command again", name_);
}

Result<void> Lease::Confirm(Transaction& tx) const {
  auto found = TRY(Find(tx, name_));
  if (found && found->token == token_) return {};
  if (found) return HeldBy(found->info);
  return Error::Held("\"{}\" was taken from this process; run the command again", name_);
}

Result<std::optional<LeaseInfo>> FindLease(Database& db, const Clock& clock,
                                           const std::string& name) {
  auto found = TRY(db.Read([&](Transaction& tx) { return Find(tx, name); }));
  if (!found || !IsAlive(found->info, clock.Now())) return std::optional<LeaseInfo>();
  return std::optional<LeaseInfo>(found->info);
}

Result<bool> BreakLease(Database& db, const std::string& name) {
  auto removed = TRY(db.Execute("DELETE FROM leases WHERE name = ?", {name}));
  return removed > 0;
}

}  // namespace andon::store
