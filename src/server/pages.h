// The pages: each is a function from the read model to HTML. No page reads the store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "board/board.h"
#include "lineage/lineage.h"
#include "server/http_server.h"
#include "server/page.h"

namespace andon::server {

// What the board shows of all: words in `text` are looked for in name, owner and tags.
struct BoardFilter {
  std::string text;
  std::string light;  // "red", …; empty: all.
};
Response BoardPage(Frame frame, const board::Board& board, const BoardFilter& filter);

// `lights`: of the datasets around it, by address, for the picture.
Response DatasetPage(Frame frame, const board::DatasetDetail& detail, const lineage::Graph& graph,
                     const std::map<std::string, board::Light>& lights, Timestamp now);

Response IncidentPage(Frame frame, const board::IncidentDetail& detail, Timestamp now);
Response IncidentsPage(Frame frame, const std::vector<incident::Incident>& incidents,
                       Timestamp now);
Response RunsPage(Frame frame, const std::vector<board::RunRow>& runs, Timestamp now);
Response RunPage(Frame frame, const board::RunDetail& detail, Timestamp now);
Response ReleasesPage(Frame frame, const std::vector<board::ReleaseRow>& releases, Timestamp now);
Response ProblemPage(Frame frame, int status, const std::string& text);

// A picture of the graph around one node; its table twin stands beside it on the page.
Html Picture(const lineage::Graph& graph, const std::string& id,
             const std::map<std::string, board::Light>& lights);

// Prometheus' text format, version 0.0.4.
std::string Metrics(const board::Board& board, int64_t outbox_queued);

}  // namespace andon::server
