// The read model: what the board, the pages and `-json` show. Read in one transaction, so that
// all of it is of one moment; nothing here changes anything. The command line prints these
// structs, the server renders them as pages, and both give the same JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "contract/objective.h"
#include "definition/definition.h"
#include "incident/incident.h"
#include "lineage/lineage.h"

namespace andon::store {
class Transaction;
}

namespace andon::board {

// Red: its last data failed, readers have older ones. Yellow: held, late, accepted though red, or
// only warnings. Grey: it has no version yet.
enum class Light { kRed, kYellow, kGreen, kGrey };
std::string_view ToString(Light light);  // "red", "yellow", "green", "grey"
std::string_view SignOf(Light light);    // "✖", "▲", "✔", "○": a light is never colour only.

struct RunRow {
  std::string id;
  std::string address;  // Of the pipeline, where one ran.
  std::string state;
  int64_t release_id = 0;
  Timestamp started_at;
  std::optional<Timestamp> ended_at;
  std::string actor;
  Json body;
};

struct DatasetRow {
  std::string address;
  std::string name;
  std::string owner;
  std::vector<std::string> tags;
  Light light = Light::kGrey;
  std::optional<Timestamp> since;  // Since when it has that light.
  std::string why;                 // A sentence; empty where all is well.
  std::optional<int64_t> version;  // main's.
  std::optional<Timestamp> published_at;
  std::optional<int64_t> rows;
  std::string last_run_id;
  std::string last_run_state;  // Of its task in that run.
  std::optional<Timestamp> last_run_at;
  std::optional<int64_t> incident;  // The open one, red before held.
  std::optional<Duration> age;      // Since the last arrival or publish, as `freshness` counts.
  std::optional<Duration> age_max;
};
Json ToJson(const DatasetRow& row);

struct Board {
  std::string project;
  Timestamp at;
  std::vector<DatasetRow> rows;  // Red first, then by name.
  int red = 0, yellow = 0, green = 0, grey = 0;
  int incidents_open = 0;
  // Of incidents that began in the last 30 days.
  int incidents_30d = 0;
  Duration downtime_30d{0};
  std::optional<Duration> to_detection_30d;   // Median.
  std::optional<Duration> to_resolution_30d;  // Median.
};
Json ToJson(const Board& board);
Result<Board> ReadBoard(store::Transaction& tx, const definition::Project& project, Timestamp now);

struct VersionRow {
  int64_t version = 0;
  int64_t snapshot_id = 0;
  std::string state;  // "published", "foreign", "rolled_back"
  Timestamp published_at;
  std::string run_id;
  int64_t release_id = 0;
  std::optional<int64_t> rows;
  std::string accepted;  // The reason, where red data were published; else empty.
};

struct DeliveryRow {
  int64_t id = 0;
  std::string path;
  std::string period;
  std::string state;
  Timestamp arrived_at;
  std::string reason;
};

// A check over the last runs. A cell is one run's worst state of it.
struct GridCell {
  std::string state;  // "passed", "failed", "error", or empty: not run.
  std::string message;
};
struct GridRow {
  std::string check;
  std::string type;
  std::string severity;
  std::vector<GridCell> cells;  // As Grid::runs.
};
struct Grid {
  std::vector<std::string> runs;  // Oldest first.
  std::vector<Timestamp> times;
  std::vector<GridRow> rows;  // In the order of the definition, then what is no more declared.
};

struct DatasetDetail {
  DatasetRow row;
  definition::Dataset definition;
  std::vector<VersionRow> versions;         // Newest first, at most kVersionsMax.
  std::vector<DeliveryRow> deliveries;      // Newest first, at most kVersionsMax.
  std::optional<int64_t> rows_quarantined;  // Beside it now; none where nothing ever was.
  Grid grid;
  std::vector<lineage::Reached> upstream;
  std::vector<lineage::Reached> downstream;
  std::vector<definition::Contract> contracts;
  // Of each of them, over the last 30 days (board/service_levels.h).
  std::vector<std::vector<contract::Objective>> service_levels;
  std::vector<incident::Incident> incidents;  // Newest first, at most 20.
  std::string hold;                           // Why it is held by hand; empty: it is not.
};
inline constexpr int64_t kVersionsMax = 50;
inline constexpr int64_t kGridRunsMax = 30;
Json ToJson(const DatasetDetail& detail);
// kNotFound, with did-you-mean, for a name or address that the project does not have.
Result<DatasetDetail> ReadDataset(store::Transaction& tx, const definition::Project& project,
                                  const lineage::Graph& graph, std::string_view name,
                                  Timestamp now);

struct IncidentDetail {
  incident::Incident incident;
  incident::Times times;
  std::vector<incident::Event> events;
};
Json ToJson(const IncidentDetail& detail);
Result<IncidentDetail> ReadIncident(store::Transaction& tx, std::string_view number_or_last,
                                    Timestamp now);

struct TaskRow {
  std::string task;
  int64_t attempt = 1;
  std::string dataset;
  std::string state;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
  Json body;
};
struct RunDetail {
  RunRow run;
  std::vector<TaskRow> tasks;
};
Json ToJson(const RunRow& run);
Json ToJson(const RunDetail& detail);
Result<std::vector<RunRow>> ReadRuns(store::Transaction& tx, int64_t limit);  // Newest first.
Result<RunDetail> ReadRun(store::Transaction& tx, std::string_view run_id);   // kNotFound.

struct ReleaseRow {
  int64_t id = 0;
  std::string state;
  Timestamp opened_at;
  std::optional<Timestamp> closed_at;
  std::string actor;
  Json body;
};
Json ToJson(const ReleaseRow& row);
Result<std::vector<ReleaseRow>> ReadReleases(store::Transaction& tx,
                                             int64_t limit);  // Newest first.

}  // namespace andon::board
