// State: what the control store knows of each dataset between runs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "definition/definition.h"
#include "iceberg/table.h"
#include "incident/incident.h"
#include "ingest/deliveries.h"
#include "lake/lake.h"
#include "lake/publish.h"
#include "pipeline/staleness.h"
#include "store/database.h"

namespace andon::line {

// A dataset's table, and the version that main stands at.
struct TableState {
  std::optional<iceberg::Table> table;   // None before its first load.
  std::optional<lake::Version> version;  // None before its first publish.
  std::optional<pipeline::Basis> basis;  // What that version was made of; others' commits aside.

  std::optional<int64_t> snapshot_id() const {
    if (!version) return std::nullopt;
    return version->snapshot_id;
  }
};
Result<TableState> ReadTableState(store::Database& database, const lake::Lake& lake,
                                  const std::string& table);

// A try of a dataset was red; kept until what was red is published, or a person withdraws it.
struct Red {
  std::string dataset;
  std::string kind;  // "checks", "contract", "unreadable"
  std::string run_id;
  Timestamp at;
  pipeline::Basis basis;  // Of `dataset`: what it was tried with.
  std::string message;    // "3 checks failed", a sentence.
  int64_t incident = 0;
  bool is_passed = false;  // It published since, with other deliveries: downstream is not held.
};
Json ToJson(const Red& red);
Result<std::optional<Red>> FindRed(store::Transaction& tx, const std::string& dataset);
Result<std::vector<Red>> ListRed(store::Transaction& tx);
Result<void> SaveRed(store::Transaction& tx, const Red& red);
// It published: red is only what is still rejected, and that holds nobody.
Result<void> SettleRed(store::Transaction& tx, const std::string& dataset);
Result<void> ForgetRed(store::Transaction& tx, const std::string& dataset);

// A dataset that is held: kind "manual", "rollback" (both by a person), "upstream" (by a red one).
struct Hold {
  int64_t id = 0;
  std::string dataset;
  std::string kind;
  Timestamp since;
  std::string actor;
  std::string reason;
  int64_t incident = 0;
};
Result<std::vector<Hold>> ActiveHolds(store::Transaction& tx, const std::string& dataset = "");
// False where such a hold is active already.
Result<bool> AddHold(store::Transaction& tx, const Hold& hold, const std::string& run_id);
// How many were released.
Result<int64_t> ReleaseHolds(store::Transaction& tx, const std::string& dataset,
                             const std::vector<std::string>& kinds, Timestamp now);
// "held by ana since 2026-11-20 09:12: wrong rates".
std::string ToText(const Hold& hold);

// A red branch that a person may still accept, by the incident that it is about.
struct KeptBranch {
  int64_t incident = 0;
  std::string branch;
  std::vector<std::string> unit;
  std::vector<int64_t> deliveries;
  // Others that the branch holds as well, as each delivery of a try is loaded on top of the good
  // ones before it. They publish without it; then the branch would bring their rows twice.
  std::vector<int64_t> on_top_of;
  std::map<std::string, Json> bases;
};
Result<void> KeepBranch(store::Transaction& tx, const KeptBranch& kept, Timestamp now);
Result<std::optional<KeptBranch>> FindKeptBranch(store::Transaction& tx, int64_t incident);
Result<std::vector<KeptBranch>> ListKeptBranches(store::Transaction& tx);
Result<void> ForgetBranch(store::Transaction& tx, int64_t incident);

// All that pipeline::NeedOf asks of one dataset.
struct DatasetState {
  TableState table;
  pipeline::DatasetFacts facts;
  std::optional<Red> red;
  std::vector<ingest::Delivery> fresh;     // New.
  std::vector<ingest::Delivery> rejected;  // Standing: rejected by checks or contract, unreadable.
  std::vector<ingest::Delivery> loaded;    // In what main has.
};
Result<DatasetState> ReadDatasetState(store::Database& database, const lake::Lake& lake,
                                      const definition::Dataset& dataset);

}  // namespace andon::line
