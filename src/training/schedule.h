/* The learning rate of an epoch: by its number or, of the plateau schedule, by
   what became of those before. */
#ifndef TRAINING_SCHEDULE_H
#define TRAINING_SCHEDULE_H

#include <mnist/train.h>

/* Where the plateau schedule stands; of no use to the others. */
typedef struct mnist_plateau {
    double lr;     /* of the epoch under way */
    double figure; /* the best so far */

    /* From 1: the epoch of that figure or, if that was later, after which the
       rate was lowered last; 0 before either. */
    size_t since;
} mnist_plateau;

mnist_plateau mnist_plateau_start(const mnist_train_options *options);

/* At the end of epoch `epoch`, from 1, with its figure. */
void mnist_plateau_step(mnist_plateau *plateau,
                        const mnist_train_options *options, size_t epoch,
                        double figure);

/* Of epoch `epoch`, from 0; see mnist_schedule. The same bits everywhere: no
   function of libm is asked. */
double mnist_schedule_lr(const mnist_train_options *options, size_t epoch,
                         const mnist_plateau *plateau);

/* MNIST_ERROR_ARGUMENT for a setting of the schedule that is out of range. */
mnist_status mnist_schedule_check(const mnist_train_options *options,
                                  mnist_error *err);

#endif
