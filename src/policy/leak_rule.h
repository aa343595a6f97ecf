// A leak that everybody should know of: one row says what it is and what to do, and how it is
// recognized. The tables are leaks_*.cc; a new rule is a row there, and a case in leaks_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/written.h"

namespace andon::policy {

// One resource, or one instance of it.
struct Subject {
  std::string address;  // "module.website.aws_s3_bucket.site"
  std::string type;
  bool is_data = false;
  Item body;
};

struct Leak {
  SourceRange range;
  std::string what;  // A sentence without the names of secrets: "Port 5432 is open to 0.0.0.0/0."
};

struct LeakRule {
  std::string_view id;                  // As it is named to allow it: "public-acl".
  std::string_view code;                // "AN5101"
  std::string_view summary;             // Fixed words.
  std::string_view meaning;             // One sentence, for `explain` and the guide.
  std::string_view cure;                // What to do.
  std::vector<std::string_view> types;  // Of resources; "data.x" of data sources.
  void (*find)(const Subject& subject, std::vector<Leak>* leaks);
};

// All of them, by code.
const std::vector<const LeakRule*>& LeakRules();

extern const std::vector<LeakRule> kAccessLeaks;
extern const std::vector<LeakRule> kNetworkLeaks;
extern const std::vector<LeakRule> kStorageLeaks;

}  // namespace andon::policy
