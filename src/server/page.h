// What all pages share: the frame with its landmarks, and the small parts that they are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "board/board.h"
#include "html/html.h"
#include "html/parts.h"
#include "server/http_server.h"

namespace andon::server {

using html::Attributes;
using html::Command;
using html::Definitions;
using html::El;
using html::Html;
using html::PercentEncode;
using html::Section;
using html::Separated;
using html::StateOf;
using html::Table;
using html::Text;
using html::ToHtml;

struct Frame {
  std::string project;
  std::string title;    // "payment"; empty on the board.
  std::string section;  // Which link of the navigation is current: "/", "/runs", …
  int64_t seq = 0;  // Of the journal, when it was read: the script reloads when a newer one comes.
  bool is_live = false;              // Reloaded when something changes.
  std::vector<std::string> scripts;  // Besides the one of all pages: "docs.js".
};
Response Page(const Frame& frame, const std::vector<Html>& main, int status = 200);

Html LightOf(board::Light light);     // Sign and word.
Html At(Timestamp t, Timestamp now);  // "2026-11-20 08:42:52", with "3 h ago" beside.
Html At(const std::optional<Timestamp>& t, Timestamp now);  // "–" for none.
Html DatasetLink(std::string_view address_or_name);
Html IncidentLink(int64_t number);
Html RunLink(std::string_view run_id);
Html NodeLink(std::string_view id);  // A link where it is a dataset; else its text.
std::string NameOf(std::string_view address);

// "/assets/style.css?v=…": changes with its content, so it may be cached for ever.
std::string AssetUrl(std::string_view path);
// 404 for an unknown one.
Response Asset(const Request& request, const std::string& path);

}  // namespace andon::server
