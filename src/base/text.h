// Small functions on text that have no domain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace andon {

std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view Trim(std::string_view text);  // ASCII white space.
std::string AsciiLower(std::string_view text);
bool IsAscii(std::string_view text);

// The candidate that a person most likely meant, or empty: the smallest edit
// distance (insert, delete, replace, swap of neighbours), case aside, at most a third
// of the length and at least one. Ties go to the first candidate.
std::string DidYouMean(std::string_view written, const std::vector<std::string>& candidates);

// "1 row", "12,345 rows".
std::string Count(int64_t n, std::string_view singular, std::string_view plural = {});
// "12,345".
std::string WithThousands(int64_t n);

// True for well-formed UTF-8 (no surrogates, no overlong forms). `bad_at`, where
// given, receives the offset of the first bad byte.
bool IsUtf8(std::string_view text, size_t* bad_at = nullptr);
// The number of grapheme clusters (Unicode TR 29), as a reader counts characters.
int64_t GraphemeCount(std::string_view text);
// Terminal cells: wide characters are two, combining ones none.
int64_t DisplayWidth(std::string_view text);
// Unicode normalization form C. Text that is no UTF-8 comes back as it is.
std::string ToNfc(std::string_view text);

std::string HexEncode(std::string_view bytes);
std::string Base64Encode(std::string_view bytes);
// False where `text` is no standard base64.
bool Base64Decode(std::string_view text, std::string* bytes);

// Hex SHA-256.
std::string Sha256(std::string_view bytes);
// A random (version 4) UUID in its 36-character form.
std::string RandomUuid();

}  // namespace andon
