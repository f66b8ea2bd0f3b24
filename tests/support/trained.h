/*
 * What a user has after a first training, made once for a whole test program:
 * a temporary folder with
 *
 *     data               400 images to train on and 100 to test, drawn
 *     mnist.safetensors  a small network trained on them
 *
 *     cmocka_run_group_tests(tests, trained_setup, temporary_teardown)
 *
 * Every test gets the temporary, and runs programs in its folder.
 */
#ifndef SUPPORT_TRAINED_H
#define SUPPORT_TRAINED_H

#include "support/temporary.h"

#define TRAINED_NET   "dense:24:relu,dense:10:softmax"
#define TRAINED_TRAIN 400
#define TRAINED_TEST  100

#define DATA_TRAIN_IMAGES "data/train-images-idx3-ubyte"
#define DATA_TRAIN_LABELS "data/train-labels-idx1-ubyte"
#define DATA_TEST_IMAGES  "data/t10k-images-idx3-ubyte"
#define DATA_TEST_LABELS  "data/t10k-labels-idx1-ubyte"

int trained_setup(void **state);

/* Runs a program in the folder; fails the test unless it ends well. */
void run_well(temporary *t, const char *const *arguments);

#define RUN_WELL(t, ...) run_well(t, (const char *const[]){__VA_ARGS__, NULL})

/* Fails unless two files of the folder have the same bytes. */
void assert_same_bytes(temporary *t, const char *a, const char *b);

/* Makes "g.st", weights of 2 epochs in batches of 50 on 150 of the first 300
   images, the other 150 for validation, and "g.checkpoint.st" of the same. */
void trained_checkpoint(temporary *t);

#endif
