// The few requests of S3 that states need. Errors name bucket and key, and what the server said;
// keys and tokens never.
//
// Thread: one at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/configuration.h"
#include "base/clock.h"
#include "io/http_client.h"

namespace andon::backend {

struct S3Object {
  std::string text;
  std::string etag;
};

class S3Client {
 public:
  struct Options {
    std::string bucket;
    std::string endpoint;  // "https://host[:port]"; empty: that of AWS.
    bool path_style = false;
    int retries_max = 5;
    std::string ca_file;
    aws::Configuration aws;
  };
  // Lifetime: `clock` is kept.
  S3Client(Options options, const Clock& clock);

  // "s3://bucket/key", for messages.
  std::string Location(const std::string& key) const;

  // Empty where there is no such object. kNotFound where there is no such bucket.
  Result<std::optional<S3Object>> Get(const std::string& key);
  // The new ETag. `condition` is a header like {"If-None-Match", "*"}: kConflict where it does
  // not hold.
  Result<std::string> Put(const std::string& key, std::string_view text,
                          std::vector<std::pair<std::string, std::string>> headers);
  Result<void> Delete(const std::string& key);
  Result<std::vector<std::string>> List(const std::string& prefix);

 private:
  Result<io::HttpResponse> Send(const std::string& method, const std::string& key,
                                const std::string& query, std::string_view body,
                                const std::vector<std::pair<std::string, std::string>>& headers);
  Error Refused(const io::HttpResponse& response, std::string_view action,
                const std::string& key) const;

  Options options_;
  const Clock& clock_;
  std::unique_ptr<io::HttpClient> http_;
};

// The texts of all elements of this name in an XML document, with its entities decoded.
std::vector<std::string> ElementsOf(std::string_view xml, std::string_view name);

}  // namespace andon::backend
