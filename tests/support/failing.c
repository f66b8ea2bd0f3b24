/*
 * The mnist program on a machine that lacks something: it is linked with these
 * wrappers (mnist-failing in tests/CMakeLists.txt) and asks its environment
 * what is to fail.
 *
 *     MNIST_FAIL_ALLOCATION=N   the N-th allocation, counted from 0
 *     MNIST_FAIL_ALLOCATION=N+  it and all that follow
 *     MNIST_FAIL_THREAD=N       the N-th start of a thread, and all that follow
 *     MNIST_FAIL_REPORT=FILE    at the end, how many allocations there were and
 *                               how many blocks were not released go there
 */
#include "support/allocations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __real_main(int argc, char **argv);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_fmemopen(void *buffer, size_t size, const char *mode);
DIR *__real_opendir(const char *path);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __wrap_main(int argc, char **argv);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fmemopen(void *buffer, size_t size, const char *mode);
DIR *__wrap_opendir(const char *path);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

static size_t threads_left = SIZE_MAX;

FILE *__wrap_fopen(const char *path, const char *mode)
{
    return allocations_next_fails(0) ? NULL : __real_fopen(path, mode);
}

FILE *__wrap_fmemopen(void *buffer, size_t size, const char *mode)
{
    return allocations_next_fails(0) ? NULL
                                     : __real_fmemopen(buffer, size, mode);
}

DIR *__wrap_opendir(const char *path)
{
    return allocations_next_fails(0) ? NULL : __real_opendir(path);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    if (threads_left == 0)
        return EAGAIN;
    threads_left--;
    return __real_pthread_create(thread, attributes, start, argument);
}

static void report(const char *path)
{
    char text[64];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int length = snprintf(text, sizeof text, "%zu allocations, %zu left\n",
                          allocations_count(), allocations_live());
    if (fd < 0 || write(fd, text, (size_t)length) != length || close(fd) != 0)
        _exit(99);
}

int __wrap_main(int argc, char **argv)
{
    const char *allocation = getenv("MNIST_FAIL_ALLOCATION");
    const char *thread = getenv("MNIST_FAIL_THREAD");
    const char *path = getenv("MNIST_FAIL_REPORT");
    if (allocation) {
        char *end;
        size_t after = strtoul(allocation, &end, 10);
        if (*end == '+')
            allocations_fail_from(after);
        else
            allocations_fail(after);
    }
    if (thread)
        threads_left = strtoul(thread, NULL, 10);
    int status = __real_main(argc, argv);
    if (path)
        report(path);
    /* What runs behind main is not the program's: to count coverage takes
       memory, and does not mind whether there is any. */
    allocations_fail(SIZE_MAX);
    return status;
}
