// links: andon_server andon_store andon_io andon_base
//
// Any bytes as a request: the first line is its method and target, a second one its body. A target
// is read or refused; whatever the path, the site answers with a status that it means, and its
// pages hold no markup that came in.
#include <filesystem>

#include "base/text.h"
#include "driver.h"
#include "html/html.h"
#include "io/local_file_system.h"
#include "server/http_server.h"
#include "server/router.h"
#include "server/service.h"
#include "server/site.h"

namespace {

using namespace andon;
using namespace andon::server;

constexpr char kToken[] = "fuzz";

// A site over an empty control store, in a folder that goes away with the process.
struct Served {
  std::string dir = std::filesystem::temp_directory_path().string() + "/andon-fuzz-" + RandomUuid();
  bool made = io::LocalFileSystem().MakeDirs(dir).ok();
  std::unique_ptr<store::Database> db = *store::OpenSqlite(dir + "/andon.db", {.create = true});
  ManualClock clock{*ParseTimestamp("2026-11-20T08:00:00Z")};
  DeclaredCache declared{*db};
  Site site{*db, clock, declared, {.is_loopback = true, .token = kToken}};

  ~Served() {
    db.reset();
    (void)io::LocalFileSystem().RemoveAll(dir);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Served served;
  std::string input(reinterpret_cast<const char*>(data), size);
  std::string decoded, again;
  if (PercentDecode(input, false, &decoded)) {
    FUZZ_CHECK(PercentDecode(html::PercentEncode(decoded), false, &again) && again == decoded,
               input);
  }
  std::string bytes;
  if (Base64Decode(input, &bytes)) {
    FUZZ_CHECK(Base64Decode(Base64Encode(bytes), &again) && again == bytes, input);
  }
  (void)ParseListen(input);

  size_t end = input.find('\n');
  std::string line = input.substr(0, end);
  size_t space = line.find(' ');
  if (space == std::string::npos) return 0;
  Request request{.method = line.substr(0, space)};
  if (!ReadTarget(line.substr(space + 1), &request)) return 0;
  FUZZ_CHECK(IsUtf8(request.path) && request.path[0] == '/', input);
  request.headers = {{"host", "localhost:1"}, {"authorization", std::string("Bearer ") + kToken}};
  if (end != std::string::npos) request.body = input.substr(end + 1);
  Response response = served.site.Handle(request);
  FUZZ_CHECK(response.status >= 200 && response.status < 500, input);
  if (response.content_type.starts_with("text/html"))
    FUZZ_CHECK(response.body.find("<fuzz") == std::string::npos, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {"GET /",
          "GET /?q=pay%20ment&light=red",
          "GET /d/payment",
          "GET /datasets/payment",
          "GET /incidents",
          "GET /i/1",
          "GET /runs/abc",
          "GET /r/1?x=%3Cfuzz%3E",
          "GET /contracts",
          "GET /lineage",
          "GET /events",
          "GET /healthz",
          "GET /metrics",
          "GET /assets/style.css?v=1",
          "GET /api/v1/board",
          "GET /api/v1/datasets/payment",
          "GET /api/v1/incidents/1",
          "POST /api/v1/incidents/1/note\n{\"text\":\"x\",\"actor\":\"ana\"}",
          "POST /api/v1/incidents/1/ack\n",
          "127.0.0.1:8080",
          "YW5hOnNlY3JldA=="};
}

std::vector<std::string> FuzzWords() {
  return {"/",     "//",       "..",          "%2e%2e", "%2F",    "%00",  "%",
          "%zz",   "?",        "&",           "=",      "+",      "#",    " ",
          "\n",    "<fuzz>",   "%3Cfuzz%3E",  "\"",     "'",      "GET ", "POST ",
          "HEAD ", "/api/v1/", "/incidents/", "/d/",    "/runs/", "-1",   "99999999999999999999",
          "{\"",   "\":",      "}",           "\xff",   "%ff",    "é",    "[::1]",
          ":"};
}
