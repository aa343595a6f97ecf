// Deliveries: what arrived for each dataset, and what became of it.
//
//   new ──► loaded        its rows are in a published version
//    ├────► rejected      its checks failed, or its columns broke the contract
//    ├────► unreadable    it could not be read
//    └────► superseded    a later delivery of the same period came instead
//
// A rejected or unreadable delivery is remembered by its content's hash and not tried again
// until the file changes, the definition changes, or a person says so. It blocks no other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "ingest/sources/files.h"
#include "store/database.h"

namespace andon::ingest {

enum class DeliveryState { kNew, kLoaded, kRejected, kUnreadable, kSuperseded };
std::string_view ToString(DeliveryState state);
// kCorrupt for a word that is none.
Result<DeliveryState> DeliveryStateFromString(std::string_view text);

struct Delivery {
  int64_t id = 0;
  std::string dataset;  // Address.
  std::string source;   // Address.
  std::string path;     // As FoundFile has it.
  std::string hash;     // SHA-256 of the bytes.
  std::string period;
  DeliveryState state = DeliveryState::kNew;
  Timestamp arrived_at;
  Timestamp updated_at;
  std::string run_id;  // That loaded or rejected it.
  int64_t size = 0;
  Timestamp mtime;
  int64_t rows = -1;   // -1: not known.
  std::string reason;  // Of rejected and unreadable; a sentence.
  int64_t superseded_by = 0;
  int64_t version = 0;     // Of the dataset, that has its rows; 0: none.
  bool by_person = false;  // Rejected by a person, who alone can take that back.
};
Json ToJson(const Delivery& delivery);

// Looks at the source's files and writes down, in one transaction with their facts, those that
// were not seen before; a later file of the same period supersedes an unloaded one.
// Returns how many are new. `actor` and `run_id` are those of the facts.
Result<int> RecordArrivals(store::Database& database, const io::FileSystem& files,
                           const std::string& project_dir, const definition::Project& project,
                           const definition::Dataset& dataset, const Clock& clock,
                           const std::string& actor, const std::string& run_id);

// In order of loading: by period, then by arrival.
Result<std::vector<Delivery>> ListDeliveries(store::Transaction& tx, const std::string& dataset,
                                             std::optional<DeliveryState> state = {});
// Of all datasets, newest first.
Result<std::vector<Delivery>> ListAllDeliveries(store::Transaction& tx, int64_t limit);
// By number ("3", "#3") or path. kNotFound.
Result<Delivery> FindDelivery(store::Transaction& tx, std::string_view number_or_path);

// Writes state, run_id, rows, reason, version, superseded_by and by_person as they stand in
// `delivery`. Facts are the caller's.
Result<void> SaveDelivery(store::Transaction& tx, const Delivery& delivery, Timestamp now);

// The hex SHA-256 of a file, read in pieces. `seen_size` receives how many bytes it was.
Result<std::string> HashFile(const io::FileSystem& files, const std::string& path,
                             int64_t* seen_size);

}  // namespace andon::ingest
