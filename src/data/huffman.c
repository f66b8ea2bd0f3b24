#include "data/huffman.h"

#include <stdbool.h>
#include <string.h>

static unsigned reverse(unsigned code, unsigned length)
{
    unsigned reversed = 0;
    for (; length > 0; length--, code >>= 1)
        reversed = reversed << 1 | (code & 1);
    return reversed;
}

/* Enters a code, its first bit lowest, wherever the bits behind it lead. */
static void enter_code(uint32_t *table, unsigned root, unsigned *second_next,
                       unsigned code, unsigned length, uint32_t entry)
{
    entry |= length;
    if (length <= root) {
        for (unsigned i = code; i < 1u << root; i += 1u << length)
            table[i] = entry;
        return;
    }
    uint32_t *link = &table[code & ((1u << root) - 1)];
    if (!(*link & HUFFMAN_SECOND)) {
        *link = *second_next << 16 | HUFFMAN_SECOND;
        *second_next += 1u << (HUFFMAN_MAX - root);
    }
    uint32_t *second = table + (*link >> 16);
    for (unsigned i = code >> root; i < 1u << (HUFFMAN_MAX - root);
         i += 1u << (length - root))
        second[i] = entry;
}

/* How many codes of each length there are. Negative if the lengths allow more
   codes than there is room for, positive if bits remain that are no code. */
static int count_codes(unsigned count[HUFFMAN_MAX + 1], const uint8_t *lengths,
                       unsigned symbols)
{
    int left = 1;
    memset(count, 0, (HUFFMAN_MAX + 1) * sizeof *count);
    for (unsigned i = 0; i < symbols; i++)
        count[lengths[i]]++;
    for (unsigned length = 1; length <= HUFFMAN_MAX && left >= 0; length++)
        left = left * 2 - (int)count[length];
    return left;
}

mnist_huffman mnist_huffman_make(uint32_t *table, unsigned root,
                                 const uint8_t *lengths, unsigned symbols,
                                 uint32_t (*meaning)(unsigned))
{
    unsigned count[HUFFMAN_MAX + 1], next[HUFFMAN_MAX + 1];
    int left = count_codes(count, lengths, symbols);
    bool few = count[0] == symbols || (count[0] == symbols - 1 && count[1]);
    if (left < 0 || (left > 0 && !few))
        return MNIST_HUFFMAN_BAD;

    unsigned code = 0;
    for (unsigned length = 1; length <= HUFFMAN_MAX; length++) {
        next[length] = code;
        code = (code + count[length]) << 1;
    }
    for (unsigned i = 0; i < 1u << root; i++)
        table[i] = HUFFMAN_INVALID | 1;
    unsigned second_next = 1u << root;
    for (unsigned i = 0; i < symbols; i++) {
        unsigned length = lengths[i];
        if (length)
            enter_code(table, root, &second_next,
                       reverse(next[length]++, length), length, meaning(i));
    }
    return few ? MNIST_HUFFMAN_FEW : MNIST_HUFFMAN_COMPLETE;
}
