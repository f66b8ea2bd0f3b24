/* The lines of a text file, one after the other, in memory for the longest. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/file.h"

typedef struct mnist_lines {
    mnist_source source;
    char *block;        /* what was read and not yet given */
    size_t room, most;  /* of the block: now, and at most */
    size_t begin, held; /* of it: the next line begins, what was read ends */
    size_t number;      /* of the line given last, from 1 */
    bool ended;         /* there is no more to read */
} mnist_lines;

/* "-" is standard input. A line, its end included, has at most `most` bytes, at
   least 1. */
mnist_status mnist_lines_open(mnist_lines *out, const char *path, size_t most,
                              mnist_error *err);

/*
 * The next line, without the newline that need not stand behind the last one;
 * *line is NULL after that. Lent until the next call. A line that is too long
 * is MNIST_ERROR_DATA.
 */
mnist_status mnist_lines_next(mnist_lines *lines, const char **line,
                              size_t *length, mnist_error *err);

void mnist_lines_close(mnist_lines *lines);

#endif
