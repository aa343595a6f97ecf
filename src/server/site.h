// The site: every route of the server over one control store. Needs no network: tests hand it
// requests.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "definition/definition.h"
#include "lineage/lineage.h"
#include "server/router.h"
#include "store/database.h"

namespace andon::server {

// What one release declares, ready for use. Immutable, shared by threads.
struct Declared {
  definition::Project project;
  lineage::Graph graph;
  int64_t release_id = 0;
};

// Reads a release once. Thread: any.
class DeclaredCache {
 public:
  explicit DeclaredCache(store::Database& db) : db_(db) {}
  // An empty project where nothing was applied yet.
  Result<std::shared_ptr<const Declared>> Get();

 private:
  store::Database& db_;
  std::mutex mutex_;
  std::shared_ptr<const Declared> current_;  // Guarded by mutex_.
};

class Site {
 public:
  // Lifetime: all outlive the site.
  Site(store::Database& db, const Clock& clock, DeclaredCache& declared, Guard guard);
  // Thread: any.
  Response Handle(const Request& request) const { return router_.Handle(request); }

 private:
  void AddPages();
  void AddDocs();
  void AddApi();
  void AddChanges();
  void AddLedger();
  void AddRest();

  store::Database& db_;
  const Clock& clock_;
  DeclaredCache& declared_;
  Router router_;
};

// The first text of a stream of events, and each later one: "id", "event: change", the journal's
// seq.
std::string ChangeEvent(int64_t seq);

}  // namespace andon::server
