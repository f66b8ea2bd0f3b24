#include <mnist/version.h>

const char *mnist_version(void)
{
    return MNIST_VERSION_TEXT;
}
