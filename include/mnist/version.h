/** The version of the library, major.minor.patch. */
#ifndef MNIST_VERSION_H
#define MNIST_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/** For instance "0.1.0"; of the library that runs, not of this header. */
const char *mnist_version(void);

#ifdef __cplusplus
}
#endif
#endif
