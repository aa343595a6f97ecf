#include "server/site.h"

#include <charconv>

#include "base/text.h"
#include "board/board.h"
#include "board/ledger.h"
#include "incident/incident.h"
#include "release/release.h"
#include "server/moment.h"
#include "server/pages.h"
#include "store/journal.h"

namespace andon::server {
namespace {

constexpr int64_t kListMax = 200;

template <typename T>
Json ListJson(const std::vector<T>& list) {
  Json out = Json::List();
  for (const T& item : list) out.Push(ToJson(item));
  return out;
}

Json IncidentList(const std::vector<incident::Incident>& list, Timestamp now) {
  Json out = Json::List();
  for (const auto& in : list) {
    Json item = incident::ToJson(in);
    item.Set("times", incident::ToJson(incident::TimesOf(in, now)));
    out.Push(std::move(item));
  }
  return out;
}

Result<std::map<std::string, board::Light>> Lights(Moment& m) {
  std::map<std::string, board::Light> lights;
  board::Board board = TRY(board::ReadBoard(m.tx, m.declared.project, m.now));
  for (const auto& row : board.rows) lights[row.address] = row.light;
  return lights;
}

}  // namespace

Response JsonResponse(const Json& json) {
  return {.content_type = "application/json", .body = json.Dump() + "\n"};
}

Result<board::LedgerFilter> LedgerFilterOf(const Request& request) {
  board::LedgerFilter filter{.address = request.Query("address"),
                             .actor = request.Query("actor"),
                             .run_id = request.Query("run"),
                             .limit = kListMax};
  if (std::string kind = request.Query("kind"); !kind.empty()) filter.kinds = {kind};
  for (auto [name, to] : {std::pair("since", &filter.from), std::pair("until", &filter.before)}) {
    std::string text = request.Query(name);
    if (!text.empty()) *to = TRY(ParseTimestamp(text));
  }
  if (std::string text = request.Query("limit"); !text.empty()) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), filter.limit);
    bool is_number = error == std::errc() && end == text.data() + text.size();
    if (!is_number || filter.limit < 1 || filter.limit > 10'000)
      return Error::Invalid("limit is a number from 1 to 10000.");
  }
  return filter;
}

int StatusOf(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kInvalid:
      return 400;
    case ErrorKind::kConflict:
      return 409;
    case ErrorKind::kHeld:
    case ErrorKind::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

std::string ChangeEvent(int64_t seq) {
  return fmt::format("id: {}\nevent: change\ndata: {}\n\n", seq, seq);
}

Result<std::shared_ptr<const Declared>> DeclaredCache::Get() {
  int64_t id = TRY(release::CurrentId(db_));
  {
    std::lock_guard lock(mutex_);
    if (current_ && current_->release_id == id) return current_;
  }
  auto fresh = std::make_shared<Declared>();
  fresh->release_id = id;
  if (id != 0) fresh->project = TRY(release::CurrentProject(db_));
  fresh->graph = lineage::Graph::Build(fresh->project);
  std::lock_guard lock(mutex_);
  current_ = fresh;
  return current_;
}

Site::Site(store::Database& db, const Clock& clock, DeclaredCache& declared, Guard guard)
    : db_(db), clock_(clock), declared_(declared), router_(std::move(guard)) {
  AddPages();
  AddDocs();
  AddApi();
  AddChanges();
  AddLedger();
  AddRest();
}

void Site::AddPages() {
  auto page = [this](std::string pattern, auto body) {
    router_.Add({"GET", std::move(pattern), Access::kRead,
                 [this, body](const Request& request, const std::string& rest) {
                   return Answer(db_, clock_, declared_, request,
                                 [&](Moment& m) { return body(m, request, rest); });
                 }});
  };
  // A page has its short path, and the one that the API uses for the same thing.
  auto pages = [&page](std::initializer_list<const char*> patterns, auto body) {
    for (const char* pattern : patterns) page(pattern, body);
  };
  using Done = Result<Response>;
  page("/", [](Moment& m, const Request& r, const std::string&) -> Done {
    board::Board board = TRY(board::ReadBoard(m.tx, m.declared.project, m.now));
    return BoardPage(m.frame, board, {.text = r.Query("q"), .light = r.Query("light")});
  });
  pages({"/d/*", "/datasets/*"}, [](Moment& m, const Request&, const std::string& name) -> Done {
    auto detail = TRY(board::ReadDataset(m.tx, m.declared.project, m.declared.graph, name, m.now));
    auto lights = TRY(Lights(m));
    return DatasetPage(m.frame, detail, m.declared.graph, lights, m.now);
  });
  page("/incidents", [](Moment& m, const Request&, const std::string&) -> Done {
    auto list = TRY(incident::List(m.tx, {.limit = kListMax}));
    return IncidentsPage(m.frame, list, m.now);
  });
  pages({"/inc/*", "/incidents/*"},
        [](Moment& m, const Request&, const std::string& number) -> Done {
          auto detail = TRY(board::ReadIncident(m.tx, number, m.now));
          return IncidentPage(m.frame, detail, m.now);
        });
  page("/runs", [](Moment& m, const Request&, const std::string&) -> Done {
    auto list = TRY(board::ReadRuns(m.tx, kListMax));
    return RunsPage(m.frame, list, m.now);
  });
  pages({"/r/*", "/runs/*"}, [](Moment& m, const Request&, const std::string& id) -> Done {
    auto detail = TRY(board::ReadRun(m.tx, id));
    return RunPage(m.frame, detail, m.now);
  });
  page("/releases", [](Moment& m, const Request&, const std::string&) -> Done {
    auto list = TRY(board::ReadReleases(m.tx, kListMax));
    return ReleasesPage(m.frame, list, m.now);
  });
}

void Site::AddApi() {
  auto resource = [this](std::string pattern, auto body) {
    router_.Add({"GET", "/api/v1/" + pattern, Access::kRead,
                 [this, body](const Request& request, const std::string& rest) {
                   return Answer(db_, clock_, declared_, request,
                                 [&](Moment& m) -> Result<Response> {
                                   Json json = TRY(body(m, rest));
                                   return JsonResponse(json);
                                 });
                 }});
  };
  using Done = Result<Json>;
  resource("board", [](Moment& m, const std::string&) -> Done {
    auto found = TRY(board::ReadBoard(m.tx, m.declared.project, m.now));
    return ToJson(found);
  });
  resource("datasets", [](Moment& m, const std::string&) -> Done {
    board::Board board = TRY(board::ReadBoard(m.tx, m.declared.project, m.now));
    return ListJson(board.rows);
  });
  resource("datasets/*", [](Moment& m, const std::string& name) -> Done {
    auto found = TRY(board::ReadDataset(m.tx, m.declared.project, m.declared.graph, name, m.now));
    return ToJson(found);
  });
  resource("lineage",
           [](Moment& m, const std::string&) -> Done { return m.declared.graph.ToJson(); });
  resource("incidents", [](Moment& m, const std::string&) -> Done {
    auto list = TRY(incident::List(m.tx, {.limit = kListMax}));
    return IncidentList(list, m.now);
  });
  resource("incidents/*", [](Moment& m, const std::string& number) -> Done {
    auto found = TRY(board::ReadIncident(m.tx, number, m.now));
    return ToJson(found);
  });
  resource("runs", [](Moment& m, const std::string&) -> Done {
    auto found = TRY(board::ReadRuns(m.tx, kListMax));
    return ListJson(found);
  });
  resource("runs/*", [](Moment& m, const std::string& id) -> Done {
    auto found = TRY(board::ReadRun(m.tx, id));
    return ToJson(found);
  });
  resource("releases", [](Moment& m, const std::string&) -> Done {
    auto found = TRY(board::ReadReleases(m.tx, kListMax));
    return ListJson(found);
  });
}

// POST /api/v1/incidents/3/ack, …/note {"text"}, …/assign {"to"}, …/resolve {"note"}; the body may
// say {"actor"}: who does it.
void Site::AddChanges() {
  router_.Add({"POST", "/api/v1/incidents/*", Access::kChange,
               [this](const Request& request, const std::string& rest) {
                 size_t slash = rest.find('/');
                 std::string action = slash == std::string::npos ? "" : rest.substr(slash + 1);
                 auto body = request.body.empty() ? Result<Json>(Json::Object())
                                                  : Json::Parse(request.body);
                 if (!body.ok()) return ErrorResponse(request, 400, body.error().message);
                 auto declared = declared_.Get();
                 if (!declared.ok()) return ErrorResponse(request, 500, declared.error().message);
                 incident::Context context{(*declared)->project, (*declared)->graph,
                                           (*declared)->release_id,
                                           (*body)["actor"].AsString("api")};
                 Timestamp now = clock_.Now();
                 auto done = db_.Write([&](store::Transaction& tx) -> Result<Json> {
                   incident::Incident in = TRY(incident::Find(tx, rest.substr(0, slash)));
                   int64_t n = in.number;
                   if (action == "ack")
                     TRY(incident::Acknowledge(tx, context, n, now));
                   else if (action == "note")
                     TRY(incident::AddNote(tx, context, n, (*body)["text"].AsString(), now));
                   else if (action == "assign")
                     TRY(incident::Assign(tx, context, n, (*body)["to"].AsString(), now));
                   else if (action == "resolve")
                     TRY(incident::Resolve(tx, context, n, (*body)["note"].AsString(), now));
                   else
                     return Error::NotFound(
                         "There is no action \"{}\": use ack, note, assign or resolve", action);
                   auto found = TRY(board::ReadIncident(tx, std::to_string(n), now));
                   return ToJson(found);
                 });
                 if (!done.ok())
                   return ErrorResponse(request, StatusOf(done.error()), done.error().message);
                 return JsonResponse(*done);
               }});
}

// What happened: GET /api/v1/ledger?address=&kind=&actor=&run=&since=&until=&limit=, times in RFC
// 3339. A mark: POST /api/v1/deployments {"service": …, "version": …, "by": …}.
void Site::AddLedger() {
  router_.Add(
      {"GET", "/api/v1/ledger", Access::kRead, [this](const Request& request, const std::string&) {
         auto filter = LedgerFilterOf(request);
         if (!filter.ok()) return ErrorResponse(request, 400, filter.error().message);
         auto list =
             db_.Read([&](store::Transaction& tx) { return board::ReadLedger(tx, *filter); });
         if (!list.ok()) return ErrorResponse(request, 500, list.error().message);
         return JsonResponse(ListJson(*list));
       }});
  router_.Add({"POST", "/api/v1/deployments", Access::kChange,
               [this](const Request& request, const std::string&) {
                 auto body = Json::Parse(request.body);
                 if (!body.ok()) return ErrorResponse(request, 400, body.error().message);
                 auto mark = board::MarkFromJson(*body);
                 if (!mark.ok()) return ErrorResponse(request, 400, mark.error().message);
                 std::string actor = (*body)["by"].AsString((*body)["actor"].AsString("api"));
                 auto seq = board::RecordMark(db_, *mark, actor, clock_.Now());
                 if (!seq.ok())
                   return ErrorResponse(request, StatusOf(seq.error()), seq.error().message);
                 return JsonResponse(Json::Object({{"seq", *seq}}));
               }});
}

void Site::AddRest() {
  router_.Add(
      {"GET", "/assets/*", Access::kOpen,
       [](const Request& request, const std::string& path) { return Asset(request, path); }});
  router_.Add(
      {"GET", "/healthz", Access::kOpen, [this](const Request& request, const std::string&) {
         auto seq = db_.Read([](store::Transaction& tx) { return store::LastSeq(tx); });
         if (!seq.ok()) return ErrorResponse(request, 503, "The control store cannot be read.");
         return Response{.content_type = "text/plain; charset=utf-8", .body = "ok\n"};
       }});
  router_.Add(
      {"GET", "/metrics", Access::kRead, [this](const Request& request, const std::string&) {
         return Answer(db_, clock_, declared_, request, [&](Moment& m) -> Result<Response> {
           board::Board board = TRY(board::ReadBoard(m.tx, m.declared.project, m.now));
           auto queued = TRY(
               store::QueryOne(m.tx, "SELECT count(*) AS n FROM outbox WHERE state = 'queued'"));
           return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                           .body = Metrics(board, queued ? queued->Integer("n") : 0)};
         });
       }});
  router_.Add({"GET", "/events", Access::kRead, [this](const Request& request, const std::string&) {
                 return Answer(db_, clock_, declared_, request, [&](Moment& m) -> Result<Response> {
                   // A reader that comes back compares this with what it has.
                   return Response{.content_type = "text/event-stream; charset=utf-8",
                                   .body = "retry: 2000\n" + ChangeEvent(m.frame.seq),
                                   .is_stream = true};
                 });
               }});
}

}  // namespace andon::server
