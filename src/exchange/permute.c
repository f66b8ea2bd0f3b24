#include "exchange/permute.h"

void mnist_permute(float *to, const float *from, const mnist_view *view)
{
    const size_t *size = view->size, *stride = view->stride;
    for (size_t a = 0; a < size[0]; a++)
        for (size_t b = 0; b < size[1]; b++)
            for (size_t c = 0; c < size[2]; c++) {
                const float *at =
                    from + a * stride[0] + b * stride[1] + c * stride[2];
                for (size_t d = 0; d < size[3]; d++)
                    *to++ = at[d * stride[3]];
            }
}
