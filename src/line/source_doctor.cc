#include "line/source_doctor.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/text.h"
#include "definition/secret.h"
#include "io/path.h"
#include "io/probe.h"
#include "line/source_session.h"
#include "sql/engines/postgres.h"

namespace andon::line {
namespace {

using State = DoctorStep::State;
using std::chrono::steady_clock;

constexpr Duration kLimit = std::chrono::seconds(5);
constexpr size_t kTablesShown = 5;

// What a step found: a sentence, or why it failed, with the cure.
struct Finding {
  std::string says;
  bool failed = false;
  std::string cure = {};
};

class Doctor {
 public:
  Doctor(const io::FileSystem& files, const std::string& project_dir,
         const definition::Source& source, const std::vector<std::string>& tables,
         std::stop_token stop)
      : files_(files),
        project_dir_(project_dir),
        source_(source),
        tables_(tables),
        stop_(std::move(stop)) {}

  Examination Run() {
    Step("settings", [this] { return Settings(); });
    if (source_.type == "files") {
      Step("folder", [this] { return Folder(); });
    } else if (server_ || source_.type == "postgres") {
      if (source_.options["tunnel"].is_object()) {
        Step("tunnel", [this] { return Tunnel(); });
      } else if (!server_ || HasNetwork()) {
        Step("name", [this] { return Name(); });
        Step("port", [this] { return Port(); });
        Step("tls", [this] { return Tls(); });
      }
      Step("login", [this] { return Login(); });
      Step("tables", [this] { return Tables(); });
    } else {
      Step("open", [this] { return Login(); });
      Step("tables", [this] { return Tables(); });
    }
    return std::move(out_);
  }

 private:
  void Step(std::string name, const std::function<Finding()>& look) {
    if (out_.failed() != nullptr) {
      out_.steps.push_back({.name = std::move(name), .state = State::kSkipped});
      return;
    }
    const auto start = steady_clock::now();
    Finding found = look();
    out_.steps.push_back(
        {.name = std::move(name),
         .state = found.failed ? State::kFailed : State::kPassed,
         .says = std::move(found.says),
         .cure = std::move(found.cure),
         .took = std::chrono::duration_cast<Duration>(steady_clock::now() - start)});
  }

  Finding Settings() {
    if (source_.type == "files") return {"path " + source_.path};
    auto server = ServerOf(files_, project_dir_, source_);
    if (!server.ok()) {
      return {server.error().message, true,
              "Give the secret where andon runs, or mend the block of the source."};
    }
    server_ = *std::move(server);
    if (!server_) return {"file " + source_.path};
    out_.host = server_->host;
    out_.port = server_->port > 0 ? server_->port : 5432;
    return {fmt::format("{}, database \"{}\", user \"{}\"{}", Place(), server_->database,
                        server_->user, server_->password.empty() ? ", no password" : "")};
  }

  std::string Place() const {
    return out_.host.empty() ? "a socket of this machine"
                             : fmt::format("{}:{}", out_.host, out_.port);
  }

  // A socket of this machine has neither name nor port.
  bool HasNetwork() const { return !out_.host.empty() && !out_.host.starts_with('/'); }

  Finding Folder() {
    // The folders above the first part that varies.
    std::string path = io::Join(project_dir_, source_.path);
    std::string folder = io::Dirname(path.substr(0, path.find('{')) + "x");
    auto entries = files_.List(folder);
    if (!entries.ok())
      return {entries.error().message, true,
              "Make the folder, or mend the path of the source: it is relative to the project."};
    auto count = std::ranges::count_if(*entries, [](const auto& e) { return !e.is_dir; });
    return {fmt::format("{} is there, with {}", folder, Count(count, "file"))};
  }

  Finding Tunnel() {
    auto tunnel = *server_->tunnel;
    tunnel.target_host = server_->host.empty() ? "localhost" : server_->host;
    tunnel.target_port = out_.port;
    auto opened = io::OpenSshTunnel(tunnel, stop_);
    if (!opened.ok())
      return {
          opened.error().message, true,
          fmt::format("Try it by hand: ssh -p {} {}@{}", tunnel.port, tunnel.user, tunnel.host)};
    return {fmt::format("{} lets us through", tunnel.host)};
  }

  Finding Name() {
    auto found = io::ResolveHost(out_.host);
    if (!found.ok())
      return {found.error().message, true,
              "Check the spelling of host, and the resolver of this machine (/etc/resolv.conf); a "
              "private name is known only within its network."};
    addresses_ = *std::move(found);
    return {fmt::format("{} is {}", out_.host, Join(addresses_, ", "))};
  }

  Finding Port() {
    std::vector<std::string> reasons;
    bool is_refused = false;
    for (const std::string& address : addresses_) {
      auto probed = io::ProbePort(address, out_.port, kLimit);
      if (probed.ok()) {
        address_ = address;
        return {fmt::format("{} port {} answers", address, out_.port)};
      }
      is_refused |= probed.error().message.starts_with("refused");
      reasons.push_back(address + ": " + probed.error().message);
    }
    return {Join(reasons, "; "), true,
            is_refused
                ? "Check the port, that the server runs, and that it listens on that address "
                  "(listen_addresses)."
                : "A firewall, a security group or a route between here and there keeps it "
                  "away; a server in a private network is reached through a bastion "
                  "(tunnel)."};
  }

  Finding Tls() {
    auto speaks = io::ProbePostgresTls(address_, out_.port, kLimit);
    if (!speaks.ok())
      return {speaks.error().message, true, "Check the port: something else listens there."};
    bool is_asked = server_->sslmode.starts_with("verify") || server_->sslmode == "require";
    if (!*speaks && is_asked)
      return {"the server speaks no TLS, and sslmode = \"" + server_->sslmode + "\" asks for it",
              true,
              "Turn it on there (ssl = on), or write sslmode = \"disable\" where the network is "
              "trusted."};
    return {*speaks ? "the server speaks TLS" : "the server speaks no TLS"};
  }

  Finding Login() {
    auto opened = OpenSource(files_, project_dir_, source_, {}, stop_);
    if (!opened.ok()) return {opened.error().message, true, ""};
    opened_ = *std::move(opened);
    return {opened_->session().Name()};
  }

  Finding Tables() {
    if (tables_.empty()) return {"no dataset names one"};
    std::vector<std::string> wrong;
    for (const std::string& table : tables_) {
      auto relation = opened_->Relation(table);
      if (!relation.ok()) {
        wrong.push_back(relation.error().message);
        continue;
      }
      auto read = opened_->session().Query("SELECT 1 FROM " + *relation + " AS t LIMIT 0");
      if (!read.ok()) wrong.push_back(read.error().message);
    }
    if (wrong.empty()) return {fmt::format("{} can be read", Count(std::ssize(tables_), "table"))};
    if (wrong.size() > kTablesShown) {
      size_t more = wrong.size() - kTablesShown;
      wrong.resize(kTablesShown);
      wrong.push_back(fmt::format("and {} more", more));
    }
    return {Join(wrong, " "), true, ""};
  }

  const io::FileSystem& files_;
  const std::string& project_dir_;
  const definition::Source& source_;
  const std::vector<std::string>& tables_;
  std::stop_token stop_;
  Examination out_;
  std::optional<sql::PostgresOptions> server_;
  std::vector<std::string> addresses_;
  std::string address_;  // That answers.
  std::unique_ptr<OpenedSource> opened_;
};

}  // namespace

std::string_view ToString(DoctorStep::State state) {
  switch (state) {
    case State::kPassed:
      return "passed";
    case State::kFailed:
      return "failed";
    case State::kSkipped:
      return "skipped";
  }
  return "";
}

Json ToJson(const DoctorStep& step) {
  Json json = Json::Object({{"step", step.name}, {"state", std::string(ToString(step.state))}});
  if (!step.says.empty()) json.Set("says", step.says);
  if (!step.cure.empty()) json.Set("cure", step.cure);
  if (step.state != State::kSkipped) json.Set("took_ms", double(step.took.count()) / 1e3);
  return json;
}

const DoctorStep* Examination::failed() const {
  for (const DoctorStep& step : steps) {
    if (step.state == State::kFailed) return &step;
  }
  return nullptr;
}

Examination Examine(const io::FileSystem& files, const std::string& project_dir,
                    const definition::Source& source, const std::vector<std::string>& tables,
                    std::stop_token stop) {
  return Doctor(files, project_dir, source, tables, std::move(stop)).Run();
}

}  // namespace andon::line
