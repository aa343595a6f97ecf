#include <algorithm>

#include "base/text.h"
#include "server/pages.h"

namespace andon::server {
namespace {

bool Shows(const board::DatasetRow& row, const BoardFilter& filter) {
  if (!filter.light.empty() && board::ToString(row.light) != filter.light) return false;
  std::string all = AsciiLower(row.name + " " + row.owner + " " + Join(row.tags, " "));
  for (const std::string& word : Split(AsciiLower(filter.text), ' ')) {
    if (!word.empty() && all.find(word) == std::string::npos) return false;
  }
  return true;
}

Html CountOf(board::Light light, int n) {
  std::string word(board::ToString(light));
  return El("li", Attributes{},
            {El("a", {{"class", word}, {"href", "/?light=" + word}},
                {El("b", std::to_string(n)),
                 El("span", {{"aria-hidden", "true"}}, {Text(board::SignOf(light))}),
                 Text(" " + word)})});
}

Html Counts(const board::Board& board) {
  std::vector<Html> items = {CountOf(board::Light::kRed, board.red),
                             CountOf(board::Light::kYellow, board.yellow),
                             CountOf(board::Light::kGreen, board.green)};
  if (board.grey > 0) items.push_back(CountOf(board::Light::kGrey, board.grey));
  return El("ul", {{"class", "counts"}, {"aria-label", "Datasets by light"}}, items);
}

Html Summary(const board::Board& board) {
  std::string text = fmt::format("{} open.", Count(board.incidents_open, "incident"));
  if (board.incidents_30d > 0) {
    text += fmt::format(" In 30 days: {}, data downtime {}", Count(board.incidents_30d, "incident"),
                        incident::TimeText(board.downtime_30d));
    if (board.to_detection_30d)
      text += ", time to detection " + incident::TimeText(*board.to_detection_30d);
    if (board.to_resolution_30d)
      text += ", time to resolution " + incident::TimeText(*board.to_resolution_30d);
    text += ".";
  }
  return El("p", text);
}

Html FilterForm(const BoardFilter& filter) {
  std::vector<Html> options = {El("option", {{"value", ""}}, {Text("all")})};
  for (board::Light light :
       {board::Light::kRed, board::Light::kYellow, board::Light::kGreen, board::Light::kGrey}) {
    std::string word(board::ToString(light));
    Attributes attributes = {{"value", word}};
    if (word == filter.light) attributes.push_back({"selected", ""});
    options.push_back(El("option", attributes, {Text(word)}));
  }
  return El("form", {{"class", "filter"}, {"role", "search"}, {"action", "/"}, {"method", "get"}},
            {El("label", Attributes{},
                {Text("Name, owner or tag"),
                 El("input", {{"type", "search"}, {"name", "q"}, {"value", filter.text}})}),
             El("label", Attributes{}, {Text("Light"), El("select", {{"name", "light"}}, options)}),
             El("button", {{"type", "submit"}}, {Text("Show")})});
}

std::vector<Html> Row(const board::DatasetRow& row, Timestamp now) {
  Html why = Text(row.why);
  if (row.incident) {
    why += Text(" ");
    why += IncidentLink(*row.incident);
  }
  Html version = Text(row.version ? fmt::format("@{}", *row.version) : "–");
  Html rows = Text(row.rows ? WithThousands(*row.rows) : "–");
  Html run = row.last_run_id.empty() ? Text("–") : RunLink(row.last_run_id);
  return {DatasetLink(row.name),
          LightOf(row.light),
          At(row.since, now),
          why,
          version,
          rows,
          run,
          At(row.last_run_at, now),
          Text(row.owner.empty() ? "–" : NameOf(row.owner))};
}

}  // namespace

Response BoardPage(Frame frame, const board::Board& board, const BoardFilter& filter) {
  frame.section = "/";
  frame.is_live = true;
  Table table{
      .caption = "Datasets",
      .header = {"Dataset", "Light", "Since", "Why", "Version", "Rows", "Last run", "At", "Owner"}};
  table.right = {false, false, false, false, false, true};
  table.empty_text = board.rows.empty() ? "No dataset is declared yet." : "No dataset matches.";
  for (const auto& row : board.rows) {
    if (Shows(row, filter)) table.rows.push_back(Row(row, board.at));
  }
  return Page(frame, {El("h1", "Board"), Counts(board), Summary(board), FilterForm(filter),
                      El("div", {{"class", "board"}}, {ToHtml(table)})});
}

Response ProblemPage(Frame frame, int status, const std::string& text) {
  frame.title = status == 404 ? "Not found" : "Not possible now";
  return Page(frame,
              {El("h1", frame.title), El("p", text),
               El("p", Attributes{}, {El("a", {{"href", "/"}}, {Text("To the board")})})},
              status);
}

}  // namespace andon::server
