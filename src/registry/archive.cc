#include "registry/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>

#include "base/shared_library.h"
#include "base/text.h"
#include "io/local_file_system.h"
#include "io/path.h"

namespace andon::registry {
namespace {

namespace fs = std::filesystem;

// clang-format off
#define ANDON_LIBARCHIVE(FUNCTION)                                                              \
  FUNCTION(archive_read_new) FUNCTION(archive_read_free) FUNCTION(archive_error_string)         \
  FUNCTION(archive_read_support_format_zip) FUNCTION(archive_read_support_format_tar)           \
  FUNCTION(archive_read_support_filter_gzip) FUNCTION(archive_read_support_filter_xz)           \
  FUNCTION(archive_read_support_filter_bzip2) FUNCTION(archive_read_open_filename)              \
  FUNCTION(archive_read_next_header) FUNCTION(archive_read_data) FUNCTION(archive_entry_pathname) \
  FUNCTION(archive_entry_filetype) FUNCTION(archive_entry_perm) FUNCTION(archive_entry_hardlink)
// clang-format on

// Loaded with the first archive: most commands see none.
struct Libarchive {
#define ANDON_FUNCTION(name) decltype(&::name) name = library.Find<decltype(::name)>(#name);
  SharedLibrary library{"libarchive.so.13"};
  ANDON_LIBARCHIVE(ANDON_FUNCTION)
#undef ANDON_FUNCTION
};

Libarchive& Lib() {
  static Libarchive library;
  return library;
}

constexpr size_t kChunk = 256 << 10;

class File {
 public:
  explicit File(const std::string& path, bool is_executable)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   is_executable ? 0777 : 0666)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool is_open() const { return fd_ >= 0; }
  bool Write(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }
  bool Sync() { return ::fsync(fd_) == 0; }

 private:
  int fd_;
};

// The name as a path below the folder; kInvalid where it leads anywhere else.
Result<std::string> SafeName(const char* name) {
  if (name == nullptr || *name == '\0') return Error::Invalid("it has an entry without a name");
  std::string text = name;
  bool has_control = std::any_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (has_control || !IsUtf8(text)) return Error::Invalid("it has an entry whose name is no text");
  if (text.size() > 4096) return Error::Invalid("it has an entry with a name of endless length");
  std::replace(text.begin(), text.end(), '\\', '/');
  for (const std::string& part : Split(text, '/')) {
    if (part == "..")
      return Error::Invalid("its entry \"{}\" would lie outside of the folder", text);
  }
  if (text.starts_with('/'))
    return Error::Invalid("its entry \"{}\" would lie outside of the folder", text);
  return io::Normalize(text);
}

class Unpacking {
 public:
  Unpacking(std::string dir, const UnpackLimits& limits, int64_t archive_bytes)
      : dir_(std::move(dir)),
        entries_left_(limits.entries_max),
        bytes_left_(std::min(limits.bytes_max,
                             limits.ratio_max * std::max<int64_t>(archive_bytes, 1 << 20))) {}

  Result<void> Run(struct archive* reader) {
    TRY(MakeDir("."));
    for (;;) {
      archive_entry* entry = nullptr;
      int status = Lib().archive_read_next_header(reader, &entry);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) return Damaged(reader);
      if (--entries_left_ < 0) return Error::Invalid("it has too many entries");
      TRY(Take(reader, entry));
      has_any_ = true;
    }
    if (!has_any_) return Error::Invalid("it is empty");
    // The names are durable with their folders.
    for (const std::string& folder : folders_) TRY(SyncDir(folder));
    return {};
  }

 private:
  static Error Damaged(struct archive* reader) {
    const char* text = Lib().archive_error_string(reader);
    return Error::Invalid("it is damaged: {}", text == nullptr ? "no reason is known" : text);
  }

  Result<void> MakeDir(const std::string& name) {
    std::string path = io::Join(dir_, name);
    std::error_code failed;
    fs::create_directories(path, failed);
    if (failed) return Error::Io("cannot make the folder {}: {}", path, failed.message());
    for (std::string at = name;; at = io::Dirname(at)) {
      if (!folders_.insert(at).second || at == ".") break;
    }
    return {};
  }

  Result<void> SyncDir(const std::string& name) {
    int fd = ::open(io::Join(dir_, name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = fd >= 0 && ::fsync(fd) == 0;
    int failed = errno;
    if (fd >= 0) ::close(fd);
    if (!is_done)
      return Error::Io("cannot write {}: {}", io::Join(dir_, name), std::strerror(failed));
    return {};
  }

  Result<void> Take(struct archive* reader, archive_entry* entry) {
    const char* raw = Lib().archive_entry_pathname(entry);
    // The mark that "git archive" leaves, and the folder itself.
    std::string name = TRY(SafeName(raw));
    auto type = Lib().archive_entry_filetype(entry);
    if (Lib().archive_entry_hardlink(entry) != nullptr || type == AE_IFLNK)
      return Error::Invalid(
          "its entry \"{}\" is a link, which an archive of this kind must not have", name);
    if (type == AE_IFDIR) return MakeDir(name);
    if (type != AE_IFREG)
      return Error::Invalid("its entry \"{}\" is neither a file nor a folder", name);
    TRY(MakeDir(io::Dirname(name)));
    std::string path = io::Join(dir_, name);
    File file(path, (Lib().archive_entry_perm(entry) & 0111) != 0);
    if (!file.is_open()) {
      if (errno == EEXIST || errno == EISDIR)
        return Error::Invalid("its entry \"{}\" is there twice", name);
      return Error::Io("cannot write {}: {}", path, std::strerror(errno));
    }
    for (;;) {
      auto got = Lib().archive_read_data(reader, buffer_.data(), buffer_.size());
      if (got < 0) return Damaged(reader);
      if (got == 0) break;
      bytes_left_ -= got;
      if (bytes_left_ < 0)
        return Error::Invalid(
            "unpacked it is much larger than any package; nothing of it was kept");
      if (!file.Write(std::string_view(buffer_.data(), static_cast<size_t>(got))))
        return Error::Io("cannot write {}: {}", path, std::strerror(errno));
    }
    if (!file.Sync()) return Error::Io("cannot write {}: {}", path, std::strerror(errno));
    return {};
  }

  std::string dir_;
  int64_t entries_left_;
  int64_t bytes_left_;
  bool has_any_ = false;
  std::set<std::string> folders_;
  std::string buffer_ = std::string(kChunk, '\0');
};

}  // namespace

Result<void> Unpack(const std::string& archive, const std::string& dir,
                    const UnpackLimits& limits) {
  if (const std::string& error = Lib().library.error(); !error.empty()) {
    return Error::Unavailable(
        "Archives are read by the library libarchive, which cannot be loaded: {}. Install the "
        "package libarchive13.",
        error);
  }
  io::LocalFileSystem files;
  if (files.Exists(dir)) return Error::Conflict("{} exists already.", dir);
  auto info = TRY(files.Stat(archive));
  std::unique_ptr<struct archive, decltype(&archive_read_free)> reader(Lib().archive_read_new(),
                                                                       Lib().archive_read_free);
  if (!reader) return Error::Io("Out of memory for {}.", archive);
  Lib().archive_read_support_format_zip(reader.get());
  Lib().archive_read_support_format_tar(reader.get());
  Lib().archive_read_support_filter_gzip(reader.get());
  Lib().archive_read_support_filter_xz(reader.get());
  Lib().archive_read_support_filter_bzip2(reader.get());
  if (Lib().archive_read_open_filename(reader.get(), archive.c_str(), kChunk) != ARCHIVE_OK) {
    return Error::Invalid("{} is no archive: {}", io::Basename(archive),
                          Lib().archive_error_string(reader.get()));
  }
  auto done = Unpacking(dir, limits, info.size).Run(reader.get());
  if (!done.ok()) {
    (void)files.RemoveAll(dir).ok();
    return Error{done.error().kind, fmt::format("the archive {} cannot be unpacked: {}",
                                                io::Basename(archive), done.error().message)};
  }
  return {};
}

}  // namespace andon::registry
