// A library to preload: the process stops where it creates a certain file, and waits.
//
// At the ANDON_PAUSE_NUMBER-th creation (default 1, counted in each process by itself) of a file
// whose path matches the pattern ANDON_PAUSE_AT, it makes the file "paused" in the folder
// ANDON_PAUSE_FOLDER and goes on when there is a file "go". So a test can do something at exactly
// that moment of a command.
//
//   cc -shared -fPIC -O1 -o pause_shim.so pause_shim.c -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_int seen;

static void Wait(const char* path) {
  const char *pattern = getenv("ANDON_PAUSE_AT"), *folder = getenv("ANDON_PAUSE_FOLDER"),
             *number = getenv("ANDON_PAUSE_NUMBER");
  if (!pattern || !folder || fnmatch(pattern, path, 0) != 0) return;
  if (atomic_fetch_add(&seen, 1) + 1 != (number ? atoi(number) : 1)) return;
  char name[PATH_MAX];
  snprintf(name, sizeof name, "%s/paused", folder);
  int fd = NEXT(open)(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd >= 0) close(fd);
  snprintf(name, sizeof name, "%s/go", folder);
  // Nobody comes: the test has failed, and the command is not to hang for ever.
  for (int tenths = 0; access(name, F_OK) != 0 && tenths < 1200; ++tenths) usleep(100 * 1000);
}

#define OPEN(name, path, flags, call)             \
  mode_t mode = 0;                                \
  if (flags & (O_CREAT | O_TMPFILE)) {            \
    va_list rest;                                 \
    va_start(rest, flags);                        \
    mode = va_arg(rest, mode_t);                  \
    va_end(rest);                                 \
  }                                               \
  if (flags & O_CREAT) Wait(path);                \
  return call

int open(const char* path, int flags, ...) { OPEN(open, path, flags, NEXT(open)(path, flags, mode)); }
int open64(const char* path, int flags, ...) { OPEN(open64, path, flags, NEXT(open64)(path, flags, mode)); }
