/* Changes weights files so that they stay near to being right. */
#ifndef FUZZ_WEIGHTS_MUTATOR_H
#define FUZZ_WEIGHTS_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/*
 * Changes one token or one entry of the header, or some values, so that the
 * length in front of the header, the JSON and the checksum stay right. Returns
 * the new length, at most `room`; 0 if the bytes are no weights file.
 */
size_t fuzz_mutate_weights(uint8_t *bytes, size_t length, size_t room,
                           unsigned seed);

/* Puts the right checksum where the header has a place for one. */
void fuzz_seal_weights(uint8_t *bytes, size_t length);

#endif
