/* A fast loop runs while input and output have room for anything that one turn
   of it may read or write; it leaves everything unusual to step(), which checks
   each bit. */
#include "data/inflate.h"

#include "base/file.h"
#include "data/huffman.h"

#include <stdbool.h>
#include <string.h>

enum {
    LITLENS = 288,
    DISTANCES = 32,
    CODELENS = 19,
    LITLEN_ROOT = 11,
    DISTANCE_ROOT = 8,
    CODELEN_ROOT = 7, /* the longest that there are */
};

typedef struct stream {
    const uint8_t *in, *in_begin, *in_end;
    uint64_t buffer; /* the next bits, the first in bit 0 */
    unsigned bits;   /* how many of them count: what is above is no more than
                        a first look at the bytes at `in` */
    uint8_t *out, *out_begin, *out_end;
    const char *what;
    uint32_t litlen[HUFFMAN_TABLE(LITLEN_ROOT, LITLENS)];
    uint32_t distance[HUFFMAN_TABLE(DISTANCE_ROOT, DISTANCES)];
} stream;

/* How a step ends; the others are MNIST_INFLATE_*. */
enum { STEP_MORE = 100, STEP_BLOCK_END };

static int damaged(stream *s, const char *what)
{
    s->what = what;
    return MNIST_INFLATE_DAMAGED;
}

/* ---- Bits ---- */

/* Has 56 bits or more if the input has. */
static void refill(stream *s)
{
    while (s->bits < 56 && s->in < s->in_end) {
        s->buffer |= (uint64_t)*s->in++ << s->bits;
        s->bits += 8;
    }
}

/* Takes n bits, up to 32; false if the input ends before. */
static bool take(stream *s, unsigned n, unsigned *value)
{
    refill(s);
    if (s->bits < n)
        return false;
    *value = (unsigned)(s->buffer & ((UINT64_C(1) << n) - 1));
    s->buffer >>= n;
    s->bits -= n;
    return true;
}

/* ---- Tables ---- */

static uint32_t litlen_entry(unsigned symbol)
{
    static const uint16_t base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                    15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                    67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                    2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    if (symbol < 256)
        return symbol << 16 | HUFFMAN_LITERAL;
    if (symbol == 256)
        return HUFFMAN_END;
    if (symbol > 285)
        return HUFFMAN_INVALID;
    return (uint32_t)base[symbol - 257] << 16 | (uint32_t)extra[symbol - 257]
                                                    << 8;
}

static uint32_t distance_entry(unsigned symbol)
{
    if (symbol > 29)
        return HUFFMAN_INVALID;
    if (symbol < 4)
        return (symbol + 1) << 16;
    unsigned extra = symbol / 2 - 1;
    return (((2 + symbol % 2) << extra) + 1) << 16 | extra << 8;
}

static uint32_t codelen_entry(unsigned symbol)
{
    return symbol << 16 | HUFFMAN_LITERAL;
}

/* Takes one code; false if the input ends before. */
static bool take_code(stream *s, const uint32_t *table, unsigned root,
                      uint32_t *entry)
{
    refill(s);
    *entry = mnist_huffman_find(table, root, s->buffer);
    unsigned length = *entry & 0xff;
    if (s->bits < length)
        return false;
    s->buffer >>= length;
    s->bits -= length;
    return true;
}

/* ---- The contents of a block ---- */

/* What a step of the fast loop may read, and write: 258 bytes of a match, and
   what copying eight at a time writes beyond. */
enum { FAST_IN = 16, FAST_OUT = 272 };

static void copy_match(uint8_t *out, size_t distance, size_t length)
{
    const uint8_t *from = out - distance;
    uint8_t *end = out + length;
    if (distance >= 8) {
        do {
            memcpy(out, from, 8);
            out += 8, from += 8;
        } while (out < end);
    } else if (distance == 1) {
        memset(out, *from, length);
    } else {
        do
            *out++ = *from++;
        while (out < end);
    }
}

/* Literals and matches as long as there is room; returns before whatever is
   anything else. */
static void run_fast(stream *s)
{
    const uint8_t *in = s->in;
    uint64_t buffer = s->buffer;
    unsigned bits = s->bits;
    uint8_t *out = s->out;

#define REFILL()                                                               \
    (buffer |= mnist_load_le64(in) << bits, in += (63 - bits) >> 3, bits |= 56)
#define DROP(n) (buffer >>= (n), bits -= (n))

    while (s->in_end - in >= FAST_IN && s->out_end - out >= FAST_OUT) {
        REFILL();
        /* Three codes of up to 15 bits, then at most 48 bits of a match. */
        uint32_t entry = mnist_huffman_find(s->litlen, LITLEN_ROOT, buffer);
        for (int i = 0; i < 3 && entry & HUFFMAN_LITERAL; i++) {
            DROP(entry & 0xff);
            *out++ = (uint8_t)(entry >> 16);
            entry = mnist_huffman_find(s->litlen, LITLEN_ROOT, buffer);
        }
        if (entry & HUFFMAN_LITERAL)
            continue;
        if (entry & (HUFFMAN_END | HUFFMAN_INVALID))
            break;
        REFILL();
        uint64_t held_buffer = buffer;
        unsigned held_bits = bits;
        unsigned extra = entry >> 8 & 0xf;
        DROP(entry & 0xff);
        size_t length =
            (entry >> 16) + (unsigned)(buffer & ((1u << extra) - 1));
        DROP(extra);
        entry = mnist_huffman_find(s->distance, DISTANCE_ROOT, buffer);
        extra = entry >> 8 & 0xf;
        DROP(entry & 0xff);
        size_t distance =
            (entry >> 16) + (unsigned)(buffer & ((1u << extra) - 1));
        DROP(extra);
        if (entry & HUFFMAN_INVALID ||
            distance > (size_t)(out - s->out_begin)) {
            buffer = held_buffer;
            bits = held_bits;
            break;
        }
        copy_match(out, distance, length);
        out += length;
    }
#undef REFILL
#undef DROP
    s->in = in;
    s->buffer = buffer;
    s->bits = bits;
    s->out = out;
}

/* The rest of a match, behind the code of its length. */
static int take_match(stream *s, uint32_t entry)
{
    unsigned extra;
    if (!take(s, entry >> 8 & 0xf, &extra))
        return MNIST_INFLATE_CUT;
    size_t length = (entry >> 16) + extra;
    if (!take_code(s, s->distance, DISTANCE_ROOT, &entry))
        return MNIST_INFLATE_CUT;
    if (entry & HUFFMAN_INVALID)
        return damaged(s, "invalid distance code");
    if (!take(s, entry >> 8 & 0xf, &extra))
        return MNIST_INFLATE_CUT;
    size_t distance = (entry >> 16) + extra;
    if (distance > (size_t)(s->out - s->out_begin))
        return damaged(s, "distance too far back");
    for (; length > 0 && s->out < s->out_end; length--, s->out++)
        *s->out = *(s->out - distance);
    return length > 0 ? MNIST_INFLATE_FULL : STEP_MORE;
}

/* One literal, match or end of block. */
static int step(stream *s)
{
    uint32_t entry;
    if (!take_code(s, s->litlen, LITLEN_ROOT, &entry))
        return MNIST_INFLATE_CUT;
    if (entry & HUFFMAN_END)
        return STEP_BLOCK_END;
    if (entry & HUFFMAN_INVALID)
        return damaged(s, "invalid literal/length code");
    if (!(entry & HUFFMAN_LITERAL))
        return take_match(s, entry);
    if (s->out == s->out_end)
        return MNIST_INFLATE_FULL;
    *s->out++ = (uint8_t)(entry >> 16);
    return STEP_MORE;
}

static int run_codes(stream *s)
{
    int end;
    do {
        run_fast(s);
        end = step(s);
    } while (end == STEP_MORE);
    return end;
}

/* ---- Blocks ---- */

static int stored_block(stream *s)
{
    /* The length begins at a whole byte: give back those not begun. */
    s->in -= s->bits / 8;
    s->buffer = 0;
    s->bits = 0;
    if (s->in_end - s->in < 4)
        return MNIST_INFLATE_CUT;
    size_t length = s->in[0] | (size_t)s->in[1] << 8;
    if (length != (~(s->in[2] | (size_t)s->in[3] << 8) & 0xffff))
        return damaged(s, "the two lengths of a stored block differ");
    s->in += 4;
    size_t have = (size_t)(s->in_end - s->in);
    size_t room = (size_t)(s->out_end - s->out);
    size_t n = length < have ? length : have;
    n = n < room ? n : room;
    if (n > 0)
        memcpy(s->out, s->in, n);
    s->in += n;
    s->out += n;
    if (n == length)
        return STEP_BLOCK_END;
    return n == room ? MNIST_INFLATE_FULL : MNIST_INFLATE_CUT;
}

static int fixed_block(stream *s)
{
    uint8_t lengths[LITLENS];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    mnist_huffman_make(s->litlen, LITLEN_ROOT, lengths, LITLENS, litlen_entry);
    memset(lengths, 5, DISTANCES);
    mnist_huffman_make(s->distance, DISTANCE_ROOT, lengths, DISTANCES,
                       distance_entry);
    return run_codes(s);
}

/* The code in which the lengths of a block's codes are written. The table of
   literals is not yet in use, and large enough for it. */
static int take_codelen_table(stream *s, unsigned count)
{
    static const uint8_t order[CODELENS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                            11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[CODELENS] = {0};
    for (unsigned i = 0; i < count; i++) {
        unsigned length;
        if (!take(s, 3, &length))
            return MNIST_INFLATE_CUT;
        lengths[order[i]] = (uint8_t)length;
    }
    if (mnist_huffman_make(s->litlen, CODELEN_ROOT, lengths, CODELENS,
                           codelen_entry) != MNIST_HUFFMAN_COMPLETE)
        return damaged(s, "invalid set of code length codes");
    return STEP_MORE;
}

/* `count` lengths, as they are or as runs. */
static int take_lengths(stream *s, uint8_t *lengths, unsigned count)
{
    static const struct {
        unsigned bits, base;
    } run[3] = {{2, 3}, {3, 3}, {7, 11}};
    for (unsigned n = 0; n < count;) {
        uint32_t entry;
        unsigned extra;
        if (!take_code(s, s->litlen, CODELEN_ROOT, &entry))
            return MNIST_INFLATE_CUT;
        unsigned symbol = entry >> 16;
        if (symbol < 16) {
            lengths[n++] = (uint8_t)symbol;
            continue;
        }
        if (symbol == 16 && n == 0)
            return damaged(s, "a code length repeats none");
        if (!take(s, run[symbol - 16].bits, &extra))
            return MNIST_INFLATE_CUT;
        unsigned times = run[symbol - 16].base + extra;
        if (times > count - n)
            return damaged(s, "code lengths go on past the last");
        memset(lengths + n, symbol == 16 ? lengths[n - 1] : 0, times);
        n += times;
    }
    return STEP_MORE;
}

static int dynamic_block(stream *s)
{
    unsigned litlens, distances, codelens;
    if (!take(s, 5, &litlens) || !take(s, 5, &distances) ||
        !take(s, 4, &codelens))
        return MNIST_INFLATE_CUT;
    litlens += 257;
    distances += 1;
    if (litlens > 286 || distances > 30)
        return damaged(s, "too many length or distance symbols");
    int end = take_codelen_table(s, codelens + 4);
    if (end != STEP_MORE)
        return end;
    uint8_t lengths[LITLENS + DISTANCES];
    end = take_lengths(s, lengths, litlens + distances);
    if (end != STEP_MORE)
        return end;
    if (lengths[256] == 0)
        return damaged(s, "no code for the end of the block");
    if (mnist_huffman_make(s->litlen, LITLEN_ROOT, lengths, litlens,
                           litlen_entry) == MNIST_HUFFMAN_BAD)
        return damaged(s, "invalid set of literal/length codes");
    if (mnist_huffman_make(s->distance, DISTANCE_ROOT, lengths + litlens,
                           distances, distance_entry) == MNIST_HUFFMAN_BAD)
        return damaged(s, "invalid set of distance codes");
    return run_codes(s);
}

static int run_blocks(stream *s, size_t *idle)
{
    unsigned last, kind;
    int end;
    do {
        if (!take(s, 1, &last) || !take(s, 2, &kind))
            return MNIST_INFLATE_CUT;
        if (*idle < MNIST_INFLATE_BLOCK)
            return damaged(s, "too many blocks that hold next to nothing");
        const uint8_t *begin = s->out;
        end = kind == 0   ? stored_block(s)
              : kind == 1 ? fixed_block(s)
              : kind == 2 ? dynamic_block(s)
                          : damaged(s, "invalid block type");
        *idle += (size_t)(s->out - begin);
        *idle -= MNIST_INFLATE_BLOCK;
    } while (end == STEP_BLOCK_END && !last);
    return end == STEP_BLOCK_END ? MNIST_INFLATE_DONE : end;
}

mnist_inflate_end mnist_inflate(mnist_inflated *result, const uint8_t *in,
                                size_t in_length, uint8_t *out,
                                size_t out_length, size_t idle)
{
    stream s;
    uint8_t nothing;
    if (!out)
        out = &nothing;
    s.in = s.in_begin = in;
    s.in_end = in + in_length;
    s.out = s.out_begin = out;
    s.out_end = out + out_length;
    s.buffer = 0;
    s.bits = 0;
    s.what = NULL;
    int end = run_blocks(&s, &idle);
    /* Bytes of which no bit was used were not consumed. */
    result->consumed = (size_t)(s.in - s.in_begin) - s.bits / 8;
    result->produced = (size_t)(s.out - s.out_begin);
    result->idle = idle;
    result->what = s.what;
    return (mnist_inflate_end)end;
}
