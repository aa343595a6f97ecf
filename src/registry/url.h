// Addresses on the web as text: what registries answer is often relative to where the answer
// came from.
#pragma once

#include <string>
#include <string_view>

namespace andon::registry {

// http: or https:.
bool IsHttpUrl(std::string_view url);
// "example.com:8443" of "https://example.com:8443/x", without user and password; in lower case.
std::string HostOf(std::string_view url);
// The path without query and fragment: "/x/y.zip".
std::string PathOf(std::string_view url);

// What `reference` means in an answer from `base` (RFC 3986, section 5.2).
std::string ResolveUrl(std::string_view base, std::string_view reference);

// Without user, password, query and fragment, any of which may be a secret: for messages.
std::string ShownUrl(std::string_view url);

}  // namespace andon::registry
