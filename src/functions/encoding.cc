// Encodings of strings and values.
#include <fmt/format.h>
#include <iconv.h>
#include <zlib.h>

#include <cerrno>
#include <set>

#include "base/text.h"
#include "functions/csv.h"
#include "functions/row.h"
#include "value/json.h"

namespace andon::functions {
namespace {

// What a compressed text may unfold to: more is a bomb.
constexpr size_t kUnzippedMax = size_t{256} << 20;

// Standard base64; line breaks in it do not count.
bool FromBase64(std::string_view text, std::string* bytes) {
  std::string clean;
  for (char c : text) {
    if (c != '\n' && c != '\r') clean += c;
  }
  return andon::Base64Decode(clean, bytes);
}

Outcome Base64EncodeFunction(Args args) { return Value::String(andon::Base64Encode(args.text(0))); }

Outcome Base64DecodeFunction(Args args) {
  value::Marks marks = args[0].marks();
  if (!args[0].is_known()) {
    return Value::Unknown(Type::String(), {.not_null = true}).WithMarks(marks);
  }
  std::string bytes;
  if (!FromBase64(args.text(0), &bytes)) {
    std::string what = args[0].is_marked() ? "(sensitive value)" : '"' + args.text(0) + '"';
    return Fail("failed to decode base64 data " + what);
  }
  if (!IsUtf8(bytes)) return Fail("the result of decoding the provided string is not valid UTF-8");
  return Value::String(bytes).WithMarks(marks);
}

// The window of a gzip stream rather than of a bare zlib one.
constexpr int kGzipWindow = 15 + 16;

Outcome Base64Gzip(Args args) {
  const std::string& text = args.text(0);
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return Fail("failed to compress the text");
  }
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return Fail("failed to compress the text");
  return Value::String(andon::Base64Encode(out));
}

Outcome Base64Gunzip(Args args) {
  std::string bytes;
  if (!FromBase64(args.text(0), &bytes)) return Fail("failed to decode base64 data");
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return Fail("failed to gunzip bytestream");
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK && out.size() < kUnzippedMax) {
    char buffer[16384];
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof(buffer);
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof(buffer) - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END)
    return Fail("failed to gunzip bytestream: the data is no gzip stream or too large");
  if (!IsUtf8(out)) return Fail("the result of decoding the provided string is not valid UTF-8");
  return Value::String(out);
}

class Iconv {
 public:
  Iconv(const std::string& to, const std::string& from)
      : handle_(iconv_open(to.c_str(), from.c_str())) {}
  ~Iconv() {
    if (known()) iconv_close(handle_);
  }
  Iconv(const Iconv&) = delete;
  Iconv& operator=(const Iconv&) = delete;
  bool known() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // False where something in the text has no form in the other encoding.
  bool Run(std::string text, std::string* out) {
    char* in = text.data();
    size_t left = text.size();
    while (true) {
      char buffer[4096];
      char* to = buffer;
      size_t room = sizeof(buffer);
      size_t result = iconv(handle_, left > 0 ? &in : nullptr, &left, &to, &room);
      out->append(buffer, sizeof(buffer) - room);
      if (result != static_cast<size_t>(-1) && left == 0) return true;
      if (result == static_cast<size_t>(-1) && errno != E2BIG) return false;
    }
  }

 private:
  iconv_t handle_;
};

// iconv reads suffixes such as "//IGNORE" out of names; they are none of ours.
bool IsEncodingName(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos;
}

hcl::CallError UnknownEncoding(const std::string& name) {
  return BadArgument(1, fmt::format("\"{}\" is not a supported IANA encoding name or alias", name));
}

Outcome TextEncodeBase64(Args args) {
  Iconv iconv(args.text(1), "UTF-8");
  if (!IsEncodingName(args.text(1)) || !iconv.known()) return UnknownEncoding(args.text(1));
  std::string bytes;
  if (!iconv.Run(args.text(0), &bytes)) {
    return BadArgument(0, fmt::format("the given string contains characters that cannot be "
                                      "represented in {}",
                                      args.text(1)));
  }
  return Value::String(andon::Base64Encode(bytes));
}

Outcome TextDecodeBase64(Args args) {
  Iconv iconv("UTF-8", args.text(1));
  if (!IsEncodingName(args.text(1)) || !iconv.known()) return UnknownEncoding(args.text(1));
  std::string bytes;
  if (!FromBase64(args.text(0), &bytes)) {
    return BadArgument(0, "the given value has an invalid base64 symbol");
  }
  std::string text;
  if (!iconv.Run(bytes, &text)) {
    return BadArgument(
        0,
        fmt::format("the given string contains symbols that are not defined for {}", args.text(1)));
  }
  return Value::String(text);
}

Outcome UrlEncode(Args args) {
  std::string out;
  for (char c : args.text(0)) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return Value::String(out);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Outcome UrlDecode(Args args) {
  std::string_view text = args.text(0);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return Fail(
            fmt::format("failed to decode URL: invalid URL escape \"{}\"", text.substr(i, 3)));
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!IsUtf8(out)) return Fail("the result of decoding the provided string is not valid UTF-8");
  return Value::String(out);
}

Outcome JsonEncode(Args args) {
  if (!args[0].is_wholly_known()) return Value::Unknown(Type::String(), {.not_null = true});
  auto text = TRY(value::ToJsonText(args[0]));
  return Value::String(text);
}

hcl::TypeResult JsonType(std::span<const Value> args) {
  if (!args[0].is_known()) return Type::Dynamic();
  auto decoded = value::FromJsonText(args[0].string());
  if (!decoded.ok()) return Fail(decoded.error().message);
  return decoded->type();
}

Outcome JsonDecode(Args args) {
  Value decoded = TRY(value::FromJsonText(args.text(0)));
  return decoded;
}

hcl::TypeResult CsvType(std::span<const Value> args) {
  if (!args[0].is_known()) return Type::Dynamic();
  auto records = ParseCsv(args[0].string());
  if (!records.ok()) return Fail(records.error().message);
  if (records->empty()) return Fail("missing header line");
  std::set<std::string> names;
  std::vector<Type::Attribute> attributes;
  for (const auto& name : (*records)[0].fields) {
    if (!names.insert(name).second) return Fail(fmt::format("duplicate column name \"{}\"", name));
    attributes.push_back({ToNfc(name), Type::String()});
  }
  return Type::List(Type::Object(std::move(attributes)));
}

Outcome CsvDecode(Args args) {
  auto type = CsvType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  auto records = TRY(ParseCsv(args.text(0)));
  std::vector<Value> rows;
  for (size_t i = 1; i < records.size(); ++i) {
    Value::Members members;
    for (size_t j = 0; j < records[0].fields.size(); ++j) {
      members.emplace_back(records[0].fields[j], Value::String(records[i].fields[j]));
    }
    rows.push_back(Value::Object(std::move(members)));
  }
  return Value::List(std::get<Type>(type).element(), std::move(rows));
}

}  // namespace

std::vector<Row> EncodingFunctions() {
  // clang-format off
  return {
    {"base64encode",     {Text("str")}, {}, GivesText(), "The UTF-8 bytes of the string in base64.", Base64EncodeFunction},
    {"base64decode",     {Param("str", Type::String(), kUnknown | kMarked)}, {}, GivesText(), "The text that the base64 string encodes in UTF-8.", Base64DecodeFunction},
    {"base64gzip",       {Text("str")}, {}, GivesText(), "The string, compressed with gzip, in base64.", Base64Gzip},
    {"base64gunzip",     {Text("str")}, {}, GivesText(), "The text that was compressed with gzip and encoded in base64.", Base64Gunzip},
    {"textencodebase64", {Text("string"), Text("encoding")}, {}, GivesText(), "The string in the given character encoding, in base64.", TextEncodeBase64},
    {"textdecodebase64", {Text("source"), Text("encoding")}, {}, GivesText(), "The text that the base64 string encodes in the given character encoding.", TextDecodeBase64},
    {"urlencode",        {Text("str")}, {}, GivesText(), "The string escaped for a URL's query.", UrlEncode},
    {"urldecode",        {Text("str")}, {}, GivesText(), "The text that was escaped for a URL's query.", UrlDecode},
    {"jsonencode",       {Any("val", kNull | kUnknown)}, {}, GivesText(), "The value as JSON text.", JsonEncode},
    {"jsondecode",       {Text("str")}, {}, JsonType, "The value that the JSON text shows.", JsonDecode},
    {"csvdecode",        {Text("str")}, {}, CsvType, "The rows of the CSV text as a list of objects, named by its header line.", CsvDecode},
  };
  // clang-format on
}

}  // namespace andon::functions
