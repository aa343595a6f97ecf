// A library to preload: the disk is full after ANDON_SHIM_BUDGET more bytes.
//
// Bytes that are written to files below the folder ANDON_SHIM_FOLDER (absolute) count, in this
// process and in those that it starts, each with the budget of its own. When the budget is used
// up, write, pwrite, writev, pwritev, ftruncate that grows, fallocate and mkdir there fail with
// ENOSPC; a write that crosses the edge is short first, as on a real disk. Reading, renaming
// and removing work on. Without ANDON_SHIM_BUDGET nothing is changed.
//
//   cc -shared -fPIC -O1 -o shim.so disk_shim.c -ldl -lpthread
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  // Guards budget_left.
static long long budget_left = -1;                        // -1: no limit.
static char folder[PATH_MAX];
static size_t folder_size;

__attribute__((constructor)) static void ReadSettings(void) {
  const char* budget = getenv("ANDON_SHIM_BUDGET");
  const char* below = getenv("ANDON_SHIM_FOLDER");
  if (!budget || !below || !realpath(below, folder)) return;
  folder_size = strlen(folder);
  budget_left = atoll(budget);
}

static int IsBelow(const char* path) {
  return strncmp(path, folder, folder_size) == 0 && (path[folder_size] == '/' || path[folder_size] == 0);
}

static int IsLimited(int fd) {
  if (budget_left < 0) return 0;
  struct stat about;
  if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return IsBelow(path);
}

// How many of `wanted` bytes may still be written; they are taken from the budget.
static size_t Take(size_t wanted) {
  pthread_mutex_lock(&lock);
  size_t granted = wanted < (size_t)budget_left ? wanted : (size_t)budget_left;
  budget_left -= (long long)granted;
  pthread_mutex_unlock(&lock);
  return granted;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FULL()      \
  do {              \
    errno = ENOSPC; \
    return -1;      \
  } while (0)

ssize_t write(int fd, const void* data, size_t size) {
  if (size > 0 && IsLimited(fd) && (size = Take(size)) == 0) FULL();
  return NEXT(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  if (size > 0 && IsLimited(fd) && (size = Take(size)) == 0) FULL();
  return NEXT(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  if (size > 0 && IsLimited(fd) && (size = Take(size)) == 0) FULL();
  return NEXT(pwrite64)(fd, data, size, at);
}

// Vectors are refused whole or written whole: their callers' loops are those of write.
static int HasRoom(int fd, const struct iovec* parts, int count) {
  size_t size = 0;
  for (int i = 0; i < count; ++i) size += parts[i].iov_len;
  return size == 0 || !IsLimited(fd) || Take(size) == size;
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  if (!HasRoom(fd, parts, count)) FULL();
  return NEXT(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t at) {
  if (!HasRoom(fd, parts, count)) FULL();
  return NEXT(pwritev)(fd, parts, count, at);
}

static int GrowsBeyond(int fd, off64_t size) {
  struct stat about;
  if (!IsLimited(fd) || fstat(fd, &about) != 0 || size <= about.st_size) return 0;
  size_t more = (size_t)(size - about.st_size);
  return Take(more) < more;
}

int ftruncate(int fd, off_t size) {
  if (GrowsBeyond(fd, size)) FULL();
  return NEXT(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
  if (GrowsBeyond(fd, size)) FULL();
  return NEXT(ftruncate64)(fd, size);
}

int posix_fallocate(int fd, off_t at, off_t size) {
  if (GrowsBeyond(fd, at + size)) return ENOSPC;
  return NEXT(posix_fallocate)(fd, at, size);
}

int fallocate(int fd, int mode, off_t at, off_t size) {
  if (GrowsBeyond(fd, at + size)) FULL();
  return NEXT(fallocate)(fd, mode, at, size);
}

int mkdir(const char* path, mode_t mode) {
  if (budget_left == 0 && path[0] == '/' && IsBelow(path)) FULL();
  return NEXT(mkdir)(path, mode);
}
