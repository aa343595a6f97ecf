#include "base/text.h"
#include "server/pages.h"

namespace andon::server {
namespace {

Html Took(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to) {
  if (!from || !to) return Text("–");
  return Text(HumanDuration(std::chrono::floor<std::chrono::milliseconds>(*to - *from)));
}

}  // namespace

Response RunsPage(Frame frame, const std::vector<board::RunRow>& runs, Timestamp now) {
  frame.title = "Runs";
  frame.section = "/runs";
  frame.is_live = true;
  Table table{.caption = "Runs, newest first",
              .header = {"Run", "State", "Started", "Took", "Release", "What", "By"},
              .right = {false, false, false, true, true},
              .empty_text = "Nothing has run yet."};
  for (const auto& run : runs) {
    table.rows.push_back({RunLink(run.id), StateOf(run.state), At(run.started_at, now),
                          Took(run.started_at, run.ended_at),
                          Text(run.release_id ? std::to_string(run.release_id) : "–"),
                          Text(run.address), Text(run.actor)});
  }
  return Page(frame, {El("h1", "Runs"), ToHtml(table)});
}

Response RunPage(Frame frame, const board::RunDetail& detail, Timestamp now) {
  frame.title = "Run " + detail.run.id;
  frame.section = "/runs";
  frame.is_live = true;
  Table table{.caption = "Tasks, each try of them",
              .header = {"Task", "State", "Started", "Took", "Attempt", "Message"},
              .right = {false, false, false, true, true},
              .empty_text = "It has no tasks."};
  for (const auto& t : detail.tasks) {
    Html name = t.dataset.empty() ? Text(t.task) : DatasetLink(t.dataset);
    std::string message = t.body["message"].AsString();
    if (message.empty()) message = t.body["why"].AsString();
    table.rows.push_back({name, StateOf(t.state), At(t.started_at, now),
                          Took(t.started_at, t.ended_at), Text(std::to_string(t.attempt)),
                          Text(message)});
  }
  return Page(frame, {El("h1", Attributes{},
                         {Text("Run " + detail.run.id + " "), StateOf(detail.run.state)}),
                      Definitions({{"Started", At(detail.run.started_at, now)},
                                   {"Ended", At(detail.run.ended_at, now)},
                                   {"Took", Took(detail.run.started_at, detail.run.ended_at)},
                                   {"Release", Text(std::to_string(detail.run.release_id))},
                                   {"By", Text(detail.run.actor)}}),
                      Section("tasks", "Tasks", {ToHtml(table)})});
}

Response ReleasesPage(Frame frame, const std::vector<board::ReleaseRow>& releases, Timestamp now) {
  frame.title = "Releases";
  frame.section = "/releases";
  frame.is_live = true;
  Table table{.caption = "Releases, newest first",
              .header = {"Release", "State", "Closed", "Added", "Changed", "Removed", "By", "Why"},
              .right = {false, false, false, true, true, true},
              .empty_text = "Nothing has been applied yet."};
  for (const auto& r : releases) {
    auto count = [&](const char* name) {
      return Text(std::to_string(r.body["counts"][name].AsInteger()));
    };
    table.rows.push_back({Text(std::to_string(r.id)), StateOf(r.state), At(r.closed_at, now),
                          count("added"), count("changed"), count("removed"), Text(r.actor),
                          Text(r.body["message"].AsString())});
  }
  return Page(frame, {El("h1", "Releases"), ToHtml(table)});
}

}  // namespace andon::server
