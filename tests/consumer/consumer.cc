// The headers, and what they declare, from C++.
#include <mnist.h>

#include <cstdio>
#include <cstring>

int main()
{
    mnist_error err;
    mnist_network *net;
    if (mnist_network_new(&net, "dense", 28, 28, 255, &err) == MNIST_OK)
        return 1;
    std::printf("mnist %s: %s\n", mnist_version(), err.message);
    return std::strlen(err.message) == 0;
}
