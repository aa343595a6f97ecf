// Where the pages of Data Docs are: as files that are opened from anywhere, or below /docs of a
// server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace andon::docs {

// What names a dataset in file names and URLs: "payment" for dataset.payment, "~payment.parquet"
// for data outside of a project. Different datasets have different keys, also where a file system
// takes upper and lower case for the same.
std::string KeyOf(std::string_view dataset);

// The grid's data stand in files of this many validation numbers each.
inline constexpr int64_t kChunk = 500;
inline int64_t ChunkOf(int64_t validation) { return validation / kChunk; }

class Links {
 public:
  // `up`: the way from the page to the site's folder, "" or "../".
  static Links Files(std::string up) { return Links(false, std::move(up)); }
  static Links Live() { return Links(true, "/docs/"); }

  bool is_live() const { return is_live_; }
  std::string Index() const { return is_live_ ? "/docs" : base_ + "index.html"; }
  std::string Dataset(std::string_view dataset) const {
    return base_ + "datasets/" + KeyOf(dataset) + Suffix();
  }
  std::string Validation(int64_t number) const {
    return base_ + "validations/" + std::to_string(number) + Suffix();
  }
  // Only where a server answers.
  std::string Compare(int64_t before, int64_t after) const;
  // What the chunks' names begin with: "../data/payment-".
  std::string Data(std::string_view dataset) const {
    return base_ + "data/" + KeyOf(dataset) + "-";
  }
  std::string Asset(std::string_view name) const { return base_ + "assets/" + std::string(name); }

 private:
  Links(bool is_live, std::string base) : is_live_(is_live), base_(std::move(base)) {}
  std::string Suffix() const { return is_live_ ? "" : ".html"; }

  bool is_live_;
  std::string base_;
};

}  // namespace andon::docs
