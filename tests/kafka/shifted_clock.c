/* Shifts the wall clock of one process, and nothing else: preloaded before the C library, it adds the seconds that
   the file GRANARY_TEST_CLOCK holds to what CLOCK_REALTIME, gettimeofday and time say. The monotonic clock stays as it
   is, and so do waits: what librdkafka says until when to wait is shifted back for the kernel, whose clock is right. The
   test changes the file while the process runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *seconds;

__attribute__((constructor)) static void find(void) {
    const char *path = getenv("GRANARY_TEST_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        abort();
    void *page = mmap(NULL, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED)
        abort();
    seconds = page;
    close(file);
}

/* Others' constructors may ask what time it is before this one's has run. */
static int64_t shift(void) { return seconds ? *seconds : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    static int (*real)(struct timeval *, void *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "gettimeofday");
    int failed = real(now, zone);
    if (!failed)
        now->tv_sec += shift();
    return failed;
}

int cnd_timedwait(cnd_t *condition, mtx_t *lock, const struct timespec *until) {
    static int (*real)(cnd_t *, mtx_t *, const struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "cnd_timedwait");
    struct timespec at = *until;
    at.tv_sec -= shift();
    return real(condition, lock, &at);
}

time_t time(time_t *now) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (now)
        *now = at.tv_sec;
    return at.tv_sec;
}
