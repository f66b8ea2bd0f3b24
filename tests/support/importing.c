#include "support/importing.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

mnist_network *import_file(const char *path, mnist_import_options options,
                           mnist_import_report *report)
{
    mnist_network *net = NULL;
    mnist_error err;
    if (mnist_import(&net, path, &options, report, &err))
        fail_msg("%s", err.message);
    return net;
}

mnist_import_options import_with_line(const char *line)
{
    mnist_import_options options = mnist_import_defaults();
    options.line = line;
    return options;
}

void import_refused(const char *path, mnist_import_options options,
                    mnist_status status, const char *word, const char *other)
{
    mnist_network *net = NULL;
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(mnist_import(&net, path, &options, NULL, &err), status);
    assert_int_equal(err.status, status);
    assert_null(net);
    if (!strstr(err.message, word) || !strstr(err.message, other))
        fail_msg("\"%s\" has not \"%s\" and \"%s\"", err.message, word, other);
}
