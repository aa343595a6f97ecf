// The ledger: the journal as people and programs read it, each fact with its time, who did it, what
// it is about, and a sentence. Releases, changes of infrastructure and drift, runs, deliveries,
// verdicts, publishes, incidents, what people did, and marks that others set.
//
//   auto entries = TRY(ReadLedger(tx, {.address = "dataset.payment", .limit = 20}));
//   entries[0].text;   // "published @4: 1,157 rows, 37 more"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "store/database.h"
#include "store/journal.h"

namespace andon::board {

// What is left empty does not restrict.
struct LedgerFilter {
  std::string address;             // An object with its instances: "aws_instance.web".
  std::vector<std::string> kinds;  // "published", …
  std::string actor;               // A part of it: "ana".
  std::string run_id;
  int64_t release_id = 0;
  std::optional<Timestamp> from;    // Inclusive.
  std::optional<Timestamp> before;  // Exclusive.
  int64_t limit = 50;
};

struct LedgerEntry {
  store::Fact fact;
  std::string text;
};

// The newest first.
Result<std::vector<LedgerEntry>> ReadLedger(store::Transaction& tx, const LedgerFilter& filter);
// {"seq": 7, "time": "…", "actor": …, "kind": …, "address": …, "run": …, "release": …, "text": …,
// "body": {…}}; what is empty is left out.
Json ToJson(const LedgerEntry& entry);

// What the fact says, without its address; of a kind from elsewhere its name.
std::string TextOf(const store::Fact& fact);
// Kinds of facts that this version writes, by name.
std::vector<std::string> FactKinds();

// A change that happened outside: a deployment of an application, a switch that was turned. It
// stands in the ledger beside Andon's own changes.
struct Mark {
  std::string text;     // A sentence; may be empty where there is a service.
  std::string service;  // What was deployed; the fact's address is then "service.NAME".
  std::string version;
  std::string commit;
  std::string url;
  std::string environment;
  std::optional<Timestamp> at;  // None: now.
};
inline constexpr char kDeploymentMarked[] = "deployment_marked";

// {"service": "checkout", "version": "2.1", …, "time": "2026-11-20T08:00:00Z"}. kInvalid, naming
// the member, for what is no mark.
Result<Mark> MarkFromJson(const Json& json);
// Returns the fact's seq. kInvalid for one that says nothing, or lies more than five minutes ahead.
Result<int64_t> RecordMark(store::Database& db, const Mark& mark, const std::string& actor,
                           Timestamp now);

}  // namespace andon::board
