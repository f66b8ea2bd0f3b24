#include <mnist/version.h>

#define TEXT_OF(number) #number
#define VERSION(major, minor, patch)                                           \
    TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *mnist_version(void)
{
    return VERSION(MNIST_VERSION_MAJOR, MNIST_VERSION_MINOR,
                   MNIST_VERSION_PATCH);
}
