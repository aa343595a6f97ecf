#include "docs/site.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "DocsAssets.h"
#include "base/text.h"
#include "docs/parts.h"
#include "html/parts.h"
#include "io/path.h"

namespace andon::docs {
namespace {

using html::Attributes;
using html::El;
using html::Html;
using html::Text;

constexpr char kManifest[] = "andon-docs.json";
// Raised when the same store gives other pages.
constexpr int64_t kFormat = 1;

// 'self' is the folder itself for a page that is a file; nothing else is ever loaded.
constexpr char kContentPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'";

struct Asset {
  std::string name;
  std::string_view content;
};

std::vector<Asset> Assets() {
  std::vector<Asset> out;
  for (const EmbeddedFile& file : DocsAssets())
    out.push_back({std::string(file.path), file.content});
  for (const char* name : {"style.css", "icon.svg"}) {
    if (const EmbeddedFile* file = html::FindAsset(name)) out.push_back({name, file->content});
  }
  return out;
}

// What a built dataset was made from; equal ones need no new page.
struct BuiltDataset {
  int64_t first = 0, last = 0, count = 0;
  bool operator==(const BuiltDataset&) const = default;
};

struct Manifest {
  std::string maker;          // Version and style of the pages.
  int64_t definitions = 0;    // A hash of what the project declares.
  int64_t last = 0;           // The greatest validation that has its page.
  std::set<int64_t> sampled;  // Pages that hold failing rows.
  std::map<std::string, BuiltDataset> datasets;

  bool operator==(const Manifest&) const = default;

  Json ToJson() const {
    Json list = Json::Object(), numbers = Json::List();
    for (const auto& [dataset, built] : datasets)
      list.Set(dataset, Json::List({built.first, built.last, built.count}));
    for (int64_t number : sampled) numbers.Push(number);
    return Json::Object({{"made_by", "andon docs build"},
                         {"maker", maker},
                         {"definitions", definitions},
                         {"last", last},
                         {"datasets", std::move(list)},
                         {"sampled", std::move(numbers)}});
  }
  static Manifest FromJson(const Json& json) {
    Manifest m{.maker = json["maker"].AsString(),
               .definitions = json["definitions"].AsInteger(),
               .last = json["last"].AsInteger()};
    for (const auto& [dataset, built] : json["datasets"].members()) {
      m.datasets[dataset] = {built.items().size() > 0 ? built.items()[0].AsInteger() : 0,
                             built.items().size() > 1 ? built.items()[1].AsInteger() : 0,
                             built.items().size() > 2 ? built.items()[2].AsInteger() : 0};
    }
    for (const Json& number : json["sampled"].items()) m.sampled.insert(number.AsInteger());
    return m;
  }
};

class Builder {
 public:
  Builder(store::Database& db, const definition::Project& project, const lineage::Graph& graph,
          io::FileSystem& files, const BuildOptions& options)
      : db_(db), project_(project), graph_(graph), files_(files), options_(options) {}

  Result<BuildReport> Build() {
    TRY(ReadBefore());
    TRY(ReadStore());
    TRY(WriteAssets());
    TRY(WriteDatasets());
    TRY(RemoveOld());
    report_.datasets = static_cast<int64_t>(now_.datasets.size());
    if (IsUnchanged()) return report_;
    Index index = TRY(db_.Read([&](store::Transaction& tx) { return ReadIndex(tx, project_); }));
    TRY(Replace("index.html",
                FileOf(IndexPage(index, Links::Files("")), project_.name, "", Note())));
    TRY(Replace(kManifest, now_.ToJson().Dump() + "\n"));
    return report_;
  }

 private:
  // What the first page is made from is in the manifest.
  bool IsUnchanged() const {
    return report_.pages_written == 0 && report_.pages_removed == 0 && now_ == before_ &&
           files_.Stat(PathOf("index.html")).ok();
  }

  std::string PathOf(const std::string& name) const { return io::Join(options_.dir, name); }
  std::string Note() const {
    return fmt::format("Built {} UTC by Andon {}.", html::ShownTime(options_.now),
                       options_.andon_version);
  }

  // Refuses a folder that is somebody else's.
  Result<void> ReadBefore() {
    std::string style;
    for (const Asset& asset : Assets()) style += asset.content;
    now_.maker =
        fmt::format("{}:{}:{}", kFormat, options_.andon_version, Sha256(style).substr(0, 12));
    auto text = files_.Read(PathOf(kManifest));
    if (text.ok()) {
      auto json = Json::Parse(*text);
      if (json.ok()) before_ = Manifest::FromJson(*json);
      if (before_.maker != now_.maker || options_.all) before_ = {};
      return {};
    }
    if (text.error().kind != ErrorKind::kNotFound) return std::move(text).error();
    auto entries = files_.List(options_.dir);
    if (!entries.ok()) {
      if (entries.error().kind == ErrorKind::kNotFound) return {};
      return std::move(entries).error();
    }
    // A build that was killed leaves these and nothing else.
    static const std::set<std::string> kOurs = {"assets", "datasets", "validations", "data",
                                                "index.html"};
    for (const io::FileInfo& entry : *entries) {
      if (kOurs.count(entry.name)) continue;
      return Error::Invalid(
          "{} holds \"{}\", which is no part of Data Docs. Give a folder of their own",
          options_.dir, entry.name);
    }
    return {};
  }

  Result<void> ReadStore() {
    return db_.Read([&](store::Transaction& tx) -> Result<void> {
      auto rows =
          TRY(tx.Query("SELECT dataset, min(validation_id) AS first, max(validation_id) AS last, "
                       "count(*) AS n FROM validations GROUP BY dataset"));
      for (const store::Row& row : rows) {
        now_.datasets[row.Text("dataset")] = {row.Integer("first"), row.Integer("last"),
                                              row.Integer("n")};
        now_.last = std::max(now_.last, row.Integer("last"));
        report_.validations += row.Integer("n");
      }
      for (const definition::Dataset& d : project_.datasets) now_.datasets[d.address];
      auto sampled = TRY(
          tx.Query("SELECT DISTINCT r.validation_id FROM check_samples s JOIN check_results r ON "
                   "r.result_id = s.result_id"));
      for (const store::Row& row : sampled) now_.sampled.insert(row.Integer("validation_id"));
      return {};
    });
  }

  Result<void> WriteAssets() {
    for (const Asset& asset : Assets()) {
      auto same = files_.Read(PathOf("assets/" + asset.name));
      if (same.ok() && *same == asset.content) continue;
      TRY(Replace("assets/" + asset.name, asset.content));
    }
    return {};
  }

  // The definitions say what is on a dataset's page beside its validations.
  int64_t ProjectHash() const {
    std::string all = project_.name + '\0';
    for (const definition::Dataset& d : project_.datasets) {
      all += d.address + '\0' + d.description + '\0' + d.owner + '\0' + Join(d.tags, ",") + '\0';
      for (const auto& c : d.columns) all += c.name + '\0' + c.doc + '\0';
      for (const auto& c : d.checks) all += c.name + '\0' + c.type + '\0' + c.kwargs.Dump() + '\0';
      for (const auto& r : graph_.Upstream(d.address)) all += r.id + '\0';
      for (const auto& r : graph_.Downstream(d.address)) all += r.id + '\0';
    }
    int64_t hash = 0;
    for (char c : Sha256(all).substr(0, 15)) hash = hash * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    return hash;
  }

  Result<void> WriteDatasets() {
    now_.definitions = ProjectHash();
    const bool is_redefined = now_.definitions != before_.definitions;
    for (const auto& [dataset, built] : now_.datasets) {
      auto was = before_.datasets.find(dataset);
      const bool is_new = was == before_.datasets.end();
      if (is_redefined || is_new || !(was->second == built)) {
        auto view = TRY(db_.Read([&](store::Transaction& tx) {
          return ReadDataset(tx, project_, graph_, KeyOf(dataset));
        }));
        TRY(Replace("datasets/" + KeyOf(dataset) + ".html",
                    FileOf(DatasetPage(view, Links::Files("../")), project_.name, "../", "")));
      }
      const BuiltDataset old = is_new ? BuiltDataset{} : was->second;
      TRY(WriteValidations(dataset, built, is_new ? 0 : before_.last));
      if (!(old == built)) TRY(WriteChunks(dataset, built, old));
    }
    return {};
  }

  // Pages of validations after `done`, and of those whose failing rows are no more kept.
  Result<void> WriteValidations(const std::string& dataset, const BuiltDataset& built,
                                int64_t done) {
    if (built.count == 0) return {};
    constexpr int64_t kStep = 100;
    std::optional<validation::Validation> previous;
    for (int64_t from = std::max(built.first, done + 1); from <= built.last;) {
      auto part = TRY(db_.Read(
          [&](store::Transaction& tx) { return Range(tx, dataset, from, kStep, &previous); }));
      for (validation::Validation& v : part) {
        TRY(WriteValidation(v, previous ? &*previous : nullptr));
        from = v.number + 1;
        previous = std::move(v);
      }
      if (part.empty()) break;
    }
    for (int64_t number : before_.sampled) {
      if (number < built.first || number > std::min(built.last, done)) continue;
      if (now_.sampled.count(number)) continue;
      TRY(Rewrite(dataset, number));
    }
    return {};
  }

  // The next `limit` validations of a dataset from a number on, oldest first; also the one before,
  // where `previous` does not hold it.
  Result<std::vector<validation::Validation>> Range(
      store::Transaction& tx, const std::string& dataset, int64_t from, int64_t limit,
      std::optional<validation::Validation>* previous) {
    auto rows = TRY(tx.Query(
        "SELECT validation_id FROM validations WHERE dataset = ? AND validation_id >= ? ORDER BY "
        "validation_id LIMIT ?",
        {dataset, from, limit}));
    std::vector<validation::Validation> out;
    for (const store::Row& row : rows) {
      auto v = TRY(validation::Find(tx, row.Integer("validation_id")));
      out.push_back(std::move(v));
    }
    if (!out.empty() && !*previous) {
      auto number = TRY(validation::PreviousOf(tx, out.front()));
      if (number) *previous = TRY(validation::Find(tx, *number));
    }
    return out;
  }

  Result<void> Rewrite(const std::string& dataset, int64_t number) {
    std::optional<validation::Validation> previous;
    auto part = TRY(
        db_.Read([&](store::Transaction& tx) { return Range(tx, dataset, number, 1, &previous); }));
    if (part.empty() || part[0].number != number) return {};
    return WriteValidation(part[0], previous ? &*previous : nullptr);
  }

  Result<void> WriteValidation(const validation::Validation& v,
                               const validation::Validation* previous) {
    const std::string name = fmt::format("validations/{}.html", v.number);
    const std::string text =
        FileOf(ValidationPage(v, previous, Links::Files("../")), project_.name, "../", "");
    Count(text);
    // A page of its own is written once; that it is durable is not worth waiting for.
    auto written = files_.Write(PathOf(name), text);
    if (written.ok() || written.error().kind != ErrorKind::kConflict) return written;
    TRY(files_.Remove(PathOf(name)));
    return files_.Write(PathOf(name), text);
  }

  // The files whose numbers have come, or gone, since.
  Result<void> WriteChunks(const std::string& dataset, const BuiltDataset& built,
                           const BuiltDataset& old) {
    if (built.count == 0) return {};
    std::set<int64_t> chunks;
    for (int64_t c = ChunkOf(std::max(built.first, old.last + 1)); c <= ChunkOf(built.last); ++c)
      chunks.insert(c);
    if (built.first != old.first) chunks.insert(ChunkOf(built.first));
    for (int64_t chunk : chunks) {
      auto grid = TRY(db_.Read([&](store::Transaction& tx) {
        return validation::ReadGridRange(tx, dataset, chunk * kChunk, (chunk + 1) * kChunk);
      }));
      if (grid.columns.empty()) continue;
      TRY(Replace(fmt::format("data/{}-{}.js", KeyOf(dataset), chunk),
                  ChunkScript(grid, dataset, chunk)));
    }
    return {};
  }

  // Pages of validations that the store has no more. Only files that this site's build made.
  Result<void> RemoveOld() {
    for (const auto& [dataset, built] : before_.datasets) {
      if (now_.datasets.count(dataset)) continue;
      auto removed = files_.Remove(PathOf("datasets/" + KeyOf(dataset) + ".html"));
      if (!removed.ok() && removed.error().kind != ErrorKind::kNotFound) return removed;
    }
    auto entries = files_.List(PathOf("validations"));
    if (!entries.ok()) {
      if (entries.error().kind == ErrorKind::kNotFound) return {};
      return std::move(entries).error();
    }
    if (static_cast<int64_t>(entries->size()) == report_.validations) return {};
    std::set<std::string> kept;
    auto rows = TRY(db_.Query("SELECT validation_id FROM validations"));
    for (const store::Row& row : rows)
      kept.insert(fmt::format("{}.html", row.Integer("validation_id")));
    for (const io::FileInfo& entry : *entries) {
      if (kept.count(entry.name) || !entry.name.ends_with(".html")) continue;
      TRY(files_.Remove(PathOf("validations/" + entry.name)));
      ++report_.pages_removed;
    }
    return {};
  }

  void Count(std::string_view text) {
    ++report_.pages_written;
    report_.bytes_written += static_cast<int64_t>(text.size());
  }

  Result<void> Replace(const std::string& name, std::string_view text) {
    Count(text);
    return files_.WriteAtomically(PathOf(name), text);
  }

  store::Database& db_;
  const definition::Project& project_;
  const lineage::Graph& graph_;
  io::FileSystem& files_;
  const BuildOptions& options_;
  Manifest before_, now_;
  BuildReport report_;
};

}  // namespace

std::string FileOf(const Page& page, const std::string& project, const std::string& up,
                   const std::string& note) {
  const Links links = Links::Files(up);
  const std::string title = page.title.empty() ? project : page.title + " · " + project;
  Html head =
      El("head", Attributes{},
         {El("meta", {{"charset", "utf-8"}}),
          El("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", kContentPolicy}}),
          El("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
          El("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
          El("meta", {{"name", "referrer"}, {"content", "no-referrer"}}),
          El("title", title + " · Data Docs"),
          El("link", {{"rel", "icon"}, {"href", links.Asset("icon.svg")}}),
          El("link", {{"rel", "stylesheet"}, {"href", links.Asset("style.css")}}),
          El("script", {{"src", links.Asset("docs.js")}, {"defer", ""}})});
  Html header = El("header", Attributes{},
                   {El("a", {{"class", "skip"}, {"href", "#main"}}, {Text("Skip to the content")}),
                    El("p", {{"class", "brand"}},
                       {El("a", {{"href", links.Index()}}, {Text("Data Docs")}), Text(" "),
                        El("span", {{"class", "dim"}}, {Text(project)})})});
  Html body = El("body", Attributes{},
                 {header, El("main", {{"id", "main"}, {"tabindex", "-1"}}, page.main),
                  El("footer", Attributes{},
                     {El("p", {{"class", "dim"}}, {Text("Times are UTC. " + note)})})});
  return "<!doctype html>\n" + El("html", {{"lang", "en"}}, {head, body}).text() + "\n";
}

Result<BuildReport> BuildSite(store::Database& db, const definition::Project& project,
                              const lineage::Graph& graph, io::FileSystem& files,
                              const BuildOptions& options) {
  return Builder(db, project, graph, files, options).Build();
}

}  // namespace andon::docs
