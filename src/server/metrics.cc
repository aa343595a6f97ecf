#include <fmt/format.h>

#include "server/pages.h"

namespace andon::server {
namespace {

// A label's value: backslash, quote and newline are escaped.
std::string Label(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '"')
      out += "\\\"";
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

class Exposition {
 public:
  void Begin(std::string_view name, std::string_view help) {
    name_ = name;
    out_ += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
  }
  void Add(std::string_view labels, double value) {
    out_ += fmt::format("{}{}{}{} {}\n", name_, labels.empty() ? "" : "{", labels,
                        labels.empty() ? "" : "}", value);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string name_;
  std::string out_;
};

double Seconds(Duration d) { return static_cast<double>(d.count()) / 1e6; }

}  // namespace

std::string Metrics(const board::Board& board, int64_t outbox_queued) {
  Exposition out;
  auto dataset = [](const board::DatasetRow& row) {
    return fmt::format("dataset=\"{}\"", Label(row.name));
  };
  out.Begin("andon_rows_total", "Rows of the published version of a dataset.");
  for (const auto& row : board.rows) {
    if (row.rows) out.Add(dataset(row), static_cast<double>(*row.rows));
  }
  out.Begin("andon_version", "The version that main stands at.");
  for (const auto& row : board.rows) {
    if (row.version) out.Add(dataset(row), static_cast<double>(*row.version));
  }
  out.Begin("andon_freshness_seconds", "Time since the last publish of a dataset.");
  for (const auto& row : board.rows) {
    if (row.published_at) out.Add(dataset(row), Seconds(board.at - *row.published_at));
  }
  out.Begin("andon_light", "1 for the light that a dataset has.");
  for (const auto& row : board.rows) {
    out.Add(fmt::format("{},light=\"{}\"", dataset(row), board::ToString(row.light)), 1);
  }
  out.Begin("andon_datasets", "Datasets by light.");
  out.Add("light=\"red\"", board.red);
  out.Add("light=\"yellow\"", board.yellow);
  out.Add("light=\"green\"", board.green);
  out.Add("light=\"grey\"", board.grey);
  out.Begin("andon_incidents_open", "Incidents that are not over.");
  out.Add("", board.incidents_open);
  out.Begin("andon_downtime_seconds",
            "Data downtime of the incidents that began in the last 30 days.");
  out.Add("", Seconds(board.downtime_30d));
  out.Begin("andon_outbox_queued", "Notifications that wait to be sent.");
  out.Add("", static_cast<double>(outbox_queued));
  return out.Take();
}

}  // namespace andon::server
