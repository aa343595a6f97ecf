#include "server/page.h"

#include <map>

#include "ServerAssets.h"
#include "base/text.h"
#include "server/router.h"

namespace andon::server {
namespace {

struct Link {
  const char* href;
  const char* text;
};
constexpr Link kNavigation[] = {
    {"/", "Board"}, {"/incidents", "Incidents"}, {"/runs", "Runs"}, {"/releases", "Releases"}};

// "2026-11-20 08:42:52" of RFC 3339.
std::string Shown(Timestamp t) {
  std::string text = ToRfc3339(std::chrono::floor<std::chrono::seconds>(t));
  if (text.size() > 10) text[10] = ' ';
  if (text.ends_with('Z')) text.pop_back();
  return text;
}

const EmbeddedFile* FindAsset(std::string_view path) {
  for (const EmbeddedFile& file : ServerAssets()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

std::string TypeOf(std::string_view path) {
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

Html Navigation(const Frame& frame) {
  std::vector<Html> items;
  for (const Link& link : kNavigation) {
    Attributes attributes = {{"href", link.href}};
    if (frame.section == link.href) attributes.push_back({"aria-current", "page"});
    items.push_back(El("li", Attributes{}, {El("a", attributes, {Text(link.text)})}));
  }
  return El("nav", {{"aria-label", "Pages"}}, {El("ul", Attributes{}, items)});
}

}  // namespace

std::string NameOf(std::string_view address) {
  size_t dot = address.rfind('.');
  return std::string(dot == std::string_view::npos ? address : address.substr(dot + 1));
}

std::string AssetUrl(std::string_view path) {
  const EmbeddedFile* file = FindAsset(path);
  return fmt::format("/assets/{}?v={}", path, file ? Sha256(file->content).substr(0, 12) : "none");
}

Response Asset(const Request& request, const std::string& path) {
  const EmbeddedFile* file = FindAsset(path);
  if (!file) return ErrorResponse(request, 404, "There is no such file.");
  return {.content_type = TypeOf(path),
          .headers = {{"Cache-Control", "public, max-age=31536000, immutable"}},
          .body = std::string(file->content)};
}

Response Page(const Frame& frame, const std::vector<Html>& main, int status) {
  std::string title = frame.title.empty() ? frame.project : frame.title + " · " + frame.project;
  Html head =
      El("head", Attributes{},
         {El("meta", {{"charset", "utf-8"}}),
          El("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
          El("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
          El("title", title + " · Andon"),
          El("link", {{"rel", "icon"}, {"href", AssetUrl("icon.svg")}}),
          El("link", {{"rel", "stylesheet"}, {"href", AssetUrl("style.css")}}),
          El("script", {{"src", AssetUrl("live.js")}, {"defer", ""}})});
  Html header = El("header", Attributes{},
                   {El("a", {{"class", "skip"}, {"href", "#main"}}, {Text("Skip to the content")}),
                    El("p", {{"class", "brand"}},
                       {El("a", {{"href", "/"}}, {Text("Andon")}), Text(" "),
                        El("span", {{"class", "dim"}}, {Text(frame.project)})}),
                    Navigation(frame)});
  Attributes at_main = {
      {"id", "main"}, {"tabindex", "-1"}, {"data-seq", std::to_string(frame.seq)}};
  if (frame.is_live) at_main.push_back({"data-live", "yes"});
  Html body =
      El("body", Attributes{},
         {header, El("main", at_main, main),
          El("p",
             {{"id", "status"}, {"role", "status"}, {"aria-live", "polite"}, {"class", "status"}}),
          El("footer", Attributes{},
             {El("p", {{"class", "dim"}},
                 {Text("Times are UTC. The same, for programs: "),
                  El("a", {{"href", "/api/v1/board"}}, {Text("/api/v1")})})})});
  return {.status = status,
          .body = "<!doctype html>\n" + El("html", {{"lang", "en"}}, {head, body}).text() + "\n"};
}

Html LightOf(board::Light light) {
  std::string word(board::ToString(light));
  return El(
      "span", {{"class", "light " + word}},
      {El("span", {{"aria-hidden", "true"}}, {Text(board::SignOf(light))}), Text(" " + word)});
}

Html StateOf(std::string_view state) {
  static const std::map<std::string, std::pair<std::string, std::string>, std::less<>> kMeaning = {
      {"passed", {"green", "✔"}},
      {"published", {"green", "✔"}},
      {"succeeded", {"green", "✔"}},
      {"resolved", {"green", "✔"}},
      {"loaded", {"green", "✔"}},
      {"closed", {"green", "✔"}},
      {"failed", {"red", "✖"}},
      {"red", {"red", "✖"}},
      {"rejected", {"red", "✖"}},
      {"unreadable", {"red", "✖"}},
      {"open", {"red", "✖"}},
      {"contract", {"red", "✖"}},
      {"critical", {"red", "✖"}},
      {"error", {"red", "✖"}},
      {"held", {"yellow", "▲"}},
      {"accepted", {"yellow", "▲"}},
      {"acknowledged", {"yellow", "▲"}},
      {"warning", {"yellow", "▲"}},
      {"foreign", {"yellow", "▲"}},
      {"rolled_back", {"yellow", "▲"}},
      {"cancelled", {"yellow", "▲"}}};
  auto found = kMeaning.find(state);
  std::string name = found == kMeaning.end() ? "grey" : found->second.first;
  std::string sign = found == kMeaning.end() ? "○" : found->second.second;
  std::string word(state);
  for (char& c : word) c = c == '_' ? ' ' : c;
  return El("span", {{"class", "light " + name}},
            {El("span", {{"aria-hidden", "true"}}, {Text(sign)}), Text(" " + word)});
}

Html At(Timestamp t, Timestamp now) {
  std::string ago =
      t <= now ? incident::TimeText(now - t) + " ago" : "in " + incident::TimeText(t - now);
  return El("time", {{"datetime", ToRfc3339(t)}, {"title", ago}}, {Text(Shown(t))});
}

Html At(const std::optional<Timestamp>& t, Timestamp now) { return t ? At(*t, now) : Text("–"); }

Html DatasetLink(std::string_view address_or_name) {
  std::string name = NameOf(address_or_name);
  return El("a", {{"href", "/d/" + PercentEncode(name)}}, {Text(name)});
}

Html IncidentLink(int64_t number) {
  return El("a", {{"href", fmt::format("/inc/{}", number)}},
            {Text(fmt::format("Incident {}", number))});
}

Html RunLink(std::string_view run_id) {
  if (run_id.empty()) return Text("–");
  return El("a", {{"href", "/r/" + PercentEncode(run_id)}}, {Text(run_id)});
}

Html NodeLink(std::string_view id) {
  return id.starts_with("dataset.") ? DatasetLink(id) : Text(id);
}

Html ToHtml(const Table& table) {
  if (table.rows.empty()) return El("p", {{"class", "dim"}}, {Text(table.empty_text)});
  auto align = [&](size_t i) {
    return i < table.right.size() && table.right[i] ? Attributes{{"class", "number"}}
                                                    : Attributes{};
  };
  std::vector<Html> header, rows;
  for (size_t i = 0; i < table.header.size(); ++i) {
    Attributes attributes = align(i);
    attributes.push_back({"scope", "col"});
    header.push_back(El("th", attributes, {Text(table.header[i])}));
  }
  for (const auto& row : table.rows) {
    std::vector<Html> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      Attributes attributes = align(i);
      if (i == 0) attributes.push_back({"scope", "row"});
      // On a narrow screen the header is not beside the value; the style puts it before.
      else if (i < table.header.size())
        attributes.push_back({"data-label", table.header[i]});
      cells.push_back(El(i == 0 ? "th" : "td", attributes, {row[i]}));
    }
    rows.push_back(El("tr", Attributes{}, cells));
  }
  Html caption = El("caption", {{"class", "visually-hidden"}}, {Text(table.caption)});
  // A wide table scrolls by itself, and by keys, so that the page does not.
  return El(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", table.caption}},
      {El("table", Attributes{},
          {caption, El("thead", Attributes{}, {El("tr", Attributes{}, header)}),
           El("tbody", Attributes{}, rows)})});
}

Html Section(std::string_view id, std::string_view title, const std::vector<Html>& children) {
  std::string heading = std::string(id) + "-title";
  std::vector<Html> all = {El("h2", {{"id", heading}}, {Text(title)})};
  all.insert(all.end(), children.begin(), children.end());
  return El("section", {{"id", std::string(id)}, {"aria-labelledby", heading}}, all);
}

Html Definitions(const std::vector<std::pair<std::string, Html>>& pairs) {
  std::vector<Html> items;
  for (const auto& [name, value] : pairs) {
    items.push_back(El("div", Attributes{}, {El("dt", name), El("dd", Attributes{}, {value})}));
  }
  return El("dl", Attributes{}, items);
}

Html Command(std::string_view command) {
  return El("code", {{"class", "command"}}, {Text(command)});
}

}  // namespace andon::server
