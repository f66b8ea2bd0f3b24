#include "data/deflate.h"

/* Codes are packed from the lowest bit up. */
typedef struct bits {
    mnist_buffer *out;
    uint32_t held; /* not yet whole bytes */
    unsigned count;
} bits;

static void put(bits *b, uint32_t value, unsigned count)
{
    b->held |= value << b->count;
    b->count += count;
    for (; b->count >= 8; b->count -= 8, b->held >>= 8)
        mnist_buffer_byte(b->out, (uint8_t)b->held);
}

/* A Huffman code: its highest bit comes first. */
static void put_code(bits *b, uint32_t code, unsigned count)
{
    uint32_t turned = 0;
    for (unsigned i = 0; i < count; i++)
        turned |= (code >> i & 1) << (count - 1 - i);
    put(b, turned, count);
}

/* Symbol of a literal or a length in the fixed code: RFC 1951, 3.2.6. */
static void put_symbol(bits *b, unsigned symbol)
{
    if (symbol < 144)
        put_code(b, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(b, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(b, symbol - 256, 7);
    else
        put_code(b, 0xc0 + symbol - 280, 8);
}

enum { RUN_MIN = 3, RUN_MAX = 258, END = 256, FIRST_LENGTH = 257 };

/* The last byte `run` times more: a match at distance 1. Lengths 3 to 10 have
   a symbol each; then four symbols share each number of extra bits; 258 has
   its own. */
static void put_run(bits *b, unsigned run)
{
    unsigned extra = 0, offset = run - RUN_MIN;
    if (run == RUN_MAX) {
        put_symbol(b, 285);
    } else {
        while (offset >> extra >= 8)
            extra++;
        put_symbol(b, FIRST_LENGTH + 4 * extra + (offset >> extra));
        put(b, offset & ((1u << extra) - 1), extra);
    }
    put_code(b, 0, 5);
}

void mnist_deflate(mnist_buffer *out, const uint8_t *bytes, size_t length)
{
    bits b = {.out = out};
    put(&b, 3, 3); /* the last block, of fixed codes */
    for (size_t i = 0; i < length;) {
        size_t run = 0;
        while (i > 0 && run < RUN_MAX && i + run < length &&
               bytes[i + run] == bytes[i - 1])
            run++;
        if (run >= RUN_MIN) {
            put_run(&b, (unsigned)run);
            i += run;
        } else {
            put_symbol(&b, bytes[i++]);
        }
    }
    put_symbol(&b, END);
    put(&b, 0, b.count ? 8 - b.count : 0);
}
