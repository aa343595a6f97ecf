// AWS Signature Version 4, by which a request shows that whoever sends it knows the secret key,
// without telling it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "io/http_client.h"

namespace andon::aws {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string token;  // Of temporary keys; else empty.
};

// All but letters, digits and "-_.~" as %XX; a slash stays where `keep_slash`.
std::string UriEncode(std::string_view text, bool keep_slash);

// Adds the headers x-amz-date, x-amz-content-sha256, with temporary keys x-amz-security-token,
// and Authorization. All headers that are there are signed.
// Requires: path and query of the URL are encoded, the query's parameters in order of name.
void Sign(const Credentials& credentials, std::string_view region, std::string_view service,
          Timestamp now, io::HttpRequest* request);

}  // namespace andon::aws
