/* Tables in which the Huffman codes of deflate are looked up: `root` bits of
   input choose an entry, and where a code is longer, a second table. Source of
   the codes: RFC 1951, 3.2.2. */
#ifndef DATA_HUFFMAN_H
#define DATA_HUFFMAN_H

#include <stdint.h>

/*
 * An entry of a table:
 *
 *     bits 0-7     length of the code
 *     bits 8-11    number of extra bits behind it
 *     bits 12-15   one of these, or none for a length or a distance
 *     bits 16-31   the literal, the base of the length or distance, or the
 *                  place of the second table
 */
#define HUFFMAN_LITERAL 0x1000u
#define HUFFMAN_SECOND  0x2000u
#define HUFFMAN_END     0x4000u
#define HUFFMAN_INVALID 0x8000u

#define HUFFMAN_MAX 15 /* bits of the longest code */

/* Second tables all have 2^(HUFFMAN_MAX - root) entries, and each serves at
   least two codes, since a code with such lengths is complete. So there are at
   most half as many as there are symbols. */
#define HUFFMAN_TABLE(root, symbols)                                           \
    ((1u << (root)) + ((symbols) / 2 << (HUFFMAN_MAX - (root))))

typedef enum mnist_huffman {
    MNIST_HUFFMAN_COMPLETE, /* every sequence of bits begins with a code */
    MNIST_HUFFMAN_FEW,      /* no code at all, or a single one of one bit: what
                               RFC 1951 has for distances that are not used */
    MNIST_HUFFMAN_BAD       /* some bits are two codes, or none: no table */
} mnist_huffman;

/*
 * Makes the table of the code with these lengths, 0 for symbols that have none.
 * meaning: the entry of a symbol, with 0 for the length of its code.
 * Bits that are no code of a HUFFMAN_FEW get the entry HUFFMAN_INVALID.
 */
mnist_huffman mnist_huffman_make(uint32_t *table, unsigned root,
                                 const uint8_t *lengths, unsigned symbols,
                                 uint32_t (*meaning)(unsigned symbol));

/* The entry of the code that `bits` begin with, the first in bit 0. */
static inline uint32_t mnist_huffman_find(const uint32_t *table, unsigned root,
                                          uint64_t bits)
{
    uint32_t entry = table[bits & ((1u << root) - 1)];
    if (entry & HUFFMAN_SECOND)
        entry = table[(entry >> 16) +
                      (unsigned)(bits >> root &
                                 ((1u << (HUFFMAN_MAX - root)) - 1))];
    return entry;
}

#endif
