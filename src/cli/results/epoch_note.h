/*
 * The figures of a training's epochs as a note in its checkpoint, so that the
 * report of a training that is gone on with shows all of them:
 *
 *     loss,accuracy,lr;loss,accuracy,lr,val_loss,val_accuracy;...
 *
 * from the first epoch on, each number as short as reads back the same, and "-"
 * for one that is not finite.
 */
#ifndef CLI_EPOCH_NOTE_H
#define CLI_EPOCH_NOTE_H

#include <mnist.h>

#include <stdbool.h>
#include <stddef.h>

#define CLI_EPOCH_NOTE_KEY "epoch_figures"

/* Notes have no room for more; they are then left out. */
enum { CLI_EPOCH_NOTE_MOST = 4000 };

/* The note's text, to be freed; NULL without memory. */
char *cli_epoch_note_text(const mnist_progress *epochs, size_t count);

/* Reads epochs 1 to `count`; false, with anything in them, if the text is of
   another number of epochs or of something else. */
bool cli_epoch_note_read(mnist_progress *epochs, size_t count,
                         const char *text);

#endif
