/* Names of networks, and what stands behind them. */
#include <mnist/network.h>
#include <mnist/spec.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void resolve(char *line, const char *text, size_t classes)
{
    mnist_error err = {.status = MNIST_OK};
    if (mnist_spec_resolve(line, text, classes, &err))
        fail_msg("%s: %s", text, err.message);
}

static void the_default_is_first(void **state)
{
    (void)state;
    assert_string_equal(mnist_spec_named(0)->name, "mlp512");
    assert_string_equal(mnist_spec_named(0)->line,
                        "dense:512:relu,dense:10:softmax");
}

static void the_list_ends(void **state)
{
    (void)state;
    size_t count = 0;
    while (mnist_spec_named(count))
        count++;
    assert_in_range(count, 2, 100);
    assert_null(mnist_spec_named(count + 1));
    assert_null(mnist_spec_named(SIZE_MAX));
}

/* The tutorials' counts of parameters, for those names that there are. */
static void every_name_stands_for_a_network(void **state)
{
    (void)state;
    const struct {
        const char *name;
        size_t parameters;
    } known[] = {{"mlp512", 407050},
                 {"mlp15", 11935},
                 {"mlp128", 104938},
                 {"lenet", 109994}};
    const mnist_named_network *named;
    for (size_t i = 0; (named = mnist_spec_named(i)); i++) {
        char line[MNIST_LINE_MAX];
        mnist_network *net = NULL;
        size_t at = 0;
        assert_true(strlen(named->summary) > 0);
        resolve(line, named->name, 10);
        assert_string_equal(line, named->line);
        assert_int_equal(mnist_network_new(&net, line, 28, 28, 255, NULL),
                         MNIST_OK);
        while (at < 4 && strcmp(known[at].name, named->name) != 0)
            at++;
        assert_in_range(at, 0, 3);
        assert_int_equal(mnist_network_parameters(net), known[at].parameters);
        mnist_network_free(net);
    }
}

static void classes_come_from_the_data(void **state)
{
    (void)state;
    char line[MNIST_LINE_MAX];
    resolve(line, "mlp512", 3);
    assert_string_equal(line, "dense:512:relu,dense:3:softmax");
    resolve(line, "mlp15", 256);
    assert_string_equal(line, "dense:15:relu,dense:256:softmax");
    /* No number of classes is too long for any of them. */
    const mnist_named_network *named;
    for (size_t i = 0; (named = mnist_spec_named(i)); i++) {
        resolve(line, named->name, SIZE_MAX);
        assert_in_range(strlen(line), 30, MNIST_LINE_MAX - 2);
        assert_string_equal(strrchr(line, ':'), ":softmax");
    }
}

static void a_line_stays_as_it_is(void **state)
{
    (void)state;
    const char *const lines[] = {"dense:7:softmax", "dense:10:softmax", ":",
                                 ",", "dense:1:relu,dense:4:softmax"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[MNIST_LINE_MAX];
        resolve(line, lines[i], 3);
        assert_string_equal(line, lines[i]);
    }
}

static void an_unknown_name_is_answered_by_the_nearest(void **state)
{
    (void)state;
    const struct {
        const char *text, *near;
    } wrong[] = {
        {"mlp521", "mlp512"},     {"mpl512", "mlp512"}, {"mlp5122", "mlp512"},
        {"mlp16", "mlp15"},       {"MLP15", "mlp"},     {"", "mlp512"},
        {"perceptron", "mlp512"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char line[MNIST_LINE_MAX] = "as it was";
        mnist_error err = {.status = MNIST_OK};
        assert_int_equal(mnist_spec_resolve(line, wrong[i].text, 10, &err),
                         MNIST_ERROR_ARGUMENT);
        assert_int_equal(err.status, MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, wrong[i].near));
        assert_string_equal(line, "as it was");
        assert_int_equal(mnist_spec_resolve(line, wrong[i].text, 10, NULL),
                         MNIST_ERROR_ARGUMENT);
    }
}

static void a_long_line_is_refused(void **state)
{
    (void)state;
    char text[MNIST_LINE_MAX + 1], line[MNIST_LINE_MAX] = "as it was";
    mnist_error err = {.status = MNIST_OK};
    memset(text, ':', sizeof text);
    text[MNIST_LINE_MAX] = '\0';
    assert_int_equal(mnist_spec_resolve(line, text, 10, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "1024"));
    assert_string_equal(line, "as it was");
    text[MNIST_LINE_MAX - 1] = '\0';
    resolve(line, text, 10);
    assert_string_equal(line, text);
    /* A long word is no name either, and does not flood the message. */
    memset(text, 'x', MNIST_LINE_MAX);
    assert_int_equal(mnist_spec_resolve(line, text, 10, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_true(strlen(err.message) < 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_first),
        cmocka_unit_test(the_list_ends),
        cmocka_unit_test(every_name_stands_for_a_network),
        cmocka_unit_test(classes_come_from_the_data),
        cmocka_unit_test(a_line_stays_as_it_is),
        cmocka_unit_test(an_unknown_name_is_answered_by_the_nearest),
        cmocka_unit_test(a_long_line_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
