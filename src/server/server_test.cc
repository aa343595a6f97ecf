#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "board/board.h"
#include "incident/incident.h"
#include "io/http_client.h"
#include "io/process.h"
#include "server/http_server.h"
#include "server/page.h"
#include "server/router.h"
#include "server/service.h"
#include "server/site.h"
#include "store/journal.h"
#include "store/meta.h"
#include "validation/record.h"

namespace andon::server {
namespace {

using std::chrono::minutes;

constexpr char kToken[] = "0123456789abcdef0123";

Timestamp T0() { return *ParseTimestamp("2026-11-20T08:00:00Z"); }

Request Get(const std::string& path, std::map<std::string, std::string> query = {}) {
  Request request{.method = "GET", .path = path, .query = std::move(query)};
  request.headers["host"] = "127.0.0.1:8080";
  return request;
}

TEST(Url, IsDecodedStrictly) {
  const struct {
    const char* text;
    bool plus;
    bool ok;
    const char* decoded;
  } cases[] = {
      {"a%20b+c", true, true, "a b c"}, {"a+b", false, true, "a+b"},
      {"%e2%9c%96", false, true, "✖"},  {"%", false, false, ""},
      {"%4", false, false, ""},         {"%zz", false, false, ""},
      {"a%00b", false, false, ""},      {"", false, true, ""},
  };
  for (const auto& c : cases) {
    std::string decoded;
    ASSERT_EQ(PercentDecode(c.text, c.plus, &decoded), c.ok) << c.text;
    if (c.ok) {
      EXPECT_EQ(decoded, c.decoded);
    }
    if (c.ok && !c.plus) {
      std::string again;
      EXPECT_TRUE(PercentDecode(PercentEncode(decoded), false, &again));
      EXPECT_EQ(again, decoded);
    }
  }
}

TEST(Listen, AddressesAreRead) {
  const struct {
    const char* text;
    const char* host;
    int port;
  } cases[] = {
      {"127.0.0.1:8080", "127.0.0.1", 8080},
      {"[::1]:90", "::1", 90},
      {":8081", "127.0.0.1", 8081},
      {"9000", "127.0.0.1", 9000},
      {"localhost:0", "127.0.0.1", 0},
      {"0.0.0.0:443", "0.0.0.0", 443},
      {"example:80", "", -1},
      {"127.0.0.1:x", "", -1},
      {"127.0.0.1:70000", "", -1},
      {"", "", -1},
  };
  for (const auto& c : cases) {
    auto read = ParseListen(c.text);
    ASSERT_EQ(read.ok(), c.port >= 0) << c.text;
    if (read.ok()) {
      EXPECT_EQ(*read, (std::pair<std::string, int>(c.host, c.port)));
    }
  }
  EXPECT_TRUE(IsLoopback("127.3.2.1"));
  EXPECT_TRUE(IsLoopback("::1"));
  EXPECT_FALSE(IsLoopback("0.0.0.0"));
  EXPECT_FALSE(IsLoopback("::"));
}

// Who may ask for what.
TEST(Router, DeniesByDefault) {
  auto with = [](Guard guard) {
    Router router(guard);
    auto answer = [](const Request&, const std::string& rest) {
      return Response{.body = "got " + rest};
    };
    router.Add({"GET", "/open", Access::kOpen, answer});
    router.Add({"GET", "/d/*", Access::kRead, answer});
    router.Add({"POST", "/api/x", Access::kChange, answer});
    return router;
  };
  const Guard here{true, ""}, here_token{true, kToken}, there{false, kToken};
  using Headers = std::map<std::string, std::string, std::less<>>;
  const std::string bearer = std::string("Bearer ") + kToken;
  const struct {
    const char* says;
    Guard guard;
    const char* method;
    const char* path;
    Headers headers;
    int status;
  } cases[] = {
      {"a page", here, "GET", "/d/payment", {}, 200},
      {"no page", here, "GET", "/e/payment", {}, 404},
      {"a star needs a rest", here, "GET", "/d/", {}, 404},
      {"another method", here, "POST", "/d/payment", {}, 405},
      {"another name for this machine", here, "GET", "/d/x", {{"host", "localhost"}}, 200},
      {"v6", here, "GET", "/d/x", {{"host", "[::1]:8080"}}, 200},
      {"a name that was rebound to this machine",
       here,
       "GET",
       "/d/x",
       {{"host", "evil.example"}},
       421},
      {"a change without any token", here, "POST", "/api/x", {}, 403},
      {"a change without the token", here_token, "POST", "/api/x", {}, 401},
      {"a change with it", here_token, "POST", "/api/x", {{"authorization", bearer}}, 200},
      {"a change with a wrong one",
       here_token,
       "POST",
       "/api/x",
       {{"authorization", bearer + "x"}},
       401},
      {"a change from another site",
       here_token,
       "POST",
       "/api/x",
       {{"authorization", bearer}, {"origin", "https://evil.example"}},
       403},
      {"a change said to be from another site",
       here_token,
       "POST",
       "/api/x",
       {{"authorization", bearer}, {"sec-fetch-site", "cross-site"}},
       403},
      {"a change from here",
       here_token,
       "POST",
       "/api/x",
       {{"authorization", bearer}, {"origin", "http://127.0.0.1:8080"}},
       200},
      {"elsewhere everything needs it", there, "GET", "/d/x", {{"host", "andon.example"}}, 401},
      {"but what is open", there, "GET", "/open", {{"host", "andon.example"}}, 200},
      {"a browser's password",
       there,
       "GET",
       "/d/x",
       {{"authorization", "Basic " + Base64Encode(std::string("me:") + kToken)}},
       200},
      {"a broken one", there, "GET", "/d/x", {{"authorization", "Basic !!"}}, 401},
  };
  for (const auto& c : cases) {
    Request request = Get(c.path);
    request.method = c.method;
    for (const auto& [name, value] : c.headers) request.headers[name] = value;
    Response response = with(c.guard).Handle(request);
    EXPECT_EQ(response.status, c.status) << c.says << ": " << response.body;
    bool has_policy = false;
    for (const auto& [name, value] : response.headers)
      has_policy |= name == "Content-Security-Policy";
    EXPECT_TRUE(has_policy) << c.says;
  }
}

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("andon-server-{}-{}", info->name(), static_cast<int>(getpid()));
    std::filesystem::create_directories(folder_);
    auto db = store::OpenSqlite((folder_ / "andon.db").string(), {.create = true});
    ASSERT_TRUE(db.ok()) << db.error().message;
    db_ = std::move(*db);
    Declare();
    declared_ = std::make_unique<DeclaredCache>(*db_);
    site_ = std::make_unique<Site>(*db_, clock_, *declared_, Guard{true, kToken});
  }
  void TearDown() override {
    site_.reset();
    db_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Release 1: payment, and what is made of it; `schedule` of a pipeline where it is not empty.
  void Declare(const std::string& schedule = "") {
    auto object = [](std::string kind, Json attributes) {
      return Json::Object({{"kind", kind}, {"type", ""}, {"attributes", std::move(attributes)}})
          .Dump();
    };
    Json columns = Json::Object(
        {{"amount",
          Json::Object({{"type", "decimal(5,2)"}, {"required", true}, {"doc", "<b>paid</b>"}})}});
    std::map<std::string, std::string> objects;
    objects["dataset.payment"] =
        object("dataset",
               Json::Object(
                   {{"from", Json::Object({{"source", "source.deliveries"}, {"table", "payment"}})},
                    {"load", Json::Object({{"mode", "replace"}})},
                    {"columns", columns},
                    {"owner", "team.payments"}}));
    objects["dataset.fact_payment"] =
        object("dataset", Json::Object({{"sql", "select * from payment where amount < 3"},
                                        {"load", Json::Object({{"mode", "replace"}})},
                                        {"depends_on", Json::List({"dataset.payment"})}}));
    if (!schedule.empty()) {
      objects["pipeline.revenue"] = object(
          "pipeline",
          Json::Object({{"schedule", schedule}, {"build", Json::List({"dataset.fact_payment"})}}));
    }
    auto done = db_->Write([&](store::Transaction& tx) -> Result<void> {
      TRY(
          tx.Execute("INSERT INTO releases (state, opened_at, closed_at, actor, body) VALUES "
                     "('closed', 1, 2, 'ana', '{}')"));
      auto id = TRY(store::QueryOne(tx, "SELECT max(release_id) AS id FROM releases"));
      for (const auto& [address, content] : objects) {
        TRY(tx.Execute("INSERT INTO release_objects (release_id, address, hash) VALUES (?, ?, ?)",
                       {id->Integer("id"), address, TRY(store::PutBlob(tx, content))}));
      }
      return {};
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  void FailPayment() {
    auto declared = declared_->Get();
    ASSERT_TRUE(declared.ok()) << declared.error().message;
    incident::Failure failure;
    failure.datasets = {"dataset.payment"};
    failure.run_id = "run2";
    failure.delivery = incident::DeliveryReference{1, "deliveries/<payment>.csv", "2005-08", T0()};
    failure.checks = {
        {.dataset = "dataset.payment",
         .name = "amount_in_range",
         .type = "expect_x",
         .severity = "critical",
         .scope = "delivery",
         .message = "37 are unexpected",
         .sample = Json::Object({{"columns", Json::List({"amount"})},
                                 {"rows", Json::List({Json::List({"<img src=x>"})})}})}};
    auto n = db_->Write([&](store::Transaction& tx) {
      return incident::RecordFailure(tx, {(*declared)->project, (*declared)->graph, 1, "run run2"},
                                     failure, T0() + minutes(1));
    });
    ASSERT_TRUE(n.ok()) << n.error().message;
  }

  Response Ask(const std::string& path, std::map<std::string, std::string> query = {}) {
    return site_->Handle(Get(path, std::move(query)));
  }

  std::filesystem::path folder_;
  ManualClock clock_{T0() + minutes(10)};
  std::unique_ptr<store::Database> db_;
  std::unique_ptr<DeclaredCache> declared_;
  std::unique_ptr<Site> site_;
};

bool Has(const Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

TEST_F(ServerTest, PagesTellWhatIsAndEscapeIt) {
  FailPayment();
  Response board = Ask("/");
  EXPECT_EQ(board.status, 200);
  EXPECT_TRUE(Has(board, "href=\"/d/payment\""));
  EXPECT_TRUE(Has(board, "<span aria-hidden=\"true\">✖</span> red"));
  EXPECT_TRUE(Has(board, "href=\"/inc/1\""));
  EXPECT_FALSE(Has(Ask("/", {{"light", "green"}}), "href=\"/d/payment\""));
  EXPECT_TRUE(Has(Ask("/", {{"q", "PAYMENTS"}}), "href=\"/d/payment\"")) << "an owner is found too";
  EXPECT_TRUE(Has(Ask("/", {{"q", "\"><script>"}}), "value=\"&quot;&gt;&lt;script&gt;\""));

  Response dataset = Ask("/d/payment");
  EXPECT_TRUE(Has(dataset, "decimal(5,2)"));
  EXPECT_TRUE(Has(dataset, "&lt;b&gt;paid&lt;/b&gt;"));
  EXPECT_TRUE(Has(dataset, "<svg"));
  EXPECT_TRUE(Has(dataset, "fact_payment"));
  EXPECT_TRUE(Has(Ask("/d/fact_payment"), "select * from payment where amount &lt; 3"));

  Response incident = Ask("/inc/1");
  EXPECT_TRUE(Has(incident, "This delivery&#39;s file: deliveries/&lt;payment&gt;.csv"));
  EXPECT_TRUE(Has(incident, "&lt;img src=x&gt;"));
  EXPECT_TRUE(Has(incident, "andon incident ack 1"));
  for (const char* page : {"/", "/d/payment", "/inc/1", "/incidents", "/runs", "/releases"}) {
    Response response = Ask(page);
    EXPECT_EQ(response.status, 200) << page;
    EXPECT_FALSE(Has(response, "<script>")) << page;
    EXPECT_FALSE(Has(response, " style=")) << page;
    EXPECT_TRUE(Has(response, "<main id=\"main\"")) << page;
  }
}

TEST_F(ServerTest, UnknownThingsAreToldWithTheRightStatus) {
  EXPECT_EQ(Ask("/d/paymant").status, 404);
  EXPECT_TRUE(Has(Ask("/d/paymant"), "did you mean &quot;payment&quot;?"));
  EXPECT_EQ(Ask("/inc/9").status, 404);
  EXPECT_EQ(Ask("/inc/x").status, 400);
  EXPECT_EQ(Ask("/r/none").status, 404);
  EXPECT_EQ(Ask("/assets/../secret").status, 404);
  EXPECT_EQ(Ask("/api/v1/datasets/paymant").content_type, "application/json");
}

TEST_F(ServerTest, TheInterfaceHasTheModelOfTheBoard) {
  FailPayment();
  auto json = [&](const std::string& path) {
    auto parsed = Json::Parse(Ask(path).body);
    EXPECT_TRUE(parsed.ok()) << path;
    return parsed.ok() ? *parsed : Json();
  };
  EXPECT_EQ(json("/api/v1/board")["red"].AsInteger(), 1);
  EXPECT_EQ(json("/api/v1/board")["datasets"].items()[0]["name"].AsString(), "payment");
  EXPECT_EQ(json("/api/v1/datasets").size(), 2u);
  EXPECT_EQ(json("/api/v1/datasets/payment")["downstream"].size(), 1u);
  EXPECT_EQ(json("/api/v1/incidents/last")["number"].AsInteger(), 1);
  EXPECT_EQ(json("/api/v1/incidents").items()[0]["times"]["to_detection_s"].AsDouble(), 60);
  EXPECT_EQ(json("/api/v1/releases").size(), 1u);
  EXPECT_EQ(json("/api/v1/runs").size(), 0u);
  std::string metrics = Ask("/metrics").body;
  EXPECT_NE(metrics.find("andon_incidents_open 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("andon_light{dataset=\"payment\",light=\"red\"} 1\n"), std::string::npos);
}

TEST_F(ServerTest, DataDocsAreServedAndAnyTwoAreCompared) {
  for (int i = 0; i < 2; ++i) {
    validation::CheckedCheck checked;
    checked.check = {.name = "amount_in_range", .type = "expect_x"};
    checked.result.name = checked.check.name;
    checked.result.state = i ? quality::CheckState::kFailed : quality::CheckState::kPassed;
    checked.result.message = "<i>broken</i>";
    auto kept = db_->Write([&](store::Transaction& tx) {
      return validation::Record(tx, {.name = "payment",
                                     .dataset = "dataset.payment",
                                     .started = T0() + minutes(i),
                                     .results = {checked}});
    });
    ASSERT_TRUE(kept.ok()) << kept.error().message;
  }
  EXPECT_TRUE(Has(Ask("/docs"), "href=\"/docs/datasets/payment\""));
  EXPECT_TRUE(Has(Ask("/docs"), "docs.js?v="));
  EXPECT_TRUE(Has(Ask("/docs/datasets/payment"), "/docs/compare?before=1&amp;after=2"));
  Response validation = Ask("/docs/validations/2");
  EXPECT_TRUE(Has(validation, "&lt;i&gt;broken&lt;/i&gt;"));
  EXPECT_TRUE(Has(validation, "✖ broke"));
  EXPECT_TRUE(Has(Ask("/docs/compare", {{"before", "2"}, {"after", "1"}}), "✔ mended"));
  EXPECT_EQ(Ask("/docs/data/payment-0.js").content_type, "text/javascript; charset=utf-8");
  for (const char* page :
       {"/docs/validations/3", "/docs/validations/x", "/docs/datasets/no", "/docs/compare",
        "/docs/data/payment-99999999999999999999.js", "/docs/data/no-0.js", "/docs/data/payment"}) {
    EXPECT_EQ(Ask(page).status, 404) << page;
  }
  EXPECT_EQ(Ask("/assets/docs.js").status, 200);
  auto list =
      Json::Parse(Ask("/api/v1/validations", {{"dataset", "payment"}, {"limit", "1"}}).body);
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->items()[0]["state"].AsString(), "failed");
  EXPECT_EQ(Ask("/api/v1/validations/last").status, 200);
}

TEST_F(ServerTest, ChangesNeedTheToken) {
  FailPayment();
  Request ack = Get("/api/v1/incidents/1/ack");
  ack.method = "POST";
  ack.body = R"({"actor": "ana"})";
  EXPECT_EQ(site_->Handle(ack).status, 401);
  ack.headers["authorization"] = std::string("Bearer ") + kToken;
  Response done = site_->Handle(ack);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Json::Parse(done.body)->operator[]("acknowledged_by").AsString(), "ana");
  ack.path = "/api/v1/incidents/1/explode";
  EXPECT_EQ(site_->Handle(ack).status, 404);
  ack.path = "/api/v1/incidents/1/note";
  ack.body = "{";
  EXPECT_EQ(site_->Handle(ack).status, 400);
}

// Over a real socket.
class WireTest : public ServerTest {
 protected:
  void Serve(const std::function<void(ServiceOptions&)>& change = {}) {
    ServiceOptions options{.port = 0,
                           .token = kToken,
                           .project_dir = folder_.string(),
                           .database_file = (folder_ / "andon.db").string(),
                           .program = "/bin/true"};
    if (change) change(options);
    auto service = Service::Start(*db_, system_clock_, options);
    ASSERT_TRUE(service.ok()) << service.error().message;
    service_ = std::move(*service);
  }
  void TearDown() override {
    service_.reset();
    ServerTest::TearDown();
  }
  io::HttpResponse Fetch(const std::string& path, io::HttpRequest request = {}) {
    request.url = service_->url() + path;
    auto answer = io::NewHttpClient()->Send(request);
    EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().message);
    return answer.ok() ? *answer : io::HttpResponse{};
  }

  SystemClock system_clock_;
  std::unique_ptr<Service> service_;
};

TEST_F(WireTest, ServesPagesAssetsAndHeaders) {
  Serve();
  io::HttpResponse page = Fetch("");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.Header("content-security-policy").find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
  size_t at = page.body.find("/assets/style.css?v=");
  ASSERT_NE(at, std::string::npos);
  io::HttpResponse style = Fetch(page.body.substr(at + 1, page.body.find('"', at) - at - 1));
  EXPECT_EQ(style.status, 200);
  EXPECT_EQ(style.Header("content-type"), "text/css; charset=utf-8");
  EXPECT_EQ(Fetch("healthz").body, "ok\n");
  EXPECT_EQ(Fetch("d/%3Cscript%3E").status, 404);
  EXPECT_EQ(Fetch("d/%zz").status, 400);
}

TEST_F(WireTest, BoundsWhatComesIn) {
  Serve();
  io::HttpRequest big{.method = "POST", .body = std::string(kBodyMax + 1, 'x')};
  auto answer = io::NewHttpClient()->Send([&] {
    big.url = service_->url() + "api/v1/incidents/1/note";
    return big;
  }());
  if (answer.ok()) {  // Otherwise the connection was closed while it was sent.
    EXPECT_EQ(answer->status, 413);
  }
  io::HttpRequest wide;
  wide.headers = {{"X-Wide", std::string(kHeaderMax, 'x')}};
  EXPECT_EQ(Fetch("", wide).status, 431);
  EXPECT_EQ(Fetch("healthz").status, 200);
}

TEST_F(WireTest, EventsComeWhenAnotherProcessChangesTheStore) {
  Serve();
  std::mutex mutex;
  std::condition_variable grown;
  std::string seen;  // Guarded by mutex.
  auto curl = std::jthread([&](std::stop_token stop) {
    auto done = io::Run({.argv = {"curl", "-sN", service_->url() + "events"},
                         .time_limit = std::chrono::seconds(60)},
                        stop, [&](bool, std::string_view text) {
                          std::lock_guard lock(mutex);
                          seen += text;
                          grown.notify_all();
                        });
    (void)done;
  });
  auto wait_for = [&](const std::string& text) {
    std::unique_lock lock(mutex);
    return grown.wait_for(lock, std::chrono::seconds(30),
                          [&] { return seen.find(text) != std::string::npos; });
  };
  if (!wait_for("event: change")) GTEST_SKIP() << "needs curl";
  auto other = store::OpenSqlite((folder_ / "andon.db").string());
  ASSERT_TRUE(other.ok());
  auto seq = (*other)->Write([](store::Transaction& tx) {
    return store::Append(tx, {.time = T0(), .actor = "test", .kind = "test"});
  });
  ASSERT_TRUE(seq.ok());
  EXPECT_TRUE(wait_for(fmt::format("id: {}\n", *seq)));
}

TEST_F(WireTest, RefusesTheWorldWithoutTlsAndToken) {
  for (auto [cert, token] : {std::pair{"", kToken}, {"cert.pem", ""}}) {
    ServiceOptions options{.address = "0.0.0.0",
                           .port = 0,
                           .certificate_file = cert,
                           .key_file = cert,
                           .token = token};
    auto service = Service::Start(*db_, system_clock_, options);
    ASSERT_FALSE(service.ok());
    EXPECT_NE(service.error().message.find("needs TLS"), std::string::npos);
  }
}

TEST_F(WireTest, SpeaksTls) {
  std::string cert = (folder_ / "cert.pem").string(), key = (folder_ / "key.pem").string();
  auto made = io::Run({.argv = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                                "-keyout", key, "-out", cert, "-days", "2", "-subj",
                                "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"},
                       .discard_stderr = true});
  if (!made.ok() || !made->status.ok()) GTEST_SKIP() << "needs the openssl program";
  Serve([&](ServiceOptions& o) { o.certificate_file = cert, o.key_file = key; });
  auto answer = io::NewHttpClient(cert)->Send({.url = service_->url() + "healthz"});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->body, "ok\n");
}

TEST_F(WireTest, RunsWhatIsDueAndRemembersIt) {
  Declare("1s");
  // A program that notes how it was called, in the place of andon.
  std::string program = (folder_ / "fake").string(), calls = (folder_ / "calls").string();
  std::ofstream(program) << "#!/bin/sh\necho \"$@\" >> " << calls << "\nexit 3\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  std::mutex mutex;
  std::vector<ScheduledRun> runs;
  Serve([&](ServiceOptions& o) {
    o.program = program;
    o.on_run = [&](const ScheduledRun& run) {
      std::lock_guard lock(mutex);
      runs.push_back(run);
    };
  });
  auto count = [&] {
    std::lock_guard lock(mutex);
    return runs.size();
  };
  for (int i = 0; i < 1500 && count() < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  service_.reset();
  ASSERT_GE(runs.size(), 2u);
  EXPECT_EQ(runs[0].address, "pipeline.revenue");
  EXPECT_EQ(runs[0].exit_code, 3);
  std::string first;
  std::ifstream in(calls);
  std::getline(in, first);
  EXPECT_EQ(first,
            "run -C " + folder_.string() + " -input=false -lock-timeout=10m pipeline.revenue");
  auto row = db_->Query("SELECT state, last_at FROM schedules WHERE address = 'pipeline.revenue'");
  ASSERT_TRUE(row.ok());
  ASSERT_EQ(row->size(), 1u);
  EXPECT_EQ((*row)[0].Text("state"), "failed");
}

// No schedule: what another tool commits is judged all the same, once.
TEST_F(WireTest, RunsTheDatasetThatAnotherToolWroteTo) {
  Declare();
  std::string program = (folder_ / "fake").string(), calls = (folder_ / "calls").string();
  std::ofstream(program) << "#!/bin/sh\necho \"$@\" >> " << calls << "\nexit 0\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  std::atomic<int> runs = 0;
  Serve([&](ServiceOptions& o) {
    o.program = program;
    o.on_run = [&](const ScheduledRun&) { runs++; };
  });
  auto commit = [&](const std::string& table) {
    return db_->Write([&](store::Transaction& tx) {
      return tx.Execute(
          "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, "
          "metadata_location) VALUES ('andon', 'shop', ?, 'file:///v1.json')",
          {table});
    });
  };
  ASSERT_TRUE(commit("unknown").ok());
  ASSERT_TRUE(commit("payment").ok());
  for (int i = 0; i < 1500 && runs < 1; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  // The mark of the run wakes the loop again.
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  service_.reset();
  EXPECT_EQ(runs, 1);
  std::ifstream in(calls);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(all, "run -C " + folder_.string() +
                     " -input=false -lock-timeout=10m -select=dataset.payment\n");
}

}  // namespace
}  // namespace andon::server
