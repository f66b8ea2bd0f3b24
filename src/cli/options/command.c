/* How a command ends: what is told on stderr, and the exit status. */
#include "cli/options/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int cli_exit_status(mnist_status status)
{
    switch (status) {
    case MNIST_OK:
        return CLI_DONE;
    case MNIST_ERROR_ARGUMENT:
        return CLI_USAGE;
    case MNIST_ERROR_DATA:
        return CLI_DATA;
    case MNIST_ERROR_WEIGHTS:
        return CLI_WEIGHTS;
    case MNIST_ERROR_SYSTEM:
        return CLI_SYSTEM;
    case MNIST_ERROR_MEMORY:
        return CLI_MEMORY;
    case MNIST_ERROR_DIVERGED:
        return CLI_DIVERGED;
    case MNIST_ERROR_STOPPED: /* train knows the signal; nobody else stops */
        break;
    }
    return CLI_SYSTEM;
}

int cli_fail(const mnist_error *err)
{
    fprintf(stderr, "mnist: %s\n", err->message);
    return cli_exit_status(err->status);
}

int cli_no_memory(void)
{
    mnist_error err;
    mnist_fail(&err, MNIST_ERROR_MEMORY, "out of memory");
    return cli_fail(&err);
}

int cli_usage(const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    fprintf(stderr, "mnist: %s\n", message);
    return CLI_USAGE;
}

void cli_warn(const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    fprintf(stderr, "mnist: warning: %s\n", message);
}

/* Why stdout failed first; a later flush no longer knows. */
static int output_error;

int cli_output_error(void)
{
    if (output_error == 0 && ferror(stdout))
        output_error = errno ? errno : EIO;
    return output_error;
}

int cli_output_close(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        cli_output_error();
    if (fclose(stdout) != 0 && output_error == 0)
        output_error = errno;
    return output_error;
}
