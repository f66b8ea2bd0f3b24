/**
 * The version of the library, major.minor.patch.
 *
 * A program built against one version runs with every later one of the same
 * major number; while that is 0, of the same major and minor number. The shared
 * library's file name and the CMake package tell the same.
 */
#ifndef MNIST_VERSION_H
#define MNIST_VERSION_H

#include <mnist/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Of this header. The build takes its version from here. */
#define MNIST_VERSION_MAJOR 0
#define MNIST_VERSION_MINOR 1
#define MNIST_VERSION_PATCH 0

/** Of the library that runs: for instance "0.1.0". Needs no release. */
MNIST_API const char *mnist_version(void);

#ifdef __cplusplus
}
#endif
#endif
