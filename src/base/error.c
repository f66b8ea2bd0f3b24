#include <mnist/error.h>

#include <stdarg.h>
#include <stdio.h>

mnist_status mnist_fail(mnist_error *err, mnist_status status,
                        const char *format, ...)
{
    if (err) {
        va_list args;
        err->status = status;
        err->column = 0;
        va_start(args, format);
        vsnprintf(err->message, sizeof err->message, format, args);
        va_end(args);
    }
    return status;
}
