// Data Docs, served: the pages of docs/, in the server's frame.
#include <algorithm>
#include <charconv>

#include "docs/pages.h"
#include "server/moment.h"
#include "server/pages.h"
#include "server/site.h"
#include "validation/history.h"
#include "validation/record.h"

namespace andon::server {
namespace {

// Older columns than this many are of no use in one answer.
constexpr int64_t kListDefault = 100;
constexpr int64_t kListMax = 1000;

Response ToPage(Frame frame, docs::Page page) {
  frame.title = page.title.empty() ? "Data Docs" : page.title;
  frame.section = "/docs";
  frame.scripts = {"docs.js"};
  return Page(frame, page.main);
}

Result<int64_t> NumberOf(std::string_view text) {
  int64_t number = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size())
    return Error::NotFound("There is no validation \"{}\"", text);
  return number;
}

// "payment-3.js": the key and the chunk.
Result<Response> Chunk(Moment& m, std::string_view name) {
  const size_t dash = name.rfind('-');
  if (dash == name.npos || !name.ends_with(".js")) return Error::NotFound("There is no such file");
  const int64_t chunk = TRY(NumberOf(name.substr(dash + 1, name.size() - dash - 4)));
  constexpr int64_t kChunkMax = int64_t{1} << 40;
  if (chunk < 0 || chunk > kChunkMax) return Error::NotFound("There is no such file");
  const std::string dataset =
      TRY(docs::DatasetOfKey(m.tx, m.declared.project, name.substr(0, dash)));
  auto grid = TRY(
      validation::ReadGridRange(m.tx, dataset, chunk * docs::kChunk, (chunk + 1) * docs::kChunk));
  return Response{.content_type = "text/javascript; charset=utf-8",
                  .body = docs::ChunkScript(grid, dataset, chunk)};
}

Json ToJson(const validation::Summary& s) {
  const validation::Validation& v = s.about;
  return Json::Object({{"number", v.number},
                       {"id", v.id},
                       {"dataset", v.dataset},
                       {"batch", v.batch},
                       {"version", v.version > 0 ? Json(v.version) : Json()},
                       {"run", v.run_id},
                       {"release", v.release_id},
                       {"state", s.state},
                       {"started_at", ToRfc3339(v.started)},
                       {"checks", s.counts.checks},
                       {"passed", s.counts.passed},
                       {"failed", s.counts.failed},
                       {"warnings", s.counts.warnings},
                       {"errors", s.counts.errors}});
}

Json ToJson(const validation::Validation& v) {
  Json json = ToJson(validation::Summary{v, CountsOf(v), std::string(StateOf(CountsOf(v)))});
  Json results = Json::List();
  for (const auto& checked : v.results) results.Push(quality::ToJson(checked.result));
  json.Set("results", std::move(results));
  return json;
}

}  // namespace

void Site::AddDocs() {
  using Done = Result<Response>;
  auto page = [this](std::string pattern, auto body) {
    router_.Add({"GET", std::move(pattern), Access::kRead,
                 [this, body](const Request& request, const std::string& rest) {
                   return Answer(db_, clock_, declared_, request,
                                 [&](Moment& m) -> Done { return body(m, request, rest); });
                 }});
  };
  page("/docs", [](Moment& m, const Request&, const std::string&) -> Done {
    auto index = TRY(docs::ReadIndex(m.tx, m.declared.project));
    return ToPage(m.frame, docs::IndexPage(index, docs::Links::Live()));
  });
  page("/docs/datasets/*", [](Moment& m, const Request&, const std::string& key) -> Done {
    auto view = TRY(docs::ReadDataset(m.tx, m.declared.project, m.declared.graph, key));
    return ToPage(m.frame, docs::DatasetPage(view, docs::Links::Live()));
  });
  page("/docs/validations/*", [](Moment& m, const Request&, const std::string& which) -> Done {
    const int64_t number = TRY(NumberOf(which));
    auto found = TRY(validation::Find(m.tx, number));
    auto previous = TRY(validation::PreviousOf(m.tx, found));
    std::optional<validation::Validation> before;
    if (previous) before = TRY(validation::Find(m.tx, *previous));
    return ToPage(m.frame,
                  docs::ValidationPage(found, before ? &*before : nullptr, docs::Links::Live()));
  });
  page("/docs/compare", [](Moment& m, const Request& request, const std::string&) -> Done {
    const int64_t from = TRY(NumberOf(request.Query("before")));
    const int64_t to = TRY(NumberOf(request.Query("after")));
    auto before = TRY(validation::Find(m.tx, from));
    auto after = TRY(validation::Find(m.tx, to));
    return ToPage(m.frame, docs::ComparePage(before, after, docs::Links::Live()));
  });
  page("/docs/data/*",
       [](Moment& m, const Request&, const std::string& name) -> Done { return Chunk(m, name); });
  page("/api/v1/validations", [](Moment& m, const Request& request, const std::string&) -> Done {
    validation::Filter filter{.run_id = request.Query("run"), .limit = kListDefault};
    if (const std::string key = request.Query("dataset"); !key.empty())
      filter.dataset = TRY(docs::DatasetOfKey(m.tx, m.declared.project, key));
    if (!request.Query("before").empty()) filter.before = TRY(NumberOf(request.Query("before")));
    if (!request.Query("limit").empty()) {
      const int64_t limit = TRY(NumberOf(request.Query("limit")));
      filter.limit = std::clamp<int64_t>(limit, 1, kListMax);
    }
    auto list = TRY(validation::List(m.tx, filter));
    Json out = Json::List();
    for (const auto& summary : list) out.Push(ToJson(summary));
    return JsonResponse(out);
  });
  page("/api/v1/validations/*", [](Moment& m, const Request&, const std::string& which) -> Done {
    auto found = TRY(validation::Find(m.tx, std::string_view(which)));
    return JsonResponse(ToJson(found));
  });
}

}  // namespace andon::server
