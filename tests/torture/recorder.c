/*
 * What I am: an LD_PRELOAD library that writes down, in one order, everything a process does to the
 * files below one folder, and what it said on stdout; on request it makes one of these calls fail.
 * Who calls me: tests/torture/recorder.py compiles me and starts programs with me; disk.py reads the trace.
 * What I may touch: the trace file alone.
 *
 *   EGAO_RECORD_ROOT   the folder to watch, resolved; it stands for the root of a disk
 *   EGAO_RECORD_TRACE  the file the trace is appended to
 *   EGAO_FAULT         optional, "KIND FIRST LAST ERRNO": calls number FIRST to LAST (from 0) of KIND
 *                      ("write" or "sync") fail
 *
 * One lock is held over a call and its record, so that the order of the trace is the order of the effects.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))

enum { MOST_FDS = 4096, TRACE_FD = 1000, TAKES_SPACE = 1 };

/* Read by trace.py with the same layout; `size` bytes of payload follow. */
struct record {
    char kind;
    char unused[3];
    int32_t pid;
    int32_t fd;
    int32_t error;
    int64_t at;
    uint32_t flags;
    uint32_t size;
};

struct fault {
    long first, last, seen;
    int error;
};

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int trace = -1;
static pid_t owner;
static bool watched[MOST_FDS];
static struct fault write_fault = {-1, -1, 0, 0};
static struct fault sync_fault = {-1, -1, 0, 0};

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("EGAO_RECORD_ROOT"), *file = getenv("EGAO_RECORD_TRACE");
    const char *wanted = getenv("EGAO_FAULT");
    if (!folder || !file)
        return;
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    int fd = REAL(open)(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    /* Out of the way: the program gets the descriptor numbers it would have without me. */
    trace = fcntl(fd, F_DUPFD_CLOEXEC, TRACE_FD);
    REAL(close)(fd);
    owner = getpid();
    char kind[8] = "";
    struct fault fault = {-1, -1, 0, 0};
    if (wanted && sscanf(wanted, "%7s %ld %ld %d", kind, &fault.first, &fault.last, &fault.error) == 4)
        *(strcmp(kind, "sync") ? &write_fault : &sync_fault) = fault;
}

/* A child between vfork and exec shares my memory: what it does there is not the program's doing. */
static bool recording(void) { return trace >= 0 && getpid() == owner; }

static bool is_watched(int fd) { return fd >= 0 && fd < MOST_FDS && watched[fd] && recording(); }

static void note(char kind, int fd, int64_t at, uint32_t flags, int error, const void *data, size_t size)
{
    int before = errno;
    struct record record = {kind, {0}, owner, fd, error, at, flags, (uint32_t)size};
    struct iovec parts[2] = {{&record, sizeof record}, {(void *)data, size}};
    if (REAL(writev)(trace, parts, 2) != (ssize_t)(sizeof record + size))
        abort(); /* a trace with holes would prove nothing */
    errno = before;
}

static void note_path(char kind, int fd, uint32_t flags, const char *path)
{
    note(kind, fd, 0, flags, 0, path, strlen(path));
}

/* The error this call has to fail with, or 0; every call is counted. */
static int fault_now(struct fault *fault)
{
    long index = fault->seen++;
    return index >= fault->first && index <= fault->last ? fault->error : 0;
}

/* Writes the absolute path without links into `full`; whether it is the watched folder or below it. */
static bool below_root(int folder, const char *path, char *full)
{
    char given[PATH_MAX], start[PATH_MAX] = "", link[64];
    if (!recording() || !path || !*path)
        return false;
    if (path[0] != '/' && folder != AT_FDCWD) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, start, sizeof start - 1);
        start[length < 0 ? 0 : length] = 0;
    }
    size_t used = (size_t)snprintf(given, sizeof given, "%s%s%s", start, *start ? "/" : "", path);
    while (used > 1 && used < sizeof given && given[used - 1] == '/')
        given[--used] = 0;
    char *slash = strrchr(given, '/');
    const char *name = slash ? slash + 1 : given;
    const char *parent = !slash ? "." : slash == given ? "/" : given;
    if (slash && slash != given)
        *slash = 0;
    if (!realpath(parent, full) || strlen(full) + strlen(name) + 2 > PATH_MAX)
        return false;
    strcat(full, "/");
    strcat(full, name);
    return !strncmp(full, root, root_length) && (full[root_length] == '/' || !full[root_length]);
}

/* ------------------------------------------------------------------ files come and go */

static int open_recorded(int folder, const char *path, int flags, mode_t mode)
{
    char full[PATH_MAX];
    bool mine = below_root(folder, path, full);
    if (mine)
        pthread_mutex_lock(&order);
    int fd = REAL(openat64)(folder, path, flags, mode);
    if (fd >= 0 && fd < MOST_FDS && recording())
        watched[fd] = mine;
    if (mine && fd >= 0)
        note_path('O', fd, (uint32_t)flags, full);
    if (mine)
        pthread_mutex_unlock(&order);
    return fd;
}

#define MODE_OF(flags, last)                                                                                \
    mode_t mode = 0;                                                                                        \
    if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) {                                        \
        va_list rest;                                                                                       \
        va_start(rest, last);                                                                               \
        mode = va_arg(rest, mode_t);                                                                        \
        va_end(rest);                                                                                       \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return open_recorded(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return open_recorded(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return open_recorded(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return open_recorded(folder, path, flags, mode);
}

int close(int fd)
{
    if (!is_watched(fd))
        return REAL(close)(fd);
    pthread_mutex_lock(&order);
    watched[fd] = false;
    note('C', fd, 0, 0, 0, NULL, 0);
    int done = REAL(close)(fd);
    pthread_mutex_unlock(&order);
    return done;
}

static int rename_recorded(int from_folder, const char *from, int to_folder, const char *to)
{
    char both[2 * PATH_MAX + 1], target[PATH_MAX];
    bool mine = below_root(from_folder, from, both) && below_root(to_folder, to, target);
    if (!mine)
        return REAL(renameat)(from_folder, from, to_folder, to);
    size_t first = strlen(both) + 1; /* the two paths with one zero byte between them */
    strcpy(both + first, target);
    pthread_mutex_lock(&order);
    int done = REAL(renameat)(from_folder, from, to_folder, to);
    if (!done)
        note('R', -1, 0, 0, 0, both, first + strlen(target));
    pthread_mutex_unlock(&order);
    return done;
}

int rename(const char *from, const char *to) { return rename_recorded(AT_FDCWD, from, AT_FDCWD, to); }

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return rename_recorded(from_folder, from, to_folder, to);
}

static int unlink_recorded(int folder, const char *path, int flags)
{
    char full[PATH_MAX];
    bool mine = below_root(folder, path, full);
    if (mine)
        pthread_mutex_lock(&order);
    int done = REAL(unlinkat)(folder, path, flags);
    if (mine && !done)
        note_path('U', -1, 0, full);
    if (mine)
        pthread_mutex_unlock(&order);
    return done;
}

int unlink(const char *path) { return unlink_recorded(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlink_recorded(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return unlink_recorded(folder, path, flags); }

static int mkdir_recorded(int folder, const char *path, mode_t mode)
{
    char full[PATH_MAX];
    bool mine = below_root(folder, path, full);
    if (mine)
        pthread_mutex_lock(&order);
    int done = REAL(mkdirat)(folder, path, mode);
    if (mine && !done)
        note_path('M', -1, 0, full);
    if (mine)
        pthread_mutex_unlock(&order);
    return done;
}

int mkdir(const char *path, mode_t mode) { return mkdir_recorded(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return mkdir_recorded(folder, path, mode); }

/* ------------------------------------------------------------------ bytes and lengths */

/* `at` < 0: where the file stands. A disk that fills up takes the first part before it refuses the rest. */
static ssize_t write_recorded(int fd, const void *data, size_t size, int64_t at)
{
    pthread_mutex_lock(&order);
    int error = fd == STDOUT_FILENO ? 0 : fault_now(&write_fault);
    size_t taken = error ? size / 2 : size;
    ssize_t done = at < 0 ? REAL(write)(fd, data, taken) : REAL(pwrite64)(fd, data, taken, at);
    size_t kept = done < 0 ? 0 : (size_t)done;
    if (fd == STDOUT_FILENO && kept)
        note('A', fd, 0, 0, 0, data, kept);
    else if (kept || error)
        note('W', fd, at < 0 ? lseek64(fd, 0, SEEK_CUR) - (int64_t)kept : at, 0, error, data, kept);
    pthread_mutex_unlock(&order);
    if (!error)
        return done;
    errno = error;
    return -1;
}

ssize_t write(int fd, const void *data, size_t size)
{
    bool mine = is_watched(fd) || (fd == STDOUT_FILENO && recording());
    return mine ? write_recorded(fd, data, size, -1) : REAL(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return is_watched(fd) ? write_recorded(fd, data, size, at) : REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    return is_watched(fd) ? write_recorded(fd, data, size, at) : REAL(pwrite64)(fd, data, size, at);
}

/* One part at a time: a short count is what the caller must be ready for anyway. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    bool mine = is_watched(fd) || (fd == STDOUT_FILENO && recording());
    if (!mine || count < 1)
        return REAL(writev)(fd, parts, count);
    return write_recorded(fd, parts[0].iov_base, parts[0].iov_len, -1);
}

/* Gives up at once, so that a copying program falls back to read and write, which are recorded. */
ssize_t sendfile64(int to, int from, off64_t *at, size_t size)
{
    if (!is_watched(to))
        return ((ssize_t(*)(int, int, off64_t *, size_t))real("sendfile64"))(to, from, at, size);
    errno = EINVAL;
    return -1;
}

ssize_t sendfile(int to, int from, off_t *at, size_t size)
{
    if (!is_watched(to))
        return ((ssize_t(*)(int, int, off_t *, size_t))real("sendfile"))(to, from, at, size);
    errno = EINVAL;
    return -1;
}

static int truncate_recorded(int fd, int64_t size)
{
    pthread_mutex_lock(&order);
    int done = REAL(ftruncate64)(fd, size);
    if (!done)
        note('T', fd, size, 0, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return done;
}

int ftruncate(int fd, off_t size)
{
    return is_watched(fd) ? truncate_recorded(fd, size) : REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return is_watched(fd) ? truncate_recorded(fd, size) : REAL(ftruncate64)(fd, size);
}

static int allocate_recorded(int fd, int64_t from, int64_t size)
{
    struct stat64 now;
    pthread_mutex_lock(&order);
    int error = fault_now(&write_fault);
    int done = error ? error : REAL(posix_fallocate64)(fd, from, size);
    if (error)
        note('W', fd, from, 0, error, NULL, 0);
    else if (!done && !fstat64(fd, &now))
        note('T', fd, now.st_size, TAKES_SPACE, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return done;
}

int posix_fallocate(int fd, off_t from, off_t size)
{
    return is_watched(fd) ? allocate_recorded(fd, from, size) : REAL(posix_fallocate)(fd, from, size);
}

int posix_fallocate64(int fd, off64_t from, off64_t size)
{
    return is_watched(fd) ? allocate_recorded(fd, from, size) : REAL(posix_fallocate64)(fd, from, size);
}

/* ------------------------------------------------------------------ what makes it last */

/* The real disk is spared: in the proof it is the replayer that decides what had reached it. */
static int sync_recorded(char kind, int fd)
{
    pthread_mutex_lock(&order);
    int error = fault_now(&sync_fault);
    note(kind, fd, 0, 0, error, NULL, 0);
    pthread_mutex_unlock(&order);
    if (!error)
        return 0;
    errno = error;
    return -1;
}

int fsync(int fd) { return is_watched(fd) ? sync_recorded('F', fd) : REAL(fsync)(fd); }
int fdatasync(int fd) { return is_watched(fd) ? sync_recorded('D', fd) : REAL(fdatasync)(fd); }
