/* The weights file of golden/weights.h as text, to be put together again with
   changes by support/sealed.h: a network as small as one with a hidden layer
   can be. */
#ifndef SUPPORT_TINY_H
#define SUPPORT_TINY_H

#include "support/damage.h"

#define TINY_LINE "dense:3:relu,dense:2:softmax"

#define TINY_ENTRY(name, shape, begin, end)                                    \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape                         \
    ",\"data_offsets\":[" begin "," end "]}"

#define TINY_KERNEL   TINY_ENTRY("dense.kernel", "[4,3]", "0", "48")
#define TINY_BIAS     TINY_ENTRY("dense.bias", "[3]", "48", "60")
#define TINY_KERNEL_1 TINY_ENTRY("dense_1.kernel", "[3,2]", "60", "84")
#define TINY_BIAS_1   TINY_ENTRY("dense_1.bias", "[2]", "84", "92")

#define TINY_META                                                              \
    "\"__metadata__\":{\"format\":\"mnist\",\"version\":\"1\","                \
    "\"crc32\":\"00000000\",\"network\":\"" TINY_LINE                          \
    "\",\"input\":\"2x2\",\"scale\":\"255\",\"classes\":\"2\","                \
    "\"seed\":\"7\"}"

#define TINY_HEADER                                                            \
    "{" TINY_META "," TINY_KERNEL "," TINY_BIAS "," TINY_KERNEL_1              \
    "," TINY_BIAS_1 "}"

enum { TINY_DATA = 92 };
extern const unsigned char tiny_data[TINY_DATA]; /* zeros */

/* Counts the file of this header, which is to be refused: as it would lie on a
   disk, with the checksum that the right file has (old_sum), or with one that
   is right, so that it is not the checksum alone which refuses it. */
void tiny_refused_with(damage *d, temporary *t, const char *header,
                       const char *what, bool old_sum);

/* Both. */
void tiny_refused(damage *d, temporary *t, const char *header,
                  const char *what);

#endif
