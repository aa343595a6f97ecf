// References of RFC 3986, as far as the identifiers of schemas need them.
#pragma once

#include <string>
#include <string_view>

namespace andon::jsonschema {

struct Uri {
  std::string text;      // Without the fragment.
  std::string fragment;  // Percent-decoded, without "#".
};

// `reference` as seen from `base`, which is absolute or empty. Never fails: what is no URI is
// taken as it stands.
Uri ResolveUri(std::string_view base, std::string_view reference);

}  // namespace andon::jsonschema
