/* The learning rate of an epoch. */
#ifndef TRAINING_SCHEDULE_H
#define TRAINING_SCHEDULE_H

#include <mnist/train.h>

/* Of epoch `epoch`, from 0; see mnist_schedule. The same bits everywhere: no
   function of libm is asked. */
double mnist_schedule_lr(const mnist_train_options *options, size_t epoch);

/* MNIST_ERROR_ARGUMENT for a setting of the schedule that is out of range. */
mnist_status mnist_schedule_check(const mnist_train_options *options,
                                  mnist_error *err);

#endif
