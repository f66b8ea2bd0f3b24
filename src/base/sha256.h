/* SHA-256. Source: FIPS 180-4. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct mnist_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    uint8_t block[64];
} mnist_sha256;

void mnist_sha256_start(mnist_sha256 *sha);
void mnist_sha256_add(mnist_sha256 *sha, const void *bytes, size_t length);
void mnist_sha256_end(mnist_sha256 *sha, uint8_t digest[32]);

#endif
