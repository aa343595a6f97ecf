#include "registry/module_installer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "io/local_file_system.h"
#include "io/lock.h"
#include "io/path.h"
#include "io/process.h"
#include "registry/answers.h"
#include "registry/archive.h"
#include "registry/module_source.h"
#include "registry/url.h"

namespace andon::registry {
namespace {

using config::ModuleCall;
using config::ModuleNode;
using config::ModuleSourceKind;
using config::Version;
using Kind = ModuleEvent::Kind;

constexpr Duration kLockWait = std::chrono::minutes(30);
constexpr Duration kGitLimit = std::chrono::minutes(10);
constexpr size_t kVersionsShownMax = 10;
// Addresses that lead to addresses; more is a circle.
constexpr int kHopsMax = 5;

struct Record {
  std::string source;
  std::string version;
  std::string dir;
};

std::string KeyOf(const ModuleNode& node, const std::string& name) {
  std::string key;
  for (const std::string& step : node.path) key += step + ".";
  return key + name;
}

class Installer {
 public:
  Installer(Connection connection, const ModuleOptions& options,
            const std::function<void(const ModuleEvent&)>& tell)
      : connection_(connection), options_(options), tell_(tell) {}

  Result<std::vector<ModuleFailure>> Run(const std::function<config::ModuleTree()>& load) {
    io::LockHolder holder = io::ThisHolder(options_.command, *options_.clock);
    std::string lock_path = io::Join(io::Dirname(options_.folder), "installing.lock");
    config::ModuleTree tree = load();
    // A folder that calls nothing is left as it is.
    if (tree.root->module->terraform.module_calls.empty()) return failures_;
    io::FileLock lock = TRY(io::FileLock::Acquire(lock_path, holder, kLockWait));
    ReadManifest();
    TRY(files_.RemoveAll(Staging()));
    for (;;) {
      bool has_new = false;
      std::map<std::string, Record> seen;
      seen[""] = {"", "", "."};
      TRY(Visit(*tree.root, &seen, &has_new));
      bool is_changed = WriteText(seen) != WriteText(records_) || has_new;
      records_ = std::move(seen);
      if (is_changed) TRY(WriteManifest());
      if (!has_new) break;
      tree = load();
    }
    TRY(files_.RemoveAll(Staging()));
    return std::move(failures_);
  }

 private:
  std::string ManifestPath() const { return io::Join(options_.folder, "modules.json"); }
  std::string Staging() const { return io::Join(options_.folder, ".installing"); }

  void Fail(std::string summary, std::string detail, const SourceRange& range) {
    failures_.push_back({std::move(summary), std::move(detail), range});
  }

  // One that cannot be read is written anew.
  void ReadManifest() {
    auto text = files_.Read(ManifestPath());
    if (!text.ok()) return;
    auto json = Json::Parse(*text);
    if (!json.ok()) return;
    for (const Json& entry : (*json)["Modules"].items()) {
      records_[entry["Key"].AsString()] = {entry["Source"].AsString(), entry["Version"].AsString(),
                                           entry["Dir"].AsString()};
    }
  }

  static std::string WriteText(const std::map<std::string, Record>& records) {
    Json list = Json::List();
    for (const auto& [key, record] : records) {
      Json entry = Json::Object({{"Key", key}, {"Source", record.source}});
      if (!record.version.empty()) entry.Set("Version", record.version);
      entry.Set("Dir", record.dir);
      list.Push(std::move(entry));
    }
    return Json::Object({{"Modules", std::move(list)}}).Dump();
  }

  Result<void> WriteManifest() {
    TRY(files_.MakeDirs(options_.folder));
    return files_.WriteAtomically(ManifestPath(), WriteText(records_));
  }

  // What the node's calls need; a module that has just come is looked into the next time.
  Result<void> Visit(const ModuleNode& node, std::map<std::string, Record>* seen, bool* has_new) {
    for (const auto& [name, call] : node.module->terraform.module_calls) {
      if (call.source_address.empty()) continue;  // Told when it was read.
      std::string key = KeyOf(node, name);
      auto child = node.children.find(name);
      bool has_child = child != node.children.end();
      if (call.source_kind == ModuleSourceKind::kLocal) {
        if (!has_child) continue;
        (*seen)[key] = {call.source_address, "", child->second->module->dir};
        auto before = records_.find(key);
        bool is_new = before == records_.end() || before->second.dir != (*seen)[key].dir;
        if ((is_new || options_.upgrade) && told_.insert(key).second)
          tell_({.kind = Kind::kInstalled, .key = key, .folder = (*seen)[key].dir});
      } else if (failed_.contains(key)) {
        continue;
      } else if (const Record* known = FindRecord(key, call)) {
        (*seen)[key] = *known;
      } else {
        auto record = Install(key, call);
        if (!record.ok()) {
          if (record.error().kind == ErrorKind::kInterrupted) return std::move(record).error();
          failed_.insert(key);
          continue;
        }
        (*seen)[key] = *record;
        fresh_.insert(key);
        *has_new = true;
        continue;
      }
      if (has_child) TRY(Visit(*child->second, seen, has_new));
    }
    return {};
  }

  // The record of a call, where what it asked for is there.
  const Record* FindRecord(const std::string& key, const ModuleCall& call) const {
    auto found = records_.find(key);
    if (found == records_.end() || (options_.upgrade && !fresh_.contains(key))) return nullptr;
    const Record& record = found->second;
    auto source = ParseModuleSource(call.source_address);
    if (!source.ok()) return nullptr;
    bool is_same = record.source == ToString(*source) || record.source == call.source_address;
    if (!is_same && !source->has_host && source->kind == ModuleSource::Kind::kRegistry) {
      // As Terraform writes it, whose default host is another one.
      source->host = "registry.terraform.io";
      is_same = record.source == ToString(*source);
    }
    if (!is_same || !files_.Exists(record.dir)) return nullptr;
    auto version = Version::Parse(record.version);
    if (version && !call.version_constraint.Allows(*version)) return nullptr;
    return &record;
  }

  // A failure is told, and then any Error is returned.
  Result<Record> Install(const std::string& key, const ModuleCall& call) {
    std::string place = fmt::format("{}:{}", call.range.filename, call.range.start.line);
    auto source = ParseModuleSource(call.source_address);
    if (!source.ok()) {
      Fail("Invalid module source address", source.error().message + ".", call.source.range());
      return std::move(source).error();
    }
    Record record{.source = ToString(*source), .dir = io::Join(options_.folder, key)};
    ModuleSource from = *source;
    std::string subdir;
    if (source->kind == ModuleSource::Kind::kRegistry) {
      auto version = ChooseVersion(key, call, *source, place);
      if (!version.ok()) return std::move(version).error();
      record.version = config::ToString(*version);
      tell_({Kind::kDownloading, source->host + "/" + source->package, record.version, key, ""});
      auto location = Locate(*source, record.version);
      if (!location.ok()) {
        Fail("Error accessing remote module registry",
             fmt::format("Failed to retrieve a download URL for {} {} from {}: {}",
                         ToString(*source), record.version, source->host, location.error().message),
             call.source.range());
        return std::move(location).error();
      }
      from = std::move(*location);
      subdir = source->subdir;
    } else {
      tell_({Kind::kDownloading, ShownUrl(ToString(*source)), "", key, ""});
    }
    auto dir = Fetch(from, record.dir);
    if (dir.ok() && !subdir.empty()) dir = Inside(*dir, subdir);
    if (!dir.ok()) {
      Fail("Failed to download module",
           fmt::format("Could not download module \"{}\" ({}) source code from \"{}\": {}.", key,
                       place, ShownUrl(ToString(from)), dir.error().message),
           call.source.range());
      return std::move(dir).error();
    }
    record.dir = *dir;
    tell_({Kind::kInstalled, "", "", key, record.dir});
    return record;
  }

  Result<Version> ChooseVersion(const std::string& key, const ModuleCall& call,
                                const ModuleSource& source, const std::string& place) {
    auto versions = VersionsOf(source);
    if (!versions.ok()) {
      bool is_missing = versions.error().kind == ErrorKind::kNotFound;
      Fail(is_missing ? "Module not found" : "Error accessing remote module registry",
           is_missing
               ? fmt::format("Module {} (\"{}\" from {}) cannot be found in the module registry at "
                             "{}: {}.",
                             source.package, key, place, source.host, versions.error().message)
               : fmt::format("Failed to retrieve available versions for module \"{}\" ({}) from "
                             "{}: {}.",
                             key, place, source.host, versions.error().message),
           call.source.range());
      return std::move(versions).error();
    }
    std::vector<std::string> texts;
    for (const Version& version : *versions) {
      bool is_named =
          std::any_of(call.version_constraint.terms.begin(), call.version_constraint.terms.end(),
                      [&](const auto& term) { return term.version == version; });
      if (!version.prerelease.empty() && !is_named) continue;
      if (call.version_constraint.Allows(version)) return version;
      if (texts.size() < kVersionsShownMax) texts.push_back(config::ToString(version));
    }
    Error none = Error::NotFound("no version");
    if (texts.empty()) {
      Fail("Module has no versions",
           fmt::format("Module \"{}\" ({}) has no versions available on {}.", ToString(source),
                       place, source.host),
           call.source.range());
    } else {
      Fail(
          "Unresolvable module version constraint",
          fmt::format("There is no available version of module \"{}\" ({}) which matches the given "
                      "version constraint. The newest available version is {} (there are {}).",
                      ToString(source), place, texts[0], Join(texts, ", ")),
          call.version.range());
    }
    return none;
  }

  Result<io::HttpResponse> Ask(const ModuleSource& source, const std::string& path) {
    std::string base = TRY(connection_.services.Find(source.host, "modules.v1"));
    std::string token = connection_.services.TokenFor(source.host);
    std::string url = base + source.package + "/" + path;
    auto answer = TRY(connection_.remote.Get(url, token));
    if (answer.url.empty()) answer.url = url;
    if (answer.status == 401 || answer.status == 403) {
      return Error::Invalid("host {} {} authentication credentials", source.host,
                            token.empty() ? "requires" : "rejected the given");
    }
    if (answer.status == 404 || answer.status == 410)
      return Error::NotFound("{}", StatusText(answer.status));
    if (answer.status != 200 && answer.status != 204)
      return Error::Invalid("{}", StatusText(answer.status));
    return answer;
  }

  Result<std::vector<Version>> VersionsOf(const ModuleSource& source) {
    std::string name = source.host + "/" + source.package;
    if (auto found = versions_.find(name); found != versions_.end()) return found->second;
    auto answer = TRY(Ask(source, "versions"));
    auto versions = TRY(ParseModuleVersions(answer.body));
    return versions_[name] = std::move(versions);
  }

  Result<ModuleSource> Locate(const ModuleSource& source, const std::string& version) {
    auto answer = TRY(Ask(source, version + "/download"));
    std::string location = TRY(ParseModuleLocation(answer.status == 204 ? "" : answer.body));
    if (location.empty()) location = answer.Header("x-terraform-get");
    if (location.empty()) return Error::Invalid("the answer does not say where the module is");
    // Relative to where the answer came from, as the protocol has it.
    bool is_relative =
        location.starts_with("/") || location.starts_with("./") || location.starts_with("../");
    if (is_relative) location = ResolveUrl(answer.url, location);
    auto out = TRY(ParseModuleSource(location));
    if (out.kind == ModuleSource::Kind::kRegistry)
      return Error::Invalid("the answer leads to another registry, not to a package");
    return out;
  }

  // The package at its place; returns the folder in it that is meant.
  Result<std::string> Fetch(const ModuleSource& from, const std::string& place) {
    TRY(files_.RemoveAll(Staging()));
    TRY(files_.MakeDirs(Staging()));
    std::string staged = io::Join(Staging(), "package");
    if (from.kind == ModuleSource::Kind::kGit) {
      TRY(FetchRepository(from, staged));
    } else {
      TRY(FetchArchive(from.url, staged, 0));
    }
    TRY(files_.RemoveAll(place));
    TRY(files_.Rename(staged, place));
    return from.subdir.empty() ? Result<std::string>(place) : Inside(place, from.subdir);
  }

  Result<std::string> Inside(const std::string& place, const std::string& subdir) const {
    if (subdir == "*") {
      std::string only;
      auto entries = TRY(files_.List(place));
      for (const io::FileInfo& entry : entries) {
        if (!entry.is_dir) continue;
        if (!only.empty())
          return Error::Invalid("\"//*\" stands for one folder, and there are more");
        only = entry.name;
      }
      if (only.empty()) return Error::Invalid("\"//*\" stands for one folder, and there is none");
      return io::Join(place, only);
    }
    std::string dir = io::Normalize(io::Join(place, subdir));
    if (!io::IsWithin(dir, place) || !files_.Exists(dir))
      return Error::NotFound("there is no folder \"{}\" in the package", subdir);
    return dir;
  }

  Result<void> FetchArchive(const std::string& url, const std::string& staged, int hops) {
    std::string archive = staged + ".archive";
    std::string token = connection_.services.TokenFor(HostOf(url));
    bool is_archive = false;
    for (std::string_view end :
         {".zip", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar"})
      is_archive |= PathOf(url).ends_with(end);
    if (!is_archive) {
      // A page may say where the archive is.
      auto answer = TRY(connection_.remote.Get(
          url + (url.find('?') == url.npos ? "?" : "&") + "terraform-get=1", token));
      std::string other = answer.Header("x-terraform-get");
      if (!other.empty()) {
        if (hops == kHopsMax) return Error::Invalid("its address leads to ever other addresses");
        auto next = TRY(ParseModuleSource(ResolveUrl(url, other)));
        if (next.kind == ModuleSource::Kind::kGit) return FetchRepository(next, staged);
        return FetchArchive(next.url, staged, hops + 1);
      }
    }
    TRY(connection_.remote.Download(url, archive, token));
    return Unpack(archive, staged);
  }

  Result<void> FetchRepository(const ModuleSource& from, const std::string& staged) {
    auto git = [&](std::vector<std::string> words) -> Result<void> {
      io::Command command{
          .argv = {"git", "-c", "advice.detachedHead=false"},
          .env = {{"GIT_TERMINAL_PROMPT", "0"}, {"GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file"}},
          .time_limit = kGitLimit};
      command.argv.insert(command.argv.end(), words.begin(), words.end());
      auto done = TRY(io::Run(command));
      if (done.status.ok()) return {};
      std::vector<std::string> lines = Split(Trim(done.err), '\n');
      return Error::Invalid("git {}: {}", words[words[0] == "-C" ? 2 : 0],
                            lines.empty() ? ToString(done.status) : lines.back());
    };
    TRY(git({"init", "-q", "--", staged}));
    std::string ref = from.ref.empty() ? "HEAD" : from.ref;
    // One commit is enough, where the server gives out any by its name.
    if (git({"-C", staged, "fetch", "-q", "--depth", "1", "--", from.url, ref}).ok()) {
      TRY(git({"-C", staged, "checkout", "-q", "FETCH_HEAD"}));
    } else {
      TRY(git(
          {"-C", staged, "fetch", "-q", "--tags", "--", from.url, "+refs/heads/*:refs/heads/*"}));
      TRY(git({"-C", staged, "checkout", "-q", "--detach", ref}));
    }
    return files_.RemoveAll(io::Join(staged, ".git"));
  }

  Connection connection_;
  const ModuleOptions& options_;
  const std::function<void(const ModuleEvent&)>& tell_;
  io::LocalFileSystem files_;
  std::map<std::string, Record> records_;
  std::map<std::string, std::vector<Version>> versions_;  // By package: asked once.
  std::set<std::string> fresh_;                           // Keys that came just now.
  std::set<std::string> failed_;
  std::set<std::string> told_;
  std::vector<ModuleFailure> failures_;
};

}  // namespace

Result<std::vector<ModuleFailure>> InstallModules(
    const std::function<config::ModuleTree()>& load, Connection connection,
    const ModuleOptions& options, const std::function<void(const ModuleEvent&)>& tell) {
  return Installer(connection, options, tell).Run(load);
}

}  // namespace andon::registry
