// A library to preload: the process dies at its N-th change of a file.
//
// Every write, pwrite, writev, fsync, fdatasync, sync_file_range, ftruncate, rename, link,
// symlink, unlink, mkdir, rmdir and creating open on files below ANDON_KILL_FOLDER counts, in the
// order of time over all threads and over all processes that the command starts (the counter is
// the shared file ANDON_KILL_COUNTER, 8 bytes; where it is longer, the byte 7 + n becomes 'w' if
// the n-th call is a write that can be torn). At call ANDON_KILL_AT the process that makes it
// gets SIGKILL just before; with ANDON_KILL_TORN=1 a write has written its first half by then.
// ANDON_KILL_AT=0 only counts. Unlike strace's when=, which counts in each thread by itself, this
// reaches each call.
//
//   cc -shared -fPIC -O1 -o kill_shim.so kill_shim.c -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic long long* counter;  // Null: nothing counts.
static char* kinds;                 // Behind the counter, for each call one.
static long long kinds_size;
static long long kill_at;
static int is_torn;
static char folder[PATH_MAX];
static size_t folder_size;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void ReadSettings(void) {
  const char *at = getenv("ANDON_KILL_AT"), *path = getenv("ANDON_KILL_COUNTER"),
             *below = getenv("ANDON_KILL_FOLDER");
  if (!at || !path || !below || !realpath(below, folder)) return;
  folder_size = strlen(folder);
  kill_at = atoll(at);
  is_torn = getenv("ANDON_KILL_TORN") != NULL;
  int fd = NEXT(open)(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  struct stat st;
  if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof *counter) {
    close(fd);
    return;
  }
  void* shared = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (shared == MAP_FAILED) return;
  kinds = (char*)shared + sizeof *counter;
  kinds_size = st.st_size - (off_t)sizeof *counter;
  counter = shared;
}

static int IsBelow(const char* path) {
  return strncmp(path, folder, folder_size) == 0 && path[folder_size] == '/';
}

static int IsFileBelow(int fd) {
  if (!counter) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return IsBelow(path);
}

static int IsPathBelow(int dir, const char* path) {
  if (!counter || !path) return 0;
  return path[0] == '/' ? IsBelow(path) : dir == AT_FDCWD || IsFileBelow(dir);
}

static int IsTheOneOf(char kind) {
  long long n = atomic_fetch_add(counter, 1) + 1;
  if (n <= kinds_size) kinds[n - 1] = kind;
  return n == kill_at;
}

static int IsTheOne(void) { return IsTheOneOf('o'); }

static void Die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

#define COUNT_FILE(fd) \
  if (IsFileBelow(fd) && IsTheOne()) Die()
#define COUNT_PATH(dir, path) \
  if (IsPathBelow(dir, path) && IsTheOne()) Die()

ssize_t write(int fd, const void* data, size_t size) {
  if (IsFileBelow(fd) && IsTheOneOf('w')) {
    if (is_torn) NEXT(write)(fd, data, size / 2);
    Die();
  }
  return NEXT(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  if (IsFileBelow(fd) && IsTheOneOf('w')) {
    if (is_torn) NEXT(pwrite)(fd, data, size / 2, at);
    Die();
  }
  return NEXT(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  if (IsFileBelow(fd) && IsTheOneOf('w')) {
    if (is_torn) NEXT(pwrite64)(fd, data, size / 2, at);
    Die();
  }
  return NEXT(pwrite64)(fd, data, size, at);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  COUNT_FILE(fd);
  return NEXT(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t at) {
  COUNT_FILE(fd);
  return NEXT(pwritev)(fd, parts, count, at);
}

int fsync(int fd) {
  COUNT_FILE(fd);
  return NEXT(fsync)(fd);
}

int fdatasync(int fd) {
  COUNT_FILE(fd);
  return NEXT(fdatasync)(fd);
}

int ftruncate(int fd, off_t size) {
  COUNT_FILE(fd);
  return NEXT(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
  COUNT_FILE(fd);
  return NEXT(ftruncate64)(fd, size);
}

int posix_fallocate(int fd, off_t at, off_t size) {
  COUNT_FILE(fd);
  return NEXT(posix_fallocate)(fd, at, size);
}

int rename(const char* from, const char* to) {
  COUNT_PATH(AT_FDCWD, to);
  return NEXT(rename)(from, to);
}

int renameat(int from_dir, const char* from, int to_dir, const char* to) {
  COUNT_PATH(to_dir, to);
  return NEXT(renameat)(from_dir, from, to_dir, to);
}

int renameat2(int from_dir, const char* from, int to_dir, const char* to, unsigned flags) {
  COUNT_PATH(to_dir, to);
  return NEXT(renameat2)(from_dir, from, to_dir, to, flags);
}

int link(const char* from, const char* to) {
  COUNT_PATH(AT_FDCWD, to);
  return NEXT(link)(from, to);
}

int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) {
  COUNT_PATH(to_dir, to);
  return NEXT(linkat)(from_dir, from, to_dir, to, flags);
}

int symlink(const char* text, const char* path) {
  COUNT_PATH(AT_FDCWD, path);
  return NEXT(symlink)(text, path);
}

int unlink(const char* path) {
  COUNT_PATH(AT_FDCWD, path);
  return NEXT(unlink)(path);
}

int unlinkat(int dir, const char* path, int flags) {
  COUNT_PATH(dir, path);
  return NEXT(unlinkat)(dir, path, flags);
}

int remove(const char* path) {
  COUNT_PATH(AT_FDCWD, path);
  return NEXT(remove)(path);
}

int mkdir(const char* path, mode_t mode) {
  COUNT_PATH(AT_FDCWD, path);
  return NEXT(mkdir)(path, mode);
}

int mkdirat(int dir, const char* path, mode_t mode) {
  COUNT_PATH(dir, path);
  return NEXT(mkdirat)(dir, path, mode);
}

int rmdir(const char* path) {
  COUNT_PATH(AT_FDCWD, path);
  return NEXT(rmdir)(path);
}

#define OPEN(name, dir, path, flags, call)                     \
  mode_t mode = 0;                                             \
  if (flags & (O_CREAT | O_TMPFILE)) {                         \
    va_list rest;                                              \
    va_start(rest, flags);                                     \
    mode = va_arg(rest, mode_t);                               \
    va_end(rest);                                              \
  }                                                            \
  if (flags & (O_CREAT | O_TRUNC)) COUNT_PATH(dir, path);      \
  return call

int open(const char* path, int flags, ...) { OPEN(open, AT_FDCWD, path, flags, NEXT(open)(path, flags, mode)); }
int open64(const char* path, int flags, ...) { OPEN(open64, AT_FDCWD, path, flags, NEXT(open64)(path, flags, mode)); }
int openat(int dir, const char* path, int flags, ...) { OPEN(openat, dir, path, flags, NEXT(openat)(dir, path, flags, mode)); }
int openat64(int dir, const char* path, int flags, ...) { OPEN(openat64, dir, path, flags, NEXT(openat64)(dir, path, flags, mode)); }
