/**
 * What can go wrong, and the line that says so.
 *
 * Every function of the library that can fail returns a mnist_status and takes
 * a mnist_error last. The lowest function that knows the fact fills the error
 * with one line for a person: which file, where in it, what was found, what was
 * expected. The library never prints and never ends the process.
 */
#ifndef MNIST_ERROR_H
#define MNIST_ERROR_H

#include <mnist/api.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mnist_status {
    MNIST_OK = 0,
    MNIST_ERROR_ARGUMENT, /* a value the caller chose: an option, a network */
    MNIST_ERROR_DATA,     /* an IDX file, or data that do not fit together */
    MNIST_ERROR_WEIGHTS,  /* a weights file that is damaged or does not fit */
    MNIST_ERROR_SYSTEM,   /* the operating system refused */
    MNIST_ERROR_MEMORY,   /* out of memory */
    MNIST_ERROR_DIVERGED, /* the loss became NaN or infinite */
    MNIST_ERROR_STOPPED   /* the caller's own callback asked to stop */
} mnist_status;

/** One failure. The message needs no release and ends without a newline. */
typedef struct mnist_error {
    mnist_status status;
    char message[512];
    size_t column; /* in a network line, the byte it is about, from 1; or 0 */
} mnist_error;

#if defined(__GNUC__)
#define MNIST_PRINTF(format, first)                                            \
    __attribute__((__format__(__printf__, format, first)))
#else
#define MNIST_PRINTF(format, first)
#endif

/**
 * Fills `err` (unless it is NULL) and returns `status`, so that a caller can
 * write `return mnist_fail(err, MNIST_ERROR_DATA, ...)`. A message longer than
 * the buffer is cut.
 */
MNIST_API mnist_status mnist_fail(mnist_error *err, mnist_status status,
                                  const char *format, ...) MNIST_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
