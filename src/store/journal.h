// The journal: every change as a fact, in the order in which they became true.
//
// It is the change ledger on which root cause works, and the audit log. So: no
// change of state without its fact, in the same transaction. Facts are never
// changed or removed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "store/database.h"

namespace andon::store {

struct Fact {
  int64_t seq = 0;  // Given by Append; grows with each fact.
  Timestamp time;
  std::string actor;           // "ana@example.org", "run", or the process that did it.
  std::string kind;            // See the constants below; others are fine.
  std::string address;         // What it is about: "dataset.payment"; may be empty.
  std::string run_id;          // Empty where there is none.
  int64_t release_id = 0;      // 0 where there is none.
  Json body = Json::Object();  // What else there is to say, with "before" and "after".
};

// Kinds that more than one part writes or reads.
namespace fact {
inline constexpr char kDeliveryArrived[] = "delivery_arrived";
inline constexpr char kDeliveryRejected[] = "delivery_rejected";
inline constexpr char kDeliveryRetried[] = "delivery_retried";
inline constexpr char kSourceWritten[] = "source_written";  // Into an external dataset.
inline constexpr char kRunStarted[] = "run_started";
inline constexpr char kRunEnded[] = "run_ended";
inline constexpr char kTaskStarted[] = "task_started";
inline constexpr char kTaskEnded[] = "task_ended";
inline constexpr char kTaskFailed[] = "task_failed";
inline constexpr char kCheckFailed[] = "check_failed";
inline constexpr char kCheckPassed[] = "check_passed";
inline constexpr char kContractBroken[] = "contract_broken";
inline constexpr char kFreshnessMissed[] = "freshness_missed";
inline constexpr char kPublished[] = "published";
inline constexpr char kRolledBack[] = "rolled_back";
inline constexpr char kHeld[] = "held";
inline constexpr char kResumed[] = "resumed";
inline constexpr char kForeignCommit[] = "foreign_commit";  // Written by a trigger too.
inline constexpr char kReleaseOpened[] = "release_opened";
inline constexpr char kReleaseClosed[] = "release_closed";
inline constexpr char kObjectChanged[] = "object_changed";
inline constexpr char kIncidentOpened[] = "incident_opened";
inline constexpr char kIncidentAcknowledged[] = "incident_acknowledged";
inline constexpr char kIncidentAccepted[] = "incident_accepted";
inline constexpr char kIncidentResolved[] = "incident_resolved";
inline constexpr char kNotified[] = "notified";
inline constexpr char kNotifyFailed[] = "notify_failed";
}  // namespace fact

// Returns the fact's seq.
Result<int64_t> Append(Transaction& tx, const Fact& fact);

// What is left empty does not restrict.
struct FactFilter {
  std::vector<std::string> addresses;  // Any of these.
  std::vector<std::string> kinds;      // Any of these.
  std::string run_id;
  int64_t release_id = 0;
  std::optional<Timestamp> from;    // Inclusive.
  std::optional<Timestamp> before;  // Exclusive.
  int64_t after_seq = 0;            // Exclusive.
  int64_t before_seq = 0;           // Exclusive; 0: no bound.
  int64_t limit = 1000;
  bool newest_first = false;
};

Result<std::vector<Fact>> ReadFacts(Transaction& tx, const FactFilter& filter);

// The seq of the newest fact, or 0.
Result<int64_t> LastSeq(Transaction& tx);

}  // namespace andon::store
