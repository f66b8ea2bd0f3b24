/*
 * The history of a training: a file with one row an epoch, for a plot or a
 * spreadsheet.
 *
 *     epoch,loss,cross_entropy,accuracy,lr,seconds
 *
 * with val_loss, val_cross_entropy and val_accuracy behind accuracy where there
 * is a validation set. As JSON Lines, each row is an object with these names.
 * Every row is written as soon as its epoch is over, by one write, and taken
 * back if it does not fit: whenever one looks, the file holds whole rows.
 */
#ifndef CLI_HISTORY_H
#define CLI_HISTORY_H

#include <mnist.h>

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* The longest row there may be. */
enum { CLI_HISTORY_ROW = 512 };

/* It stays where it is. */
typedef struct cli_history {
    FILE *row; /* to `text`, where a row is put together; NULL: none is kept */
    char text[CLI_HISTORY_ROW];
    int fd;
    off_t end; /* of the last whole row */
    const char *path;
    bool json;
    bool validates; /* the rows have validation figures */
    size_t before;  /* rows that other trainings wrote */
} cli_history;

/* How a history is begun. */
typedef struct cli_history_start {
    const char *path; /* JSON Lines if it ends in ".jsonl" */
    bool validates;
    bool append;  /* behind the rows that are there */
    bool goes_on; /* behind those of epochs up to `epochs`, and `before` more */
    size_t epochs; /* done before */
    size_t before; /* rows of other trainings, in front of this one's */
} cli_history_start;

/*
 * Begins the file, in place of one that is there, or appends to it, or goes on
 * with it: rows of later epochs than those done, which a training wrote that
 * went on after the checkpoint, are taken away. Fails with MNIST_ERROR_SYSTEM,
 * or _ARGUMENT when what is to be gone on with is no such history.
 */
mnist_status cli_history_open(cli_history *history,
                              const cli_history_start *start, mnist_error *err);

/* Adds the row of an epoch that is complete. Nothing to do if none is kept. */
mnist_status cli_history_add(cli_history *history, const mnist_progress *at,
                             mnist_error *err);

/* Fails if a row that was added may be lost. */
mnist_status cli_history_close(cli_history *history, mnist_error *err);

#endif
