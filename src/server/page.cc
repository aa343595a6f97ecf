#include "server/page.h"

#include "ServerAssets.h"
#include "base/text.h"
#include "docs/pages.h"
#include "server/router.h"

namespace andon::server {
namespace {

// Ours, and those that all pages share.
const EmbeddedFile* FindAsset(std::string_view path) {
  for (const EmbeddedFile& file : ServerAssets()) {
    if (file.path == path) return &file;
  }
  if (const EmbeddedFile* file = docs::FindAsset(path)) return file;
  return html::FindAsset(path);
}

struct Link {
  const char* href;
  const char* text;
};
constexpr Link kNavigation[] = {{"/", "Board"},
                                {"/docs", "Data Docs"},
                                {"/incidents", "Incidents"},
                                {"/runs", "Runs"},
                                {"/releases", "Releases"}};

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
  std::vector<Html> in_head = {
      El("meta", {{"charset", "utf-8"}}),
      El("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
      El("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
      El("title", title + " · Andon"),
      El("link", {{"rel", "icon"}, {"href", AssetUrl("icon.svg")}}),
      El("link", {{"rel", "stylesheet"}, {"href", AssetUrl("style.css")}}),
      El("script", {{"src", AssetUrl("live.js")}, {"defer", ""}})};
  for (const std::string& script : frame.scripts)
    in_head.push_back(El("script", {{"src", AssetUrl(script)}, {"defer", ""}}));
  Html head = El("head", Attributes{}, in_head);
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

Html At(Timestamp t, Timestamp now) {
  std::string ago =
      t <= now ? incident::TimeText(now - t) + " ago" : "in " + incident::TimeText(t - now);
  return El("time", {{"datetime", ToRfc3339(t)}, {"title", ago}}, {Text(html::ShownTime(t))});
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

}  // namespace andon::server
