#include "layers/zeros.h"

#include <string.h>

enum { ROWS = MNIST_LIST_ROWS };

static size_t groups_of(size_t rows)
{
    return (rows + ROWS - 1) / ROWS;
}

size_t mnist_lists_bytes(size_t rows, size_t K)
{
    size_t groups = groups_of(rows);
    return groups * K * sizeof(mnist_term) +
           (groups + 1) / 2 * 2 * sizeof(uint32_t);
}

mnist_lists mnist_lists_place(void *memory, size_t rows, size_t K)
{
    mnist_term *term = memory;
    return (mnist_lists){term, (uint32_t *)(void *)(term + groups_of(rows) * K),
                         K};
}

/* Not 0 exactly if the float is not; -0 counts as something, which is harmless.
   Bits are compared so that the compiler need not care about NaN. */
static uint32_t bits(const float *x)
{
    uint32_t u;
    memcpy(&u, x, sizeof u);
    return u;
}

void mnist_lists_of_rows(const mnist_lists *lists, mnist_range groups,
                         const float *x, size_t N, size_t K, size_t b_row)
{
    for (size_t g = groups.first; g < groups.end; g++) {
        const float *row[ROWS];
        for (size_t r = 0; r < ROWS; r++) {
            size_t n = g * ROWS + r;
            row[r] = x + (n < N ? n : N - 1) * K;
        }
        mnist_term *term = lists->term + g * lists->row;
        uint32_t count = 0;
        for (size_t k = 0; k < K; k++) {
            /* Always written, kept only if it counts: no branch to mispredict.
             */
            term[count] = (mnist_term){(uint32_t)k, (uint32_t)(k * b_row)};
            count += (bits(row[0] + k) | bits(row[1] + k) | bits(row[2] + k) |
                      bits(row[3] + k)) != 0;
        }
        lists->count[g] = count;
    }
}

/* Whether one of the columns k .. k+3, or those of them that there are, is not
   0 in this row. */
static uint32_t any_of_group(const float *row, size_t k, size_t K)
{
    uint64_t pair[2];
    uint32_t any = 0;
    if (k + ROWS <= K) {
        memcpy(pair, row + k, sizeof pair);
        return (pair[0] | pair[1]) != 0;
    }
    for (; k < K; k++)
        any |= bits(row + k);
    return any != 0;
}

void mnist_lists_of_columns(const mnist_lists *lists, mnist_range groups,
                            const float *x, size_t N, size_t K, size_t b_row)
{
    memset(lists->count + groups.first, 0,
           (groups.end - groups.first) * sizeof *lists->count);
    for (size_t n = 0; n < N; n++) {
        const mnist_term term = {(uint32_t)(n * K), (uint32_t)(n * b_row)};
        for (size_t g = groups.first; g < groups.end; g++) {
            uint32_t *count = &lists->count[g];
            lists->term[g * lists->row + *count] = term;
            *count += any_of_group(x + n * K, g * ROWS, K);
        }
    }
}
