/* Small trainings that are stopped, saved and gone on with. */
#ifndef SUPPORT_STOPPED_H
#define SUPPORT_STOPPED_H

#include <mnist/checkpoint.h>

/* Images that do not divide by the batch: 5, 5, 5, 5, 3. */
enum { ROWS = 6, COLS = 5, IMAGES = 23, BATCH = 5, STEPS = 5, EPOCHS = 3 };

typedef struct setting {
    const char *name, *line;
    int validated; /* with a validation set */
    mnist_train_options options;
} setting;

#define MLP "dense:9:relu,dense:3:softmax"

/* What a training can be, between them: all that decides its result. */
enum {
    PLAIN,
    MOMENTUM_COSINE,
    CENTERED_STEPS,
    CONVOLUTION_PATIENCE,
    STOPPED_EARLY,
    BEST_KEPT,
    PLATEAU_CLIPPED,
    SETTINGS
};
extern const setting settings[SETTINGS];

/* One whose checkpoint is as small as one with every kind of tensor can be. Its
   first epoch is the best so far after STEPS + 1 batches; the second is under
   way. */
extern const setting tiny;

/* Of a program; for cmocka_run_group_tests. */
extern mnist_dataset training, validation;
int stopped_setup(void **state);
int stopped_teardown(void **state);

/* A network, its training, and when to stop it. It stays where it is. */
typedef struct run {
    mnist_network *net;
    mnist_train_options options;
    mnist_trainer *trainer;
    size_t left; /* batches until the callback stops it; 0: it does not */
} run;

int stop_when_none_left(const mnist_progress *progress, void *user);

/* At the beginning of the setting's training. */
void begin(run *r, const setting *s);

/* The same for a network and options that are set, the callback left out. */
void begin_with(run *r);

void end(run *r);

/* Runs that many batches, or to the end for 0. */
void go(run *r, size_t batches);

/* What must succeed. */
void save(run *r, const char *path);
void load(run *r, const char *path);

/* Fails the running test unless the files have the same bytes. */
void assert_same_file(const char *what, const char *a, const char *b);

#endif
