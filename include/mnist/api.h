/**
 * What the shared library shows: it is built with all names hidden but those
 * declared with MNIST_API.
 */
#ifndef MNIST_API_H
#define MNIST_API_H

#if defined(__GNUC__)
#define MNIST_API __attribute__((__visibility__("default")))
#else
#define MNIST_API
#endif

#endif
