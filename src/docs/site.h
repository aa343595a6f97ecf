// The static site of Data Docs: a folder of files that a browser opens without any server.
//
//   index.html                datasets with their lights, search, the newest validations
//   datasets/payment.html     the grid over time, trends, the suite as sentences, lineage
//   validations/812.html      one validation, for ever
//   data/payment-1.js         the grid's data of validations 500 to 999
//   assets/                   style and script
//   andon-docs.json           what was built, so that the next build writes only what is new
//
// A build costs what is new since the last one; where nothing is, no file is touched. Nothing is
// loaded from elsewhere, and the content policy of each page forbids it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "definition/definition.h"
#include "docs/pages.h"
#include "io/file_system.h"
#include "lineage/lineage.h"
#include "store/database.h"

namespace andon::docs {

struct BuildOptions {
  std::string dir;            // Made where it is not there.
  std::string andon_version;  // Another version than the last build's makes all pages again.
  Timestamp now{};
  bool all = false;  // Everything is written again.
};

struct BuildReport {
  int64_t validations = 0;  // That the site has now.
  int64_t datasets = 0;
  int64_t pages_written = 0;  // Of all kinds.
  int64_t pages_removed = 0;  // Of validations that are no more kept.
  int64_t bytes_written = 0;
};

// kInvalid for a folder that holds other things; kIo. A build that was interrupted is made good by
// the next one.
// Thread: reads the store in short transactions, so a run can go on meanwhile.
Result<BuildReport> BuildSite(store::Database& db, const definition::Project& project,
                              const lineage::Graph& graph, io::FileSystem& files,
                              const BuildOptions& options);

// A whole file: the page in its frame. `up`: the way to the site's folder.
std::string FileOf(const Page& page, const std::string& project, const std::string& up,
                   const std::string& note);

}  // namespace andon::docs
