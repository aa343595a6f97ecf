// What all pages share: the frame with its landmarks, and the small parts that they are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "board/board.h"
#include "server/html.h"
#include "server/http_server.h"

namespace andon::server {

struct Frame {
  std::string project;
  std::string title;    // "payment"; empty on the board.
  std::string section;  // Which link of the navigation is current: "/", "/runs", …
  int64_t seq = 0;  // Of the journal, when it was read: the script reloads when a newer one comes.
  bool is_live = false;  // Reloaded when something changes.
};
Response Page(const Frame& frame, const std::vector<Html>& main, int status = 200);

Html LightOf(board::Light light);      // Sign and word.
Html StateOf(std::string_view state);  // A word in a badge, coloured by its meaning.
Html At(Timestamp t, Timestamp now);   // "2026-11-20 08:42:52", with "3 h ago" beside.
Html At(const std::optional<Timestamp>& t, Timestamp now);  // "–" for none.
Html DatasetLink(std::string_view address_or_name);
Html IncidentLink(int64_t number);
Html RunLink(std::string_view run_id);
Html NodeLink(std::string_view id);  // A link where it is a dataset; else its text.
std::string NameOf(std::string_view address);

struct Table {
  std::string caption;
  std::vector<std::string> header;
  std::vector<std::vector<Html>> rows;  // The first cell of a row is its header.
  std::vector<bool> right;              // Numbers.
  std::string empty_text;               // Shown where there are no rows.
};
Html ToHtml(const Table& table);
Html Section(std::string_view id, std::string_view title, const std::vector<Html>& children);
// A list of names and values.
Html Definitions(const std::vector<std::pair<std::string, Html>>& pairs);
Html Command(std::string_view command);  // What to type for the same.

// "/assets/style.css?v=…": changes with its content, so it may be cached for ever.
std::string AssetUrl(std::string_view path);
// 404 for an unknown one.
Response Asset(const Request& request, const std::string& path);

}  // namespace andon::server
