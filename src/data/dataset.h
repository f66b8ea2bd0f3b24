/* Datasets, as the rest of the library makes them. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "data/input.h"

#include <mnist/dataset.h>

/* The one image of a file of which mnist_picture_is is true. */
mnist_status mnist_dataset_read_picture(mnist_dataset *out, mnist_input *in);

#endif
