#include "functions/csv.h"

namespace andon::functions {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ >= text_.size(); }
  // Passes over lines without anything in them.
  void SkipEmptyLines() {
    while (!AtEnd() && EndOfLine()) {
    }
  }
  Result<CsvRecord> Record();

 private:
  // Consumes "\n" or "\r\n".
  bool EndOfLine() {
    auto rest = text_.substr(at_);
    size_t size = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    at_ += size;
    line_ += size > 0 ? 1 : 0;
    return size > 0;
  }
  Result<std::string> Quoted();
  Result<std::string> Bare();

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

Result<std::string> Reader::Quoted() {
  int start = line_;
  std::string field;
  for (++at_; !AtEnd();) {
    if (text_[at_] != '"') {
      bool crlf = text_.substr(at_).starts_with("\r\n");
      if (crlf) ++at_;
      if (text_[at_] == '\n') ++line_;
      field += text_[at_++];
      continue;
    }
    ++at_;
    if (!AtEnd() && text_[at_] == '"') {
      field += '"';
      ++at_;
      continue;
    }
    if (AtEnd() || text_[at_] == ',' || text_[at_] == '\n' ||
        text_.substr(at_).starts_with("\r\n")) {
      return field;
    }
    return Error::Invalid("CSV parse error on line {}: extraneous or missing \" in quoted-field",
                          line_);
  }
  return Error::Invalid("CSV parse error on line {}: the quote of a field is not closed", start);
}

Result<std::string> Reader::Bare() {
  std::string field;
  while (!AtEnd() && text_[at_] != ',' && text_[at_] != '\n' &&
         !text_.substr(at_).starts_with("\r\n")) {
    if (text_[at_] == '"') {
      return Error::Invalid("CSV parse error on line {}: bare \" in non-quoted field", line_);
    }
    field += text_[at_++];
  }
  return field;
}

Result<CsvRecord> Reader::Record() {
  CsvRecord record{{}, line_};
  while (true) {
    bool quoted = !AtEnd() && text_[at_] == '"';
    auto field = quoted ? Quoted() : Bare();
    if (!field.ok()) return std::move(field).error();
    record.fields.push_back(*std::move(field));
    if (AtEnd() || EndOfLine()) return record;
    ++at_;  // The comma.
  }
}

}  // namespace

Result<std::vector<CsvRecord>> ParseCsv(std::string_view text) {
  Reader reader(text);
  std::vector<CsvRecord> records;
  for (reader.SkipEmptyLines(); !reader.AtEnd(); reader.SkipEmptyLines()) {
    CsvRecord record = TRY(reader.Record());
    if (!records.empty() && record.fields.size() != records[0].fields.size()) {
      return Error::Invalid("CSV parse error on line {}: wrong number of fields", record.line);
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace andon::functions
